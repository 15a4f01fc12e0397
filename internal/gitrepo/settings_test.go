package gitrepo_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

func TestIdentity(t *testing.T) {
	for _, test := range []struct {
		name             string
		xdg, home, local string // configuration files, relative to nothing
		wantName         string
		wantEmail        string
	}{
		{"nowhere", "", "", "", "", ""},
		{"user", "", "[user]\nname = Home\nemail = home@x\n", "", "Home", "home@x"},
		{"user, by XDG", "[user]\nname = XDG\nemail = xdg@x\n", "", "", "XDG", "xdg@x"},
		{"user, both", "[user]\nname = XDG\nemail = xdg@x\n", "[user]\nname = Home\n", "", "Home", "xdg@x"},
		{"repository before user", "", "[user]\nname = Home\nemail = home@x\n", "[user]\nemail = local@x\n", "Home", "local@x"},
		{"last one counts", "", "", "[user]\nname = A\n[User]\nNAME = B\n", "B", ""},
		{"broken user file", "", "[user\nname = x\n", "[user]\nname = Local\n", "Local", ""},
		{"quotes, umlauts, comment and byte order mark", "", "\xef\xbb\xbf[user]\nname = \"Jörg # X\" # c\n", "", "Jörg # X", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := gittest.Init(t, aFile)
			home := t.TempDir()
			t.Setenv("HOME", home)
			t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "xdg"))
			write(t, filepath.Join(home, "xdg", "git", "config"), test.xdg)
			write(t, filepath.Join(home, ".config", "git", "config"), "[user]\nname = not read beside XDG_CONFIG_HOME\n")
			write(t, filepath.Join(home, ".gitconfig"), test.home)
			appendTo(t, filepath.Join(dir, ".git", "config"), test.local)
			repo, err := gitrepo.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = repo.Close() })
			if name, email := repo.Identity(); name != test.wantName || email != test.wantEmail {
				t.Errorf("Identity() = %q, %q; want %q, %q", name, email, test.wantName, test.wantEmail)
			}
		})
	}
}

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

func TestIdentityWithoutXDG(t *testing.T) {
	dir := gittest.Init(t, aFile)
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", "")
	write(t, filepath.Join(home, ".config", "git", "config"), "[user]\nname = Config\nemail = config@x\n")
	write(t, filepath.Join(home, ".gitconfig"), "[user]\nname = Home\n")
	if name, email := open(t, dir).Identity(); name != "Home" || email != "config@x" {
		t.Errorf("Identity() = %q, %q", name, email)
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
	if gitrepo.Hint(err) == "" {
		t.Error("no hint")
	}
}

// TestSettingsOfTheWorkTree: with extensions.worktreeConfig what counts lies in
// a file of its own.
func TestSettingsOfTheWorkTree(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	gittest.Git(t, dir, "config", "extensions.worktreeConfig", "true")
	gittest.Git(t, dir, "config", "user.name", "shared")
	gittest.Git(t, dir, "config", "--worktree", "user.name", "own")
	if name, _ := open(t, dir).Identity(); name != "own" {
		t.Errorf("Identity() = %q, want the one of the work tree", name)
	}
}
