package cli_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

func TestLifeIdentity(t *testing.T) {
	t.Parallel()
	for _, l := range []life{
		{"a newer patch updates the open pull request, and adds none", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1").states(t, "created")
			first := s.at(t, 1)
			s.bump(t, 0, "1.0.2").states(t, "updated")
			s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.2")
			s.branches(t, lifeBranch)
			p := s.at(t, 1)
			if p.Head == first.Head || !strings.Contains(p.Body, "1.0.2") || strings.Contains(p.Body, "1.0.1") {
				t.Errorf("the pull request is %+v", p)
			}
			if got := s.show(t, lifeBranch, "services/a/Dockerfile"); !strings.Contains(got, ":1.0.2") {
				t.Errorf("the file is %q", got)
			}
			if subject := gittest.Git(t, s.git.Dir, "log", "-1", "--format=%s%n%P", lifeBranch); subject != "Update base to 1.0.2\n"+s.tip(t, "main") {
				t.Errorf("the commit is %q", subject)
			}
			s.settled(t, "1.0.2")
		}},
		{"an older patch does not take a newer one back", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.2")
			tip := s.tip(t, lifeBranch)
			s.bump(t, 0, "1.0.1")
			s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.2")
			if s.tip(t, lifeBranch) != tip {
				t.Error("the branch has moved")
			}
		}},
		{"two lines of an image are two pull requests", map[string]string{
			"services/a/Dockerfile": "FROM python:3.11.1\n", "services/b/Dockerfile": "FROM python:3.12.1\n", "services/c/Dockerfile": "FROM python:3.12.2\n",
		}, func(t *testing.T, s *site) {
			run := func(version string) {
				s.program(nil).run(t, "--base", "python@"+version, "--publish", "pr", "-o", "json").want(t, 0)
			}
			run("3.11.9")
			run("3.12.8")
			s.pulls(t, "1 open propagate/python-3.11 -> main: Update python to 3.11.9", "2 open propagate/python-3.12 -> main: Update python to 3.12.8")
			run("3.12.9")
			s.pulls(t, "1 open propagate/python-3.11 -> main: Update python to 3.11.9", "2 open propagate/python-3.12 -> main: Update python to 3.12.9")
			s.quiet(t, func() { run("3.11.9") })
		}},
		{"two flavours of an image are two pull requests", map[string]string{
			"services/a/Dockerfile": "FROM node:20.1.0-alpine\n", "services/b/Dockerfile": "FROM node:20.1.0-bookworm\n",
		}, func(t *testing.T, s *site) {
			for _, flavour := range []string{"alpine", "bookworm"} {
				s.program(nil).run(t, "--base", "node@20.1.1-"+flavour, "--publish", "pr", "-o", "json").want(t, 0)
			}
			if all := s.state(t).open(); len(all) != 2 || len(s.api.Pulls()) != 2 {
				t.Errorf("the pull requests are %+v", s.api.Pulls())
			}
		}},
		{"bases that are given together are one change, in whatever order", with(small(), "services/c/Dockerfile", "FROM registry.example/team/other:2.0.0\n"), func(t *testing.T, s *site) {
			one, two := []string{"--base", "base@1.0.1"}, []string{"--base", "other@2.0.1"}
			rest := []string{"--publish", "pr", "-o", "json"}
			s.program(nil).run(t, slices.Concat(one, two, rest)...).want(t, 0)
			s.pulls(t, "1 open propagate/base+other -> main: Update base to 1.0.1 and other to 2.0.1")
			s.quiet(t, func() { s.program(nil).run(t, slices.Concat(two, one, rest)...).want(t, 0) })
			two[1] = "other@2.0.2"
			s.program(nil).run(t, slices.Concat(two, one, rest)...).want(t, 0)
			s.pulls(t, "1 open propagate/base+other -> main: Update base to 1.0.1 and other to 2.0.2")
		}},
		{"each service has a pull request of its own", configured("group: service\n"), func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1").states(t, "created", "created")
			s.bump(t, 0, "1.0.2").states(t, "updated", "updated")
			if all := s.state(t).open(); len(all) != 2 || len(s.api.Pulls()) != 2 {
				t.Errorf("the pull requests are %+v", s.api.Pulls())
			}
			s.settled(t, "1.0.2")
		}},
		{"a group that the configuration names is one change, whatever it holds", with(configured("group: monthly\n"), "services/c/Dockerfile", "FROM registry.example/team/other:2.0.0\n"), func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1").states(t, "created")
			branch := s.at(t, 1).Branch
			if !strings.Contains(branch, "monthly") {
				t.Errorf("the branch is %q", branch)
			}
			s.bump(t, 0, "1.0.1", "--base", "other@2.0.1").states(t, "updated")
			s.pulls(t, "1 open "+branch+" -> main: Update base to 1.0.1 and other to 2.0.1 (monthly)")
		}},
		{"a group that the configuration names says what a run takes out of it", with(configured("group: monthly\n"), "services/c/Dockerfile", "FROM registry.example/team/other:2.0.0\n"), func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.2", "--base", "other@2.0.1").states(t, "created")
			plan := s.bump(t, 0, "1.0.2")
			plan.states(t, "updated")
			plan.notes(t, 0, "it had other:2.0.1")
			plan = s.bump(t, 0, "1.0.1", "--base", "other@2.0.1")
			plan.states(t, "updated")
			plan.notes(t, 0, "it had base:1.0.2")
		}},
		{"another base branch has pull requests of its own, and nobody's base is changed", nil, func(t *testing.T, s *site) {
			s.branchOff(t, "release-1")
			s.bump(t, 0, "1.0.1")
			main := s.at(t, 1)
			s.bump(t, 0, "1.0.1", "--ref", "origin/release-1").states(t, "created")
			s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.1", "2 open propagate/base--onto-release-1 -> release-1: Update base to 1.0.1")
			if now := s.at(t, 1); now.Body != main.Body || now.Head != main.Head {
				t.Errorf("the pull request for main is %+v, was %+v", now, main)
			}
			s.settled(t, "1.0.1")
			s.settled(t, "1.0.1", "--ref", "origin/release-1")
		}},
		{"look-up is by head and base", nil, func(t *testing.T, s *site) {
			s.branchOff(t, "release-1")
			s.bump(t, 0, "1.0.1")
			// A person proposes the same branch for another one.
			send(t, http.MethodPost, s.api.URL()+"repos/acme/platform/pulls", `{"title":"Mine","head":"propagate/base","base":"release-1","body":"Mine"}`)
			s.bump(t, 0, "1.0.2").states(t, "updated")
			s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.2", "2 open propagate/base -> release-1: Mine")
			if p := s.at(t, 2); p.Body != "Mine" {
				t.Errorf("the person's pull request is %+v", p)
			}
		}},
		{"a configured prefix begins the branches", configured("branch-prefix: bots/propagate/\n"), func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.pulls(t, "1 open bots/propagate/base -> main: Update base to 1.0.1")
			s.bump(t, 0, "1.0.2").states(t, "updated")
		}},
		{"a changed prefix still finds the old ones", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.commit(t, map[string]string{".propagate.yaml": "branch-prefix: bots/propagate/\n"})
			s.bump(t, 0, "1.0.1").states(t, "unchanged")
			s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.1")
			s.bump(t, 0, "1.0.2").states(t, "updated")
			s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.2")
			s.branches(t, lifeBranch)
		}},
		{"emergency does not change the identity", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.bump(t, 0, "1.0.1", "--emergency")
			s.pulls(t, "1 open propagate/base -> main: [emergency] Update base to 1.0.1")
		}},
	} {
		l.run(t)
	}
}

