package cli_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// The paths of a repository that means no good: they break lines, steer
// terminals, and look like markup.
var oddPaths = []string{
	"services/new\nline/Dockerfile",
	"services/esc\x1b[31mred/Dockerfile",
	"services/tab\there/Dockerfile",
	"services/carriage\rreturn/Dockerfile",
	"services/quote\"s/Dockerfile",
	"services/back\\slash/Dockerfile",
	"services/bidi\u202eelif/Dockerfile",
	"services/back`tick`|pipe/Dockerfile",
	"services/<b>@someone</b>/Dockerfile",
	"services/ends here: 1.0.0 -> 1.0.1/Dockerfile",
	"services/\u00e4\u00f6\u00fc/Dockerfile",
	"services/%d%s/Dockerfile",
	"services/latin\xe9/Dockerfile",
	"-rf/Dockerfile",
}

func oddRepository(t *testing.T) string {
	t.Helper()
	files := map[string]string{"README.md": "# odd\n"}
	for _, path := range oddPaths {
		files[path] = from("1.0.0")
	}
	return gittest.Init(t, files)
}

func TestOddPathsDoNotBreakTheText(t *testing.T) {
	t.Parallel()
	dir := oddRepository(t)
	for _, args := range [][]string{
		{"scan"}, {"init"}, {"graph"}, {"graph", "--format", "mermaid"}, {"graph", "--format", "dot"}, {"graph", "--format", "html"}, {"graph", "--format", "svg"}, {"report"}, {"report", "--format", "html"},
		{"affected", "--base", "base@1.0.1"}, {"affected", "--base", "base@1.0.1", "-o", "paths"},
		{"plan", "--base", "base@1.0.1"}, {"plan", "--base", "base@1.0.1", "--group", "service"}, {"plan", "--base", "base@1.0.1", "--group", "directory"},
		{"plan", "--base", "base@0.0.1"}, {"build", "--all-bases", "--dry-run"}, {"--base", "base@1.0.1", "--dry-run"},
		{"--base", "base@1.0.1", "--publish", "branch"}, {"--base", "base@1.0.1", "--publish", "branch", "--group", "service"},
	} {
		r := in(dir).run(t, args...).want(t, 0)
		// What programs read has the paths as they are, but for what breaks lines.
		raw := slices.Contains(args, "paths") || slices.Contains(args, "--dry-run")
		for _, c := range r.stdout + r.stderr {
			if c != '\n' && (unicode.IsControl(c) || !raw && !unicode.IsPrint(c)) {
				t.Errorf("propagate %v prints %q", args, c)
			}
		}
		for _, line := range strings.Split(r.stdout, "\n") {
			if strings.HasPrefix(line, "line/Dockerfile") || strings.HasPrefix(line, "line\"") {
				t.Errorf("propagate %v breaks a line: %q", args, line)
			}
		}
	}
}

// What is printed one a line is as many lines, and says which file each is.
func TestOddPathsAsPaths(t *testing.T) {
	t.Parallel()
	dir := oddRepository(t)
	r := in(dir).run(t, "affected", "--base", "base@1.0.1", "-o", "paths").want(t, 0)
	got := strings.Split(strings.TrimSuffix(r.stdout, "\n"), "\n")
	// git prints such paths in the same way.
	want := strings.Split(gittest.Git(t, dir, "-c", "core.quotePath=false", "ls-files", "--", "*Dockerfile"), "\n")
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

// The diff of odd paths is one that git takes.
func TestOddPathsAsDiff(t *testing.T) {
	t.Parallel()
	dir := oddRepository(t)
	diff := in(dir).run(t, "--base", "base@1.0.1", "--dry-run").want(t, 0).stdout
	gittest.GitInput(t, dir, diff, "apply", "-")
	for _, path := range oddPaths {
		if got := read(t, dir, path); got != from("1.0.1") {
			t.Errorf("%q is %q", path, got)
		}
	}
}

// Branch, title, commit and pull request of each are sound.
func TestOddPathsAsChanges(t *testing.T) {
	t.Parallel()
	dir := oddRepository(t)
	r := in(dir).run(t, "--base", "base@1.0.1", "--publish", "branch", "--group", "service", "-o", "json").want(t, 3) // one path cannot stand in JSON
	changes := document[planDocument](t, r).Changes
	if len(changes) != len(oddPaths) {
		t.Fatalf("%d changes, want %d", len(changes), len(oddPaths))
	}
	inert := regexp.MustCompile(`^propagate/[a-z0-9._+-]+$`)
	branches := map[string]bool{}
	for _, change := range changes {
		if !inert.MatchString(change.Branch) || branches[change.Branch] {
			t.Errorf("the branch of %q is %q", change.Services[0], change.Branch)
		}
		branches[change.Branch] = true
		if subject := gittest.Git(t, dir, "log", "-1", "--format=%s", change.Branch); subject != change.Title {
			t.Errorf("the commit is called %q, the change %q", subject, change.Title)
		}
		if n := gittest.Git(t, dir, "diff", "--name-only", "-z", "main", change.Branch); strings.Count(n, "\x00") != 1 {
			t.Errorf("%s changes %q", change.Branch, n)
		}
	}
	before := everything(t, dir)
	in(dir).run(t, "--base", "base@1.0.1", "--publish", "branch", "--group", "service").want(t, 0).says(t, "unchanged: ")
	if got := differences(before, everything(t, dir)); len(got) > 0 {
		t.Errorf("the second run changed %v", got)
	}
	if out, err := gittest.Try(t, dir, "fsck", "--strict"); err != nil {
		t.Errorf("git fsck: %v\n%s", err, out)
	}
}

// The body of a pull request mentions nobody and holds no markup of a path.
func TestOddPathsInTheBody(t *testing.T) {
	t.Parallel()
	files := map[string]string{".propagate.yaml": noLabels}
	for _, path := range oddPaths {
		files[path] = from("1.0.0")
	}
	h := newHub(t, files)
	h.one(t, 3) // one path cannot stand in JSON
	body := h.pull(t).Body
	rows := 0
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "| `") || strings.HasPrefix(line, "| <code>") {
			rows++
			if cells := strings.Count(line, "|"); cells != 4 {
				t.Errorf("a row of %d cells: %q", cells-1, line)
			}
		}
		outside := regexp.MustCompile("<code>[^<]*</code>|``[^`].*?``|`[^`]*`").ReplaceAllString(line, "")
		if !strings.HasPrefix(line, "  n") && strings.Contains(outside, "@someone") {
			t.Errorf("it mentions somebody: %q", line)
		}
	}
	if rows != len(oddPaths) {
		t.Errorf("%d rows, want %d:\n%s", rows, len(oddPaths), body)
	}
}

