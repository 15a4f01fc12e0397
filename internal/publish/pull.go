package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/source"
)

// Forge is what publishing needs of the place where pull requests live.
type Forge interface {
	// Pulls returns the pull requests of a head branch in any state, newest first.
	Pulls(ctx context.Context, branch string) ([]forge.Pull, error)
	OpenPull(ctx context.Context, spec forge.PullSpec) (forge.Pull, error)
	UpdatePull(ctx context.Context, number int, spec forge.PullSpec) (forge.Pull, error)
}

// Commits looks up commits that are on the forge but not here.
type Commits interface {
	Commit(ctx context.Context, id string) (forge.Commit, error)
}

// Pulls publishes changes as pull requests.
type Pulls struct {
	Repo    *gitrepo.Repo
	Remote  remote.Repository
	Forge   Forge
	Commits Commits
	Base    string // the branch that the pull requests are to be merged into
	// Doing is told what is done next, for people who wait; it may be nil.
	Doing func(format string, args ...any)
	// Progress is told how far it is; it may be nil.
	Progress Progress
}

// Publish pushes a branch for every change and opens or updates its pull request.
// All is read before anything is written; the branches go in one push, each with a
// lease on what was read; then the pull requests follow, one after the other.
//
// The error is one that stops the run before anything is written, or that of ctx;
// one change that fails does not stop the others, unless the forge asks for a
// pause: then the rest is left for the next run.
func (p *Pulls) Publish(ctx context.Context, source Source, changes []Change) ([]Outcome, error) {
	branches, err := p.Remote.Branches(ctx)
	if err != nil {
		return nil, err
	}
	if err := p.checkBase(ctx, branches, source.Commit); err != nil {
		return nil, err
	}
	works := make([]work, len(changes))
	for i, change := range changes {
		p.doing("looking for pull request %d of %d", i+1, len(changes))
		if works[i], err = p.inspect(ctx, branches, change, branches[p.Base] != source.Commit); err != nil {
			return nil, err
		}
	}
	p.push(ctx, source, works)
	stopped := false
	for i := range works {
		w := &works[i]
		switch {
		case ctx.Err() != nil && w.out.State == "":
			w.out.fail(ctx.Err())
		case stopped && w.out.State == "":
			w.out.fail(ErrPaused)
		case w.out.State == "":
			p.Progress.Tell(i, len(works), "pull requests")
			p.request(ctx, w)
			var limit *forge.RateLimitError
			stopped = errors.As(w.out.Err, &limit)
		}
	}
	outcomes := make([]Outcome, len(works))
	for i, w := range works {
		w.out.Partial = w.out.State == Failed && (w.pushed || !w.push)
		outcomes[i] = w.out
	}
	return outcomes, ctx.Err()
}

func (p *Pulls) doing(format string, args ...any) {
	if p.Doing != nil {
		p.Doing(format, args...)
	}
}

// ErrPaused says that a change is not published, since the forge asked for a pause before.
var ErrPaused = errors.New("left for the next run: the forge asks for a pause")

// A work is a change on its way.
type work struct {
	change Change
	spec   forge.PullSpec
	out    Outcome     // its State is "" while there is something to do
	tip    string      // of the branch on the remote; "" if there is none
	pull   *forge.Pull // the newest pull request of the branch
	push   bool
	pushed bool
}

// checkBase makes sure that the commit the changes stand on is on the remote, as
// far as that can be known here.
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

// inspect reads what an earlier run or a person left of a change. stale says that
// the commit that was read is not the newest of the base branch.
func (p *Pulls) inspect(ctx context.Context, branches map[string]string, change Change, stale bool) (work, error) {
	w := work{change: change, out: Outcome{Change: change.Change}, tip: branches[change.Branch], push: true}
	w.spec = forge.PullSpec{Branch: change.Branch, Base: p.Base, Title: change.Title, Body: change.Body, Labels: change.Labels}
	w.spec.Body += "\n" + marker(w.spec) + "\n"
	pulls, err := p.Forge.Pulls(ctx, change.Branch)
	if err != nil {
		return w, err
	}
	if len(pulls) > 0 {
		w.pull = &pulls[0]
		w.out.Pull = w.pull
	}
	w.out.Commit = w.tip
	switch {
	case w.pull == nil:
	case w.pull.State == forge.Closed:
		w.out.State, w.out.Note = LeftAlone, fmt.Sprintf("pull request #%d was closed; reopen it to have it updated again", w.pull.Number)
		return w, nil
	case w.pull.State == forge.Merged && stale && strings.Contains(w.pull.Body, marker(w.spec)):
		w.out.State, w.out.Note = Unchanged, fmt.Sprintf("pull request #%d is merged, but the commit that was read is older: fetch, and run it again", w.pull.Number)
		return w, nil
	}
	if w.tip == "" {
		return w, nil
	}
	commit, err := p.lookUp(ctx, w.tip)
	if err != nil {
		return w, err
	}
	held, ours := made(commit.Tree, commit.Message)
	switch {
	case !ours:
		w.out.leaveForeign(w.tip, "the branch on the remote")
	case held == content(change):
		// A branch that was merged holds nothing that the base branch does not:
		// whoever took it back there wants a new commit.
		w.push = w.pull != nil && w.pull.State == forge.Merged
	}
	return w, nil
}

