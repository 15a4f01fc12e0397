package github

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
)

// The bound on waits is for all requests together. The one that goes beyond says when to go
// on, and nothing is sent that a limit holds back.
func TestMaxWaitIsForTheWholeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hub{fail: func(n int, _ *http.Request) *answer {
			if n%2 == 1 {
				return plain(403, tooMuch, "Retry-After", "240")
			}
			return nil
		}}
		u := use(t, h, Options{MaxWait: 10 * time.Minute})
		u.push("") // 4 minutes
		u.open("") // 8
		_, _, err := u.do(t.Context(), u.git, http.MethodGet, gitRepo+"/info/refs", "")
		var limit *forge.RateLimitError
		if at := time.Now().Add(4 * time.Minute); !errors.As(err, &limit) || !limit.At.Equal(at) || limit.RetryAfter != 4*time.Minute || !limit.Again().Equal(at) {
			t.Fatalf("%v; want a *forge.RateLimitError until %s", err, at)
		}
		if want := "rate limit reached, try again in 4m0s, at 2000-01-01 00:12:01 UTC: " + tooMuch; limit.Error() != want {
			t.Errorf("the error is %q, want %q", limit, want)
		}
		sent := len(h.asked)
		for range 3 {
			if _, _, err := u.do(t.Context(), u.api, http.MethodPost, apiRepo+"/pulls", "2"); !errors.As(err, &limit) {
				t.Errorf("the next one: %v", err)
			}
		}
		if len(h.asked) != sent {
			t.Errorf("%d requests went out while the limit lasted", len(h.asked)-sent)
		}
		time.Sleep(2*time.Minute + time.Second) // what is left of the limit fits now
		h.fail = nil
		u.open("3")
	})
}

// Limits that overlap are waited for to the end of the longest, and count once.
func TestLimitsThatOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pauses := map[string]string{"/a": "100", "/b": "150", "/c": "30"} // they are answered after 20, 28 and 36 seconds
		h := &hub{latency: 20 * time.Second, fail: func(n int, r *http.Request) *answer {
			if n > 1 {
				return nil
			}
			return plain(429, "", "Retry-After", pauses[r.URL.Path])
		}}
		u := use(t, h, Options{MaxWait: 158 * time.Second})
		began := time.Now()
		var wg sync.WaitGroup
		for _, path := range []string{"a", "b", "c"} {
			wg.Go(func() {
				u.must(u.api, http.MethodGet, apiRoot+path, "")
				if got := time.Since(began); got != 198*time.Second {
					t.Errorf("%s was served after %s", path, got)
				}
			})
			time.Sleep(8 * time.Second)
		}
		wg.Wait()
	})
}

// A clock that is set back makes no pause longer.
func TestClockThatIsSetBack(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	var slept time.Duration
	u := use(t, &hub{now: clock}, Options{Now: clock, Sleep: func(_ context.Context, d time.Duration) error {
		now, slept = now.Add(d), slept+d
		if slept > time.Minute {
			return context.Canceled
		}
		return nil
	}})
	u.list()
	u.client.traffic.last = now.Add(time.Hour)
	u.open("")
	if slept > 2*time.Second {
		t.Errorf("it waited %s", slept)
	}
}

// Where the hour's budget is spent, reads go on.
func TestSpentBudgetEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hub{}
		u := use(t, h, Options{Limits: Limits{Hour: 3}, MaxWait: 10 * time.Minute})
		began := time.Now()
		for i := range 3 {
			u.open(strconv.Itoa(i))
		}
		_, _, err := u.do(t.Context(), u.git, http.MethodPost, gitRepo+"/git-receive-pack", "")
		var limit *forge.RateLimitError
		if !errors.As(err, &limit) || !limit.At.Equal(began.Add(time.Hour+time.Second)) || !strings.HasSuffix(err.Error(), ": the 3 writes that may go out within an hour are sent") {
			t.Errorf("%v; want a *forge.RateLimitError of an hour", err)
		}
		u.list()
		if time.Since(began) != 2*time.Second || len(u.waits) > 0 {
			t.Errorf("it took %s, with the waits %q", time.Since(began), u.waits)
		}
	})
}

// The pause between writes is no wait that counts: a run is not ended by being polite.
func TestPausesDoNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := use(t, &hub{}, Options{})
		for i := range 200 {
			u.open(strconv.Itoa(i))
		}
	})
}

// An interrupt does not cut off a write that is sent: its answer is read.
func TestInterruptAwaitsTheAnswerToAWrite(t *testing.T) {
	for _, kind := range []string{"push", "pull request"} {
		synctest.Test(t, func(t *testing.T) {
			h := &hub{latency: 20 * time.Second}
			u := use(t, h, Options{})
			ctx, interrupt := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, interrupt)
			client, url := u.git, gitRepo+"/git-receive-pack"
			if kind == "pull request" {
				client, url = u.api, apiRepo+"/pulls"
			}
			began := time.Now()
			status, body, err := u.do(ctx, client, http.MethodPost, url, "")
			if err != nil || status != http.StatusOK || body != "{}" || time.Since(began) != 20*time.Second {
				t.Errorf("%s: %d %q, %v after %s", kind, status, body, err, time.Since(began))
			}
			if len(u.logged()) != 1 || !strings.HasPrefix(u.logged()[0], "interrupted: ") {
				t.Errorf("the log is %q", u.logged())
			}
		})
	}
}

