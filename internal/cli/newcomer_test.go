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
		"build --engine ":         "auto buildx buildctl",
		"graph --format ":         "text dot mermaid svg png html json",
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

// Shells offer the images, versions and paths of the repository at hand, as the last run found
// them: a key that is pressed does not wait until a large one is read again.
func TestCompletionOfARepository(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{
		"a/Dockerfile": "FROM acme/base-java:1.0.0\n", "b/Dockerfile": "FROM acme/base-java:1.0.1\n", "c/Dockerfile": "FROM acme/base-java:1.0.1\nCOPY --from=other/node:3 / /\n",
	})
	cache := gittest.TempDir(t)
	offers := func(args ...string) string {
		t.Helper()
		p := in(dir)
		p.cache = cache
		return strings.Join(strings.Fields(p.start(t, append([]string{"__complete", "-C", dir}, args...)...).stdout), " ")
	}
	const files, open = " :4", " :6" // no files, and no space behind it
	for _, c := range []struct {
		line []string
		want string
	}{
		{[]string{"--base", ""}, "base-java@ node@" + open},
		{[]string{"plan", "--base", "base-java@"}, "base-java@1.0.1 base-java@1.0.0" + files},
		{[]string{"--base", "base-java@1.0.2", "--from", "1.0.0"}, "1.0.0" + files},
		{[]string{"--base", "base-java@1.0.2", "--assume-published", "n"}, "node@" + open},
		{[]string{"run", "--only", ""}, "base-java node" + files},
		{[]string{"build", "base"}, "base-java" + files},
		{[]string{"outdated", "--explain", "no"}, "node" + files},
		{[]string{"graph", "--explain", "node:"}, "node:3" + files},
		{[]string{"affected", "--since", "HEAD", "--explain", "b"}, "b/Dockerfile" + files},
		{[]string{"-C", dir + "/nowhere", "--base", ""}, ":4"},
	} {
		if got := offers(c.line...); got != c.want {
			t.Errorf("%q offers %q, want %q", c.line, got, c.want)
		}
	}
	p := in(dir)
	p.cache = cache
	p.run(t, "graph").want(t, 0)
	gittest.Commit(t, dir, "next", map[string]string{"d/Dockerfile": "FROM acme/nginx:1\n"})
	if got := offers("--base", "ng"); got != ":4" {
		t.Errorf("the repository was read for %q", got)
	}
	p.run(t, "graph").want(t, 0)
	if got := offers("--base", "ng"); got != "nginx@"+open {
		t.Errorf("what the last run found is %q", got)
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
