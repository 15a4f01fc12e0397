package cli_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

func TestLifePeopleWin(t *testing.T) {
	t.Parallel()
	for _, l := range []life{
		{"a close holds for the version", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.ClosePull(1)
			s.quiet(t, func() {
				plan := s.bump(t, 0, "1.0.1")
				plan.states(t, "left-alone")
				plan.notes(t, 0, "#1", "closed")
			})
		}},
		{"a close holds when its branch is deleted, and when the files change", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.ClosePull(1)
			s.deleteBranch(t, lifeBranch)
			s.commit(t, conflict)
			s.quiet(t, func() { s.bump(t, 0, "1.0.1").states(t, "left-alone") })
		}},
		{"a close does not hold for a newer version, which goes to the same branch", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.ClosePull(1)
			s.bump(t, 0, "1.0.2").states(t, "created")
			s.pulls(t, "1 closed propagate/base -> main: Update base to 1.0.1", "2 open propagate/base -> main: Update base to 1.0.2")
			s.branches(t, lifeBranch)
			s.settled(t, "1.0.2")
			// Nor does the older version come back.
			s.bump(t, 0, "1.0.1")
			s.pulls(t, "1 closed propagate/base -> main: Update base to 1.0.1", "2 open propagate/base -> main: Update base to 1.0.2")
		}},
		{"a close holds for the version that its text names, though a newer one was pushed already", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.Fail(forgetest.On("PATCH", "/pulls/1"), 1, forgetest.Fault{Status: 422, Body: forgetest.Message("Validation Failed")})
			s.bumped(t, 3, "1.0.2")
			s.api.ClosePull(1)
			s.bump(t, 0, "1.0.2").states(t, "created")
			s.pulls(t, "1 closed propagate/base -> main: Update base to 1.0.1", "2 open propagate/base -> main: Update base to 1.0.2")
		}},
		{"a close holds when the title and the text were edited before", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.edit(t, 1, map[string]string{"title": "Not now", "body": "Not now.\n\n" + s.at(t, 1).Body})
			s.api.ClosePull(1)
			s.quiet(t, func() { s.bump(t, 0, "1.0.1").states(t, "left-alone") })
		}},
		{"a pull request that is opened again is updated again", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.ClosePull(1)
			s.bump(t, 0, "1.0.1").states(t, "left-alone")
			s.api.ReopenPull(1)
			s.bump(t, 0, "1.0.2").states(t, "updated")
			s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.2")
		}},
		{"a commit of a person holds the branch", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			tip := s.person(t, lifeBranch, map[string]string{"services/a/Dockerfile": from("1.0.1") + "EXPOSE 80\n"})
			s.commit(t, conflict)
			s.bump(t, 0, "1.0.1").states(t, "left-alone")
			if s.tip(t, lifeBranch) != tip {
				t.Error("the branch has moved")
			}
			s.settled(t, "1.0.1")
		}},
		{"a newer version goes beside a branch that a person holds", nil, heldBy(func(t *testing.T, s *site) string {
			return s.person(t, lifeBranch, map[string]string{"services/a/Dockerfile": from("1.0.1") + "EXPOSE 80\n"})
		})},
		{"another message with the same tree holds the branch", nil, heldBy(func(t *testing.T, s *site) string {
			return s.amend(t, lifeBranch, "--message", "Mine")
		})},
		{"a message with one more line holds the branch", nil, heldBy(func(t *testing.T, s *site) string {
			old := gittest.Git(t, s.git.Dir, "log", "-1", "--format=%B", lifeBranch)
			subject, rest, _ := strings.Cut(old, "\n")
			author := gittest.Git(t, s.git.Dir, "log", "-1", "--format=%an <%ae>", lifeBranch)
			return s.amend(t, lifeBranch, "--author", author, "--message", subject+"\n\nReviewed with care.\n"+rest)
		})},
		{"another author with the same tree and message holds the branch", nil, heldBy(func(t *testing.T, s *site) string {
			return s.amend(t, lifeBranch, "--no-edit", "--reset-author")
		})},
		{"a third version goes to the pull request beside", nil, func(t *testing.T, s *site) {
			heldBy(func(t *testing.T, s *site) string {
				return s.person(t, lifeBranch, map[string]string{"mine.txt": "mine\n"})
			})(t, s)
			s.bump(t, 0, "1.0.3")
			s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.1", "2 open propagate/base-2 -> main: Update base to 1.0.3")
			s.person(t, "propagate/base-2", map[string]string{"mine.txt": "mine too\n"})
			s.bump(t, 0, "1.0.4")
			s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.1", "2 open propagate/base-2 -> main: Update base to 1.0.3", "3 open propagate/base-3 -> main: Update base to 1.0.4")
			s.settled(t, "1.0.4")
		}},
		{"a branch of that name that is a person's is nobody's business", nil, func(t *testing.T, s *site) {
			s.branchOff(t, lifeBranch)
			tip := s.tip(t, lifeBranch)
			s.bump(t, 0, "1.0.1")
			if s.tip(t, lifeBranch) != tip {
				t.Error("the branch has moved")
			}
		}},
		{"a title that a person wrote stays", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.edit(t, 1, map[string]string{"title": "Mine"})
			s.settled(t, "1.0.1")
			s.bump(t, 0, "1.0.2").states(t, "updated")
			if p := s.at(t, 1); p.Title != "Mine" || !strings.Contains(p.Body, "1.0.2") {
				t.Errorf("the pull request is %+v", p)
			}
			s.settled(t, "1.0.2")
		}},
		{"a text that a person wrote instead stays", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.edit(t, 1, map[string]string{"body": "Mine alone"})
			s.settled(t, "1.0.1")
			s.bump(t, 0, "1.0.2").states(t, "updated")
			if p := s.at(t, 1); p.Body != "Mine alone" {
				t.Errorf("the body is %s", p.Body)
			}
		}},
		{"a line above the marker survives every update", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.edit(t, 1, map[string]string{"body": "Please wait for Friday.\n" + s.at(t, 1).Body})
			s.settled(t, "1.0.1")
			for _, version := range []string{"1.0.2", "1.0.3", "1.0.4"} {
				s.bump(t, 0, version).states(t, "updated")
				if body := s.at(t, 1).Body; !strings.HasPrefix(body, "Please wait for Friday.\n") || strings.Count(body, "Friday") != 1 || !strings.Contains(body, version) {
					t.Errorf("the body is %s", body)
				}
			}
			s.settled(t, "1.0.4")
		}},
		{"a line below the text survives every update", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.edit(t, 1, map[string]string{"body": s.at(t, 1).Body + "\nI have looked at a.\n"})
			s.settled(t, "1.0.1")
			for _, version := range []string{"1.0.2", "1.0.3"} {
				s.bump(t, 0, version).states(t, "updated")
				if body := s.at(t, 1).Body; !strings.HasSuffix(strings.TrimSpace(body), "I have looked at a.") || !strings.Contains(body, version) {
					t.Errorf("the body is %s", body)
				}
			}
		}},
		{"line ends that the page makes change nothing", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.edit(t, 1, map[string]string{"body": strings.ReplaceAll(s.at(t, 1).Body, "\n", "\r\n")})
			s.settled(t, "1.0.1")
			s.bump(t, 0, "1.0.2").states(t, "updated")
			if body := s.at(t, 1).Body; !strings.Contains(body, "1.0.2") {
				t.Errorf("the body is %s", body)
			}
		}},
		{"a word inside the text that a person changed stays", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			body := s.at(t, 1).Body
			mine := strings.Replace(body, "services/a", "services/a (careful!)", 1)
			s.edit(t, 1, map[string]string{"body": mine})
			s.bump(t, 0, "1.0.2").states(t, "updated")
			if got := s.at(t, 1).Body; mine == body || got != mine {
				t.Errorf("the body is %s", got)
			}
		}},
		{"a base that a person chose stays", nil, func(t *testing.T, s *site) {
			s.branchOff(t, "release-1")
			s.bump(t, 0, "1.0.1")
			s.edit(t, 1, map[string]string{"base": "release-1"})
			s.settled(t, "1.0.1")
			s.bump(t, 0, "1.0.2")
			if p := s.at(t, 1); p.Base != "release-1" {
				t.Errorf("the pull request is %+v", p)
			}
			s.settled(t, "1.0.2")
		}},
		{"a label that a person took away stays away", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.RemoveLabel(1, "dependencies")
			s.settled(t, "1.0.1")
			s.bump(t, 0, "1.0.2").states(t, "updated")
			if got := s.at(t, 1).Labels; !slices.Equal(got, []string{"propagate"}) {
				t.Errorf("the labels are %q", got)
			}
		}},
		{"a label that a person added stays", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			send(t, "POST", s.api.URL()+"repos/acme/platform/issues/1/labels", `{"labels":["mine"]}`)
			s.bump(t, 0, "1.0.2").states(t, "updated")
			if got := s.at(t, 1).Labels; !slices.Equal(got, []string{"dependencies", "mine", "propagate"}) {
				t.Errorf("the labels are %q", got)
			}
		}},
		{"a branch in a merge queue is not pushed to", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			tip := s.tip(t, lifeBranch)
			gittest.Git(t, s.git.Dir, "branch", "gh-readonly-queue/main/pr-1-"+s.tip(t, "main"), lifeBranch)
			s.quiet(t, func() {
				plan := s.bump(t, 0, "1.0.2")
				plan.states(t, "left-alone")
				plan.notes(t, 0, "queue")
			})
			if s.tip(t, lifeBranch) != tip {
				t.Error("the branch has moved")
			}
			gittest.Git(t, s.git.Dir, "branch", "-D", "gh-readonly-queue/main/pr-1-"+s.tip(t, "main"))
			s.bump(t, 0, "1.0.2").states(t, "updated")
		}},
		{"a merge that a person reverted is not made again", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.MergePull(1)
			s.pullMain(t)
			s.commit(t, small())
			s.bump(t, 0, "1.0.1").states(t, "left-alone")
			s.pulls(t, "1 merged propagate/base -> main: Update base to 1.0.1")
			s.settled(t, "1.0.1")
			s.bump(t, 0, "1.0.2").states(t, "created")
			s.pulls(t, "1 merged propagate/base -> main: Update base to 1.0.1", "2 open propagate/base -> main: Update base to 1.0.2")
		}},
		{"a service that comes after the merge gets a pull request of its own", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.MergePull(1)
			s.pullMain(t)
			s.commit(t, map[string]string{"services/late/Dockerfile": from("1.0.0")})
			s.bump(t, 0, "1.0.1").states(t, "created")
			s.pulls(t, "1 merged propagate/base -> main: Update base to 1.0.1", "2 open propagate/base -> main: Update base to 1.0.1")
		}},
		{"a branch that protection refuses is said, and the others are made", configured("group: service\n"), func(t *testing.T, s *site) {
			s.protect(t, "propagate/base--service-services.a")
			plan := s.bump(t, 0, "1.0.1")
			plan.states(t, "left-alone", "created")
			plan.notes(t, 0, "protect")
			s.pulls(t, "1 open propagate/base--service-services.b -> main: Update base to 1.0.1 in services/b/Dockerfile")
		}},
		{"protection that comes later leaves the pull request as it is", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			old := s.at(t, 1)
			s.protect(t, lifeBranch)
			s.program(nil).run(t, sweepArgs("1.0.2")...).says(t, "protect")
			s.program(nil).run(t, sweepArgs("1.0.2")...)
			if p := s.at(t, 1); p.Head != old.Head || p.Title != old.Title {
				t.Errorf("the pull request is %+v", p)
			}
			if all := s.comments(1); len(all) > 1 {
				t.Errorf("the comments are %q", all)
			}
		}},
	} {
		l.run(t)
	}
}

