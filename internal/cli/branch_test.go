package cli_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// A planDocument is what tests read of the document of the main job.
type planDocument struct {
	Changes []changeDocument
	Pending []struct {
		Path     string
		WaitsFor []string `json:"waits_for"`
	}
	Skipped []struct{ Path, Image, Current, Reason string }
	Closed  []struct {
		Branch, Why string
		Pull        struct {
			Number int
			URL    string
		}
	}
	Stopped *struct {
		Error, At  string
		Done, Left int
	}
	Cost *struct {
		PullRequests int `json:"pull_requests"`
		Requests     int
		WorkflowRuns int `json:"workflow_runs"`
		Seconds      int
	}
}

// A changeDocument is a change in it.
type changeDocument struct {
	Branch, Title, State string
	Services             []string
	Files                []struct {
		Path  string
		Edits []struct {
			Line     int
			Old, New string
		}
		Written *bool
	}
	Commit, Error, Note string
	Lacking             string
	Pull                struct {
		Number int
		URL    string
	}
}

// mlEdits are the lines that the sample's Dockerfiles name base-python-ml 1.0.0
// on, by path; each holds the version once.
var mlEdits = map[string][]int{
	"bases/base-python-gpu/Dockerfile":                 {1},
	"scripts/tools/build-base-images.sh":               {13},
	"services/ai/anomaly-detector/Dockerfile":          {4},
	"services/ai/document-parser/Dockerfile":           {1},
	"services/ai/feature-store/Dockerfile":             {3, 9, 15},
	"services/ai/feature-store/Dockerfile.worker":      {1},
	"services/ai/forecasting/Dockerfile":               {5},
	"services/ai/inference-gateway/Dockerfile":         {1},
	"services/ai/recommendation/Dockerfile":            {2},
	"services/ai/sentiment/Dockerfile":                 {3},
	"services/ai/vector-index/vector-index.Dockerfile": {1},
	"services/quality-rules/Dockerfile":                {2},
}

const mlBranch = "propagate/base-python-ml"

// edited returns content with 1.0.1 for 1.0.0 on these lines.
func edited(t *testing.T, path, content string, numbers []int) string {
	t.Helper()
	split := strings.SplitAfter(content, "\n")
	for _, n := range numbers {
		if strings.Count(split[n-1], "1.0.0") != 1 {
			t.Fatalf("%s:%d: %q does not hold the version once", path, n, split[n-1])
		}
		split[n-1] = strings.Replace(split[n-1], "1.0.0", "1.0.1", 1)
	}
	return strings.Join(split, "")
}

func TestBranchHoldsTheVersionsAlone(t *testing.T) {
	t.Parallel()
	files := matih(t)
	dir := gittest.Init(t, files)
	// A modified file, a staged one and an untracked one: all stay so.
	write(t, dir, "services/ai/sentiment/Dockerfile", "# half an edit\n")
	write(t, dir, "README.md", "# staged\n")
	gittest.Git(t, dir, "add", "README.md")
	write(t, dir, "notes.txt", "untracked\n")
	gittest.Git(t, dir, "checkout", "--quiet", "-b", "work")
	status := gittest.Git(t, dir, "status", "--porcelain")
	before := everything(t, dir)

	r := in(dir).run(t, "--base", "base-python-ml@1.0.1", "--publish", "branch", "-o", "json").want(t, 0)

	for _, name := range differences(before, everything(t, dir)) {
		if !strings.HasPrefix(name, ".git/objects/") && name != ".git/refs/heads/"+mlBranch && name != ".git/logs/refs/heads/"+mlBranch {
			t.Errorf("%s is not as it was", name)
		}
	}
	if got := gittest.Git(t, dir, "status", "--porcelain"); got != status {
		t.Errorf("git status: %q, want %q", got, status)
	}
	if !strings.Contains(r.stderr, "(services/ai/sentiment/Dockerfile)") || !strings.Contains(r.stderr, "untouched") {
		t.Errorf("it does not say that uncommitted work is left: %s", r.stderr)
	}
	if out, err := gittest.Try(t, dir, "fsck", "--strict"); err != nil {
		t.Errorf("git fsck: %v\n%s", err, out)
	}
	plan := document[planDocument](t, r)
	if len(plan.Changes) != 1 || plan.Changes[0].State != "created" || plan.Changes[0].Branch != mlBranch {
		t.Fatalf("the changes are %+v", plan.Changes)
	}
	if got := gittest.Git(t, dir, "rev-parse", mlBranch); got != plan.Changes[0].Commit {
		t.Errorf("the branch is at %s, the output says %s", got, plan.Changes[0].Commit)
	}
	if got, want := gittest.Git(t, dir, "rev-parse", mlBranch+"^"), gittest.Git(t, dir, "rev-parse", "HEAD"); got != want {
		t.Errorf("its parent is %s, want %s", got, want)
	}
	compareTrees(t, dir, files)
	if len(plan.Pending) != 2 || len(plan.Skipped) != 2 {
		t.Errorf("pending %+v, skipped %+v", plan.Pending, plan.Skipped)
	}
}

