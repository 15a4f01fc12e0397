package workflowtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// tooLong is when a run is taken for one that never ends.
const tooLong = 10 * time.Minute

// programs has propagate and act built, once, into a directory that a test removes. There is a go beside them
// which builds nothing, since what the workflow installs is there already.
var programs = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "propagate-workflowtest-")
	if err != nil {
		return "", err
	}
	for _, build := range []struct{ in, name, what string }{{"..", "propagate", "./cmd/propagate"}, {".", "act", "github.com/nektos/act"}} {
		cmd := exec.Command("go", "build", "-o", filepath.Join(dir, build.name), build.what)
		cmd.Dir = build.in
		if out, err := cmd.CombinedOutput(); err != nil {
			return dir, fmt.Errorf("building %s: %w\n%s", build.name, err, out)
		}
	}
	return dir, os.WriteFile(filepath.Join(dir, "go"), []byte(fakeGo), 0o755)
})

// fakeGo stands in for go install and go build, where the program is built already.
const fakeGo = `#!/bin/sh
echo "go $*"
while [ $# -gt 0 ]; do
  if [ "$1" = -o ]; then
    mkdir -p "$(dirname "$2")"
    cp "$(dirname "$0")/propagate" "$2"
  fi
  shift
done
`

func TestMain(m *testing.M) {
	status := m.Run()
	if dir, _ := programs(); dir != "" {
		_ = os.RemoveAll(dir)
	}
	os.Exit(status)
}

// A repository is one that has the workflow.
type repository struct {
	dir, programs string
}

// git runs git in the repository.
func (r repository) git(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=test", "-c", "user.email=test@propagate.invalid", "-c", "commit.gpgsign=false"}, args...)...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// commit writes files and commits them.
func (r repository) commit(t *testing.T, files map[string]string) string {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(r.dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	r.git(t, "add", "-A")
	r.git(t, "commit", "-q", "--allow-empty", "-m", "A change")
	return r.git(t, "rev-parse", "HEAD")
}

// newRepository has a base, another base on it, services on either, and one on none; and the workflow. Pushes
// to main are seen by origin.
func newRepository(t *testing.T) (r repository, head string) {
	t.Helper()
	dir, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	r = repository{t.TempDir(), dir}
	r.git(t, "init", "-q", "-b", "main", ".")
	r.git(t, "remote", "add", "origin", "https://github.com/acme/platform.git")
	files := map[string]string{}
	var bake strings.Builder
	for _, build := range []struct{ name, on string }{
		{"base", "docker.io/library/alpine:3.20"}, {"java", "ghcr.io/acme/base:1.0.0"}, {"api", "ghcr.io/acme/java:1.0.0"},
		{"web", "ghcr.io/acme/base:1.0.0"}, {"docs", "docker.io/library/nginx:1.27"},
	} {
		files[build.name+"/Dockerfile"] = "FROM " + build.on + "\nCOPY data /data\n"
		files[build.name+"/data"] = "1\n"
		fmt.Fprintf(&bake, "target %q {\n  context = %q\n  tags = [\"ghcr.io/acme/%s:1.0.0\"]\n}\n", build.name, build.name, build.name)
	}
	files["docker-bake.hcl"] = bake.String()
	files["README.md"] = "1\n"
	r.commit(t, files)
	cmd := exec.Command(filepath.Join(dir, "propagate"), "init", "workflow", "--write", "--no-cache")
	cmd.Dir = r.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	head = r.commit(t, nil)
	r.git(t, "update-ref", "refs/remotes/origin/main", head)
	return r, head
}

// workflowPath is where the workflow lies.
const workflowPath = ".github/workflows/rebuild.yml"

// A run is what came of an event.
type run struct {
	passed bool
	gate   string            // what the last job printed; act loses some of that of a job which fails
	jobs   map[string]bool   // whether those that ran have passed
	built  map[string]string // by target, what was asked for
	files  map[string]string // by target, the bake file
	log    string
}

var (
	uses  = regexp.MustCompile(`uses: (\S+)`)
	ended = regexp.MustCompile(`^\[([^\] ]+) *\] .*Job (succeeded|failed)$`)
)

// start runs the workflow for an event. The build of one target may fail.
func (r repository) start(t *testing.T, event string, payload map[string]any, failing string) run {
	t.Helper()
	work := t.TempDir()
	builds, stand := filepath.Join(work, "builds"), map[string]string{"upload-artifact": "upload", "download-artifact": "download", "bake-action": "bake"}
	text, err := json.Marshal(payload)
	if err := errors.Join(err, os.WriteFile(filepath.Join(work, "event.json"), text, 0o644), os.Mkdir(builds, 0o755)); err != nil {
		t.Fatal(err)
	}
	workflow, err := os.ReadFile(filepath.Join(r.dir, workflowPath))
	if err != nil {
		t.Fatal(err)
	}
	actions, err := filepath.Abs("testdata/actions")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{event, "-e", filepath.Join(work, "event.json"), "-P", "ubuntu-latest=-self-hosted", "--action-offline-mode", "--log-prefix-job-id",
		"--env", "ARTIFACTS=" + filepath.Join(work, "artifacts"), "--env", "BUILDS=" + builds, "--env", "FAILING=" + failing}
	action, err := os.ReadFile("../action.yml")
	own := filepath.Join(work, "action")
	if err := errors.Join(err, os.Mkdir(own, 0o755), os.WriteFile(filepath.Join(own, "action.yml"), action, 0o644)); err != nil {
		t.Fatal(err)
	}
	args = append(args, "--local-repository", "matihlabs/propagate@v1="+own)
	for _, m := range uses.FindAllStringSubmatch(string(workflow)+string(action), -1) {
		if strings.HasPrefix(m[1], "matihlabs/") {
			continue
		}
		_, name, _ := strings.Cut(m[1], "/")
		name, _, _ = strings.Cut(name, "@")
		action, ok := stand[name]
		if !ok {
			action = "nothing"
		}
		if of := m[1] + "=" + filepath.Join(actions, action); !slices.Contains(args, of) {
			args = append(args, "--local-repository", of)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), tooLong)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(r.programs, "act"), args...)
	cmd.Dir = r.dir
	cmd.Env = []string{
		"PATH=" + r.programs + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + work, "XDG_CONFIG_HOME=" + filepath.Join(work, "config"),
		"XDG_CACHE_HOME=" + filepath.Join(work, "cache"), "GIT_CONFIG_NOSYSTEM=1", "TERM=dumb",
	}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("act: %v\n%s", err, out)
	}
	result := run{passed: err == nil, jobs: map[string]bool{}, built: map[string]string{}, files: map[string]string{}, log: string(out)}
	for _, line := range strings.Split(string(out), "\n") {
		if rest, ok := strings.CutPrefix(line, "[rebuild]"); ok {
			result.gate += strings.TrimSpace(rest) + "\n"
		}
		if m := ended.FindStringSubmatch(line); m != nil {
			passed, known := result.jobs[m[1]]
			result.jobs[m[1]] = m[2] == "succeeded" && (passed || !known) // a job of a matrix ends several times
		}
	}
	entries, err := os.ReadDir(builds)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(builds, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if target, ok := strings.CutSuffix(entry.Name(), ".json"); ok {
			result.files[target] = string(content)
		} else {
			result.built[entry.Name()] = strings.TrimSpace(string(content))
		}
	}
	return result
}

