package gitrepo_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/source"
)

func TestSetBranch(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	first := gittest.Git(t, dir, "rev-parse", "HEAD")
	gittest.Git(t, dir, "branch", "old/packed")
	gittest.Git(t, dir, "pack-refs", "--all")
	status := gittest.Git(t, dir, "status", "--porcelain", "--branch")
	repo := open(t, dir)
	p := newCommit(t, repo, first, "x", file("README", "new\n"))
	if err := repo.Store(p); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ name, new, old string }{
		{"propagate/base-1.0.1", p.ID, ""},
		{"propagate/base-1.0.1", first, p.ID},
		{"propagate/base-1.0.1", p.ID, strings.ToUpper(first)},
		{"propagate/base-1.0.1", p.ID, p.ID},
		{"old/packed", p.ID, first},
		{"propagate/deep/er", p.ID, ""},
	} {
		if err := repo.SetBranch(step.name, step.new, step.old, entry(t)); err != nil {
			t.Fatalf("SetBranch(%+v): %v", step, err)
		}
		if got := gittest.Git(t, dir, "rev-parse", "--verify", "refs/heads/"+step.name); got != step.new {
			t.Errorf("git sees %s at %s, want %s", step.name, got, step.new)
		}
		if got, ok, err := repo.Branch(step.name); got != step.new || !ok || err != nil {
			t.Errorf("Branch(%s) = %s, %v, %v", step.name, got, ok, err)
		}
	}
	if got, ok, err := repo.Branch("propagate"); ok || err != nil {
		t.Errorf("Branch of a directory of branches = %s, %v, %v", got, ok, err)
	}
	if got, ok, err := repo.Branch("main/x"); ok || err != nil {
		t.Errorf("Branch below a branch = %s, %v, %v", got, ok, err)
	}
	if _, _, err := repo.Branch("../../config"); err == nil {
		t.Error("Branch took a name that leads elsewhere")
	}
	if got := gittest.Git(t, dir, "status", "--porcelain", "--branch"); got != status {
		t.Errorf("git status: %q, before %q", got, status)
	}
	fsck(t, dir)
}

