package publish

import (
	"regexp"
	"testing"
	"time"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/gitrepo"
)

// The trailers are a paragraph of their own, or belong to that of others; whatever a message says, they are told.
func TestMessage(t *testing.T) {
	const ours = "Propagate-Content: HASH\n"
	for message, want := range map[string]string{
		"":                                   "Update base to 1.0.1\n\n" + ours,
		"fix: x\n\na:1: 1 -> 2\n":            "fix: x\n\na:1: 1 -> 2\n\n" + ours,
		"fix: x\n\nSigned-off-by: a <a@b>\n": "fix: x\n\nSigned-off-by: a <a@b>\n" + ours,
		"fix: x\n\na\nSigned-off-by: a":      "fix: x\n\na\nSigned-off-by: a\n\n" + ours,
		"fix: x\n\n\n":                       "fix: x\n\n" + ours,
		"Fixed: x":                           "Fixed: x\n\n" + ours,
	} {
		change := Change{Change: bumper.Change{Title: "Update base to 1.0.1"}, Message: message}
		got := Source{Now: time.Now}.spec(change).Message
		if got := regexp.MustCompile(`[0-9a-f]{64}`).ReplaceAllString(got, "HASH"); got != want {
			t.Errorf("%q becomes %q, want %q", message, got, want)
		}
		tree := "0123456789012345678901234567890123456789"
		made := gitrepo.Commit{Tree: tree, Message: got}
		made.Message += trailers(change, made)
		if held, ok := readMade(described(made)); !ok || held.content != content(change) {
			t.Errorf("%q is not told: %q", message, got)
		}
	}
}
