package forgetest

import (
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
)

// A Live is a repository on a real server, reached through its REST API alone.
type Live struct {
	t      testing.TB
	person *person
	prefix string
	made   map[string]bool // branches
	slow   bool
}

// NewLive returns the repository that a names, for work on branches of its own
// below Prefix, which are deleted when the test ends. What stays are the closed
// and merged pull requests and the labels. With slow there is a pause after
// each change, which GitHub asks for.
func NewLive(t testing.TB, a Access, slow bool) *Live {
	t.Helper()
	l := &Live{
		t: t, person: newPerson(t, a.URL, a.Owner, a.Repo, a.Token),
		prefix: "propagate-conformance-" + strings.ToLower(rand.Text()[:8]) + "/",
		made:   map[string]bool{}, slow: slow,
	}
	if slow {
		l.person.pause = time.Second
	}
	t.Cleanup(func() {
		for _, branch := range slices.Sorted(maps.Keys(l.made)) {
			if _, err := l.person.try("DELETE", "git/refs/heads/"+escapeRef(branch), nil, nil); err != nil {
				t.Errorf("deleting branch %s, do it by hand: %v", branch, err)
			}
		}
	})
	return l
}

// Prefix begins the names of the branches that may be made.
func (l *Live) Prefix() string { return l.prefix }

// Commit adds a commit to a branch below Prefix, which begins at from if it is
// new.
func (l *Live) Commit(branch, from, message string, files map[string]string) forge.Commit {
	l.t.Helper()
	if !strings.HasPrefix(branch, l.prefix) {
		l.t.Fatalf("branch %s is not below %s", branch, l.prefix)
	}
	if l.made[branch] {
		from = branch
	}
	parent := l.person.tip(from)
	var base struct{ Tree sha }
	l.person.must("GET", "git/commits/"+parent, nil, &base)
	var entries []object
	for _, path := range slices.Sorted(maps.Keys(files)) {
		entries = append(entries, object{"path": path, "mode": "100644", "type": "blob", "content": files[path]})
	}
	c := forge.Commit{Message: message, Parents: []string{parent}, Tree: l.person.tree(base.Tree.SHA, entries)}
	var made sha
	l.person.must("POST", "git/commits", object{"message": message, "tree": c.Tree, "parents": c.Parents}, &made)
	c.ID = made.SHA
	l.person.moveBranch(branch, c.ID)
	l.made[branch] = true
	return c
}

// Close closes a pull request without merging it.
func (l *Live) Close(number int) { l.t.Helper(); l.person.closePull(number) }

// RemoveLabel takes a label away from a pull request.
func (l *Live) RemoveLabel(number int, label string) {
	l.t.Helper()
	l.person.removeLabel(number, label)
}

// Merge merges a pull request. GitHub needs a moment after it was opened until
// it knows whether it can be merged, and answers 405 before that.
func (l *Live) Merge(number int) {
	l.t.Helper()
	for second := 0; ; second++ {
		status, err := l.person.try("PUT", fmt.Sprintf("pulls/%d/merge", number), object{"merge_method": "merge"}, nil)
		if err == nil {
			return
		}
		if (status != 405 && status != 409) || !l.slow || second == 20 {
			l.t.Fatal(err)
		}
	}
}