// TestSetBranchOverEmptyDirectories: git leaves them behind when it deletes or
// packs branches.
func TestSetBranchOverEmptyDirectories(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	id := gittest.Git(t, dir, "rev-parse", "HEAD")
	if err := os.MkdirAll(filepath.Join(dir, ".git", "refs", "heads", "propagate", "gone", "deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	repo := open(t, dir)
	if err := repo.SetBranch("propagate", id, "", entry(t)); err != nil {
		t.Fatal(err)
	}
	if got := gittest.Git(t, dir, "rev-parse", "propagate"); got != id {
		t.Errorf("git sees %s", got)
	}
}

func TestSetBranchConflicts(t *testing.T) {
	t.Parallel()
	for _, packed := range []bool{false, true} {
		dir := gittest.Init(t, aFile)
		first := gittest.Git(t, dir, "rev-parse", "HEAD")
		second := gittest.Commit(t, dir, "second", nil)
		gittest.Git(t, dir, "branch", "propagate/a", first)
		gittest.Git(t, dir, "branch", "taken", first)
		if packed {
			gittest.Git(t, dir, "pack-refs", "--all")
		}
		repo := open(t, dir)
		for _, test := range []struct {
			name, branch, old string
			want              gitrepo.RefConflictError
		}{
			{"exists", "propagate/a", "", gitrepo.RefConflictError{Actual: first}},
			{"moved", "propagate/a", second, gitrepo.RefConflictError{Expected: second, Actual: first}},
			{"gone", "propagate/b", first, gitrepo.RefConflictError{Expected: first}},
			{"a branch where a directory is wanted", "taken/x/y", "", gitrepo.RefConflictError{Blocking: "taken"}},
			{"a directory where a branch is wanted", "propagate", "", gitrepo.RefConflictError{Blocking: "propagate/a"}},
		} {
			name := test.name
			if packed {
				name += ", packed"
			}
			t.Run(name, func(t *testing.T) {
				refs := gittest.Git(t, dir, "for-each-ref")
				err := repo.SetBranch(test.branch, second, test.old, entry(t))
				var conflict *gitrepo.RefConflictError
				if !errors.As(err, &conflict) {
					t.Fatalf("error %v, want a *RefConflictError", err)
				}
				test.want.Branch = test.branch
				if *conflict != test.want {
					t.Errorf("conflict %+v, want %+v", *conflict, test.want)
				}
				if source.Hint(err) == "" || !strings.Contains(err.Error(), test.branch) || !strings.Contains(err.Error(), test.want.Blocking) {
					t.Errorf("error %q, hint %q", err, source.Hint(err))
				}
				if got := gittest.Git(t, dir, "for-each-ref"); got != refs {
					t.Errorf("references are now\n%s\nbefore\n%s", got, refs)
				}
				if locks, _ := filepath.Glob(filepath.Join(dir, ".git", "refs", "heads", "*.lock")); len(locks) > 0 {
					t.Errorf("%v is left", locks)
				}
			})
		}
	}
}

func TestSetBranchLocked(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	id := gittest.Git(t, dir, "rev-parse", "HEAD")
	lock := filepath.Join(dir, ".git", "refs", "heads", "x.lock")
	write(t, lock, "")
	err := open(t, dir).SetBranch("x", id, "", entry(t))
	var conflict *gitrepo.RefConflictError
	if !errors.As(err, &conflict) || conflict.Lock != lock || !strings.Contains(err.Error(), lock) {
		t.Errorf("error %v, want a *RefConflictError with the lock", err)
	}
	if _, err := os.Stat(lock); err != nil {
		t.Errorf("the lock of another process: %v", err)
	}
}

// TestSetBranchRace: of several that make the same branch, one succeeds.
func TestSetBranchRace(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	id := gittest.Git(t, dir, "rev-parse", "HEAD")
	repo := open(t, dir)
	var wins atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			err := repo.SetBranch("race", id, "", entry(t))
			var conflict *gitrepo.RefConflictError
			if err == nil {
				wins.Add(1)
			} else if !errors.As(err, &conflict) {
				t.Errorf("error %v", err)
			}
		})
	}
	wg.Wait()
	if wins.Load() != 1 {
		t.Errorf("%d made the branch", wins.Load())
	}
	if got := gittest.Git(t, dir, "rev-parse", "race"); got != id {
		t.Errorf("git sees %s", got)
	}
}

func TestSetBranchLeavesCheckedOutBranches(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	first := gittest.Git(t, dir, "rev-parse", "HEAD")
	second := gittest.Commit(t, dir, "second", map[string]string{"README": "2"})
	linked := filepath.Join(gittest.TempDir(t), "linked")
	gittest.Git(t, dir, "worktree", "add", "--quiet", "-b", "elsewhere", linked, first)
	rebasing := filepath.Join(gittest.TempDir(t), "rebasing")
	gittest.Git(t, dir, "worktree", "add", "--quiet", "-b", "rebased", rebasing, first)
	gittest.Commit(t, rebasing, "conflict", map[string]string{"README": "3"})
	if out, err := gittest.Try(t, rebasing, "rebase", "main"); err == nil {
		t.Fatalf("the rebase has no conflict: %s", out)
	}
	rebased := gittest.Git(t, dir, "rev-parse", "rebased")
	for _, from := range []string{dir, linked, rebasing} {
		repo := open(t, from)
		for _, test := range []struct{ branch, at, workTree string }{
			{"main", second, dir}, {"elsewhere", first, linked}, {"rebased", rebased, rebasing},
		} {
			err := repo.SetBranch(test.branch, second, test.at, entry(t))
			var checkedOut *gitrepo.CheckedOutError
			if !errors.As(err, &checkedOut) || checkedOut.Branch != test.branch || checkedOut.WorkTree != test.workTree {
				t.Errorf("from %s: SetBranch(%s): %v, want a *CheckedOutError with %s", from, test.branch, err, test.workTree)
			}
			if err != nil && (!strings.Contains(err.Error(), test.workTree) || source.Hint(err) == "") {
				t.Errorf("error %q, hint %q", err, source.Hint(err))
			}
			if got := gittest.Git(t, dir, "rev-parse", test.branch); got != test.at {
				t.Errorf("%s was moved to %s", test.branch, got)
			}
		}
		if err := repo.SetBranch("free", second, "", entry(t)); err != nil {
			t.Errorf("from %s: another branch: %v", from, err)
		}
		gittest.Git(t, dir, "branch", "-D", "free")
	}
}

