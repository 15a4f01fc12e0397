package cli_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/source"
)

// ownAnnotation is a command that propagate gives the runner itself.
var ownAnnotation = regexp.MustCompile(`\A::error (?:file=[^:,\n]+(?:,line=\d+)?(?:,col=\d+)?,)?title=propagate::(?:[^#\n]|#[^#\n])+\n\z`)

// Names in a repository are no commands to the runner of GitHub Actions, whatever prints
// them; outside of a workflow they stand as they are.
func TestNamesAreNoWorkflowCommands(t *testing.T) {
	t.Parallel()
	dir := plain(t, map[string]string{
		"::add-mask::base/Dockerfile": from("1.0.0"), "x/##[add-mask]base/Dockerfile": from("1.0.0"),
		"::error::/broken/Dockerfile": "FROM ${A}\nRUN <<EOF\n", "services/a/Dockerfile": from("1.0.0") + " ::set-env name=x::y\n",
	})
	workflow := program{dir: dir, env: map[string]string{"GITHUB_ACTIONS": "true"}}
	for _, args := range [][]string{
		{"affected", "--base", "base", "-o", "paths"}, {"affected", "--base", "base"}, {"affected", "--base", "base", "-o", "github-matrix"},
		{"affected", "--base", "base", "-o", "bake"}, {"affected", "--base", "base", "-o", "gitlab"}, {"affected", "--base", "base", "-o", "azure"},
		{"affected", "--base", "base", "-o", "json"}, {"scan"}, {"scan", "--verbose"}, {"graph"},
		{"graph", "--format", "dot"}, {"graph", "--format", "json"}, {"plan", "--base", "base@1.0.1"}, {"--base", "base@1.0.1", "--publish", "files", "--dry-run"},
	} {
		r := workflow.run(t, args...)
		for line := range strings.Lines(r.stdout + r.stderr) {
			if source.IsWorkflowCommand(line) && !ownAnnotation.MatchString(line) {
				t.Errorf("%v prints %q", args, line)
			}
		}
		if !strings.Contains(r.stdout, "add-mask") {
			t.Errorf("%v prints %s", args, r.stdout)
		}
	}
	paths := []string{"affected", "--base", "base", "-o", "paths"}
	for p, want := range map[*program]string{
		&workflow:  "\"::add-mask::base/Dockerfile\"\nservices/a/Dockerfile\n\"x/\\043\\043[add-mask]base/Dockerfile\"\n",
		{dir: dir}: "::add-mask::base/Dockerfile\nservices/a/Dockerfile\nx/##[add-mask]base/Dockerfile\n",
	} {
		if r := p.run(t, paths...); r.stdout != want {
			t.Errorf("%v prints\n%s, want\n%s", p.env, r.stdout, want)
		}
	}
	workflow.run(t, "--base", "base@1.0.1", "--publish", "files", "--dry-run").says(t, "note: the diff holds lines that the runner", "hint: with GITHUB_ACTIONS=false")
}

// JSON is text: of a path that is none the answer says that it lacks it.
func TestPathsThatAreNoText(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{"caf\xe9/Dockerfile": from("1.0.0"), "services/a/Dockerfile": from("1.0.0"), "other/Dockerfile": "FROM registry.example/team/other:1.0.0\n"})
	for _, test := range []struct {
		args   []string
		status int
	}{
		{[]string{"scan", "-o", "json"}, 3}, {[]string{"graph", "--format", "json"}, 3}, {[]string{"graph", "--explain", "base", "-o", "json"}, 3},
		{[]string{"affected", "--base", "base", "-o", "json"}, 3}, {[]string{"affected", "--base", "base", "-o", "github-matrix"}, 3},
		{[]string{"affected", "--base", "base", "-o", "bake"}, 3}, {[]string{"affected", "--base", "base", "-o", "gitlab"}, 3},
		{[]string{"affected", "--base", "base", "-o", "azure"}, 3}, {[]string{"plan", "--base", "base@1.0.1", "-o", "json", "--quiet"}, 3},
		{[]string{"affected", "--base", "other", "-o", "json"}, 0}, {[]string{"affected", "--base", "base", "-o", "paths"}, 0}, {[]string{"scan"}, 0},
	} {
		r := in(dir).run(t, test.args...).want(t, test.status)
		const said = `propagate: "caf\351/Dockerfile": the path is not valid UTF-8: JSON cannot hold it as it is`
		if got := strings.Contains(r.stderr, said); got != (test.status == 3) {
			t.Errorf("%v says %s", test.args, r.stderr)
		}
	}
	if r := in(dir).run(t, "affected", "--base", "base", "-o", "paths"); !strings.HasPrefix(r.stdout, "caf\xe9/Dockerfile\n") {
		t.Errorf("the paths are %q", r.stdout)
	}
}

