package cli_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/forge/forgetest"
)

// exposed is a repository whose builds depend on a base in all ways: tools copies from it alone, api ships it, and
// java ships it and is a base itself, of two services.
func exposed(config string) map[string]string {
	return map[string]string{
		".propagate.yaml":         config,
		"CODEOWNERS":              "* @acme/platform\nservices/api @acme/api\n",
		"a-tools/Dockerfile":      "FROM scratch\nCOPY --from=registry.example/acme/base:1.0.0 /x /x\n",
		"services/Dockerfile":     "FROM registry.example/acme/base:1.0.0\n",
		"services/api/Dockerfile": "FROM registry.example/acme/base:1.0.0\n",
		"z/java/Dockerfile":       "FROM registry.example/acme/base:1.0.0\n",
		"y/Dockerfile":            "FROM registry.example/acme/java:1.0.0\n",
		"x/Dockerfile":            "FROM registry.example/acme/java:1.0.0\n",
	}
}

// What ships the base goes first, by how many depend on what it makes, whatever limits the configuration sets.
func TestLifeInAnEmergency(t *testing.T) {
	t.Parallel()
	const config = "group: service\nversions: {registry.example/acme/java: 1.0.0}\nimages: {z/java/Dockerfile: registry.example/acme/java}\npulls: {max-open: 1}\n"
	for _, l := range []life{
		{"what ships the base goes first, and no limit of the configuration holds", exposed(config), func(t *testing.T, s *site) {
			r := s.bumped(t, 0, "1.0.1", "--emergency", "--unchecked")
			d := document[planDocument](t, r)
			d.states(t, "created", "created", "created", "created")
			s.pulls(t,
				"1 open propagate/base--service-z.java -> main: [emergency] Update base to 1.0.1 in z/java/Dockerfile",
				"2 open propagate/base--service-services -> main: [emergency] Update base to 1.0.1 in services/Dockerfile",
				"3 open propagate/base--service-services.api -> main: [emergency] Update base to 1.0.1 in services/api/Dockerfile",
				"4 open propagate/base--service-a-tools -> main: [emergency] Update base to 1.0.1 in a-tools/Dockerfile")
			r.says(t, "emergency: registry.example/acme/base@1.0.1\n",
				"  exposed       runtime 5, build 1, unreachable 0, unknown 0\n",
				"  what happens  4 changes, 2 waves; 2 builds wait for a derived base\n",
				"  it takes      at least ", " for 4 pull requests\n")
		}},
		{"its group, label and mark are configured", exposed(config + "emergency: {group: all, label: P1, title-prefix: 'CVE:'}\n"), func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1", "--emergency", "--unchecked").states(t, "created")
			s.pulls(t, "1 open propagate/base -> main: CVE: Update base to 1.0.1")
			if got := strings.Join(s.at(t, 1).Labels, " "); got != "P1 dependencies propagate" {
				t.Errorf("the labels are %s", got)
			}
		}},
		{"a person at a terminal says no", nil, func(t *testing.T, s *site) {
			p := s.program(nil)
			p.answer = "no"
			s.quiet(t, func() {
				p.run(t, append(sweepArgs("1.0.1"), "--emergency", "--no-color")...).want(t, 1).says(t, "publish 1 change now? [y/N] \n", "propagate: not published: nothing was written\n")
			})
			s.pulls(t)
		}},
		{"a person at a terminal says yes", nil, func(t *testing.T, s *site) {
			p := s.program(nil)
			p.answer = "y\n"
			p.run(t, append(sweepArgs("1.0.1"), "--emergency")...).want(t, 0).says(t, "publish 1 change now? [y/N] ")
			if len(s.api.Pulls()) != 1 {
				t.Errorf("there is %+v", s.api.Pulls())
			}
		}},
		{"nobody is asked with --yes, and with --dry-run", nil, func(t *testing.T, s *site) {
			p := s.program(nil)
			p.answer = "n\n"
			for _, flag := range []string{"--dry-run", "--yes"} {
				r := p.run(t, append(sweepArgs("1.0.1"), "--emergency", flag)...).want(t, 0)
				if r.says(t, "  exposed       runtime "); strings.Contains(r.stderr, "[y/N]") {
					t.Errorf("%s asks:\n%s", flag, r.stderr)
				}
			}
		}},
	} {
		l.run(t)
	}
}

