package cli

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/oserror"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/source"
)

// The exit statuses.
const (
	statusDone    = 0 // done, or nothing to do
	statusFailed  = 1 // nothing was written beyond what the output lists
	statusUsage   = 2 // the command line or the configuration is wrong
	statusPartial = 3 // some changes could not be made; the output says which and why
)

// A usageError says that the command line or the configuration is wrong.
type usageError struct {
	err  error
	hint string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }
func (e *usageError) Hint() string  { return e.hint }

func usage(err error, hint string) error { return &usageError{err: err, hint: hint} }

// errReported ends a command whose output has said already what failed.
var errReported = errors.New("reported")

// A remainder is what a run has left out, by what it takes to have it done: exit
// status 3.
type remainder struct {
	passing, lasting bool
	stopped          bool // before the end, which has a hint of its own
	outdated         bool // outdated --check has found something
	late             bool // status --wait-for has waited for too long, or status --published has found something
}

// leave notes that something is left out, for a cause that passes or not.
func (a *App) leave(passing bool) {
	a.left.passing = a.left.passing || passing
	a.left.lasting = a.left.lasting || !passing
}

// hint says what to do about what is left out; "" where it is said already.
func (r remainder) hint() string {
	switch {
	case !r.lasting && !r.passing:
		return ""
	case !r.lasting:
		return "what is named above is left out; running the same command again goes on with it"
	case !r.passing:
		return "what is named above is left out until it is put right; then run the same command again"
	}
	return "what is named above is left out: what was refused or locked may go the next time, the rest has to be put right; then run the same command again"
}

// passes reports whether the cause of an error may be gone the next time without
// anybody touching the repository. A request that the forge refuses is such a cause:
// nothing in the repository is wrong, and its own hint says what the token lacks.
func passes(err error) bool {
	var conflict *gitrepo.RefConflictError
	var limit *forge.RateLimitError
	var digest *bumper.DigestError
	switch {
	case errors.Is(err, registry.ErrNoTag), errors.Is(err, registry.ErrRefused):
		return false
	case errors.As(err, &conflict):
		return conflict.Blocking == ""
	case errors.As(err, &limit), errors.As(err, &digest):
		return true
	}
	for _, cause := range []error{
		context.Canceled, context.DeadlineExceeded, forge.ErrUnavailable, forge.ErrForbidden, forge.ErrExists, forge.ErrMoved,
		remote.ErrUnreachable, remote.ErrStale, publish.ErrLeft, publish.ErrInterrupted, publish.ErrLocked,
	} {
		if errors.Is(err, cause) {
			return true
		}
	}
	return false
}

// exit prints err, if it is one, and returns the exit status.
func (a *App) exit(err error) int {
	if err == nil {
		if a.left != (remainder{}) {
			if hint := a.left.hint(); hint != "" {
				a.warnf("hint: %s", hint)
			}
			return statusPartial
		}
		return statusDone
	}
	switch {
	case errors.Is(err, context.Canceled):
		err = &source.Error{Err: errors.New("interrupted: what was under way is not done"), Hint: "running it again goes on where it ended"}
	case errors.Is(err, errReported):
		return statusFailed
	}
	a.complain("", err)
	a.summarizeFailure()
	var use *usageError
	var input *monorepo.InputError
	if errors.As(err, &use) || errors.As(err, &input) {
		return statusUsage
	}
	return statusFailed
}

// complain prints the causes of an error, each on a line of its own, with what to do
// about them. what comes before each of them; it may be empty.
func (a *App) complain(what string, err error) {
	all := causes(err)
	for i, cause := range all {
		hint := source.Hint(cause)
		if i+1 == len(all) {
			var use *usageError
			if errors.As(err, &use) {
				hint = cmp.Or(hint, use.hint)
			}
		} else if hint == source.Hint(all[i+1]) {
			hint = ""
		}
		text := oneLine(oserror.Text(cause))
		a.warnf("propagate: %s%s%s", what, text, source.CodeOf(cause).Suffix())
		if hint != "" {
			a.warnf("hint: %s", oneLine(hint))
		}
		pos, about := placeOf(cause, text)
		a.annotate(pos, what+about+source.CodeOf(cause).Suffix(), oneLine(hint))
	}
}

// causes returns the errors that [errors.Join] made one of.
func causes(err error) []error {
	switch e := err.(type) { //nolint:errorlint // this takes the tree apart itself
	case interface{ Unwrap() []error }:
		inner := e.Unwrap()
		if len(inner) > 0 && errors.Join(inner...).Error() == err.Error() {
			var all []error
			for _, one := range inner {
				all = append(all, causes(one)...)
			}
			return all
		}
	case interface{ Unwrap() error }:
		// One that only adds a hint is not in the way.
		if inner := e.Unwrap(); inner != nil && inner.Error() == err.Error() {
			if all := causes(inner); len(all) > 1 {
				return all
			}
		}
	}
	return []error{err}
}

func oneLine(s string) string { return report.Clean(strings.ReplaceAll(s, "\n", "; ")) }
