package github

import (
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
)

const (
	apiRoot   = "https://api.github.example/"
	apiRepo   = apiRoot + "repos/acme/platform"
	gitRepo   = "https://github.example/acme/platform.git"
	testToken = "ghp_s3cr3tT0k3n"
	tooMuch   = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)

// A hub is a GitHub in memory: its API and its git. It counts every write in sliding windows
// of a minute and an hour, and refuses what is over.
type hub struct {
	t            *testing.T
	minute, hour int                                  // 0 is no limit
	hint         func(wait time.Duration) string      // what Retry-After says; nil for no header
	countRefused bool                                 // what is refused counts as well
	latency      time.Duration                        // of each request, half before it takes effect
	fail         func(n int, r *http.Request) *answer // what becomes of request n of the same kind, counted from 1; nil is success

	mu      sync.Mutex
	now     func() time.Time // nil is time.Now
	counted []time.Time      // writes
	writing int              // under way
	refused int
	last    time.Time      // the answer to the last write
	kinds   map[string]int // requests by method and path
	done    map[string]int // writes that took effect, by method, path and body
	asked   []string       // all requests
	headers []http.Header
}

// An answer is what a hub says of a request instead of success.
type answer struct {
	status  int
	header  map[string]string
	body    string
	err     error // no answer comes
	cut     bool  // the answer breaks off
	after   bool  // the request takes effect all the same
	forever bool  // no answer comes until the request is given up
}

// plain is an answer of git.
func plain(status int, text string, header ...string) *answer {
	a := &answer{status: status, body: text, header: map[string]string{"Content-Type": "text/plain; charset=utf-8"}}
	for i := 0; i < len(header); i += 2 {
		a.header[header[i]] = header[i+1]
	}
	return a
}

func (h *hub) clock() time.Time {
	if h.now != nil {
		return h.now()
	}
	return time.Now()
}

func changes(r *http.Request, body []byte) bool {
	if strings.HasSuffix(r.URL.Path, "/graphql") {
		return strings.Contains(string(body), "mutation")
	}
	return r.Method != http.MethodGet && r.Method != http.MethodHead && !strings.HasSuffix(r.URL.Path, "/git-upload-pack")
}

func (h *hub) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
	}
	write := changes(r, body)
	h.mu.Lock()
	if h.kinds == nil {
		h.kinds, h.done = map[string]int{}, map[string]int{}
	}
	kind := r.Method + " " + r.URL.Path
	h.kinds[kind]++
	n := h.kinds[kind]
	h.asked = append(h.asked, kind)
	h.headers = append(h.headers, r.Header.Clone())
	if write {
		if h.writing++; h.writing > 1 {
			h.t.Errorf("%s while another write is under way", kind)
		}
		if !h.last.IsZero() && h.clock().Sub(h.last) < time.Second {
			h.t.Errorf("%s only %s after the last write", kind, h.clock().Sub(h.last))
		}
	}
	h.mu.Unlock()
	time.Sleep(h.latency / 2)
	resp, err := h.serve(r, kind+" "+string(body), n, write)
	if err != nil && errors.Is(err, errForever) {
		<-r.Context().Done()
		err = context.Cause(r.Context()) // as net/http does
	} else {
		time.Sleep(h.latency / 2)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if write {
		h.writing--
		h.last = h.clock()
	}
	if err == nil && r.Context().Err() != nil {
		return nil, r.Context().Err()
	}
	return resp, err
}

var errForever = errors.New("no answer")

func (h *hub) serve(r *http.Request, what string, n int, write bool) (*http.Response, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	answered := &answer{status: http.StatusOK, body: "{}"}
	if h.fail != nil {
		if a := h.fail(n, r); a != nil {
			answered = a
			if !a.after {
				return answered.response()
			}
		}
	}
	if write {
		if refusal := h.count(); refusal != nil {
			return refusal.response()
		}
		h.done[what]++
	}
	return answered.response()
}

