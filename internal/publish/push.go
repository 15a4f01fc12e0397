package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/source"
)

// Push publishes changes as branches of a remote that git reaches, without asking the
// server for anything but a push. GitLab opens the merge requests by itself then; for
// other servers the outcome has the page on which a person opens one.
type Push struct {
	Repo   *gitrepo.Repo
	Remote remote.Program
	Server Server // what the remote is on; "" is told by its host
	Base   string // the branch that the changes are to be merged into; "" is the default one of the remote
	Draft  bool   // new merge requests are drafts
	// Progress is told what is done next, for people who wait; what is counted, if anything, are branches. It may be nil.
	Progress Progress
}

// Publish makes a commit of every change in the object store, and has git push them, each
// with a lease on what was read. The work tree, the index and the local branches stay as
// they are. Branches of the remote that somebody worked on are left alone.
//
// The error is one that stops the run before anything is written, or that of ctx. One
// change that fails does not stop the others.
func (p *Push) Publish(ctx context.Context, from Source, changes []Change) ([]Outcome, error) {
	server := p.Server
	if server == "" {
		server = ServerOf(p.Remote.URL)
	}
	p.Progress.Tell(0, 0, "asking for the branches of "+p.Remote.Name)
	adv, err := p.Remote.Advertised(ctx)
	if err != nil {
		return nil, err
	}
	base := cmp.Or(p.Base, adv.Default)
	if err := p.fetch(ctx, adv, base, changes); err != nil {
		return nil, err
	}
	if err := p.checkBase(ctx, adv, base, from.Commit); err != nil {
		return nil, err
	}
	works := make([]*pushWork, len(changes))
	for i, change := range changes {
		works[i] = p.prepare(ctx, from, change, adv.Branches[change.Branch])
	}
	todo := slices.DeleteFunc(slices.Clone(works), func(w *pushWork) bool { return w.out.State != "" })
	p.send(ctx, todo, server, base)
	outcomes := make([]Outcome, len(works))
	for i, w := range works {
		done := w.out.State == Created || w.out.State == Updated || w.out.State == Unchanged
		if (done || w.out.Partial) && w.out.Pull == nil {
			w.out.Link = cmp.Or(Link(server, p.Remote.URL, w.change.Branch, base), linkIn(w.talk, p.Remote.URL, w.change.Branch))
		}
		outcomes[i] = w.out
	}
	return outcomes, ctx.Err()
}

// A pushWork is a change on its way.
type pushWork struct {
	change Change
	out    Outcome // its State is "" while there is something to do
	tip    string  // of the branch on the remote; "" if there is none
	commit string  // that it shall point to
	talk   string  // what the remote said of the push
}

// fetch gets the commits that have to be looked at and are not here.
func (p *Push) fetch(ctx context.Context, adv remote.Advertisement, base string, changes []Change) error {
	var absent []string
	branches := make([]string, 0, len(changes)+1)
	for _, change := range changes {
		branches = append(branches, change.Branch)
	}
	if !p.Remote.Shallow { // there its history ends where the clone's does
		branches = append(branches, base)
	}
	for _, branch := range branches {
		tip, there := adv.Branches[branch]
		if !there {
			continue
		}
		if _, found, err := p.Repo.Commit(tip); err != nil {
			return err
		} else if !found {
			absent = append(absent, branch)
		}
	}
	if len(absent) == 0 {
		return nil
	}
	p.Progress.Tell(0, 0, "fetching "+source.Count(len(absent), "branch"))
	return p.Remote.Fetch(ctx, absent)
}

