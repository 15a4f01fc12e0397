package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/workflowfile"
)

// stacked is a repository of so many services on a chain of so many bases, each with a tag of a bake file.
func stacked(bases, services int) map[string]string {
	files := map[string]string{}
	var bake strings.Builder
	on := "docker.io/library/alpine:3.20"
	build := func(name string) {
		files[name+"/Dockerfile"] = "FROM " + on + "\nCOPY . /\n"
		fmt.Fprintf(&bake, "target %q {\n  context = %q\n  tags = [\"ghcr.io/acme/%s:1.0.0\"]\n}\n", name, name, name)
	}
	for n := range bases {
		name := fmt.Sprintf("base%d", n+1)
		build(name)
		on = "ghcr.io/acme/" + name + ":1.0.0"
	}
	for n := range services {
		build(fmt.Sprintf("service%d", n+1))
	}
	files["docker-bake.hcl"] = bake.String()
	return files
}

// The workflow has the jobs that the repository needs, and once it is there, nothing in it is taken for a
// build: the repository says of its builds what it said before.
func TestInitWorkflow(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name            string
		bases, services int
		jobs            string
	}{
		{"one wave", 0, 3, "wave-1"},
		{"three waves", 2, 3, "wave-1, wave-2, wave-3"},
		{"600 services", 1, 600, "wave-1, wave-1-page-2, wave-1-page-3, wave-2, wave-2-page-2, wave-2-page-3"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := gittest.Init(t, stacked(tc.bases, tc.services))
			graph := in(dir).run(t, "graph", "--format", "mermaid").want(t, 0).stdout
			text := in(dir).run(t, "init", "workflow").want(t, 0).stdout
			if want := "needs: [plan, " + tc.jobs + "]\n"; strings.Count(text, want) != 1 {
				t.Errorf("no job has %q: %s", want, text)
			}
			if _, err := os.Stat(filepath.Join(dir, ".github")); err == nil {
				t.Error("something is written without --write")
			}
			in(dir).run(t, "init", "workflow", "--write").want(t, 0).says(t, "written: .github/workflows/rebuild.yml: ", "\n  commit it, and require the check rebuild for main\n")
			if written := read(t, dir, workflowfile.Path); written != text {
				t.Errorf("what is written is not what is printed: %s", written)
			}
			gittest.Git(t, dir, "add", ".")
			gittest.Git(t, dir, "commit", "-q", "-m", "Rebuild")
			in(dir).run(t, "scan", "--sources").want(t, 0).says(t, ".github/workflows/rebuild.yml  workflow: nothing\n", fmt.Sprintf("2 files, %s, 0 not understood\n", plural(tc.bases+tc.services, "build")))
			r := in(dir).run(t, "graph", "--format", "mermaid").want(t, 0)
			if r.stdout != graph || r.stderr != "" {
				t.Errorf("with the workflow the graph is another, and it says %q: %s", r.stderr, r.stdout)
			}
			in(dir).run(t, "init", "workflow", "--write").want(t, 0).says(t, "unchanged: .github/workflows/rebuild.yml: ")
		})
	}
}

func plural(n int, name string) string { return fmt.Sprintf("%d %ss", n, name) }