// count counts a write, or refuses it.
func (h *hub) count() *answer {
	now := h.clock()
	for _, w := range []struct {
		most int
		span time.Duration
	}{{h.hour, time.Hour}, {h.minute, time.Minute}} {
		within := 0
		for within < len(h.counted) && !h.counted[len(h.counted)-1-within].Before(now.Add(-w.span)) {
			within++
		}
		if w.most == 0 || within < w.most {
			continue
		}
		h.refused++
		refusal := &answer{status: http.StatusForbidden, body: `{"message": "` + tooMuch + `"}`}
		if h.hint != nil {
			refusal.header = map[string]string{"Retry-After": h.hint(h.counted[len(h.counted)-w.most].Add(w.span).Sub(now))}
		}
		if h.countRefused {
			h.counted = append(h.counted, now)
		}
		return refusal
	}
	h.counted = append(h.counted, now)
	return nil
}

func (a *answer) response() (*http.Response, error) {
	switch {
	case a.forever:
		return nil, errForever
	case a.err != nil:
		return nil, a.err
	}
	resp := &http.Response{
		StatusCode: a.status, Status: strconv.Itoa(a.status) + " " + http.StatusText(a.status), Header: http.Header{},
		Body: io.NopCloser(strings.NewReader(a.body)),
	}
	if a.cut {
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(a.body), breaking{}))
	}
	for name, value := range a.header {
		resp.Header.Set(name, value)
	}
	return resp, nil
}

type breaking struct{}

func (breaking) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// effects returns how many writes took effect, and fails the test if one did so twice.
func (h *hub) effects() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	for what, n := range h.done {
		if n > 1 {
			h.t.Errorf("%s took effect %d times", what, n)
		}
	}
	return len(h.done)
}

// A user sends requests to a hub through a client's lanes.
type user struct {
	t        *testing.T
	client   *Client
	api, git *http.Client

	mu    sync.Mutex
	log   []string
	waits []string
}

// logged returns what was logged so far.
func (u *user) logged() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.log)
}

// use makes a client for a hub, on the clock of the time package where o has none.
func use(t *testing.T, h *hub, o Options) *user {
	t.Helper()
	h.t = t
	u := &user{t: t}
	o.BaseURL, o.Token, o.Owner, o.Repo, o.Transport = apiRoot, testToken, "acme", "platform", h
	o.Log = func(_ string, args ...any) {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.log = append(u.log, args[0].(string))
	}
	o.Waiting = func(until time.Time, why string) {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.waits = append(u.waits, until.UTC().Format(time.TimeOnly)+" "+why)
	}
	var err error
	if u.client, err = New(o); err != nil {
		t.Fatal(err)
	}
	u.api = u.client.gh.Client()
	u.git = &http.Client{Transport: u.client.Git()}
	return u
}

func (u *user) do(ctx context.Context, client *http.Client, method, url, body string) (status int, answer string, err error) {
	u.t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		u.t.Fatal(err)
	}
	if client == u.git {
		req.SetBasicAuth("x-access-token", testToken)
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	data, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	return resp.StatusCode, string(data), err
}

// must sends a request that has to succeed.
func (u *user) must(client *http.Client, method, url, body string) {
	u.t.Helper()
	if status, text, err := u.do(u.t.Context(), client, method, url, body); err != nil || status != http.StatusOK {
		u.t.Fatalf("%s %s: %d %s, %v", method, url, status, text, err)
	}
}

func (u *user) push(body string) {
	u.t.Helper()
	u.must(u.git, http.MethodPost, gitRepo+"/git-receive-pack", body)
}
func (u *user) refs() {
	u.t.Helper()
	u.must(u.git, http.MethodGet, gitRepo+"/info/refs?service=git-receive-pack", "")
}
func (u *user) open(body string) {
	u.t.Helper()
	u.must(u.api, http.MethodPost, apiRepo+"/pulls", body)
}
func (u *user) list() { u.t.Helper(); u.must(u.api, http.MethodGet, apiRepo+"/pulls", "") }
