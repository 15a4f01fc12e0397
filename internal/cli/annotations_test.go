package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// workflowIn is a program that a job of GitHub Actions runs in a directory, and the file with the
// summary of its page.
func workflowIn(t *testing.T, dir string) (p program, summary string) {
	summary = filepath.Join(t.TempDir(), "summary")
	return program{dir: dir, env: map[string]string{"GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_STEP_SUMMARY": summary}}, summary
}

// Failures are annotations, of the file and line that they are about, as the runner wants them written.
func TestAnnotations(t *testing.T) {
	t.Parallel()
	broken := gittest.Init(t, map[string]string{
		"a 100%,b:c/Dockerfile": from("1.0.0") + "RUN <<EOF\n", "::add-mask::x/##[add-mask]/Dockerfile": from("1.0.0") + "RUN <<EOF\n", "services/a/Dockerfile": from("1.0.0"),
	})
	unresolved := gittest.Init(t, map[string]string{"services/a/Dockerfile": "ARG TAG\nFROM " + base + ":${TAG}\n"})
	for _, test := range []struct {
		dir    string
		args   []string
		status int
		want   []string
	}{
		{broken, []string{"affected", "--base", "base"}, 3, []string{
			"::error file=%3A%3Aadd-mask%3A%3Ax/#?[add-mask]/Dockerfile,line=3,title=propagate::cannot be read as a Dockerfile: unterminated heredoc [syntax-error]%0Ahint: if it is no Dockerfile, name it in dockerfiles.exclude of .propagate.yaml\n",
			"::error file=a 100%25%2Cb%3Ac/Dockerfile,line=3,title=propagate::cannot be read as a Dockerfile: unterminated heredoc [syntax-error]%0Ahint: ",
		}},
		{unresolved, []string{"plan", "--base", "base@1.0.1", "--strict"}, 3, []string{"::error file=services/a/Dockerfile,line=2,col=", ",title=propagate::left as it is, unresolved: "}},
		{broken, []string{"plan", "--base", "100%nothing@1"}, 2, []string{"::error title=propagate::--base 100%25nothing@1: "}},
		{broken, []string{"scan", "--fast"}, 2, []string{"::error title=propagate::unknown flag: --fast%0Ahint: "}},
	} {
		p, _ := workflowIn(t, test.dir)
		r := p.run(t, test.args...).want(t, test.status)
		for _, want := range test.want {
			if !strings.Contains(r.stderr, want) {
				t.Errorf("%v does not say %q: %s", test.args, want, r.stderr)
			}
		}
		if !strings.Contains(r.stderr, "propagate: ") || strings.Contains(r.stdout, "::error") {
			t.Errorf("%v says %s and prints %s", test.args, r.stderr, r.stdout)
		}
		if r := in(test.dir).run(t, test.args...); strings.Contains(r.stderr, "::error") {
			t.Errorf("outside of a workflow it says %s", r.stderr)
		}
	}
}

// Each step adds its summary to the page of the job: of a plan, of what became of it, and of what went
// wrong.
func TestSummaryOfAJob(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{"services/a/Dockerfile": from("1.0.0"), "services/|`@team` #1/Dockerfile": from("1.0.0")})
	p, summary := workflowIn(t, dir)
	if err := os.WriteFile(summary, []byte("# A job\n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.run(t, "plan", "--base", "base@1.0.1", "--group", "service").want(t, 0)
	p.run(t, "--base", "base@1.0.1", "--group", "service", "--dry-run").want(t, 0)
	p.run(t, "--base", "base@1.0.1", "--group", "service", "--publish", "branch", "-o", "json").want(t, 0)
	p.run(t, "plan", "--base", "base@").want(t, 2)
	p.run(t, "scan").want(t, 0)
	data, err := os.ReadFile(summary)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for want, n := range map[string]int{
		"# A job\n\n## propagate\n": 1, "\n## propagate\n": 3, "\n* `" + base + "` is at `1.0.1`\n": 3, "\n| planned | ": 4, "\n| created | ": 2, "as pull requests: 2, ": 2,
		"\n## propagate failed\n\n* `--base base@: it has no version`\n": 1,
	} {
		if got := strings.Count(text, want); got != n {
			t.Errorf("%q is there %d times, want %d:\n%s", want, got, n, text)
		}
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "| ") && strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") != 6 {
			t.Errorf("a row is %s", line)
		}
	}
	// A page that cannot be written is a note.
	p.env["GITHUB_STEP_SUMMARY"] = filepath.Join(summary, "none")
	p.run(t, "plan", "--base", "base@1.0.1").want(t, 0).says(t, "note: the summary of the job cannot be written: ")
}
