package cli_test

import (
	"io"
	"net/http"
	"strings"
	counters "sync/atomic"
	"testing"
)

// A refusing is a transport that gives the first requests of one kind an answer of its own.
type refusing struct {
	method, pathEnd string
	status          int
	retryAfter      string
	times           *counters.Int32
}

func (f refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != f.method || !strings.HasSuffix(r.URL.Path, f.pathEnd) || f.times.Add(-1) < 0 {
		return http.DefaultTransport.RoundTrip(r)
	}
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	resp := &http.Response{
		StatusCode: f.status, Status: http.StatusText(f.status), Header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}},
		Body: io.NopCloser(strings.NewReader("You have exceeded a secondary rate limit.\n")), Request: r,
	}
	if f.retryAfter != "" {
		resp.Header.Set("Retry-After", f.retryAfter)
	}
	return resp, nil
}

// The limits of git are waited for as those of the API are, and a gateway of git that fails is
// asked again.
func TestGitIsUnwell(t *testing.T) {
	t.Parallel()
	for _, test := range []refusing{
		{"POST", "/git-receive-pack", 403, "1", times(1)},
		{"POST", "/git-receive-pack", 429, "1", times(1)},
		{"GET", "/info/refs", 429, "1", times(1)},
		{"GET", "/info/refs", 502, "", times(1)},
	} {
		t.Run(test.method+" "+http.StatusText(test.status), func(t *testing.T) {
			t.Parallel()
			h := smallHub(t)
			p := h.program()
			p.transport = test
			p.run(t, prArgs...).want(t, 0)
			if pull := h.pull(t); pull.Number != 1 || h.git.Pushes() != 2 {
				t.Errorf("the pull request is %+v, after %d pushes", pull, h.git.Pushes())
			}
		})
	}
}

// A limit of git that lasts for too long is said to be one, and is no missing permission.
func TestLimitOfGitThatIsTooLong(t *testing.T) {
	t.Parallel()
	for _, test := range []refusing{
		{"POST", "/git-receive-pack", 403, "3600", times(1)},
		{"GET", "/info/refs", 403, "3600", times(1)},
	} {
		t.Run(test.method, func(t *testing.T) {
			t.Parallel()
			h := smallHub(t)
			p := h.program()
			p.transport = test
			r := p.run(t, prArgs...)
			r.says(t, "rate limit reached, try again in 1h0m0s, at ", "secondary rate limit", "hint: ", "again")
			if r.status == 0 || strings.Contains(r.stdout+r.stderr, "permission") || len(h.api.Pulls()) != 0 {
				t.Errorf("exit status %d, the pull requests are %+v", r.status, h.api.Pulls())
			}
			p.run(t, prArgs...).want(t, 0)
			if pull := h.pull(t); pull.Number != 1 {
				t.Errorf("the pull request is %+v", pull)
			}
		})
	}
}

func times(n int32) *counters.Int32 {
	var left counters.Int32
	left.Store(n)
	return &left
}