// Who wants few pull requests gets few, and the rest later.
func TestLifeInPortions(t *testing.T) {
	t.Parallel()
	for _, l := range []life{
		{"--max-prs: so many new ones in a run, and the next run goes on", configured("group: service\n"), func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1", "--max-prs", "1").states(t, "created", "planned")
			s.bump(t, 0, "1.0.1", "--max-prs", "1").states(t, "unchanged", "created")
			s.bump(t, 0, "1.0.2", "--max-prs", "1").states(t, "updated", "updated")
		}},
		{"max-open: so many open ones at a time", configured("group: service\npulls: {max-open: 1}\n"), func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1").states(t, "created", "planned")
			s.settled(t, "1.0.1")
			s.api.MergePull(1)
			s.pullMain(t)
			s.bump(t, 0, "1.0.1").states(t, "created")
			s.settled(t, "1.0.1")
		}},
	} {
		l.run(t)
	}
}

// heldBy is a life in which a person changes the branch; a newer version then goes beside it.
func heldBy(change func(t *testing.T, s *site) string) func(t *testing.T, s *site) {
	return func(t *testing.T, s *site) {
		s.bump(t, 0, "1.0.1")
		tip := change(t, s)
		s.bump(t, 0, "1.0.1").states(t, "left-alone")
		s.settled(t, "1.0.1")
		s.bump(t, 0, "1.0.2").states(t, "created")
		s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.1", "2 open propagate/base-2 -> main: Update base to 1.0.2")
		if s.tip(t, lifeBranch) != tip {
			t.Error("the person's branch has moved")
		}
		if body := s.at(t, 2).Body; !strings.Contains(body, "#1") {
			t.Errorf("the new one does not point at the old one: %s", body)
		}
		if body := s.at(t, 1).Body; !strings.Contains(body, "#2") {
			s.commented(t, 1, "#2")
		}
		s.settled(t, "1.0.2")
	}
}

