package gitrepo_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/source"
)

// serve makes a server that has the zoo on main, and a clone of it.
func serve(t *testing.T) (server *gittest.Server, dir, head string) {
	t.Helper()
	server = gittest.NewServer(t, "owner", "repo", user, token)
	origin, head := zoo(t)
	gittest.Git(t, origin, "push", "--quiet", server.Dir, "main")
	dir = filepath.Join(gittest.TempDir(t), "clone")
	gittest.Git(t, origin, "clone", "--quiet", server.Dir, dir)
	return server, dir, head
}

func access(server *gittest.Server) remote.Repository {
	return remote.Repository{URL: server.URL, Username: user, Password: token}
}

// push pushes and fails the test on errors that are not of a single branch.
func push(t *testing.T, repo *gitrepo.Repo, rm remote.Repository, updates []remote.Update, pending ...*gitrepo.Pending) []remote.Result {
	t.Helper()
	results, err := repo.Push(t.Context(), rm, updates, pending)
	if err != nil {
		t.Fatalf("Push: %v (hint: %s)", err, source.Hint(err))
	}
	if len(results) != len(updates) {
		t.Fatalf("%d results for %d updates", len(results), len(updates))
	}
	for i, r := range results {
		if r.Branch != updates[i].Branch {
			t.Errorf("result %d is of %s, want %s", i, r.Branch, updates[i].Branch)
		}
		if r.Err != nil {
			noSecret(t, r.Err)
		}
	}
	return results
}

// TestPush pushes two branches from every kind of repository: in one request,
// with nothing left behind, and with the objects that git would have made.
func TestPush(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		make func(t *testing.T, server *gittest.Server, clone, tmp string) string
	}{
		{"clone", func(_ *testing.T, _ *gittest.Server, clone, _ string) string { return clone }},
		{"depth 1", func(t *testing.T, server *gittest.Server, _, tmp string) string {
			gittest.Git(t, tmp, "clone", "--quiet", "--depth=1", "file://"+server.Dir, "shallow")
			return filepath.Join(tmp, "shallow")
		}},
		{"linked work tree", func(t *testing.T, _ *gittest.Server, clone, tmp string) string {
			gittest.Git(t, clone, "worktree", "add", "--quiet", filepath.Join(tmp, "linked"))
			return filepath.Join(tmp, "linked")
		}},
		{"bare", func(t *testing.T, server *gittest.Server, _, tmp string) string {
			gittest.Git(t, tmp, "clone", "--quiet", "--bare", server.Dir, "bare.git")
			return filepath.Join(tmp, "bare.git")
		}},
		{"shared", func(t *testing.T, server *gittest.Server, _, tmp string) string {
			gittest.Git(t, tmp, "clone", "--quiet", "--shared", server.Dir, "shared")
			return filepath.Join(tmp, "shared")
		}},
		{"sparse", func(t *testing.T, _ *gittest.Server, clone, _ string) string {
			gittest.Git(t, clone, "sparse-checkout", "set", "elsewhere")
			return clone
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			server, clone, head := serve(t)
			dir := test.make(t, server, clone, gittest.TempDir(t))
			before := gittest.Git(t, dir, "count-objects", "-v")
			repo := open(t, dir)
			one := newCommit(t, repo, head, "one", file("a/x", "new\n"), file("run.sh", "#!/bin/sh\nexit 1\n"))
			two := newCommit(t, repo, head, "two", file("big", strings.Repeat("0123456789abcdeF", 1<<13)))
			results := push(t, repo, access(server), []remote.Update{
				{Branch: "propagate/two", New: two.ID}, {Branch: "propagate/one", New: one.ID},
			}, one, two)
			for _, r := range results {
				if r.Err != nil {
					t.Errorf("%s: %v", r.Branch, r.Err)
				}
			}
			if server.Pushes() != 1 {
				t.Errorf("%d requests", server.Pushes())
			}
			for branch, p := range map[string]*gitrepo.Pending{"propagate/one": one, "propagate/two": two} {
				if got := gittest.Git(t, server.Dir, "rev-parse", branch); got != p.ID {
					t.Errorf("the server has %s at %s, want %s", branch, got, p.ID)
				}
			}
			if got := gittest.Git(t, server.Dir, "diff-tree", "-r", "--name-status", head, one.ID); got != "M\ta/x\nM\trun.sh" {
				t.Errorf("changed: %s", got)
			}
			if got := gittest.Git(t, server.Dir, "ls-tree", one.ID, "run.sh", "link", "mod"); strings.Count(got, "100755") != 1 ||
				strings.Count(got, "120000") != 1 || strings.Count(got, "160000") != 1 {
				t.Errorf("modes: %s", got)
			}
			fsck(t, server.Dir)
			if after := gittest.Git(t, dir, "count-objects", "-v"); after != before {
				t.Errorf("something was written:\n%s\nbefore:\n%s", after, before)
			}
		})
	}
}

