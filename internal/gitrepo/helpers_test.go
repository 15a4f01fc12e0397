package gitrepo_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/source"
)

// TestMain keeps the user's own git configuration out of the tests.
func TestMain(m *testing.M) {
	home, err := os.MkdirTemp("", "gitrepo-home-")
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

// open opens dir until the test ends.
func open(t *testing.T, dir string) *gitrepo.Repo {
	t.Helper()
	repo, err := gitrepo.Open(dir)
	if err != nil {
		t.Fatalf("Open(%s): %v (hint: %s)", dir, err, source.Hint(err))
	}
	t.Cleanup(func() {
		if err := repo.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return repo
}

// someone is the author that gittest.Git uses.
func someone(t *testing.T) gitrepo.Signature {
	t.Helper()
	when, err := time.Parse(time.RFC3339, gittest.Date)
	if err != nil {
		t.Fatal(err)
	}
	return gitrepo.Signature{Name: gittest.Name, Email: gittest.Email, When: when}
}

// entry is what the reflog says of the branches of the tests.
func entry(t *testing.T) gitrepo.LogEntry {
	t.Helper()
	return gitrepo.LogEntry{Who: someone(t), Message: "by a test"}
}

// newCommit makes a pending commit on top of parent.
func newCommit(t *testing.T, repo *gitrepo.Repo, parent, message string, files ...gitrepo.File) *gitrepo.Pending {
	t.Helper()
	p, err := repo.NewCommit(t.Context(), gitrepo.CommitSpec{
		Parent: parent, Files: files, Message: message, Author: someone(t), Committer: someone(t),
	})
	if err != nil {
		t.Fatalf("NewCommit: %v", err)
	}
	return p
}

// file is a gitrepo.File.
func file(path, content string) gitrepo.File {
	return gitrepo.File{Path: path, Content: []byte(content)}
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

// The credentials of the tests' servers.
const (
	user  = "robot"
	token = "s3cr3t/t0ken+with=signs"
)

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

// write makes a file outside of git's view.
func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// fsck fails unless git finds the repository sound.
func fsck(t *testing.T, dir string) {
	t.Helper()
	if out, err := gittest.Try(t, dir, "fsck", "--strict", "--no-dangling"); err != nil {
		t.Errorf("git fsck: %v\n%s", err, out)
	}
}
