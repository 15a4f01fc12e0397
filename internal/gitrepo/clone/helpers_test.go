package clone_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/clone"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/source"
)

// TestMain keeps the user's own git configuration out of the tests.
func TestMain(m *testing.M) {
	home, err := os.MkdirTemp("", "clone-home-")
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"HOME", "USERPROFILE", "XDG_CONFIG_HOME"} {
		if err := os.Setenv(name, home); err != nil {
			panic(err)
		}
	}
	if err := os.Setenv("GIT_CONFIG_NOSYSTEM", "1"); err != nil {
		panic(err)
	}
	status := m.Run()
	_ = os.RemoveAll(home)
	os.Exit(status)
}

// The user of the tests' server.
const (
	user     = "robot"
	password = "s3cr3t/t0ken+with=signs"
)

// A remoteRepo is a repository on a server, with a work tree from which commits are pushed.
type remoteRepo struct {
	*gittest.Server
	work string
	home string // of the clones

	mu   sync.Mutex
	said []string // the notes
}

// serve makes a server that has one commit on main.
func serve(t *testing.T) *remoteRepo {
	t.Helper()
	r := &remoteRepo{Server: gittest.NewServer(t, "acme", "mono", user, password), home: filepath.Join(gittest.TempDir(t), "repositories")}
	r.work = gittest.Init(t, map[string]string{"a/x": "x\n", "b/y": "y\n", "README": "readme\n"})
	r.push(t, "main")
	return r
}

// push pushes HEAD to a reference.
func (r *remoteRepo) push(t *testing.T, to string) {
	t.Helper()
	if !strings.HasPrefix(to, "refs/") {
		to = "refs/heads/" + to
	}
	gittest.Git(t, r.work, "push", "--quiet", "--force", r.Dir, "HEAD:"+to)
}

// commit makes a commit of files and pushes it to main.
func (r *remoteRepo) commit(t *testing.T, files map[string]string) string {
	t.Helper()
	id := gittest.Commit(t, r.work, "next", files)
	r.push(t, "main")
	return id
}

// options are those that read a reference of the server.
func (r *remoteRepo) options(t *testing.T, ref string) clone.Options {
	t.Helper()
	address, err := remote.ParseAddress(r.AuthURL())
	if err != nil {
		t.Fatal(err)
	}
	guard := remote.Guard{Login: address.Login, Secrets: address.Login.Secrets(), Protocols: remote.Protocols}
	note := func(format string, args ...any) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.said = append(r.said, fmt.Sprintf(format, args...))
	}
	return clone.Options{Address: address, Ref: ref, Home: r.home, Guard: guard, Now: time.Now, Doing: func(string, ...any) {}, Note: note}
}

// open opens a clone until the test ends.
func open(t *testing.T, o clone.Options) *clone.Clone {
	t.Helper()
	c, err := clone.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("Open: %v (hint: %s)", err, source.Hint(err))
	}
	t.Cleanup(func() { shut(t, c) })
	return c
}

// shut closes a clone.
func shut(t *testing.T, c *clone.Clone) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// read opens a clone, returns its revision, and closes it.
func (r *remoteRepo) read(t *testing.T, ref string) gitrepo.Revision {
	t.Helper()
	c := open(t, r.options(t, ref))
	defer shut(t, c)
	return resolve(t, c)
}

func resolve(t *testing.T, c *clone.Clone) gitrepo.Revision {
	t.Helper()
	rev, err := c.Repo.Resolve(c.Ref)
	if err != nil {
		t.Fatal(err)
	}
	return rev
}

// files returns the ids of the files of a revision.
func files(t *testing.T, c *clone.Clone, rev gitrepo.Revision) []gitrepo.ID {
	t.Helper()
	fsys, err := c.Repo.FS(rev.Commit)
	if err != nil {
		t.Fatal(err)
	}
	root, err := fs.Stat(fsys, ".")
	if err != nil {
		t.Fatal(err)
	}
	rd := c.Repo.NewReader()
	defer func() { _ = rd.Close() }()
	var ids []gitrepo.ID
	for dirs := []gitrepo.ID{root.Sys().(gitrepo.ID)}; len(dirs) > 0; dirs = dirs[1:] {
		list, err := rd.Tree(dirs[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			if e.Mode.IsDir() {
				dirs = append(dirs, e.ID)
			} else {
				ids = append(ids, e.ID)
			}
		}
	}
	return ids
}

// dir returns the directory of the one repository that is kept.
func (r *remoteRepo) dir(t *testing.T) string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(r.home, "*", "git"))
	if err != nil || len(all) != 1 {
		t.Fatalf("the repositories are %v, %v", all, err)
	}
	return all[0]
}

// blobs returns the number of files whose content is here.
func blobs(t *testing.T, dir string) int {
	t.Helper()
	return strings.Count(gittest.Git(t, dir, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)"), "blob")
}

// notes fails the test unless there is one note for each of these texts, which it holds.
func (r *remoteRepo) notes(t *testing.T, texts ...string) {
	t.Helper()
	for i, text := range texts {
		if i >= len(r.said) || !strings.Contains(r.said[i], text) {
			t.Errorf("the notes are %q, want %q", r.said, texts)
			return
		}
	}
	if len(r.said) != len(texts) {
		t.Errorf("the notes are %q, want %q", r.said, texts)
	}
	for _, note := range r.said {
		if strings.Contains(note, password) {
			t.Errorf("a note shows the password: %s", note)
		}
	}
	r.said = nil
}
