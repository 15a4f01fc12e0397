package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/imageref"
)

// decide says what is to be done for a change, by what an earlier run or a person left.
func (r *run) decide(ctx context.Context, c Change) (*work, error) {
	w := &work{change: c, branch: c.Branch, slot: 1, out: Outcome{Change: c.Change}, push: true}
	slots, err := r.needed(ctx, r.slots(r.survey, c))
	if err != nil {
		return nil, err
	}
	w.all = r.recreates(c, slots)
	// The branch that is to be made anew is the one, also if there is another beside it: that is
	// superseded then.
	if at := slices.IndexFunc(slots, func(s slot) bool { return slices.Contains(r.Options.Recreate, s.branch) }); at >= 0 {
		slots = slots[:at+1]
	}
	if n := len(slots); n > 0 {
		last := slots[n-1]
		w.slot, w.branch, w.tip = last.number, last.branch, r.branches[last.branch]
		if n > 1 && slots[n-2].pull != nil {
			w.beside = &slots[n-2].pull.Pull
		}
		if last.pull != nil {
			return w, r.decideOpen(ctx, w, last)
		}
	}
	return w, r.decideNew(ctx, w)
}

// needed returns slots without the branch alone that comes last, if nobody holds the one before
// it: then it is no second branch of this change, but that of another one, called service-2.
func (r *run) needed(ctx context.Context, slots []slot) ([]slot, error) {
	n := len(slots)
	if n < 2 || slots[n-1].pull != nil || slots[n-2].pull == nil {
		return slots, nil
	}
	before := slots[n-2].pull
	tip, err := r.look(ctx, r.survey, before.Head, before.was)
	if err != nil {
		return nil, err
	}
	if why, waits := r.held(&work{pull: &before.Pull}, tip); why == "" || waits {
		slots = slots[:n-1]
	}
	return slots, nil
}

// recreates reports whether whatever people did to the branches of a change is overruled.
func (r *run) recreates(c Change, slots []slot) bool {
	return slices.ContainsFunc(r.Options.Recreate, func(name string) bool {
		return name == c.Branch || slices.ContainsFunc(slots, func(s slot) bool { return s.branch == name })
	})
}

// decideOpen decides about a change that has an open pull request.
func (r *run) decideOpen(ctx context.Context, w *work, last slot) error {
	w.pull, w.was = &last.pull.Pull, last.pull.was
	w.out.Pull, w.out.Commit, w.tip = w.pull, w.pull.Head, r.branches[last.branch]
	tip, err := r.look(ctx, r.survey, w.pull.Head, w.was)
	if err != nil {
		return err
	}
	versions := last.versions
	if tip.made.subjects != nil {
		versions = tip.made.subjects
	}
	if versions == nil && !tip.ours {
		if versions, err = r.versionsBelow(ctx, tip); err != nil {
			return err
		}
	}
	is := compareSubjects(versions, w.change.Subjects)
	why, waits := r.held(w, tip)
	switch {
	case w.all:
		return nil
	case is == newer && r.withdrawal(versions) == "":
		w.out.State, w.out.Note = Unchanged, fmt.Sprintf("pull request #%d has the newer %s", w.pull.Number, versionText(versions))
		return nil
	case why != "" && (waits || is != older):
		w.out.State, w.out.Note = LeftAlone, why
		w.out.Hint = r.recreateHint(w)
		return nil
	case why != "":
		return r.decideNext(ctx, w)
	}
	w.push, err = r.mustPush(ctx, w, tip.made)
	if w.push {
		w.remarkGone(last.versions)
	}
	w.head = head{w.pull.Head, tip.made.parent, tip.made.content}
	return err
}

// remarkGone says which versions an open pull request had that this run takes out of it: a group
// that the configuration names holds what the run is for.
func (w *work) remarkGone(were []bumper.Subject) {
	for _, was := range were {
		at := slices.IndexFunc(w.change.Subjects, func(is bumper.Subject) bool { return sameLine(was, is) })
		if at < 0 || compareVersions(was.Version, w.change.Subjects[at].Version) == newer {
			w.out.remark(fmt.Sprintf("it had %s:%s, which this run is not for", imageref.Base(was.Image), was.Version))
		}
	}
}

// deepest is how many commits of a person are looked through for the one below them.
const deepest = 5

