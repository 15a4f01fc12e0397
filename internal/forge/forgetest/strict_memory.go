package forgetest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
)

// RoundTrip answers a request in this goroutine, without a network: a test that has a
// clock of its own cannot wait for one. It implements http.RoundTripper.
func (s *Strict) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	defer func() {
		// The wish to drop the connection; see fault.write.
		switch cut := recover(); cut {
		case nil:
		case http.ErrAbortHandler:
			resp, err = nil, fmt.Errorf("%s %s: the connection was cut", r.Method, r.URL.Path)
		default:
			panic(cut)
		}
	}()
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer func() { _ = in.Body.Close() }()
	in.RequestURI = r.URL.RequestURI()
	w := httptest.NewRecorder()
	s.serve(w, in)
	resp = w.Result()
	resp.Request = r
	return resp, nil
}
