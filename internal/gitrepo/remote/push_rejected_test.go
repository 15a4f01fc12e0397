package remote_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/source"
)

func TestPushLease(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	repo := open(t, dir)
	one := newCommit(t, repo, head, "one", "1\n")
	two := newCommit(t, repo, head, "two", "2\n")
	update := func(to *gitrepo.Pending, old string) remote.Result {
		t.Helper()
		return push(t, repo, access(server), []remote.Update{{Branch: "b", New: to.ID, Old: old}}, one, two)[0]
	}
	at := func(want string) {
		t.Helper()
		if got, _ := gittest.Try(t, server.Dir, "rev-parse", "--verify", "--quiet", "refs/heads/b"); got != want {
			t.Errorf("the branch is at %q, want %q", got, want)
		}
	}
	stale := func(r remote.Result, text string) {
		t.Helper()
		var rejected *remote.RejectedError
		wantError(t, r.Err, remote.ErrStale)
		if !errors.As(r.Err, &rejected) || rejected.Branch != "b" || !strings.Contains(r.Err.Error(), text) || source.Hint(r.Err) == "" {
			t.Errorf("error %v, want a *RejectedError with %q and a hint", r.Err, text)
		}
	}
	stale(update(one, head), "it is gone")
	at("")
	if r := update(one, ""); r.Err != nil {
		t.Fatal(r.Err)
	}
	at(one.ID)
	stale(update(two, ""), "it exists already")
	at(one.ID)
	stale(update(two, head), "it has moved to "+one.ID[:12])
	at(one.ID)
	if r := update(two, one.ID); r.Err != nil { // no fast-forward
		t.Fatal(r.Err)
	}
	at(two.ID)
	pushes := server.Pushes()
	for _, old := range []string{one.ID, "", two.ID} { // run again after a lost answer
		if r := update(two, old); r.Err != nil {
			t.Errorf("already there, from %q: %v", old, r.Err)
		}
	}
	if server.Pushes() != pushes {
		t.Errorf("%d requests for nothing", server.Pushes()-pushes)
	}
}

// between runs a function once, before the pack is sent.
type between struct {
	once sync.Once
	do   func()
}

func (b *between) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodPost {
		b.once.Do(b.do)
	}
	return http.DefaultTransport.RoundTrip(req)
}

// TestPushLeaseIsCheckedByTheServer: somebody pushes after the references have
// been read.
func TestPushLeaseIsCheckedByTheServer(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	repo := open(t, dir)
	one := newCommit(t, repo, head, "one", "1\n")
	two := newCommit(t, repo, head, "two", "2\n")
	three := newCommit(t, repo, head, "three", "3\n")
	push(t, repo, access(server), []remote.Update{{Branch: "moved", New: one.ID}}, one)
	theirs := gittest.Commit(t, dir, "theirs", map[string]string{"README": "theirs"})
	gittest.Git(t, dir, "push", "--quiet", server.Dir, "HEAD:refs/heads/park")
	rm := access(server)
	rm.Client = &http.Client{Transport: &between{do: func() {
		gittest.Git(t, server.Dir, "update-ref", "refs/heads/moved", theirs)
		gittest.Git(t, server.Dir, "update-ref", "refs/heads/made", theirs)
	}}}
	results := push(t, repo, rm, []remote.Update{
		{Branch: "moved", New: two.ID, Old: one.ID}, {Branch: "made", New: two.ID}, {Branch: "free", New: three.ID},
	}, two, three)
	for _, r := range results[:2] {
		wantError(t, r.Err, remote.ErrStale)
		if got := gittest.Git(t, server.Dir, "rev-parse", r.Branch); got != theirs {
			t.Errorf("%s is at %s, their commit is lost", r.Branch, got)
		}
	}
	if results[2].Err != nil || gittest.Git(t, server.Dir, "rev-parse", "free") != three.ID {
		t.Errorf("the branch that is free: %v", results[2].Err)
	}
}

