package remote_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/source"
)

// TestMain keeps the user's own git configuration out of the tests.
func TestMain(m *testing.M) {
	home, err := os.MkdirTemp("", "remote-home-")
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

// The credentials of the tests' servers.
const (
	user  = "robot"
	token = "s3cr3t/t0ken+with=signs"
)

// files are what the commit on the branch main of the server holds.
var files = map[string]string{"a/x": "x\n", "README": "readme\n"}

// serve makes a server that has a commit on main, and a clone of it.
func serve(t *testing.T) (server *gittest.Server, dir, head string) {
	t.Helper()
	server = gittest.NewServer(t, "owner", "repo", user, token)
	origin := gittest.Init(t, files)
	gittest.Git(t, origin, "push", "--quiet", server.Dir, "main")
	dir = filepath.Join(gittest.TempDir(t), "clone")
	gittest.Git(t, origin, "clone", "--quiet", server.Dir, dir)
	return server, dir, gittest.Git(t, origin, "rev-parse", "HEAD")
}

func access(server *gittest.Server) remote.Repository {
	return remote.Repository{URL: server.URL, Username: user, Password: token}
}

// open opens dir until the test ends.
func open(t *testing.T, dir string) *gitrepo.Repo {
	t.Helper()
	repo, err := gitrepo.Open(dir)
	if err != nil {
		t.Fatalf("Open(%s): %v", dir, err)
	}
	t.Cleanup(func() {
		if err := repo.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return repo
}

// newCommit makes a pending commit on top of parent, with another content of a/x.
func newCommit(t *testing.T, repo *gitrepo.Repo, parent, message, content string) *gitrepo.Pending {
	t.Helper()
	when, err := time.Parse(time.RFC3339, gittest.Date)
	if err != nil {
		t.Fatal(err)
	}
	someone := gitrepo.Signature{Name: gittest.Name, Email: gittest.Email, When: when}
	p, err := repo.NewCommit(t.Context(), gitrepo.CommitSpec{
		Parent: parent, Files: []gitrepo.File{{Path: "a/x", Content: []byte(content)}}, Message: message, Author: someone, Committer: someone,
	})
	if err != nil {
		t.Fatalf("NewCommit: %v", err)
	}
	return p
}

// push pushes and fails the test on errors that are not of a single branch.
func push(t *testing.T, repo *gitrepo.Repo, to remote.Repository, updates []remote.Update, pending ...*gitrepo.Pending) []remote.Result {
	t.Helper()
	results, err := repo.Push(t.Context(), to, updates, pending)
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

// wantError fails unless err is target and, like every error of the package,
// says something without giving anything away.
func wantError(t *testing.T, err, target error) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %v", target)
	}
	if !errors.Is(err, target) {
		t.Errorf("error %q, want it to be %q", err, target)
	}
	noSecret(t, err)
}

// noSecret fails if the token can be read in an error, or in its hint.
func noSecret(t *testing.T, err error) {
	t.Helper()
	text := err.Error() + source.Hint(err)
	for _, secret := range []string{token, "s3cr3t", "cm9ib3Q6"} {
		if strings.Contains(text, secret) {
			t.Errorf("the error shows %q: %s", secret, text)
		}
	}
}
