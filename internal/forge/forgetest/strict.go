package forgetest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
)

// Config describes the one repository of a strict server or an emulator.
type Config struct {
	Owner, Repo string // "acme" and "platform" if empty
	// GitDir is the bare repository whose branches and commits are served.
	GitDir        string
	DefaultBranch string      // "main" if empty
	Token         string      // may read and write; "ghp_test" if empty
	ReadToken     string      // may read only; none if empty
	FormerName    string      // "owner/name" that redirects here, as after a rename; none if empty
	Description   Description // of the strict server; GitHub if empty
	App           *App        // may make itself tokens; nil for none

	// What follows is of the strict server alone.

	// People and Teams may be asked for a review, and people be assigned: "ada", "grace"
	// and "person", and the team "platform", if nil. Teams are those of the owner.
	People, Teams []string
	// DeletesBranches says that the branch of a pull request is deleted when it is merged.
	DeletesBranches bool
	// NoDrafts says that the plan of the owner has no drafts.
	NoDrafts bool
	// NoPermissions leaves out what the token may do where the repository is read.
	NoPermissions bool
	// NoChecks keeps check runs from Token, as one without the permission.
	NoChecks bool
	// Hourly is how many requests a token is said to have in an hour; 5000 if 0, and -1 says nothing.
	Hourly int
	// MayAdminister lets Token read the protection of branches.
	MayAdminister bool
	// NoAutoMerge says that the repository does not allow auto-merge.
	NoAutoMerge bool
	// Methods are the ways to merge that the repository allows; nil is all of them.
	Methods []forge.Method
}

func (c Config) withDefaults() Config {
	for field, value := range map[*string]string{
		&c.Owner: "acme", &c.Repo: "platform", &c.DefaultBranch: "main", &c.Token: "ghp_test",
	} {
		if *field == "" {
			*field = value
		}
	}
	if c.Description == "" {
		c.Description = GitHub
	}
	if c.People == nil {
		c.People = []string{"ada", "grace", "person"}
	}
	if c.Teams == nil {
		c.Teams = []string{"platform"}
	}
	return c
}

func (c Config) fullName() string { return c.Owner + "/" + c.Repo }

// A Strict is GitHub's REST API for one repository, as far as propagate uses
// it, in this process. It may be used by several goroutines at a time.
type Strict struct {
	t      testing.TB
	config Config
	server *httptest.Server
	prefix string // of the API's paths
	checks *description

	mu       sync.Mutex
	requests []Request
	faults   []*fault
	pulls    []*pullState // by number, from 1
	labels   []string     // of the repository, in the order of their creation
	ticks    int
	said     map[string]string // what git has said of objects, by its arguments
	clock    func() time.Time  // nil for one of its own
	strict   map[string]protection
	verified map[string]Verification // by the ids of commits that were made through the API
	verify   *Verification           // of the next ones; nil goes by the token
	limits   *limits
	passing  Checks

	commitChecks []check
	issues       []string             // texts of issues that are no pull requests, from firstIssue
	tokens       map[string]*appToken // of the App
}

// NewStrict starts a server that is closed when the test ends. A request or an
// answer against GitHub's description, a request that is not known, and a
// fault that never came to pass fail the test.
func NewStrict(t testing.TB, c Config) *Strict {
	t.Helper()
	c = c.withDefaults()
	s := &Strict{t: t, config: c, checks: describe(t, c.Description)}
	if c.Description != GitHub {
		s.prefix = "/api/v3"
	}
	s.server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() {
		s.server.Close()
		s.checkFaults()
	})
	return s
}

// URL returns the root of the API, with a slash at its end.
func (s *Strict) URL() string { return s.server.URL + s.prefix + "/" }

// Owner returns the owner of the repository.
func (s *Strict) Owner() string { return s.config.Owner }

// Repo returns the name of the repository.
func (s *Strict) Repo() string { return s.config.Repo }

