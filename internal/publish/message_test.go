package publish

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/gitrepo"
)

// The trailers are a paragraph of their own, or belong to that of others; whatever a message says, they are told.
func TestMessage(t *testing.T) {
	const ours = "Propagate-Content: HASH\nPropagate-Tree: TREE\nPropagate-Version: example/base@1.0.1\nPropagate-Seal: HASH\n"
	for message, want := range map[string]string{
		"":                                   "Update base to 1.0.1\n\n" + ours,
		"fix: x\n\na:1: 1 -> 2\n":            "fix: x\n\na:1: 1 -> 2\n\n" + ours,
		"fix: x\n\nSigned-off-by: a <a@b>\n": "fix: x\n\nSigned-off-by: a <a@b>\n" + ours,
		"fix: x\n\na\nSigned-off-by: a":      "fix: x\n\na\nSigned-off-by: a\n\n" + ours,
		"fix: x\n\n\n":                       "fix: x\n\n" + ours,
		"Fixed: x":                           "Fixed: x\n\n" + ours,
	} {
		change := Change{Change: bumper.Change{Title: "Update base to 1.0.1", Subjects: []bumper.Subject{{Image: "example/base", Version: "1.0.1"}}}, Message: message}
		spec := Source{Now: time.Now}.spec(change)
		commit := gitrepo.Commit{Tree: strings.Repeat("01", 20), Message: spec.Message}
		commit.Message += spec.Trailers(commit)
		got := strings.ReplaceAll(commit.Message, commit.Tree, "TREE")
		if got = regexp.MustCompile(`[0-9a-f]{64}`).ReplaceAllString(got, "HASH"); got != want {
			t.Errorf("%q becomes %q, want %q", message, got, want)
		}
		if held, ok := readMade(described(commit)); !ok || held.content != content(change) || len(held.subjects) != 1 {
			t.Errorf("%q is not told: %+v", got, held)
		}
		commit.Author.Name = "Somebody"
		if _, ok := readMade(described(commit)); ok {
			t.Errorf("%q of somebody else is taken for ours", got)
		}
	}
}
