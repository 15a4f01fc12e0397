package remote

import (
	"errors"
	"fmt"
	"strings"

	"github.com/matihlabs/propagate/internal/source"
)

// The errors that callers tell apart with errors.Is.
var (
	// ErrAuthentication: the remote does not accept the credentials, or wants some.
	ErrAuthentication = errors.New("authentication failed")
	// ErrAuthorization: the credentials are valid, but may not do this.
	ErrAuthorization = errors.New("permission denied")
	// ErrNotFound: there is no such repository, or it is hidden from the
	// credentials.
	ErrNotFound = errors.New("repository not found")
	// ErrUnreachable: no usable answer came: no such host, connection
	// refused, a bad certificate, a timeout, or a server that is failing.
	ErrUnreachable = errors.New("cannot be reached")
	// ErrMissingParent: the remote does not have the commit that the pushed
	// one builds on.
	ErrMissingParent = errors.New("the remote does not have the parent commit")
	// ErrNoReference: the remote has nothing of that name.
	ErrNoReference = errors.New("there is no such branch, tag or commit")
	// ErrProtocol: git must not use the protocol of the URL.
	ErrProtocol = errors.New("git may not use this protocol")
	// ErrGit: the git program failed, and what it said is no cause that is known.
	ErrGit = errors.New("git failed")
	// ErrStale: the branch is not where the push expected it, somebody else
	// has moved it.
	ErrStale = errors.New("the branch has moved")
)

// withHint adds to err what a person can do about it.
func withHint(err error, format string, args ...any) error {
	return &source.Error{Err: err, Hint: fmt.Sprintf(format, args...)}
}

// A RejectedError says that the remote refused to set one branch.
type RejectedError struct {
	Branch string
	Reason string // the remote's reason, on one line
	Remote string // what else the remote said, on one line; may be empty
	Err    error  // ErrStale or ErrMissingParent where that is the reason, else nil
}

// Error gives the branch and the reasons.
func (e *RejectedError) Error() string {
	s := fmt.Sprintf("branch %s was rejected: %s", e.Branch, e.Reason)
	if e.Remote != "" {
		s += " (remote: " + e.Remote + ")"
	}
	return s
}

// Unwrap returns what the reason stands for, or nil.
func (e *RejectedError) Unwrap() error { return e.Err }

// Hint says what to do about the reason, "" where that says it.
func (e *RejectedError) Hint() string {
	switch {
	case errors.Is(e.Err, ErrStale):
		return "somebody else moved the branch: look at it, then run again"
	case errors.Is(e.Err, ErrMissingParent):
		return "push or fetch the branch that this builds on, then run again"
	}
	return ""
}

// Protected reports whether the remote keeps the branch from everybody, or from the one who
// pushes: the words are those of large hosts.
func (e *RejectedError) Protected() bool {
	text := strings.ToLower(e.Reason + "\n" + e.Remote)
	for _, words := range []string{"protected branch", "gh006", "gh013", "rule violations"} {
		if strings.Contains(text, words) {
			return true
		}
	}
	return false
}
