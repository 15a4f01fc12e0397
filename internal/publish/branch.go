package publish

import (
	"context"
	"errors"
	"fmt"

	"github.com/matihlabs/propagate/internal/gitrepo"
)

// Branches makes every change a commit on a local branch, straight in the object
// store: the work tree, the index and the checked-out branch stay as they are. The
// branch of a change that somebody has checked out is left alone; the commit is
// stored all the same, and the outcome names it.
// One change that fails does not stop the others; the error is that of ctx, and what was
// not made by then has failed with [ErrInterrupted].
func Branches(ctx context.Context, repo *gitrepo.Repo, source Source, changes []Change) ([]Outcome, error) {
	outcomes := make([]Outcome, len(changes))
	for i, change := range changes {
		if ctx.Err() != nil {
			outcomes[i] = Outcome{Change: change.Change}
			outcomes[i].fail(ErrInterrupted)
			continue
		}
		outcomes[i] = branch(ctx, repo, source, change)
	}
	return outcomes, ctx.Err()
}

// Foresee says what [Branches] would find: a branch that is as it should be is
// Unchanged, one that it would leave alone LeftAlone. Every other change is Planned.
// It writes nothing.
func Foresee(repo *gitrepo.Repo, changes []Change) []Outcome {
	outcomes := make([]Outcome, len(changes))
	for i, change := range changes {
		out, _, err := inspect(repo, change)
		if err == nil && out.State == "" {
			out.State, out.Commit = Planned, ""
			err = repo.CheckNotCheckedOut(change.Branch)
			var checkedOut *gitrepo.CheckedOutError
			if errors.As(err, &checkedOut) {
				out.State, out.Note, err = LeftAlone, checkedOut.Error()+", so it would not be moved", nil
			}
		}
		if err != nil { // the main job will say it, once it is to be done
			out.State, out.Commit = Planned, ""
		}
		outcomes[i] = out
	}
	return outcomes
}

// inspect looks at what there is of the branch of a change. The state of the outcome
// is "" if the branch is to be made or moved; tip is where it is now, "" if there is none.
func inspect(repo *gitrepo.Repo, change Change) (out Outcome, tip string, err error) {
	tip, exists, err := repo.Branch(change.Branch)
	if err != nil || !exists {
		return Outcome{Change: change.Change}, "", err
	}
	out, err = compare(repo, change, tip, "the branch")
	return out, tip, err
}

// compare looks at the tip of the branch of a change, which is "" where there is none.
// The state of the outcome is "" if the branch is to be made or moved; where says which
// branch it is.
func compare(repo *gitrepo.Repo, change Change, tip, where string) (Outcome, error) {
	out := Outcome{Change: change.Change}
	if tip == "" {
		return out, nil
	}
	commit, found, err := repo.Commit(tip)
	if err != nil {
		return out, err
	}
	out.Commit = tip
	held, ours := readMade(described(commit))
	switch {
	case !found || !ours:
		out.leaveForeign(tip, where)
	case held.content == content(change):
		out.State = Unchanged
	}
	return out, nil
}

func branch(ctx context.Context, repo *gitrepo.Repo, source Source, change Change) Outcome {
	out, tip, err := inspect(repo, change)
	if err != nil {
		out.fail(err)
		return out
	}
	if out.State != "" {
		return out
	}
	state, how := Created, "created"
	if tip != "" {
		state, how = Updated, "updated"
	}
	pending, err := commit(ctx, repo, source, change)
	if err == nil {
		err = repo.Store(pending)
	}
	if err == nil {
		err = repo.SetBranch(change.Branch, pending.ID, tip, source.entry(how))
	}
	var checkedOut *gitrepo.CheckedOutError
	switch {
	case errors.As(err, &checkedOut):
		out.State, out.Commit, out.Loose = LeftAlone, pending.ID, true
		out.Note = fmt.Sprintf("%s, so it was not moved: `git reset --keep %.12s` there takes the commit", checkedOut, pending.ID)
	case err != nil:
		out.fail(err)
	default:
		out.State, out.Commit = state, pending.ID
	}
	return out
}

// commit builds the commit of a change, in memory.
func commit(ctx context.Context, repo *gitrepo.Repo, source Source, change Change) (*gitrepo.Pending, error) {
	return repo.NewCommit(ctx, source.spec(change))
}
