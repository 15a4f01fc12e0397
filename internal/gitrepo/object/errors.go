package object

import "errors"

// The errors that callers tell apart with errors.Is.
var (
	// ErrMissing: the object is not in the repository.
	ErrMissing = errors.New("the object is not in this repository")
	// ErrTooLarge: the object is larger than what was asked for.
	ErrTooLarge = errors.New("the object is too large")
	// ErrNeedsGit: the repository can only be read by git, and there is no git program.
	ErrNeedsGit = errors.New("only git can read it, and there is no git program on PATH")
)
