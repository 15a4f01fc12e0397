package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
)

// tidy closes the pull requests that are not needed any more, and deletes the branches
// that nobody needs: those of what is closed here and of what was merged, as far as
// nothing but propagate's commit is on them. A run that read an older commit of the base
// branch than its newest does not know what is needed there.
func (r *run) tidy(ctx context.Context) {
	whole := r.Options.Whole && !r.stale
	var gone []remote.Update
	for _, pull := range r.ours {
		if r.ended(ctx) || r.movesOn(pull) {
			continue
		}
		why, tip, err := r.withdrawn(ctx, pull)
		switch {
		case err != nil:
			why = "it may be for a version that is withdrawn"
		case why != "":
			if holds := r.holds(pull, tip); holds != "" {
				r.kept = append(r.kept, Kept{pull.Pull, why, holds})
				continue
			}
			if r.wanted(pull.Branch) {
				continue
			}
		case r.wanted(pull.Branch) || r.queued(pull.Pull) || !whole:
			continue
		default:
			var ok bool
			if why, ok = r.needless(pull); !ok {
				continue
			}
			if tip, err = r.look(ctx, r.survey, pull.Head, pull.was); err == nil && !tip.ours {
				continue // a person works there
			}
		}
		if err == nil {
			err = r.close(ctx, pull, why)
		}
		r.closed = append(r.closed, Closed{Branch: pull.Branch, Pull: pull.Pull, Why: why, Err: err})
		if err != nil {
			r.stopTidying(err)
			continue
		}
		gone = append(gone, remote.Update{Branch: pull.Branch, Old: pull.Head})
	}
	if whole && !r.ended(ctx) {
		gone = append(gone, r.orphans(ctx)...)
	}
	if len(gone) == 0 || r.ended(ctx) {
		return
	}
	results, err := r.Repo.Push(ctx, r.Remote, gone, nil)
	for i, update := range gone {
		failure := err
		if i < len(results) {
			failure = results[i].Err
		}
		if failure == nil || errors.Is(failure, remote.ErrStale) {
			continue
		}
		at := slices.IndexFunc(r.closed, func(c Closed) bool { return c.Branch == update.Branch })
		if at < 0 {
			r.closed = append(r.closed, Closed{Branch: update.Branch, Why: "its pull request is merged or closed"})
			at = len(r.closed) - 1
		}
		r.closed[at].Err = fmt.Errorf("branch %s could not be deleted: %w", update.Branch, failure)
	}
}

func (r *run) stopTidying(err error) {
	var limit *forge.RateLimitError
	if errors.As(err, &limit) || errors.Is(err, forge.ErrUnauthorized) || errors.Is(err, forge.ErrForbidden) {
		r.stopped = err
	}
}

// wanted reports whether a branch is one of this run's, or one that a person holds beside it.
func (r *run) wanted(branch string) bool {
	return slices.ContainsFunc(r.works, func(w *work) bool {
		return w.branch == branch || w.change.Branch == branch || w.pull != nil && w.pull.Branch == branch || w.beside != nil && w.beside.Branch == branch
	})
}

// needless says why a pull request is not needed any more; ok is false for one that is, or
// that this run does not know enough of.
func (r *run) needless(pull ourPull) (why string, ok bool) {
	var versions []bumper.Subject
	switch m := pull.was.mark; {
	case pull.Base != r.Base:
		return "", false
	case m.Closed != "": // and a person opened it again
		return "", false
	case pull.was.marked && m.Base != r.Base:
		return "", false
	case pull.was.marked:
		versions = m.Of
	default:
		versions, _ = bumper.WasNamedFor(r.plan.Subjects, strings.TrimPrefix(pull.Branch, r.Prefix))
	}
	if len(versions) == 0 || !r.planned(versions) {
		return "", false
	}
	if !pull.was.marked || len(pull.was.mark.Places) == 0 {
		if len(r.still) > 0 || !r.allPublished() {
			return "", false
		}
		return r.supersededBy(r.numbers(nil)), true
	}
	covering := map[int]bool{}
	for _, place := range splitPlaces(pull.was.mark.Places) {
		covered := false
		for _, w := range r.works {
			if !w.edits(place) {
				continue
			}
			if !w.isPublished() || r.goesOn(pull, w) {
				return "", false
			}
			if covered = true; w.out.Pull != nil {
				covering[w.out.Pull.Number] = true
			}
		}
		if !covered && r.still[string(place[:placeSize/2])] {
			return "", false
		}
	}
	return r.supersededBy(r.numbers(covering)), true
}

// edits reports whether a change edits the file of a place.
func (w *work) edits(place []byte) bool {
	return slices.ContainsFunc(w.change.Files, func(file bumper.ChangedFile) bool {
		return isAt(place, file)
	})
}

// planned reports whether all bases of a pull request are in this run, in no older version.
func (r *run) planned(versions []bumper.Subject) bool {
	for _, was := range versions {
		on := slices.DeleteFunc(slices.Clone(r.plan.Subjects), func(s bumper.Subject) bool { return !sameLine(was, s) })
		if len(on) == 0 {
			return false
		}
		if o := compareVersions(was.Version, on[find(on, was)].Version); o != same && o != older {
			return false
		}
	}
	return true
}

