package cli_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// noNetwork fails the test when anything is sent.
func noNetwork(t *testing.T) http.RoundTripper {
	return hook{func(r *http.Request) { t.Errorf("it asks for %s", r.URL) }}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(gittest.TempDir(t), "new", "demo")
	p := program{transport: noNetwork(t), env: map[string]string{"GITHUB_TOKEN": token}}
	r := p.run(t, "demo", "--dir", dir).want(t, 0)
	r.says(t, "It lies in "+dir, "$ propagate outdated", "1.0.1, 24 hours old", "to be rebuilt for it: 1 build", "$ propagate run --publish branch",
		"$ propagate plan --base base-python-ml@1.0.1", "planned: Update base-python-ml to 1.0.1", "waiting for a derived base", "0.9.4  level",
		"created: Update base-python-ml to 1.0.1", "-FROM matihlabsacr.azurecr.io/matih/base-python-ml:1.0.0", "+FROM matihlabsacr.azurecr.io/matih/base-python-ml:1.0.1", "and 10 more, of which no byte changes but the version",
		"title:  Update base-python-ml to 1.0.1", "head:   "+mlBranch, "```mermaid",
		"\nbefore: 0 of 15 patched, 1 merged, and not known as published, 2 waiting for a derived base, 11 not merged,", "\nafter:  0 of 15 patched, 1 to be published, 11 merged,",
		"\n\nnote: scripts/tools/build-base-images.sh:12:18: it says that matihlabsacr.azurecr.io/matih/base-python-ml is at 1.0.0 (the tag in a script); --record moves it to 1.0.1 [base-record]\n")
	if page, err := os.ReadFile(filepath.Join(dir, "graph.html")); err != nil || !strings.Contains(string(page), "base-python-ml@1.0.1") {
		t.Errorf("the page of the graph has %d bytes, %v, and nothing of the base", len(page), err)
	}
	if r.stderr != "" {
		t.Errorf("it complains: %s", r.stderr)
	}
	compareTrees(t, dir, matih(t))
	if out, err := gittest.Try(t, dir, "fsck", "--strict"); err != nil {
		t.Errorf("git fsck: %v\n%s", err, out)
	}
	if status := gittest.Git(t, dir, "--no-optional-locks", "status", "--porcelain", "--branch"); status != "## main" {
		t.Errorf("git status: %s", status)
	}
	before := everything(t, dir)
	p.dir = dir
	p.run(t, "--base", "base-python-ml@1.0.1", "--unchecked").want(t, 0).says(t, "unchanged: Update base-python-ml to 1.0.1", "publishing as branch: ")
	p.dir = "" // they say it themselves
	calls := invocations(r.stdout[strings.Index(r.stdout, ". Your turn"):])
	if len(calls) != 5 {
		t.Errorf("it ends with %q", calls)
	}
	for _, args := range calls {
		p.run(t, args...).want(t, 0)
	}
	if got := differences(before, everything(t, dir)); len(got) > 0 {
		t.Errorf("what the demo proposes changed %v", got)
	}
}

func TestDemoAgain(t *testing.T) {
	t.Parallel()
	dir := gittest.TempDir(t)
	p := program{transport: noNetwork(t)}
	r := p.run(t, "demo", "--dir", dir, "-o", "json").want(t, 0)
	if !strings.Contains(r.stderr, "the repository lies in "+dir+"\n") {
		t.Errorf("it does not say where the repository lies: %s", r.stderr)
	}
	plan := document[planDocument](t, r)
	if len(plan.Changes) != 1 || plan.Changes[0].State != "created" || len(plan.Changes[0].Files) != len(mlEdits) {
		t.Errorf("the changes are %+v", plan.Changes)
	}
	before := everything(t, dir)
	wrong(t, p.run(t, "demo", "--dir", dir), "--dir "+dir+": the directory is not empty", "")
	if got := differences(before, everything(t, dir)); len(got) > 0 {
		t.Errorf("the second one changed %v", got)
	}
	file := filepath.Join(dir, "README.md")
	if r := p.run(t, "demo", "--dir", file); r.status != 1 && r.status != 2 {
		t.Errorf("in a file it ends with %d", r.status)
	}
}

// The two runs of one demo are the same to the byte.
func TestDemoIsRepeatable(t *testing.T) {
	t.Parallel()
	var texts []string
	for range 2 {
		dir := gittest.TempDir(t)
		r := program{transport: noNetwork(t)}.run(t, "demo", "--dir", dir).want(t, 0)
		texts = append(texts, strings.ReplaceAll(r.stdout, dir, "DIR"))
	}
	if texts[0] != texts[1] {
		t.Error("the two differ")
	}
}

// A failing writer is an error, not a silence.
func TestOutputThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	for _, args := range [][]string{
		{"scan"}, {"scan", "-o", "json"}, {"graph"}, {"graph", "--format", "dot"}, {"graph", "--format", "mermaid"}, {"graph", "--explain", "base"},
		{"graph", "--format", "html"}, {"graph", "--format", "svg"}, {"graph", "--format", "png"},
		{"affected", "--base", "base"}, {"affected", "--base", "base", "-o", "paths"}, {"affected", "--base", "base", "-o", "github-matrix"},
		{"affected", "--base", "base", "-o", "bake"}, {"plan", "--base", "base@1.0.1"}, {"--base", "base@1.0.1", "--dry-run"}, {"version"},
	} {
		status, stderr := runTo(t, &fullDisk{}, append([]string{"-C", dir}, args...)...)
		if status != 1 || !strings.Contains(stderr, errFull.Error()) {
			t.Errorf("propagate %v ends with %d: %s", args, status, stderr)
		}
	}
}

var errFull = errors.New("no space left on device")

type fullDisk struct{}

func (*fullDisk) Write([]byte) (int, error) { return 0, errFull }

// Two runs of any command print the same.
func TestOutputIsRepeatable(t *testing.T) {
	t.Parallel()
	p := in(gittest.Init(t, matih(t)))
	for _, args := range [][]string{
		{"scan"}, {"scan", "-o", "json"}, {"graph"}, {"graph", "-o", "json"}, {"graph", "--format", "dot"}, {"graph", "--format", "mermaid"},
		{"graph", "--format", "html"}, {"graph", "--format", "svg"},
		{"affected", "--base", "base-python-ml@1.0.1", "-o", "bake"}, {"plan", "--base", "base-python-ml@1.0.1", "--group", "team", "-o", "json"},
		{"--base", "base-python-ml@1.0.1", "--dry-run"},
	} {
		var all []string
		for range 4 {
			all = append(all, p.run(t, args...).want(t, 0).stdout)
		}
		if len(slices.Compact(all)) != 1 {
			t.Errorf("propagate %v does not print the same each time", args)
		}
	}
}
