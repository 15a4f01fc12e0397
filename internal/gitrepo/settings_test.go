package gitrepo_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/source"
)

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestRemoteURL compares with what git says it would push to.
func TestRemoteURL(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, config, want string }{
		{"url", "[remote \"r\"]\nurl = https://h/o/r.git\n", "https://h/o/r.git"},
		{"pushurl", "[remote \"r\"]\nurl = https://h/o/r.git\npushurl = https://push/o/r.git\n", "https://push/o/r.git"},
		{"scp-like", "[remote \"r\"]\nurl = git@h:o/r.git\n", "git@h:o/r.git"},
		{"insteadOf", "[remote \"r\"]\nurl = gh:o/r.git\n[url \"https://h/\"]\ninsteadOf = gh:\n", "https://h/o/r.git"},
		{"longest insteadOf", "[remote \"r\"]\nurl = git@h:o/r\n[url \"https://a/\"]\ninsteadOf = git@\n[url \"https://b/\"]\ninsteadOf = x:\ninsteadOf = git@h:\n", "https://b/o/r"},
		{"pushInsteadOf", "[remote \"r\"]\nurl = https://h/o/r\n[url \"https://a/\"]\ninsteadOf = https://h/\n[url \"https://p/\"]\npushInsteadOf = https://h/\n", "https://p/o/r"},
		{"pushInsteadOf is not for pushurl", "[remote \"r\"]\npushurl = https://h/o/r\nurl = https://u/\n[url \"https://p/\"]\npushInsteadOf = https://h/\n", "https://h/o/r"},
		{"insteadOf is for pushurl", "[remote \"r\"]\npushurl = https://h/o/r\nurl = https://u/\n[url \"https://p/\"]\ninsteadOf = https://h/\n", "https://p/o/r"},
		{"pushInsteadOf to the same", "[remote \"r\"]\nurl = https://h/o/r\n[url \"https://mirror/\"]\ninsteadOf = https://h/\n[url \"https://h/\"]\npushInsteadOf = https://h/\n", "https://h/o/r"},
		{"the first of equal rules", "[remote \"r\"]\nurl = x:o/r\n[url \"https://b/\"]\ninsteadOf = x:\n[url \"https://a/\"]\ninsteadOf = x:\n", "https://b/o/r"},
		{"a rule for every URL", "[remote \"r\"]\nurl = o/r\n[url \"https://a/\"]\ninsteadOf = \n", "https://a/o/r"},
		{"work tree's own", "[extensions]\nworktreeConfig = true\n[remote \"r\"]\nurl = https://h/o/r.git\n", "https://h/o/r.git"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := gittest.Init(t, aFile)
			appendTo(t, filepath.Join(dir, ".git", "config"), test.config)
			if git := gittest.Git(t, dir, "remote", "get-url", "--push", "r"); git != test.want {
				t.Fatalf("the test is wrong: git says %s", git)
			}
			got, err := open(t, dir).RemoteURL("r")
			if err != nil || got != test.want {
				t.Errorf("RemoteURL = %q, %v; want %q", got, err, test.want)
			}
		})
	}
	_, err := open(t, gittest.Init(t, aFile)).RemoteURL("origin")
	wantError(t, err, gitrepo.ErrNoRemote)
	if source.Hint(err) == "" {
		t.Error("no hint")
	}
}

// TestSettings reads what git reads: the files of the system, the user, the
// repository and the work tree, each with the files that it includes, where it
// includes them.
func TestSettings(t *testing.T) {
	dir := gittest.Init(t, aFile)
	home := t.TempDir()
	write(t, filepath.Join(home, "system"), "[remote \"s\"]\nurl = of-the-system\n[remote \"r\"]\nurl = 1\n")
	write(t, filepath.Join(home, ".gitconfig"), "[include]\npath = below/more\npath = ~/none\n[url \"last:\"]\ninsteadOf = x:\n[Include]\nPATH = ~/again\n")
	write(t, filepath.Join(home, "below", "more"), "[url \"first:\"]\ninsteadOf = x:\n[include]\npath = deeper\n")
	write(t, filepath.Join(home, "below", "deeper"), "[remote \"d\"]\nurl = of-an-included-file\n")
	write(t, filepath.Join(home, "again"), "[remote \"a\"]\nurl = included-last\n")
	appendTo(t, filepath.Join(dir, ".git", "config"), "[include]\npath = mine\n[extensions]\nworktreeConfig = true\n[remote \"x\"]\nurl = x:1\n")
	write(t, filepath.Join(dir, ".git", "mine"), "[remote \"m\"]\nurl = beside-the-repository\n")
	write(t, filepath.Join(dir, ".git", "config.worktree"), "[remote \"w\"]\nurl = of-the-work-tree\n")
	t.Setenv("GIT_CONFIG_SYSTEM", filepath.Join(home, "system"))
	t.Setenv("GIT_CONFIG_NOSYSTEM", "")
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	t.Setenv("XDG_CONFIG_HOME", "")
	repo := open(t, dir)
	for remote, want := range map[string]string{
		"s": "of-the-system", "d": "of-an-included-file", "a": "included-last", "m": "beside-the-repository", "w": "of-the-work-tree",
		"x": "first:1",
	} {
		if got, err := repo.RemoteURL(remote); err != nil || got != want {
			t.Errorf("remote %s: %q, %v; want %q", remote, got, err, want)
		}
	}
	for name, value := range map[string]string{"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_SYSTEM": os.DevNull} {
		t.Setenv(name, value)
		_, err := open(t, dir).RemoteURL("s")
		wantError(t, err, gitrepo.ErrNoRemote)
	}
	write(t, filepath.Join(dir, ".git", "mine"), "[include]\npath = config\n")
	_, err := gitrepo.Open(dir)
	if err == nil || !strings.Contains(err.Error(), "is included by more than 10 files") || source.Hint(err) == "" {
		t.Errorf("files that include each other: %v", err)
	}
	write(t, filepath.Join(dir, ".git", "mine"), "[remote\n")
	if _, err := gitrepo.Open(dir); err == nil || !strings.HasPrefix(err.Error(), filepath.Join(dir, ".git", "mine")+": ") {
		t.Errorf("the broken file is not named: %v", err)
	}
	remove(t, filepath.Join(dir, ".git", "mine"))
	write(t, filepath.Join(home, "below", "deeper"), "[broken\n")
	t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(home, "again"))
	if got, err := open(t, dir).RemoteURL("a"); err != nil || got != "included-last" {
		t.Errorf("by GIT_CONFIG_GLOBAL: %q, %v", got, err)
	}
}
