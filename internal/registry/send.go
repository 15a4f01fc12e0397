package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	dialTimeout      = 10 * time.Second
	hastyDialTimeout = 2 * time.Second // a registry that is there answers sooner
	requestTimeout   = 30 * time.Second
	maxRedirects     = 5
	triesWhenBusy    = 5
	triesWhenBroken  = 3
	firstPause       = 500 * time.Millisecond

	maxErrorSize         = 64 << 10
	maxTokenSize         = 1 << 20
	maxManifestSize      = 4 << 20
	maxConfigurationSize = 16 << 20
	maxPageSize          = 32 << 20
)

// newTransport returns the default transport with another bound for dialling. It reaches no
// link-local address, where clouds keep the credentials of machines.
func newTransport(timeout time.Duration) http.RoundTripper {
	known, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t := known.Clone()
	t.MaxIdleConnsPerHost = defaultParallel
	dialer := &net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		if host, _, err := net.SplitHostPort(address); err == nil && isLinkLocal(host) {
			return fmt.Errorf("%s is a link-local address, which is not asked", host)
		}
		return nil
	}}
	t.DialContext = dialer.DialContext
	return t
}

// A request is what is asked of an endpoint, or of its token server.
type request struct {
	method        string
	url           *url.URL
	header        http.Header
	form          url.Values // is sent as the body
	authorization string     // goes to the host of url alone
	limit         int64      // of the body of the answer
	hasty         bool       // it is sent once
}

// A response is an answer whose body has been read.
type response struct {
	status int
	header http.Header
	body   []byte
	url    *url.URL // that answered
}

// errSlow is for a request that has not been answered in time.
var errSlow = errors.New("it does not answer in time")

// repeat sends a request, and sends it again while it fails for a cause that passes.
func (e *endpoint) repeat(ctx context.Context, r request) (*response, error) {
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	case <-ctx.Done():
		return nil, reason(context.Cause(ctx))
	}
	for try := 1; ; try++ {
		found, err := e.send(ctx, r)
		wait, again := e.client.pause(found, err, try)
		if r.hasty || !again || ctx.Err() != nil {
			return found, reason(err)
		}
		if e.client.timeLeft(ctx) <= wait {
			if err == nil && wait > time.Minute {
				err = tooLong(found.status, wait)
			}
			return found, reason(err)
		}
		if err := e.client.options.Sleep(ctx, wait); err != nil {
			return nil, reason(cmp.Or(context.Cause(ctx), err))
		}
	}
}

// pause returns how long to wait after a try, and whether to try again at all.
func (c *Client) pause(found *response, err error, try int) (wait time.Duration, again bool) {
	wait = firstPause << (try - 1)
	if err != nil {
		return wait, isBroken(err) && try < triesWhenBroken
	}
	switch found.status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return max(wait, c.retryAfter(found.header)), try < triesWhenBusy
	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		return wait, try < triesWhenBroken
	}
	return 0, false
}

// retryAfter returns what the header Retry-After says, in seconds or as a date; 0 for nothing.
func (c *Client) retryAfter(header http.Header) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(text); err == nil {
		return max(0, date.Sub(c.options.Now()))
	}
	return 0
}

// isCut reports whether a connection ended before the answer did.
func isCut(err error) bool {
	for _, cause := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE, net.ErrClosed} {
		if errors.Is(err, cause) {
			return true
		}
	}
	return false
}

// isBroken reports whether a connection failed in the middle of something.
func isBroken(err error) bool {
	if isCut(err) {
		return true
	}
	// These errors of net/http have no type of their own.
	for _, text := range []string{"transport connection broken", "server closed idle connection", "server sent GOAWAY", "stream error"} {
		if strings.Contains(err.Error(), text) {
			return true
		}
	}
	return false
}

// send sends a request once, and follows where the answer redirects it to. Its authorization
// goes to no other host.
func (e *endpoint) send(ctx context.Context, r request) (*response, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, requestTimeout, errSlow)
	defer cancel()
	transport := e.client.patient
	if r.hasty {
		transport = e.client.hasty
	}
	at := r.url
	for range maxRedirects + 1 {
		found, err := one(ctx, transport, r, at)
		if err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return nil, err
		}
		next, err := redirection(found)
		if err != nil || next == nil {
			return found, err
		}
		if r.form != nil {
			return nil, fmt.Errorf("it redirects to %s, where credentials do not follow", next.Host)
		}
		if err := e.permits(at, next); err != nil {
			return nil, fmt.Errorf("it redirects to %s: %w", next.Host, err)
		}
		at = next
	}
	return nil, fmt.Errorf("it redirects more than %d times", maxRedirects)
}

// one makes the request at a URL and reads the answer.
func one(ctx context.Context, transport http.RoundTripper, r request, at *url.URL) (*response, error) {
	var body io.Reader
	if r.form != nil {
		body = strings.NewReader(r.form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, r.method, at.String(), body)
	if err != nil {
		return nil, err
	}
	for key, values := range r.header {
		req.Header[key] = slices.Clone(values)
	}
	req.Header.Set("User-Agent", "propagate")
	if r.form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if r.authorization != "" && sameOrigin(at, r.url) {
		req.Header.Set("Authorization", r.authorization)
	}
	answer, err := transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	limit := r.limit
	if answer.StatusCode != http.StatusOK {
		limit = maxErrorSize
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, limit+1))
	switch {
	case err != nil && answer.StatusCode != http.StatusOK:
		text = nil // the status is what counts
	case err != nil:
		return nil, err
	case int64(len(text)) > limit && answer.StatusCode == http.StatusOK:
		return nil, fmt.Errorf("its answer is larger than %d MiB", limit>>20)
	}
	return &response{answer.StatusCode, answer.Header, text, at}, nil
}

// redirection returns where an answer says that the thing is; nil if it is the answer.
func redirection(found *response) (*url.URL, error) {
	switch found.status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	location := found.header.Get("Location")
	if location == "" {
		return nil, nil
	}
	next, err := found.url.Parse(location)
	if err != nil || next.Host == "" {
		return nil, errors.New("it redirects to what is no URL")
	}
	next.User, next.Fragment = nil, ""
	return next, nil
}
