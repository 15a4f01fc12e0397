package forgetest

import (
	"fmt"
	"net/http"
	"strings"
)

// A Matcher picks requests.
type Matcher func(Request) bool

// On picks requests by their method and the end of their path.
func On(method, pathEnd string) Matcher {
	return func(r Request) bool { return r.Method == method && strings.HasSuffix(r.Path, pathEnd) }
}

// A Fault is an answer in place of the right one.
type Fault struct {
	Status int // 0 cuts the connection without an answer
	Header map[string]string
	Body   string
	// After lets the request take effect first, so that only its answer is lost.
	After bool
}

// Message makes the body of a fault as GitHub makes those of errors.
func Message(text string) string {
	return fmt.Sprintf(`{"message":%q,"documentation_url":%q}`, text, docs)
}

type fault struct {
	Fault
	match Matcher
	left  int
}

// Fail answers the next n requests that match with f. A fault that is not used
// up when the test ends fails it. Of several faults the first one matches.
func (s *Strict) Fail(match Matcher, n int, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &fault{Fault: f, match: match, left: n})
}

// fault returns the one for this request, nil for none, and uses it up.
func (s *Strict) fault(r Request) *fault {
	for _, f := range s.faults {
		if f.left > 0 && f.match(r) {
			f.left--
			return f
		}
	}
	return nil
}

func (s *Strict) checkFaults() {
	for i, f := range s.faults {
		if f.left > 0 {
			s.t.Errorf("fault %d (status %d) is left over for %d requests that never came", i+1, f.Status, f.left)
		}
	}
}

func (f *fault) write(w http.ResponseWriter) {
	if f.Status == 0 {
		// The server takes this panic as the wish to drop the connection.
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	for name, value := range f.Header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(f.Status)
	_, _ = w.Write([]byte(f.Body))
}
