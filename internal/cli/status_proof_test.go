package cli_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/registry/registrytest"
)

// Ctrl-C ends --watch with what it has shown, while it waits as well as while it looks. Nothing was shown yet when the
// first look is interrupted, and --wait-for has not come to its end.
func TestStatusWatchIsInterrupted(t *testing.T) {
	t.Parallel()
	s := newStatusSite(t)
	for name, tc := range map[string]struct {
		waits, look int // in which of them Ctrl-C comes
		more        []string
		status      int
	}{
		"while it waits":         {1, 0, nil, 0},
		"in the second look":     {0, 2, nil, 0},
		"in the first look":      {0, 1, nil, 1},
		"while it is waited for": {1, 0, []string{"--wait-for", "patched"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			interrupt := func() { cancel(errors.New("interrupt signal received")) }
			waits := 0
			s.clock.onSleep = func() {
				if waits++; waits == tc.waits {
					interrupt()
				}
			}
			p := s.program(&traffic{before: func(int, *http.Request) {
				if waits+1 == tc.look {
					interrupt()
				}
			}})
			p.ctx = ctx
			r := p.run(t, append([]string{"status", "--base", "base-java@1.0.1", "--watch"}, tc.more...)...).want(t, tc.status)
			if tc.status == 0 && (!strings.HasSuffix(r.stdout, "\n0 of 2 patched, 2 without a pull request\n") || r.stderr != "") {
				t.Errorf("it prints %s, and says %s", r.stdout, r.stderr)
			}
			if tc.status == 1 {
				r.says(t, "propagate: interrupted")
			}
		})
	}
}

// A proof says what it does not cover: of a Dockerfile whose base is not known there is a note, and one that cannot be read
// and names the base leaves it incomplete.
func TestStatusOfWhatIsNotUnderstood(t *testing.T) {
	t.Parallel()
	s := newStatusSite(t)
	s.publish(t, "1.0.1")
	prove := func(status int, dockerfile string) result {
		t.Helper()
		s.commit(t, map[string]string{"services/odd/Dockerfile": dockerfile})
		r := s.program(nil).run(t, "status", "--base", "base-java@1.0.1", "--published").want(t, status)
		r.says(t, "\n2 of 2 patched\n")
		return r
	}
	prove(0, "ARG BASE\nFROM ${BASE}\n").says(t, "note: 1 Dockerfile could not be understood in full; propagate scan lists why\n")
	prove(3, "FROM "+s.registry.Host+"/matih/base-java:1.0.0\nUNSAFE nonsense\nRUN <<EOF\n").says(t, "propagate: services/odd/Dockerfile:3")
	prove(0, "FROM other:1\nRUN <<EOF\n").says(t, "note: services/odd/Dockerfile:2", "it names no image that the bases reach")
	r := s.program(nil).run(t, "status", "--base", "base-java@1.0.1", "--wait-for", "patched").want(t, 0)
	if n := strings.Count(r.stderr, "services/odd"); n != 1 {
		t.Errorf("it is said %d times: %s", n, r.stderr)
	}
}

// A version whose layers are the lowest of another version's is told from it: moving back to what 1.0.1 adds a layer to
// is not done while 1.0.1 is shipped, nor is a patch that takes the last layer away.
func TestStatusOfAVersionBelowAnother(t *testing.T) {
	t.Parallel()
	s := newStatusSite(t)
	s.registry.Push(t, "matih/base-java", "1.0.1", registrytest.Image{On: "matih/base-java:1.0.0", Content: "one layer more"})
	s.ship(t, "1.0.1")
	s.commit(t, map[string]string{"services/built/Dockerfile": "FROM other:1\n"})
	for _, step := range []struct{ on, sum string }{
		{"1.0.1", "0 of 1 patched, 1 to be published"}, {"1.0.0", "1 of 1 patched"},
	} {
		s.ship(t, step.on)
		r := s.program(nil).run(t, "status", "--base", "base-java@1.0.0").want(t, 0)
		if !strings.HasSuffix(r.stdout, "\n"+step.sum+"\n") {
			t.Errorf("on %s it says\n%s", step.on, r.stdout)
		}
		if step.on == "1.0.1" {
			r.says(t, "services/ship/Dockerfile: "+s.registry.Host+"/matih/ship:1: it stands on "+s.registry.Host+"/matih/base-java:1.0.1, of which the base is the lowest layers\n")
		}
	}
}
