package arch

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/testdata"
)

// A block is a fenced block of README.md or of a page in docs. Where a block of sh runs is said
// in a comment on the line before it, which a reader of the page does not see:
//
//	<!-- run: checkout -->        at the root of this repository
//	<!-- run: never, it needs X -->  nowhere; its flags are checked
//
// and without a comment in a new repository that holds the sample monorepo.
type block struct {
	page, at   string // the file, and with it the line
	lang, text string
	run        string
}

var (
	fence     = regexp.MustCompile("^```(\\w*)$")
	directive = regexp.MustCompile(`^<!-- run: (checkout|never, .+) -->$`)
)

// pages returns README.md and the pages of docs, from the root.
func pages(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob(root + "/docs/*.md")
	more, err2 := filepath.Glob(root + "/docs/*/*.md")
	if all = append(all, more...); err != nil || err2 != nil || len(all) < 10 {
		t.Fatalf("there are %d pages in docs: %v, %v", len(all), err, err2)
	}
	pages := []string{"README.md"}
	for _, path := range all {
		page, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, filepath.ToSlash(page))
	}
	return pages
}

// blocks returns the blocks of all pages.
func blocks(t *testing.T) []block {
	t.Helper()
	var all []block
	for _, page := range pages(t) {
		all = append(all, blocksOf(t, page)...)
	}
	return all
}

func blocksOf(t *testing.T, page string) []block {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	var all []block
	var open *block
	run := ""
	for i, line := range strings.Split(string(text), "\n") {
		m := fence.FindStringSubmatch(line)
		switch {
		case open != nil && line == "```":
			all = append(all, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		case m != nil:
			open = &block{page: page, at: fmt.Sprintf("%s:%d", page, i+1), lang: m[1], run: run}
			run = ""
		case strings.HasPrefix(line, "<!-- run:"):
			if m := directive.FindStringSubmatch(line); m != nil {
				run = m[1]
			} else {
				t.Errorf("%s:%d: %s: no such place to run", page, i+1, line)
			}
		case run != "":
			t.Errorf("%s:%d: the comment before says where a block runs, but here is none", page, i+1)
			run = ""
		}
	}
	if open != nil {
		t.Fatalf("%s: the last block is open", page)
	}
	return all
}

// A shell runs examples with a propagate of this source in the PATH.
type shell struct{ bin string }

func newShell(t *testing.T) shell {
	t.Helper()
	if err := built(); err != nil {
		t.Fatalf("building propagate: %v", err)
	}
	return shell{bin: bin}
}

// bin is where the program is built once for all tests.
var bin string

var built = sync.OnceValue(func() error {
	// The go command adds .exe itself where that is needed.
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", bin+string(filepath.Separator), "./cmd/propagate")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
})

func TestMain(m *testing.M) {
	var err error
	if bin, err = os.MkdirTemp("", "propagate-arch-test-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	_ = os.RemoveAll(bin)
	os.Exit(status)
}

// run runs a script in dir, without any token and without the git configuration
// of whoever runs the tests, and returns its standard output.
func (s shell) run(t *testing.T, dir, script string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-eu", "-c", script)
	cmd.Dir = dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "GITHUB_") || strings.HasPrefix(variable, "GH_") || strings.HasPrefix(variable, "GIT_")
	})
	cmd.Env = append(cmd.Env,
		"PATH="+s.bin+string(filepath.ListSeparator)+os.Getenv("PATH"), "TMPDIR="+t.TempDir(), "LC_ALL=C",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull,
		"HTTPS_PROXY=http://127.0.0.1:1") // the registries of the examples are not asked
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err != nil {
		t.Logf("standard error:\n%s", stderr.String())
	}
	return stdout.String(), err
}

