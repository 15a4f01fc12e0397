package cli_test

import (
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// hostilePaths name directories that would do something in a title, in a commit
// message or in the text of a pull request.
var hostilePaths = []string{
	"fixes #1/Dockerfile",
	"closes org/repo#2/Dockerfile",
	"resolves GH-3/Dockerfile",
	"@team/Dockerfile",
	"x\nCo-authored-by: A Stranger <a@stranger.example>/Dockerfile",
	"x\r\n\r\nSigned-off-by: A Stranger <a@stranger.example>/Dockerfile",
	"x\u2028Signed-off-by: A Stranger <a@stranger.example>/Dockerfile",
	"x\u0085skip-checks: true\v/Dockerfile",
	"Reviewed-by: A Stranger <a@stranger.example>/Dockerfile",
	"[skip ci]/Dockerfile",
	"[ci skip] x/Dockerfile",
	"***NO_CI***/Dockerfile",
	"$(touch x);`touch y`/Dockerfile",
}

// What GitHub and CI systems act on, in a title or a commit message.
var acted = map[string]*regexp.Regexp{
	"an issue is closed":   regexp.MustCompile(`(?i)\b(?:close[sd]?|fix(?:es|ed)?|resolve[sd]?):?\s+(?:[\w.-]+/[\w.-]+#\d|#\d|GH-\d|https?://)`),
	"somebody is named":    regexp.MustCompile(`(?:^|[^\w@])@\w`),
	"CI is skipped":        regexp.MustCompile(`(?i)\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]|\*\*\*NO_CI`),
	"a line ends unawares": regexp.MustCompile("[\r\v\f\u0085\u2028\u2029]"),
}

// The names of a hostile repository do nothing: neither in the title nor the commit
// message nor the branch, and neither in the body of the pull request, also where
// that becomes a commit message.
func TestHostileNamesDoNothing(t *testing.T) {
	t.Parallel()
	for _, group := range []string{"service", "all"} {
		t.Run(group, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{".propagate.yaml": noLabels}
			for _, path := range hostilePaths {
				files[path] = from("1.0.0")
			}
			h := newHub(t, files)
			p := h.program()
			// One pull request would be a second apart from the next.
			args := []string{"--base", "base@1.0.1", "--group", group, "--publish", "branch", "-o", "json"}
			if group == "all" {
				args = prArgs
			}
			changes := document[planDocument](t, p.run(t, args...).want(t, 0)).Changes
			dir := h.clone
			if group == "all" {
				dir = h.git.Dir
				quoted := maps.Clone(acted)
				delete(quoted, "somebody is named") // in code, which TestOddPathsInTheBody looks at
				inertText(t, "body", h.pull(t).Body, quoted)
				inertText(t, "title", h.pull(t).Title, acted)
			} else if len(changes) != len(hostilePaths) {
				t.Errorf("%d changes, want %d", len(changes), len(hostilePaths))
			}
			for _, change := range changes {
				message := gittest.Git(t, dir, "log", "-1", "--format=%B", change.Branch)
				inertText(t, "title", change.Title, acted)
				inertText(t, "message", message, acted)
				if strings.Contains(change.Title, "\n") || gittest.Git(t, dir, "log", "-1", "--format=%s", change.Branch) != change.Title {
					t.Errorf("the title is %q, the message %q", change.Title, message)
				}
				trailers := gittest.Git(t, dir, "log", "-1", "--format=%(trailers:only,keyonly)", change.Branch)
				if trailers != "Propagate-Content\nPropagate-Tree\nPropagate-Version\nPropagate-Seal" {
					t.Errorf("the trailers of %q are %q", message, trailers)
				}
				for line := range strings.Lines(message) {
					if m := regexp.MustCompile(`^([A-Za-z-]+):`).FindStringSubmatch(line); m != nil && !strings.HasPrefix(m[1], "Propagate-") {
						t.Errorf("the message %q has a line that is a trailer: %q", message, line)
					}
				}
				gittest.Git(t, dir, "check-ref-format", "--branch", change.Branch)
				if !regexp.MustCompile(`^propagate/[a-z0-9._+-]+$`).MatchString(change.Branch) {
					t.Errorf("the branch is %q", change.Branch)
				}
			}
		})
	}
}

func inertText(t *testing.T, what, text string, acted map[string]*regexp.Regexp) {
	t.Helper()
	for why, pattern := range acted {
		if m := pattern.FindString(text); m != "" {
			t.Errorf("%s: %q in the %s:\n%s", why, m, what, text)
		}
	}
}

// A team is named in the title of its change, and not called.
func TestTeamInATitle(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, with(small(), ".github/CODEOWNERS", "/services/a @acme/a-team docs@acme.dev\n/services/b @someone\n"))
	changes := document[planDocument](t, in(dir).run(t, "plan", "--base", "base@1.0.1", "--group", "team", "-o", "json").want(t, 0)).Changes
	if len(changes) != 2 || changes[0].Title != "Update base to 1.0.1 (owned by acme/a-team docs@acme.dev)" || changes[1].Title != "Update base to 1.0.1 (owned by someone)" {
		t.Errorf("the changes are %+v", changes)
	}
}
