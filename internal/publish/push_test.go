package publish_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// TestMain keeps the user's own git configuration out of the tests: git is run here as
// its user has set it up.
func TestMain(m *testing.M) {
	home, err := os.MkdirTemp("", "publish-home-")
	if err != nil {
		panic(err)
	}
	for name, value := range map[string]string{"HOME": home, "XDG_CONFIG_HOME": home, "GIT_CONFIG_NOSYSTEM": "1"} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	status := m.Run()
	_ = os.RemoveAll(home)
	os.Exit(status)
}

// An estate is a clone with three services, whose changes are pushed.
type estate struct {
	server *gittest.Server
	dir    string
	head   string
}

func newEstate(t *testing.T) estate {
	t.Helper()
	server := gittest.NewServer(t, "owner", "repo", "robot", "s3cr3t-of-the-robot")
	content := map[string]string{}
	for _, service := range []string{"a", "b", "c"} {
		content[service+"/Dockerfile"] = "FROM example/base:1.0.0\n"
	}
	dir := gittest.Init(t, content)
	gittest.Git(t, dir, "push", "--quiet", server.Dir, "main")
	gittest.Git(t, dir, "remote", "add", "origin", server.AuthURL())
	return estate{server, dir, gittest.Git(t, dir, "rev-parse", "HEAD")}
}

// clone returns the same estate in a fresh clone, as a job of continuous integration has
// it.
func (e estate) clone(t *testing.T, args ...string) estate {
	t.Helper()
	dir := filepath.Join(gittest.TempDir(t), "clone")
	gittest.Git(t, e.dir, slices.Concat([]string{"clone", "--quiet"}, args, []string{"file://" + e.server.Dir, dir})...)
	gittest.Git(t, dir, "remote", "set-url", "origin", e.server.AuthURL())
	return estate{e.server, dir, gittest.Git(t, dir, "rev-parse", "HEAD")}
}

// changes plans a version for each service, on a branch that is called after it.
func (e estate) changes(t *testing.T, version string) []publish.Change {
	t.Helper()
	var files []*scanner.File
	for _, service := range []string{"a", "b", "c"} {
		path := service + "/Dockerfile"
		src, err := os.ReadFile(filepath.Join(e.dir, path))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, scanner.ScanFile(path, src, ""))
	}
	plan, err := bumper.NewPlan(t.Context(), graph.New(files, nil, nil), onDisk(e.dir), []bumper.Bump{{Image: "docker.io/example/base", Tag: version}}, bumper.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var changes []publish.Change
	for _, change := range plan.Changes(bumper.ChangeOptions{By: bumper.ByService}) {
		change.Branch = "propagate/" + change.Files[0].Path[:1]
		changes = append(changes, publish.Change{Change: change, Body: "The body of " + version + ".\n\nIts end.\n", Labels: []string{"deps"}})
	}
	return changes
}

// run publishes and returns what became of each change, in words.
func (e estate) run(t *testing.T, version string, server publish.Server) ([]publish.Outcome, string) {
	t.Helper()
	push := e.push(t, server)
	outcomes, err := push.Publish(t.Context(), e.source(), e.changes(t, version))
	if err != nil {
		t.Fatalf("%v (hint: %s)", err, source.Hint(err))
	}
	var states []string
	for _, outcome := range outcomes {
		states = append(states, string(outcome.State))
	}
	return outcomes, strings.Join(states, " ")
}

func (e estate) push(t *testing.T, server publish.Server) *publish.Push {
	t.Helper()
	repo, err := gitrepo.Open(e.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = repo.Close() })
	program, err := repo.Program("origin")
	if err != nil {
		t.Fatal(err)
	}
	return &publish.Push{Repo: repo, Remote: program, Server: server, Base: "main"}
}

func (e estate) source() publish.Source {
	who := gitrepo.Signature{Name: "A", Email: "a@example.com", When: time.Unix(1_700_000_000, 0)}
	return publish.Source{Commit: e.head, Author: who, Committer: who, Now: time.Now}
}

// has returns what the server has of a file on a branch.
func (e estate) has(t *testing.T, branch, path string) string {
	t.Helper()
	out, _ := gittest.Try(t, e.server.Dir, "show", branch+":"+path)
	return out
}

