package forgetest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/matihlabs/propagate/internal/forge"
)

// What people do to pull requests on the pages of GitHub. None of it counts among the
// requests.

// ClosePull closes an open pull request without merging it.
func (s *Strict) ClosePull(number int) {
	s.t.Helper()
	s.person(number, func(p *pullState) { s.end(p, forge.Closed, aPerson) })
}

// ReopenPull opens a closed pull request again, whose branch is still there.
func (s *Strict) ReopenPull(number int) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(strconv.Itoa(number))
	switch {
	case p == nil || p.state != forge.Closed:
		s.t.Fatalf("there is no closed pull request %d", number)
	case s.branches()[p.branch] == "":
		s.t.Fatalf("pull request %d cannot be opened again: branch %s is gone", number, p.branch)
	case s.open(p.branch, p.base) != nil:
		s.t.Fatalf("pull request %d cannot be opened again: there is another one of branch %s", number, p.branch)
	}
	p.state = forge.Open
	s.note(p, event{kind: "reopened", actor: aPerson})
}

// MergePull merges an open pull request with a merge commit: the base branch of the git
// repository moves. The branch stays, unless the repository deletes branches.
func (s *Strict) MergePull(number int) {
	s.t.Helper()
	s.merge(number, s.config.DeletesBranches)
}

// MergePullAndDelete is MergePull of somebody who deletes the branch then.
func (s *Strict) MergePullAndDelete(number int) {
	s.t.Helper()
	s.merge(number, true)
}

func (s *Strict) merge(number int, deleting bool) {
	s.t.Helper()
	s.person(number, func(p *pullState) {
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
		p.mergeCommit, p.auto = commit, nil
		s.end(p, forge.Merged, aPerson)
		if !deleting {
			return
		}
		if _, err := s.git("update-ref", "-d", "refs/heads/"+p.branch, p.head); err != nil {
			s.t.Fatalf("deleting branch %s: %v", p.branch, err)
		}
		s.note(p, event{kind: "head_ref_deleted", actor: aPerson})
	})
}

// AddLabel puts a label on an open pull request.
func (s *Strict) AddLabel(number int, name string) {
	s.t.Helper()
	s.person(number, func(p *pullState) { s.label(p, name, aPerson) })
}

// RemoveLabel takes a label away from an open pull request.
func (s *Strict) RemoveLabel(number int, name string) {
	s.t.Helper()
	s.person(number, func(p *pullState) {
		if !s.unlabel(p, name, aPerson) {
			s.t.Fatalf("pull request %d has no label %q", number, name)
		}
	})
}

// EditTitle gives an open pull request another title.
func (s *Strict) EditTitle(number int, title string) {
	s.t.Helper()
	s.person(number, func(p *pullState) {
		s.note(p, event{kind: "renamed", actor: aPerson, from: p.title, to: title})
		p.title = title
	})
}

// EditBody makes another text of that of an open pull request.
func (s *Strict) EditBody(number int, edit func(body string) string) {
	s.t.Helper()
	s.person(number, func(p *pullState) { p.body, p.updated = edit(p.body), s.now() })
}

// Retarget gives an open pull request another base branch, which exists.
func (s *Strict) Retarget(number int, base string) {
	s.t.Helper()
	s.person(number, func(p *pullState) {
		id := s.branches()[base]
		if id == "" {
			s.t.Fatalf("there is no branch %s", base)
		}
		p.base, p.baseID = base, id
		s.note(p, event{kind: "base_ref_changed", actor: aPerson})
	})
}

// Comment comments on a pull request, in whatever state it is.
func (s *Strict) Comment(number int, body string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(strconv.Itoa(number))
	if p == nil {
		s.t.Fatalf("there is no pull request %d", number)
	}
	s.comment(p, aPerson, body)
}

// Comments returns the comments on a pull request, the oldest first.
func (s *Strict) Comments(number int) []forge.Comment {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(strconv.Itoa(number))
	if p == nil {
		s.t.Fatalf("there is no pull request %d", number)
	}
	var all []forge.Comment
	for _, one := range p.comments {
		all = append(all, forge.Comment{Author: one.author, Body: one.body})
	}
	return all
}

// MarkReady makes an open pull request that is a draft none.
func (s *Strict) MarkReady(number int) {
	s.t.Helper()
	s.person(number, func(p *pullState) {
		p.draft = false
		s.note(p, event{kind: "ready_for_review", actor: aPerson})
	})
}

// Review has somebody who was asked for a review give it: who has answered is asked no
// longer. A team is "org/team".
func (s *Strict) Review(number int, reviewer string) {
	s.t.Helper()
	s.person(number, func(p *pullState) {
		i := slices.IndexFunc(p.reviewers, func(have string) bool { return strings.EqualFold(have, reviewer) })
		if i < 0 {
			s.t.Fatalf("pull request %d does not ask %s for a review", number, reviewer)
		}
		p.reviewers = slices.Delete(slices.Clone(p.reviewers), i, i+1)
		p.updated = s.now()
	})
}

// person does something to an open pull request.
func (s *Strict) person(number int, do func(*pullState)) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(strconv.Itoa(number))
	if p == nil || p.state != forge.Open {
		s.t.Fatalf("there is no open pull request %d", number)
	}
	do(p)
}
