package cli_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// calls are the system calls that errors of the standard library begin with.
var calls = []string{"open ", "openat ", "lstat ", "statat ", "fstatat ", "stat ", "rename ", "renameat ", "read ", "write ", "unlinkat ", "mkdir ", "connect: "}

// plainly fails the test if an error of a run names a system call.
func (r result) plainly(t *testing.T) {
	t.Helper()
	for line := range strings.Lines(r.stdout + r.stderr) {
		if !strings.Contains(line, "error") && !strings.HasPrefix(line, "propagate: ") {
			continue
		}
		for _, call := range calls {
			if strings.Contains(line, ": "+call) || strings.Contains(line, `"`+call) {
				t.Errorf("it names the system call %q: %s", call, line)
			}
		}
	}
}

// A change in the files that is done in part says which edits are written, names no
// branch, and gives each cause a line of its own.
func TestFilesInPart(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, with(small(), "services/c/Dockerfile", from("1.0.0")))
	write(t, dir, "services/a/Dockerfile", "# half an edit\n")
	if err := os.Remove(filepath.Join(dir, "services/c/Dockerfile")); err != nil {
		t.Fatal(err)
	}
	args := []string{"--base", "base@1.0.1", "--publish", "files"}
	r := in(dir).run(t, args...).want(t, 3)
	const edited, gone = "services/a/Dockerfile: it differs from what is committed: commit or stash your work on it first", "services/c/Dockerfile: no such file or directory"
	want := `
done in part: Update base to 1.0.1
  error: ` + edited + `
  error: ` + gone + `
  services/a/Dockerfile:1  1.0.0 -> 1.0.1  not written
  services/b/Dockerfile:2  1.0.0 -> 1.0.1  written
  services/c/Dockerfile:1  1.0.0 -> 1.0.1  not written

3 builds move to base 1.0.1 in 3 places, in 1 change (done in part)
`
	if !strings.HasSuffix(r.stdout, want) {
		t.Errorf("it prints %s, want %s", r.stdout, want)
	}
	if want := "propagate: " + edited + "\npropagate: " + gone + "\nhint: what is named above is left out until it is put right; then run the same command again\n"; r.stderr != want {
		t.Errorf("it says %q, want %q", r.stderr, want)
	}
	r = in(dir).run(t, append(args, "-o", "json")...).want(t, 3)
	r.plainly(t)
	change := document[planDocument](t, r).Changes[0]
	if change.Branch != baseBranch || change.Error != edited+"\n"+gone {
		t.Errorf("the change is %+v", change)
	}
	var written []bool
	for _, file := range change.Files {
		written = append(written, file.Written != nil && *file.Written)
	}
	if !slices.Equal(written, []bool{false, true, false}) {
		t.Errorf("written are %v", written)
	}

	// Where all is done, there is nothing to tell apart, and still no branch.
	gittest.Git(t, dir, "checkout", "--quiet", "--", ".")
	r = in(dir).run(t, args...).want(t, 0)
	if strings.Contains(r.stdout, baseBranch) || strings.Contains(r.stdout, "written") {
		t.Errorf("it prints %s", r.stdout)
	}
	if got := gittest.Git(t, dir, "branch", "--list", "propagate/*"); got != "" {
		t.Errorf("there is a branch %s", got)
	}
}

// What another run has begun passes; a directory where a file was does not.
func TestFilesAreLocked(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, with(small(), "services/c/Dockerfile", from("1.0.0")))
	lock := "services/a/.propagate-Dockerfile.tmp"
	write(t, dir, lock, "")
	args := []string{"--base", "base@1.0.1", "--publish", "files"}
	in(dir).run(t, args...).want(t, 3).says(t, "propagate: services/a/Dockerfile: "+lock+" is left from an interrupted run", "hint: what is named above is left out; running the same command again goes on with it\n")
	// With another cause beside it, the hint is about both.
	if err := os.Remove(filepath.Join(dir, "services/b/Dockerfile")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "services/b/Dockerfile"), 0o755); err != nil {
		t.Fatal(err)
	}
	r := in(dir).run(t, args...).want(t, 3)
	r.says(t, "services/b/Dockerfile: it is no regular file in the work tree", "hint: what is named above is left out: what was refused or locked may go the next time, the rest has to be put right; then")
	r.plainly(t)
}

