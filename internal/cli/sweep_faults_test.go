package cli_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/matihlabs/propagate/internal/forge/forgetest"
)

// A clock goes on when somebody sleeps, and never otherwise.
type clock struct {
	mu sync.Mutex
	at time.Time

	onSleep func() // what happens while somebody sleeps; nil for nothing
}

func newClock() *clock { return &clock{at: now} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.onSleep != nil {
		c.onSleep()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	return nil
}

// A fault is one way for a request to go wrong.
type fault struct {
	name   string
	kill   bool // nothing is sent any more from here on
	after  bool // the request takes effect, and only its answer is lost
	pause  bool // what the server says ends by itself: the run gets over it
	answer *told
}

// told is what an answer in place of the right one says; without one the connection is reset.
type told struct {
	status int
	header http.Header
	text   string // of the message, for the API and for git
}

func (a *told) to(r *http.Request) *http.Response {
	switch {
	case a.status >= 500:
		return answerOf(r, a.status, "text/html", a.text, a.header)
	case forGit(r):
		return answerOf(r, a.status, "text/plain", a.text, a.header)
	}
	return answerOf(r, a.status, "application/json; charset=utf-8", forgetest.Message(a.text), a.header)
}

// faults are all of them.
func faults() []fault {
	const limited = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
	gateway := &told{status: 502, text: "<html><body>502 Bad Gateway</body></html>"}
	after := http.Header{"Retry-After": {"60"}}
	return []fault{
		{name: "killed before", kill: true},
		{name: "killed after", kill: true, after: true},
		{name: "502 before", answer: gateway},
		{name: "502 after", after: true, answer: gateway},
		{name: "429 with Retry-After", pause: true, answer: &told{429, after, limited}},
		{name: "403 with Retry-After", pause: true, answer: &told{403, after, limited}},
		{name: "403 without headers", pause: true, answer: &told{403, nil, limited}},
		{name: "reset before"},
		{name: "reset after", after: true},
	}
}

// forGit reports whether a request is one of git, and not of the API.
func forGit(r *http.Request) bool { return strings.Contains(r.URL.Path, ".git/") }

func answerOf(r *http.Request, status int, kind, body string, header http.Header) *http.Response {
	h := header.Clone()
	if h == nil {
		h = http.Header{}
	}
	h.Set("Content-Type", kind)
	return &http.Response{
		Status: strconv.Itoa(status) + " " + http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}
}

// A traffic is a transport that counts what is sent, and has one request go wrong.
type traffic struct {
	at    int // the one that goes wrong, counted from 1; 0 is none
	fault fault
	next  http.RoundTripper // nil is the default
	// before is called ahead of every request with its number, and may set at; it may be nil.
	before func(n int, r *http.Request)

	mu   sync.Mutex
	seen []string // method and path of each
	dead bool
}

func (f *traffic) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	f.seen = append(f.seen, r.Method+" "+r.URL.Path)
	n := len(f.seen)
	if f.before != nil {
		f.before(n, r)
	}
	strikes, dead := n == f.at, f.dead
	f.dead = dead || strikes && f.fault.kill
	f.mu.Unlock()
	next := f.next
	if next == nil {
		next = http.DefaultTransport
	}
	switch {
	case dead:
		drop(r.Body)
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case !strikes:
		return next.RoundTrip(r)
	}
	if f.fault.after {
		resp, err := next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		drop(resp.Body)
	} else {
		drop(r.Body)
	}
	if f.fault.answer != nil {
		return f.fault.answer.to(r), nil
	}
	return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
}

// drop reads a body to its end, since what was asked for is done only then, and closes it.
func drop(body io.ReadCloser) {
	if body != nil {
		_, _ = io.Copy(io.Discard, body)
		_ = body.Close()
	}
}

// requests returns how many were sent.
func (f *traffic) requests() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.seen)
}

// request returns the method and path of the n-th, counted from 1.
func (f *traffic) request(n int) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen[n-1]
}

// writes reports whether a request, as traffic writes it down, changes something.
func writes(request string) bool {
	return !strings.HasPrefix(request, http.MethodGet+" ") && !strings.HasSuffix(request, "/git-upload-pack")
}