// versionsBelow returns the versions that a branch was brought to before a person committed to it,
// for a pull request whose description does not tell any more; nil if that cannot be known.
func (r *run) versionsBelow(ctx context.Context, tip lookedUp) ([]bumper.Subject, error) {
	for range deepest {
		if len(tip.parents) != 1 {
			break
		}
		below, err := r.look(ctx, r.survey, tip.parents[0], description{})
		if err != nil || below.ours {
			return below.made.subjects, err
		}
		tip = below
	}
	return nil, nil
}

func (r *run) recreateHint(w *work) string {
	return "--recreate " + w.branch + " makes it anew, whatever people did there"
}

// held says why a branch with an open pull request is a person's; "" if it is not. waits
// says that also a newer version has to wait.
func (r *run) held(w *work, tip lookedUp) (why string, waits bool) {
	switch {
	case r.queued(*w.pull):
		return fmt.Sprintf("pull request #%d is in the merge queue", w.pull.Number), true
	case !tip.ours:
		return fmt.Sprintf("the branch holds commit %.12s, which is not propagate's", w.pull.Head), false
	case w.pull.Base != r.Base:
		return fmt.Sprintf("somebody changed the base branch of pull request #%d to %s", w.pull.Number, w.pull.Base), false
	}
	return "", false
}

// queued reports whether a pull request is in a merge queue, which makes branches of its own.
func (s *survey) queued(pull forge.Pull) bool {
	queue := fmt.Sprintf("gh-readonly-queue/%s/pr-%d-", pull.Base, pull.Number)
	for branch := range s.branches {
		if strings.HasPrefix(branch, queue) {
			return true
		}
	}
	return false
}

// decideNext moves a change to the next branch, since a person holds the one that it has.
func (r *run) decideNext(ctx context.Context, w *work) error {
	if w.pull != nil {
		w.beside, w.pull, w.was = w.pull, nil, description{}
	}
	for w.slot++; r.isOther(numberedBranch(w.change, w.slot), w.change); {
		w.slot++
	}
	w.branch = numberedBranch(w.change, w.slot)
	w.tip, w.out.Commit, w.out.Pull = "", "", nil
	return r.decideNew(ctx, w)
}

// mustPush reports whether the branch of an open pull request is to be made anew.
func (r *run) mustPush(ctx context.Context, w *work, tip made) (bool, error) {
	if tip.content != content(w.change) && !r.merges(w.change, tip) {
		return true, nil
	}
	if r.stale || tip.parent == r.from.Commit {
		return false, nil
	}
	if r.current == nil {
		current, err := r.Host.MustBeUpToDate(ctx, r.Base)
		if err != nil {
			return false, err
		}
		r.current = &current
	}
	return *r.current, nil
}

// merges reports whether what a branch holds comes to the change once it is merged, and
// merges without a conflict: it has the same edits, made in an earlier version of the files.
func (r *run) merges(c Change, tip made) bool {
	if tip.parent == "" {
		return false
	}
	if _, found, err := r.Repo.Commit(tip.parent); err != nil || !found {
		return false
	}
	before, err := r.Repo.FS(tip.parent)
	if err != nil {
		return false
	}
	h := sha256.New()
	for _, file := range c.Files {
		older, err := fs.ReadFile(before, file.Path)
		if err != nil {
			return false
		}
		held, ok := file.On(older)
		if !ok {
			return false
		}
		addContent(h, file.Path, held)
	}
	return hex.EncodeToString(h.Sum(nil)) == tip.content
}

// decideNew decides about a change that has no open pull request.
func (r *run) decideNew(ctx context.Context, w *work) error {
	names := []string{w.branch}
	if w.slot == 1 {
		names = append(names, w.change.OldBranch(r.Prefix))
	}
	if rest, ok := strings.CutPrefix(w.branch, r.Prefix); ok && r.Prefix != bumper.BranchPrefix {
		names = append(names, bumper.BranchPrefix+rest)
	}
	names = append(names, r.formerBranches(w)...)
	slices.Sort(names)
	past, err := r.pastOf(ctx, r.survey, slices.Compact(names)...)
	if err != nil {
		return err
	}
	if w.slot > 1 && len(past) > 0 && !r.isOf(past[0], w.change) {
		return r.decideNext(ctx, w) // service-2 is a name as well
	}
	passed := false // a pull request of an older version is closed or merged
	if len(past) > 0 && !w.all {
		if passed, err = r.decidePast(ctx, w, past); err != nil || w.out.State != "" {
			return err
		}
	}
	if w.tip == "" {
		w.tip = r.branches[w.branch]
	}
	if w.tip == "" {
		return nil
	}
	w.out.Commit = w.tip
	tip, err := r.look(ctx, r.survey, w.tip, description{})
	switch {
	case err != nil:
		return err
	case w.all:
	case !tip.ours && (passed || compareSubjects(tip.made.subjects, w.change.Subjects) == older):
		return r.decideNext(ctx, w)
	case !tip.ours:
		w.out.leaveForeign(w.tip, "the branch on the remote")
	case tip.made.content == content(w.change) && tip.made.parent == r.from.Commit:
		w.push, w.head = false, head{w.tip, tip.made.parent, tip.made.content}
	}
	return nil
}

