package clone_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/clone"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// The trees of one commit come, and neither its history nor the content of files; that
// comes when it is asked for, and all of it at once.
func TestOneCommit(t *testing.T) {
	t.Parallel()
	r := serve(t)
	head := r.commit(t, map[string]string{"a/x": "x2\n"})
	c := open(t, r.options(t, "HEAD"))
	rev := resolve(t, c)
	if rev.Commit != head || rev.Branch != "main" || !c.Fresh {
		t.Errorf("the revision is %+v, want %s on main", rev, head)
	}
	dir := r.dir(t)
	if n := blobs(t, dir); n != 0 {
		t.Errorf("the content of %d files has come", n)
	}
	if _, here, err := c.Repo.Commit(gittest.Git(t, r.work, "rev-parse", "HEAD^")); here || err != nil || !c.Repo.IsShallow() {
		t.Errorf("the parent is here: %t, %v", here, err)
	}
	before := r.Fetches()
	ids := files(t, c, rev)
	if len(ids) != 3 {
		t.Fatalf("the files are %v", ids)
	}
	for _, some := range [][]gitrepo.ID{ids[:1], ids, ids} {
		if err := c.Repo.Prefetch(t.Context(), some); err != nil {
			t.Fatal(err)
		}
	}
	if n := r.Fetches() - before; n != 2 || blobs(t, dir) != 3 {
		t.Errorf("%d requests brought the content of %d files, want 2, the second for those that the first did not bring", n, blobs(t, dir))
	}
	if url, err := c.Repo.RemoteURL("origin"); err != nil || url != r.URL {
		t.Errorf("origin is %s, %v", url, err)
	}
	if got := gittest.Git(t, dir, "symbolic-ref", "refs/remotes/origin/HEAD"); got != "refs/remotes/origin/main" {
		t.Errorf("the default branch is %s", got)
	}
	if out, err := gittest.Try(t, dir, "fsck"); err != nil {
		t.Errorf("git fsck: %v\n%s", err, out)
	}
	r.notes(t)
}

// The next time nothing comes that is here: nothing at all for the same commit, and for
// another one only what is new in it.
func TestNextTime(t *testing.T) {
	t.Parallel()
	r := serve(t)
	r.read(t, "HEAD")
	dir := r.dir(t)
	before := r.Fetches()
	r.read(t, "HEAD")
	if n := r.Fetches() - before; n != 1 {
		t.Errorf("%d requests for a commit that is here, want the one for the references", n)
	}
	objects := strings.Count(gittest.Git(t, dir, "cat-file", "--batch-all-objects", "--batch-check"), "\n")
	head := r.commit(t, map[string]string{"a/x": "x2\n"})
	if rev := r.read(t, "HEAD"); rev.Commit != head {
		t.Errorf("the commit is %s, want %s", rev.Commit, head)
	}
	packs, err := filepath.Glob(filepath.Join(dir, "objects", "pack", "*.idx"))
	if err != nil || len(packs) != 2 {
		t.Fatalf("the packs are %v, %v", packs, err)
	}
	// The commit, the root and a: b is known. A thin pack may bring what it is made of along.
	if now := strings.Count(gittest.Git(t, dir, "cat-file", "--batch-all-objects", "--batch-check"), "\n"); now != objects+3 {
		t.Errorf("there are %d objects, and were %d before", now, objects)
	}
	if out, err := gittest.Try(t, dir, "fsck"); err != nil {
		t.Errorf("git fsck: %v\n%s", err, out)
	}
	r.notes(t)
}

// A branch, a tag, any reference and an id name what they name in a clone.
func TestReferences(t *testing.T) {
	t.Parallel()
	r := serve(t)
	first := gittest.Git(t, r.work, "rev-parse", "HEAD")
	gittest.Git(t, r.work, "tag", "-a", "-m", "tag", "v1")
	gittest.Git(t, r.work, "push", "--quiet", r.Dir, "refs/tags/v1")
	second := r.commit(t, map[string]string{"a/x": "x2\n"})
	r.push(t, "topic/on/it")
	r.push(t, "refs/pull/1/head")
	head := r.commit(t, map[string]string{"a/x": "x3\n"})
	for _, test := range []struct{ ref, commit, branch string }{
		{"HEAD", head, "main"},
		{"@", head, "main"},
		{"main", head, "main"},
		{"origin/main", head, "main"},
		{"refs/heads/topic/on/it", second, "topic/on/it"},
		{"topic/on/it", second, "topic/on/it"},
		{"v1", first, ""},
		{"refs/tags/v1", first, ""},
		{"pull/1/head", second, ""},
		{second, second, ""},
		{strings.ToUpper(first), first, ""},
	} {
		for range 2 {
			if rev := r.read(t, test.ref); rev.Commit != test.commit || rev.Branch != test.branch {
				t.Errorf("%s is %+v, want %s on %q", test.ref, rev, test.commit, test.branch)
			}
		}
	}
	// A tag and a branch that are moved back are followed.
	gittest.Git(t, r.work, "reset", "--quiet", "--hard", first)
	r.push(t, "main")
	if rev := r.read(t, "HEAD"); rev.Commit != first {
		t.Errorf("main was moved back to %s and is %s", first, rev.Commit)
	}
	gittest.Git(t, r.work, "push", "--quiet", "--force", r.Dir, second+":refs/tags/v1")
	if rev := r.read(t, "v1"); rev.Commit != second {
		t.Errorf("v1 was moved to %s and is %s", second, rev.Commit)
	}
	r.notes(t)
}