// What cannot be read says why in words.
func TestErrorsNameNoSystemCalls(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	in(dir).run(t, "scan", "--config", "nowhere.yaml").want(t, 2).plainly(t)
	in(dir).run(t, "scan", "--config", dir).want(t, 2).plainly(t)
	program{}.run(t, "demo", "--dir", filepath.Join(dir, "README.md")).plainly(t)
	file := filepath.Join(dir, "README.md", "below")
	program{dir: file}.run(t, "scan").plainly(t)
	tree := plain(t, small())
	write(t, tree, "b/Dockerfile", "FROM 127.0.0.1:1/team/base:1.0.0@sha256:"+strings.Repeat("0", 64)+"\n")
	r := in(tree).run(t, "plan", "--base", "127.0.0.1:1/team/base@1.0.1").want(t, 3)
	r.says(t, "connection refused", "hint: what is named above is left out; running the same command again goes on with it")
	r.plainly(t)
}

// What a registry refuses does not pass by itself.
func TestRefusedByARegistry(t *testing.T) {
	t.Parallel()
	dir := plain(t, map[string]string{"a/Dockerfile": "FROM " + base + ":1.0.0@sha256:" + strings.Repeat("0", 64) + "\n"})
	p := program{dir: dir, transport: answer(http.StatusForbidden)}
	p.run(t, "plan", "--base", "base@1.0.1").want(t, 3).says(t, "docker login registry.example", "hint: what is named above is left out until it is put right")
	p.transport = answer(http.StatusBadGateway)
	synctest.Test(t, func(t *testing.T) { // it is asked again after pauses, which nobody waits for here
		p.run(t, "plan", "--base", "base@1.0.1").want(t, 3).says(t, "hint: what is named above is left out; running the same command again goes on with it")
	})
}

// answer is a server that always answers with one status.
type answer int

func (a answer) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: int(a), Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// The hint on a file that is no Dockerfile is what leaves it out.
func TestUnreadableDockerfileIsLeftOut(t *testing.T) {
	t.Parallel()
	files := with(small(), "tools/Dockerfile.exe", "\x7fELF\x02\x01\x01\x00\x00\x00", "broken/Dockerfile", "FROM x\nRUN <<EOF\n")
	dir := gittest.Init(t, files)
	r := in(dir).run(t, "scan").want(t, 3)
	r.says(t, "hint: save it as UTF-8; if it is no Dockerfile, name it in dockerfiles.exclude of .propagate.yaml\n", "hint: if it is no Dockerfile, name it in dockerfiles.exclude of .propagate.yaml\n")
	gittest.Commit(t, dir, "as the hint says", map[string]string{".propagate.yaml": "dockerfiles:\n  exclude: [tools/Dockerfile.exe, broken/Dockerfile]\n"})
	if r := in(dir).run(t, "scan").want(t, 0); r.stderr != "" {
		t.Errorf("it still says %s", r.stderr)
	}
}

// A repository without Dockerfiles has a graph of nothing, and a note says so, in every
// format.
func TestGraphOfNothing(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"directory": plain(t, nil), "repository": gittest.Init(t, map[string]string{"README.md": "# none\n"})} {
		for _, args := range [][]string{nil, {"--format", "dot"}, {"--format", "mermaid"}, {"--format", "json"}, {"-o", "json"}} {
			r := in(dir).run(t, append([]string{"graph"}, args...)...).want(t, 0)
			if !strings.Contains(r.stderr, ": there are no Dockerfiles\nhint: -C names the repository") {
				t.Errorf("%s, graph %v: it says %q", name, args, r.stderr)
			}
			if strings.Contains(r.stdout, "no Dockerfiles") {
				t.Errorf("%s, graph %v: the note is in the result: %s", name, args, r.stdout)
			}
		}
		if r := in(dir).run(t, "graph", "--quiet").want(t, 0); r.stderr != "" {
			t.Errorf("%s: --quiet says %q", name, r.stderr)
		}
		in(dir).run(t, "graph", "--explain", "base").want(t, 1).says(t, ": there are no Dockerfiles\n")
	}
}

