package remote

import (
	"net/http"
	"net/url"
	"testing"
)

// A redirect is followed on the same host, port and scheme, or from http to https of
// the same host at its own ports.
func TestCheckRedirect(t *testing.T) {
	for _, test := range []struct {
		from, to string
		followed bool
	}{
		{"https://h.example/o/r", "https://h.example/o/renamed", true},
		{"https://h.example/o/r", "https://H.example/o/r", true},
		{"http://h.example/o/r", "https://h.example/o/r", true},
		{"https://h.example/o/r", "http://h.example/o/r", false},
		{"https://h.example/o/r", "https://h.example:8443/o/r", false},
		{"https://h.example:8443/o/r", "https://h.example/o/r", false},
		{"http://h.example:80/o/r", "https://h.example:8443/o/r", false},
		{"https://h.example/o/r", "https://h.example.evil.example/o/r", false},
		{"https://h.example/o/r", "https://evilh.example/o/r", false},
		{"https://h.example/o/r", "https://x.h.example/o/r", false},
		{"https://h.example/o/r", "https://h.example@evil.example/o/r", false},
		{"https://h.example/o/r", "https://h.example./o/r", false},
		{"https://kit.example/o/r", "https://\u212ait.example/o/r", false},
		{"https://h.example/o/r", "ftp://h.example/o/r", false},
	} {
		from, err := url.Parse(test.from)
		if err != nil {
			t.Fatal(err)
		}
		to, err := url.Parse(test.to)
		if err != nil {
			t.Fatal(err)
		}
		err = newWire(Repository{}, from).checkRedirect(&http.Request{URL: to}, []*http.Request{{URL: from}})
		if (err == nil) != test.followed {
			t.Errorf("from %s to %s: %v", test.from, test.to, err)
		}
	}
}
