package cli_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// manyServices are n services on one base, with two workflows: one for every pull request, and one for
// the services whose names begin with s00.
func manyServices(n int) map[string]string {
	files := map[string]string{
		".github/workflows/ci.yml":     "on: pull_request\njobs: {}\n",
		".github/workflows/few.yml":    "on:\n  pull_request:\n    paths: [services/s00*/**]\njobs: {}\n",
		".github/workflows/deploy.yml": "on:\n  push:\n    branches: [main]\njobs: {}\n",
	}
	for i := range n {
		files[fmt.Sprintf("services/s%03d/Dockerfile", i)] = from("1.0.0")
	}
	return files
}

// What the changes cost as pull requests is said before they are made, and where GitHub does less than is
// hoped for.
func TestCost(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, manyServices(301))
	line := "as pull requests: 301, about 608 requests, up to 311 workflow runs, at least 1 hour 2 minutes within the limits of GitHub\n"
	args := []string{"plan", "--base", "base@1.0.1", "--group", "service"}
	if r := in(dir).run(t, args...).want(t, 0); !strings.HasSuffix(r.stdout, "\n"+line+"\n301 builds move to base 1.0.1 in 301 places, in 301 changes\n") || r.stderr != "" {
		t.Errorf("plan ends with %q and says %q", r.stdout[max(0, len(r.stdout)-300):], r.stderr)
	}
	cost := document[planDocument](t, in(dir).run(t, append(args, "-o", "json")...).want(t, 0)).Cost
	if cost == nil || cost.PullRequests != 301 || cost.Requests != 608 || cost.WorkflowRuns != 311 || cost.Seconds != 3702 {
		t.Errorf("the cost is %+v", cost)
	}
	in(dir).run(t, "--base", "base@1.0.1", "--group", "service", "--dry-run").want(t, 0).says(t, "dry run: 301 changes in 301 Dockerfiles; nothing was written\n"+line)
	for _, none := range []string{"branch", "files"} {
		r := in(dir).run(t, "--base", "base@1.0.1", "--group", "service", "--dry-run", "--publish", none, "-o", "json").want(t, 0)
		if cost := document[planDocument](t, r).Cost; cost != nil {
			t.Errorf("--publish %s costs %+v", none, cost)
		}
	}
	in(dir).run(t, "plan", "--base", "base@1.0.1").want(t, 0).says(t,
		"note: propagate/base", " changes 301 files: the path filters of GitHub Actions see the first 300 of a pull request\nhint: --group service, directory, team or wave makes several pull requests of it\n",
		" is for 301 builds: a matrix of GitHub Actions has at most 256 jobs\n")
	in(dir).run(t, "affected", "--base", "base@1.0.1", "-o", "github-matrix").want(t, 0).says(t, "note: the matrix has 301 entries: GitHub Actions runs at most 256 jobs of one\n")

	// Two workflows for each pull request are too many at once, when all of them get a newer version.
	files := manyServices(251)
	files[".github/workflows/few.yml"] = "on: [pull_request_target]\njobs: {}\n"
	busy := gittest.Init(t, files)
	in(busy).run(t, args...).want(t, 0).says(t, "note: once they are open, updating 251 pull requests at once starts up to 502 workflow runs: GitHub drops what is more than 500 in ten seconds\nhint: --max-prs ")
	files[".github/workflows/deploy.yml"] = "on: push\njobs: {}\n"
	files[".github/workflows/few.yml"] = "on: [push]\njobs: {}\n"
	pushed := gittest.Init(t, files)
	in(pushed).run(t, args...).want(t, 0).says(t, "note: pushing 251 branches at once starts up to 502 workflow runs: ")
	// Budgets are the configuration's.
	files = manyServices(30)
	files[".propagate.yaml"] = "github: {limits: {minute: 10, hour: 40}}\n"
	slow := document[planDocument](t, in(gittest.Init(t, files)).run(t, append(args, "-o", "json")...).want(t, 0)).Cost
	if slow == nil || slow.Seconds != 3600+120 {
		t.Errorf("with 10 in a minute and 40 in an hour it costs %+v", slow)
	}
}