// compareTrees compares every file of the branch with that of main, byte by byte.
func compareTrees(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	changed := strings.Fields(gittest.Git(t, dir, "diff", "--name-only", "main", mlBranch))
	if want := slices.Sorted(maps.Keys(mlEdits)); !slices.Equal(changed, want) {
		t.Errorf("the branch changes %v, want %v", changed, want)
	}
	for path, numbers := range mlEdits {
		want := edited(t, path, files[path], numbers)
		// An archive keeps the bytes as they are; git show is trimmed here.
		if got := blob(t, dir, mlBranch, path); got != want {
			t.Errorf("%s is\n%q\nwant\n%q", path, got, want)
		}
	}
	if path := "services/ai/document-parser/Dockerfile"; !strings.Contains(files[path], "1.0.0\r\n") {
		t.Errorf("%s has no CRLF, and proves nothing", path)
	}
	if path := "services/ai/sentiment/Dockerfile"; strings.HasSuffix(files[path], "\n") || strings.Count(files[path], "1.0.0") != 3 {
		t.Errorf("%s has a last newline or no look-alikes, and proves nothing", path)
	}
}

// blob returns the bytes of a file of a revision.
func blob(t *testing.T, dir, revision, path string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "tree")
	if err := os.Mkdir(out, 0o755); err != nil {
		t.Fatal(err)
	}
	gittest.Git(t, dir, "--work-tree="+out, "-c", "core.autocrlf=false", "restore", "--source="+revision, "--worktree", "--", path)
	return read(t, out, path)
}

func TestBranchTwiceIsOnce(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, matih(t))
	args := []string{"--base", "base-python-ml@1.0.1", "--publish", "branch"}
	in(dir).run(t, args...).want(t, 0).says(t, "created: Update base-python-ml to 1.0.1")
	before := everything(t, dir)
	in(dir).run(t, args...).want(t, 0).says(t, "unchanged: Update base-python-ml to 1.0.1")
	in(dir).run(t, append(args, "-o", "json")...).want(t, 0).says(t, `"state": "unchanged"`)
	if changed := differences(before, everything(t, dir)); len(changed) > 0 {
		t.Errorf("the second run wrote %v", changed)
	}

	gittest.Git(t, dir, "merge", "--quiet", "--no-ff", "--no-edit", mlBranch)
	merged := everything(t, dir)
	r := in(dir).run(t, append(args, "-o", "json")...).want(t, 0)
	// What is left is not to be done: the derived base is not published yet.
	if plan := document[planDocument](t, r); len(plan.Changes) != 0 {
		t.Errorf("on its own result it makes %+v", plan.Changes)
	}
	in(dir).run(t, args...).want(t, 0).says(t, "nothing to do")
	if changed := differences(merged, everything(t, dir)); len(changed) > 0 {
		t.Errorf("the run on its own result wrote %v", changed)
	}
}

const baseBranch = "propagate/base"