func TestPush(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	before := gittest.Git(t, e.dir, "for-each-ref", "refs/heads") + gittest.Git(t, e.dir, "status", "--porcelain=v2", "--branch")
	outcomes, states := e.run(t, "1.0.1", "")
	if states != "created created created" || e.server.Pushes() != 1 {
		t.Fatalf("%s, with %d pushes", states, e.server.Pushes())
	}
	for _, service := range []string{"a", "b", "c"} {
		if got := e.has(t, "propagate/"+service, service+"/Dockerfile"); got != "FROM example/base:1.0.1" {
			t.Errorf("%s has %q", service, got)
		}
	}
	if tip := gittest.Git(t, e.server.Dir, "rev-parse", "propagate/a"); outcomes[0].Commit != tip || gittest.Git(t, e.server.Dir, "rev-parse", tip+"^") != e.head {
		t.Errorf("the outcome has %s, the server %s", outcomes[0].Commit, tip)
	}
	// Nothing is left to do, here and in a clone that does not have the commits.
	for _, again := range []estate{e, e.clone(t), e.clone(t, "--depth=1"), e.clone(t, "--single-branch", "--filter=blob:none")} {
		if _, states := again.run(t, "1.0.1", ""); states != "unchanged unchanged unchanged" || e.server.Pushes() != 1 {
			t.Errorf("again: %s, with %d pushes", states, e.server.Pushes())
		}
	}
	// A newer version moves the branches, but for those that somebody worked on.
	other := e.clone(t)
	gittest.Git(t, other.dir, "checkout", "--quiet", "propagate/b")
	theirs := gittest.Commit(t, other.dir, "theirs", map[string]string{"b/x": "x"})
	gittest.Git(t, other.dir, "push", "--quiet", "origin", "propagate/b")
	outcomes, states = e.clone(t).run(t, "1.0.2", "")
	if states != "updated left-alone updated" || !strings.Contains(outcomes[1].Note, theirs[:12]) || !strings.Contains(outcomes[1].Hint, "on the remote") {
		t.Errorf("newer: %s, %q", states, outcomes[1].Note)
	}
	if got := e.has(t, "propagate/a", "a/Dockerfile"); got != "FROM example/base:1.0.2" {
		t.Errorf("a has %q", got)
	}
	if tip := gittest.Git(t, e.server.Dir, "rev-parse", "propagate/b"); tip != theirs {
		t.Errorf("their commit is lost: %s", tip)
	}
	if after := gittest.Git(t, e.dir, "for-each-ref", "refs/heads") + gittest.Git(t, e.dir, "status", "--porcelain=v2", "--branch"); after != before {
		t.Errorf("the clone was\n%s\nand is\n%s", before, after)
	}
}

// Somebody is faster, and a rule refuses a branch: the others arrive.
func TestPushInPart(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.server.Hook(t, "update", `test $1 != refs/heads/propagate/b`)
	// The branch is made after the run has looked, as soon as git has connected to push.
	hook := filepath.Join(e.dir, ".git", "hooks")
	if err := os.MkdirAll(hook, 0o755); err != nil {
		t.Fatal(err)
	}
	faster := fmt.Sprintf("#!/bin/sh\nunset GIT_DIR; git -C '%s' update-ref refs/heads/propagate/c %s\n", e.server.Dir, e.head)
	if err := os.WriteFile(filepath.Join(hook, "pre-push"), []byte(faster), 0o755); err != nil {
		t.Fatal(err)
	}
	outcomes, states := e.run(t, "1.0.1", "")
	if states != "created failed failed" {
		t.Fatalf("%s", states)
	}
	for i, want := range []string{"", "hook declined", ""} {
		if err := outcomes[i].Err; err != nil && (!strings.Contains(err.Error(), want) || outcomes[i].Partial) {
			t.Errorf("%s: %v", outcomes[i].Change.Branch, err)
		}
	}
	if tip := gittest.Git(t, e.server.Dir, "rev-parse", "propagate/c"); tip != e.head {
		t.Errorf("what somebody else made is lost: %s", tip)
	}
}

