package workflow_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/buildfile/workflow"
	"github.com/matihlabs/propagate/internal/trace"
)

// How often a workflow runs for a pull request of one Dockerfile with two labels and a reviewer.
func TestRunsOf(t *testing.T) {
	t.Parallel()
	pull := workflow.PullRequest{Branch: "propagate/base", Base: "main", Paths: []string{"services/a/Dockerfile"}, Labels: 2, Reviewers: 1}
	none := workflow.Runs{}
	opened := workflow.Runs{Pull: 1, Update: 1}
	pushed := workflow.Runs{Push: 1, Update: 1}
	for _, test := range []struct {
		name, on string
		want     workflow.Runs
	}{
		{"one event", "on: pull_request", opened},
		{"a list", "on: [push, pull_request]", workflow.Runs{Push: 1, Pull: 1, Update: 2}},
		{"events without filters", "on:\n  pull_request:\n  push:", workflow.Runs{Push: 1, Pull: 1, Update: 2}},
		{"of a fork, too", "on: pull_request_target", opened},
		{"quoted", `"on": {"pull_request": {}}`, opened},
		{"no such event", "on: {workflow_dispatch: {}, schedule: [{cron: '0 0 * * *'}], workflow_call: {}}", none},
		{"no events", "jobs: {}", none},
		{"a new branch", "on: create", workflow.Runs{Push: 1}},

		{"another base", "on: {pull_request: {branches: [release-*]}}", none},
		{"the base", "on: {pull_request: {branches: main}}", opened},
		{"all but the base", "on: {pull_request: {branches-ignore: [main]}}", none},
		{"all but another", "on: {pull_request: {branches-ignore: [release]}}", opened},
		{"another branch", "on: {push: {branches: [main]}}", none},
		{"a star is within a directory", "on: {push: {branches: ['*']}}", none},
		{"two stars are not", "on: {push: {branches: ['**']}}", pushed},
		{"this branch", "on: {push: {branches: ['propagate/*']}}", pushed},
		{"taken away again", "on: {push: {branches: ['**', '!propagate/**']}}", none},
		{"and back", "on: {push: {branches: ['**', '!propagate/**', 'propagate/base']}}", pushed},
		{"tags alone", "on: {push: {tags: ['v*']}}", none},
		{"tags and branches", "on: {push: {tags: ['v*'], branches: ['propagate/**']}}", pushed},

		{"another path", "on: {pull_request: {paths: ['docs/**']}}", none},
		{"this path", "on: {pull_request: {paths: ['services/**']}}", opened},
		{"a file in any directory", "on: {pull_request: {paths: ['**/Dockerfile']}}", opened},
		{"no file of the root", "on: {pull_request: {paths: ['Dockerfile']}}", none},
		{"ignored paths", "on: {pull_request: {paths-ignore: ['services/**']}}", none},
		{"other ignored paths", "on: {pull_request: {paths-ignore: ['**.md']}}", opened},
		{"a class and a repetition", "on: {pull_request: {paths: ['services/[a-c]+/Dockerfile']}}", opened},
		{"an optional character", "on: {pull_request: {paths: ['services/ab?/Dockerfile']}}", opened},
		{"a dot is a dot", "on: {pull_request: {paths: ['services.a/Dockerfile']}}", none},
		{"a pattern that is none counts", "on: {pull_request: {paths: ['services/[']}}", opened},

		{"labels", "on: {pull_request: {types: [labeled]}}", workflow.Runs{Pull: 2}},
		{"labels and the rest", "on: {pull_request: {types: [opened, labeled, review_requested, assigned]}}", workflow.Runs{Pull: 4}},
		{"closing", "on: {pull_request: {types: closed}}", none},
		{"no YAML", "on: [", none},
		{"an alias that holds itself", "on: &a {pull_request: *a}", none},
	} {
		if got := workflow.RunsOf(trace.NewFile(".github/workflows/ci.yml", []byte(test.on)), pull); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
	unknown := pull
	unknown.Base = ""
	if got := workflow.RunsOf(trace.NewFile("ci.yml", []byte("on: {pull_request: {branches: [main]}}")), unknown); got != opened {
		t.Errorf("for a base that is not known: %+v", got)
	}
}

func TestIsWorkflow(t *testing.T) {
	t.Parallel()
	for p, want := range map[string]bool{
		".github/workflows/ci.yml": true, ".github/workflows/ci.yaml": true, ".github/workflows/ci.json": false,
		".github/workflows/old/ci.yml": false, "x/.github/workflows/ci.yml": false, ".github/actions/ci.yml": false,
	} {
		if workflow.IsWorkflow(p) != want {
			t.Errorf("%s: %v", strings.TrimPrefix(p, "x/"), !want)
		}
	}
}
