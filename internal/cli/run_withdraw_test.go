package cli_test

import (
	"strings"
	"testing"

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
}