func TestBranchFollowsItsFiles(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	args := []string{"--base", "base@1.0.1", "--publish", "branch", "-o", "json"}
	state := func() (string, string) {
		t.Helper()
		change := document[planDocument](t, in(dir).run(t, args...).want(t, 0)).Changes[0]
		if got := gittest.Git(t, dir, "rev-parse", baseBranch); got != change.Commit {
			t.Errorf("the branch is at %s, the output says %s", got, change.Commit)
		}
		return change.State, change.Commit
	}
	first, at := state()
	if first != "created" {
		t.Errorf("the first run: %s", first)
	}
	gittest.Commit(t, dir, "something else", map[string]string{"README.md": "# other\n"})
	if got, now := state(); got != "unchanged" || now != at {
		t.Errorf("after an unrelated commit: %s at %s, want unchanged at %s", got, now, at)
	}
	head := gittest.Commit(t, dir, "one of its files", map[string]string{"services/a/Dockerfile": from("1.0.0") + "EXPOSE 80\n"})
	got, now := state()
	if got != "updated" || now == at {
		t.Errorf("after a commit of one of its files: %s at %s", got, now)
	}
	if parent := gittest.Git(t, dir, "rev-parse", now+"^"); parent != head {
		t.Errorf("its parent is %s, want %s", parent, head)
	}
	if got := gittest.Git(t, dir, "show", baseBranch+":services/a/Dockerfile"); got != strings.TrimSpace(from("1.0.1")+"EXPOSE 80") {
		t.Errorf("the file is %q", got)
	}
}

func TestBranchOfAPersonIsLeftAlone(t *testing.T) {
	t.Parallel()
	args := []string{"--base", "base@1.0.1", "--publish", "branch", "-o", "json"}
	for _, test := range []struct {
		name   string
		person func(t *testing.T, dir string)
	}{
		{"a commit on top", func(t *testing.T, dir string) {
			gittest.Git(t, dir, "checkout", "--quiet", baseBranch)
			gittest.Commit(t, dir, "mine", map[string]string{"services/a/Dockerfile": from("1.0.1") + "EXPOSE 81\n"})
		}},
		{"an amended commit", func(t *testing.T, dir string) {
			gittest.Git(t, dir, "checkout", "--quiet", baseBranch)
			write(t, dir, "services/a/Dockerfile", from("1.0.1")+"EXPOSE 81\n")
			gittest.Git(t, dir, "commit", "--quiet", "--amend", "--no-edit", "--all")
		}},
		{"a merge of main", func(t *testing.T, dir string) {
			gittest.Commit(t, dir, "on", map[string]string{"README.md": "# on\n"})
			gittest.Git(t, dir, "checkout", "--quiet", baseBranch)
			gittest.Git(t, dir, "merge", "--quiet", "--no-edit", "main")
		}},
		{"a branch of that name that is not ours", func(t *testing.T, dir string) {
			gittest.Git(t, dir, "branch", "--force", baseBranch, "main")
			gittest.Git(t, dir, "checkout", "--quiet", "--detach")
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := gittest.Init(t, small())
			in(dir).run(t, args...).want(t, 0)
			test.person(t, dir)
			tip := gittest.Git(t, dir, "rev-parse", baseBranch)
			gittest.Git(t, dir, "checkout", "--quiet", "main")
			gittest.Commit(t, dir, "on main", map[string]string{"services/b/Dockerfile": from("1.0.0") + "EXPOSE 82\n"})
			r := in(dir).run(t, args...).want(t, 0)
			if change := document[planDocument](t, r).Changes[0]; change.State != "left-alone" || change.Note == "" || change.Commit != tip {
				t.Errorf("the change is %+v", change)
			}
			if got := gittest.Git(t, dir, "rev-parse", baseBranch); got != tip {
				t.Errorf("the branch moved from %s to %s", tip, got)
			}
		})
	}
}