// TestPushSendsOnlyNewObjects: the server is asked what it got.
func TestPushSendsOnlyNewObjects(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	server.Hook(t, "pre-receive", "git rev-list --objects --no-object-names --stdin --not --all | wc -l > $GIT_DIR/news")
	gittest.Git(t, server.Dir, "gc", "--quiet")
	gittest.Git(t, server.Dir, "config", "receive.unpackLimit", "1000")
	before := gittest.Git(t, server.Dir, "count-objects")
	repo := open(t, dir)
	one := newCommit(t, repo, head, "one", file("a/x", "new\n"))
	two := newCommit(t, repo, head, "two", file("a/x", "new\n"), file("a.txt", "new\n"))
	unused := newCommit(t, repo, head, "unused", file("a-b", "unused\n"))
	push(t, repo, access(server), []remote.Update{{Branch: "one", New: one.ID}, {Branch: "two", New: two.ID}}, one, two, unused)
	// One blob for both, one tree of a/, two roots, two commits.
	if got := gittest.Git(t, server.Dir, "count-objects"); before != "0 objects, 0 kilobytes" || !strings.HasPrefix(got, "6 objects") {
		t.Errorf("the server has %s more (before: %s), want 6", got, before)
	}
}

// TestPushOnAStoredCommit: a commit on one that is not on the remote either.
func TestPushOnAStoredCommit(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	repo := open(t, dir)
	below := newCommit(t, repo, head, "below", file("a/x", "1\n"))
	if err := repo.Store(below); err != nil {
		t.Fatal(err)
	}
	above := newCommit(t, repo, below.ID, "above", file("a/x", "2\n"))
	results := push(t, repo, access(server), []remote.Update{{Branch: "above", New: above.ID}}, above, below)
	if results[0].Err != nil {
		t.Fatal(results[0].Err)
	}
	if got := gittest.Git(t, server.Dir, "log", "--format=%s", head+"..above"); got != "above\nbelow" {
		t.Errorf("the server has %q", got)
	}
	fsck(t, server.Dir)
}

// TestPushAnOldCommit needs no object at all.
func TestPushAnOldCommit(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	repo := open(t, dir)
	if r := push(t, repo, access(server), []remote.Update{{Branch: "copy", New: head}})[0]; r.Err != nil {
		t.Error(r.Err)
	}
	if got := gittest.Git(t, server.Dir, "rev-parse", "copy"); got != head {
		t.Errorf("copy is at %s", got)
	}
}

// TestPushMany reads back what a push of many branches has made.
func TestPushMany(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	repo := open(t, dir)
	var updates []remote.Update
	var pending []*gitrepo.Pending
	for i := range 40 {
		p := newCommit(t, repo, head, fmt.Sprint(i), file("a/b/c/deep", fmt.Sprintf("version %d\n", i)))
		pending = append(pending, p)
		updates = append(updates, remote.Update{Branch: fmt.Sprintf("propagate/%d", i), New: p.ID})
	}
	push(t, repo, access(server), updates, pending...)
	got, err := access(server).Branches(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"main": head}
	for _, u := range updates {
		want[u.Branch] = u.New
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("Branches = %v, want %v", got, want)
	}
	fsys := treeOf(t, server.Dir, updates[17].New)
	if data, err := fs.ReadFile(fsys, "a/b/c/deep"); err != nil || string(data) != "version 17\n" {
		t.Errorf("the server has %q, %v", data, err)
	}
	names := strings.Fields(gittest.Git(t, server.Dir, "for-each-ref", "--format=%(refname:lstrip=2)"))
	if len(names) != 41 || !slices.Contains(names, "propagate/39") {
		t.Errorf("the server has %q", names)
	}
	fsck(t, server.Dir)
}