// Pull requests are merged by themselves where all their policies allow it.
func TestLifeMergedByItself(t *testing.T) {
	t.Parallel()
	for _, l := range []life{
		{"once its checks have passed, as its commit says", configured("policies: [{automerge: true}]\n"), func(t *testing.T, s *site) {
			d := s.bump(t, 0, "1.0.1")
			d.states(t, "created")
			d.notes(t, 0, "it is merged by itself once its checks have passed")
			m, ok := s.api.AutoMerge(1)
			if !ok || m.Method != forge.Squash || m.Title != "Update base to 1.0.1 (#1)" || strings.Contains(m.Message, "propagate") || !strings.Contains(m.Message, "Dockerfile") {
				t.Errorf("it is merged as %+v, %v", m, ok)
			}
			s.quiet(t, func() { s.bump(t, 0, "1.0.1").states(t, "unchanged") })
			s.bump(t, 0, "1.0.2").states(t, "updated")
			s.api.PassChecks(1)
			s.pullMain(t)
			s.bump(t, 0, "1.0.2").states(t)
		}},
		{"not where one of its files does not allow it", configured("policies: [{automerge: now}, {paths: services/b/**, automerge: false}]\n"), func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			if _, ok := s.api.AutoMerge(1); ok {
				t.Errorf("auto-merge is %v", ok)
			}
		}},
		{"what a person disabled stays so", configured("policies: [{automerge: true}]\n"), func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.api.DisableAutoMerge(1)
			s.quiet(t, func() { s.bump(t, 0, "1.0.1").notes(t, 0, "somebody disabled its auto-merge") })
			s.bump(t, 0, "1.0.2").notes(t, 0, "somebody disabled its auto-merge")
		}},
		{"at once where nothing has to pass", configured("policies: [{automerge: now}]\n"), func(t *testing.T, s *site) {
			s.api.SetChecks(forgetest.ChecksNone)
			s.bump(t, 0, "1.0.1").notes(t, 0, "it is merged")
			if p := s.at(t, 1); p.State != forge.Merged {
				t.Errorf("the pull request is %+v", p)
			}
			s.pullMain(t)
			s.bump(t, 0, "1.0.1").states(t)
		}},
		{"a person merges it where nothing has to pass", configured("policies: [{automerge: true}]\n"), func(t *testing.T, s *site) {
			s.api.SetChecks(forgetest.ChecksNone)
			s.bump(t, 0, "1.0.1").notes(t, 0, "automerge: now would merge it")
			s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.1")
		}},
		{"what nothing requires goes on: the next run sees to it", configured("policies: [{automerge: true}]\n"), func(t *testing.T, s *site) {
			s.api.SetChecks(forgetest.ChecksUnstable)
			s.bumped(t, 3, "1.0.1").says(t, "auto-merge of pull request #1", "a check that nothing requires has failed or goes on")
			s.api.SetChecks(forgetest.ChecksRequired)
			s.bump(t, 0, "1.0.1").states(t, "updated")
		}},
	} {
		l.run(t)
	}
}

// An ordinary run leaves the pull requests of an emergency as they are, also where it groups its changes otherwise.
func TestLifeAfterAnEmergency(t *testing.T) {
	t.Parallel()
	const config = "emergency: {group: directory}\n"
	urgent := []string{"--emergency"}
	six := func(t *testing.T, s *site) {
		t.Helper()
		s.bump(t, 0, "1.0.1", urgent...)
		s.state(t).count(t, 6, 0, 0, 6)
	}
	for _, l := range []life{
		{"it opens none beside them", with(twelve(), ".propagate.yaml", config), func(t *testing.T, s *site) {
			six(t, s)
			s.quiet(t, func() {
				d := s.bump(t, 0, "1.0.1")
				d.states(t, "unchanged")
				d.notes(t, 0, "left to the pull requests of an emergency: #1, #2, #3, #4, #5, #6")
			})
		}},
		{"what is not in them has one of its own", with(twelve(), ".propagate.yaml", config), func(t *testing.T, s *site) {
			six(t, s)
			s.commit(t, map[string]string{"services/new/Dockerfile": from("1.0.0")})
			s.bump(t, 0, "1.0.1").states(t, "created")
			s.state(t).count(t, 7, 0, 0, 7)
			s.quiet(t, func() { s.bump(t, 0, "1.0.1").states(t, "unchanged") })
			s.bump(t, 0, "1.0.1", urgent...)
			s.state(t).count(t, 7, 1, 0, 7)
		}},
		{"a newer version supersedes them", with(twelve(), ".propagate.yaml", config), func(t *testing.T, s *site) {
			six(t, s)
			s.bump(t, 0, "1.0.2").states(t, "created")
			s.state(t).count(t, 1, 6, 0, 1)
		}},
		{"once all is merged, nothing is left", with(twelve(), ".propagate.yaml", config), func(t *testing.T, s *site) {
			six(t, s)
			s.commit(t, map[string]string{"services/s1/Dockerfile": from("1.0.1"), "services/s1/Dockerfile.worker": from("1.0.1")})
			s.bump(t, 0, "1.0.1").states(t, "unchanged")
			s.state(t).count(t, 5, 1, 0, 5)
		}},
		{"an emergency takes over what was open before", with(twelve(), ".propagate.yaml", config), func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1").states(t, "created")
			s.bump(t, 0, "1.0.1", urgent...)
			s.state(t).count(t, 6, 1, 0, 6)
		}},
		{"on the same branch, the mark stays", twelve(), func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1", urgent...)
			s.quiet(t, func() { s.bump(t, 0, "1.0.1") })
			for _, p := range s.bump(t, 0, "1.0.2").Changes {
				if !strings.HasPrefix(s.at(t, p.Pull.Number).Title, "[emergency] Update base to 1.0.2") {
					t.Errorf("the title is %q", s.at(t, p.Pull.Number).Title)
				}
			}
			s.quiet(t, func() { s.bump(t, 0, "1.0.2") })
		}},
	} {
		l.run(t)
	}
}