// checkBase makes sure that the commit the changes stand on is on the remote, as far as
// that can be known here: git would push it along with them.
func (p *Push) checkBase(ctx context.Context, adv remote.Advertisement, base, commit string) error {
	tip, there := adv.Branches[base]
	switch {
	case base == "" || there && tip == commit:
		return nil
	case !there:
		return &source.Error{
			Err:  fmt.Errorf("branch %s: it is not on %s, so nothing can be merged into it", base, p.Remote),
			Hint: "push it, or read another branch with --ref",
		}
	}
	if _, found, err := p.Repo.Commit(tip); err != nil || !found {
		return err // a shallow clone that is behind
	}
	merged, err := p.Repo.IsAncestor(ctx, commit, tip)
	if merged || errors.Is(err, gitrepo.ErrShallow) {
		return nil
	}
	if err != nil {
		return err
	}
	return &source.Error{
		Err:  fmt.Errorf("commit %.12s: it is not on the remote's %s", commit, base),
		Hint: fmt.Sprintf("push it first, or read what is there with --ref %s/%s", p.Remote.Name, base),
	}
}

// prepare decides what is to be done for a change, and makes its commit.
func (p *Push) prepare(ctx context.Context, from Source, change Change, tip string) *pushWork {
	w := &pushWork{change: change, tip: tip}
	var err error
	if w.out, err = compare(p.Repo, change, tip, "the branch on the remote"); err == nil && w.out.State == "" {
		var pending *gitrepo.Pending
		if pending, err = commit(ctx, p.Repo, from, change); err == nil {
			w.commit, err = pending.ID, p.Repo.Store(pending)
		}
	}
	switch {
	case ctx.Err() != nil && w.out.State == "":
		w.out.fail(ErrInterrupted)
	case err != nil:
		w.out.fail(err)
	}
	return w
}

// send pushes what is to be pushed: all in one, or where there are push options, which
// are for all branches of a push, one after the other. What stops a whole push stops
// those behind it.
func (p *Push) send(ctx context.Context, todo []*pushWork, server Server, base string) {
	apart := server == GitLab
	var stopped error
	for done, all := 0, len(todo); len(todo) > 0; {
		some := todo
		var options []string
		if apart && stopped == nil {
			some, options = todo[:1], p.mergeRequest(todo[0].change, base, todo[0].tip == "")
			p.Progress.Tell(done, all, "pushing to "+p.Remote.Name)
		} else {
			p.Progress.Tell(0, 0, "pushing "+source.Count(len(some), "branch"))
		}
		var updates []remote.Update
		for _, w := range some {
			updates = append(updates, remote.Update{Branch: w.change.Branch, New: w.commit, Old: w.tip})
		}
		var results []remote.Result
		var talk string
		err := stopped
		if err == nil && ctx.Err() != nil {
			err = ErrInterrupted
		}
		if err == nil {
			results, talk, err = p.Remote.Push(ctx, updates, options)
		}
		if errors.Is(err, remote.ErrNoOptions) {
			apart = false
			continue
		}
		if stopped = err; ctx.Err() != nil { // what was under way has an error of its own
			stopped = ErrInterrupted
		}
		for i, w := range some {
			failure := err
			if i < len(results) {
				failure = results[i].Err
			}
			w.talk = talk
			w.finish(failure, options != nil, p.Remote.URL, base)
		}
		done += len(some)
		todo = todo[len(some):]
	}
}

// finish says what became of a change whose push has ended; asked says that a merge
// request was asked for with it.
func (w *pushWork) finish(failure error, asked bool, url, base string) {
	if failure != nil {
		w.out.fail(failure)
		return
	}
	w.out.State, w.out.Commit = Created, w.commit
	if w.tip != "" {
		w.out.State = Updated
	}
	if !asked {
		return
	}
	w.out.Pull = opened(url, w.talk, w.change.Branch, base, w.change.Title)
	if refused := refusedOptions(w.talk); refused != "" && w.out.Pull == nil {
		w.out.fail(&source.Error{
			Err:  fmt.Errorf("the branch is pushed, but the server opened no merge request: %s", refused),
			Hint: "open it by hand; a run finds the branch as it should be, and does not ask again",
		})
		w.out.Partial = true
	}
}
