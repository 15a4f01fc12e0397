package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/matihlabs/propagate/internal/forge"
)

// An AutoMerge says whether a pull request is merged without a person.
type AutoMerge uint8

// When a pull request is merged without a person.
const (
	MergedByPeople AutoMerge = iota // never
	AfterChecks                     // once what the branch requires has passed
	AtOnce                          // likewise, and at once where nothing is required
)

// autoMerge has the forge merge a pull request, as far as its change allows that. What a person
// disabled stays disabled.
func (r *run) autoMerge(ctx context.Context, w *work) error {
	pull := w.out.Pull
	switch {
	case w.change.AutoMerge == MergedByPeople || pull == nil || pull.State != forge.Open:
		return nil
	case pull.AutoMerge:
		w.out.remark(mergesItself)
		return nil
	case pull.Draft:
		w.out.remark("it is a draft, which is not merged by itself")
		return nil
	case r.repository.NoAutoMerge:
		return r.unfinished(w, fmt.Errorf("auto-merge of pull request #%d: %w", pull.Number, errNoAutoMerge))
	}
	if w.pull != nil && !w.all {
		stopped, err := r.Host.AutoMergeStopped(ctx, pull.Number)
		if err != nil {
			return r.unfinished(w, err)
		}
		if stopped {
			w.out.remark("somebody disabled its auto-merge, and that stays so")
			return nil
		}
	}
	return r.addition(w, "auto-merge", []string{"auto-merge"}, func([]string) error { return r.enable(ctx, w, pull) })
}

const mergesItself = "it is merged by itself once its checks have passed"

// errNoAutoMerge is an error with a hint.
var errNoAutoMerge error = noAutoMergeError{}

type noAutoMergeError struct{}

func (noAutoMergeError) Error() string { return "the repository does not allow auto-merge" }
func (noAutoMergeError) Hint() string {
	return "allow auto-merge in the settings of the repository, or take automerge out of the policies"
}

// enable enables auto-merge of a pull request, or merges it where nothing has to pass and its change
// allows that.
func (r *run) enable(ctx context.Context, w *work, pull *forge.Pull) error {
	_, message, _ := strings.Cut(w.change.Message, "\n")
	how := forge.Merge{
		Head: cmp.Or(w.head.id, pull.Head), Method: cmp.Or(r.repository.Method, forge.Squash),
		Title: fmt.Sprintf("%s (#%d)", pull.Title, pull.Number), Message: strings.TrimSpace(message),
	}
	now, err := r.sure(ctx, pull, func() error { return r.Host.EnableAutoMerge(ctx, *pull, how) })
	merged := now.State == forge.Merged
	switch {
	case errors.Is(err, forge.ErrClean) && w.change.AutoMerge == AfterChecks:
		w.out.remark("nothing has to pass before it is merged, so a person merges it: automerge: now would merge it")
		return nil
	case errors.Is(err, forge.ErrClean) && w.out.Lacking != nil:
		w.out.remark("it is merged once it has all that it is to have") // nobody adds to what is merged
		return nil
	case errors.Is(err, forge.ErrClean):
		if _, err = r.sure(ctx, pull, func() error { return r.Host.MergePull(ctx, pull.Number, how) }); err != nil {
			return err
		}
		merged = true
	case err != nil:
		return err
	}
	text := mergesItself
	done := *pull
	if done.AutoMerge = true; merged {
		done.AutoMerge, done.State = false, forge.Merged
		text = "it is merged"
	}
	w.out.Pull = &done
	w.out.remark(text)
	if w.out.State == Unchanged {
		w.out.State = Updated
	}
	return nil
}

// sure makes a write that merges a pull request, now or later. Where the answer got lost, or the forge
// refuses it as things are, the pull request is read again: another run may have been faster. It returns
// the pull request as it is known then.
func (r *run) sure(ctx context.Context, pull *forge.Pull, write func() error) (forge.Pull, error) {
	err := write()
	lost := errors.Is(err, forge.ErrUnavailable) && ctx.Err() == nil
	if !lost && !errors.Is(err, forge.ErrInvalid) {
		return *pull, err
	}
	there, again := r.Host.Pulls(ctx, pull.Branch)
	if again != nil {
		return *pull, err
	}
	for _, one := range there {
		if one.Number == pull.Number && (one.AutoMerge || one.State == forge.Merged) {
			return one, nil
		}
	}
	if lost {
		err = write()
	}
	return *pull, err
}
