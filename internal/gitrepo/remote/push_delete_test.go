package remote_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/source"
)

// has returns the branches of the server with what they point to.
func has(t *testing.T, server *gittest.Server) map[string]string {
	t.Helper()
	branches := map[string]string{}
	for line := range strings.Lines(gittest.Git(t, server.Dir, "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads")) {
		name, id, _ := strings.Cut(strings.TrimSpace(line), " ")
		branches[name] = id
	}
	return branches
}

// TestPushDeletes deletes a branch that is where the lease says, and no other.
func TestPushDeletes(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	repo := open(t, dir)
	theirs := gittest.Commit(t, dir, "theirs", map[string]string{"README": "theirs"})
	gittest.Git(t, dir, "push", "--quiet", server.Dir, head+":refs/heads/ours", theirs+":refs/heads/moved")
	p := newCommit(t, repo, head, "new", "1\n")
	results := push(t, repo, access(server), []remote.Update{
		{Branch: "ours", Old: head}, {Branch: "moved", Old: head}, {Branch: "gone", Old: head}, {Branch: "new", New: p.ID},
	}, p)
	wantError(t, results[1].Err, remote.ErrStale)
	for _, i := range []int{0, 2, 3} {
		if results[i].Err != nil {
			t.Errorf("%s: %v", results[i].Branch, results[i].Err)
		}
	}
	want := map[string]string{"main": head, "moved": theirs, "new": p.ID}
	if got := has(t, server); len(got) != len(want) || got["moved"] != theirs || got["new"] != p.ID {
		t.Errorf("the server has %v, want %v", got, want)
	}
	// Nothing but deletions, which needs no pack.
	if r := push(t, repo, access(server), []remote.Update{{Branch: "new", Old: p.ID}})[0]; r.Err != nil {
		t.Error(r.Err)
	}
	if server.Pushes() != 2 {
		t.Errorf("%d requests, want 2", server.Pushes())
	}
	// Nothing is left to do.
	push(t, repo, access(server), []remote.Update{{Branch: "new", Old: p.ID}})
	if got := has(t, server); server.Pushes() != 2 || len(got) != 2 {
		t.Errorf("the server has %v after %d requests", got, server.Pushes())
	}
}

// TestPushDeleteIsCheckedByTheServer: somebody pushes after the references have been read.
func TestPushDeleteIsCheckedByTheServer(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	repo := open(t, dir)
	theirs := gittest.Commit(t, dir, "theirs", map[string]string{"README": "theirs"})
	gittest.Git(t, dir, "push", "--quiet", server.Dir, head+":refs/heads/b", theirs+":refs/heads/park")
	to := access(server)
	to.Client = &http.Client{Transport: &between{do: func() { gittest.Git(t, server.Dir, "update-ref", "refs/heads/b", theirs) }}}
	result := push(t, repo, to, []remote.Update{{Branch: "b", Old: head}})[0]
	wantError(t, result.Err, remote.ErrStale)
	if got := has(t, server)["b"]; got != theirs {
		t.Errorf("the branch is at %q, their commit is lost", got)
	}
}

// TestPushDeleteRefused: the server lets nobody delete a branch.
func TestPushDeleteRefused(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	repo := open(t, dir)
	gittest.Git(t, dir, "push", "--quiet", server.Dir, head+":refs/heads/b")
	gittest.Git(t, server.Dir, "config", "receive.denyDeletes", "true")
	p := newCommit(t, repo, head, "new", "1\n")
	updates := []remote.Update{{Branch: "b", Old: head}, {Branch: "new", New: p.ID}}
	results := push(t, repo, access(server), updates, p)
	var rejected *remote.RejectedError
	if !errors.As(results[0].Err, &rejected) || rejected.Reason != "deletion prohibited" || results[1].Err != nil || has(t, server)["b"] != head {
		t.Errorf("results %v and %v, and the server has %v", results[0].Err, results[1].Err, has(t, server))
	}
	// A rule of the branch says it in other words.
	// A rule of the branch says it in the answer.
	gittest.Git(t, server.Dir, "config", "receive.denyDeletes", "false")
	server.Hook(t, "update", "test $1 != refs/heads/b")
	results = push(t, repo, access(server), updates, p)
	if !errors.As(results[0].Err, &rejected) || rejected.Branch != "b" || results[1].Err != nil {
		t.Errorf("results %v and %v", results[0].Err, results[1].Err)
	}
}

// faulty lets something happen to the answers of a server: to the nth request that
// matches, counted from 1.
type faulty struct {
	method string
	n      int
	before func() (*http.Response, error) // instead of the request; may be nil
	after  func() (*http.Response, error) // instead of its answer; may be nil
	asked  int
}

