package cli_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// Every write can be repeated, and what a run leaves the next one completes.
func TestLifeOfWrites(t *testing.T) {
	t.Parallel()
	lost := func(f fault) func(t *testing.T, s *site) {
		return func(t *testing.T, s *site) {
			tr := &traffic{fault: f}
			tr.before = func(n int, r *http.Request) {
				if tr.at == 0 && r.Method == http.MethodPost && forGit(r) {
					tr.at = n
				}
			}
			s.program(tr).run(t, sweepArgs("1.0.1")...).want(t, 0)
			s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.1")
			s.settled(t, "1.0.1")
		}
	}
	byName := map[string]fault{}
	for _, f := range faults() {
		byName[f.name] = f
	}
	for _, l := range []life{
		{"a label that fails is exit status 3 with a line, and the next run adds it", nil, func(t *testing.T, s *site) {
			s.api.Fail(forgetest.On(http.MethodPost, "/labels"), 1, forgetest.Fault{Status: 422, Body: forgetest.Message("Validation Failed")})
			r := s.bumped(t, 3, "1.0.1")
			r.says(t, "propagate: "+lifeBranch, "label")
			document[planDocument](t, r).states(t, "created")
			s.bumped(t, 0, "1.0.1")
			if got := s.at(t, 1).Labels; len(got) != 2 {
				t.Errorf("the labels are %q", got)
			}
			s.settled(t, "1.0.1")
		}},
		{"a label that the token may not add is exit status 3", nil, func(t *testing.T, s *site) {
			s.api.Fail(forgetest.On(http.MethodPost, "/labels"), 1, forgetest.Fault{Status: 403, Body: forgetest.Message("Resource not accessible by integration")})
			document[planDocument](t, s.bumped(t, 3, "1.0.1")).states(t, "created")
		}},
		{"a label that the token may not add is not tried with the next", configured("group: service\n"), func(t *testing.T, s *site) {
			s.api.Fail(forgetest.On(http.MethodPost, "/labels"), 1, forgetest.Fault{Status: 403, Body: forgetest.Message("Resource not accessible by integration")})
			r := s.bumped(t, 3, "1.0.1")
			document[planDocument](t, r).states(t, "created", "created")
			r.says(t, "labels of pull request #2: not tried, since the token was refused at #1")
			if n := strings.Count(r.stderr, "Resource not accessible"); n != 1 {
				t.Errorf("the refusal is told %d times: %s", n, r.stderr)
			}
		}},
		{"after a lost answer to a push, 502, the references are read again", nil, lost(byName["502 after"])},
		{"after a lost answer to a push, a reset, the references are read again", nil, lost(byName["reset after"])},
		{"a pull request whose answer was lost is found", nil, func(t *testing.T, s *site) {
			s.api.Fail(opening, 1, forgetest.Fault{Status: 502, After: true})
			s.bump(t, 0, "1.0.1").states(t, "created")
			s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.1")
			s.settled(t, "1.0.1")
		}},
		{"a comment whose answer was lost is not made twice", configured("group: service\n"), func(t *testing.T, s *site) {
			s.bump(t, 0, "1.0.1")
			s.commit(t, map[string]string{"services/a/Dockerfile": from("1.0.1")})
			s.api.Fail(forgetest.On(http.MethodPost, "/comments"), 1, forgetest.Fault{Status: 502, After: true})
			s.program(nil).run(t, sweepArgs("1.0.1")...)
			s.bumped(t, 0, "1.0.1")
			s.commented(t, 1, "propagate")
			if all := s.state(t).open(); len(all) != 1 {
				t.Errorf("open are %+v", all)
			}
		}},
	} {
		l.run(t)
	}
}

// A person presses Ctrl-C ahead of any request: the run says what is done, and the next one completes it.
func TestLifeInterrupted(t *testing.T) {
	t.Parallel()
	w := sweeps()[0]
	s := w.site(t)
	before := s.state(t)
	plain := &traffic{}
	s.program(plain).run(t, sweepArgs(w.version)...).want(t, 0)
	end := s.state(t)
	for k := 1; k <= plain.requests(); k++ {
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			s.reset(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			tr := &traffic{before: func(n int, _ *http.Request) {
				if n == k {
					cancel(errors.New("interrupt signal received"))
				}
			}}
			p := s.program(tr)
			p.ctx = ctx
			r := p.run(t, sweepArgs(w.version)...)
			after := s.state(t)
			if tr.requests() > k {
				t.Errorf("%d requests after the interrupt: %q", tr.requests()-k, tr.seen[k:])
			}
			s.judge(t, r, fault{}, before, after, end)
			if r.status != 0 && !strings.Contains(r.stderr, "interrupted") {
				t.Errorf("exit status %d, and it says: %s", r.status, r.stderr)
			}
			s.program(nil).run(t, sweepArgs(w.version)...).want(t, 0)
			if got := s.state(t); got.text != end.text {
				t.Errorf("after the next run it differs:\n%s", difference(end.text, got.text))
			}
		})
	}
}