// An interrupt that comes with the answer is said before the write returns: a program that ends then has said all.
func TestInterruptIsSaidBeforeTheWriteReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		var said []string
		l := &lane{
			traffic: &traffic{log: func(format string, args ...any) {
				time.Sleep(time.Second)
				said = append(said, fmt.Sprintf(format, args...))
			}},
			next: roundTrip(func(*http.Request) (*http.Response, error) {
				interrupt()
				return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
			}),
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, apiRepo+"/pulls", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := l.deliver(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK || len(said) != 1 || !strings.HasPrefix(said[0], "interrupted: ") {
			t.Errorf("%v, %v; it says %q", resp, err, said)
		}
	})
}

// A roundTrip answers requests by itself.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// That the answer never comes does not keep a program alive.
func TestInterruptAwaitsAnAnswerForSomeTimeOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hub{fail: func(int, *http.Request) *answer { return &answer{forever: true} }}
		u := use(t, h, Options{})
		ctx, interrupt := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, interrupt)
		began := time.Now()
		_, _, err := u.do(ctx, u.git, http.MethodPost, gitRepo+"/git-receive-pack", "")
		if !errors.Is(err, context.Canceled) || time.Since(began) != time.Second+grace {
			t.Errorf("%v after %s; want context.Canceled after %s", err, time.Since(began), time.Second+grace)
		}
	})
}

// What was not sent when the interrupt came is not sent: what waits for its turn, for a pause,
// for a limit or for a second try.
func TestInterruptSendsNothingMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hub{latency: 10 * time.Second, fail: func(_ int, r *http.Request) *answer {
			if strings.HasSuffix(r.URL.Path, "/comments") {
				return plain(429, "", "Retry-After", "60")
			}
			return nil
		}}
		u := use(t, h, Options{MaxWait: time.Hour})
		ctx, interrupt := context.WithCancel(t.Context())
		began := time.Now()
		time.AfterFunc(5*time.Second, interrupt)
		var wg sync.WaitGroup
		for i := range 3 {
			wg.Go(func() { _, _, _ = u.do(ctx, u.api, http.MethodPost, apiRepo+"/pulls", strconv.Itoa(i)) })
		}
		wg.Wait()
		if len(h.asked) != 1 || h.effects() != 1 || time.Since(began) != 10*time.Second {
			t.Errorf("%q went out, it took %s", h.asked, time.Since(began))
		}
		for _, url := range []string{"/pulls", "/comments"} {
			h.asked = nil
			ctx, interrupt := context.WithCancel(t.Context())
			time.AfterFunc(10*time.Second+500*time.Millisecond, interrupt)
			if url == "/pulls" { // in the pause
				u.open(fmt.Sprint(time.Now()))
				interrupt()
			}
			sent := len(h.asked)
			_, _, err := u.do(ctx, u.api, http.MethodPost, apiRepo+url, "x")
			if url == "/comments" {
				sent++ // it was refused, and waits
			}
			if !errors.Is(err, context.Canceled) || len(h.asked) != sent {
				t.Errorf("%s: %v, with %q", url, err, h.asked)
			}
		}
	})
}

// A closing is a body that says when it is closed.
type closing struct {
	io.Reader
	closed *bool
}

func (c closing) Close() error { *c.closed = true; return nil }

// What comes after the interrupt is not sent either, and its body is closed.
func TestNothingIsSentAfterAnInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hub{}
		u := use(t, h, Options{})
		ctx, interrupt := context.WithCancel(t.Context())
		interrupt()
		for range 50 { // the turn is free, and which of both is seen first is left to chance
			closed := false
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, apiRepo+"/pulls", closing{strings.NewReader("{}"), &closed})
			if err != nil {
				t.Fatal(err)
			}
			resp, err := u.client.Git().RoundTrip(req)
			if err == nil {
				_ = resp.Body.Close()
			}
			if !errors.Is(err, context.Canceled) || len(h.asked) > 0 || !closed {
				t.Fatalf("%v; %q went out, the body is closed: %t", err, h.asked, closed)
			}
		}
	})
}

// An interrupt ends a read at once.
func TestInterruptEndsARead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hub{fail: func(int, *http.Request) *answer { return &answer{forever: true} }}
		u := use(t, h, Options{})
		ctx, interrupt := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, interrupt)
		began := time.Now()
		if _, _, err := u.do(ctx, u.git, http.MethodGet, gitRepo+"/info/refs", ""); !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}