// isOf reports whether a pull request can be one of a change: its mark does not say that it is
// of another.
func (r *run) isOf(pull forge.Pull, c Change) bool {
	was := describePull(pull)
	if !was.marked {
		return true
	}
	_, _, ok := r.matches(&ourPull{pull, was}, c)
	return ok
}

// formerBranches returns the branches of the closed and merged pull requests of a change, as far
// as they have been read. With another prefix they were called otherwise.
func (r *run) formerBranches(w *work) (names []string) {
	for branch, pulls := range r.past {
		for _, pull := range pulls {
			was := describePull(pull)
			if !was.marked {
				continue
			}
			if n, _, ok := r.matches(&ourPull{pull, was}, w.change); ok && n == w.slot {
				names = append(names, branch)
				break
			}
		}
	}
	return names
}

// decidePast decides about a change whose newest pull request is closed or merged. It
// reports that the pull request has been for an older version.
func (r *run) decidePast(ctx context.Context, w *work, past []forge.Pull) (passed bool, err error) {
	last := past[0]
	was := describePull(last)
	if was.mark.Closed != "" {
		return true, nil // by an earlier run
	}
	versions := was.mark.Of
	// A close holds for what the mark says, whatever was pushed since; a merge is one of what was pushed.
	if !was.marked || last.State == forge.Merged && was.mark.Head != last.Head {
		if old, ok := w.change.WasNamed(strings.TrimPrefix(last.Branch, r.Prefix)); ok {
			versions = old
		} else if tip, err := r.look(ctx, r.survey, last.Head, was); err != nil && !errors.Is(err, forge.ErrNotFound) {
			return false, err
		} else if tip.made.subjects != nil {
			versions = tip.made.subjects
		}
	}
	is := compareSubjects(versions, w.change.Subjects)
	switch {
	case is == older:
		return true, nil
	case last.State == forge.Closed:
		w.out.State, w.out.Pull, w.out.Commit = LeftAlone, &last, r.branches[w.branch]
		w.out.Note = fmt.Sprintf("pull request #%d was closed; reopen it to have it updated again", last.Number)
		w.out.Hint = r.recreateHint(w)
	case r.stale && is != unknown:
		w.out.State, w.out.Pull, w.out.Commit = Unchanged, &last, r.branches[w.branch]
		w.out.Note = fmt.Sprintf("pull request #%d is merged, but the commit that was read is older: fetch, and run it again", last.Number)
	case is == same && covers(mergedPlaces(past, w.change), places(w.change.Files)):
		w.out.State, w.out.Pull, w.out.Commit = LeftAlone, &last, r.branches[w.branch]
		w.out.Note = fmt.Sprintf("pull request #%d was merged and made this change, and somebody took it back", last.Number)
		w.out.Hint = r.recreateHint(w)
	}
	return false, nil
}

// mergedPlaces returns what the merged pull requests of the versions of a change have edited.
func mergedPlaces(past []forge.Pull, c Change) (all []byte) {
	for _, pull := range past {
		if m := describePull(pull).mark; pull.State == forge.Merged && compareSubjects(m.Of, c.Subjects) == same {
			all = append(all, m.Places...)
		}
	}
	return all
}

// covers reports whether all places are among others; nothing is covered by places that
// are not known.
func covers(others, all []byte) bool {
	known := map[string]bool{}
	for _, place := range splitPlaces(others) {
		known[string(place)] = true
	}
	for _, place := range splitPlaces(all) {
		if !known[string(place)] {
			return false
		}
	}
	return len(others) > 0 && len(all) > 0
}