// earlier makes the branch and the pull request that an earlier version of the program made of the small
// repository for 1.0.1, with the version in its name and another mark.
func (s *site) earlier(t *testing.T) {
	t.Helper()
	const branch, title = "propagate/base-1.0.1", "Update base to 1.0.1"
	elsewhere := gittest.TempDir(t)
	gittest.Git(t, elsewhere, "clone", "--quiet", s.git.AuthURL(), ".")
	gittest.Git(t, elsewhere, "checkout", "--quiet", "-b", branch)
	h := sha256.New()
	for _, name := range []string{"a", "b"} {
		path := "services/" + name + "/Dockerfile"
		content := strings.ReplaceAll(small()[path], "FROM "+base+":1.0.0", "FROM "+base+":1.0.1")
		write(t, elsewhere, path, content)
		h.Write(fmt.Appendf(nil, "%d %s\n%d\n%s", len(path), path, len(content), content))
	}
	gittest.Git(t, elsewhere, "add", "--all")
	message := fmt.Sprintf("%s\n\nservices/a/Dockerfile:1: 1.0.0 -> 1.0.1\nservices/b/Dockerfile:2: 1.0.0 -> 1.0.1\n\nPropagate-Content: %s\nPropagate-Tree: %s\n",
		title, hex.EncodeToString(h.Sum(nil)), gittest.Git(t, elsewhere, "write-tree"))
	gittest.Git(t, elsewhere, "-c", "user.name=propagate", "commit", "--quiet", "--message", message)
	gittest.Git(t, elsewhere, "push", "--quiet", "origin", branch)
	const text = "Updates `registry.example/team/base` to `1.0.1`.\n\n| Dockerfile | change |\n| --- | --- |\n| `services/a/Dockerfile` | 1.0.1 |"
	sum := sha256.Sum256([]byte("main\x00" + title + "\x00" + text))
	body := text + "\n\n<!-- propagate:" + hex.EncodeToString(sum[:]) + " -->\n"
	send(t, http.MethodPost, s.api.URL()+"repos/acme/platform/pulls", fmt.Sprintf(`{"title":%q,"head":%q,"base":"main","body":%q}`, title, branch, body))
	send(t, http.MethodPost, s.api.URL()+"repos/acme/platform/issues/1/labels", `{"labels":["dependencies","propagate"]}`)
}

