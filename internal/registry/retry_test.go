package registry_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/matihlabs/propagate/internal/registry"
)

// What passes is asked again after a pause, for which a registry may say how long it is.
func TestWhatIsAskedAgain(t *testing.T) {
	status := func(status int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
		}
	}
	fine := func(w http.ResponseWriter, _ *http.Request) { has(w) }
	const s = time.Second
	for _, tc := range []struct {
		name     string
		answers  []http.HandlerFunc // the last one again and again
		requests int
		pauses   []time.Duration
		err      string // "" for none
	}{
		{"500 then 200", []http.HandlerFunc{status(500), fine}, 2, []time.Duration{s / 2}, ""},
		{"502 and 504 then 200", []http.HandlerFunc{status(502), status(504), fine}, 3, []time.Duration{s / 2, s}, ""},
		{"broken", []http.HandlerFunc{status(500)}, 3, []time.Duration{s / 2, s}, "it answers 500 Internal Server Error"},
		{"429 with seconds", []http.HandlerFunc{status(429, "Retry-After", "7"), fine}, 2, []time.Duration{7 * s}, ""},
		{"503 with a date", []http.HandlerFunc{status(503, "Retry-After", now.Add(90*s).Format(http.TimeFormat)), fine}, 2, []time.Duration{90 * s}, ""},
		{"429 with a date that is over", []http.HandlerFunc{status(429, "Retry-After", now.Add(-s).Format(http.TimeFormat)), fine}, 2, []time.Duration{s / 2}, ""},
		{"429 with nonsense", []http.HandlerFunc{status(429, "Retry-After", "soon"), fine}, 2, []time.Duration{s / 2}, ""},
		{"busy", []http.HandlerFunc{status(429)}, 5, []time.Duration{s / 2, s, 2 * s, 4 * s}, "it answers 429 Too Many Requests"},
		{"busy for longer than there is time", []http.HandlerFunc{status(429, "Retry-After", "3600")}, 1, nil, "it answers 429 Too Many Requests: it asks to wait for 1h0m0s"},
		{"401", []http.HandlerFunc{status(401)}, 1, nil, "the registry refuses access (401): docker login " + corp},
		{"403", []http.HandlerFunc{status(403)}, 1, nil, "the registry refuses access (403): docker login " + corp},
		{"404", []http.HandlerFunc{status(404)}, 1, nil, "there is no such tag"},
		{"418", []http.HandlerFunc{status(418)}, 1, nil, "it answers 418 I'm a teapot"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			answers := tc.answers
			w := &world{hosts: map[string]http.Handler{corp: open(func(w http.ResponseWriter, r *http.Request) {
				answers[0](w, r)
				if len(answers) > 1 {
					answers = answers[1:]
				}
			})}}
			p := &pauses{}
			c := w.client(func(o *registry.Options) { o.Sleep = p.sleep })
			digest, err := c.Digest(t.Context(), base+":1.0.0")
			if tc.err == "" && (err != nil || digest != aDigest) {
				t.Errorf("the digest is %q: %v", digest, err)
			}
			if tc.err != "" && (err == nil || err.Error() != "looking up the digest of "+base+":1.0.0: "+tc.err) {
				t.Errorf("the error is %v", err)
			}
			if n := len(w.requests(corp)); n != tc.requests || !slices.Equal(p.all, tc.pauses) {
				t.Errorf("%d requests with pauses of %s", n, p.all)
			}
			// Neither an answer nor an error is asked for again.
			if _, again := c.Digest(t.Context(), base+":1.0.0"); fmt.Sprint(again) != fmt.Sprint(err) || len(w.requests(corp)) != tc.requests {
				t.Errorf("asked again, the error is %v, and it made %d requests", again, len(w.requests(corp)))
			}
		})
	}
}

// A connection that is cut, before the answer or in it, is asked again.
func TestCutConnections(t *testing.T) {
	const body = `{"schemaVersion":2,"tags":["1.0.0"]}`
	cut := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			connection, writer, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = writer.WriteString(text)
			_ = writer.Flush()
			_ = connection.Close()
		}
	}
	for name, broken := range map[string]http.HandlerFunc{
		"before the answer": cut(""), "in the header": cut("HTTP/1.1 200 OK\r\n"), "in a line of it": cut("HTTP/1.1 200 OK\r\nContent-"), "in the body": cut("HTTP/1.1 200 OK\r\nContent-Length: 37\r\n\r\n" + body[:12]),
	} {
		for _, good := range []int{2, 9} { // the request that is answered
			t.Run(fmt.Sprint(name, " until ", good), func(t *testing.T) {
				var requests atomic.Int32
				server := httptest.NewServer(open(func(w http.ResponseWriter, r *http.Request) {
					if requests.Add(1) < int32(good) {
						broken(w, r)
						return
					}
					_, _ = w.Write([]byte(body))
				}))
				t.Cleanup(server.Close)
				p := &pauses{}
				c := registry.New(registry.Options{Getenv: env(), Sleep: p.sleep})
				tags, err := c.Tags(t.Context(), strings.TrimPrefix(server.URL, "http://")+"/team/base")
				if good == 2 {
					// net/http itself asks again where a connection that it kept is closed.
					if err != nil || !slices.Equal(tags, []string{"1.0.0"}) || requests.Load() != 2 || len(p.all) > 1 {
						t.Errorf("the tags are %q after pauses %s: %v", tags, p.all, err)
					}
					return
				}
				want := ": the connection ends before the answer does"
				if name == "in a line of it" {
					want = "connection broken"
				}
				says(t, err, "", "listing the tags of ", want)
				if len(p.all) != 2 {
					t.Errorf("it pauses %s", p.all)
				}
			})
		}
	}
}

