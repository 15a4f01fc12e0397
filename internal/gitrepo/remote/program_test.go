package remote_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/source"
)

// A transport is a way in which git reaches the repository of a server.
type transport struct {
	name string
	// reach sets the origin of a clone, and returns its URL.
	reach func(t *testing.T, server *gittest.Server, dir string) string
}

// transports are all that the tests of the program go through.
var transports = []transport{
	{"http with a credential helper", func(t *testing.T, server *gittest.Server, dir string) string {
		gittest.Git(t, dir, "config", "credential.helper", "!f() { echo username="+user+"; echo password="+token+"; }; f")
		return server.URL
	}},
	{"http with a password in the URL", func(_ *testing.T, server *gittest.Server, _ string) string { return server.AuthURL() }},
	{"ssh", func(t *testing.T, server *gittest.Server, dir string) string {
		sshd := gittest.NewSSHServer(t)
		gittest.Git(t, dir, "config", "core.sshCommand", sshd.Command)
		return sshd.URL(server.Dir)
	}},
	{"a directory", func(_ *testing.T, server *gittest.Server, _ string) string { return server.Dir }},
}

// through runs a test over every transport.
func through(t *testing.T, run func(t *testing.T, server *gittest.Server, dir, head string)) {
	t.Helper()
	for _, way := range transports {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			server, dir, head := serve(t)
			gittest.Git(t, dir, "remote", "set-url", "origin", way.reach(t, server, dir))
			run(t, server, dir, head)
		})
	}
}

