package cli_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// propose opens a pull request as a person.
func (s *site) propose(t *testing.T, title, branch, body string) {
	t.Helper()
	data, err := json.Marshal(map[string]string{"title": title, "head": branch, "base": "main", "body": body})
	if err != nil {
		t.Fatal(err)
	}
	send(t, http.MethodPost, s.api.URL()+"repos/acme/platform/pulls", string(data))
}

// What looks like a pull request or a branch of a change, and is another's, is not taken for it.
func TestLifeIsNotMistaken(t *testing.T) {
	t.Parallel()
	for _, l := range []life{
		{"a merged service that is called like the second branch of another", map[string]string{
			"services/api/Dockerfile": from("1.0.0"), "services/api-2/Dockerfile": from("1.0.0"), ".propagate.yaml": "group: service\n",
		}, func(t *testing.T, s *site) {
			const api, api2 = "propagate/base--service-services.api", "propagate/base--service-services.api-2"
			s.bump(t, 0, "1.0.1")
			s.api.MergePull(2)
			s.pullMain(t)
			s.bump(t, 0, "1.0.1")
			s.pulls(t, "1 open "+api+" -> main: Update base to 1.0.1 in services/api/Dockerfile", "2 merged "+api2+" -> main: Update base to 1.0.1 in services/api-2/Dockerfile")
		}},
		{"a merged service that is called like the second branch of one that a person holds", map[string]string{
			"services/api/Dockerfile": from("1.0.0"), "services/api-2/Dockerfile": from("1.0.0"), ".propagate.yaml": "group: service\n",
		}, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.MergePull(2)
			s.pullMain(t)
			s.person(t, "propagate/base--service-services.api", map[string]string{"mine.txt": "mine\n"})
			s.commit(t, map[string]string{"services/api-2/Dockerfile": from("1.0.2")})
			s.bump(t, 0, "1.0.2").states(t, "created")
			if p := s.at(t, 3); p.Branch != "propagate/base--service-services.api-3" || !strings.Contains(p.Body, "#1") {
				t.Errorf("the pull request is %+v", p)
			}
		}},
		{"an image that is called like the second branch of another", with(small(), "services/c/Dockerfile", "FROM registry.example/team/base-2:1.0.0\n"), func(t *testing.T, s *site) {
			s.program(nil).run(t, "--base", "team/base-2@1.0.1", "--publish", "pr").want(t, 0)
			s.api.MergePull(1)
			s.pullMain(t)
			run := func() { s.program(nil).run(t, "--base", "team/base@1.0.1", "--publish", "pr").want(t, 0) }
			run()
			s.quiet(t, run)
			s.pulls(t, "1 merged propagate/base-2 -> main: Update base-2 to 1.0.1", "2 open propagate/base -> main: Update base to 1.0.1")
			s.branches(t, lifeBranch, "propagate/base-2")
		}},
		{"a description that a person copied", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.branchOff(t, "mine")
			tip := s.person(t, "mine", map[string]string{"mine.txt": "mine\n"})
			body := "As in\n" + s.at(t, 1).Body
			s.propose(t, "Mine", "mine", body)
			s.settled(t, "1.0.1")
			s.bump(t, 0, "1.0.2").states(t, "updated")
			s.api.MergePull(1)
			s.pullMain(t)
			s.bump(t, 0, "1.0.3").states(t, "created")
			s.pulls(t, "1 merged propagate/base -> main: Update base to 1.0.2", "2 open mine -> main: Mine", "3 open propagate/base -> main: Update base to 1.0.3")
			if s.at(t, 2).Body != body || s.tip(t, "mine") != tip {
				t.Errorf("the person's pull request is %+v", s.at(t, 2))
			}
			s.commented(t, 2)
		}},
		{"a description and a commit that a person took along", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			gittest.Git(t, s.git.Dir, "branch", "mine", lifeBranch)
			s.propose(t, "Mine", "mine", s.at(t, 1).Body)
			s.commit(t, map[string]string{"services/a/Dockerfile": from("1.0.1"), "services/b/Dockerfile": from("1.0.1")})
			s.bump(t, 0, "1.0.1").closes(t, 1)
			s.branches(t, "mine")
			s.pulls(t, "1 closed propagate/base -> main: Update base to 1.0.1", "2 open mine -> main: Mine")
		}},
		{"a change that a clone which is behind does not know", configured("group: service\n"), func(t *testing.T, s *site) {
			old := s.tip(t, "main")
			s.commit(t, map[string]string{"services/new/Dockerfile": from("1.0.0")})
			s.bump(t, 0, "1.0.1").states(t, "created", "created", "created")
			s.bump(t, 0, "1.0.1", "--ref", old).closes(t)
			if p := s.at(t, 3); p.State != forge.Open {
				t.Errorf("the pull request is %+v", p)
			}
		}},
		{"old pull requests that the new one supersedes do not take up its place", configured("group: service\npulls: {max-open: 2}\n"), func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1").states(t, "created", "created")
			s.commit(t, map[string]string{".propagate.yaml": "group: all\npulls: {max-open: 2}\n"})
			plan := s.bump(t, 0, "1.0.1")
			plan.states(t, "created")
			plan.closes(t, 1, 2)
		}},
		{"a pull request that was closed here and that a person opened again", configured("group: service\n"), func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			p := s.at(t, 1)
			s.commit(t, map[string]string{".propagate.yaml": "group: all\n"})
			s.bump(t, 0, "1.0.1").closes(t, 1, 2)
			gittest.Git(t, s.git.Dir, "branch", p.Branch, p.Head)
			s.api.ReopenPull(1)
			s.settled(t, "1.0.1")
			if p := s.at(t, 1); p.State != forge.Open {
				t.Errorf("the pull request is %+v", p)
			}
		}},
		{"a close under another prefix", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.ClosePull(1)
			for _, prefix := range []string{"bots/", "others/"} {
				s.commit(t, map[string]string{".propagate.yaml": "branch-prefix: " + prefix + "\n"})
				s.quiet(t, func() { s.bump(t, 0, "1.0.1").states(t, "left-alone") })
			}
			s.bump(t, 0, "1.0.2").states(t, "created")
			s.api.ClosePull(2)
			s.commit(t, map[string]string{".propagate.yaml": "branch-prefix: third/\n"})
			s.quiet(t, func() { s.bump(t, 0, "1.0.2").states(t, "left-alone") })
		}},
		{"a revert of an earlier of two merges", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.MergePull(1)
			s.pullMain(t)
			s.commit(t, map[string]string{"services/new/Dockerfile": from("1.0.0")})
			s.bump(t, 0, "1.0.1").states(t, "created")
			s.api.MergePull(2)
			s.pullMain(t)
			s.commit(t, map[string]string{"services/a/Dockerfile": from("1.0.0")})
			s.bump(t, 0, "1.0.1").states(t, "left-alone")
		}},
		{"a held branch whose description is gone", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.edit(t, 1, map[string]string{"body": ""})
			s.person(t, lifeBranch, map[string]string{"mine.txt": "mine\n"})
			s.person(t, lifeBranch, map[string]string{"mine.txt": "mine too\n"})
			s.quiet(t, func() { s.bump(t, 0, "1.0.1").states(t, "left-alone") })
			s.bump(t, 0, "1.0.2").states(t, "created")
			s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.1", "2 open propagate/base-2 -> main: Update base to 1.0.2")
		}},
	} {
		l.run(t)
	}
}
