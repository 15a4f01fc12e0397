package gitrepo_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/source"
)

// An identityCase is a repository with the files of a home directory, an
// environment and what is to come of them.
type identityCase struct {
	name   string
	home   map[string]string // files below the home directory
	local  string            // in the repository's own file
	env    map[string]string
	author string // "name <email>", and the committer if that is "" below
	commit string
	signed bool // the commits are to be
	notes  []string
	// conditional cases need git, which alone follows conditions.
	conditional bool
}

var identityCases = []identityCase{
	{name: "user", home: map[string]string{".gitconfig": "[user]\nname = Home\nemail = home@x\n"}, author: "Home <home@x>"},
	{
		name: "user, by XDG and home", author: "Home <xdg@x>",
		home: map[string]string{"xdg/git/config": "[user]\nname = XDG\nemail = xdg@x\n", ".gitconfig": "[user]\nname = Home\n"},
		env:  map[string]string{"XDG_CONFIG_HOME": "HOME/xdg"},
	},
	{
		name: "repository before user", author: "Home <local@x>", local: "[user]\nemail = local@x\n",
		home: map[string]string{".gitconfig": "[user]\nname = Home\nemail = home@x\n"},
	},
	{name: "last one counts", local: "[user]\nname = A\nemail = a@x\n[User]\nNAME = B\n", author: "B <a@x>"},
	{name: "quotes, umlauts, comment", local: "[user]\nname = \"Jörg # X\" # c\nemail = j@x\n", author: "Jörg # X <j@x>"},
	{name: "what a commit cannot quote", local: "[user]\nname = \" <A> B, \\n.C;\"\nemail = \" <a@x> \"\n", author: "A B, .C <a@x>"},
	{
		name: "system", author: "System <system@x>",
		home: map[string]string{"system": "[user]\nname = System\nemail = system@x\n"},
		env:  map[string]string{"GIT_CONFIG_SYSTEM": "HOME/system", "GIT_CONFIG_NOSYSTEM": "0"},
	},
	{
		name: "include", author: "Included <after@x>",
		home: map[string]string{".gitconfig": "[user]\nemail = before@x\n[include]\npath = work.inc\n[user]\nemail = after@x\n", "work.inc": "[user]\nname = Included\nemail = included@x\n"},
	},
	{
		name: "author and committer apart", author: "A <a@x>", commit: "C <c@x>",
		local: "[user]\nname = U\nemail = u@x\n[author]\nname = A\nemail = a@x\n[committer]\nname = C\nemail = c@x\n",
	},
	{
		name: "environment before configuration", author: "EA <ea@x>", commit: "EC <u@x>", local: "[user]\nname = U\nemail = u@x\n",
		env: map[string]string{"GIT_AUTHOR_NAME": "EA", "GIT_AUTHOR_EMAIL": "ea@x", "GIT_COMMITTER_NAME": "EC"},
	},
	{name: "EMAIL", author: "U <mail@x>", local: "[user]\nname = U\n", env: map[string]string{"EMAIL": "mail@x"}},
	{name: "EMAIL is last", author: "U <u@x>", local: "[user]\nname = U\nemail = u@x\n", env: map[string]string{"EMAIL": "mail@x"}},
	{
		name: "commits are to be signed", author: "U <u@x>", local: "[user]\nname = U\nemail = u@x\n[commit]\ngpgSign = yes\n", signed: true,
	},
	{name: "commits are not to be signed", author: "U <u@x>", local: "[user]\nname = U\nemail = u@x\n[commit]\ngpgSign = off\n"},
	{
		name: "includeIf gitdir", author: "Work <work@x>", conditional: true,
		home: map[string]string{".gitconfig": "[user]\nname = Home\nemail = home@x\n[includeIf \"gitdir:REPO/\"]\npath = work.inc\n", "work.inc": "[user]\nname = Work\nemail = work@x\n"},
	},
	{
		name: "includeIf gitdir/i", author: "Work <work@x>", conditional: true,
		home: map[string]string{".gitconfig": "[user]\nname = Home\nemail = home@x\n[includeIf \"gitdir/i:**/.GIT\"]\npath = work.inc\n", "work.inc": "[user]\nname = Work\nemail = work@x\n"},
	},
	{
		name: "includeIf onbranch", author: "Main <main@x>", conditional: true,
		home: map[string]string{".gitconfig": "[user]\nname = Home\nemail = home@x\n[includeIf \"onbranch:ma*\"]\npath = work.inc\n", "work.inc": "[user]\nname = Main\nemail = main@x\n"},
	},
	{
		name: "includeIf hasconfig", author: "Remote <remote@x>", conditional: true, local: "[remote \"origin\"]\nurl = https://work.example/a/b.git\n",
		home:   map[string]string{".gitconfig": "[user]\nname = Home\nemail = home@x\n[includeIf \"hasconfig:remote.*.url:https://work.example/**\"]\npath = work.inc\n", "work.inc": "[user]\nname = Remote\nemail = remote@x\n[commit]\ngpgsign = true\n"},
		signed: true,
	},
	{
		name: "nobody", author: "propagate <propagate@localhost>",
		notes: []string{"user.name and user.email are not set: the author of the commits is propagate <propagate@localhost>"},
	},
	{
		name: "nobody, with EMAIL", author: "propagate <mail@x>", env: map[string]string{"EMAIL": "mail@x"},
		notes: []string{"user.name is not set: the author of the commits is propagate <mail@x>"},
	},
	{
		name: "no email", author: "U <propagate@localhost>", local: "[user]\nname = U\n",
		notes: []string{"user.email is not set: the author of the commits is U <propagate@localhost>"},
	},
	{
		name: "an author alone", author: "EA <ea@x>", commit: "propagate <propagate@localhost>",
		env:   map[string]string{"GIT_AUTHOR_NAME": "EA", "GIT_AUTHOR_EMAIL": "ea@x"},
		notes: []string{"user.name and user.email are not set: the committer of the commits is propagate <propagate@localhost>"},
	},
}