// sample returns a new repository with the sample monorepo on its branch main.
func sample(t *testing.T) string {
	t.Helper()
	files, err := fs.Sub(testdata.Matih, "matih")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	who := gitrepo.Signature{Name: "Example", Email: "example@example.com", When: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	if _, err := gitrepo.Create(dir, files, "The sample\n", who); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestExamples(t *testing.T) {
	s := newShell(t)
	all := blocks(t)
	for i, b := range all {
		if b.lang != "sh" {
			continue
		}
		first, _, _ := strings.Cut(b.text, "\n")
		t.Run(first, func(t *testing.T) {
			dir := root
			switch {
			case strings.HasPrefix(b.run, "never"):
				s.checkFlags(t, b.text)
				return
			case b.run == "":
				dir = sample(t)
			}
			out, err := s.run(t, dir, b.text)
			if err != nil {
				t.Fatalf("%s: %v", b.at, err)
			}
			if i+1 < len(all) && all[i+1].page == b.page && all[i+1].lang == "text" {
				if missing := absent(out, all[i+1].text); missing != "" {
					t.Errorf("%s shows this, which is not in the output or not there:\n%s\nthe output is:\n%s", all[i+1].at, missing, out)
				}
			}
		})
	}
}

// absent returns the first part of shown that out does not have where shown has
// it. A line "…" stands for any lines; all other lines must follow each other.
func absent(out, shown string) string {
	parts := regexp.MustCompile(`(?m)^ *…\n`).Split(shown, -1)
	rest := out
	for i, part := range parts {
		at := strings.Index("\n"+rest, "\n"+part)
		last := i == len(parts)-1
		if at < 0 || i == 0 && at != 0 || last && part != "" && !strings.HasSuffix(rest, part) {
			return part
		}
		rest = rest[at+len(part):]
	}
	return ""
}

func TestAbsent(t *testing.T) {
	out := "a\nb\nc\nd\n"
	for shown, want := range map[string]string{
		out: "", "a\n…\nd\n": "", "…\nb\nc\n…\n": "", "  …\nd\n": "", "a\n  …\n": "",
		"a\nc\n": "a\nc\n", "b\n…\n": "b\n", "a\n…\nc\n": "c\n", "…\nc\nb\n…\n": "c\nb\n", "a\n…\na\n…\n": "a\n",
	} {
		if got := absent(out, shown); got != want {
			t.Errorf("absent(%q) = %q, want %q", shown, got, want)
		}
	}
}

var (
	invocation = regexp.MustCompile(`(?m)(?:^\s*|\$\()(propagate\b[^#|>&\n)]*)`)
	makeTarget = regexp.MustCompile(`(?m)^make [a-z]+$`)
)

// checkFlags makes sure of commands that cannot run here that there are such
// commands and flags.
func (s shell) checkFlags(t *testing.T, script string) {
	t.Helper()
	commands := 0
	for _, m := range invocation.FindAllStringSubmatch(script, -1) {
		commands++
		if _, err := s.run(t, root, "BASE=base-java@1.0.1; wave=1; "+m[1]+" --help"); err != nil {
			t.Errorf("%s: %v", m[1], err)
		}
	}
	for _, command := range makeTarget.FindAllString(script, -1) {
		commands++
		if _, err := s.run(t, root, strings.Replace(command, "make", "make -n", 1)); err != nil {
			t.Errorf("%s: %v", command, err)
		}
	}
	if commands == 0 {
		t.Errorf("there is no command to check in\n%s", script)
	}
}

func TestReadmeSetsUpWithTwoCommands(t *testing.T) {
	want := []string{"go run ./cmd/propagate demo\n", "make test\n"}
	for _, b := range blocksOf(t, "README.md") {
		if b.lang == "sh" && b.text == want[0] {
			want = want[1:]
			if len(want) == 0 {
				return
			}
		}
	}
	t.Errorf("README.md has no block of its own for %q", want[0])
}

var inGroovy = regexp.MustCompile(`\bsh '([^']+)'`)

// What a Jenkinsfile runs is there.
func TestExamplesInGroovy(t *testing.T) {
	s := newShell(t)
	found := 0
	for _, b := range blocks(t) {
		if b.lang == "groovy" {
			for _, m := range inGroovy.FindAllStringSubmatch(b.text, -1) {
				found++
				s.checkFlags(t, m[1])
			}
		}
	}
	if found == 0 {
		t.Error("no page has a pipeline of Jenkins with a command")
	}
}

// A workflow is what the examples use of the format of GitHub Actions.
type workflow struct {
	On          any // events with what they need, or their names alone
	Permissions map[string]string
	Jobs        map[string]struct {
		Steps []struct{ Uses, Run string }
	}
}

// pinned is an action by a commit, or the one of this project, of which each page shows the newest.
var pinned = regexp.MustCompile(`^(?:[\w-]+/[\w-]+@[0-9a-f]{40}|matihlabs/propagate@main)$`)

func TestExamplesInYAML(t *testing.T) {
	s := newShell(t)
	configs, workflows := 0, 0
	for _, b := range blocks(t) {
		switch {
		case b.lang != "yaml":
		case strings.HasPrefix(b.text, "# "+config.Name):
			configs++
			if _, err := config.Parse(b.at, []byte(b.text)); err != nil {
				t.Error(err)
			}
		case strings.HasPrefix(b.text, "name:"):
			workflows++
			var w workflow
			if err := yaml.Unmarshal([]byte(b.text), &w); err != nil {
				t.Errorf("%s: %v", b.at, err)
			}
			if w.On == nil || w.Permissions == nil || len(w.Jobs) == 0 {
				t.Errorf("%s: a workflow has events, permissions and jobs", b.at)
			}
			commands := ""
			for _, job := range w.Jobs {
				for _, step := range job.Steps {
					commands += step.Run + "\n"
					if step.Uses != "" && !pinned.MatchString(step.Uses) {
						t.Errorf("%s: %s is not pinned to a commit", b.at, step.Uses)
					}
				}
			}
			if strings.Contains(commands, "propagate ") {
				s.checkFlags(t, commands)
			}
		}
	}
	if configs != 11 || workflows != 4 {
		t.Errorf("the pages have %d configurations and %d workflows, not 11 and 4", configs, workflows)
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)#:]*)(?:#([^)]*))?\)`)
	heading = regexp.MustCompile(`(?m)^##+ (.+)$`)
	noWord  = regexp.MustCompile(`[^\pL\pN_ -]`)
)

// anchors returns the fragments that GitHub makes of the headings of a page.
func anchors(text string) []string {
	var all []string
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		all = append(all, strings.ReplaceAll(noWord.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return all
}

func TestLinksLeadSomewhere(t *testing.T) {
	documents, err := filepath.Glob(root + "/*.md")
	if err != nil || len(documents) < 4 {
		t.Fatalf("there are %d documents: %v", len(documents), err)
	}
	for _, page := range pages(t)[1:] {
		documents = append(documents, filepath.Join(root, page))
	}
	for _, document := range documents {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			target := document
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(document), m[1])
			}
			there, err := os.ReadFile(target)
			if info, statErr := os.Stat(target); err != nil && (statErr != nil || !info.IsDir()) {
				t.Errorf("%s: %v", document, err)
			}
			if m[2] != "" && !slices.Contains(anchors(string(there)), m[2]) {
				t.Errorf("%s: %s: the page has no such heading", document, m[0])
			}
		}
	}
}
