package cli_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// limited counts the pushes of a site among the writes that its forge allows.
type limited struct{ s *site }

func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && forGit(r) {
		if f, ok := l.s.api.Write(); !ok {
			drop(r.Body)
			header := http.Header{}
			for name, value := range f.Header {
				header.Set(name, value)
			}
			return answerOf(r, f.Status, "text/plain", f.Body, header), nil
		}
	}
	return http.DefaultTransport.RoundTrip(r)
}

// least is how long so many writes take within so many in a minute and in an hour, a second apart.
func least(writes, minute, hour int) time.Duration {
	var at []time.Duration
	for i := range writes {
		var t time.Duration
		if i > 0 {
			t = at[i-1] + time.Second
		}
		if i >= minute {
			t = max(t, at[i-minute]+time.Minute)
		}
		if i >= hour {
			t = max(t, at[i-hour]+time.Hour)
		}
		at = append(at, t)
	}
	return at[len(at)-1]
}

// The limits of GitHub hold for 300 services, and a second run asks for little.
func TestThreeHundredServices(t *testing.T) {
	t.Parallel()
	const services = 300
	files := map[string]string{".propagate.yaml": "group: service\nlabels: [bases]\n"}
	for i := range services {
		files[fmt.Sprintf("services/s%03d/Dockerfile", i)] = from("1.0.0")
	}
	s := newSite(t, files)
	for _, test := range []struct {
		name         string
		minute, hour int
		refused      int // at most
	}{
		{"80 in a minute and 500 in an hour", 80, 500, 0},
		{"40 in a minute and 250 in an hour", 40, 250, 6},
	} {
		s.keep(t)
		s.api.Limit(test.minute, test.hour, s.clock.now, true)
		began := s.clock.now()
		tr := &traffic{next: limited{s}}
		s.program(tr).run(t, append(sweepArgs("1.0.1"), "--max-wait", "24h")...).want(t, 0)
		if got := s.state(t).open(); len(got) != services {
			t.Fatalf("%s: %d pull requests", test.name, len(got))
		}
		if n := tr.requests(); n > 3*services {
			t.Errorf("%s: %d requests, want 3 for each pull request at most", test.name, n)
		}
		if n := s.api.Refused(); n > test.refused {
			t.Errorf("%s: %d refused, want %d at most", test.name, n, test.refused)
		}
		took, want := s.clock.now().Sub(began), least(len(s.api.Writes()), test.minute, test.hour)
		t.Logf("%s: %d requests, %d writes, %s, at least %s, %d refused", test.name, tr.requests(), len(s.api.Writes()), took, want, s.api.Refused())
		if took > want+want/10 {
			t.Errorf("%s: it takes %s, at least %s", test.name, took, want)
		}
		again := &traffic{}
		s.quiet(t, func() { s.program(again).run(t, sweepArgs("1.0.1")...).want(t, 0) })
		if n := again.requests(); n > 10 {
			t.Errorf("%s: the second run sends %d requests, want 10 at most: %q", test.name, n, again.seen)
		}
		s.reset(t)
	}
}
