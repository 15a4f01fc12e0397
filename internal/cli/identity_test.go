package cli_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// Who makes the commits is what git says; what it is not told is filled in, with a
// note. Author and committer are not mixed up.
func TestAuthor(t *testing.T) {
	t.Parallel()
	home := gittest.TempDir(t)
	write(t, home, ".gitconfig", "[includeIf \"gitdir:**\"]\npath = work.inc\n")
	write(t, home, "work.inc", "[user]\nname = Wanda Work\nemail = wanda@example.com\n")
	ada := map[string]string{"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com", "GIT_AUTHOR_DATE": "@1700000000 +0100"}
	at := " " + strings.Replace(now.Format(time.RFC3339), "Z", "+00:00", 1)
	for _, test := range []struct {
		name              string
		config            bool
		env               map[string]string
		author, committer string
		note              string
	}{
		{"nobody says", false, nil, "propagate <propagate@localhost>" + at, "propagate <propagate@localhost>" + at,
			"note: user.name and user.email are not set: the author of the commits is propagate <propagate@localhost>\n"},
		{"the configuration of the repository", true, nil, "Cora Config <cora@example.com>" + at, "Cora Config <cora@example.com>" + at, ""},
		{"the user's, on a condition", false, map[string]string{"HOME": home}, "Wanda Work <wanda@example.com>" + at, "Wanda Work <wanda@example.com>" + at, ""},
		{"the environment", true, ada, "Ada <ada@example.com> 2023-11-14T23:13:20+01:00", "Cora Config <cora@example.com>" + at, ""},
		{"an environment that means no good", true, map[string]string{"GIT_AUTHOR_NAME": "Ada\n<b>", "GIT_AUTHOR_EMAIL": "ada@example.com>\nparent 0"},
			"Adab <ada@example.comparent 0>" + at, "Cora Config <cora@example.com>" + at, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := gittest.Init(t, small())
			if test.config {
				gittest.Git(t, dir, "config", "user.name", "Cora Config")
				gittest.Git(t, dir, "config", "user.email", "cora@example.com")
			}
			r := program{dir: dir, env: test.env}.run(t, "--base", "base@1.0.1", "--publish", "branch").want(t, 0)
			if !strings.Contains(r.stderr, test.note) || test.note == "" && strings.Contains(r.stderr, "of the commits") {
				t.Errorf("standard error is %q, want the note %q", r.stderr, test.note)
			}
			got := gittest.Git(t, dir, "log", "-1", "--format=%an <%ae> %aI%n%cn <%ce> %cI", baseBranch)
			if utc := strings.ReplaceAll(got, "Z", "+00:00"); utc != test.author+"\n"+test.committer {
				t.Errorf("the commit is by\n%s, want\n%s\n%s", utc, test.author, test.committer)
			}
			log := gittest.Git(t, dir, "reflog", "show", "--date=unix", "--format=%gn <%ge> %gs", baseBranch)
			who, _, _ := strings.Cut(test.committer, at)
			if want := who + " propagate: created from " + gittest.Git(t, dir, "rev-parse", "--short=12", "HEAD"); log != want {
				t.Errorf("the reflog says %q, want %q", log, want)
			}
			if out, err := gittest.Try(t, dir, "fsck", "--strict"); err != nil {
				t.Errorf("git fsck: %v\n%s", err, out)
			}
		})
	}
}

// A branch that is made again has both places in its reflog.
func TestReflogOfABranchThatMoves(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	in(dir).run(t, "--base", "base@1.0.1", "--publish", "branch").want(t, 0)
	first := gittest.Git(t, dir, "rev-parse", baseBranch)
	gittest.Commit(t, dir, "another service", map[string]string{"services/c/Dockerfile": from("1.0.0")})
	in(dir).run(t, "--base", "base@1.0.1", "--publish", "branch").want(t, 0).says(t, "updated: ")
	head := gittest.Git(t, dir, "rev-parse", "--short=12", "HEAD")
	log := gittest.Git(t, dir, "reflog", "show", "--format=%gs", baseBranch)
	if want := "propagate: updated from " + head + "\npropagate: created from "; !strings.HasPrefix(log, want) {
		t.Errorf("the reflog says %q, want %q", log, want)
	}
	if got := gittest.Git(t, dir, "rev-parse", baseBranch+"@{1}"); got != first {
		t.Errorf("the branch was at %s before, its reflog says %s", first, got)
	}
}

// A date that git does not know stops the run before anything is written.
func TestDateThatIsNone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"} {
		dir := gittest.Init(t, small())
		before := everything(t, dir)
		r := program{dir: dir, env: map[string]string{name: "the day before"}}.run(t, "--base", "base@1.0.1", "--publish", "branch").want(t, 2)
		r.says(t, "propagate: "+name+": \"the day before\" is no date that git knows\nhint: write it as 2026-03-04T05:06:07+01:00, ")
		if got := differences(before, everything(t, dir)); len(got) > 0 {
			t.Errorf("it changed %v", got)
		}
	}
}

// Commits are signed where git is told to sign them, and what signs them is asked for nothing else.
func TestSignedCommits(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	key := filepath.Join(gittest.TempDir(t), "id")
	if out, err := exec.CommandContext(t.Context(), "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	for _, args := range [][]string{{"commit.gpgSign", "true"}, {"gpg.format", "ssh"}, {"user.signingKey", key}} {
		gittest.Git(t, dir, append([]string{"config"}, args...)...)
	}
	args := []string{"--base", "base@1.0.1", "--publish", "branch", "-o", "json"}
	made := document[planDocument](t, in(dir).run(t, args...).want(t, 0)).Changes
	for _, change := range made {
		if raw := gittest.Git(t, dir, "cat-file", "commit", change.Commit); !strings.Contains(raw, "\ngpgsig -----BEGIN SSH SIGNATURE-----\n") {
			t.Errorf("%s is not signed:\n%s", change.Branch, raw)
		}
	}
	gittest.Git(t, dir, "config", "user.signingKey", "/nowhere/id")
	for i, change := range document[planDocument](t, in(dir).run(t, args...).want(t, 0)).Changes {
		if change.State != "unchanged" || change.Commit != made[i].Commit {
			t.Errorf("the next run finds %s %s, at %s", change.Branch, change.State, change.Commit)
		}
	}
	in(dir).run(t, "--base", "base@1.0.1", "--publish", "files").want(t, 0)
	gittest.Git(t, dir, "checkout", "--quiet", "--force", "main")
	in(dir).run(t, "--base", "base@1.0.2", "--publish", "branch").want(t, 1).says(t, "signing the commit, as commit.gpgsign asks for: ", "/nowhere/id", "hint: see that `git commit -S` works")
}
