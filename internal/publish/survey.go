package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/source"
)

// A Plan is what a run is to publish.
type Plan struct {
	Changes []Change
	// Subjects are the bases of the plan, also of one that comes to no change. What is
	// open for one of them and is no change of the plan is not needed any more, if
	// [Options.Whole] says so.
	Subjects []bumper.Subject
	// Stems are what the branches of the changes of these bases begin with, without the prefix.
	Stems []string
	// LimitOf says what limits the pull requests of some bases; nil limits none.
	LimitOf func([]bumper.Subject) Limit
	// Withdrawn says why a base must not be brought to its version any more; nil withdraws none.
	Withdrawn func(bumper.Subject) (reason string, ok bool)
	// Still are the files that the plan leaves as they are although they are not up to
	// date: they wait, or were left for a reason. A pull request for one of them is not closed.
	Still []string
}

// A survey is what was there before anything is written.
type survey struct {
	repository forge.Repository
	branches   map[string]string // on the remote, with their tips
	changes    []Change          // with the branches for the base
	plan       Plan
	still      map[string]bool         // path places, as strings
	open       []forge.Pull            // all of the repository
	ours       []ourPull               // those of open that propagate made, for any base
	past       map[string][]forge.Pull // closed and merged ones, by branch, newest first; no entry where that is not known
	allPast    bool                    // past has all there are
	commits    map[string]lookedUp
	stale      bool // the commit that was read is not the newest of the base branch
	rivals     []Rival
	current    *bool // whether the base branch takes only what holds its tip; nil before it was asked
}

type lookedUp struct {
	made made
	ours bool
	// parents are those of the commit; nil where its description was enough to tell.
	parents []string
}

// An ourPull is an open pull request that propagate made.
type ourPull struct {
	forge.Pull
	was description
}

// survey reads what is there.
func (p *Pulls) survey(ctx context.Context, from Source, plan Plan) (*survey, error) {
	p.Progress.Tell(0, len(plan.Changes), "reading branches and pull requests")
	s := &survey{plan: plan, past: map[string][]forge.Pull{}, commits: map[string]lookedUp{}, still: map[string]bool{}}
	var err error
	if s.repository, err = p.Host.Repository(ctx); err != nil {
		return nil, err
	}
	if !s.repository.MayPush {
		return nil, &source.Error{
			Err:  fmt.Errorf("%s: the token may not write to it: %w", s.repository.Name, forge.ErrForbidden),
			Hint: "give it the permissions contents: write and pull-requests: write",
		}
	}
	if p.Base == "" {
		p.Base = s.repository.DefaultBranch
	}
	if s.branches, err = p.Remote.Branches(ctx); err != nil {
		return nil, err
	}
	if err := p.checkBase(ctx, s.branches, from.Commit); err != nil {
		return nil, err
	}
	s.stale = s.branches[p.Base] != from.Commit
	for _, change := range plan.Changes {
		if p.Base != s.repository.DefaultBranch {
			change.Change = change.Onto(p.Base)
		}
		s.changes = append(s.changes, change)
	}
	for _, path := range plan.Still {
		s.still[string(pathPlace(path))] = true
	}
	if s.open, err = p.Host.OpenPulls(ctx); err != nil {
		return nil, err
	}
	for i, pull := range s.open {
		// The forge may not have heard yet of what was pushed, and a lease is on what git says.
		if tip := s.branches[pull.Branch]; tip != "" {
			s.open[i].Head, pull.Head = tip, tip
		}
		was := describePull(pull)
		if was.marked || was.old || strings.HasPrefix(pull.Branch, p.Prefix) || strings.HasPrefix(pull.Branch, bumper.BranchPrefix) {
			s.ours = append(s.ours, ourPull{pull, was})
		}
	}
	p.seed(s, from.Now())
	s.rivals = Rivals(s.open, s.changes, p.Base)
	return s, p.readPast(ctx, s)
}

