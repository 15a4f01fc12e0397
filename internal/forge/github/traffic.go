package github

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/redact"
)

// pause is between two writes. GitHub asks for at least a second, and answers those that come
// faster with a limit on creating content.
const pause = time.Second

// grace is how long the answer to a write is awaited once its caller was interrupted.
const grace = 30 * time.Second

// A traffic is all that goes to one GitHub, to its API and to its git alike: there is one
// writer, one budget, and one time before which nothing is sent.
type traffic struct {
	clock   clock
	secrets *redact.Redactor
	log     func(format string, args ...any)
	waiting func(until time.Time, why string)
	turn    chan struct{} // holds a value while nobody writes

	mu      sync.Mutex
	left    time.Duration // of what may be waited in all
	charged time.Time     // the waits up to here are taken off left
	until   time.Time     // GitHub wants no request before
	why     string        // its message
	last    time.Time     // when the last write was answered
	budget  budget
}

func newTraffic(o Options, c clock, secrets *redact.Redactor, log func(format string, args ...any)) *traffic {
	t := &traffic{
		clock: c, secrets: secrets, log: log, waiting: o.Waiting,
		turn: make(chan struct{}, 1), left: o.MaxWait, budget: newBudget(o.Limits),
	}
	t.turn <- struct{}{}
	return t
}

// seed notes writes of which somebody else, or an earlier run, is known to have sent them.
func (t *traffic) seed(times []time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.budget.seed(times, t.clock.now())
}

// A lane is the part of the traffic that goes to one host.
type lane struct {
	*traffic
	next http.RoundTripper
}

// RoundTrip sends a request when it is its turn and the limits allow it. A request that a
// limit refuses has had no effect and is sent again after the pause that the limit asks for.
func (l *lane) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := l.roundTrip(req)
	if err != nil && req.Body != nil {
		_ = req.Body.Close() // the contract of http.RoundTripper; a second time is harmless
	}
	return resp, err
}

func (l *lane) roundTrip(req *http.Request) (*http.Response, error) {
	write := isWrite(req)
	if write {
		select {
		case <-req.Context().Done():
			return nil, req.Context().Err()
		case <-l.turn:
			defer func() { l.turn <- struct{}{} }()
		}
	}
	refusals := 0
	limits := l.limits()
	for try := 0; ; try++ {
		if err := l.hold(req, write); err != nil {
			return nil, err
		}
		sent, err := again(req, try)
		if err != nil {
			return nil, err
		}
		began := l.clock.now()
		var resp *http.Response
		if write {
			resp, err = l.deliver(sent)
		} else {
			resp, err = l.read(sent)
		}
		var v verdict
		if err == nil {
			v = l.judge(req, resp, refusals)
		}
		l.note(began, write, v, limits)
		if err != nil {
			return nil, err
		}
		if v.served {
			// go-github would refuse the next request by itself.
			resp.Header.Del("X-RateLimit-Remaining")
			resp.Header.Del("X-RateLimit-Reset")
			return resp, nil
		}
		if v.secondary {
			refusals++
		}
	}
}

func (t *traffic) limits() Limits {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.budget.Limits
}

// note keeps what a request that began at that time tells of the limits; before are those
// that held before it was refused for the first time.
func (t *traffic) note(began time.Time, write bool, v verdict, before Limits) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock.now()
	if until := now.Add(v.wait); v.wait > 0 && until.After(t.until) {
		t.until, t.why = until, v.why
	}
	if !write {
		return
	}
	if v.secondary {
		t.budget.learn(began, v.wait, before)
	}
	t.budget.add(now, v.secondary)
	t.last = now
}

// hold waits until a request may be sent. It gives up with a *forge.RateLimitError where the
// limits ask for more than is left of what may be waited, and with the error of the
// request's context where that ends.
func (t *traffic) hold(req *http.Request, write bool) error {
	for {
		if err := req.Context().Err(); err != nil {
			return err
		}
		w, err := t.delay(req.URL.Host, write)
		if err != nil || w.whole <= 0 {
			return err
		}
		if w.limited > 0 {
			t.log("%s", w.say)
			if t.waiting != nil {
				t.waiting(w.until, w.why)
			}
		}
		if err := t.clock.sleep(req.Context(), w.whole); err != nil {
			return err
		}
	}
}

// A wait is how long a request has to wait.
type wait struct {
	whole   time.Duration
	limited time.Duration // because of limits, and not for the pause between writes
	until   time.Time     // the end of limited
	why     string
	say     string // all of it in a sentence
}

// delay returns how long a request has to wait as things are, and takes that off what may be
// waited in all. Of requests that wait at the same time it counts once.
func (t *traffic) delay(host string, write bool) (wait, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock.now()
	w := wait{until: t.until, why: t.why}
	own := false
	if write {
		if free, why := t.budget.free(now); free.After(w.until) {
			w.until, w.why, own = free, why, true
		}
		if t.last.After(now) { // the clock was set back
			t.last = now
		}
		if !t.last.IsZero() {
			w.whole = max(t.last.Add(pause).Sub(now), 0)
		}
	}
	w.limited = max(w.until.Sub(now), 0)
	if w.limited == 0 || own && w.limited <= w.whole { // for which the pause is long enough
		w.limited = 0
		return w, nil
	}
	w.whole = max(w.whole, w.limited)
	from := now
	if t.charged.After(from) {
		from = t.charged
	}
	if more := w.until.Sub(from); more > t.left {
		return wait{}, &forge.RateLimitError{RetryAfter: w.limited, At: w.until, Err: errors.New(w.why)}
	} else if more > 0 {
		t.left -= more
		t.charged = w.until
	}
	w.say = host + " wants a pause of " + w.limited.Round(time.Second).String() + ": " + w.why
	if own {
		w.say = "a pause of " + w.limited.Round(time.Second).String() + ": " + w.why
	}
	return w, nil
}

// errInterrupted is why a write is given up whose answer does not come.
var errInterrupted = errors.New("interrupted")

// deliver sends a write. Once it is sent an interrupt does not end it, since it may have taken
// effect: its answer is awaited for some time yet. What it says of that is said before it returns.
func (l *lane) deliver(req *http.Request) (*http.Response, error) {
	caller := req.Context()
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(caller))
	said := make(chan struct{})
	stop := context.AfterFunc(caller, func() {
		defer close(said)
		l.log("interrupted: %s is to answer a request yet, which is awaited for %s; a second interrupt ends the program at once", req.URL.Host, grace)
		select {
		case <-time.After(grace):
			cancel(errInterrupted)
		case <-ctx.Done():
		}
	})
	defer func() {
		cancel(nil) // the answer has been read to its end
		if !stop() {
			<-said
		}
	}()
	resp, err := l.next.RoundTrip(req.WithContext(ctx))
	if err != nil && errors.Is(context.Cause(ctx), errInterrupted) {
		return nil, caller.Err()
	}
	return resp, err
}
