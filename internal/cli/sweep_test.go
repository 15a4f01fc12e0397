package cli_test

import (
	"flag"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/forge/forgetest"
)

var sweepAll = flag.Bool("sweep", false, "TestKillSweep: every fault at every request, not one of them")

// A sweep is a run of the main job in which every single request is to go wrong.
type sweep struct {
	name    string
	version string
	// prepare brings about what the run finds; the first run was made already, unless first.
	prepare func(t *testing.T, s *site)
	first   bool
	config  string // "" groups by service
	api     bool   // GitHub makes the commits
	isApp   bool   // the run makes itself the tokens of a GitHub App
	flags   []string
	checks  forgetest.Checks
	// end checks how the run ends when nothing goes wrong.
	end func(t *testing.T, st state)
}

// twelve is a repository with a base and twelve services on it, two in each directory.
func twelve() map[string]string {
	files := map[string]string{".propagate.yaml": "group: service\n", "README.md": "# twelve\n"}
	for i := range 6 {
		for _, name := range []string{"Dockerfile", "Dockerfile.worker"} {
			files[fmt.Sprintf("services/s%d/%s", i+1, name)] = from("1.0.0")
		}
	}
	return files
}

// count fails the test unless there are as many open, closed and merged pull requests, and branches
// beside main.
func (st state) count(t *testing.T, open, closed, merged, branches int) {
	t.Helper()
	n := map[forge.State]int{}
	for _, p := range st.pulls {
		n[p.State]++
	}
	want := map[forge.State]int{forge.Open: open, forge.Closed: closed, forge.Merged: merged}
	maps.DeleteFunc(want, func(_ forge.State, n int) bool { return n == 0 })
	if !maps.Equal(n, want) || len(st.branches) != branches+1 {
		t.Errorf("pull requests: %v, want %v; %d branches beside main, want %d", n, want, len(st.branches)-1, branches)
	}
}

func sweeps() []sweep {
	return []sweep{
		{name: "first run", version: "1.0.1", first: true, end: func(t *testing.T, st state) { st.count(t, 12, 0, 0, 12) }},
		{name: "first run of an App", version: "1.0.1", first: true, isApp: true, end: func(t *testing.T, st state) { st.count(t, 12, 0, 0, 12) }},
		{name: "first run with people", version: "1.0.1", first: true, config: "group: directory\npulls: {draft: true, reviewers: [ada, acme/platform], assignees: [grace]}\n", end: func(t *testing.T, st state) {
			st.count(t, 6, 0, 0, 6)
			for _, p := range st.pulls {
				if len(p.Reviewers) != 2 || len(p.Assignees) != 1 || len(p.Labels) != 2 || !p.Draft {
					t.Errorf("the pull request is %+v", p)
				}
			}
		}},
		{name: "first run with auto-merge", version: "1.0.1", first: true, config: "group: directory\npolicies: [{automerge: true}]\n", end: func(t *testing.T, st state) {
			st.count(t, 6, 0, 0, 6)
			for _, p := range st.pulls {
				if !p.AutoMerge {
					t.Errorf("nobody merges %+v", p)
				}
			}
		}},
		{name: "an emergency", version: "1.0.1", flags: []string{"--emergency"}, config: "group: all\nemergency: {group: directory}\n", first: true, prepare: ordinary, end: func(t *testing.T, st state) { st.count(t, 6, 1, 0, 6) }},
		{name: "an emergency that merges", version: "1.0.1", first: true, checks: forgetest.ChecksNone, flags: []string{"--emergency"}, config: "group: directory\npolicies: [{automerge: now}]\n", end: func(t *testing.T, st state) { st.count(t, 0, 0, 6, 6) }},
		{name: "an emergency of an App by the API", version: "1.0.1", first: true, isApp: true, flags: []string{"--emergency"}, config: "group: directory\npolicies: [{automerge: true}]\n", end: func(t *testing.T, st state) { st.count(t, 6, 0, 0, 6) }},
		{name: "update", version: "1.0.2", end: func(t *testing.T, st state) {
			st.count(t, 12, 0, 0, 12)
			for _, p := range st.pulls {
				if !strings.Contains(p.Title, "1.0.2") {
					t.Errorf("the title of #%d is %q", p.Number, p.Title)
				}
			}
		}},
		{name: "clean-up", version: "1.0.1", prepare: mergeAndClose, end: func(t *testing.T, st state) { st.count(t, 2, 4, 6, 4) }},
		{name: "what people hold", version: "1.0.2", prepare: hold, end: func(t *testing.T, st state) { st.count(t, 14, 1, 0, 14) }},
		{name: "first run by the API", version: "1.0.1", first: true, api: true, config: "group: directory\n", end: func(t *testing.T, st state) { st.count(t, 6, 0, 0, 6) }},
		{name: "what people hold by the API", version: "1.0.2", prepare: hold, api: true, config: "group: directory\n", end: func(t *testing.T, st state) { st.count(t, 8, 1, 0, 8) }},
		{name: "service to directory", version: "1.0.1", prepare: regroup("directory"), end: func(t *testing.T, st state) { st.count(t, 6, 12, 0, 6) }},
		{name: "service to all", version: "1.0.1", prepare: regroup("all"), end: func(t *testing.T, st state) { st.count(t, 1, 12, 0, 1) }},
	}
}

