package github

import (
	"net/http"
	"time"
)

const maxRetries = 3

// A retrier sends a read again when a gateway or GitHub itself is unwell.
// Changes are not sent again: one may have taken effect before its answer got
// lost, and only the caller can look whether it did.
type retrier struct {
	clock clock
	next  http.RoundTripper
	log   func(format string, args ...any)
}

func (r *retrier) RoundTrip(req *http.Request) (*http.Response, error) {
	for try := 0; ; try++ {
		resp, err := r.next.RoundTrip(req)
		if err != nil || req.Method != http.MethodGet || !unwell(resp.StatusCode) || try == maxRetries {
			return resp, err
		}
		discard(resp)
		wait := time.Second << try
		r.log("%s answers %s, trying again in %s", req.URL.Host, resp.Status, wait)
		if err := r.clock.sleep(req.Context(), wait); err != nil {
			return nil, err
		}
	}
}

func unwell(status int) bool {
	return status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout
}