// setUp makes the repository of a case and returns it with the environment.
func (c identityCase) setUp(t *testing.T) (repo *gitrepo.Repo, dir string, env map[string]string) {
	t.Helper()
	dir, home := gittest.Init(t, aFile), gittest.TempDir(t)
	fill := func(text string) string {
		return strings.NewReplacer("HOME/", home+"/", "REPO/", dir+"/").Replace(text)
	}
	for name, text := range c.home {
		write(t, filepath.Join(home, filepath.FromSlash(name)), fill(text))
	}
	appendTo(t, filepath.Join(dir, ".git", "config"), c.local)
	env = map[string]string{"HOME": home}
	for name, value := range c.env {
		env[name] = fill(value)
	}
	return open(t, dir), dir, env
}

func lookUp(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

// check compares who makes commits with what is to come of the case.
func (c identityCase) check(t *testing.T, ids gitrepo.Identities, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{c.author, c.commit}
	if c.commit == "" {
		want[1] = c.author
	}
	for i, got := range []gitrepo.Signature{ids.Author, ids.Committer} {
		if text := got.Name + " <" + got.Email + ">"; text != want[i] || !got.When.IsZero() {
			t.Errorf("%s is %s at %v, want %s", []string{"the author", "the committer"}[i], text, got.When, want[i])
		}
	}
	if (ids.Signer != nil) != c.signed {
		t.Errorf("the commits are to be signed: %v, want %v", ids.Signer != nil, c.signed)
	}
	if !slices.Equal(ids.Notes, c.notes) {
		t.Errorf("the notes are %q, want %q", ids.Notes, c.notes)
	}
}

// TestIdentities asks as git has it, and lets git make a commit in the same
// surroundings wherever it does not refuse to.
func TestIdentities(t *testing.T) {
	t.Parallel()
	for _, c := range identityCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			repo, dir, env := c.setUp(t)
			ids, err := repo.Identities(t.Context(), lookUp(env))
			c.check(t, ids, err)
			if strings.Contains(c.author+c.commit, "propagate") {
				return
			}
			git := plainGit(t, dir, env)
			git("-c", "commit.gpgsign=false", "commit", "--quiet", "--allow-empty", "-m", "x")
			want := strings.Split(git("log", "-1", "--format=%an <%ae>%n%cn <%ce>"), "\n")
			if c.commit == "" {
				c.commit = c.author
			}
			if !slices.Equal(want, []string{c.author, c.commit}) {
				t.Errorf("git itself commits as %q", want)
			}
		})
	}
}

// plainGit runs git with an environment that is added to the machine's.
func plainGit(t *testing.T, dir string, env map[string]string) func(args ...string) string {
	return func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = dir
		cmd.Env = slices.DeleteFunc(os.Environ(), func(kv string) bool {
			return strings.HasPrefix(kv, "GIT_AUTHOR") || strings.HasPrefix(kv, "GIT_COMMITTER")
		})
		for _, name := range slices.Sorted(maps.Keys(env)) {
			cmd.Env = append(cmd.Env, name+"="+env[name])
		}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
}

// Without the git program the answers are the same, but for conditions, about
// which there is a note.
func TestIdentitiesWithoutGit(t *testing.T) {
	for _, c := range identityCases {
		t.Run(c.name, func(t *testing.T) {
			_, dir, env := c.setUp(t)
			t.Setenv("PATH", t.TempDir())
			t.Setenv("XDG_CONFIG_HOME", "")
			for name, value := range env {
				t.Setenv(name, value)
			}
			t.Setenv("USERPROFILE", env["HOME"])
			if c.conditional {
				c.author, c.signed = "Home <home@x>", false
				c.notes = []string{"there is no git program on PATH, so what the git configuration includes on a condition (includeIf) is not read: another author may be meant"}
			}
			ids, err := open(t, dir).Identities(t.Context(), lookUp(env))
			c.check(t, ids, err)
		})
	}
}