// ordinary opens the pull request of a run that is no emergency, which one takes over.
func ordinary(t *testing.T, s *site) {
	s.program(nil).run(t, sweepArgs("1.0.1")...).want(t, 0)
}

// mergeAndClose does what people do: four pull requests are merged and their branches left, two merged
// and the branches deleted, two closed; one service has been bumped by hand, and one is gone. Two stay.
func mergeAndClose(t *testing.T, s *site) {
	for n := 1; n <= 6; n++ {
		branch := s.api.Pulls()[n-1].Branch
		s.api.MergePull(n)
		if n > 4 {
			s.deleteBranch(t, branch)
		}
	}
	s.api.ClosePull(7)
	s.api.ClosePull(8)
	s.pullMain(t)
	remove(t, s.clone, "services/s5/Dockerfile.worker")
	s.commit(t, map[string]string{"services/s5/Dockerfile": from("1.0.1")})
}

// hold does what people do who want something else: one adds a commit, one amends ours, one closes, and
// others edit title, text and labels.
func hold(t *testing.T, s *site) {
	all := s.api.Pulls()
	s.person(t, all[0].Branch, map[string]string{"mine.txt": "mine\n"})
	s.amend(t, all[1].Branch, "--no-edit", "--reset-author")
	s.api.ClosePull(3)
	s.api.EditTitle(4, "Mine")
	s.api.EditBody(4, func(body string) string { return "Please wait for Friday.\n" + body + "\nI have looked at it.\n" })
	s.api.EditBody(5, func(string) string { return "Mine" })
	s.api.RemoveLabel(6, "dependencies")
	s.api.AddLabel(6, "mine")
}

// regroup changes the configured grouping.
func regroup(by string) func(t *testing.T, s *site) {
	return func(t *testing.T, s *site) { s.commit(t, map[string]string{".propagate.yaml": "group: " + by + "\n"}) }
}

// args are those of the run.
func (w sweep) args(version string) []string {
	args := append(sweepArgs(version), w.flags...)
	if w.api {
		args = append(args, "--commit-via", "api")
	}
	return args
}

func sweepArgs(version string) []string {
	return []string{"--base", "base@" + version, "--publish", "pr", "-o", "json"}
}