func (f *faulty) RoundTrip(req *http.Request) (*http.Response, error) {
	hit := false
	if req.Method == f.method {
		f.asked++
		hit = f.asked >= f.n
	}
	if hit && f.before != nil {
		return f.before()
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if hit && f.after != nil && err == nil {
		_ = resp.Body.Close()
		return f.after()
	}
	return resp, err
}

// badGateway is the answer of a proxy.
func badGateway() (*http.Response, error) {
	recorder := httptest.NewRecorder()
	recorder.WriteHeader(http.StatusBadGateway)
	return recorder.Result(), nil
}

// forbidden is the answer to a token that may not push.
func forbidden() (*http.Response, error) {
	recorder := httptest.NewRecorder()
	recorder.WriteHeader(http.StatusForbidden)
	return recorder.Result(), nil
}

func reset() (*http.Response, error) { return nil, errors.New("connection reset by peer") }

func nonsense() (*http.Response, error) {
	recorder := httptest.NewRecorder()
	_, _ = recorder.WriteString("000eunpack ")
	return recorder.Result(), nil
}

// TestPushLostAnswer: what became of a push whose answer is lost is read from the
// branches.
func TestPushLostAnswer(t *testing.T) {
	t.Parallel()
	type answer = func() (*http.Response, error)
	for _, test := range []struct {
		name          string
		before, after answer
		done          bool // all branches are there
		text          string
	}{
		{"502 after it took effect", nil, badGateway, true, ""},
		{"reset after it took effect", nil, reset, true, ""},
		{"half an answer after it took effect", nil, nonsense, true, ""},
		{"502 before it took effect", badGateway, nil, false, "502 Bad Gateway"},
		{"reset before it took effect", reset, nil, false, "connection reset"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, dir, head := serve(t)
			repo := open(t, dir)
			gittest.Git(t, dir, "push", "--quiet", server.Dir, head+":refs/heads/old", head+":refs/heads/theirs")
			one, two := newCommit(t, repo, head, "one", "1\n"), newCommit(t, repo, head, "two", "2\n")
			server.Hook(t, "update", "test $1 != refs/heads/refused")
			to := access(server)
			to.Client = &http.Client{Transport: &faulty{method: http.MethodPost, n: 1, before: test.before, after: test.after}}
			results := push(t, repo, to, []remote.Update{
				{Branch: "new", New: one.ID}, {Branch: "refused", New: two.ID}, {Branch: "old", Old: head}, {Branch: "theirs", New: two.ID, Old: one.ID},
			}, one, two)
			wantError(t, results[3].Err, remote.ErrStale)
			there := has(t, server)
			if _, kept := there["old"]; test.done != (there["new"] == one.ID) || test.done == kept {
				t.Fatalf("the server has %v", there)
			}
			for i, done := range []bool{test.done, false, test.done} {
				if err := results[i].Err; done != (err == nil) {
					t.Errorf("%s: %v", results[i].Branch, err)
				} else if err != nil && (!strings.Contains(err.Error(), test.text) || source.Hint(err) == "") {
					t.Errorf("%s: error %q (hint %q), want it to say %q", results[i].Branch, err, source.Hint(err), test.text)
				}
			}
		})
	}
}

// TestPushLostForGood: the branches cannot be read either.
func TestPushLostForGood(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	repo := open(t, dir)
	p := newCommit(t, repo, head, "one", "1\n")
	lost := &faulty{method: http.MethodPost, n: 1, after: reset}
	both := &chain{first: &faulty{method: http.MethodGet, n: 2, before: badGateway}, second: lost}
	to := access(server)
	to.Client = &http.Client{Transport: both}
	results, err := repo.Push(t.Context(), to, []remote.Update{{Branch: "b", New: p.ID}}, []*gitrepo.Pending{p})
	if results != nil {
		t.Errorf("results %v", results)
	}
	wantError(t, err, remote.ErrUnreachable)
	if !strings.Contains(err.Error(), "connection reset") {
		t.Errorf("error %q says nothing of the push", err)
	}
}

// TestPushRefusedWhole: an answer that refuses the push is believed.
func TestPushRefusedWhole(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	repo := open(t, dir)
	p := newCommit(t, repo, head, "one", "1\n")
	gets := &faulty{method: http.MethodGet, n: 9}
	to := access(server)
	to.Client = &http.Client{Transport: &chain{first: &faulty{method: http.MethodPost, n: 1, before: forbidden}, second: gets}}
	_, err := repo.Push(t.Context(), to, []remote.Update{{Branch: "b", New: p.ID}}, []*gitrepo.Pending{p})
	wantError(t, err, remote.ErrAuthorization)
	if gets.asked != 1 {
		t.Errorf("the branches were read %d times", gets.asked)
	}
}

// A chain sends a request that is a GET through the one that is about those, and any
// other through the other one.
type chain struct{ first, second *faulty }

func (c *chain) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == c.first.method {
		return c.first.RoundTrip(req)
	}
	return c.second.RoundTrip(req)
}

// TestPushDeleteIsUnknown: a server that is not able to delete a branch is not asked to.
func TestPushDeleteIsUnknown(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, files)
	head := gittest.Git(t, dir, "rev-parse", "HEAD")
	line := func(s string) string { return fmt.Sprintf("%04x%s", len(s)+4, s) }
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		_, _ = fmt.Fprint(w, line("# service=git-receive-pack\n"), "0000", line(head+" refs/heads/b\x00report-status"), "0000")
	}))
	t.Cleanup(server.Close)
	result := push(t, open(t, dir), remote.Repository{URL: server.URL + "/o/r"}, []remote.Update{{Branch: "b", Old: head}})[0]
	if result.Err == nil || !strings.Contains(result.Err.Error(), "branch b was rejected: the remote does not delete branches") {
		t.Errorf("result %v", result.Err)
	}
}