func TestSetBranchInABareRepository(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	first := gittest.Git(t, dir, "rev-parse", "HEAD")
	second := gittest.Commit(t, dir, "second", nil)
	bare := filepath.Join(gittest.TempDir(t), "bare.git")
	gittest.Git(t, dir, "clone", "--quiet", "--bare", dir, bare)
	if err := open(t, bare).SetBranch("main", first, second, entry(t)); err != nil {
		t.Errorf("HEAD of a bare repository is checked out nowhere: %v", err)
	}
	if got := gittest.Git(t, bare, "rev-parse", "main"); got != first {
		t.Errorf("main is at %s", got)
	}
}

func TestSetBranchFails(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	id := gittest.Git(t, dir, "rev-parse", "HEAD")
	blob := gittest.Git(t, dir, "rev-parse", "HEAD:README")
	gittest.Git(t, dir, "symbolic-ref", "refs/heads/alias", "refs/heads/main")
	repo := open(t, dir)
	for _, test := range []struct{ name, branch, new, want string }{
		{"leads out", "../../evil", id, "evil"},
		{"empty", "", id, "no name for a branch"},
		{"HEAD", "HEAD", id, "HEAD"},
		{"option", "-d", id, "-d"},
		{"lock", "x.lock", id, "x.lock"},
		{"space", "a b", id, "a b"},
		{"two dots", "a..b", id, "a..b"},
		{"hidden", "a/.b", id, "a/.b"},
		{"backslash", `a\b`, id, `a\\b`},
		{"line break", "a\nb", id, `a\nb`},
		{"at the end", "a/", id, "a/"},
		{"short id", "x", id[:12], id[:12]},
		{"unknown commit", "x", strings.Repeat("ab", 20), "abab"},
		{"a blob", "x", blob, "blob"},
		{"another name for main", "alias", id, "another name for refs/heads/main"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := repo.SetBranch(test.branch, test.new, "", entry(t))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
	if got := gittest.Git(t, dir, "for-each-ref", "--format=%(refname)"); got != "refs/heads/alias\nrefs/heads/main" {
		t.Errorf("references are now %s", got)
	}
}

// TestBranchIsPackedMeanwhile: an open repository sees what git has packed, and
// unpacked, since it looked.
func TestBranchIsPackedMeanwhile(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	first := gittest.Git(t, dir, "rev-parse", "HEAD")
	second := gittest.Commit(t, dir, "second", nil)
	repo := open(t, dir)
	want := func(name, id string) {
		t.Helper()
		if got, ok, err := repo.Branch(name); got != id || ok != (id != "") || err != nil {
			t.Errorf("Branch(%s) = %q, %v, %v; want %q", name, got, ok, err, id)
		}
	}
	for _, name := range []string{"a", "a-b", "a.b", "b/c"} {
		gittest.Git(t, dir, "branch", name, first)
	}
	want("a", first)
	gittest.Git(t, dir, "pack-refs", "--all", "--prune")
	want("a", first)
	want("b/c", first)
	want("b", "")
	gittest.Git(t, dir, "branch", "--force", "a", second)
	gittest.Git(t, dir, "branch", "--delete", "--force", "a-b")
	want("a", second)
	want("a-b", "")
	gittest.Git(t, dir, "pack-refs", "--all", "--prune")
	want("a", second)
	var conflict *gitrepo.RefConflictError
	if err := repo.SetBranch("b", second, "", entry(t)); !errors.As(err, &conflict) || conflict.Blocking != "b/c" {
		t.Errorf("SetBranch(b) = %v, want a conflict with b/c", err)
	}
	if err := repo.SetBranch("a", first, second, entry(t)); err != nil {
		t.Error(err)
	}
	want("a", first)
}