// GitLab opens a merge request for each branch, which is pushed alone for that.
func TestPushToGitLab(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	gittest.Git(t, e.server.Dir, "config", "receive.advertisePushOptions", "true")
	host := strings.TrimSuffix(e.server.URL, "/owner/repo.git")
	e.server.Hook(t, "post-receive", `read old new name
{ echo "$name"; i=0; while [ $i -lt $GIT_PUSH_OPTION_COUNT ]; do eval printf "'%s\n'" "\"\$GIT_PUSH_OPTION_$i\""; i=$((i+1)); done; } >> options
case $name in
*/a) echo; echo "View merge request for a:"; echo "  `+host+`/owner/repo/-/merge_requests/7";;
*/b) echo "WARNINGS:"; echo "Error encountered with push options 'merge_request.create':"; echo "Another one is open";;
esac`)
	outcomes, states := e.run(t, "1.0.1", publish.GitLab)
	if states != "created failed created" || e.server.Pushes() != 3 {
		t.Fatalf("%s, with %d pushes", states, e.server.Pushes())
	}
	if pull := outcomes[0].Pull; pull == nil || pull.Number != 7 || pull.URL != host+"/owner/repo/-/merge_requests/7" || outcomes[0].Link != "" {
		t.Errorf("a: %+v, %q", pull, outcomes[0].Link)
	}
	if b := outcomes[1]; !b.Partial || !strings.Contains(b.Err.Error(), "Another one is open") || !strings.Contains(b.Link, "/-/merge_requests/new?") {
		t.Errorf("b: %v, %q", b.Err, b.Link)
	}
	options, err := os.ReadFile(filepath.Join(e.server.Dir, "options"))
	if err != nil {
		t.Fatal(err)
	}
	want := func(service string) string {
		return "refs/heads/propagate/" + service + "\nmerge_request.create\nmerge_request.title=Update base to 1.0.1 in " + service + "/Dockerfile\n" +
			`merge_request.description=The body of 1.0.1.\n\nIts end.` + "\nmerge_request.target=main\nmerge_request.label=deps\nmerge_request.remove_source_branch\n"
	}
	if got := string(options); got != want("a")+want("b")+want("c") {
		t.Errorf("the server got\n%s\nwant\n%s", got, want("a")+want("b")+want("c"))
	}
	// A server that takes no options gets the branches, and the page is printed.
	gittest.Git(t, e.server.Dir, "config", "receive.advertisePushOptions", "false")
	outcomes, states = e.run(t, "1.0.2", publish.GitLab)
	if states != "updated updated updated" || !strings.HasPrefix(outcomes[2].Link, host+"/owner/repo/-/merge_requests/new?") {
		t.Errorf("%s, %q", states, outcomes[2].Link)
	}
}

// What is not on the remote is not pushed along.
func TestPushNeedsItsBase(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	local := e
	local.head = gittest.Commit(t, e.dir, "not pushed", map[string]string{"x": "x"})
	_, err := local.push(t, "").Publish(t.Context(), local.source(), local.changes(t, "1.0.1"))
	if err == nil || !strings.Contains(err.Error(), "it is not on the remote's main") || source.Hint(err) == "" || e.server.Pushes() != 0 {
		t.Errorf("%v after %d pushes", err, e.server.Pushes())
	}
	// Nor where the remote has moved on, which this clone has not seen.
	other := e.clone(t)
	gittest.Commit(t, other.dir, "newer", map[string]string{"y": "y"})
	gittest.Git(t, other.dir, "push", "--quiet", "origin", "main")
	_, err = local.push(t, "").Publish(t.Context(), local.source(), local.changes(t, "1.0.1"))
	if err == nil || !strings.Contains(err.Error(), "it is not on the remote's main") || e.server.Pushes() != 1 {
		t.Errorf("%v after %d pushes", err, e.server.Pushes())
	}
	push := e.push(t, "")
	push.Base = "elsewhere"
	_, err = push.Publish(t.Context(), e.source(), e.changes(t, "1.0.1"))
	if err == nil || !strings.Contains(err.Error(), "branch elsewhere: it is not on remote origin") {
		t.Error(err)
	}
	// A commit that is behind is good enough.
	if _, states := e.run(t, "1.0.1", ""); states != "created created created" {
		t.Error(states)
	}
}

// An interrupt leaves the rest, and says of every change what became of it.
func TestPushInterrupted(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	gittest.Git(t, e.server.Dir, "config", "receive.advertisePushOptions", "true")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	push := e.push(t, publish.GitLab)
	var said []string
	push.Progress = func(done, all int, what string) {
		if said = append(said, fmt.Sprintf("%d of %d: %s", done, all, what)); said[len(said)-1] == "1 of 3: pushing to origin" {
			stop()
		}
	}
	outcomes, err := push.Publish(ctx, e.source(), e.changes(t, "1.0.1"))
	if !errors.Is(err, context.Canceled) || len(outcomes) != 3 || outcomes[0].State != publish.Created {
		t.Fatalf("%v, %v", outcomes, err)
	}
	if want := "0 of 3: pushing to origin, 1 of 3: pushing to origin"; !strings.Contains(strings.Join(said, ", "), want) {
		t.Errorf("it says %q, want %q in it", said, want)
	}
	for _, outcome := range outcomes[1:] {
		if outcome.State != publish.Failed || !errors.Is(outcome.Err, publish.ErrInterrupted) {
			t.Errorf("%s: %s, %v", outcome.Change.Branch, outcome.State, outcome.Err)
		}
	}
	if _, states := e.run(t, "1.0.1", publish.GitLab); states != "unchanged created created" {
		t.Errorf("again: %s", states)
	}
}
