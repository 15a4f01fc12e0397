package github

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A verdict is what an answer says of GitHub's limits. go-github's own bookkeeping knows limits
// with status 403 only and returns errors instead of waiting, so none of it reaches go-github.
type verdict struct {
	wait      time.Duration // before the next request; 0 for no limit
	why       string        // GitHub's message, on one line and without secrets
	served    bool          // it is an answer to its request all the same
	secondary bool          // it is a limit on what is sent within some time
}

// The wait for a secondary limit that names no time; it doubles with each refusal.
const unknownWait = time.Minute

// judge reads an answer to a request that had been refused that many times. API and git answer
// alike, git in plain text.
func (t *traffic) judge(req *http.Request, resp *http.Response, refusals int) verdict {
	reset, exhausted := t.reset(resp)
	after, named := t.retryAfter(resp)
	message, limited := said(req, resp)
	message = cut(t.secrets.Line(message))
	switch status := resp.StatusCode; {
	case unwell(status) && named:
		return verdict{wait: after, why: message, served: isWrite(req)} // which may have taken effect
	case status == http.StatusOK && limited && isGraphQL(req):
	case status != http.StatusForbidden && status != http.StatusTooManyRequests:
		if exhausted {
			return verdict{wait: reset, why: "all requests of this hour are used up", served: true}
		}
		return verdict{served: true}
	}
	unknown := unknownWait << min(refusals, 10)
	switch {
	case exhausted && named:
		return verdict{wait: after, why: message}
	case exhausted:
		return verdict{wait: reset, why: message}
	case named && refusals > 1: // what was named has not helped
		return verdict{wait: max(after, unknown/2), why: message, secondary: true}
	case named:
		return verdict{wait: after, why: message, secondary: true}
	case resp.StatusCode == http.StatusTooManyRequests || limited:
		return verdict{wait: unknown, why: message, secondary: true}
	}
	return verdict{served: true} // about permissions
}

// retryAfter reads Retry-After, at least a second.
func (t *traffic) retryAfter(resp *http.Response) (time.Duration, bool) {
	value := resp.Header.Get("Retry-After")
	if value == "" {
		return 0, false
	}
	if s, err := strconv.Atoi(value); err == nil {
		return bounded(time.Duration(min(s, int(longest/time.Second))) * time.Second), true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return bounded(at.Sub(t.serverTime(resp))), true
}

// longest is more than anybody waits.
const longest = 365 * 24 * time.Hour

// bounded returns a wait that a server asks for, as far as that makes sense.
func bounded(wait time.Duration) time.Duration { return max(min(wait, longest), time.Second) }

// reset returns how long the primary limit lasts, at least a second, when
// resp says that nothing is left of it.
func (t *traffic) reset(resp *http.Response) (time.Duration, bool) {
	if resp.Header.Get("X-RateLimit-Remaining") != "0" {
		return 0, false
	}
	at, err := strconv.ParseInt(resp.Header.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil {
		return 0, false
	}
	// One second more, since both times are cut to whole seconds.
	return bounded(min(time.Unix(min(at, 1<<40), 0).Sub(t.serverTime(resp)), longest) + time.Second), true
}

// serverTime is the server's own clock, which the times in its headers belong to.
func (t *traffic) serverTime(resp *http.Response) time.Time {
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		return at
	}
	return t.clock.now()
}

// maxMessage bounds what is read of an answer for its message.
const maxMessage = 64 << 10

// said returns the message of an answer, on one line, and whether it speaks of a limit. It does
// not use up the body. Other answers with status 403 are about permissions.
func said(req *http.Request, resp *http.Response) (message string, limited bool) {
	if resp.StatusCode < 400 && !isGraphQL(req) {
		return "", false
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxMessage))
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(data), resp.Body), resp.Body}
	var body struct {
		Message string
		URL     string `json:"documentation_url"`
		Errors  []struct{ Type, Message string }
	}
	plain, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case err != nil:
	case json.Unmarshal(data, &body) == nil:
		message = body.Message
		if isGraphQL(req) && len(body.Errors) > 0 {
			message = body.Errors[0].Message
			limited = body.Errors[0].Type == "RATE_LIMITED"
		}
	case plain == "text/plain":
		message = string(data)
	}
	limited = limited || speaksOfLimit(message) || speaksOfLimit(body.URL)
	if message == "" {
		message = resp.Status
	}
	return strings.Join(strings.Fields(message), " "), limited
}

// cut shortens a message for a line of output.
func cut(message string) string {
	const enough = 300
	if runes := []rune(message); len(runes) > enough {
		return string(runes[:enough]) + "…"
	}
	return message
}

// speaksOfLimit reports whether a message, or the address of what it refers to, is about a
// limit on requests.
func speaksOfLimit(text string) bool {
	text = strings.ToLower(text)
	for _, words := range []string{"rate limit", "rate-limit", "abuse detection", "abuse-rate", "submitted too quickly", "too many requests"} {
		if strings.Contains(text, words) {
			return true
		}
	}
	return false
}
