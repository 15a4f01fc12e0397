package cli_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// What several builds of a Dockerfile say is said once, and the Dockerfile is counted once.
func TestProblemsOfBuildsAreSaidOnce(t *testing.T) {
	t.Parallel()
	repo := in(gittest.Init(t, map[string]string{
		"svc/Dockerfile": "ARG V\nFROM registry.example/team/base:1.0.0 AS one\nFROM scratch\nCOPY --from=one / /\nCOPY --from=a:$V / /\n",
		"compose.yaml":   "services: {a: {build: svc}, b: {build: {context: svc, target: one}}}\n",
	}))
	const problem, count = "svc/Dockerfile:5:13: error: a:$V is not expanded", "note: 1 Dockerfile could not be understood in full"
	r := repo.run(t, "scan").want(t, 0)
	if got := r.stderr; strings.Count(got, problem) != 1 {
		t.Errorf("it is not said once:\n%s", got)
	}
	r = repo.run(t, "affected", "--base", "team/base@1.0.1").want(t, 0)
	if got := r.stderr; !strings.Contains(got, count) {
		t.Errorf("it is not counted once:\n%s", got)
	}
	r = repo.run(t, "scan", "-o", "json").want(t, 0)
	if got := r.stdout; strings.Count(got, "is not expanded") != 1 || !strings.Contains(got, `"target": "one",`) || !strings.Contains(got, `"compose.yaml:1:29"`) {
		t.Errorf("%s", got)
	}
}
