package cli_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/registry/registrytest"
)

// The open pull request of a version that is withdrawn is closed with the reason, and does not come back. What was
// merged goes back with --from. Where an older version is newer than what is in use, the pull request is for that.
func TestRunWithdraws(t *testing.T) {
	t.Parallel()
	r, dir := botRepo(t, "")
	s := newSite(t, map[string]string{"a/Dockerfile": read(t, dir, "a/Dockerfile"), "b/Dockerfile": read(t, dir, "b/Dockerfile"), ".propagate.yaml": noLabels})
	run := func() result { return s.program(nil).run(t, "run", "--publish", "pr").want(t, 0) }
	withdraw := func(entry string) {
		s.commit(t, map[string]string{".propagate.yaml": noLabels + "policies: [{images: [java, node], skip-versions: [" + entry + "]}]\n"})
	}
	run()
	s.pulls(t, "1 open propagate/java -> main: Update java to 1.0.1", "2 open propagate/node -> main: Update node to 2.0.1")

	withdraw("1.0.1") // it is not taken any more, and nothing else
	run()
	s.pulls(t, "1 open propagate/java -> main: Update java to 1.0.1", "2 open propagate/node -> main: Update node to 2.0.1")

	withdraw("{versions: 1.0.1, reason: breaks TLS}")
	run().says(t, "#1  propagate/java  java:1.0.1 is withdrawn: breaks TLS\n")
	s.pulls(t, "1 closed propagate/java -> main: Update java to 1.0.1", "2 open propagate/node -> main: Update node to 2.0.1")
	s.branches(t, "propagate/node")
	if all := s.api.Comments(1); len(all) != 1 || !strings.Contains(all[0].Body, `"Update java to 1.0.1" is not needed any more, java:1.0.1 is withdrawn: breaks TLS.`) {
		t.Errorf("the comments are %+v", all)
	}
	s.quiet(t, func() { run() })

	// Of a pull request for a withdrawn version, what is newest then takes the place.
	r.Push(t, "acme/node", "2.0.2", registrytest.Image{})
	withdraw("1.0.1")
	run()
	withdraw("{versions: 2.0.2, reason: it leaks}")
	run()
	if p := s.at(t, 2); p.Title != "Update node to 2.0.1" || p.State.String() != "open" {
		t.Errorf("the pull request is %+v", p)
	}

	// Beside one that a person holds there is another for the version that is taken then, and both are said.
	s.person(t, "propagate/node", map[string]string{"mine.txt": "mine\n"})
	withdraw("{versions: 2.0.1, reason: it leaks}")
	run().says(t, "  #2  propagate/node  node:2.0.1 is withdrawn: it leaks; it stays open: the branch holds commit ")
	if p := s.at(t, 4); p.Title != "Update node to 2.0.2" || s.at(t, 2).State != forge.Open {
		t.Errorf("the pull requests are %+v and %+v", p, s.at(t, 2))
	}
}

// What a person works on stays open when its version is withdrawn, and every run says so until it is closed. That a
// person wrote the description anew holds nothing: the commit says which version it is.
func TestRunWithdrawsFromPeople(t *testing.T) {
	t.Parallel()
	_, dir := botRepo(t, "")
	files := map[string]string{".propagate.yaml": noLabels + "emergency: {group: directory}\npolicies: [{images: java, automerge: true}]\n"}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		files[name+"/Dockerfile"] = read(t, dir, "a/Dockerfile")
	}
	s := newSite(t, files)
	run := func(status int, more ...string) result {
		t.Helper()
		return s.program(nil).run(t, append([]string{"run", "--publish", "pr"}, more...)...).want(t, status)
	}
	run(0, "--emergency")
	theirs := s.person(t, s.at(t, 1).Branch, map[string]string{"mine.txt": "mine\n"})
	s.api.EditBody(2, func(string) string { return "Please wait for Friday." })
	s.branchOff(t, "release")
	s.api.Retarget(3, "release")
	s.branchOff(t, "gh-readonly-queue/main/pr-4-0123")
	s.commit(t, map[string]string{".propagate.yaml": noLabels + "policies: [{images: java, skip-versions: [{versions: 1.0.1, reason: breaks TLS}]}]\n"})

	type kept struct {
		Kept []struct {
			Branch, Why, Holds string
			Pull               struct{ Number int }
		}
	}
	expect := func(status int, want string, more ...string) {
		t.Helper()
		got := ""
		for _, k := range document[kept](t, run(status, append(more, "-o", "json")...)).Kept {
			if got += fmt.Sprintf("#%d %s\n", k.Pull.Number, k.Holds); k.Why != "java:1.0.1 is withdrawn: breaks TLS" || k.Branch != s.at(t, k.Pull.Number).Branch {
				t.Errorf("it says %+v", k)
			}
		}
		if got != want {
			t.Errorf("it keeps\n%swant\n%s", got, want)
		}
	}
	first := "#4 it is in the merge queue, and auto-merge is on\n#3 somebody changed its base branch to release, and auto-merge is on\n#1 the branch holds commit " + theirs[:12] + ", which is not propagate's, and auto-merge is on\n"
	expect(0, first)
	for number, want := range map[int]forge.State{1: forge.Open, 2: forge.Closed, 3: forge.Open, 4: forge.Open, 5: forge.Closed} {
		if got := s.at(t, number).State; got != want {
			t.Errorf("#%d is %s, want %s", number, got, want)
		}
	}
	s.commented(t, 2, "java:1.0.1 is withdrawn: breaks TLS")
	s.quiet(t, func() { expect(3, first, "--strict") })
	run(3, "--strict").says(t, "\nwithdrawn, and for a person to close\n  #4  propagate/java--directory-d  java:1.0.1 is withdrawn: breaks TLS; it stays open: it is in the merge queue, and auto-merge is on\n",
		"propagate: propagate/java--directory-a: pull request #1 is for a person to close: java:1.0.1 is withdrawn: breaks TLS; the branch holds commit ")
	s.api.ClosePull(1)
	s.api.ClosePull(3)
	s.deleteBranch(t, "gh-readonly-queue/main/pr-4-0123")
	expect(0, "")
	gittest.Git(t, s.git.Dir, "update-ref", "refs/heads/"+s.at(t, 4).Branch, s.at(t, 4).Head)
	s.api.ReopenPull(4)
	s.api.DisableAutoMerge(4)
	s.quiet(t, func() { expect(0, "#4 somebody opened it again\n") })
}

// Who names a withdrawn version gets it, and is told so.
func TestWithdrawnVersionIsNamed(t *testing.T) {
	t.Parallel()
	const says = "note: base:1.0.1 is withdrawn: breaks TLS\nhint: take another version, "
	dir := gittest.Init(t, with(small(), ".propagate.yaml", "policies: [{images: base, skip-versions: [{versions: 1.0.1, reason: breaks TLS}, 1.0.2]}]\n"))
	for _, args := range [][]string{{"--dry-run", "--emergency"}, {"--publish", "branch"}} {
		in(dir).run(t, append(args, "--base", "base@1.0.1")...).want(t, 0).says(t, says)
	}
	if r := in(dir).run(t, "--base", "base@1.0.2", "--dry-run").want(t, 0); strings.Contains(r.stderr, "withdrawn") {
		t.Errorf("it says %s", r.stderr)
	}
}
