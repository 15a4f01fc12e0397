package forgetest

import (
	"fmt"
	"strconv"

	"github.com/matihlabs/propagate/internal/forge"
)

// ClosePull closes an open pull request without merging it, as a person does.
func (s *Strict) ClosePull(number int) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.mustBeOpen(number)
	p.state, p.closed = forge.Closed, s.now()
	p.updated = p.closed
}

// MergePull merges an open pull request with a merge commit, as a person does:
// the base branch of the git repository moves. The branch stays.
func (s *Strict) MergePull(number int) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.mustBeOpen(number)
	base := s.branches()[p.base]
	tree, err := s.git("merge-tree", "--write-tree", base, p.head)
	if err != nil {
		s.t.Fatalf("merging pull request %d: %v", number, err)
	}
	message := fmt.Sprintf("Merge pull request #%d from %s/%s", number, s.config.Owner, p.branch)
	commit, err := s.git("commit-tree", tree, "-p", base, "-p", p.head, "-m", message)
	if err != nil {
		s.t.Fatalf("merging pull request %d: %v", number, err)
	}
	if _, err := s.git("update-ref", "refs/heads/"+p.base, commit, base); err != nil {
		s.t.Fatalf("merging pull request %d: %v", number, err)
	}
	p.state, p.mergeCommit, p.closed = forge.Merged, commit, s.now()
	p.updated = p.closed
}

func (s *Strict) mustBeOpen(number int) *pullState {
	s.t.Helper()
	p := s.find(strconv.Itoa(number))
	if p == nil || p.state != forge.Open {
		s.t.Fatalf("there is no open pull request %d", number)
	}
	return p
}
