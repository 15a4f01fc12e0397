package cli_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// conflict is another content of a file that the change edits, which does not merge with it.
var conflict = map[string]string{"services/a/Dockerfile": "# another first line\nFROM " + base + ":1.0.0 AS run\nRUN true\n"}

// What an earlier run did not finish is recognised and completed.
func TestLifeIsRepaired(t *testing.T) {
	t.Parallel()
	lacking := func(pathEnd string, complete func(p forge.Pull) bool) func(t *testing.T, s *site) {
		return func(t *testing.T, s *site) {
			s.api.Fail(forgetest.On(http.MethodPost, pathEnd), 1, forgetest.Fault{Status: 422, Body: forgetest.Message("Validation Failed")})
			r := s.bumped(t, 3, "1.0.1")
			document[planDocument](t, r).states(t, "created")
			r.says(t, "propagate: "+lifeBranch)
			if complete(s.at(t, 1)) {
				t.Fatal("nothing is lacking")
			}
			s.bump(t, 0, "1.0.1")
			if p := s.at(t, 1); !complete(p) {
				t.Errorf("the pull request is %+v", p)
			}
			s.settled(t, "1.0.1")
		}
	}
	for _, l := range []life{
		{"a branch without a pull request gets one", nil, func(t *testing.T, s *site) {
			s.api.Fail(opening, 1, forgetest.Fault{Status: 500, Body: forgetest.Message("Server Error")})
			s.bumped(t, 3, "1.0.1")
			tip := s.tip(t, lifeBranch)
			s.pulls(t)
			s.bump(t, 0, "1.0.1").states(t, "created")
			s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.1")
			if tip == "" || s.tip(t, lifeBranch) != tip {
				t.Errorf("the branch is at %s, was at %s", s.tip(t, lifeBranch), tip)
			}
		}},
		{"a branch without a pull request gets one with a newer version", nil, func(t *testing.T, s *site) {
			s.api.Fail(opening, 1, forgetest.Fault{Status: 500, Body: forgetest.Message("Server Error")})
			s.bumped(t, 3, "1.0.1")
			s.bump(t, 0, "1.0.2").states(t, "created")
			s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.2")
			s.branches(t, lifeBranch)
		}},
		{"a pull request without its branch's deletion", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.deleteBranch(t, lifeBranch) // the forge closes the pull request with it
			s.quiet(t, func() { s.bump(t, 0, "1.0.1").states(t, "left-alone") })
		}},
		{"a pull request without labels gets them", nil, lacking("/labels", func(p forge.Pull) bool {
			return slices.Equal(p.Labels, []string{"dependencies", "propagate"})
		})},
		{"a pull request without reviewers gets them", configured("pulls: {reviewers: [ada, acme/platform]}\n"), lacking("/requested_reviewers", func(p forge.Pull) bool {
			return slices.Equal(p.Reviewers, []string{"acme/platform", "ada"})
		})},
		{"a pull request without assignees gets them", configured("pulls: {assignees: [grace]}\n"), lacking("/assignees", func(p forge.Pull) bool {
			return slices.Equal(p.Assignees, []string{"grace"})
		})},
		{"a draft is opened as one, and stays what a person makes of it", configured("pulls: {draft: true}\n"), func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			if !s.at(t, 1).Draft {
				t.Error("it is no draft")
			}
			s.settled(t, "1.0.1")
		}},
		{"labels that are configured later are added", configured("labels: [one]\n"), func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.commit(t, map[string]string{".propagate.yaml": "labels: [one, two]\n"})
			s.bump(t, 0, "1.0.1")
			if got := s.at(t, 1).Labels; !slices.Equal(got, []string{"one", "two"}) {
				t.Errorf("the labels are %q", got)
			}
		}},
		{"a base branch that moved on leaves the commit as it is", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			tip := s.tip(t, lifeBranch)
			s.commit(t, map[string]string{"README.md": "# other\n"})
			s.quiet(t, func() { s.bump(t, 0, "1.0.1").states(t, "unchanged") })
			if s.tip(t, lifeBranch) != tip {
				t.Error("the branch has moved")
			}
		}},
		{"files that come beside it change nothing", configured("group: service\n"), func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			before := s.state(t).open()
			s.commit(t, map[string]string{
				"Dockerfile": "FROM registry.example/team/other:3.1.4\n", "aaa/Dockerfile": "FROM scratch\n", "aaa/compose.yaml": "services: {x: {image: other}}\n",
				"services/0/Dockerfile": from("0.9.0"), "services/zz/Dockerfile": "FROM registry.example/team/other:3.1.4\nCOPY --from=registry.example/team/tools:1 /x /x\n",
			})
			s.bump(t, 0, "1.0.1")
			after := s.state(t).open()
			for branch, was := range before {
				if is := after[branch]; is.Body != was.Body || is.Title != was.Title || is.Head != was.Head {
					t.Errorf("%s has changed:\n%s", branch, difference(was.Body, is.Body))
				}
			}
		}},
		{"a base branch that conflicts has the commit made anew", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.commit(t, conflict)
			s.bump(t, 0, "1.0.1").states(t, "updated")
			if parent := gittest.Git(t, s.git.Dir, "rev-parse", lifeBranch+"^"); parent != s.tip(t, "main") {
				t.Errorf("its parent is %s, and main is at %s", parent, s.tip(t, "main"))
			}
			s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.1")
		}},
		{"a protection that wants it up to date has the commit made anew", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.RequireUpToDate("main")
			s.settled(t, "1.0.1")
			s.commit(t, map[string]string{"README.md": "# other\n"})
			s.bump(t, 0, "1.0.1").states(t, "updated")
			if parent := gittest.Git(t, s.git.Dir, "rev-parse", lifeBranch+"^"); parent != s.tip(t, "main") {
				t.Errorf("its parent is %s, and main is at %s", parent, s.tip(t, "main"))
			}
			s.settled(t, "1.0.1")
		}},
		{"a merged one has its branch deleted", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.MergePull(1)
			s.pullMain(t)
			s.bump(t, 0, "1.0.1")
			s.branches(t)
			s.commented(t, 1)
			s.settled(t, "1.0.1")
		}},
		{"a merged one whose branch the person deleted", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.MergePullAndDelete(1)
			s.pullMain(t)
			s.settled(t, "1.0.1")
		}},
		{"a merged one has its branch deleted by a run for the next version too", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.MergePull(1)
			s.pullMain(t)
			s.bump(t, 0, "1.0.2").states(t, "created")
			s.pulls(t, "1 merged propagate/base -> main: Update base to 1.0.1", "2 open propagate/base -> main: Update base to 1.0.2")
			if subjects := gittest.Git(t, s.git.Dir, "log", "--format=%s", "main.."+lifeBranch); subjects != "Update base to 1.0.2" {
				t.Errorf("the branch holds %q", subjects)
			}
		}},
		{"a branch to which a person pushed after the merge is left", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.MergePull(1)
			tip := s.person(t, lifeBranch, map[string]string{"mine.txt": "mine\n"})
			s.pullMain(t)
			s.bump(t, 0, "1.0.1")
			if s.tip(t, lifeBranch) != tip {
				t.Error("the person's commit is gone")
			}
		}},
		{"the branches of others are nobody's business", nil, func(t *testing.T, s *site) {
			for _, name := range []string{"feature", "propagate/mine", "propagate/base-wip", "propagate/base-1.0.1-wip"} {
				s.branchOff(t, name)
			}
			s.bump(t, 0, "1.0.1").states(t, "created")
			s.api.MergePull(1)
			s.pullMain(t)
			s.bump(t, 0, "1.0.1")
			s.branches(t, "feature", "propagate/mine", "propagate/base-wip", "propagate/base-1.0.1-wip")
		}},
	} {
		l.run(t)
	}
}

