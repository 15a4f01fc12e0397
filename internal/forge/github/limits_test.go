package github_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/forge/github"
)

const secondary = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."

// serverTime is the Date of faults; times in their headers count from it. It is
// far ahead, so that whoever looks at the real clock takes them for the future.
var serverTime = time.Date(2100, 5, 1, 8, 0, 0, 0, time.UTC)

func limit(status int, message string, header map[string]string) forgetest.Fault {
	all := map[string]string{"Date": serverTime.Format(http.TimeFormat)}
	for name, value := range header {
		all[name] = value
	}
	return forgetest.Fault{Status: status, Header: all, Body: forgetest.Message(message)}
}

func primary(in time.Duration) map[string]string {
	return map[string]string{
		"X-RateLimit-Remaining": "0",
		"X-RateLimit-Reset":     strconv.FormatInt(serverTime.Add(in).Unix(), 10),
	}
}

// sendOnce uses a request's body up for good, which http.Transport does not.
func sendOnce(r *http.Request) (*http.Response, error) {
	sent := r.Clone(r.Context())
	if r.Body != nil {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		sent.Body, sent.GetBody, sent.ContentLength = io.NopCloser(bytes.NewReader(data)), nil, int64(len(data))
	}
	return http.DefaultTransport.RoundTrip(sent)
}

func TestRateLimitsAreWaitedFor(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault forgetest.Fault
		times int
		want  []time.Duration
	}{
		{"429 with seconds", limit(429, secondary, map[string]string{"Retry-After": "42"}), 1, []time.Duration{42 * time.Second}},
		{"429 with a date", limit(429, secondary, map[string]string{"Retry-After": serverTime.Add(time.Minute).Format(http.TimeFormat)}), 1, []time.Duration{time.Minute}},
		{"429 with zero seconds", limit(429, secondary, map[string]string{"Retry-After": "0"}), 1, []time.Duration{time.Second}},
		{"429 of a proxy", forgetest.Fault{Status: 429, Body: "slow down"}, 1, []time.Duration{time.Minute}},
		{"secondary 403", limit(403, secondary, map[string]string{"Retry-After": "7"}), 2, []time.Duration{7 * time.Second, 7 * time.Second}},
		{"secondary 403 without headers", limit(403, secondary, nil), 2, []time.Duration{time.Minute, 2 * time.Minute}},
		{"content creation", limit(403, "was submitted too quickly", nil), 1, []time.Duration{time.Minute}},
		{"primary 403", limit(403, "API rate limit exceeded", primary(90*time.Second)), 1, []time.Duration{91 * time.Second}},
		{"primary 429", limit(429, "API rate limit exceeded", primary(90*time.Second)), 1, []time.Duration{91 * time.Second}},
		{"primary that is over", limit(403, "API rate limit exceeded", primary(-time.Hour)), 1, []time.Duration{time.Second}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, func(o *github.Options) { o.Transport = roundTripper(sendOnce) })
			spec := b.change("a")
			b.Fail(forgetest.On("POST", "/pulls"), test.times, test.fault)
			p := b.open(t, spec)
			if got := b.clock.Slept(); !slices.Equal(got, test.want) {
				t.Errorf("waited %v, want %v", got, test.want)
			}
			if p.Title != spec.Title || len(b.Pulls()) != 1 {
				t.Errorf("opened %+v", b.Pulls())
			}
			if n := b.Mutations(); n != test.times+1 {
				t.Errorf("%d requests, want %d", n, test.times+1)
			}
			if len(b.log) != test.times || !strings.Contains(b.log[0], "wants a pause of") {
				t.Errorf("the log is %q", b.log)
			}
		})
	}
}

func TestRateLimitBeyondMaxWait(t *testing.T) {
	for _, test := range []struct {
		name    string
		maxWait time.Duration
		fault   forgetest.Fault
		times   int
		slept   int
		want    time.Duration
	}{
		{"primary", 10 * time.Minute, limit(403, "API rate limit exceeded for user ID 1.", primary(30*time.Minute)), 1, 0, 30*time.Minute + time.Second},
		{"never wait", 0, limit(429, secondary, map[string]string{"Retry-After": "1"}), 1, 0, time.Second},
		{"adding up", 5 * time.Minute, limit(403, secondary, nil), 3, 2, 4 * time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, func(o *github.Options) { o.MaxWait = test.maxWait })
			b.Fail(forgetest.On("GET", "/repos/acme/platform"), test.times, test.fault)
			_, err := b.client.Repository(t.Context())
			var limited *forge.RateLimitError
			if !errors.As(err, &limited) || limited.RetryAfter != test.want {
				t.Fatalf("Repository: %v; want a *forge.RateLimitError of %s", err, test.want)
			}
			if got := b.clock.Slept(); len(got) != test.slept {
				t.Errorf("waited %v, want %d waits", got, test.slept)
			}
			if at := b.clock.Now().Add(test.want); !limited.At.Equal(at) {
				t.Errorf("it says to go on at %s, want %s", limited.At, at)
			}
			// Until then nothing is sent: whoever goes on gets banned.
			sent := len(b.Requests())
			_, err = b.client.Pulls(t.Context(), "a")
			if !errors.As(err, &limited) || len(b.Requests()) != sent {
				t.Errorf("Pulls: %v, with %d requests", err, len(b.Requests())-sent)
			}
			_ = b.clock.Sleep(t.Context(), test.want)
			if _, err := b.client.Pulls(t.Context(), "a"); err != nil {
				t.Errorf("Pulls after the limit: %v", err)
			}
		})
	}
}

