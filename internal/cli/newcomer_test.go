package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// Shells offer the values that a flag takes.
func TestCompletionOfValues(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"--publish ":              "auto pr push branch files",
		"--group ":                "service directory team wave all",
		"plan --group ":           "service directory team wave all",
		"affected --level ":       "patch minor major",
		"affected -o ":            "text json paths github-matrix bake gitlab azure",
		"scan --output ":          "text json",
		"graph --format ":         "text dot mermaid json",
		"plan --base x --level =": "",
	} {
		args := append([]string{"__complete"}, strings.Split(line, " ")...)
		if want == "" {
			continue
		}
		r := program{}.start(t, args...)
		values, _, _ := strings.Cut(r.stdout, "\n:")
		if got := strings.Join(strings.Fields(values), " "); got != want || !strings.Contains(r.stdout, ":4\n") {
			t.Errorf("%q offers %q, want %q: %s", line, got, want, r.stderr)
		}
	}
}

// A plain directory has no branches: none is promised, and none is asked for.
func TestPlanWithoutGit(t *testing.T) {
	t.Parallel()
	dir := plain(t, small())
	if r := in(dir).run(t, "plan", "--base", "base@1.0.1").want(t, 0); strings.Contains(r.stdout, "branch") || !strings.Contains(r.stdout, "planned: ") {
		t.Errorf("it prints %s", r.stdout)
	}
	wrong(t, in(dir).run(t, "--base", "base@1.0.1"), dir+": it is in no git repository", "--publish files")
}

// What is in place of a change is not called failed, and messages name no temporary file.
func TestFilesThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 244) + ".Dockerfile" // beside it there can be no longer name
	dir := gittest.Init(t, map[string]string{"a/Dockerfile": from("1.0.0"), "b/" + long: from("1.0.0")})
	r := in(dir).run(t, "--base", "base@1.0.1", "--publish", "files").want(t, 3)
	r.says(t, "done in part: Update base to 1.0.1", long+": its directory cannot be written: file name too long\n")
	if strings.Contains(r.stdout+r.stderr, ".propagate-") {
		t.Errorf("it names the temporary file: %s%s", r.stdout, r.stderr)
	}
	elsewhere := filepath.Join(gittest.TempDir(t), "svc")
	dir = gittest.Init(t, map[string]string{"svc/a/Dockerfile": from("1.0.0")})
	if err := os.Rename(filepath.Join(dir, "svc"), elsewhere); err != nil {
		t.Fatal(err)
	}
	link(t, elsewhere, filepath.Join(dir, "svc"))
	in(dir).run(t, "--base", "base@1.0.1", "--publish", "files").want(t, 1).says(t, "propagate: svc/a/Dockerfile: a directory on its path is a symbolic link that leads out of the work tree\n")
}

// A branch that holds a person's commit says which, and how to go on.
func TestForeignBranchSaysWhatToDo(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	gittest.Git(t, dir, "branch", baseBranch)
	tip := gittest.Git(t, dir, "rev-parse", baseBranch)
	for _, args := range [][]string{{"plan", "--base", "base@1.0.1"}, {"--base", "base@1.0.1", "--publish", "branch"}} {
		in(dir).run(t, args...).want(t, 0).says(t, "the branch holds commit "+tip[:12]+", which is not propagate's\n", "  hint: delete or rename the branch, then run the same command again\n")
	}
}

// Errors name the place, and what to do.
func TestPlacesOfErrors(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, with(small(), "CODEOWNERS", "# ok\n[ broken\n"))
	first := gittest.Git(t, dir, "rev-parse", "HEAD")
	wrong(t, in(dir).run(t, "plan", "--base", "base@1.0.1", "--group", "team"), "CODEOWNERS:2: ", "mend it")
	wrong(t, in(dir).run(t, "scan", "--ref", "HEAD~5"), "HEAD~5: unknown revision: the history ends at commit "+first[:12]+", which has no parent", "go back less far")
}
