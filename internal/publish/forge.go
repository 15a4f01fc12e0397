package publish

import (
	"context"

	"github.com/matihlabs/propagate/internal/forge"
)

// A Host is what publishing needs of the place where pull requests live. Each method is
// one request, or one for each page of a list. An error is one of package forge.
type Host interface {
	// Repository says what the repository is called, and what the token may do there.
	Repository(ctx context.Context) (forge.Repository, error)

	// OpenPulls returns all open pull requests whose head is a branch of this
	// repository, the highest number first.
	OpenPulls(ctx context.Context) ([]forge.Pull, error)
	// ClosedPulls returns the closed and merged pull requests whose head is a branch of
	// this repository, the newest first, as many as stand on that number of pages;
	// all says that there are no others.
	ClosedPulls(ctx context.Context, pages int) (pulls []forge.Pull, all bool, err error)
	// Pulls returns the pull requests of a head branch in any state, the highest number first.
	Pulls(ctx context.Context, branch string) ([]forge.Pull, error)

	// OpenPull opens a pull request, without its labels. One that is open already for
	// head and base is forge.ErrExists; after forge.ErrUnavailable it may be open or not.
	OpenPull(ctx context.Context, spec forge.PullSpec) (forge.Pull, error)
	// EditPull changes a pull request.
	EditPull(ctx context.Context, number int, edit forge.PullEdit) (forge.Pull, error)
	// AddLabels adds labels, and makes those that the repository does not have.
	AddLabels(ctx context.Context, number int, labels []string) error
	// RequestReviews asks people, and teams that are written "org/team", for a review.
	RequestReviews(ctx context.Context, number int, reviewers []string) error
	// AddAssignees assigns people.
	AddAssignees(ctx context.Context, number int, people []string) error

	// Unlabeled returns the labels that somebody took away from a pull request and that
	// nobody put back.
	Unlabeled(ctx context.Context, number int) ([]string, error)
	// Asked returns who was asked for a review of a pull request, or assigned to it, at any
	// time: logins, and teams as "org/team".
	Asked(ctx context.Context, number int) ([]string, error)
	// Comments returns the comments on a pull request, the oldest first.
	Comments(ctx context.Context, number int) ([]forge.Comment, error)
	// AddComment comments on a pull request.
	AddComment(ctx context.Context, number int, body string) error

	// EnableAutoMerge has a pull request merged once its checks have passed; forge.ErrClean where
	// nothing has to pass, and forge.ErrUnstable where what is not required has not passed.
	EnableAutoMerge(ctx context.Context, pull forge.Pull, merge forge.Merge) error
	// AutoMergeStopped reports whether auto-merge was disabled since it was last enabled.
	AutoMergeStopped(ctx context.Context, number int) (bool, error)
	// MergePull merges a pull request now.
	MergePull(ctx context.Context, number int, merge forge.Merge) error

	// Commit looks up a commit that is not here.
	Commit(ctx context.Context, id string) (forge.Commit, error)
	// MustBeUpToDate reports whether a branch takes only pull requests whose head holds its tip.
	MustBeUpToDate(ctx context.Context, branch string) (bool, error)
}