// seed tells of what an earlier run wrote within the last hour: a pull request, and its labels.
func (p *Pulls) seed(s *survey, now time.Time) {
	var times []time.Time
	for _, pull := range s.ours {
		if ago := now.Sub(pull.Created); ago > time.Hour || ago < -time.Minute { // the clock of the forge is another one
			continue
		}
		times = append(times, pull.Created)
		if len(pull.Labels) > 0 {
			times = append(times, pull.Created)
		}
	}
	if p.Seed != nil && len(times) > 0 {
		p.Seed(times)
	}
}

// checkBase makes sure that the commit the changes are made from is on the remote, as far
// as that can be known here.
func (p *Pulls) checkBase(ctx context.Context, branches map[string]string, commit string) error {
	tip, ok := branches[p.Base]
	if !ok {
		return &source.Error{
			Err:  fmt.Errorf("branch %s: it is not on the remote, so no pull request can be opened against it", p.Base),
			Hint: "push it, or read another branch with --ref",
		}
	}
	if tip == commit {
		return nil
	}
	if _, found, err := p.Repo.Commit(tip); err != nil || !found {
		return err // the remote is ahead of this clone; the push tells whether it knows the commit
	}
	merged, err := p.Repo.IsAncestor(ctx, commit, tip)
	if merged || errors.Is(err, gitrepo.ErrShallow) {
		return nil
	}
	if err != nil {
		return err
	}
	return &source.Error{
		Err:  fmt.Errorf("commit %.12s: it is not on the remote's %s", commit, p.Base),
		Hint: fmt.Sprintf("push it first, or read what is there with --ref origin/%s", p.Base),
	}
}

// The pages of closed pull requests that are read before each branch is asked for by
// itself: one for so many changes, and not more than the second.
const (
	changesForPage = 10
	maxPastPages   = 20
)

// readPast reads the closed and merged pull requests of the changes that have none open.
func (p *Pulls) readPast(ctx context.Context, s *survey) error {
	missing := 0
	for _, c := range s.changes {
		if slots := p.slots(s, c); len(slots) == 0 || slots[len(slots)-1].pull == nil {
			missing++
		}
	}
	if missing == 0 && !p.hasOrphans(s) {
		return nil
	}
	pulls, all, err := p.Host.ClosedPulls(ctx, min(max(missing/changesForPage, 1), maxPastPages))
	if err != nil {
		return err
	}
	s.allPast = all
	if !all {
		return nil
	}
	for _, pull := range pulls {
		s.past[pull.Branch] = append(s.past[pull.Branch], pull)
	}
	return nil
}

// pastOf returns the closed and merged pull requests of some branches, the newest first.
func (p *Pulls) pastOf(ctx context.Context, s *survey, branches ...string) ([]forge.Pull, error) {
	var found []forge.Pull
	for _, branch := range branches {
		if _, known := s.past[branch]; !known && !s.allPast {
			pulls, err := p.Host.Pulls(ctx, branch)
			if err != nil {
				return nil, err
			}
			s.past[branch] = slices.DeleteFunc(pulls, func(pull forge.Pull) bool { return pull.State == forge.Open })
		}
		for _, pull := range s.past[branch] {
			if pull.Base == p.Base {
				found = append(found, pull)
			}
		}
	}
	slices.SortFunc(found, func(a, b forge.Pull) int { return b.Number - a.Number })
	return found, nil
}

// look says whose the commit at the tip of a branch is. was is the description of the
// pull request, whose mark knows the commit that it was brought to.
func (p *Pulls) look(ctx context.Context, s *survey, id string, was description) (lookedUp, error) {
	if was.marked && was.mark.Head == id && id != "" {
		return lookedUp{made: made{content: was.mark.Content, parent: was.mark.From, subjects: was.mark.Of}, ours: true}, nil
	}
	if l, known := s.commits[id]; known {
		return l, nil
	}
	here, found, err := p.Repo.Commit(id)
	commit := described(here)
	if err != nil || !found {
		if commit, err = p.Host.Commit(ctx, id); err != nil {
			return lookedUp{}, err
		}
	}
	var l lookedUp
	l.made, l.ours = readMade(commit)
	l.parents = commit.Parents
	s.commits[id] = l
	return l, nil
}
