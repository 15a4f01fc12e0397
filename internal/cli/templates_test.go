package cli_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// The configuration says what branches are called, and what titles, messages and descriptions say.
func TestTemplatesOfTheConfiguration(t *testing.T) {
	t.Parallel()
	h := newHub(t, with(small(), ".propagate.yaml", noLabels+`group: monthly
branch-prefix: bots/x/
templates:
  title: "chore(deps): bump {{range .Bases}}{{.Name}} to {{.Version}}{{end}}"
  commit: "{{.Title}}\n\n{{.Lines}}\nSigned-off-by: bot <bot@acme.example>\n"
  body: |
    Ours.
    {{.Summary}}{{.Table}}
`))
	made := h.one(t, 0)
	pull := h.pull(t)
	if made.Branch != "bots/x/monthly" || pull.Branch != made.Branch || pull.Title != "chore(deps): bump base to 1.0.1" {
		t.Errorf("the change is %+v, the pull request %+v", made, pull)
	}
	if !strings.Contains(pull.Body, "Ours.\n`registry.example/team/base` goes from `1.0.0` to `1.0.1`: a patch.\n") || strings.Contains(pull.Body, "<details>") {
		t.Errorf("the body is:\n%s", pull.Body)
	}
	message := gittest.Git(t, h.git.Dir, "log", "-1", "--format=%B", made.Branch)
	if !strings.HasPrefix(message, pull.Title+"\n\nservices/a/Dockerfile:1: 1.0.0 -> 1.0.1\n") || !strings.Contains(message, "\n\nSigned-off-by: bot <bot@acme.example>\nPropagate-Content: ") {
		t.Errorf("the message is:\n%s", message)
	}
	h.quiet(t, func() {
		if again := h.one(t, 0); again.State != "unchanged" {
			t.Errorf("the second run says %+v", again)
		}
	})
}

// A template that fails for a change ends the run before anything is written, at its place.
func TestTemplateThatFails(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, with(small(), ".propagate.yaml", "templates:\n  title: 'x {{if eq .Group \"services/b/Dockerfile\"}}{{.Nope}}{{end}}'\n"))
	in(dir).run(t, "--base", "base@1.0.1", "--publish", "branch", "--group", "service").want(t, 2).
		says(t, "propagate: .propagate.yaml:2:55: there is no field Nope here\nhint: the fields are Title, ")
	if got := gittest.Git(t, dir, "branch", "--list", "propagate/*"); got != "" {
		t.Errorf("it made %s", got)
	}
}
