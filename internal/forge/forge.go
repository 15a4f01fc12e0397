// Package forge holds the values that a change has on a forge: the pull
// request, and what is asked of it. It knows no forge and imports none;
// internal/forge/github speaks to GitHub.
//
// # Limitations
//
// A forge here is one repository of it. Forks are not used: the branch and the
// pull request live in the same repository.
package forge

import (
	"errors"
	"fmt"
	"time"
)

// State is what became of a pull request.
type State uint8

// The states of a pull request. Closed means closed without a merge.
const (
	Open State = iota + 1
	Closed
	Merged
)

// String returns "open", "closed" or "merged".
func (s State) String() string {
	switch s {
	case Open:
		return "open"
	case Closed:
		return "closed"
	case Merged:
		return "merged"
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// A Repository is what the forge says of the repository that changes go to.
type Repository struct {
	ID            int64
	Name          string // owner/name, as it is written today: a former name leads here
	DefaultBranch string
	// MayPush says that the token may write contents. Where the forge does not say what
	// the token may do, it is true: the first write tells.
	MayPush bool
	// DeletesBranches says that the forge itself deletes the branch of a pull request that is merged.
	DeletesBranches bool
	// NoAutoMerge says that pull requests are not merged by themselves there.
	NoAutoMerge bool
	// Method is the first of squash, merge and rebase that the repository allows; "" where the forge does
	// not say.
	Method Method
}

// A Pull is a pull request as the forge holds it.
type Pull struct {
	Number    int
	URL       string // the page a person opens
	State     State
	Branch    string // the head branch, without "refs/heads/"
	Base      string // the branch it is to be merged into
	Head      string // the commit id at the tip of Branch
	Title     string
	Body      string
	Draft     bool
	Author    string   // the login of who opened it
	Labels    []string // sorted
	Reviewers []string // who are asked for a review and have not answered: logins, and teams as "org/team"; sorted
	Assignees []string // logins, sorted
	Created   time.Time
	ID        string // by which the forge's other interfaces know it; may be empty
	AutoMerge bool   // it is merged as soon as its checks have passed
}

// A PullSpec is a pull request as it should be.
type PullSpec struct {
	Branch string
	Base   string
	Title  string
	Body   string
	Draft  bool
	Labels []string
}

// A PullEdit changes a pull request. What is nil stays as it is; the base is never
// changed.
type PullEdit struct {
	Title, Body *string
	Close       bool
}

// A Method is a way to merge a pull request.
type Method string

// The ways to merge.
const (
	Squash      Method = "squash"
	MergeCommit Method = "merge"
	Rebase      Method = "rebase"
)

// A Merge is how a pull request is merged.
type Merge struct {
	Head           string // the commit that its branch has to be at
	Method         Method
	Title, Message string // of the commit on the base branch; Rebase makes none
}

// A Comment is one on a pull request.
type Comment struct {
	Author string
	Body   string
}

// Checks say how the checks of a commit stand: check runs, and statuses that others have set.
type Checks struct {
	Passed, Pending int      // how many; one that was skipped has passed
	Failed          []string // the names of those that failed, sorted
	Unknown         bool     // some of them cannot be read with the token
}

// State returns "failed" if one has failed, "pending" if one is not done, "unknown" if some of them cannot be read,
// "passed", or "none" if there are no checks.
func (c Checks) State() string {
	switch {
	case len(c.Failed) > 0:
		return "failed"
	case c.Pending > 0:
		return "pending"
	case c.Unknown:
		return "unknown"
	case c.Passed > 0:
		return "passed"
	}
	return "none"
}

// An Issue is one of the forge's that is no pull request.
type Issue struct {
	Number int
	URL    string // the page a person opens
	Body   string
}

// A Commit is what the forge knows of a commit.
type Commit struct {
	ID        string
	Tree      string
	Parents   []string
	Message   string
	Author    Person
	Committer Person
}

// A Person is who wrote or made a commit.
type Person struct{ Name, Email string }

// The errors that callers tell apart with errors.Is. A forge wraps them with
// what it was doing and for which repository.
var (
	// ErrUnauthorized: there is no token, or it is not accepted.
	ErrUnauthorized = errors.New("the token is not accepted")
	// ErrForbidden: the token is valid but may not do this.
	ErrForbidden = errors.New("the token may not do this")
	// ErrNotFound: no such repository, branch, commit or pull request, or the
	// token may not see it.
	ErrNotFound = errors.New("not found")
	// ErrExists: a pull request for this branch is open already.
	ErrExists = errors.New("a pull request for this branch is open already")
	// ErrInvalid: the forge refuses the request as it stands.
	ErrInvalid = errors.New("refused as invalid")
	// ErrClean: nothing has to be waited for, so a merge is made at once or not at all.
	ErrClean = errors.New("nothing has to pass before it is merged")
	// ErrUnstable: a check that is not required has failed, or goes on.
	ErrUnstable = errors.New("a check that nothing requires has failed or goes on")
	// ErrUnavailable: the forge cannot be reached, or it failed.
	ErrUnavailable = errors.New("cannot be reached")
)

// A RateLimitError says that the forge wants to be left alone for a while.
type RateLimitError struct {
	RetryAfter time.Duration // how long to wait; never negative
	At         time.Time     // when to go on; zero where that is not known
	Err        error
}

// Error says how long to wait, rounded to seconds, and until when.
func (e *RateLimitError) Error() string {
	if !e.At.IsZero() {
		at := e.At.Add(time.Second - 1).Truncate(time.Second).UTC().Format("2006-01-02 15:04:05 MST")
		return fmt.Sprintf("rate limit reached, try again in %s, at %s: %v", e.RetryAfter.Round(time.Second), at, e.Err)
	}
	return fmt.Sprintf("rate limit reached, try again in %s: %v", e.RetryAfter.Round(time.Second), e.Err)
}

// Again returns At.
func (e *RateLimitError) Again() time.Time { return e.At }

// Unwrap returns the forge's own error.
func (e *RateLimitError) Unwrap() error { return e.Err }
