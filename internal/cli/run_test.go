package cli_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/registry/registrytest"
)

// botRepo is a repository on images of a registry, which has newer ones: java 1.0.1 and 1.1.0, node 2.0.1,
// py 3.11.9 and 3.12.8, and edge, a tag that moves.
func botRepo(t *testing.T, config string) (registry *registrytest.Server, dir string) {
	t.Helper()
	r := registrytest.Start(t, registrytest.Memory, registrytest.None)
	for name, tags := range map[string][]string{
		"java": {"1.0.0", "1.0.1", "1.1.0"}, "node": {"2.0.0", "2.0.1"}, "py": {"3.11.1", "3.11.9", "3.12.1", "3.12.8"}, "edge": {"latest", "rolling"},
	} {
		for _, tag := range tags {
			r.Push(t, "acme/"+name, tag, registrytest.Image{Created: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)})
		}
	}
	at := "FROM " + r.Host + "/acme/"
	return r, gittest.Init(t, map[string]string{
		".propagate.yaml": strings.ReplaceAll(config, "REGISTRY", r.Host),
		"a/Dockerfile":    at + "java:1.0.0\n",
		"b/Dockerfile":    at + "node:2.0.0\n",
		"c/Dockerfile":    at + "py:3.11.1\n",
		"d/Dockerfile":    at + "py:3.12.1\n",
		"e/Dockerfile":    at + "edge:rolling\n",
		"old/Dockerfile":  at + "java:1.0.0\n",
	})
}

