package registry_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/registry"
)

// A world is a network of servers, which remembers what each of them received.
type world struct {
	mu    sync.Mutex
	hosts map[string]http.Handler
	got   []received
}

type received struct{ scheme, host, method, uri, authorization, noneMatch, body string }

func (r received) String() string {
	return fmt.Sprintf("%s %s://%s%s", r.method, r.scheme, r.host, r.uri)
}

// RoundTrip implements http.RoundTripper.
func (w *world) RoundTrip(req *http.Request) (*http.Response, error) {
	body := ""
	if req.Body != nil {
		text, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		body = string(text)
	}
	w.mu.Lock()
	w.got = append(w.got, received{req.URL.Scheme, req.URL.Host, req.Method, req.URL.RequestURI(), req.Header.Get("Authorization"), req.Header.Get("If-None-Match"), body})
	handler := w.hosts[req.URL.Host]
	w.mu.Unlock()
	if handler == nil {
		return nil, &net.DNSError{Err: "no such host", Name: req.URL.Host, IsNotFound: true}
	}
	at := req.Clone(req.Context())
	at.Body = io.NopCloser(strings.NewReader(body))
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, at)
	if err := req.Context().Err(); err != nil {
		return nil, err // as a connection says that is closed meanwhile
	}
	result := answer.Result()
	result.Request = req
	if req.Method == http.MethodHead {
		result.Body = http.NoBody
	}
	return result, nil
}

// requests are those that a host received, but for the ping.
func (w *world) requests(host string) []received {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.got), func(r received) bool { return r.host != host || r.uri == "/v2/" })
}

// wants holds a host to having received exactly some requests, but for pings.
func (w *world) wants(t *testing.T, host string, want ...string) {
	t.Helper()
	var got []string
	for _, r := range w.requests(host) {
		got = append(got, r.method+" "+r.uri)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s received\n%s\nwant\n%s", host, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// gotNone holds a host to having received no credentials, in whatever form.
func (w *world) gotNone(t *testing.T, host string, secrets ...string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.got {
		if r.host != host {
			continue
		}
		if strings.HasPrefix(r.authorization, "Basic") {
			t.Errorf("%s: it received %q", r, r.authorization)
		}
		for _, secret := range secrets {
			if strings.Contains(r.authorization+r.uri+r.body, secret) {
				t.Errorf("%s: it received %q", r, secret)
			}
		}
	}
}

const manifests = "/v2/team/base/manifests/"

const (
	aDigest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	corp    = "registry.corp.test"
	base    = corp + "/team/base"
)

// has answers that a tag is there.
func has(w http.ResponseWriter) {
	w.Header().Set("Docker-Content-Digest", aDigest)
	w.WriteHeader(http.StatusOK)
}

// open serves a registry that asks for nothing.
func open(handler http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v2/" {
			handler(w, r)
		}
	})
}

// challenging serves a registry that wants an authorization.
func challenging(challenge, authorization string, handler http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != authorization {
			w.Header().Set("WWW-Authenticate", challenge)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		handler(w, r)
	})
}

// env returns the variables of an environment that has a Docker configuration of no file.
func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

// login is DOCKER_AUTH_CONFIG with the user robot of some registries, and a password for each.
func login(pairs ...string) func(string) string {
	var all []string
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, fmt.Sprintf(`%q: {"username": "robot", "password": %q}`, pairs[i], pairs[i+1]))
	}
	return env("DOCKER_AUTH_CONFIG", `{"auths": {`+strings.Join(all, ",")+`}}`)
}

// now is when the tests run.
var now = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// pauses is a clock that only remembers how long it was to wait.
type pauses struct {
	mu  sync.Mutex
	all []time.Duration
}

func (p *pauses) sleep(_ context.Context, d time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, d)
	return nil
}

// client returns one that asks the world, with nothing in its environment and without waiting.
func (w *world) client(change func(*registry.Options)) *registry.Client {
	o := registry.Options{Transport: w, Getenv: env(), Now: func() time.Time { return now }, Sleep: (&pauses{}).sleep}
	if change != nil {
		change(&o)
	}
	return registry.New(o)
}

func hintOf(err error) string {
	for err != nil {
		if h, ok := err.(interface{ Hint() string }); ok {
			return h.Hint()
		}
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return ""
		}
		err = u.Unwrap()
	}
	return ""
}

// says holds an error to some texts, and its hint to the last one.
func says(t *testing.T, err error, hint string, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("there is no error")
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error is %q, want %q in it", err, text)
		}
	}
	if !strings.Contains(hintOf(err), hint) {
		t.Errorf("the hint of %q is %q, want %q in it", err, hintOf(err), hint)
	}
}
