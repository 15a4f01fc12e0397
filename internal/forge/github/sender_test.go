package github

import (
	"net/http"
	"net/url"
	"testing"
	"time"
)

// Redirects are refused before, so that only here a request for another place
// gets as far as the token.
func TestTokenIsForOneHost(t *testing.T) {
	for _, test := range []struct{ url, want string }{
		{"https://github.example/api/v3/repos/acme/platform", "Bearer ghp_test"},
		{"https://github.example/other", "Bearer ghp_test"},
		{"http://github.example/api/v3/", ""},
		{"https://github.example:8443/api/v3/", ""},
		{"https://raw.github.example/api/v3/", ""},
		{"https://evil.example/api/v3/", ""},
	} {
		var got string
		s := &sender{
			site: &url.URL{Scheme: "https", Host: "github.example", Path: "/api/v3/"}, with: fixed("ghp_test"), timeout: time.Minute,
			next: roundTripperFunc(func(r *http.Request) (*http.Response, error) {
				got = r.Header.Get("Authorization")
				return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
			}),
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, test.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer left-over")
		resp, err := s.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got != test.want {
			t.Errorf("%s gets Authorization %q, want %q", test.url, got, test.want)
		}
	}
}

type roundTripperFunc func(*http.Request) (*http.Response, error)

func (f roundTripperFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