// changesOf says of each change of a plan its branch and what it edits.
func changesOf(plan planDocument) string {
	var all []string
	for _, c := range plan.Changes {
		var edits []string
		for _, f := range c.Files {
			for _, e := range f.Edits {
				edits = append(edits, f.Path+" "+e.New)
			}
		}
		all = append(all, c.Branch+": "+strings.Join(edits, ", "))
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

func TestRunByPolicy(t *testing.T) {
	t.Parallel()
	plain := []string{
		"propagate/java: a/Dockerfile 1.0.1, old/Dockerfile 1.0.1", "propagate/node: b/Dockerfile 2.0.1", "propagate/py: c/Dockerfile 3.11.9, d/Dockerfile 3.12.8",
	}
	for name, tc := range map[string]struct {
		config string
		args   []string
		want   []string
	}{
		"nothing is said":                      {"", nil, plain},
		"one image alone":                      {"", []string{"--only", "acme/node"}, plain[1:2]},
		"larger steps":                         {"policies:\n  - {images: java, level: minor}\n", nil, []string{"propagate/java: a/Dockerfile 1.1.0, old/Dockerfile 1.1.0", plain[1], plain[2]}},
		"larger steps in part":                 {"policies:\n  - {images: java, level: minor}\n  - {images: java, paths: old/**, level: patch}\n", nil, []string{"propagate/java: a/Dockerfile 1.1.0, old/Dockerfile 1.0.1", plain[1], plain[2]}},
		"across lines":                         {"policies:\n  - {images: py, level: minor}\n", nil, []string{plain[0], plain[1], "propagate/py: c/Dockerfile 3.12.8, d/Dockerfile 3.12.8"}},
		"a version is skipped":                 {"policies:\n  - {images: node, skip-versions: [2.0.1]}\n", nil, []string{plain[0], plain[2]}},
		"too young":                            {"policies:\n  - {images: node, min-age: 3650d}\n", nil, []string{plain[0], plain[2]}},
		"too young, in an emergency":           {"policies:\n  - {images: node, min-age: 3650d}\n", []string{"--emergency"}, []string{plain[0], plain[2]}},
		"too young, and meant in an emergency": {"policies:\n  - {images: node, min-age: 3650d}\n", []string{"--emergency", "--only", "node"}, plain[1:2]},
		"not due, in an emergency":             {"policies:\n  - {images: node, schedule: '0 3 1 1 *'}\n", []string{"--if-due", "1h", "--emergency"}, plain},
		"a group of images":                    {"policies:\n  - {images: [java, node], group: weekly}\n", nil, []string{plain[2], "propagate/weekly: a/Dockerfile 1.0.1, b/Dockerfile 2.0.1, old/Dockerfile 1.0.1"}},
		"one name for all":                     {"group: weekly\n", nil, []string{"propagate/weekly: a/Dockerfile 1.0.1, b/Dockerfile 2.0.1, c/Dockerfile 3.11.9, d/Dockerfile 3.12.8, old/Dockerfile 1.0.1"}},
		"for each service": {"", []string{"--group", "service", "--only", "java"}, []string{
			"propagate/java--service-a: a/Dockerfile 1.0.1", "propagate/java--service-old: old/Dockerfile 1.0.1",
		}},
		"a Dockerfile is ignored": {"ignore: [old/Dockerfile]\n", []string{"--only", "java"}, []string{"propagate/java: a/Dockerfile 1.0.1"}},
		"not due":                 {"policies:\n  - {images: node, schedule: '0 3 1 1 *'}\n", []string{"--if-due", "1h"}, []string{plain[0], plain[2]}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, dir := botRepo(t, tc.config)
			plan := document[planDocument](t, in(dir).run(t, append([]string{"run", "--dry-run", "-o", "json"}, tc.args...)...).want(t, 0))
			if got, want := changesOf(plan), strings.Join(tc.want, "\n"); got != want {
				t.Errorf("the changes are\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// A pin of a moving tag is written, follows the tag, and is not written twice.
func TestRunPins(t *testing.T) {
	t.Parallel()
	r, dir := botRepo(t, "policies:\n  - {images: edge, moving: pin}\n")
	edge := func() string { return read(t, dir, "e/Dockerfile") }
	run := func() { in(dir).run(t, "run", "--publish", "files", "--only", "edge").want(t, 0) }
	for _, content := range []string{"", "patched"} {
		digest := r.Push(t, "acme/edge", "rolling", registrytest.Image{Content: content, Platforms: []string{"linux/amd64", "linux/arm64"}})
		for range 2 {
			run()
			if want := "FROM " + r.Host + "/acme/edge:rolling@" + digest + "\n"; edge() != want {
				t.Fatalf("e/Dockerfile is %s, want %s", edge(), want)
			}
			gittest.Commit(t, dir, "pinned", nil)
		}
	}
}

// A registry that cannot be asked does not stop what others say, and a run is not done for it, unless
// the configuration says that it is optional.
func TestRunWithoutARegistry(t *testing.T) {
	t.Parallel()
	closed := closedPort(t)
	for _, optional := range []bool{false, true} {
		_, dir := botRepo(t, fmt.Sprintf("registries: {%q: {optional: %t}}\n", closed, optional))
		gittest.Commit(t, dir, "another", map[string]string{"z/Dockerfile": "FROM " + closed + "/acme/other:1.0.0\n"})
		status := map[bool]int{false: 3, true: 0}[optional]
		result := in(dir).run(t, "run", "--publish", "files").want(t, status)
		result.says(t, closed+" cannot be asked about "+closed+"/acme/other: ", "connection refused", "a/Dockerfile:1")
		if got := read(t, dir, "a/Dockerfile"); !strings.HasSuffix(got, ":1.0.1\n") {
			t.Errorf("a/Dockerfile is %s", got)
		}
	}
}

// People and labels are those of the policies, and a policy limits how many pull requests are open.
func TestRunDressesPulls(t *testing.T) {
	t.Parallel()
	r, dir := botRepo(t, "")
	files := map[string]string{}
	for _, path := range []string{"a", "b", "c", "d", "e", "old"} {
		files[path+"/Dockerfile"] = read(t, dir, path+"/Dockerfile")
	}
	files[".propagate.yaml"] = "labels: [all]\npolicies:\n  - {images: java, labels: [jvm], reviewers: [ada], assignees: [grace]}\n  - {images: [node, py], max-open: 1}\n"
	s := newSite(t, files)
	run := func() { s.program(nil).run(t, "run", "--publish", "pr").want(t, 0) }
	run()
	s.pulls(t, "1 open propagate/java -> main: Update java to 1.0.1", "2 open propagate/node -> main: Update node to 2.0.1")
	java, node := s.api.Pulls()[0], s.api.Pulls()[1]
	if got, want := fmt.Sprint(java.Labels, java.Reviewers, java.Assignees, node.Labels, node.Reviewers, node.Assignees), "[jvm] [ada] [grace] [all] [] []"; got != want {
		t.Errorf("they have %s, want %s", got, want)
	}
	s.api.MergePullAndDelete(2)
	s.pullMain(t)
	run()
	s.pulls(t, "1 open propagate/java -> main: Update java to 1.0.1", "2 merged propagate/node -> main: Update node to 2.0.1", "3 open propagate/py -> main: Update py to 3.11.9 and py to 3.12.8")

	// Somebody makes the change of java by hand: the pull request is not needed any more.
	s.commit(t, map[string]string{"a/Dockerfile": "FROM " + r.Host + "/acme/java:1.0.1\n", "old/Dockerfile": "FROM " + r.Host + "/acme/java:1.0.1\n"})
	run()
	s.pulls(t, "1 closed propagate/java -> main: Update java to 1.0.1", "2 merged propagate/node -> main: Update node to 2.0.1", "3 open propagate/py -> main: Update py to 3.11.9 and py to 3.12.8")
}

// A pull request that a person's command line opened is the one that the bot goes on with.
func TestRunGoesOnWithAPersonsPull(t *testing.T) {
	t.Parallel()
	r, dir := botRepo(t, "")
	s := newSite(t, map[string]string{"a/Dockerfile": read(t, dir, "a/Dockerfile"), ".propagate.yaml": noLabels})
	s.program(nil).run(t, "--base", "java@1.0.1", "--publish", "pr").want(t, 0)
	s.program(nil).run(t, "run", "--publish", "pr").want(t, 0)
	s.pulls(t, "1 open propagate/java -> main: Update java to 1.0.1")
	r.Push(t, "acme/java", "1.0.2", registrytest.Image{})
	s.program(nil).run(t, "run", "--publish", "pr").want(t, 0)
	s.pulls(t, "1 open propagate/java -> main: Update java to 1.0.2")
}

// What is typed wrong is refused before a registry is asked.
func TestRunRefuses(t *testing.T) {
	t.Parallel()
	r, dir := botRepo(t, "")
	for args, want := range map[string]string{
		"--only jave":          "--only jave: no Dockerfile depends on an image of this name\nhint: the nearest names are ",
		"--only java@1.0.1":    "it names a version",
		"--if-due -1h":         "--if-due -1h0m0s",
		"--group everything":   "--group everything: there is no such unit",
		"--publish everywhere": "--publish everywhere",
	} {
		in(dir).run(t, append([]string{"run"}, strings.Fields(args)...)...).want(t, 2).says(t, want)
	}
	if got := r.Requests(); len(slices.DeleteFunc(got, func(q registrytest.Request) bool {
		return q.Method != http.MethodGet || strings.HasSuffix(q.Path, "/v2/")
	})) > 0 {
		t.Errorf("it was asked %v", got)
	}
}