// What is open and not wanted any more is closed with one comment that points on, and its branch deleted.
func TestLifeIsClosed(t *testing.T) {
	t.Parallel()
	service := configured("group: service\n")
	const serviceA, serviceB = "propagate/base--service-services.a", "propagate/base--service-services.b"
	for _, l := range []life{
		{"superseded by a change of another grouping", service, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.commit(t, map[string]string{".propagate.yaml": "group: all\n"})
			plan := s.bump(t, 0, "1.0.1")
			plan.states(t, "created")
			plan.closes(t, 1, 2)
			s.pulls(t, "1 closed "+serviceA+" -> main: Update base to 1.0.1 in services/a/Dockerfile", "2 closed "+serviceB+" -> main: Update base to 1.0.1 in services/b/Dockerfile", "3 open propagate/base -> main: Update base to 1.0.1")
			s.commented(t, 1, "#3")
			s.commented(t, 2, "#3")
			s.branches(t, lifeBranch)
			s.settled(t, "1.0.1")
		}},
		{"superseded, and back again", service, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.commit(t, map[string]string{".propagate.yaml": "group: all\n"})
			s.bump(t, 0, "1.0.1")
			s.commit(t, map[string]string{".propagate.yaml": "group: service\n"})
			s.bump(t, 0, "1.0.1").states(t, "created", "created")
			if all := s.state(t).open(); len(all) != 2 || all[lifeBranch].Number != 0 {
				t.Errorf("open are %+v", all)
			}
		}},
		{"superseded by a run for a newer version", service, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.commit(t, map[string]string{".propagate.yaml": "group: all\n"})
			s.bump(t, 0, "1.0.2").closes(t, 1, 2)
			s.branches(t, lifeBranch)
		}},
		{"done by hand", service, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.commit(t, map[string]string{"services/a/Dockerfile": from("1.0.1")})
			plan := s.bump(t, 0, "1.0.1")
			plan.states(t, "unchanged")
			plan.closes(t, 1)
			s.commented(t, 1, "propagate")
			s.branches(t, serviceB)
			s.settled(t, "1.0.1")
		}},
		{"done by hand, and nothing is left to do", nil, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.commit(t, map[string]string{"services/a/Dockerfile": from("1.0.1"), "services/b/Dockerfile": from("1.0.1")})
			s.bump(t, 0, "1.0.1").closes(t, 1)
			s.branches(t)
			s.settled(t, "1.0.1")
		}},
		{"the service is gone", service, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			remove(t, s.clone, "services/a/Dockerfile")
			s.commit(t, nil)
			s.bump(t, 0, "1.0.1").closes(t, 1)
			s.branches(t, serviceB)
		}},
		{"newer by hand", service, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.commit(t, map[string]string{"services/a/Dockerfile": from("1.0.3")})
			s.bump(t, 0, "1.0.1").closes(t, 1)
			s.branches(t, serviceB)
		}},
		{"but a branch with a person's commit stays", service, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			tip := s.person(t, serviceA, map[string]string{"mine.txt": "mine\n"})
			s.commit(t, map[string]string{"services/a/Dockerfile": from("1.0.1")})
			s.bump(t, 0, "1.0.1")
			if s.tip(t, serviceA) != tip {
				t.Error("the person's commit is gone")
			}
			s.settled(t, "1.0.1")
		}},
		{"and not those of another base branch or line", service, func(t *testing.T, s *site) {
			s.branchOff(t, "release-1")
			s.bump(t, 0, "1.0.1", "--ref", "origin/release-1")
			s.commit(t, map[string]string{"services/a/Dockerfile": from("1.0.1"), "services/b/Dockerfile": from("1.0.1")})
			s.bump(t, 0, "1.0.1").closes(t)
			if all := s.state(t).open(); len(all) != 2 {
				t.Errorf("open are %+v", all)
			}
		}},
		{"and not while it is in the merge queue", service, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			queue := "gh-readonly-queue/main/pr-1-" + s.tip(t, "main")
			gittest.Git(t, s.git.Dir, "branch", queue, serviceA)
			s.commit(t, map[string]string{".propagate.yaml": "group: all\n"})
			s.bump(t, 0, "1.0.1").closes(t, 2)
			s.commented(t, 1)
			gittest.Git(t, s.git.Dir, "branch", "-D", queue)
			s.bump(t, 0, "1.0.1").closes(t, 1)
			s.branches(t, lifeBranch)
		}},
		{"and not by --group by hand", service, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.bump(t, 0, "1.0.1", "--group", "all").closes(t)
			if all := s.state(t).open(); len(all) < 2 {
				t.Errorf("open are %+v", all)
			}
		}},
		{"and not by --max-prs", service, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.commit(t, map[string]string{".propagate.yaml": "group: all\n"})
			plan := document[planDocument](t, s.program(nil).run(t, append(sweepArgs("1.0.1"), "--max-prs", "1")...))
			plan.closes(t)
			if all := s.state(t).open(); len(all) != 3 {
				t.Errorf("open are %+v", all)
			}
		}},
		{"and not where a file could not be read", service, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.commit(t, map[string]string{"services/a/Dockerfile": "FROM " + base + ":1.0.0 AS\x00\nFROM [\n<<<<<<< HEAD\n"})
			document[planDocument](t, s.program(nil).run(t, sweepArgs("1.0.1")...)).closes(t)
			if all := s.state(t).open(); len(all) != 2 {
				t.Errorf("open are %+v", all)
			}
		}},
		{"and not where a registry could not be asked", service, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			pinned := "FROM " + base + ":1.0.0@sha256:" + strings.Repeat("ab", 32) + "\n"
			s.commit(t, map[string]string{"services/a/Dockerfile": pinned})
			document[planDocument](t, s.program(nil).run(t, sweepArgs("1.0.1")...)).closes(t)
			if all := s.state(t).open(); len(all) != 2 {
				t.Errorf("open are %+v", all)
			}
		}},
		{"and nothing twice: what was closed stays closed without another comment", service, func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.commit(t, map[string]string{"services/a/Dockerfile": from("1.0.1")})
			s.bump(t, 0, "1.0.1")
			s.bump(t, 0, "1.0.2").states(t, "created", "updated")
			s.commented(t, 1, "propagate")
			if all := s.state(t).open(); len(all) != 2 || !strings.HasSuffix(all[serviceA].Title, "1.0.2 in services/a/Dockerfile") {
				t.Errorf("open are %+v", all)
			}
		}},
	} {
		l.run(t)
	}
}