// Token returns the token that may write.
func (s *Strict) Token() string { return s.config.Token }

// Accept makes another token the one that may write.
func (s *Strict) Accept(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.config.Token = token
}

// A Request is one that the server got.
type Request struct {
	Method string
	Path   string // from the root of the API: "/repos/acme/platform/pulls"
	Query  url.Values
	Header http.Header
	Body   []byte
}

// makesToken reports whether an App asks for a token.
func (r Request) makesToken() bool { return strings.HasSuffix(r.Path, "/access_tokens") }

// Requests returns all requests until now, in the order of their arrival.
func (s *Strict) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Mutations returns how many of the requests until now were to change
// something in the repository, whether they succeeded or not.
func (s *Strict) Mutations() int {
	n := 0
	for _, r := range s.Requests() {
		if r.Method != http.MethodGet && r.Method != http.MethodHead && !r.makesToken() {
			n++
		}
	}
	return n
}

// Pulls returns all pull requests, the lowest number first.
func (s *Strict) Pulls() []forge.Pull {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.follow(); err != nil {
		s.t.Error(err)
	}
	all := make([]forge.Pull, 0, len(s.pulls))
	for _, p := range s.pulls {
		all = append(all, p.value(s))
	}
	return all
}

// SetClock makes the server date what happens by now, to the second. Before, each thing
// that happens is a second later than the last one.
func (s *Strict) SetClock(now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = now
}

// now returns the time of what happens. Nothing in an answer depends on the machine's clock.
func (s *Strict) now() time.Time {
	if s.clock != nil {
		return s.clock().UTC().Truncate(time.Second)
	}
	s.ticks++
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(s.ticks) * time.Second)
}

// stamp is a time as it stands in answers.
func stamp(t time.Time) string { return t.Format(time.RFC3339) }

// An answer is what a handler wants to be sent.
type answer struct {
	status int
	header http.Header
	body   any
}

// serve holds the lock for the whole of a request: one after another is what
// makes a test repeatable.
func (s *Strict) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Errorf("%s %s: reading the body: %v", r.Method, r.URL, err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	got := Request{
		Method: r.Method, Path: strings.TrimPrefix(r.URL.EscapedPath(), s.prefix), Query: r.URL.Query(),
		Header: r.Header.Clone(), Body: body,
	}
	s.requests = append(s.requests, got)

	f := s.fault(got)
	if f != nil && !f.After {
		f.write(w)
		return
	}
	if !got.makesToken() {
		if refusal, ok := s.limited(r.Method); !ok {
			(&fault{Fault: refusal}).write(w)
			return
		}
	}
	a, op := s.dispatch(r, got)
	data, err := json.Marshal(a.body)
	if err != nil {
		s.t.Errorf("%s %s: encoding the answer: %v", r.Method, r.URL, err)
	}
	header := w.Header()
	for name, values := range a.header {
		header[name] = values
	}
	header.Set("Content-Type", "application/json; charset=utf-8")
	header.Set("X-GitHub-Request-Id", "0000:0001")
	if hourly := cmp.Or(s.config.Hourly, 5000); hourly > 0 {
		header.Set("X-RateLimit-Limit", strconv.Itoa(hourly))
	}
	header.Set("X-RateLimit-Remaining", "4999")
	header.Set("X-RateLimit-Reset", "4102444800")
	header.Set("X-RateLimit-Resource", "core")
	if op != nil {
		if err := op.checkResponse(a.status, header, data); err != nil {
			s.t.Errorf("%s %s: the answer %d is not as %s describes it: %v", r.Method, r.URL, a.status, s.config.Description, err)
		}
	}
	if f != nil {
		clear(header)
		f.write(w)
		return
	}
	w.WriteHeader(a.status)
	if _, err := w.Write(data); err != nil {
		s.t.Logf("%s %s: writing the answer: %v", r.Method, r.URL, err)
	}
}