// What no later request would get over ends the run at the first answer, with one message.
func TestLifeEndsAtTheFirstRefusal(t *testing.T) {
	t.Parallel()
	twelve := twelve()
	// refused is a run that no write of follows its refusal.
	refused := func(t *testing.T, s *site, p program, says ...string) {
		t.Helper()
		r := p.run(t, sweepArgs("1.0.1")...)
		if r.status != 1 && r.status != 3 {
			t.Errorf("exit status %d\nstderr: %s", r.status, r.stderr)
		}
		r.says(t, says...)
		if n := strings.Count(r.stderr, "propagate: "); n != 1 {
			t.Errorf("%d messages, want 1: %s", n, r.stderr)
		}
		if lines := strings.Count(strings.TrimSpace(r.stderr), "\n") + 1; lines > 7 { // with two of a note
			t.Errorf("%d lines: %s", lines, r.stderr)
		}
		if len(s.api.Pulls()) != 0 {
			t.Errorf("the pull requests are %+v", s.api.Pulls())
		}
	}
	for _, l := range []life{
		{"a token that git does not accept: one request", twelve, func(t *testing.T, s *site) {
			tr := &traffic{}
			p := s.program(tr)
			p = p.set("GITHUB_TOKEN", "ghp_9999wrongwrong")
			refused(t, s, p, "token")
			if tr.requests() != 1 {
				t.Errorf("%d requests, want 1: %q", tr.requests(), tr.seen)
			}
			s.branches(t)
		}},
		{"a token that may not write, as the forge says: nothing is pushed", twelve, func(t *testing.T, s *site) {
			tr := &traffic{}
			p := s.program(tr)
			p = p.set("GITHUB_TOKEN", readToken)
			refused(t, s, p)
			if tr.requests() != 1 {
				t.Errorf("%d requests, want 1: %q", tr.requests(), tr.seen)
			}
			s.branches(t)
		}},
		{"a token that may not open pull requests", twelve, func(t *testing.T, s *site) {
			s.api.Fail(opening, 1, forgetest.Fault{Status: 403, Body: forgetest.Message("Resource not accessible by integration")})
			refused(t, s, s.program(nil))
		}},
		{"a token that expires in the middle", twelve, func(t *testing.T, s *site) {
			s.api.Fail(opening, 1, forgetest.Fault{Status: 401, Body: forgetest.Message("Bad credentials")})
			refused(t, s, s.program(nil))
			s.bumped(t, 0, "1.0.1")
			if len(s.api.Pulls()) != 12 {
				t.Errorf("%d pull requests", len(s.api.Pulls()))
			}
		}},
		{"a repository that the forge does not know", twelve, func(t *testing.T, s *site) {
			tr := &traffic{}
			p := s.program(tr)
			p = p.set("GITHUB_REPOSITORY", "acme/upstream")
			refused(t, s, p)
			s.branches(t)
		}},
	} {
		l.run(t)
	}
}

// The branches would go to a fork, and the pull requests to the repository that it was made of.
func TestLifeOfAFork(t *testing.T) {
	t.Parallel()
	s := &site{clock: newClock(), hub: newHubWith(t, gittest.NewServer(t, "ada", "platform", "x-access-token", token), forgetest.Config{}, twelve())}
	tr := &traffic{}
	p := s.program(tr)
	p = p.set("GITHUB_REPOSITORY", "acme/platform")
	r := p.run(t, sweepArgs("1.0.1")...).want(t, 2)
	r.says(t, "ada/platform", "acme/platform")
	s.branches(t)
	if n := strings.Count(r.stderr, "propagate: "); n != 1 || len(s.api.Pulls()) != 0 || s.git.Pushes() != 1 { // that of the test
		t.Errorf("%d messages, %d pull requests, %d pushes: %s", n, len(s.api.Pulls()), s.git.Pushes(), r.stderr)
	}
}

// A repository that was renamed is the same one under both names.
func TestLifeOfARename(t *testing.T) {
	t.Parallel()
	s := &site{clock: newClock(), hub: newHubWith(t, gittest.NewServer(t, "acme", "old", "x-access-token", token), forgetest.Config{FormerName: "acme/old"}, small())}
	s.bump(t, 0, "1.0.1").states(t, "created")
	s.bump(t, 0, "1.0.2").states(t, "updated")
	s.pulls(t, "1 open propagate/base -> main: Update base to 1.0.2")
	s.settled(t, "1.0.2")
}

// When the budget is spent, five lines say what is done, what is left and when to run again.
func TestLifeStopsWhenItsBudgetIsSpent(t *testing.T) {
	t.Parallel()
	s := newSite(t, twelve())
	n := 0
	tr := &traffic{fault: fault{answer: &told{403, http.Header{"Retry-After": {"3600"}}, "You have exceeded a secondary rate limit."}}}
	tr.before = func(k int, r *http.Request) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/pulls") {
			if n++; n == 6 {
				tr.at = k
			}
		}
	}
	r := s.program(tr).run(t, sweepArgs("1.0.1")...).want(t, 3)
	if lines := strings.Count(strings.TrimSpace(r.stderr), "\n") + 1; lines > 7 {
		t.Errorf("%d lines: %s", lines, r.stderr)
	}
	if got := len(s.api.Pulls()); got != 5 {
		t.Errorf("%d pull requests, want 5", got)
	}
	if last := tr.request(tr.requests()); !strings.HasSuffix(last, "/pulls") {
		t.Errorf("requests after the refusal: %q", tr.seen[tr.at:])
	}
	s.clock.at = s.clock.at.Add(3600e9)
	s.bumped(t, 0, "1.0.1")
	if got := s.state(t).open(); len(got) != 12 {
		t.Errorf("%d open pull requests, want 12", len(got))
	}
}