// No list of any document is null, however little there is to say. The schemas
// say so as well; here it is looked for everywhere.
func TestListsAreNeverNull(t *testing.T) {
	t.Parallel()
	nullable := map[string]bool{
		"base": true, "base_stage": true, "ref": true, "stage": true, "hint": true, "commit": true, "pull": true, "error": true, "note": true, "where": true, "written": true,
		"lacking": true, "stopped": true, "cost": true, "link": true, "looked": true,
		"newest": true, "step": true, "reason": true, "made_by": true, "image": true, "uncurated": true, "unsure_bases": true, "registries": true, "patch": true, "minor": true, "major": true, "time": true, "moved": true,
	}
	empty := gittest.Init(t, map[string]string{"empty/Dockerfile": "", "scratch/Dockerfile": "FROM scratch\n", "README.md": "# nearly nothing\n"})
	none := gittest.Init(t, map[string]string{"README.md": "# nothing\n"})
	for _, run := range []struct {
		dir    string
		args   []string
		status int
	}{
		{none, []string{"scan"}, 0},
		{none, []string{"graph"}, 0},
		{none, []string{"report"}, 0},
		{none, []string{"config", "renovate"}, 0},
		{none, []string{"config", "dependabot"}, 0},
		{empty, []string{"scan"}, 0},
		{empty, []string{"graph"}, 0},
		{empty, []string{"report"}, 0},
		{gittest.Init(t, small()), []string{"report", "--registries"}, 0},
		{gittest.Init(t, small()), []string{"plan", "--base", "base@1.0.0"}, 0},
		{gittest.Init(t, small()), []string{"--base", "base@1.0.0"}, 0},
		{gittest.Init(t, small()), []string{"--base", "base@1.0.1"}, 0},
		{gittest.Init(t, small()), []string{"affected", "--base", "base@1.0.0"}, 0},
	} {
		r := in(run.dir).run(t, append(run.args, "-o", "json")...).want(t, run.status)
		var value any
		if err := json.Unmarshal([]byte(r.stdout), &value); err != nil {
			t.Fatal(err)
		}
		findNull(t, "", value, nullable)
	}
}

func findNull(t *testing.T, at string, value any, nullable map[string]bool) {
	t.Helper()
	switch v := value.(type) {
	case nil:
		if !nullable[at] {
			t.Errorf("%q is null", at)
		}
	case []any:
		for _, item := range v {
			findNull(t, at, item, nullable)
		}
	case map[string]any:
		for name, item := range v {
			findNull(t, name, item, nullable)
		}
	}
}

// --quiet leaves results and errors, --verbose adds what was passed over.
func TestQuietAndVerbose(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, matih(t))
	args := []string{"--base", "base-python-ml@1.0.1", "--publish", "auto"}
	if r := in(dir).run(t, append(args, "--quiet")...).want(t, 0); r.stderr != "" {
		t.Errorf("--quiet prints %s", r.stderr)
	}
	r := in(dir).run(t, "scan", "--verbose").want(t, 0)
	if !strings.Contains(r.stderr, "scripts/templates/service/Dockerfile.j2") {
		t.Errorf("--verbose does not name the template: %s", r.stderr)
	}
}
