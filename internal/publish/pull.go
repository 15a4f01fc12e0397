package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/source"
)

// Pulls publishes changes as pull requests.
type Pulls struct {
	Repo    *gitrepo.Repo
	Remote  remote.Repository
	Host    Host
	Base    string // the branch that the pull requests are to be merged into; "" is the default one
	Prefix  string // what the names of the branches begin with
	Options Options
	Commits *Commits // nil has git make the commits and push them
	// Seed is told when an earlier run wrote, as far as that can be seen, so that the budget of an
	// hour is kept by both; it may be nil.
	Seed func([]time.Time)
	// Progress is told what is done next, for people who wait; it may be nil.
	Progress Progress
}

// Publish pushes a branch for every change and opens or updates its pull request, and
// closes the pull requests that are not needed any more.
//
// All is read before anything is written: the branches, the open pull requests, and of
// those that were closed what concerns the changes. Then the branches go in one push,
// each with a lease on what was read, or where the forge makes the commits, each ahead of its pull request; the pull requests follow one after the other; what
// is to be closed comes last. Whatever is left out, since the run ends early, the next run
// finds and completes: nothing is remembered but what is written there.
//
// The error is one that stops the run before anything is written, or that of ctx.
func (p *Pulls) Publish(ctx context.Context, from Source, plan Plan) (Result, error) {
	s, err := p.survey(ctx, from, plan)
	if err != nil {
		return Result{}, err
	}
	r := &run{Pulls: p, survey: s, from: from, barred: map[string]int{}}
	for i := range plan.Changes {
		w, err := r.decide(ctx, s.changes[i])
		if err != nil {
			return Result{}, err
		}
		r.works = append(r.works, w)
	}
	r.leaveToEmergency()
	r.bound()
	if p.Commits == nil {
		r.push(ctx)
	}
	for i, w := range r.works {
		if w.out.State != "" || r.ended(ctx) {
			continue
		}
		p.Progress.Tell(i, len(r.works), "pull request for "+w.branch)
		if p.Commits != nil && w.push {
			if err := r.commit(ctx, w); err != nil {
				r.stop(w, err)
				continue
			}
		}
		r.stop(w, r.request(ctx, w))
	}
	if !r.ended(ctx) {
		r.tidy(ctx)
	}
	return r.result(ctx), ctx.Err()
}

// A run is one run of Publish.
type run struct {
	*Pulls
	*survey
	from    Source
	works   []*work
	over    []string // the branches that are left for another run
	closed  []Closed
	kept    []Kept
	stopped error
	barred  map[string]int // what the token may not do beside opening pull requests, and at which it was refused
}

// A work is a change on its way.
type work struct {
	change Change
	branch string // where it goes: that of the change, or one of an open pull request
	slot   int
	out    Outcome     // its State is "" while there is something to do
	tip    string      // of the branch on the remote; "" if there is none
	pull   *forge.Pull // that is open for the branch; nil if there is none
	was    description // of pull
	beside *forge.Pull // one that a person holds, with an older version; nil if there is none
	all    bool        // whatever people did is overruled
	push   bool
	pushed bool
	head   head // what the branch is at, or will be
}

// A head is a commit of a branch, as far as its mark has to tell.
type head struct{ id, from, content string }

// ErrLeft says that a change was not published, since the run ended before.
var ErrLeft = errors.New("left for the next run")

// ended reports whether nothing more is to be written.
func (r *run) ended(ctx context.Context) bool { return r.stopped != nil || ctx.Err() != nil }

// stop ends the run if err is one that every other change would meet as well: a refused
// token, a missing permission, and a limit that is too long to be waited for.
func (r *run) stop(w *work, err error) {
	if err == nil {
		return
	}
	var limit *forge.RateLimitError
	if errors.As(err, &limit) || errors.Is(err, forge.ErrUnauthorized) || errors.Is(err, forge.ErrForbidden) || errors.Is(err, errUnverified) {
		r.stopped = err
		return
	}
	if w.out.State == "" {
		w.out.fail(err)
	}
}

// bound leaves out the new pull requests that are more than the options allow.
func (r *run) bound() {
	created, open := 0, len(r.ours)
	if wanted, closing := r.toOpen(), r.toClose(); open-closing+wanted <= r.Options.MaxOpen {
		open -= closing
	}
	limited := r.openByLimit()
	for _, w := range r.works {
		if w.out.State != "" || w.pull != nil {
			continue
		}
		o, limit := r.Options, w.change.Limit
		if o.MaxNew > 0 && created == o.MaxNew || o.MaxOpen > 0 && open >= o.MaxOpen || limit.Most > 0 && limited[limit.Key] >= limit.Most {
			w.out.State, w.out.Note = Planned, "left for another run, by the limit of pull requests"
			r.over = append(r.over, w.branch)
			continue
		}
		created++
		open++
		limited[limit.Key]++
	}
}