// What is wrong with the flags however the repository is, is said before it is read.
func TestFlagsBeforeTheRepository(t *testing.T) {
	t.Parallel()
	empty := plain(t, nil)
	for _, test := range []struct {
		args       []string
		want, hint string
	}{
		{[]string{"--base", ""}, `--base '': it names no image`, "IMAGE@VERSION"},
		{[]string{"affected", "--base", ""}, `--base '': it names no image`, "IMAGE@VERSION"},
		{[]string{"--base", "x"}, "--base x: it has no version", "IMAGE@VERSION"},
		{[]string{"affected", "--base", "@1"}, `--base @1: it names no image`, "IMAGE@VERSION"},
		{[]string{"affected", "--base", "x@1@2"}, `--base x@1@2: "1@2" is no version`, "a version is"},
		{[]string{"plan", "--base", "base-java:1:2"}, `--base base-java:1:2: "base-java:1" is no name of an image`, "IMAGE@VERSION"},
		{[]string{"plan", "--base", "base java@1"}, `--base 'base java@1': "base java" is no name of an image`, "IMAGE@VERSION"},
		{[]string{"--base", "x@1", "--assume-published", "y"}, "--assume-published y: it has no version", ""},
		{[]string{"--base", "x@1", "--assume-published", "y@sha256:" + strings.Repeat("0", 64)}, "--assume-published y@sha256:", "IMAGE@TAG"},
		{[]string{"--base", "x@1", "--level", "huge"}, "--level huge: there is no such step", "patch"},
		{[]string{"plan", "--base", "x@1", "--group", "moon"}, "--group moon: there is no such unit", "service"},
		{[]string{"scan", "--ref", ""}, `--ref "": it names no revision`, "is a variable not set?"},
		{[]string{"graph", "--config", ""}, `--config "": it names no file`, "is a variable not set?"},
		{[]string{"plan", "--base", "x@1", "-C", ""}, `-C "": it names no directory`, "is a variable not set?"},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			t.Parallel()
			wrong(t, in(empty).run(t, test.args...), test.want, test.hint)
		})
	}
	wrong(t, program{}.run(t, "demo", "--dir", ""), `--dir "": it names no directory`, "is a variable not set?")
	// A registry may have a port.
	dir := plain(t, map[string]string{"a/Dockerfile": "FROM localhost:5000/team/base:1.0.0\n"})
	in(dir).run(t, "affected", "--base", "localhost:5000/team/base:1.0.1").want(t, 0).says(t, "1 Dockerfile of 1 dependent to rebuild")
}

// Help of what there is not is an error, and so is help that cannot be printed.
func TestHelpThatFails(t *testing.T) {
	t.Parallel()
	wrong(t, program{}.run(t, "install", "--help"), "install: there is no such command", "propagate --help")
	wrong(t, program{}.run(t, "plna", "--help"), "plna: there is no such command", "did you mean plan?")
	if status, stderr := runTo(t, full{}, "--help"); status != 1 || !strings.Contains(stderr, "propagate: standard output: no space left") {
		t.Errorf("status %d: %s", status, stderr)
	}
	program{}.run(t, "--help").want(t, 0).says(t, "GITHUB_TOKEN, GH_TOKEN", "GITHUB_API_URL", "NO_COLOR", "\n  3   done in part")
}

// full is a device without space.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, fmt.Errorf("no space left on device") }