// Where one branch becomes the directory of others, and back.
func TestBranchesInEachOthersWay(t *testing.T) {
	t.Parallel()
	r := serve(t)
	for _, names := range [][]string{{"work"}, {"work/a/b", "work/a/c"}, {"work/a"}, {"work"}} {
		for _, other := range strings.Fields(gittest.Git(t, r.Dir, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/work")) {
			gittest.Git(t, r.Dir, "update-ref", "-d", "refs/heads/"+other)
		}
		for _, name := range names {
			r.push(t, name)
			if rev := r.read(t, name); rev.Branch != name {
				t.Errorf("%s is %+v", name, rev)
			}
			gittest.Commit(t, r.work, "next", map[string]string{"a/x": name})
		}
	}
	r.notes(t)
}

// A HEAD that is on no branch is a commit, and one of another name is the default branch.
func TestDefaultBranch(t *testing.T) {
	t.Parallel()
	r := serve(t)
	head := gittest.Git(t, r.work, "rev-parse", "HEAD")
	r.push(t, "trunk")
	gittest.Git(t, r.Dir, "symbolic-ref", "HEAD", "refs/heads/trunk")
	if rev := r.read(t, "HEAD"); rev.Branch != "trunk" || rev.Commit != head {
		t.Errorf("HEAD is %+v", rev)
	}
	gittest.Git(t, r.Dir, "update-ref", "--no-deref", "HEAD", head)
	if rev := r.read(t, "HEAD"); rev.Branch != "" || rev.Commit != head {
		t.Errorf("a detached HEAD is %+v", rev)
	}
}

// Ids of the other kind are read as well.
func TestSHA256(t *testing.T) {
	t.Parallel()
	r := serve(t)
	work := gittest.TempDir(t)
	gittest.Git(t, work, "init", "--quiet", "--object-format=sha256", "--initial-branch=main")
	head := gittest.Commit(t, work, "first", map[string]string{"a/x": "x\n"})
	if err := os.RemoveAll(r.Dir); err != nil {
		t.Fatal(err)
	}
	gittest.Git(t, work, "clone", "--quiet", "--bare", work, r.Dir)
	gittest.Git(t, r.Dir, "config", "uploadpack.allowFilter", "true")
	for _, ref := range []string{"HEAD", head} {
		r.home = filepath.Join(gittest.TempDir(t), "repositories")
		for range 2 {
			if rev := r.read(t, ref); rev.Commit != head {
				t.Errorf("%s is %+v, want %s", ref, rev, head)
			}
		}
	}
	r.notes(t)
}

// A server that knows no filters sends everything, and a run says so.
func TestNoFilter(t *testing.T) {
	t.Parallel()
	for name, configure := range map[string][]string{
		"it ignores them": {"uploadpack.allowFilter", "false"},
		"it refuses them": {"uploadpackfilter.allow", "false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := serve(t)
			gittest.Git(t, r.Dir, append([]string{"config"}, configure...)...)
			r.read(t, "HEAD")
			r.notes(t, "the server cannot leave out the content of files")
			if n := blobs(t, r.dir(t)); n != 3 {
				t.Errorf("the content of %d files has come, want 3", n)
			}
			if _, err := gittest.Try(t, r.dir(t), "rev-parse", "--verify", "--quiet", "HEAD^"); err == nil {
				t.Error("the history has come, too")
			}
			r.read(t, "HEAD")
			r.notes(t)
		})
	}
}

// What is not kept is gone afterwards.
func TestTemporary(t *testing.T) {
	r := serve(t)
	temp := gittest.TempDir(t)
	t.Setenv("TMPDIR", temp)
	o := r.options(t, "HEAD")
	o.Home = ""
	c := open(t, o)
	if rev := resolve(t, c); rev.Branch != "main" {
		t.Errorf("HEAD is %+v", rev)
	}
	shut(t, c)
	o.Ref = "nothing"
	if _, err := clone.Open(t.Context(), o); err == nil {
		t.Error("there is no error")
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
}

// Many runs at once read what they asked for, while the branch moves.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	r := serve(t)
	known := map[string]bool{gittest.Git(t, r.work, "rev-parse", "HEAD"): true}
	for _, text := range []string{"1\n", "2\n", "3\n"} {
		o := r.options(t, "HEAD")
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				c, err := clone.Open(t.Context(), o)
				if err != nil {
					t.Error(err)
					return
				}
				defer shut(t, c)
				rev, err := c.Repo.Resolve(c.Ref)
				if err != nil {
					t.Error(err)
					return
				}
				fsys, err := c.Repo.FS(rev.Commit)
				if err != nil {
					t.Error(err)
					return
				}
				if text, err := fs.ReadFile(fsys, "README"); err != nil || string(text) != "readme\n" {
					t.Errorf("README is %q, %v", text, err)
				}
			})
		}
		known[r.commit(t, map[string]string{"a/x": text})] = true
		all.Wait()
	}
	if rev := r.read(t, "HEAD"); !known[rev.Commit] {
		t.Errorf("HEAD is %+v", rev)
	}
	if out, err := gittest.Try(t, r.dir(t), "fsck"); err != nil {
		t.Errorf("git fsck: %v\n%s", err, out)
	}
}