func TestPushRejected(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, hook, script string
		branch             string
		remote             string // part of what the remote says
		reason             string
	}{
		{"by pre-receive", "pre-receive", "echo 'error: \x1b[31mrule 7:' >&2; echo no >&2; echo " + user + ":" + token + " >&2; exit 1",
			"b", "rule 7:; no", "pre-receive hook declined"},
		{"by update, one of two", "update", "echo sorry >&2; test $1 != refs/heads/b", "b", "sorry", "hook declined"},
		{"a branch in the place of a directory", "post-update", "true", "main/x", "refs/heads/main' exists", "failed to update ref"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server, dir, head := serve(t)
			server.Hook(t, test.hook, test.script)
			repo := open(t, dir)
			p := newCommit(t, repo, head, "x", "1\n")
			results := push(t, repo, access(server), []remote.Update{{Branch: test.branch, New: p.ID}, {Branch: "other", New: p.ID}}, p)
			var rejected *remote.RejectedError
			if !errors.As(results[0].Err, &rejected) {
				t.Fatalf("result %v, want a *RejectedError", results[0].Err)
			}
			if rejected.Branch != test.branch || rejected.Reason != test.reason || !strings.Contains(rejected.Remote, test.remote) {
				t.Errorf("rejected: %+v", rejected)
			}
			if strings.ContainsAny(rejected.Error(), "\x1b\n\r") {
				t.Errorf("the error is not fit for a terminal: %q", rejected.Error())
			}
			if rejected.Err != nil {
				t.Errorf("it passes for %v", rejected.Err)
			}
			if whole := test.hook == "pre-receive"; whole == (results[1].Err == nil) {
				t.Errorf("the other branch: %v", results[1].Err)
			}
			if out, err := gittest.Try(t, server.Dir, "rev-parse", "--verify", "refs/heads/"+test.branch); err == nil {
				t.Errorf("the branch is at %s", out)
			}
		})
	}
}

func TestPushMissingParent(t *testing.T) {
	t.Parallel()
	// git notices it in different places, with different words.
	for _, config := range [][2]string{{"false", "100"}, {"true", "100"}, {"true", "1"}} {
		t.Run("fsckObjects="+config[0]+" unpackLimit="+config[1], func(t *testing.T) {
			server, dir, _ := serve(t)
			gittest.Git(t, server.Dir, "config", "receive.fsckObjects", config[0])
			gittest.Git(t, server.Dir, "config", "receive.unpackLimit", config[1])
			local := gittest.Commit(t, dir, "not pushed", map[string]string{"README": "local"})
			repo := open(t, dir)
			p := newCommit(t, repo, local, "x", "1\n")
			results, err := repo.Push(t.Context(), access(server), []remote.Update{{Branch: "b", New: p.ID}}, []*gitrepo.Pending{p})
			if err == nil {
				err = results[0].Err
			}
			wantError(t, err, remote.ErrMissingParent)
			if source.Hint(err) == "" {
				t.Errorf("no hint for %v", err)
			}
			if out, err := gittest.Try(t, server.Dir, "rev-parse", "--verify", "refs/heads/b"); err == nil {
				t.Errorf("the branch is at %s", out)
			}
		})
	}
}

func TestPushRefusesNonsense(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	repo := open(t, dir)
	for name, updates := range map[string][]remote.Update{
		"twice":          {{Branch: "b", New: head}, {Branch: "b", New: head}},
		"no commit":      {{Branch: "b"}},
		"zeros":          {{Branch: "b", New: strings.Repeat("0", 40), Old: head}},
		"old zeros":      {{Branch: "b", Old: strings.Repeat("0", 40)}},
		"short id":       {{Branch: "b", New: head[:10]}},
		"short old id":   {{Branch: "b", New: head, Old: head[:10]}},
		"no branch":      {{New: head}},
		"bad branch":     {{Branch: "a..b", New: head}},
		"other branches": {{Branch: "b", New: head}, {Branch: "../tags/x", New: head}},
	} {
		if results, err := repo.Push(t.Context(), access(server), updates, nil); err == nil {
			t.Errorf("%s: %v", name, results)
		}
	}
	if results, err := repo.Push(t.Context(), access(server), nil, nil); err != nil || len(results) != 0 {
		t.Errorf("nothing to push: %v, %v", results, err)
	}
	if server.Pushes() != 0 {
		t.Errorf("%d requests", server.Pushes())
	}
}
