package publish

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/source"
)

// A Committer makes commits at the place where pull requests live, which says who made them
// and signs them. An error is one of package forge.
type Committer interface {
	// MakeTree makes a tree, which has to come to the id that the spec names.
	MakeTree(ctx context.Context, spec forge.TreeSpec) error
	// MakeCommit makes a commit that is on no branch, and returns what became of it.
	MakeCommit(ctx context.Context, spec forge.CommitSpec) (forge.Commit, forge.Verification, error)
	// MoveBranch moves a branch to a commit from another one; "" if there is no branch yet.
	// One that is elsewhere is forge.ErrMoved.
	MoveBranch(ctx context.Context, branch, id, old string) error
	// MustBeSigned reports whether a branch takes only commits that are verified.
	MustBeSigned(ctx context.Context, branch string) (bool, error)
}

// Commits say how the forge makes the commits of pull requests.
type Commits struct {
	Committer
	// Verified says that every commit has to be verified. Otherwise they have to be where the
	// branch takes no others.
	Verified bool
	// Note is told what a person should know; it may be nil.
	Note func(text string)

	// Author and committer are as the forge has named them. The seal of a commit is over them, so
	// the first commit of a run may be made twice: on the branch comes the second.
	author, committer forge.Person
	settled           bool // whether unverified commits are taken has been found out
}

// commit makes the commit of a change with the forge, and has the branch point to it.
func (r *run) commit(ctx context.Context, w *work) error {
	made, err := r.Commits.make(ctx, r, w.change)
	if err == nil {
		err = r.Commits.MoveBranch(ctx, w.branch, made.ID, w.tip)
	}
	if err != nil {
		return err
	}
	w.pushed, w.out.Commit = true, made.ID
	w.head = head{id: made.ID, from: r.from.Commit, content: content(w.change)}
	return nil
}

// make makes the commit of a change, which is on no branch yet.
func (c *Commits) make(ctx context.Context, r *run, change Change) (forge.Commit, error) {
	for try := 0; ; try++ {
		pending, err := r.Repo.NewCommit(ctx, c.spec(r.from, change))
		if err != nil {
			return forge.Commit{}, err
		}
		if try == 0 {
			tree := forge.TreeSpec{Base: pending.Base, ID: pending.Tree}
			for _, file := range pending.Files {
				tree.Files = append(tree.Files, forge.TreeFile(file))
			}
			if err := c.MakeTree(ctx, tree); err != nil {
				return forge.Commit{}, err
			}
		}
		made, verification, err := c.MakeCommit(ctx, forge.CommitSpec{Tree: pending.Tree, Parent: r.from.Commit, Message: pending.Message})
		if err != nil {
			return forge.Commit{}, err
		}
		if err := c.check(ctx, r, made, verification); err != nil {
			return forge.Commit{}, err
		}
		if _, ours := readMade(made); ours {
			return made, nil
		}
		if try > 0 {
			return forge.Commit{}, fmt.Errorf("commit %.12s: the forge names another author or committer each time", made.ID)
		}
		c.author, c.committer = made.Author, made.Committer
	}
}

// spec returns the commit of a change as the forge is expected to make it.
func (c *Commits) spec(from Source, change Change) gitrepo.CommitSpec {
	person := func(p forge.Person) gitrepo.Signature {
		if p == (forge.Person{}) {
			p = forge.Person{Name: "propagate", Email: "propagate@localhost"} // the answer tells who it is
		}
		return gitrepo.Signature{Name: p.Name, Email: p.Email, When: time.Unix(0, 0)}
	}
	from.Author, from.Committer, from.Signer = person(c.author), person(c.committer), nil
	return from.spec(change)
}

// errUnverified is of a commit that every other one would be like.
var errUnverified = errors.New("is not verified")

// check refuses a commit that has to be verified and is not.
func (c *Commits) check(ctx context.Context, r *run, made forge.Commit, v forge.Verification) error {
	if v.Verified || c.settled && !c.Verified {
		return nil
	}
	why := "--commit-via api asks for commits that are"
	if !c.Verified {
		demanded, err := c.MustBeSigned(ctx, r.Base)
		if err != nil {
			return err
		}
		if !demanded {
			if c.settled = true; c.Note != nil {
				c.Note(fmt.Sprintf("the commits are not verified (%s); %s takes them", v.Reason, r.Base))
			}
			return nil
		}
		why = r.Base + " takes no other"
	}
	return &source.Error{
		Err: fmt.Errorf("commit %.12s of %s: it %w (%s), and %s: no branch was made to point to it", made.ID, r.repository.Name, errUnverified, v.Reason, why),
		Hint: "GitHub signs what is committed with the token of a GitHub App: set GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY; " +
			"or sign with a key of yours: --commit-via git, with commit.gpgsign in the configuration of git",
	}
}