// names returns what was built.
func (r run) names() string { return strings.Join(slices.Sorted(maps.Keys(r.built)), " ") }

// fails checks that the run has failed: with the last job, and with those that are named; others have passed
// or did not run.
func (r run) fails(t *testing.T, jobs ...string) {
	t.Helper()
	var failed []string
	for _, job := range slices.Sorted(maps.Keys(r.jobs)) {
		if !r.jobs[job] {
			failed = append(failed, job)
		}
	}
	if want := slices.Sorted(slices.Values(append(jobs, "rebuild"))); r.passed || !slices.Equal(failed, want) {
		t.Errorf("passed is %v, and failed are %q, want %q:\n%s", r.passed, failed, want, r.log)
	}
}

// passes checks that the run has passed, and what the last job says of the others.
func (r run) passes(t *testing.T, results ...string) {
	t.Helper()
	if !r.passed || !r.jobs["rebuild"] {
		t.Errorf("it has failed:\n%s", r.log)
	}
	for _, result := range results {
		if !strings.Contains(r.gate, result+"\n") {
			t.Errorf("the last job does not say %q:\n%s", result, r.log)
		}
	}
}

// TestPullRequest: what a pull request changes is built, with all bases that it changes, and pushed nowhere. What
// came to main since does not count.
func TestPullRequest(t *testing.T) {
	t.Parallel()
	r, _ := newRepository(t)
	behind := r.commit(t, map[string]string{"docs/data": "2\n"})
	r.git(t, "update-ref", "refs/remotes/origin/main", behind)
	r.git(t, "checkout", "-q", "-b", "topic", "HEAD~1")
	r.commit(t, map[string]string{"java/data": "2\n"})
	result := r.start(t, "pull_request", map[string]any{"pull_request": map[string]any{"number": 1, "base": map[string]any{"ref": "main"}, "head": map[string]any{"ref": "topic"}}}, "")
	result.passes(t, "| plan: success", "| wave-1: success", "| wave-2: success", "| wave-3: skipped empty")
	if names := result.names(); names != "api java" {
		t.Errorf("built is %s:\n%s", names, result.log)
	}
	for _, target := range []string{"java", "api"} {
		if got := result.built[target]; got != "all.json" {
			t.Errorf("%s is built with %q", target, got)
		}
	}
	if !strings.Contains(result.files["api"], `"target:java"`) {
		t.Errorf("api is not built on the new java: %s", result.files["api"])
	}
}

