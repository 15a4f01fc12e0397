package registrytest

import (
	"net/http"
	"strings"
)

// A Request is one that a client made.
type Request struct {
	Method, Path, Query string
	Auth                string // the scheme of its Authorization: "Basic", "Bearer", or none
	IfNoneMatch         string
	Status              int // of the answer; 0 while there is none
}

// What a request asks for.
const (
	Ping     = "ping"
	Tokens   = "token"
	Tags     = "tags"
	Head     = "head"     // of a manifest
	Manifest = "manifest" // of an image or an index
	Blob     = "blob"     // the configuration of an image, or a layer
	Other    = "other"
)

// What says which of these it asks for.
func (r Request) What() string {
	switch {
	case r.Path == tokenPath:
		return Tokens
	case r.Path == "/v2/" || r.Path == "/v2":
		return Ping
	case strings.HasSuffix(r.Path, "/tags/list"):
		return Tags
	case strings.Contains(r.Path, "/manifests/") && r.Method == http.MethodHead:
		return Head
	case strings.Contains(r.Path, "/manifests/") && r.Method == http.MethodGet:
		return Manifest
	case strings.Contains(r.Path, "/blobs/") && r.Method == http.MethodGet:
		return Blob
	}
	return Other
}

// String is the request as its first line has it.
func (r Request) String() string {
	if r.Query != "" {
		return r.Method + " " + r.Path + "?" + r.Query
	}
	return r.Method + " " + r.Path
}

// Requests returns what clients have asked, in the order in which it came, without what
// filled the registry.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := make([]Request, len(s.requests))
	for i, r := range s.requests {
		requests[i] = *r
	}
	return requests
}

// Count counts them by what they ask for.
func (s *Server) Count() map[string]int {
	count := map[string]int{}
	for _, r := range s.Requests() {
		count[r.What()]++
	}
	return count
}

// Repeated returns the requests that came more than once, but for pings and tokens.
func (s *Server) Repeated() []string {
	seen := map[string]int{}
	var twice []string
	for _, r := range s.Requests() {
		if what := r.What(); what == Ping || what == Tokens || r.Status == http.StatusUnauthorized {
			continue
		}
		if seen[r.String()]++; seen[r.String()] == 2 {
			twice = append(twice, r.String())
		}
	}
	return twice
}

// Forget forgets the requests so far.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

// Intercept has f see each request of a client first; the registry answers those for which
// it returns false. A nil f ends this.
func (s *Server) Intercept(f func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intercept = f
}

// ServeHTTP implements http.Handler: it writes down what is asked, and has the registry or
// its token server answer.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := s.backend.ServeHTTP
	if r.URL.Path == tokenPath {
		answer = s.serveToken
	}
	if strings.HasPrefix(r.UserAgent(), agent) {
		answer(w, r)
		return
	}
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	s.mu.Lock()
	request := &Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Auth: scheme, IfNoneMatch: r.Header.Get("If-None-Match")}
	s.requests = append(s.requests, request)
	intercept := s.intercept
	s.mu.Unlock()
	noted := &noting{ResponseWriter: w, status: http.StatusOK}
	if intercept == nil || !intercept(noted, r) {
		answer(noted, r)
	}
	s.mu.Lock()
	request.Status = noted.status
	s.mu.Unlock()
}

// noting remembers the status of an answer.
type noting struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (n *noting) WriteHeader(status int) {
	n.status = status
	n.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (n *noting) Unwrap() http.ResponseWriter { return n.ResponseWriter }
