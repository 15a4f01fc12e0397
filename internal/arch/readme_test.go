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

// A block is a fenced block of README.md. Where a block of sh runs is said in a
// comment on the line before it, which a reader of the page does not see:
//
//	<!-- run: checkout -->        at the root of this repository
//	<!-- run: never, it needs X -->  nowhere; its flags are checked
//
// and without a comment in a new repository that holds the sample monorepo.
type block struct {
	line       int
	lang, text string
	run        string
}

var (
	fence     = regexp.MustCompile("^```(\\w*)$")
	directive = regexp.MustCompile(`^<!-- run: (checkout|never, .+) -->$`)
)

func blocks(t *testing.T) []block {
	t.Helper()
	text, err := os.ReadFile(root + "/README.md")
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
			open = &block{line: i + 1, lang: m[1], run: run}
			run = ""
		case strings.HasPrefix(line, "<!-- run:"):
			if m := directive.FindStringSubmatch(line); m != nil {
				run = m[1]
			} else {
				t.Errorf("README.md:%d: %s: no such place to run", i+1, line)
			}
		case run != "":
			t.Errorf("README.md:%d: the comment before says where a block runs, but here is none", i+1)
			run = ""
		}
	}
	if open != nil || len(all) < 10 {
		t.Fatalf("README.md has %d blocks, the last one open: %v", len(all), open != nil)
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

func TestReadmeExamples(t *testing.T) {
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
				t.Fatalf("README.md:%d: %v", b.line, err)
			}
			if i+1 < len(all) && all[i+1].lang == "text" {
				if missing := absent(out, all[i+1].text); missing != "" {
					t.Errorf("README.md:%d shows this, which is not in the output or not there:\n%s\nthe output is:\n%s", all[i+1].line, missing, out)
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
	invocation = regexp.MustCompile(`(?m)^\s*(propagate\b[^#|>&\n]*)`)
	makeTarget = regexp.MustCompile(`(?m)^make [a-z]+$`)
)

// checkFlags makes sure of commands that cannot run here that there are such
// commands and flags.
func (s shell) checkFlags(t *testing.T, script string) {
	t.Helper()
	commands := 0
	for _, m := range invocation.FindAllStringSubmatch(script, -1) {
		commands++
		if _, err := s.run(t, root, "BASE=base-java@1.0.1; "+m[1]+" --help"); err != nil {
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
	for _, b := range blocks(t) {
		if b.lang == "sh" && b.text == want[0] {
			want = want[1:]
			if len(want) == 0 {
				return
			}
		}
	}
	t.Errorf("README.md has no block of its own for %q", want[0])
}

// A workflow is what the examples use of the format of GitHub Actions.
type workflow struct {
	On          map[string]any
	Permissions map[string]string
	Jobs        map[string]struct {
		Steps []struct{ Uses, Run string }
	}
}

var pinned = regexp.MustCompile(`^[\w-]+/[\w-]+@[0-9a-f]{40}$`)

func TestReadmeYAML(t *testing.T) {
	s := newShell(t)
	configs, workflows := 0, 0
	for _, b := range blocks(t) {
		switch {
		case b.lang != "yaml":
		case strings.HasPrefix(b.text, "# "+config.Name):
			configs++
			if _, err := config.Parse("README.md", []byte(b.text)); err != nil {
				t.Errorf("in the block at line %d: %v", b.line, err)
			}
		case strings.HasPrefix(b.text, "name:"):
			workflows++
			var w workflow
			if err := yaml.Unmarshal([]byte(b.text), &w); err != nil {
				t.Errorf("in the block at line %d: %v", b.line, err)
			}
			if len(w.On) == 0 || w.Permissions == nil || len(w.Jobs) == 0 {
				t.Errorf("README.md:%d: a workflow has events, permissions and jobs", b.line)
			}
			commands := ""
			for _, job := range w.Jobs {
				for _, step := range job.Steps {
					commands += step.Run + "\n"
					if step.Uses != "" && !pinned.MatchString(step.Uses) {
						t.Errorf("README.md:%d: %s is not pinned to a commit", b.line, step.Uses)
					}
				}
			}
			s.checkFlags(t, commands)
		}
	}
	if configs != 9 || workflows != 2 {
		t.Errorf("README.md has %d configurations and %d workflows, not 9 and 2", configs, workflows)
	}
}

var link = regexp.MustCompile(`\]\(([^)#:]+)\)`)

func TestLinksLeadSomewhere(t *testing.T) {
	documents, err := filepath.Glob(root + "/*.md")
	if err != nil || len(documents) < 4 {
		t.Fatalf("there are %d documents: %v", len(documents), err)
	}
	for _, document := range documents {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
				t.Errorf("%s: %v", filepath.Base(document), err)
			}
		}
	}
}