func (r *run) allPublished() bool {
	return !slices.ContainsFunc(r.works, func(w *work) bool {
		return !w.isPublished()
	})
}

// isPublished reports whether a change has its pull request, or is about to get it.
func (w *work) isPublished() bool {
	switch w.out.State {
	case Failed, Planned, LeftAlone:
		return false
	case "":
		return true
	}
	return w.out.Pull != nil
}

// numbers returns those of the pull requests of this run, of all where only is nil.
func (r *run) numbers(only map[int]bool) []int {
	var all []int
	for _, w := range r.works {
		if w.out.Pull != nil && (only == nil || only[w.out.Pull.Number]) {
			all = append(all, w.out.Pull.Number)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// maxNumbers is how many pull requests a comment names.
const maxNumbers = 10

func (r *run) supersededBy(numbers []int) string {
	if len(numbers) == 0 {
		return "nothing of it is to be changed any more"
	}
	var names []string
	for _, n := range numbers {
		names = append(names, fmt.Sprintf("#%d", n))
	}
	return "it is superseded by " + enumerate(names)
}

// close closes a pull request with one comment that says why.
func (r *run) close(ctx context.Context, pull ourPull, why string) error {
	if err := r.comment(ctx, pull.Number, fmt.Sprintf("Closed by propagate: %q is not needed any more, %s.", pull.Title, why)); err != nil {
		return fmt.Errorf("comment on pull request #%d: %w", pull.Number, err)
	}
	edit := forge.PullEdit{Close: true}
	if pull.was.marked {
		m := pull.was.mark
		m.Closed = "propagate"
		body := marked().ReplaceAllLiteralString(unixLines(pull.Body), m.String())
		edit.Body = &body
	}
	_, err := r.again(ctx, func() (forge.Pull, error) { return r.Host.EditPull(ctx, pull.Number, edit) })
	if err != nil {
		return fmt.Errorf("closing pull request #%d: %w", pull.Number, err)
	}
	return nil
}

// hasOrphans reports whether there is a branch that may be left over.
func (p *Pulls) hasOrphans(s *survey) bool {
	return p.Options.Whole && !s.stale && len(p.leftOver(s)) > 0
}

// leftOver returns the branches of the bases of this plan, for its base branch, that have
// no open pull request and are none of a change.
func (p *Pulls) leftOver(s *survey) []string {
	open := map[string]bool{}
	for _, pull := range s.open {
		open[pull.Branch] = true
	}
	for _, c := range s.changes {
		open[c.Branch] = true
	}
	onto := s.onto(p)
	var all []string
	for branch := range s.branches {
		rest, ours := strings.CutPrefix(branch, p.Prefix)
		if !ours || open[branch] {
			continue
		}
		name, tail, _ := strings.Cut(rest, "--onto-")
		if (tail != "") != (onto != "") || onto != "" && !isSlot(tail, onto) {
			continue
		}
		_, old := bumper.WasNamedFor(s.plan.Subjects, name)
		if old || slices.ContainsFunc(s.plan.Stems, func(stem string) bool { return beginsWith(name, stem) }) {
			all = append(all, branch)
		}
	}
	slices.Sort(all)
	return all
}

// beginsWith reports whether a branch is one of a stem: in any slot, and of any group.
func beginsWith(branch, stem string) bool {
	tail, is := strings.CutPrefix(branch, stem)
	return is && (tail == "" || strings.HasPrefix(tail, "--") || number().MatchString(tail))
}

// onto returns what the branches of this run end in for its base branch; "" for the default one.
func (s *survey) onto(p *Pulls) string {
	if p.Base == s.repository.DefaultBranch {
		return ""
	}
	_, onto, _ := strings.Cut(bumper.Change{}.Onto(p.Base).Branch, "--onto-")
	return onto
}

func isSlot(tail, name string) bool {
	_, ok := numbered(tail, name)
	return ok
}

// orphans returns the branches that are left over and whose tip is propagate's: their
// pull requests are merged, or closed by propagate, or never came to be.
func (r *run) orphans(ctx context.Context) (gone []remote.Update) {
	for _, branch := range r.leftOver(r.survey) {
		tip := r.branches[branch]
		if r.wanted(branch) {
			continue
		}
		l, err := r.look(ctx, r.survey, tip, description{})
		if err != nil || !l.ours || !hasImages(r.plan.Subjects, l.made.subjects) {
			continue
		}
		past, err := r.pastOf(ctx, r.survey, branch)
		if err != nil {
			return gone
		}
		if len(past) > 0 {
			last := past[0]
			was := describePull(last)
			if last.Head != tip || last.State == forge.Closed && was.mark.Closed == "" {
				continue
			}
		}
		gone = append(gone, remote.Update{Branch: branch, Old: tip})
	}
	return gone
}