// TestPush: pushes to main push images, each wave on those that the wave before has pushed.
func TestPush(t *testing.T) {
	t.Parallel()
	r, before := newRepository(t)
	head := r.commit(t, map[string]string{"base/data": "2\n"})
	push := map[string]any{"ref": "refs/heads/main", "before": before, "after": head}

	result := r.start(t, "push", push, "")
	result.passes(t, "| plan: success", "| wave-1: success", "| wave-2: success", "| wave-3: success")
	if names := result.names(); names != "api base java web" {
		t.Errorf("built is %s:\n%s", names, result.log)
	}
	for target, wave := range map[string]int{"base": 1, "java": 2, "web": 2, "api": 3} {
		if want := fmt.Sprintf("wave-%d.json %s.output=type=registry %s.tags+=ghcr.io/acme/%s:%s", wave, target, target, target, head); result.built[target] != want {
			t.Errorf("%s is built with %q, want %q", target, result.built[target], want)
		}
		if file := result.files[target]; strings.Contains(file, `"target:`) || !strings.Contains(file, fmt.Sprintf("%q: {", target)) {
			t.Errorf("%s would be built with other targets: %s", target, file)
		}
	}

	// One build that fails leaves those beside it alone, stops what is based on it, and fails the last job.
	result = r.start(t, "push", push, "java")
	result.fails(t, "wave-2")
	if names := result.names(); names != "base java web" {
		t.Errorf("built is %s:\n%s", names, result.log)
	}
}

// TestNothingToBuild: a change of nothing that is built passes, and no job of a wave runs.
func TestNothingToBuild(t *testing.T) {
	t.Parallel()
	r, before := newRepository(t)
	head := r.commit(t, map[string]string{"README.md": "2\n"})
	for event, payload := range map[string]map[string]any{
		"push":        {"ref": "refs/heads/main", "before": before, "after": head},
		"merge_group": {"merge_group": map[string]any{"base_sha": before, "head_sha": head}},
	} {
		result := r.start(t, event, payload, "")
		result.passes(t, "| plan: success", "| wave-1: skipped empty", "| wave-2: skipped empty", "| wave-3: skipped empty")
		if names := result.names(); names != "" {
			t.Errorf("on %s built is %s:\n%s", event, names, result.log)
		}
	}
}

// TestMergeGroup: a merge group is built and pushed nowhere.
func TestMergeGroup(t *testing.T) {
	t.Parallel()
	r, before := newRepository(t)
	head := r.commit(t, map[string]string{"docs/data": "2\n"})
	result := r.start(t, "merge_group", map[string]any{"merge_group": map[string]any{"base_sha": before, "head_sha": head}}, "")
	result.passes(t, "| wave-1: success", "| wave-2: skipped empty")
	if len(result.built) != 1 || result.built["docs"] != "all.json" {
		t.Errorf("built is %v:\n%s", result.built, result.log)
	}
}

// TestNoCommitBefore: where there is no commit to compare with, everything is built.
func TestNoCommitBefore(t *testing.T) {
	t.Parallel()
	r, head := newRepository(t)
	for name, before := range map[string]string{"a new branch": strings.Repeat("0", 40), "a forced push": strings.Repeat("12", 20)} {
		result := r.start(t, "push", map[string]any{"ref": "refs/heads/main", "before": before, "after": head}, "")
		result.passes(t, "| plan: success", "| wave-3: success")
		if names := result.names(); names != "api base docs java web" {
			t.Errorf("%s: built is %s:\n%s", name, names, result.log)
		}
	}
}

// TestMoreThanThereAreJobsFor: a change with more waves than the workflow has fails, and nothing is built.
func TestMoreThanThereAreJobsFor(t *testing.T) {
	t.Parallel()
	r, before := newRepository(t)
	head := r.commit(t, map[string]string{
		"java/Dockerfile": "FROM ghcr.io/acme/web:1.0.0\nCOPY data /data\n", "base/data": "2\n",
	})
	result := r.start(t, "push", map[string]any{"ref": "refs/heads/main", "before": before, "after": head}, "")
	result.fails(t, "plan")
	if names := result.names(); names != "" {
		t.Errorf("built is %s:\n%s", names, result.log)
	}
}