// roundTripper is a function that is one.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// hanging answers pings and nothing else.
func hanging(w *world, waiting *atomic.Int32) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/v2/" {
			return w.RoundTrip(r)
		}
		waiting.Add(1)
		<-r.Context().Done()
		waiting.Add(-1)
		return nil, r.Context().Err()
	})
}

// A registry that does not answer costs half a minute, all that do not answer ten, and who asks
// can leave before.
func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var waiting atomic.Int32
		w := &world{hosts: map[string]http.Handler{corp: open(nil)}}
		c := w.client(func(o *registry.Options) { o.Transport, o.Parallel = hanging(w, &waiting), 1 })
		begin := time.Now()
		_, err := c.Digest(t.Context(), base+":1.0.0")
		says(t, err, "", base+":1.0.0: it does not answer in time")
		if took := time.Since(begin); took != 30*time.Second {
			t.Errorf("it waits %s", took)
		}

		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin = time.Now()
		if _, err := c.Look(short, base+":2.0.0"); err == nil || err.Error() != "it does not answer in time" || time.Since(begin) != time.Second {
			t.Errorf("after %s: %v", time.Since(begin), err)
		}

		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := c.Digest(cancelled, base+":2.0.0"); !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}

		for i := range 40 {
			_, err = c.Digest(t.Context(), fmt.Sprintf("%s:3.0.%d", base, i))
		}
		says(t, err, "", "the time for asking registries is over")
		if took := time.Since(begin); took > 10*time.Minute {
			t.Errorf("all take %s", took)
		}
	})
}

// One registry is asked a bounded number of questions at a time, and one question once however
// many ask it.
func TestQuestionsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var waiting atomic.Int32
		w := &world{hosts: map[string]http.Handler{corp: open(nil)}}
		ctx, cancel := context.WithCancel(t.Context())
		c := w.client(func(o *registry.Options) { o.Transport = hanging(w, &waiting) })
		var all sync.WaitGroup
		for i := range 60 {
			all.Go(func() { _, _ = c.Digest(ctx, fmt.Sprintf("%s:1.0.%d", base, i/3)) })
		}
		synctest.Wait()
		if n := waiting.Load(); n != 8 {
			t.Errorf("%d requests are under way", n)
		}
		cancel()
		all.Wait()
	})
	var listings atomic.Int32
	w := &world{hosts: map[string]http.Handler{corp: open(func(w http.ResponseWriter, _ *http.Request) {
		listings.Add(1)
		_, _ = w.Write([]byte(`{"tags":["1"]}`))
	})}}
	c := w.client(nil)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if tags, err := c.Tags(t.Context(), base); err != nil || len(tags) != 1 {
				t.Errorf("the tags are %q: %v", tags, err)
			}
		})
	}
	all.Wait()
	if listings.Load() != 1 || len(w.got) != 2 {
		t.Errorf("it asks %d times for the tags, with %d requests in all", listings.Load(), len(w.got))
	}
}

// A question whose asker has left is asked anew for who still waits.
func TestAskerThatLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{hosts: map[string]http.Handler{corp: open(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-time.After(10 * time.Second):
				has(w)
			}
		})}}
		c := w.client(nil)
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() { _, _ = c.Digest(short, base+":1.0.0") })
		synctest.Wait()
		all.Go(func() {
			_, err := c.Digest(short, base+":1.0.0")
			says(t, err, "", ":1.0.0: it does not answer in time")
		})
		all.Go(func() {
			if digest, err := c.Digest(t.Context(), base+":1.0.0"); err != nil || digest != aDigest {
				t.Errorf("who waits gets %q: %v", digest, err)
			}
		})
		all.Wait()
	})
}

// Look asks once, whatever comes.
func TestLookAsksOnce(t *testing.T) {
	for _, status := range []int{429, 500, 503} {
		for _, failing := range []string{"/v2/", manifests + "1.0.0"} {
			w := &world{}
			w.hosts = map[string]http.Handler{corp: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == failing {
					w.WriteHeader(status)
				}
			})}
			p := &pauses{}
			c := w.client(func(o *registry.Options) { o.Sleep = p.sleep })
			_, err := c.Look(t.Context(), base+":1.0.0")
			if want := fmt.Sprintf("it answers %d %s", status, http.StatusText(status)); err == nil || err.Error() != want || len(p.all) > 0 {
				t.Errorf("after pauses of %s: %v", p.all, err)
			}
			if want := 1 + strings.Count(failing, "1.0.0"); len(w.got) != want {
				t.Errorf("it makes %d requests, want %d", len(w.got), want)
			}
		}
	}
}