// A configuration that git does not read is no reason to commit as nobody.
func TestIdentitiesOfABrokenConfiguration(t *testing.T) {
	t.Parallel()
	c := identityCase{
		home: map[string]string{".gitconfig": "[user\nname = x\n"}, local: "[user]\nname = Local\nemail = local@x\n", author: "Local <local@x>",
	}
	repo, _, env := c.setUp(t)
	c.notes = []string{"git does not read its configuration: bad config line 1 in file " + env["HOME"] + "/.gitconfig; the author is what could be read without it"}
	ids, err := repo.Identities(t.Context(), lookUp(env))
	c.check(t, ids, err)
}

// A condition on a place knows it by the name that the repository was opened by, too.
func TestIdentitiesThroughALink(t *testing.T) {
	t.Parallel()
	c := identityCase{
		home:   map[string]string{".gitconfig": "[includeIf \"gitdir:HOME/linked/\"]\npath = work.inc\n", "work.inc": "[user]\nname = Work\nemail = work@x\n"},
		author: "Work <work@x>",
	}
	_, dir, env := c.setUp(t)
	link := filepath.Join(env["HOME"], "linked")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	ids, err := open(t, link).Identities(t.Context(), lookUp(env))
	c.check(t, ids, err)
}

// TestDates compares with what git makes of the same dates.
func TestDates(t *testing.T) {
	dir := gittest.Init(t, aFile)
	appendTo(t, filepath.Join(dir, ".git", "config"), "[user]\nname = U\nemail = u@x\n")
	repo, path := open(t, dir), os.Getenv("PATH")
	for text, valid := range map[string]bool{
		"@5 +0100": true, "1234567890": true, "1234567890 +0200": true, "@1772597167 -0330": true,
		"2005-04-07T22:13:13": true, "2005-04-07 22:13:13": true, "2005-04-07T22:13:13Z": true, "2005-04-07T22:13:13+02:00": true,
		"2005-04-07T22:13:13.5+0200": true, "2005-04-07 22:13:13 +0200": true, "2005-04-07T22:13:13 UTC": true,
		"Thu, 07 Apr 2005 22:13:13 +0200": true, "7 Apr 2005 22:13:13 -0700": true, "Thu Apr 7 22:13:13 2005 +0200": true,
		"2005.04.07 22:13:13": true, "04/07/2005 22:13:13": true, "07.04.2005 22:13:13": true,
		"yesterday": false, "2005-04-07": false, "12345678 +0200": false, "@5": false, "@-5 +0000": false, "1969-01-01T00:00:00Z": false,
		"@99999999999999999999 +0000": false,
	} {
		for _, variable := range []string{"GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"} {
			env := map[string]string{variable: text}
			var want string
			if valid {
				git := plainGit(t, dir, env)
				git("commit", "--quiet", "--allow-empty", "-m", "x")
				want = git("log", "-1", "--date=raw", "--format="+map[string]string{"GIT_AUTHOR_DATE": "%ad", "GIT_COMMITTER_DATE": "%cd"}[variable])
			}
			for _, with := range []string{path, ""} {
				t.Setenv("PATH", with)
				ids, err := repo.Identities(t.Context(), lookUp(env))
				t.Setenv("PATH", path)
				if !valid {
					if err == nil || !strings.HasPrefix(err.Error(), variable+": ") || !strings.Contains(err.Error(), text) || source.Hint(err) == "" {
						t.Errorf("%q, PATH=%s: %v, want an error with a hint", text, with, err)
					}
					continue
				}
				if err != nil {
					t.Errorf("%q, PATH=%s: %v", text, with, err)
					continue
				}
				when := ids.Author.When
				if variable == "GIT_COMMITTER_DATE" {
					when = ids.Committer.When
				}
				if got := fmt.Sprint(when.Unix()) + when.Format(" -0700"); got != want {
					t.Errorf("%q, PATH=%s: %s, git says %s", text, with, got, want)
				}
			}
		}
	}
}

func TestNamesOfNothing(t *testing.T) {
	dir := gittest.Init(t, aFile)
	appendTo(t, filepath.Join(dir, ".git", "config"), "[user]\nname = \"<;>\"\nemail = u@x\n")
	for _, path := range []string{os.Getenv("PATH"), ""} {
		t.Setenv("PATH", path)
		_, err := open(t, dir).Identities(t.Context(), lookUp(nil))
		if err == nil || !strings.Contains(err.Error(), "the name of the author holds nothing") || source.Hint(err) == "" {
			t.Errorf("PATH=%s: %v", path, err)
		}
	}
}
