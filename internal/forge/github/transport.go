package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/matihlabs/propagate/internal/redact"
)

// A clock is the time as the layers see it.
type clock struct {
	now   func() time.Time
	sleep func(ctx context.Context, d time.Duration) error
}

// newLanes returns what all requests pass, and the lanes to the API, at base, and to git.
// Both begin with the limits and end with the time limit of each single request; the API's
// token is added last.
func (o Options) newLanes(base *url.URL, secrets *redact.Redactor) (t *traffic, api, git http.RoundTripper) {
	network := o.Transport
	if network == nil {
		network = http.DefaultTransport
	}
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = time.Minute
	}
	log := func(format string, args ...any) {
		if o.Log != nil {
			o.Log("%s", secrets.Text(fmt.Sprintf(format, args...)))
		}
	}
	c := clock{now: o.Now, sleep: o.Sleep}
	if c.now == nil {
		c.now = time.Now
	}
	if c.sleep == nil {
		c.sleep = sleep
	}
	t = newTraffic(o, c, secrets, log)
	api = &lane{t, &sender{base: base, token: o.Token, timeout: timeout, next: network}}
	git = &lane{t, &sender{timeout: gitPatience * timeout, next: network}}
	return t, api, git
}

// gitPatience is how many times longer than the API git may take for an answer: hooks run
// before a push is answered.
const gitPatience = 10

// sleep waits for d, or until ctx ends, and then returns its error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// A sender sends a single request and reads its answer to the end, within a time limit.
type sender struct {
	base    *url.URL // of the API; nil for git, which brings its own credentials
	token   string
	timeout time.Duration
	next    http.RoundTripper
}

// errTimeout tells the limit of one answer from the end of the caller's context.
var errTimeout = errors.New("no answer in time")

// maxAnswer bounds an answer: the references of a very large repository are some ten megabytes.
const maxAnswer = 256 << 20

func (s *sender) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeoutCause(req.Context(), s.timeout, errTimeout)
	defer cancel()
	sent := req.Clone(ctx)
	if s.base != nil {
		sent.Header.Del("Authorization")
		if s.token != "" && sent.URL.Scheme == s.base.Scheme && sent.URL.Host == s.base.Host {
			sent.Header.Set("Authorization", "Bearer "+s.token)
		}
	}
	resp, err := s.next.RoundTrip(sent)
	if err == nil {
		resp.Body, err = readAll(resp.Body)
	}
	if err != nil {
		if errors.Is(context.Cause(ctx), errTimeout) {
			err = fmt.Errorf("%w, %s", errTimeout, s.timeout)
		}
		return nil, err
	}
	return resp, nil
}

// readAll returns the whole of a body, so that an answer that is cut short is none.
func readAll(body io.ReadCloser) (io.ReadCloser, error) {
	data, err := io.ReadAll(io.LimitReader(body, maxAnswer+1))
	if closeErr := body.Close(); err == nil {
		err = closeErr
	}
	if err == nil && len(data) > maxAnswer {
		err = fmt.Errorf("its answer is longer than %d MiB", maxAnswer>>20)
	}
	return io.NopCloser(bytes.NewReader(data)), err
}

// again returns req for its n-th sending, counted from 0, with its body from
// the beginning.
func again(req *http.Request, n int) (*http.Request, error) {
	if n == 0 || req.Body == nil || req.Body == http.NoBody {
		return req, nil
	}
	if req.GetBody == nil {
		return nil, fmt.Errorf("%s %s cannot be sent a second time", req.Method, req.URL.Path)
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	next := req.Clone(req.Context())
	next.Body = body
	return next, nil
}

// A redirectError says where a redirect led to that was not followed.
type redirectError struct{ why string }

func (e *redirectError) Error() string { return e.why }

const maxRedirects = 5

// sameHost follows redirects, which GitHub sends for a renamed repository, on
// the same scheme and host only: elsewhere somebody else would get the request.
func sameHost(req *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case req.URL.Scheme != first.URL.Scheme || req.URL.Host != first.URL.Host:
		return &redirectError{fmt.Sprintf("it redirects to %s://%s", req.URL.Scheme, req.URL.Host)}
	// net/http turns a redirected POST into a GET for some statuses.
	case req.Method != first.Method:
		return &redirectError{fmt.Sprintf("it redirects a %s to %s", first.Method, req.URL.Path)}
	case len(via) >= maxRedirects:
		return &redirectError{"it redirects in a circle"}
	}
	return nil
}

func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