func (p *Pulls) lookUp(ctx context.Context, id string) (forge.Commit, error) {
	here, found, err := p.Repo.Commit(id)
	if err == nil && found {
		return forge.Commit{ID: id, Tree: here.Tree, Parents: here.Parents, Message: here.Message}, nil
	}
	return p.Commits.Commit(ctx, id)
}

// push sends the branches that need it, in one request.
func (p *Pulls) push(ctx context.Context, source Source, works []work) {
	var updates []remote.Update
	var objects []*gitrepo.Pending
	var sent []*work
	for i := range works {
		w := &works[i]
		if w.out.State != "" || !w.push {
			continue
		}
		pending, err := commit(ctx, p.Repo, source, w.change)
		if err != nil {
			w.out.fail(err)
			continue
		}
		w.out.Commit = pending.ID
		updates = append(updates, remote.Update{Branch: w.change.Branch, New: pending.ID, Old: w.tip})
		objects = append(objects, pending)
		sent = append(sent, w)
	}
	if len(updates) == 0 {
		return
	}
	p.doing("pushing branches: %d", len(updates))
	results, err := p.Repo.Push(ctx, p.Remote, updates, objects)
	for i, w := range sent {
		failure := err
		if i < len(results) && results[i].Err != nil {
			failure = results[i].Err
		}
		if w.pushed = failure == nil; !w.pushed {
			w.out.fail(failure)
			w.out.Commit = w.tip
		}
	}
}

// request opens or updates the pull request of a branch that is as it should be.
func (p *Pulls) request(ctx context.Context, w *work) {
	spec := w.spec
	if w.pull == nil || w.pull.State != forge.Open {
		pull, err := p.open(ctx, spec)
		if pull.Number == 0 {
			w.out.fail(err)
			return
		}
		w.out.State, w.out.Pull = Created, &pull
		if err != nil {
			w.out.Note = err.Error()
		}
		return
	}
	w.out.State = Unchanged
	if w.pushed {
		w.out.State = Updated
	}
	// A body without a marker is one that a person wrote; it stays.
	if !markers().MatchString(w.pull.Body) || strings.Contains(w.pull.Body, marker(spec)) {
		return
	}
	spec.Labels = nil // whoever took one away had a reason
	pull, err := p.Forge.UpdatePull(ctx, w.pull.Number, spec)
	if err != nil {
		w.out.fail(err)
		return
	}
	w.out.State, w.out.Pull = Updated, &pull
}

// open opens a pull request. When the answer got lost or another run was faster,
// the pull request that is there now is the one.
func (p *Pulls) open(ctx context.Context, spec forge.PullSpec) (forge.Pull, error) {
	pull, err := p.Forge.OpenPull(ctx, spec)
	if pull.Number != 0 || !errors.Is(err, forge.ErrUnavailable) && !errors.Is(err, forge.ErrExists) {
		return pull, err
	}
	pulls, again := p.Forge.Pulls(ctx, spec.Branch)
	if again != nil || len(pulls) == 0 || pulls[0].State != forge.Open {
		return forge.Pull{}, err
	}
	// The labels would have followed.
	if updated, err := p.Forge.UpdatePull(ctx, pulls[0].Number, spec); updated.Number != 0 {
		return updated, err
	}
	return pulls[0], nil
}

var markers = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`<!-- propagate:[0-9a-f]{64} -->`) })

// marker is the identity of what a pull request says, hidden at its end.
func marker(spec forge.PullSpec) string {
	sum := sha256.Sum256([]byte(spec.Base + "\x00" + spec.Title + "\x00" + strings.TrimSpace(markers().ReplaceAllString(spec.Body, ""))))
	return "<!-- propagate:" + hex.EncodeToString(sum[:]) + " -->"
}
