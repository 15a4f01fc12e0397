package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/matihlabs/propagate/internal/gitrepo"
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

// exit prints err, if it is one, and returns the exit status.
func (a *App) exit(err error) int {
	if err == nil {
		if a.unfinished {
			a.warnf("hint: what is named above is left out; running the same command again goes on with it")
			return statusPartial
		}
		return statusDone
	}
	var use *usageError
	text := err.Error()
	hint := hintOf(err)
	status := statusFailed
	switch {
	case errors.Is(err, context.Canceled):
		text, hint = "interrupted: what was under way is not done", "running it again goes on where it ended"
	case errors.Is(err, errReported):
		return statusFailed
	case errors.As(err, &use):
		status = statusUsage
	}
	a.warnf("propagate: %s", oneLine(text))
	if hint != "" {
		a.warnf("hint: %s", oneLine(hint))
	}
	return status
}

func oneLine(s string) string { return report.Clean(strings.ReplaceAll(s, "\n", "; ")) }

// hintOf returns what a person can do about err.
func hintOf(err error) string {
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		return hinted.Hint()
	}
	var placed *source.Error
	if errors.As(err, &placed) {
		return placed.Hint
	}
	return gitrepo.Hint(err)
}
