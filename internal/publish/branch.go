package publish

import (
	"context"

	"github.com/matihlabs/propagate/internal/gitrepo"
)

// Branches makes every change a commit on a local branch, straight in the object
// store: the work tree, the index and the checked-out branch stay as they are.
// One change that fails does not stop the others; the error is that of ctx.
func Branches(ctx context.Context, repo *gitrepo.Repo, source Source, changes []Change) ([]Outcome, error) {
	outcomes := make([]Outcome, len(changes))
	for i, change := range changes {
		if err := ctx.Err(); err != nil {
			return outcomes[:i], err
		}
		outcomes[i] = Outcome{Change: change.Change}
		branch(ctx, repo, source, change, &outcomes[i])
	}
	return outcomes, nil
}

func branch(ctx context.Context, repo *gitrepo.Repo, source Source, change Change, out *Outcome) {
	tip, exists, err := repo.Branch(change.Branch)
	if err != nil {
		out.fail(err)
		return
	}
	if exists {
		commit, found, err := repo.Commit(tip)
		if err != nil {
			out.fail(err)
			return
		}
		out.Commit = tip
		held, ours := made(commit.Tree, commit.Message)
		switch {
		case !found || !ours:
			out.State, out.Note = LeftAlone, foreignCommit
			return
		case held == content(change):
			out.State = Unchanged
			return
		}
	}
	state, how := Created, "created"
	if exists {
		state, how = Updated, "updated"
	}
	pending, err := commit(ctx, repo, source, change)
	if err == nil {
		err = repo.Store(pending)
	}
	if err == nil {
		err = repo.SetBranch(change.Branch, pending.ID, tip, source.entry(how))
	}
	if err != nil {
		out.fail(err)
		return
	}
	out.State, out.Commit = state, pending.ID
}

// commit builds the commit of a change, in memory.
func commit(ctx context.Context, repo *gitrepo.Repo, source Source, change Change) (*gitrepo.Pending, error) {
	return repo.NewCommit(ctx, source.spec(change))
}
