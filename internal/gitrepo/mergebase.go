package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// ErrNoMergeBase says that two commits have no ancestor in common.
var ErrNoMergeBase = errors.New("they have no commit in common")

// behind marks the commits that lie behind one of both histories.
const behind = ofTip << 1

// MergeBase returns the newest commit that is in the histories of both commits, given by
// their full ids, as `git merge-base` does. Where there are several of which none is in
// the history of another, it is the one with the newest date.
//
// It returns ErrShallow, wrapped, when a shallow clone's history ends before that is known,
// even where the ends of both histories meet: what was left out may have met before. It
// returns ErrNoMergeBase, wrapped, when both histories are known whole and do not meet.
func (r *Repo) MergeBase(ctx context.Context, one, other string) (string, error) {
	a, err := commitID(one)
	if err != nil {
		return "", err
	}
	b, err := commitID(other)
	if err != nil {
		return "", err
	}
	if a == b {
		return one, nil
	}
	shallow, err := r.shallow()
	if err != nil {
		return "", err
	}
	w := walk{repo: r, marks: map[ID]int{}}
	if err := w.mark(a, ofAncestor); err != nil {
		return "", err
	}
	if err := w.mark(b, ofTip); err != nil {
		return "", err
	}
	var common, cut []ID
	// A commit that is not of both may still be queued; what is in front of it counts then.
	for w.open > 0 || w.candidates() {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		c := w.next()
		marks := w.marks[c.ID]
		if marks == ofBoth {
			if !slices.Contains(common, c.ID) { // it is queued again when it is learnt that it is of both
				common = append(common, c.ID)
			}
			marks |= behind
		}
		if shallow[c.ID] {
			cut = append(cut, c.ID)
			continue
		}
		for _, parent := range c.Parents {
			if err := w.mark(parent, marks); err != nil {
				return "", err
			}
		}
	}
	for _, id := range cut {
		if w.marks[id]&ofBoth != ofBoth {
			return "", shallowError(id)
		}
	}
	base, err := r.newest(ctx, w, common)
	if err == nil && base == "" {
		err = withHint(fmt.Errorf("commits %.12s and %.12s: %w", one, other, ErrNoMergeBase), "their histories begin apart: name a commit that is in the history of what is read")
	}
	return base, err
}

// candidates reports whether a commit of both histories is queued that may be a merge base.
func (w *walk) candidates() bool {
	for _, q := range w.queue {
		if w.marks[q.commit.ID] == ofBoth {
			return true
		}
	}
	return false
}

// newest returns the first of the common commits that is in the history of no other.
func (r *Repo) newest(ctx context.Context, w walk, common []ID) (string, error) {
	for i, id := range common {
		isBehind := w.marks[id]&behind != 0
		for j, other := range common {
			if i == j || isBehind {
				continue
			}
			// With dates that are the wrong way round a commit may come before one in front of it.
			is, err := r.IsAncestor(ctx, id.String(), other.String())
			if err != nil {
				return "", err
			}
			isBehind = is
		}
		if !isBehind {
			return id.String(), nil
		}
	}
	return "", nil
}