// openByLimit counts the open pull requests that each limit is for.
func (r *run) openByLimit() map[string]int {
	n := map[string]int{}
	for _, pull := range r.ours {
		at := slices.IndexFunc(r.works, func(w *work) bool { return w.pull != nil && w.pull.Number == pull.Number })
		switch {
		case at >= 0:
			n[r.works[at].change.Limit.Key]++
		case r.plan.LimitOf != nil && len(pull.was.mark.Of) > 0:
			n[r.plan.LimitOf(pull.was.mark.Of).Key]++
		}
	}
	return n
}

// toOpen returns how many pull requests there are to open.
func (r *run) toOpen() (n int) {
	for _, w := range r.works {
		if w.out.State == "" && w.pull == nil {
			n++
		}
	}
	return n
}

// toClose returns how many pull requests the run will close once all of its own are open.
func (r *run) toClose() (n int) {
	if !r.Options.Whole || r.stale {
		return 0
	}
	for _, pull := range r.ours {
		if r.wanted(pull.Branch) || r.queued(pull.Pull) {
			continue
		}
		if _, ok := r.needless(pull); ok {
			n++
		}
	}
	return n
}

// push sends the branches that need it, in one request.
func (r *run) push(ctx context.Context) {
	var updates []remote.Update
	var objects []*gitrepo.Pending
	var sent []*work
	for _, w := range r.works {
		if w.out.State != "" || !w.push {
			continue
		}
		pending, err := commit(ctx, r.Repo, r.from, w.change)
		if err != nil {
			w.out.fail(err)
			continue
		}
		w.out.Commit = pending.ID
		w.head = head{id: pending.ID, from: r.from.Commit, content: content(w.change)}
		updates = append(updates, remote.Update{Branch: w.branch, New: pending.ID, Old: w.tip})
		objects = append(objects, pending)
		sent = append(sent, w)
	}
	if len(updates) == 0 || ctx.Err() != nil {
		return
	}
	r.Progress.Tell(0, len(r.works), "pushing "+source.Count(len(updates), "branch"))
	results, err := r.Repo.Push(ctx, r.Remote, updates, objects)
	if err != nil {
		r.stopped = err
	}
	for i, w := range sent {
		failure := err
		if i < len(results) && results[i].Err != nil {
			failure = results[i].Err
		}
		if w.pushed = failure == nil; !w.pushed {
			r.refused(w, failure)
			w.out.Commit = w.tip
		}
	}
}

// refused says what a branch that was not taken means.
func (r *run) refused(w *work, err error) {
	var rejected *remote.RejectedError
	if errors.As(err, &rejected) && rejected.Protected() {
		w.out.State, w.out.Note = LeftAlone, fmt.Sprintf("the branch is protected: %s", rejected.Reason)
		w.out.Hint = "let propagate write branches that begin with " + r.Prefix + ", or set another prefix"
		return
	}
	w.out.fail(err)
}

// result says what became of all changes.
func (r *run) result(ctx context.Context) Result {
	res := Result{Closed: r.closed, Kept: r.kept, Postponed: r.over, Rivals: r.rivals}
	done := 0
	for _, w := range r.works {
		switch {
		case w.out.State == "" && ctx.Err() != nil:
			w.out.fail(ctx.Err())
		case w.out.State == "":
			w.out.State, w.out.Note, w.out.Partial = Planned, ErrLeft.Error(), w.pushed
		}
		w.out.Change.Branch = w.branch
		if w.out.State == Failed {
			w.out.Partial = w.pushed || !w.push
		}
		if w.out.State != Failed && w.out.State != Planned && w.out.Lacking == nil {
			done++
		}
		res.Outcomes = append(res.Outcomes, w.out)
	}
	if r.stopped != nil {
		res.Stopped = &Stop{Err: r.stopped, Done: done, Left: len(r.works) - done - len(r.over)}
		var limit *forge.RateLimitError
		if errors.As(r.stopped, &limit) {
			if res.Stopped.At = limit.At; limit.At.IsZero() {
				res.Stopped.At = r.from.Now().Add(limit.RetryAfter)
			}
		}
	}
	return res
}
