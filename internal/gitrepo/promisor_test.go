package gitrepo_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/source"
)

// partial clones a repository with a few files from a server that wants a
// password, and returns the clone.
func partial(t *testing.T, filter string) (*gittest.Server, string) {
	t.Helper()
	origin, _ := zoo(t)
	server := gittest.NewServer(t, "acme", "mono", user, token)
	gittest.Git(t, origin, "push", "--quiet", server.AuthURL(), "main")
	dir := filepath.Join(gittest.TempDir(t), "partial")
	gittest.Git(t, origin, "clone", "--quiet", "--filter="+filter, "--no-checkout", server.AuthURL(), dir)
	return server, dir
}

// blobs returns the ids of the files of HEAD as the Reader finds them, with the
// directory that is at root.
func blobs(t *testing.T, repo *gitrepo.Repo) []gitrepo.ID {
	t.Helper()
	rev, err := repo.Resolve("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	fsys, err := repo.FS(rev.Commit)
	if err != nil {
		t.Fatal(err)
	}
	root, err := fs.Stat(fsys, ".")
	if err != nil {
		t.Fatal(err)
	}
	rd := repo.NewReader()
	defer func() { _ = rd.Close() }()
	var ids []gitrepo.ID
	var walk func(id gitrepo.ID)
	walk = func(id gitrepo.ID) {
		list, err := rd.Tree(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			switch {
			case e.Mode.IsDir():
				walk(e.ID)
			case e.Mode.Type() != fs.ModeIrregular:
				ids = append(ids, e.ID)
			}
		}
	}
	walk(root.Sys().(gitrepo.ID))
	return ids
}

// state is all that a fetch could change in a repository beside its objects.
func state(t *testing.T, dir string) string {
	t.Helper()
	config, err := os.ReadFile(filepath.Join(dir, ".git", "config"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = os.Stat(filepath.Join(dir, ".git", "FETCH_HEAD"))
	if err == nil {
		t.Error("there is a FETCH_HEAD")
	}
	return string(config) + gittest.Git(t, dir, "for-each-ref")
}

// TestPrefetch: one request brings every blob that is missing, and the clone
// stays what it was.
func TestPrefetch(t *testing.T) {
	t.Parallel()
	server, dir := partial(t, "blob:none")
	before := state(t, dir)
	repo := open(t, dir)
	ids := blobs(t, repo)
	asked := server.Fetches()
	if err := repo.Prefetch(t.Context(), slices.Concat(ids, ids)); err != nil {
		t.Fatalf("%v (hint: %s)", err, source.Hint(err))
	}
	if got := server.Fetches() - asked; got != 1 {
		t.Errorf("%d requests, want 1", got)
	}
	rd := repo.NewReader()
	defer func() { _ = rd.Close() }()
	for _, id := range ids {
		got, err := rd.Blob(id)
		if err != nil || strings.TrimSpace(string(got)) != gittest.Git(t, dir, "cat-file", "blob", id.String()) {
			t.Errorf("Blob(%s) = %q, %v", id, got, err)
		}
	}
	if err := repo.Prefetch(t.Context(), ids); err != nil || server.Fetches() != asked+1 {
		t.Errorf("the second time: %v, %d requests", err, server.Fetches()-asked)
	}
	if after := state(t, dir); after != before {
		t.Errorf("the clone has changed:\n%s\nbefore:\n%s", after, before)
	}
	fsck(t, dir)
}

// TestPrefetchTreeless: the trees come in one request, when the first of them is
// met.
func TestPrefetchTreeless(t *testing.T) {
	t.Parallel()
	server, dir := partial(t, "tree:0")
	before := state(t, dir)
	repo := open(t, dir)
	asked := server.Fetches()
	ids := blobs(t, repo)
	if got := server.Fetches() - asked; got != 1 {
		t.Errorf("%d requests for trees, want 1", got)
	}
	if err := repo.Prefetch(t.Context(), ids); err != nil {
		t.Fatal(err)
	}
	if got := server.Fetches() - asked; got != 2 {
		t.Errorf("%d requests in all, want 2", got)
	}
	commit := gittest.Git(t, dir, "rev-parse", "HEAD")
	fsys, err := repo.FS(commit)
	if err != nil {
		t.Fatal(err)
	}
	sameAsGit(t, fsys, dir, commit)
	if after := state(t, dir); after != before {
		t.Errorf("the clone has changed:\n%s\nbefore:\n%s", after, before)
	}
}

// TestPrefetchFails: the error is that of an object that is missing, with its
// hint, and says why it could not be fetched without giving the password away.
func TestPrefetchFails(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(t *testing.T, server *gittest.Server, dir string)
		want   string
	}{
		{"no git program", func(t *testing.T, _ *gittest.Server, _ string) { t.Setenv("PATH", t.TempDir()) }, "no git program on PATH"},
		{"wrong password", func(t *testing.T, server *gittest.Server, dir string) {
			bad := strings.Replace(server.AuthURL(), "@", "x@", 1)
			gittest.Git(t, dir, "config", "remote.origin.url", bad)
		}, "Authentication failed"},
		{"server is gone", func(t *testing.T, server *gittest.Server, dir string) {
			gone := server.AuthURL()
			gittest.Git(t, dir, "config", "remote.origin.url", gone[:strings.LastIndex(gone, ":")]+":1/acme/mono.git")
		}, "git cannot fetch it from origin"},
		{"an object that the server does not have", nil, "not our ref"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server, dir := partial(t, "blob:none")
			repo := open(t, dir)
			ids := blobs(t, repo)
			if test.change != nil {
				test.change(t, server, dir)
				repo = open(t, dir)
			} else {
				ids = append(ids, noSuch(1))
			}
			err := repo.Prefetch(t.Context(), ids)
			wantError(t, err, gitrepo.ErrMissingObject)
			if !strings.Contains(err.Error(), test.want) || !strings.Contains(source.Hint(err), "git fetch --refetch") {
				t.Errorf("error %q (hint %q), want it to say %q", err, source.Hint(err), test.want)
			}
		})
	}
	t.Run("treeless", func(t *testing.T) {
		server, dir := partial(t, "tree:0")
		gittest.Git(t, dir, "config", "remote.origin.url", strings.Replace(server.AuthURL(), "@", "x@", 1))
		commit := gittest.Git(t, dir, "rev-parse", "HEAD")
		fsys := treeOf(t, dir, commit)
		for range 2 {
			_, err := fs.ReadDir(fsys, ".")
			wantError(t, err, gitrepo.ErrMissingObject)
			if !strings.Contains(err.Error(), "Authentication failed") {
				t.Errorf("error %q does not say why", err)
			}
		}
	})
	t.Run("complete clone", func(t *testing.T) {
		repo := open(t, gittest.Init(t, aFile))
		err := repo.Prefetch(t.Context(), []gitrepo.ID{noSuch(1), noSuch(4)})
		wantError(t, err, gitrepo.ErrMissingObject)
		if !strings.Contains(err.Error(), "2 objects") || source.Hint(err) == "" {
			t.Errorf("error %q (hint %q)", err, source.Hint(err))
		}
	})
	t.Run("stopped", func(t *testing.T) {
		_, dir := partial(t, "blob:none")
		repo := open(t, dir)
		ids := blobs(t, repo)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := repo.Prefetch(ctx, ids); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
}

// noSuch is the id of no object.
func noSuch(n byte) gitrepo.ID { return gitrepo.ID(append(make([]byte, 19), n)) }