func TestRateLimitErrorText(t *testing.T) {
	b := newBench(t, func(o *github.Options) { o.MaxWait = time.Minute })
	spec := b.change("a")
	b.Fail(forgetest.On("POST", "/pulls"), 1, limit(403, "API rate limit exceeded for "+token, primary(30*time.Minute)))
	_, err := b.client.OpenPull(t.Context(), spec)
	expectError(t, err, nil,
		"opening a pull request for a of acme/platform: "+b.host()+": rate limit reached, try again in 30m1s, at 2026-03-01 12:30:01 UTC: API rate limit exceeded for ***",
		"run the same command again later: what is done already is found and kept")
	var limited *forge.RateLimitError
	if !errors.As(err, &limited) || strings.Contains(limited.Error(), token) {
		t.Errorf("the error inside is %v", limited)
	}
}

func TestLogHoldsNoToken(t *testing.T) {
	b := newBench(t)
	b.Fail(forgetest.On("GET", "/platform"), 1, limit(429, "slow\ndown, "+token, map[string]string{"Retry-After": "9"}))
	if _, err := b.client.Repository(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{b.host() + " wants a pause of 9s: slow down, ***"}; !slices.Equal(b.log, want) {
		t.Errorf("the log is %q, want %q", b.log, want)
	}
}

// The answer that uses up the limit is served; the request after it would not be.
func TestLastAllowedRequest(t *testing.T) {
	b := newBench(t, func(o *github.Options) {
		o.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			resp, err := http.DefaultTransport.RoundTrip(r)
			if err == nil && strings.HasSuffix(r.URL.Path, "/platform") {
				resp.Header.Set("Date", serverTime.Format(http.TimeFormat))
				for name, value := range primary(5 * time.Minute) {
					resp.Header.Set(name, value)
				}
			}
			return resp, err
		})
	})
	if got, err := b.client.Repository(t.Context()); got.DefaultBranch != "main" || err != nil {
		t.Fatalf("Repository() = %+v, %v", got, err)
	}
	if got := b.clock.Slept(); got != nil {
		t.Errorf("waited %v for an answer that was there", got)
	}
	if _, err := b.client.Pulls(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if got, want := b.clock.Slept(), []time.Duration{5*time.Minute + time.Second}; !slices.Equal(got, want) {
		t.Errorf("waited %v, want %v", got, want)
	}
}

func TestEndOfContextEndsTheWait(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := newBench(t, func(o *github.Options) {
		o.Sleep = func(ctx context.Context, _ time.Duration) error {
			cancel()
			return ctx.Err()
		}
	})
	b.Fail(forgetest.On("GET", "/repos/acme/platform"), 1, limit(429, secondary, map[string]string{"Retry-After": "60"}))
	_, err := b.client.Repository(ctx)
	if !errors.Is(err, context.Canceled) || errors.Is(err, forge.ErrUnavailable) {
		t.Errorf("Repository: %v; want context.Canceled alone", err)
	}
	if n := len(b.Requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// With the real clock: a wait of an hour ends with the context.
func TestEndOfContextEndsTheRealWait(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := newBench(t, func(o *github.Options) {
		o.Now, o.Sleep, o.MaxWait = nil, nil, 2*time.Hour
		o.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			resp, err := http.DefaultTransport.RoundTrip(r)
			cancel()
			return resp, err
		})
	})
	b.Fail(forgetest.On("GET", "/platform"), 1, limit(429, secondary, map[string]string{"Retry-After": "3600"}))
	if _, err := b.client.Repository(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Repository: %v; want context.Canceled", err)
	}
}

func TestChangesArePaced(t *testing.T) {
	b := newBench(t)
	p := b.open(t, b.change("a"))
	if err := b.client.AddLabels(t.Context(), p.Number, []string{"propagate"}); err != nil {
		t.Fatal(err)
	}
	if got, want := b.clock.Slept(), []time.Duration{time.Second}; !slices.Equal(got, want) {
		t.Errorf("waited %v between a pull request and its label, want %v", got, want)
	}
	for range 3 {
		if _, err := b.client.Pulls(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.clock.Slept(); got != nil {
		t.Errorf("waited %v for reads", got)
	}
	_ = b.clock.Sleep(t.Context(), 400*time.Millisecond)
	b.clock.Slept()
	if _, err := b.client.EditPull(t.Context(), p.Number, forge.PullEdit{Title: &p.Title}); err != nil {
		t.Fatal(err)
	}
	if got, want := b.clock.Slept(), []time.Duration{600 * time.Millisecond}; !slices.Equal(got, want) {
		t.Errorf("waited %v for the rest of the second, want %v", got, want)
	}
}

func TestChangesOfSeveralGoroutinesArePaced(t *testing.T) {
	b := newBench(t)
	var wg sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d"} {
		spec := b.change(name)
		wg.Go(func() {
			if _, err := b.client.OpenPull(t.Context(), spec); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got, want := b.clock.Slept(), []time.Duration{time.Second, time.Second, time.Second}; !slices.Equal(got, want) {
		t.Errorf("waited %v between four changes, want %v", got, want)
	}
}