// origin returns the remote origin of a clone, as git reaches it.
func origin(t *testing.T, repo *gitrepo.Repo) remote.Program {
	t.Helper()
	program, err := repo.Program("origin")
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// stored makes a commit as newCommit does, and stores it.
func stored(t *testing.T, repo *gitrepo.Repo, parent, content string) string {
	t.Helper()
	p := newCommit(t, repo, parent, content, content)
	if err := repo.Store(p); err != nil {
		t.Fatal(err)
	}
	return p.ID
}

// pushed pushes with git and fails the test on errors that are not of a single branch.
func pushed(t *testing.T, to remote.Program, updates []remote.Update, options ...string) (results []remote.Result, talk string) {
	t.Helper()
	results, talk, err := to.Push(t.Context(), updates, options)
	if err != nil {
		t.Fatalf("Push: %v (hint: %s)", err, source.Hint(err))
	}
	for i, r := range results {
		if r.Branch != updates[i].Branch {
			t.Errorf("result %d is of %s, want %s", i, r.Branch, updates[i].Branch)
		}
		if r.Err != nil {
			noSecret(t, r.Err)
		}
	}
	return results, talk
}

// TestProgramPush: some branches of a push are refused and others not, and each lease is
// kept.
func TestProgramPush(t *testing.T) {
	t.Parallel()
	through(t, func(t *testing.T, server *gittest.Server, dir, head string) {
		server.Hook(t, "update", "echo thinking; test $1 != refs/heads/refused || { echo 'rule 7' $1 >&2; exit 1; }")
		gittest.Git(t, dir, "config", "color.ui", "always")
		repo := open(t, dir)
		one, two := stored(t, repo, head, "1\n"), stored(t, repo, head, "2\n")
		theirs := gittest.Commit(t, dir, "theirs", map[string]string{"README": "theirs"})
		gittest.Git(t, dir, "push", "--quiet", server.Dir, one+":refs/heads/ours", theirs+":refs/heads/moved", one+":refs/heads/old", theirs+":refs/heads/made")
		before := gittest.Git(t, dir, "status", "--porcelain=v2", "--branch")
		updates := []remote.Update{
			{Branch: "new", New: one}, {Branch: "ours", New: two, Old: one}, {Branch: "moved", New: two, Old: one}, {Branch: "refused", New: two},
			{Branch: "made", New: two}, {Branch: "old", Old: one}, {Branch: "gone", New: two, Old: one},
		}
		results, _ := pushed(t, origin(t, repo), updates)
		for i, want := range []error{nil, nil, remote.ErrStale, errors.New("rule 7"), remote.ErrStale, nil, remote.ErrStale} {
			err := results[i].Err
			var rejected *remote.RejectedError
			switch {
			case want == nil && err != nil:
				t.Errorf("%s: %v", updates[i].Branch, err)
			case want != nil && (!errors.As(err, &rejected) || rejected.Branch != updates[i].Branch):
				t.Errorf("%s: %v, want a *RejectedError", updates[i].Branch, err)
			case errors.Is(want, remote.ErrStale) != errors.Is(err, remote.ErrStale):
				t.Errorf("%s: %v, want %v", updates[i].Branch, err, want)
			}
		}
		if text := results[3].Err.Error(); !strings.Contains(text, "hook declined") || !strings.Contains(text, "rule 7") {
			t.Errorf("the refusal is %q", text)
		}
		want := map[string]string{"main": head, "new": one, "ours": two, "moved": theirs, "made": theirs}
		got := has(t, server)
		for name, id := range want {
			if got[name] != id {
				t.Errorf("%s is at %q, want %q", name, got[name], id)
			}
		}
		if len(got) != len(want) {
			t.Errorf("the server has %v", got)
		}
		if after := gittest.Git(t, dir, "status", "--porcelain=v2", "--branch"); after != before {
			t.Errorf("the clone was\n%s\nand is\n%s", before, after)
		}
		// Run again after a lost answer.
		for _, u := range updates[:2] {
			if r, _ := pushed(t, origin(t, repo), []remote.Update{u}); r[0].Err != nil {
				t.Errorf("%s, which is there already: %v", u.Branch, r[0].Err)
			}
		}
	})
}

// TestProgramAdvertised reads the branches, and gets commits that are not here without
// touching a reference.
func TestProgramAdvertised(t *testing.T) {
	t.Parallel()
	through(t, func(t *testing.T, server *gittest.Server, dir, head string) {
		other := filepath.Join(gittest.TempDir(t), "other")
		gittest.Git(t, dir, "clone", "--quiet", server.Dir, other)
		theirs := gittest.Commit(t, other, "theirs", map[string]string{"README": "theirs"})
		gittest.Git(t, other, "push", "--quiet", "origin", "HEAD:refs/heads/a/b", "HEAD:refs/tags/refs/heads/x", "HEAD:refs/tags/v1")
		repo := open(t, dir)
		adv, err := origin(t, repo).Advertised(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(adv.Branches) != 2 || adv.Branches["a/b"] != theirs || adv.Branches["main"] != head || adv.Default != "main" {
			t.Errorf("advertised: %+v", adv)
		}
		if _, found, err := repo.Commit(theirs); found || err != nil {
			t.Fatalf("it is here already, or %v", err)
		}
		refs := gittest.Git(t, dir, "for-each-ref")
		if err := origin(t, repo).Fetch(t.Context(), []string{"a/b"}); err != nil {
			t.Fatal(err)
		}
		if c, found, err := repo.Commit(theirs); !found || err != nil || !strings.HasPrefix(c.Message, "theirs") {
			t.Errorf("after the fetch: %v, %v, %v", c, found, err)
		}
		if after := gittest.Git(t, dir, "for-each-ref"); after != refs {
			t.Errorf("references:\n%s\nbefore:\n%s", after, refs)
		}
		if _, err := os.Stat(filepath.Join(dir, ".git", "FETCH_HEAD")); err == nil {
			t.Error("FETCH_HEAD was written")
		}
	})
}

// TestProgramFetchShallow: a shallow clone does not get the history that it left out.
func TestProgramFetchShallow(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	gittest.Git(t, dir, "push", "--quiet", server.Dir, head+":refs/heads/old")
	for range 3 {
		gittest.Commit(t, dir, "more", map[string]string{"README": "more"})
	}
	gittest.Git(t, dir, "checkout", "--quiet", "-b", "b", "HEAD~1")
	tip := gittest.Commit(t, dir, "ours", map[string]string{"README": "ours"})
	gittest.Git(t, dir, "push", "--quiet", server.Dir, "main", "b")
	shallow := filepath.Join(gittest.TempDir(t), "shallow")
	gittest.Git(t, dir, "clone", "--quiet", "--depth=1", "--single-branch", "--branch=main", "file://"+server.Dir, shallow)
	repo := open(t, shallow)
	if err := origin(t, repo).Fetch(t.Context(), []string{"b"}); err != nil {
		t.Fatal(err)
	}
	if _, found, err := repo.Commit(tip); !found || err != nil {
		t.Errorf("the commit is not here: %v", err)
	}
	if out, err := gittest.Try(t, shallow, "cat-file", "-e", head); err == nil {
		t.Errorf("the whole history was fetched: %s", out)
	}
	// What is pushed from there arrives.
	pending := stored(t, repo, gittest.Git(t, shallow, "rev-parse", "HEAD"), "1\n")
	if r, _ := pushed(t, origin(t, repo), []remote.Update{{Branch: "new", New: pending}}); r[0].Err != nil || has(t, server)["new"] != pending {
		t.Errorf("%v, and the server has %v", r[0].Err, has(t, server))
	}
}

// TestProgramOptions: push options arrive as they are, and a remote that takes none is told apart.
func TestProgramOptions(t *testing.T) {
	t.Parallel()
	through(t, func(t *testing.T, server *gittest.Server, dir, head string) {
		repo := open(t, dir)
		update := []remote.Update{{Branch: "b", New: head}}
		options := []string{"merge_request.create", `merge_request.title=a "b" $(c) 'd'; é \n x`}
		if results, _, err := origin(t, repo).Push(t.Context(), update, options); !errors.Is(err, remote.ErrNoOptions) || len(has(t, server)) != 1 {
			t.Errorf("%v, %v, and the server has %v", results, err, has(t, server))
		}
		gittest.Git(t, server.Dir, "config", "receive.advertisePushOptions", "true")
		server.Hook(t, "post-receive", `echo "$GIT_PUSH_OPTION_COUNT" > options
echo "$GIT_PUSH_OPTION_0" >> options
printf '%s\n' "$GIT_PUSH_OPTION_1" >> options
echo; echo 'View merge request for b:'; echo '  https://host.example/o/r/-/merge_requests/7'`)
		results, talk := pushed(t, origin(t, repo), update, options...)
		if results[0].Err != nil {
			t.Fatal(results[0].Err)
		}
		got, err := os.ReadFile(filepath.Join(server.Dir, "options"))
		if want := "2\n" + strings.Join(options, "\n") + "\n"; err != nil || string(got) != want {
			t.Errorf("the hook got %q, %v; want %q", got, err, want)
		}
		if want := "\nView merge request for b:\nhttps://host.example/o/r/-/merge_requests/7\n"; talk != want {
			t.Errorf("the remote said %q, want %q", talk, want)
		}
	})
}

// TestProgramPushMany: more branches than one command line of some systems holds.
func TestProgramPushMany(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	repo := open(t, dir)
	var updates []remote.Update
	for i := range 150 {
		updates = append(updates, remote.Update{Branch: "propagate/" + strings.Repeat("x", 60) + string(rune('a'+i%26)) + string(rune('a'+i/26)), New: head})
	}
	results, _ := pushed(t, origin(t, repo), updates)
	for _, r := range results {
		if r.Err != nil {
			t.Errorf("%s: %v", r.Branch, r.Err)
		}
	}
	if got := len(has(t, server)); got != 151 {
		t.Errorf("the server has %d branches", got)
	}
}