// site makes one that is ready for the sweep.
func (w sweep) site(t *testing.T) *site {
	t.Helper()
	files := twelve()
	if w.config != "" {
		files[".propagate.yaml"] = w.config
	}
	s := newSite(t, files)
	s.api.SetChecks(w.checks)
	s.merges = w.checks == forgetest.ChecksNone
	if w.api {
		s.api.Verify(forgetest.Verification{Verified: true})
	}
	if w.isApp {
		s = newAppSite(t, files, nil)
	}
	if !w.first {
		s.program(nil).run(t, w.args("1.0.1")...).want(t, 0)
	}
	if w.prepare != nil {
		w.prepare(t, s)
	}
	s.keep(t)
	return s
}

// workers is how many sweeps go on at a time.
const workers = 2

// Whatever happens at whichever request, the next run completes it, and what the run says is true.
// By default every request goes wrong in one way (under the race detector some do); with -sweep, in all.
func TestKillSweep(t *testing.T) {
	for i, w := range sweeps() {
		t.Run(w.name, func(t *testing.T) {
			pool := make(chan *site, workers)
			for range workers {
				pool <- w.site(t)
			}
			s := <-pool
			before := s.state(t)
			plain := &traffic{}
			s.program(plain).run(t, w.args(w.version)...).want(t, 0)
			end := s.state(t)
			w.end(t, end)
			s.quiet(t, func() { s.program(nil).run(t, w.args(w.version)...).want(t, 0) })
			if again := s.state(t); again.text != end.text {
				t.Errorf("the second run changes:\n%s", difference(end.text, again.text))
			}
			if t.Failed() {
				t.Fatalf("without a fault it is wrong already; the requests are %q", plain.seen)
			}
			pool <- s
			var tally tally
			t.Run("at", func(t *testing.T) {
				all := faults()
				for k := 1; k <= plain.requests(); k++ {
					for j, f := range all {
						if !*sweepAll && (j != (k+i)%len(all) || k%sweepStep != i%sweepStep) {
							continue
						}
						t.Run(fmt.Sprintf("%d %s", k, f.name), func(t *testing.T) {
							t.Parallel()
							s := <-pool
							defer func() {
								pool <- s
							}()
							late := s.strike(t, w, &traffic{at: k, fault: f}, plain.request(k), before, end)
							tally.add(t.Failed(), late)
						})
					}
				}
			})
			t.Logf("%d requests, %d sweeps, %d failed, %d said that something is left although nothing was", plain.requests(), tally.runs, tally.failed, tally.late)
		})
	}
}

// A tally counts sweeps.
type tally struct {
	mu                 sync.Mutex
	runs, failed, late int
}

func (c *tally) add(failed, late bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.runs++
	if failed {
		c.failed++
	}
	if late {
		c.late++
	}
}

// strike makes a run in which one request goes wrong, and one in which none does. It reports whether
// the first one found something left to do although there was nothing.
func (s *site) strike(t *testing.T, w sweep, tr *traffic, request string, before, end state) bool {
	s.reset(t)
	r := s.program(tr).run(t, w.args(w.version)...)
	after := s.state(t)
	if tr.requests() < tr.at || tr.request(tr.at) != request {
		t.Fatalf("request %d is not %s any more: %q", tr.at, request, tr.seen)
	}
	s.judge(t, r, tr.fault, before, after, end)
	if r.status != 0 && (tr.fault.pause || !tr.fault.kill && !writes(request)) {
		t.Errorf("exit status %d, but the run could have got over it", r.status)
	}
	s.clock.at = s.clock.at.Add(time.Hour)
	again := s.program(nil).run(t, w.args(w.version)...)
	if again.status != 0 {
		t.Errorf("the next run ends with %d\nstderr: %s", again.status, again.stderr)
	}
	if got := s.state(t); got.text != end.text {
		t.Errorf("after the next run it differs:\n%s", difference(end.text, got.text))
	}
	if t.Failed() {
		t.Logf("%s at request %d, %s: exit status %d\nstderr: %s", tr.fault.name, tr.at, request, r.status, r.stderr)
	}
	return r.status != 0 && after.text == end.text
}
