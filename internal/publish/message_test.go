package publish

import (
	"regexp"
	"testing"
	"time"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/gitrepo"
)

// The trailers are a paragraph of their own, or belong to that of others; whatever a message says, they are told.
func TestMessage(t *testing.T) {
	const tree = "0123456789012345678901234567890123456789"
	const ours = "Propagate-Content: HASH\nPropagate-Tree: " + tree + "\nPropagate-Seal: HASH\n"
	for message, want := range map[string]string{
		"":                                   "Update base to 1.0.1\n\n" + ours,
		"fix: x\n\na:1: 1 -> 2\n":            "fix: x\n\na:1: 1 -> 2\n\n" + ours,
		"fix: x\n\nSigned-off-by: a <a@b>\n": "fix: x\n\nSigned-off-by: a <a@b>\n" + ours,
		"fix: x\n\na\nSigned-off-by: a":      "fix: x\n\na\nSigned-off-by: a\n\n" + ours,
		"fix: x\n\n\n":                       "fix: x\n\n" + ours,
		"Fixed: x":                           "Fixed: x\n\n" + ours,
	} {
		change := Change{Change: bumper.Change{Title: "Update base to 1.0.1"}, Message: message}
		spec := Source{Now: time.Now}.spec(change)
		got := spec.Message + spec.Trailers(gitrepo.Commit{Tree: tree, Message: spec.Message})
		if got := regexp.MustCompile(`[0-9a-f]{64}`).ReplaceAllString(got, "HASH"); got != want {
			t.Errorf("%q becomes %q, want %q", message, got, want)
		}
		if held, ok := readMade(forge.Commit{Tree: tree, Message: got}); !ok || held.content != content(change) {
			t.Errorf("%q is not told: %q", message, got)
		}
	}
}