func TestBranchThatIsCheckedOut(t *testing.T) {
	t.Parallel()
	args := []string{"--base", "base@1.0.1", "--publish", "branch", "--ref", "main"}
	dir := gittest.Init(t, small())
	in(dir).run(t, args...).want(t, 0)
	ours := gittest.Git(t, dir, "rev-parse", baseBranch)
	gittest.Commit(t, dir, "on main", map[string]string{"services/a/Dockerfile": from("1.0.0") + "EXPOSE 80\n"})
	gittest.Git(t, dir, "checkout", "--quiet", baseBranch)
	before := everything(t, dir, ".git/objects")
	r := in(dir).run(t, append(args, "-o", "json")...).want(t, 0)
	change := document[planDocument](t, r).Changes[0]
	if change.State != "left-alone" || !strings.Contains(change.Note, "is checked out in "+dir) || !strings.Contains(change.Note, "`git reset --keep "+change.Commit[:12]+"`") {
		t.Errorf("the change is %+v", change)
	}
	in(dir).run(t, args...).want(t, 0).says(t, ", on no branch yet", "is checked out in "+dir)
	in(dir).run(t, append(args, "--strict")...).want(t, 3).says(t, "propagate: "+baseBranch+": left alone: ", "hint: what is named above is left out until it is put right")
	if changed := differences(before, everything(t, dir, ".git/objects")); len(changed) > 0 {
		t.Errorf("it wrote %v", changed)
	}
	if got := gittest.Git(t, dir, "status", "--porcelain"); got != "" {
		t.Errorf("git status: %s", got)
	}
	// The plan says so beforehand, and what the note says takes the commit.
	planned := document[planDocument](t, in(dir).run(t, "plan", "--base", "base@1.0.1", "--ref", "main", "-o", "json").want(t, 0)).Changes[0]
	if planned.State != "left-alone" || !strings.Contains(planned.Note, "is checked out in "+dir) {
		t.Errorf("the plan says %+v", planned)
	}
	gittest.Git(t, dir, "reset", "--quiet", "--keep", change.Commit[:12])
	in(dir).run(t, args...).want(t, 0).says(t, "unchanged: ")
	gittest.Git(t, dir, "reset", "--quiet", "--hard", "HEAD~1")

	// In another work tree it is as much in use.
	gittest.Git(t, dir, "checkout", "--quiet", "main")
	gittest.Git(t, dir, "branch", "--quiet", "--force", baseBranch, ours)
	linked := filepath.Join(gittest.TempDir(t), "linked")
	gittest.Git(t, dir, "worktree", "add", "--quiet", linked, baseBranch)
	in(dir).run(t, args...).want(t, 0).says(t, "left-alone: ", "is checked out in "+linked)
	in(linked).run(t, append(args, "--strict")...).want(t, 3).says(t, "left-alone: ", "is checked out in "+linked)
	if got := gittest.Git(t, dir, "rev-parse", baseBranch); got != ours {
		t.Errorf("the branch moved to %s", got)
	}
}

// One change fails, the others are made.
func TestBranchesOnePartFails(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	// A branch of this name takes the place of the directory that it needs.
	gittest.Git(t, dir, "branch", "propagate/base--service-services.a/x")
	args := []string{"--base", "base@1.0.1", "--publish", "branch", "--group", "service"}
	r := in(dir).run(t, append(args, "-o", "json")...).want(t, 3)
	states := map[string]string{}
	for _, change := range document[planDocument](t, r).Changes {
		states[change.Services[0]] = change.State
	}
	if want := map[string]string{"services/a/Dockerfile": "failed", "services/b/Dockerfile": "created"}; !maps.Equal(states, want) {
		t.Errorf("the states are %v", states)
	}
	r.says(t, "propagate: "+baseBranch+"--service-services.a: ", "hint: ", "again")
	gittest.Git(t, dir, "branch", "-D", "propagate/base--service-services.a/x")
	r = in(dir).run(t, append(args, "-o", "json")...).want(t, 0)
	if got := fmt.Sprint(document[planDocument](t, r).Changes[0].State, document[planDocument](t, r).Changes[1].State); got != "createdunchanged" {
		t.Errorf("then the states are %s", got)
	}
}
