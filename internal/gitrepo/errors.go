package gitrepo

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
	"github.com/matihlabs/propagate/internal/source"
)

// The errors that callers tell apart with errors.Is. They come wrapped with
// what was being done and to what.
var (
	// ErrNotRepository: the directory is in no git repository.
	ErrNotRepository = errors.New("not a git repository")
	// ErrNoCommit: the repository, or the branch that is checked out, has no
	// commit yet.
	ErrNoCommit = errors.New("there is no commit yet")
	// ErrUnknownRevision: no reference and no commit is called that.
	ErrUnknownRevision = errors.New("unknown revision")
	// ErrNotCommit: what has that name is a tree, a file, or a tag of one.
	ErrNotCommit = errors.New("not a commit")
	// ErrMissingObject: an object that the repository refers to is not in it.
	ErrMissingObject = object.ErrMissing
	// ErrTooLarge: the object is larger than what was asked for.
	ErrTooLarge = object.ErrTooLarge
	// ErrShallow: the answer lies beyond the end of a shallow clone's history.
	ErrShallow = errors.New("the history of this shallow clone ends too early")
	// ErrNoRemote: no remote of that name is configured.
	ErrNoRemote = errors.New("no such remote")
)

// withHint adds to err what a person can do about it.
func withHint(err error, format string, args ...any) error {
	return &source.Error{Err: err, Hint: fmt.Sprintf(format, args...)}
}

// An OpenError says why something that is, or should be, a git repository
// cannot be opened.
type OpenError struct {
	Path   string // the directory or file to blame
	Why    string
	Advice string // what to do; may be empty
	Err    error  // the cause, nil when the reason is in Why alone
}

// Error returns "path: why".
func (e *OpenError) Error() string { return e.Path + ": " + e.Why }

// Unwrap returns the cause.
func (e *OpenError) Unwrap() error { return e.Err }

// Hint returns the advice.
func (e *OpenError) Hint() string { return e.Advice }

// openError blames path, which err usually names as well.
func openError(path string, err error) *OpenError {
	why := err
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		why = pathErr.Err
	}
	return &OpenError{Path: path, Why: why.Error(), Err: err}
}

// A RefConflictError says why a branch could not be set: it is not where the
// caller expected it, or another branch takes its place.
type RefConflictError struct {
	Branch   string
	Expected string // the commit id the caller expected, "" for no branch
	Actual   string // the commit id the branch is at, "" for no branch
	Blocking string // the branch that cannot exist beside Branch, "" if the ids are the reason
	Lock     string // the lock file that another process holds, "" if there is none
}

// Error says which branch, and what it conflicts with.
func (e *RefConflictError) Error() string {
	switch {
	case e.Blocking != "":
		return fmt.Sprintf("branch %s cannot be made: a branch named %s exists", e.Branch, e.Blocking)
	case e.Lock != "":
		return fmt.Sprintf("branch %s is locked: %s exists", e.Branch, e.Lock)
	case e.Expected == "":
		return fmt.Sprintf("branch %s exists already, at %.12s", e.Branch, e.Actual)
	case e.Actual == "":
		return fmt.Sprintf("branch %s is gone; it was at %.12s", e.Branch, e.Expected)
	}
	return fmt.Sprintf("branch %s has moved to %.12s; it was at %.12s", e.Branch, e.Actual, e.Expected)
}

// Hint says how to get the branch set.
func (e *RefConflictError) Hint() string {
	switch {
	case e.Blocking != "":
		return fmt.Sprintf("git cannot keep both names: rename the other one with `git branch -m %s <name>`, or delete it", e.Blocking)
	case e.Lock != "":
		return "another git process is at work; if none is, remove the file"
	}
	return "somebody else works on the branch: look at it, then run again"
}

// A CheckedOutError says that a branch was left alone because a work tree has
// it checked out: its files would seem to be changed.
type CheckedOutError struct {
	Branch   string
	WorkTree string // the directory, as far as it is known
}

// Error names the branch and the work tree.
func (e *CheckedOutError) Error() string {
	return fmt.Sprintf("branch %s is checked out in %s", e.Branch, e.WorkTree)
}

// Hint says how to free the branch.
func (e *CheckedOutError) Hint() string {
	return "check out another branch there, then run again"
}