// A file of a person is replaced with --force alone, one that propagate wrote at once.
func TestInitWorkflowKeepsWorkOfPeople(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, stacked(1, 1))
	const hint = "--force replaces it; without --write the new one is printed, to be compared with it"
	write(t, dir, workflowfile.Path, "on: push\njobs: {}\n")
	wrong(t, in(dir).run(t, "init", "workflow", "--write"), ".github/workflows/rebuild.yml: it is not as propagate has written it, and is left", hint)
	if text := read(t, dir, workflowfile.Path); text != "on: push\njobs: {}\n" {
		t.Errorf("it has become %q", text)
	}
	in(dir).run(t, "init", "workflow", "--write", "--force").want(t, 0).says(t, "written: ")
	for name, content := range stacked(2, 1) {
		write(t, dir, name, content)
	}
	gittest.Git(t, dir, "add", ".")
	gittest.Git(t, dir, "commit", "-q", "-m", "Another wave")
	in(dir).run(t, "init", "workflow", "--write").want(t, 0).says(t, "written: .github/workflows/rebuild.yml: 3 waves, pushes to main publish\n")
	write(t, dir, workflowfile.Path, read(t, dir, workflowfile.Path)+"# mine\n")
	wrong(t, in(dir).run(t, "init", "workflow", "--write"), workflowfile.Path+": it is not as propagate has written it", hint)
	entries, err := os.ReadDir(filepath.Join(dir, ".github", "workflows"))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the workflow there is %v (%v)", entries, err)
	}
}

// Images that are pushed elsewhere than to GitHub need secrets, which are named. The branch is that of origin.
func TestInitWorkflowOfTheSample(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, matih(t))
	gittest.Git(t, dir, "update-ref", "refs/remotes/origin/trunk", "HEAD")
	gittest.Git(t, dir, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
	in(dir).run(t, "init", "workflow", "--help").want(t, 0).says(t, "format of the output: text (default")
	gittest.Git(t, dir, "remote", "add", "origin", "https://github.com/acme/platform.git")
	in(dir).run(t, "init", "workflow", "--write", "--path", "ci/rebuild.yaml").want(t, 0).says(t,
		"note: ci/rebuild.yaml: GitHub looks for workflows in .github/workflows alone\n",
		"written: ci/rebuild.yaml: 3 waves, pushes to trunk publish\n"+
			"  it needs the secrets MATIHLABSACR_AZURECR_IO_USERNAME and MATIHLABSACR_AZURECR_IO_PASSWORD, for matihlabsacr.azurecr.io\n")
	in(dir).run(t, "init", "workflow", "--branch", "release/1.x").want(t, 0).says(t, "      - \"release/1.x\"\n")
}

// What cannot be done is said before anything is written.
func TestInitWorkflowRefuses(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, stacked(1, 1))
	outside := gittest.TempDir(t)
	link(t, outside, filepath.Join(dir, "out"))
	bare := filepath.Join(gittest.TempDir(t), "bare.git")
	gittest.Git(t, dir, "clone", "-q", "--bare", ".", bare)
	for name, tc := range map[string]struct {
		dir        string
		args       []string
		text, hint string
	}{
		"--force alone":      {dir, []string{"--force"}, "--force: nothing is written without --write", "add --write"},
		"a path outside":     {dir, []string{"--write", "--path", "../rebuild.yml"}, "--path ../rebuild.yml: it is no path of a YAML file below the root", "such as .github/workflows/rebuild.yml"},
		"no YAML":            {dir, []string{"--path", "rebuild.txt"}, "--path rebuild.txt: it is no path of a YAML file", "such as"},
		"no branch":          {dir, []string{"--branch", "a b"}, "--branch a b: it is no name of a branch", "such as main"},
		"without work tree":  {bare, []string{"--write"}, "--write: the repository has no work tree", "without --write the workflow is printed"},
		"one word too many":  {dir, []string{"now"}, `propagate init workflow: "now" is one argument too many`, "propagate init workflow --help"},
		"a link to outside":  {dir, []string{"--write", "--path", "out/x.yml"}, "out/x.yml: a directory on its path is a symbolic link that leads out of the work tree", "--path names another"},
		"a directory is one": {dir, []string{"--write", "--path", "base1/x.yml"}, "base1/x.yml: it is no regular file", "--path names another"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "a directory is one" {
				if err := os.MkdirAll(filepath.Join(dir, "base1", "x.yml"), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			wrong(t, in(tc.dir).run(t, append([]string{"init", "workflow"}, tc.args...)...), tc.text, tc.hint)
		})
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) > 0 {
		t.Errorf("outside of the repository there is %v (%v)", entries, err)
	}
}
