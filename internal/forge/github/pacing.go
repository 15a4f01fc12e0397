package github

import (
	"net/http"
	"time"
)

// GitHub asks for at least a second between requests that change something,
// and answers those that come faster with a limit on creating content.
const pause = time.Second

// A pacer sends changes one at a time, with a pause after each. Reads pass.
type pacer struct {
	clock clock
	next  http.RoundTripper
	turn  chan time.Time // holds the time of the last change's answer; taken by whose turn it is
}

func newPacer(c clock, next http.RoundTripper) *pacer {
	p := &pacer{clock: c, next: next, turn: make(chan time.Time, 1)}
	p.turn <- time.Time{}
	return p
}

func (p *pacer) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodGet || req.Method == http.MethodHead {
		return p.next.RoundTrip(req)
	}
	ctx := req.Context()
	var last time.Time
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case last = <-p.turn:
	}
	defer func() { p.turn <- last }()
	if wait := last.Add(pause).Sub(p.clock.now()); !last.IsZero() && wait > 0 {
		// More than a pause is a clock that was set back.
		if err := p.clock.sleep(ctx, min(wait, pause)); err != nil {
			return nil, err
		}
	}
	resp, err := p.next.RoundTrip(req)
	last = p.clock.now()
	return resp, err
}
