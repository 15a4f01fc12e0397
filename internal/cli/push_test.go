package cli_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// Branches go to any remote that git reaches: over https with a credential helper, over
// ssh, and to a directory; a second run pushes nothing.
func TestPublishPush(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"http", "ssh", "directory"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			server := gittest.NewServer(t, "owner", "repo", "robot", "s3cr3t-of-the-robot")
			dir := gittest.Init(t, small())
			url := server.Dir
			switch way {
			case "http":
				url = server.URL
				gittest.Git(t, dir, "config", "credential.helper", "!f() { echo username=robot; echo password=s3cr3t-of-the-robot; }; f")
			case "ssh":
				sshd := gittest.NewSSHServer(t)
				gittest.Git(t, dir, "config", "core.sshCommand", sshd.Command)
				url = sshd.URL(server.Dir)
			}
			gittest.Git(t, dir, "push", "--quiet", server.Dir, "main")
			gittest.Git(t, dir, "remote", "add", "upstream", url)
			before := gittest.Git(t, dir, "for-each-ref", "refs/heads") + gittest.Git(t, dir, "status", "--porcelain=v2", "--branch")
			// A token of GitHub is of no use there.
			p := program{dir: dir, env: map[string]string{"GITHUB_TOKEN": token}}
			args := []string{"--base", "base@1.0.1", "--group", "service", "--publish", "push", "--remote", "upstream", "-o", "json"}
			for _, state := range []string{"created", "unchanged"} {
				var doc planDocument
				if err := json.Unmarshal([]byte(p.run(t, args...).want(t, 0).stdout), &doc); err != nil {
					t.Fatal(err)
				}
				for _, change := range doc.Changes {
					tip, _ := gittest.Try(t, server.Dir, "rev-parse", change.Branch)
					if change.State != state || change.Commit != tip || change.Pull.Number != 0 {
						t.Errorf("%s is %s at %s, and the server has %s", change.Branch, change.State, change.Commit, tip)
					}
				}
				if len(doc.Changes) < 2 {
					t.Errorf("%d changes", len(doc.Changes))
				}
			}
			if after := gittest.Git(t, dir, "for-each-ref", "refs/heads") + gittest.Git(t, dir, "status", "--porcelain=v2", "--branch"); after != before {
				t.Errorf("the clone was\n%s\nand is\n%s", before, after)
			}
		})
	}
}

// What is printed of a branch that was pushed: the merge request that GitLab opened, or
// the page on which a person opens one.
func TestPublishPushSaysWhereToLook(t *testing.T) {
	t.Parallel()
	server := gittest.NewServer(t, "owner", "repo", "", "")
	dir := gittest.Init(t, small())
	gittest.Git(t, dir, "push", "--quiet", server.Dir, "main")
	gittest.Git(t, dir, "remote", "add", "origin", server.URL)
	host := strings.TrimSuffix(server.URL, "/owner/repo.git")
	args := []string{"--base", "base@1.0.1", "--publish", "push", "--remote-kind"}
	in(dir).run(t, append(args, "gitea")...).want(t, 0).says(t, "to open a pull request: "+host+"/owner/repo/compare/main...propagate/base")
	gittest.Git(t, server.Dir, "config", "receive.advertisePushOptions", "true")
	server.Hook(t, "post-receive", "echo 'View merge request for it:'; echo '  "+host+"/owner/repo/-/merge_requests/12'; echo "+token)
	args[1] = "base@1.0.2"
	in(dir).run(t, append(args, "gitlab")...).want(t, 0).says(t, "pull request #12  "+host+"/owner/repo/-/merge_requests/12")
}

// What cannot be pushed is refused before anything is asked for, and a remote that
// refuses is named with the reason.
func TestPublishPushRefuses(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	base := []string{"--base", "base@1.0.1"}
	for _, test := range []struct {
		args   []string
		status int
		says   []string
	}{
		{[]string{"--publish", "push"}, 2, []string{"remote origin: no such remote", "git remote add origin"}},
		{[]string{"--publish", "push", "--remote", "--upload-pack=x"}, 2, []string{"no such remote"}},
		{[]string{"--publish", "push", "--remote-kind", "svn"}, 2, []string{"--remote-kind svn: there is no such kind", "gitlab"}},
		{[]string{"--publish", "pr", "--remote", "upstream"}, 2, []string{"--remote upstream: only --publish push"}},
		{[]string{"--publish", "branch", "--remote-kind", "gitlab"}, 2, []string{"--remote-kind gitlab: it is for --publish push"}},
		{[]string{"--publish", "push", "--dry-run"}, 2, []string{"no such remote"}},
	} {
		in(dir).run(t, append(base, test.args...)...).want(t, test.status).says(t, test.says...)
	}
	gittest.Git(t, dir, "remote", "add", "upstream", dir+"/nothing")
	in(dir).run(t, append(base, "--publish", "push")...).want(t, 2).says(t, "the remotes here: upstream")
	in(dir).run(t, append(base, "--publish", "push", "--remote", "upstream")...).want(t, 1).says(t, "repository not found", "hint: ")
}
