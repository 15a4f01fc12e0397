package gitrepo_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// TestReflog sets a branch beside one that git sets in the same way: the logs are
// the same byte for byte, and there or not for the same reasons.
func TestReflog(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		bare   bool
		linked bool
		config string // of core.logAllRefUpdates; "" is none
		logged bool
	}{
		{name: "a work tree", logged: true},
		{name: "a bare repository", bare: true},
		{name: "a linked work tree", linked: true, logged: true},
		{name: "switched off", config: "false"},
		{name: "switched on", bare: true, config: "true", logged: true},
		{name: "always", bare: true, config: "always", logged: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := gittest.Init(t, aFile)
			first := gittest.Git(t, dir, "rev-parse", "HEAD")
			second := gittest.Commit(t, dir, "second", map[string]string{"a.txt": "2"})
			common := filepath.Join(dir, ".git")
			switch {
			case test.bare:
				bare := filepath.Join(gittest.TempDir(t), "bare.git")
				gittest.Git(t, dir, "clone", "--quiet", "--bare", dir, bare)
				dir, common = bare, bare
			case test.linked:
				linked := filepath.Join(gittest.TempDir(t), "linked")
				gittest.Git(t, dir, "worktree", "add", "--quiet", "--detach", linked)
				dir = linked
			}
			if test.config != "" {
				gittest.Git(t, dir, "config", "core.logAllRefUpdates", test.config)
			}
			repo := open(t, dir)
			for _, step := range []struct{ to, old string }{{first, ""}, {second, first}} {
				entry := gitrepo.LogEntry{Who: someone(t), Message: "propagate:  made\nfrom x "}
				if err := repo.SetBranch("ours/x", step.to, step.old, entry); err != nil {
					t.Fatal(err)
				}
				gittest.Git(t, dir, "update-ref", "-m", "propagate: made from x", "refs/heads/gits/x", step.to, step.old)
			}
			ours, err := os.ReadFile(filepath.Join(common, "logs", "refs", "heads", "ours", "x"))
			if (err == nil) != test.logged || err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("the log: %v; it is to be there: %v", err, test.logged)
			}
			gits, err := os.ReadFile(filepath.Join(common, "logs", "refs", "heads", "gits", "x"))
			if (err == nil) != test.logged || string(ours) != string(gits) {
				t.Errorf("the log is\n%sgit's own is (%v)\n%s", ours, err, gits)
			}
			if test.logged {
				show := gittest.Git(t, dir, "reflog", "show", "--format=%H %gs", "ours/x")
				if want := second + " propagate: made from x\n" + first + " propagate: made from x"; show != want {
					t.Errorf("git reflog show: %q, want %q", show, want)
				}
				if got := gittest.Git(t, dir, "rev-parse", "ours/x@{1}"); got != first {
					t.Errorf("ours/x@{1} is %s, want %s", got, first)
				}
			}
			gittest.Git(t, dir, "gc", "--quiet")
			fsck(t, dir)
		})
	}
}

// A log that is there is written to although none would be started, and what git
// has left of branches that are gone is no hindrance.
func TestReflogOfOtherTimes(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	id := gittest.Git(t, dir, "rev-parse", "HEAD")
	gittest.Git(t, dir, "branch", "logged")
	second := gittest.Commit(t, dir, "second", map[string]string{"a.txt": "2"})
	logs := filepath.Join(dir, ".git", "logs", "refs", "heads")
	for _, below := range []string{"gone/x/y", "off/x"} {
		if err := os.MkdirAll(filepath.Join(logs, below), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := open(t, dir).SetBranch("gone", id, "", entry(t)); err != nil {
		t.Fatal(err)
	}
	gittest.Git(t, dir, "config", "core.logAllRefUpdates", "false")
	repo := open(t, dir)
	if err := repo.SetBranch("logged", second, id, entry(t)); err != nil {
		t.Fatal(err)
	}
	if err := repo.SetBranch("off", id, "", entry(t)); err != nil {
		t.Fatal(err)
	}
	for branch, lines := range map[string]int{"gone": 1, "logged": 2} {
		if got := gittest.Git(t, dir, "reflog", "show", branch); strings.Count(got+"\n", "\n") != lines || !strings.HasSuffix(strings.SplitN(got, "\n", 2)[0], ": by a test") {
			t.Errorf("git reflog show %s: %q, want %d lines", branch, got, lines)
		}
	}
}

// A log that cannot be written leaves the branch as it is, and no lock.
func TestReflogCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	id := gittest.Git(t, dir, "rev-parse", "HEAD")
	path := filepath.Join(dir, ".git", "logs", "refs", "heads", "a")
	write(t, path, "a log of a branch that is gone, in the way of a directory\n")
	repo := open(t, dir)
	err := repo.SetBranch("a/b", id, "", entry(t))
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("SetBranch: %v, want an error that names %s", err, path)
	}
	if _, ok, err := repo.Branch("a/b"); ok || err != nil {
		t.Errorf("the branch is there: %v, %v", ok, err)
	}
	if _, err := os.Stat(filepath.Join(dir, ".git", "refs", "heads", "a", "b.lock")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a lock is left: %v", err)
	}
	err = repo.SetBranch("c", id, "", gitrepo.LogEntry{Message: "by nobody"})
	if err == nil || !strings.Contains(err.Error(), "the committer has no name") {
		t.Errorf("SetBranch by nobody: %v", err)
	}
}