func TestExplainAsJSON(t *testing.T) {
	t.Parallel()
	type maker struct{ Path, Target, Rule, Where string }
	type explained struct {
		Revision, Image string
		Makers          []maker
		UsedBy          []string `json:"used_by"`
	}
	dir := gittest.Init(t, with(matih(t), ".propagate.yaml", "images:\n  bases/base-node/Dockerfile: matihlabsacr.azurecr.io/matih/base-node\n"))
	head := gittest.Git(t, dir, "rev-parse", "HEAD")
	got := document[explained](t, in(dir).run(t, "graph", "--explain", "base-python-gpu", "-o", "json").want(t, 0))
	if got.Revision != head || got.Image != "matihlabsacr.azurecr.io/matih/base-python-gpu" || len(got.Makers) != 1 || got.Makers[0].Path != "bases/base-python-gpu/Dockerfile" {
		t.Errorf("it is %+v", got)
	}
	if want := []string{"services/ai/embedding-trainer/Dockerfile", "services/ai/model-finetune/Dockerfile"}; !slices.Equal(got.UsedBy, want) {
		t.Errorf("it is used by %v, want %v", got.UsedBy, want)
	}
	upstream := document[explained](t, in(dir).run(t, "graph", "--explain", "eclipse-temurin", "-o", "json").want(t, 0))
	if len(upstream.Makers) != 0 || len(upstream.UsedBy) == 0 {
		t.Errorf("an image from outside is %+v", upstream)
	}
	in(dir).run(t, "graph", "--explain", "nonesuch", "-o", "json").want(t, 2)
}

// The plan says what the main job would find, and writes nothing.
func TestPlanKnowsWhatIsThere(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	state := func(args ...string) string {
		t.Helper()
		before := everything(t, dir)
		change := document[planDocument](t, in(dir).run(t, append(args, "--base", "base@1.0.1", "-o", "json")...).want(t, 0)).Changes[0]
		if got := differences(before, everything(t, dir)); len(got) > 0 {
			t.Errorf("it changed %v", got)
		}
		return change.State + " " + change.Commit
	}
	same := func(want string, programs ...[]string) {
		t.Helper()
		for _, args := range programs {
			if got := state(args...); got != want {
				t.Errorf("propagate %v: %q, want %q", args, got, want)
			}
		}
	}
	same("planned ", []string{"plan"}, []string{"--dry-run"}, []string{"--dry-run", "--publish", "branch"})
	in(dir).run(t, "--base", "base@1.0.1").want(t, 0)
	tip := gittest.Git(t, dir, "rev-parse", baseBranch)
	same("unchanged "+tip, []string{"plan"}, []string{"--dry-run"}, []string{"--dry-run", "--publish", "branch"})
	same("planned ", []string{"--dry-run", "--publish", "files"}, []string{"--dry-run", "--publish", "pr"})
	in(dir).run(t, "plan", "--base", "base@1.0.1").want(t, 0).says(t, "unchanged: Update base to 1.0.1\n  branch "+baseBranch+" at "+tip[:12])

	// The same on a detached HEAD; and what is not as it should be any more is planned.
	gittest.Git(t, dir, "checkout", "--quiet", "--detach")
	same("unchanged "+tip, []string{"plan"})
	gittest.Commit(t, dir, "one of its files", map[string]string{"services/a/Dockerfile": from("1.0.0") + "EXPOSE 80\n"})
	same("planned ", []string{"plan"})
	gittest.Git(t, dir, "branch", "--force", baseBranch, "HEAD")
	same("left-alone "+gittest.Git(t, dir, "rev-parse", "HEAD"), []string{"plan"})
}

// Pull requests are a matter of the remote: a local branch of the same name changes
// nothing, whatever it holds and wherever it is checked out.
func TestPullRequestsKnowNoLocalBranches(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	gittest.Git(t, h.clone, "worktree", "add", "--quiet", "-b", baseBranch, filepath.Join(gittest.TempDir(t), "linked"))
	local := gittest.Git(t, h.clone, "rev-parse", baseBranch)
	if planned := h.one(t, 0, "plan", "--base", "base@1.0.1", "-o", "json"); planned.State == "created" {
		t.Errorf("the plan is %+v", planned)
	}
	change := h.one(t, 0)
	if change.State != "created" || change.Pull.Number != 1 || h.tip(t, baseBranch) != change.Commit {
		t.Errorf("the change is %+v, the branch at %s", change, h.tip(t, baseBranch))
	}
	if got := gittest.Git(t, h.clone, "rev-parse", baseBranch); got != local {
		t.Errorf("the local branch moved to %s", got)
	}
	if again := h.one(t, 0); again.State != "unchanged" {
		t.Errorf("the second run: %+v", again)
	}
}