// What an earlier version of the program opened keeps its head, and is taken over.
func TestLifeTakesOverOlderNames(t *testing.T) {
	t.Parallel()
	for _, l := range []life{
		{"for the same version", nil, func(t *testing.T, s *site) {
			s.earlier(t)
			s.bump(t, 0, "1.0.1")
			s.pulls(t, "1 open propagate/base-1.0.1 -> main: Update base to 1.0.1")
			s.branches(t, "propagate/base-1.0.1")
			if body := s.at(t, 1).Body; strings.Contains(body, "<!-- propagate:") || !strings.Contains(body, "<!-- propagate v2 ") {
				t.Errorf("the body is %s", body)
			}
			s.settled(t, "1.0.1")
		}},
		{"for a newer version", nil, func(t *testing.T, s *site) {
			s.earlier(t)
			s.bump(t, 0, "1.0.2").states(t, "updated")
			s.pulls(t, "1 open propagate/base-1.0.1 -> main: Update base to 1.0.2")
			s.branches(t, "propagate/base-1.0.1")
			s.settled(t, "1.0.2")
		}},
		{"a text that a person wrote above stays", nil, func(t *testing.T, s *site) {
			s.earlier(t)
			s.edit(t, 1, map[string]string{"body": "Please wait for Friday.\n\n" + s.at(t, 1).Body})
			s.bump(t, 0, "1.0.2").states(t, "updated")
			if body := s.at(t, 1).Body; !strings.HasPrefix(body, "Please wait for Friday.\n") || !strings.Contains(body, "1.0.2") {
				t.Errorf("the body is %s", body)
			}
		}},
		{"a close of it holds for its version, and not for a newer one", nil, func(t *testing.T, s *site) {
			s.earlier(t)
			s.api.ClosePull(1)
			s.quiet(t, func() { s.bump(t, 0, "1.0.1").states(t, "left-alone") })
			s.bump(t, 0, "1.0.2").states(t, "created")
		}},
		{"a merged one is cleaned up", nil, func(t *testing.T, s *site) {
			s.earlier(t)
			s.api.MergePull(1)
			s.pullMain(t)
			s.bumped(t, 0, "1.0.1")
			s.branches(t)
		}},
		{"a commit of a person holds it", nil, func(t *testing.T, s *site) {
			s.earlier(t)
			tip := s.amend(t, "propagate/base-1.0.1", "--message", "Mine")
			s.bump(t, 0, "1.0.1").states(t, "left-alone")
			if s.tip(t, "propagate/base-1.0.1") != tip {
				t.Error("the branch has moved")
			}
		}},
	} {
		l.run(t)
	}
}
