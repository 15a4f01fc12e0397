package github

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
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
// token, that of with, is added last.
func (o Options) newLanes(base *url.URL, secrets *redact.Redactor) (t *traffic, api, git http.RoundTripper, with credential) {
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
	toAPI := &sender{site: base, with: fixed(o.Token), timeout: timeout, next: network, hourly: o.Hourly}
	toGit := &sender{timeout: gitPatience * timeout, next: network}
	if o.App != nil {
		toAPI.with = o.installation(t, base, &sender{timeout: timeout, next: network})
		if o.Git != nil {
			toGit.site, toGit.with, toGit.basic = o.Git, toAPI.with, true
		}
	}
	return t, &lane{t, toAPI}, &lane{t, toGit}, toAPI.with
}

// installation returns the credential of the App, which sends requests of its own with next.
func (o Options) installation(t *traffic, base *url.URL, next http.RoundTripper) *installation {
	i := &installation{
		traffic: t, app: *o.App, owner: o.Owner, repo: o.Repo, base: base, agent: o.UserAgent,
		client: &http.Client{Transport: next, CheckRedirect: sameHost}, turn: make(chan struct{}, 1),
		learn: func(secret string) {
			t.secrets.Add(secret, TokenUser+":"+secret)
			if o.Learn != nil {
				o.Learn(secret)
			}
		},
	}
	i.turn <- struct{}{}
	return i
}

// TokenUser is the user name that goes with a token when git is spoken to.
const TokenUser = "x-access-token"

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
	site    *url.URL // whose scheme and host get the token; nil where requests bring their own credentials
	with    credential
	basic   bool // the token goes as a password, as git has it
	timeout time.Duration
	next    http.RoundTripper

	hourly func(limit int) // is told of the first answer to a token how many requests it has in an hour; may be nil
	told   sync.Once
}

// errTimeout tells the limit of one answer from the end of the caller's context.
var errTimeout = errors.New("no answer in time")

// maxAnswer bounds an answer: the references of a very large repository are some ten megabytes.
const maxAnswer = 256 << 20

// RoundTrip sends a request with the token, if it goes where that belongs. Where the token
// is not accepted and there is another, it is sent with that one.
func (s *sender) RoundTrip(req *http.Request) (*http.Response, error) {
	if s.site == nil {
		return s.send(req, nil)
	}
	if req.URL.Scheme != s.site.Scheme || req.URL.Host != s.site.Host {
		return s.send(req, func(h http.Header) { h.Del("Authorization") })
	}
	ctx := req.Context()
	token, err := s.with.token(ctx)
	if err != nil {
		return instead(req, err)
	}
	resp, err := s.send(req, s.authorize(token))
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		s.tell(resp)
		return resp, err
	}
	another, err := s.with.renew(ctx, token)
	if err != nil {
		return instead(req, err)
	}
	next, err := again(req, 1)
	if another == "" || err != nil {
		return resp, nil
	}
	return s.send(next, s.authorize(another))
}

// instead returns the answer of a limit that refuses to make a token as that to the request.
func instead(req *http.Request, err error) (*http.Response, error) {
	var refused *refusedError
	if !errors.As(err, &refused) {
		return nil, err
	}
	if req.Body != nil {
		_ = req.Body.Close()
	}
	return refused.resp, nil
}

// tell says how many requests the token has in an hour, 0 where the server does not.
func (s *sender) tell(resp *http.Response) {
	if s.hourly == nil || resp == nil {
		return
	}
	s.told.Do(func() {
		limit, _ := strconv.Atoi(resp.Header.Get("X-RateLimit-Limit")) // 0 is that it does not say
		s.hourly(limit)
	})
}

// authorize returns what puts a token into the header of a request.
func (s *sender) authorize(token string) func(http.Header) {
	return func(h http.Header) {
		h.Del("Authorization")
		switch {
		case token != "" && s.basic:
			h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(TokenUser+":"+token)))
		case token != "":
			h.Set("Authorization", "Bearer "+token)
		}
	}
}

// send sends a request once, with what edit does to its header.
func (s *sender) send(req *http.Request, edit func(http.Header)) (*http.Response, error) {
	ctx, cancel := context.WithTimeoutCause(req.Context(), s.timeout, errTimeout)
	defer cancel()
	sent := req.Clone(ctx)
	if edit != nil {
		edit(sent.Header)
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
