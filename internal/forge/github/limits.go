package github

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
)

// A limiter waits for GitHub's rate limits. It holds back every request until
// the time that GitHub named, since going on meanwhile may get a client banned.
// go-github's own bookkeeping knows limits with status 403 only and returns
// errors instead of waiting, so none of it reaches go-github.
type limiter struct {
	clock   clock
	next    http.RoundTripper
	maxWait time.Duration
	log     func(format string, args ...any)

	mu    sync.Mutex
	until time.Time // no request before
	why   string    // GitHub's message
}

func (l *limiter) RoundTrip(req *http.Request) (*http.Response, error) {
	var waited time.Duration
	for try := 0; ; try++ {
		if err := l.hold(req, &waited); err != nil {
			return nil, err
		}
		sent, err := again(req, try)
		if err != nil {
			return nil, err
		}
		resp, err := l.next.RoundTrip(sent)
		if err != nil {
			return nil, err
		}
		wait, why, served := l.limit(resp, try)
		if wait > 0 {
			l.block(wait, why)
		}
		if !served {
			discard(resp)
			continue
		}
		// go-github would refuse the next request by itself.
		resp.Header.Del("X-RateLimit-Remaining")
		resp.Header.Del("X-RateLimit-Reset")
		return resp, nil
	}
}

// hold waits until requests are allowed again, or says that it would take too
// long for one request that has waited already.
func (l *limiter) hold(req *http.Request, waited *time.Duration) error {
	l.mu.Lock()
	wait, why := l.until.Sub(l.clock.now()), l.why
	l.mu.Unlock()
	if wait <= 0 {
		return nil
	}
	if *waited+wait > l.maxWait {
		return &forge.RateLimitError{RetryAfter: wait, Err: errors.New(why)}
	}
	*waited += wait
	l.log("%s wants a pause of %s: %s", req.URL.Host, wait.Round(time.Second), why)
	return l.clock.sleep(req.Context(), wait)
}

func (l *limiter) block(wait time.Duration, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := l.clock.now().Add(wait); until.After(l.until) {
		l.until, l.why = until, why
	}
}

// The wait for a secondary limit that names no time; it doubles with each try.
const unknownWait = time.Minute

// limit returns how long to wait because of resp, 0 for no limit, why, and
// whether resp is an answer to its request all the same.
func (l *limiter) limit(resp *http.Response, try int) (wait time.Duration, why string, served bool) {
	reset, exhausted := l.reset(resp)
	if resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusTooManyRequests {
		if exhausted {
			return reset, "all requests of this hour are used up", true
		}
		return 0, "", true
	}
	message := peekMessage(resp)
	after, named := l.retryAfter(resp)
	switch {
	case named:
		return after, message, false
	case exhausted:
		return reset, message, false
	case resp.StatusCode == http.StatusTooManyRequests || secondary(message):
		return unknownWait << min(try, 10), message, false
	}
	return 0, "", true
}

// secondary reports whether a message without any header speaks of a limit.
// Other answers with status 403 are about permissions.
func secondary(message string) bool {
	m := strings.ToLower(message)
	return strings.Contains(m, "rate limit") || strings.Contains(m, "abuse detection") || strings.Contains(m, "submitted too quickly")
}

// retryAfter reads Retry-After, at least a second.
func (l *limiter) retryAfter(resp *http.Response) (time.Duration, bool) {
	value := resp.Header.Get("Retry-After")
	if value == "" {
		return 0, false
	}
	if s, err := strconv.Atoi(value); err == nil {
		return max(time.Duration(s)*time.Second, time.Second), true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return max(at.Sub(l.serverTime(resp)), time.Second), true
}

// reset returns how long the primary limit lasts, at least a second, when
// resp says that nothing is left of it.
func (l *limiter) reset(resp *http.Response) (time.Duration, bool) {
	if resp.Header.Get("X-RateLimit-Remaining") != "0" {
		return 0, false
	}
	at, err := strconv.ParseInt(resp.Header.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil {
		return 0, false
	}
	// One second more, since both times are cut to whole seconds.
	return max(time.Unix(at, 0).Sub(l.serverTime(resp))+time.Second, time.Second), true
}

// serverTime is the server's own clock, which the times in its headers belong to.
func (l *limiter) serverTime(resp *http.Response) time.Time {
	if t, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		return t
	}
	return l.clock.now()
}

// peekMessage returns the message of an error, on one line, without using up
// its body.
func peekMessage(resp *http.Response) string {
	data, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(data), resp.Body), resp.Body}
	var body struct{ Message string }
	if err != nil || json.Unmarshal(data, &body) != nil || body.Message == "" {
		return resp.Status
	}
	return strings.Join(strings.Fields(body.Message), " ")
}