// --recreate overrules what people did.
func TestLifeRecreate(t *testing.T) {
	t.Parallel()
	for _, l := range []life{
		{"a pull request that was closed", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.ClosePull(1)
			s.bump(t, 0, "1.0.1", "--recreate", lifeBranch).states(t, "created")
			if all := s.state(t).open(); len(all) != 1 {
				t.Errorf("open are %+v", all)
			}
			s.settled(t, "1.0.1")
		}},
		{"a branch with a commit of a person", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.person(t, lifeBranch, map[string]string{"mine.txt": "mine\n"})
			s.bump(t, 0, "1.0.1", "--recreate", lifeBranch).states(t, "updated")
			s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.1")
			if subjects := gittest.Git(t, s.git.Dir, "log", "--format=%s", "main.."+lifeBranch); subjects != "Update base to 1.0.1" {
				t.Errorf("the branch holds %q", subjects)
			}
			s.settled(t, "1.0.1")
		}},
		{"title and text", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.edit(t, 1, map[string]string{"title": "Mine", "body": "Mine"})
			s.bump(t, 0, "1.0.1", "--recreate", lifeBranch).states(t, "updated")
			if p := s.at(t, 1); p.Title != "Update base to 1.0.1" || !strings.Contains(p.Body, "1.0.1") {
				t.Errorf("the pull request is %+v", p)
			}
			s.settled(t, "1.0.1")
		}},
		{"a branch beside one that a person holds, and only that", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			tip := s.person(t, lifeBranch, map[string]string{"mine.txt": "mine\n"})
			s.bump(t, 0, "1.0.2")
			s.person(t, "propagate/base-2", map[string]string{"mine.txt": "mine\n"})
			s.bump(t, 0, "1.0.2", "--recreate", "propagate/base-2").states(t, "updated")
			if subjects := gittest.Git(t, s.git.Dir, "log", "--format=%s", "main..propagate/base-2"); subjects != "Update base to 1.0.2" || s.tip(t, lifeBranch) != tip {
				t.Errorf("the branch holds %q, and the other one is at %s", subjects, s.tip(t, lifeBranch))
			}
			s.settled(t, "1.0.2")
		}},
		{"a branch that a person holds, which supersedes the one beside it", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.person(t, lifeBranch, map[string]string{"mine.txt": "mine\n"})
			s.bump(t, 0, "1.0.2")
			s.bump(t, 0, "1.0.2", "--recreate", lifeBranch).states(t, "updated")
			s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.2", "2 closed propagate/base-2 -> main: Update base to 1.0.2")
			s.commented(t, 2, "#1")
			s.branches(t, lifeBranch)
			s.settled(t, "1.0.2")
		}},
		{"a merge that was reverted", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.MergePull(1)
			s.pullMain(t)
			s.commit(t, small())
			s.bump(t, 0, "1.0.1", "--recreate", lifeBranch).states(t, "created")
			s.settled(t, "1.0.1")
		}},
		{"and no other branch", configured("group: service\n"), func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.ClosePull(1)
			s.api.ClosePull(2)
			s.bump(t, 0, "1.0.1", "--recreate", "propagate/base--service-services.b").states(t, "left-alone", "created")
		}},
	} {
		l.run(t)
	}
}
