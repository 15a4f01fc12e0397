package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/matihlabs/propagate/internal/oserror"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/source"
)

// judge says what is left of a run, and turns what became of the changes into how it ended.
// For a strict run, a change that is left alone, or for another run, is not done.
func (a *App) judge(result publish.Result, strict bool) error {
	var failed, lacking, closings failures
	inPlace, wrong := 0, 0
	for _, outcome := range result.Outcomes {
		switch outcome.State {
		case publish.Failed:
			wrong++
			if outcome.Partial {
				inPlace++
			}
			for _, err := range outcome.Failures() {
				a.leave(passes(err))
			}
			if outcome.Written != nil { // there is no branch, and the files are named
				a.complain("", outcome.Err)
				continue
			}
			failed.add(outcome.Change.Branch, outcome.Err)
		case publish.LeftAlone:
			inPlace++
			if strict {
				a.leave(false)
				text := fmt.Sprintf("%s: left alone: %s", outcome.Change.Branch, oneLine(outcome.Note))
				a.warnf("propagate: %s", text)
				a.annotate(source.Pos{}, text, oneLine(outcome.Hint))
				if outcome.Hint != "" && a.output == "json" { // text says it where the change is
					a.warnf("hint: %s", oneLine(outcome.Hint))
				}
			}
		case publish.Planned:
			if outcome.Partial {
				inPlace++
			}
		default:
			inPlace++
		}
		if outcome.Lacking != nil {
			a.leave(passes(outcome.Lacking))
			lacking.add(outcome.Change.Branch, outcome.Lacking)
		}
	}
	for _, closed := range result.Closed {
		if closed.Err == nil {
			inPlace++
			continue
		}
		wrong++
		a.leave(passes(closed.Err))
		closings.add(closed.Branch, closed.Err)
	}
	for _, all := range []failures{failed, lacking, closings} {
		for _, f := range all {
			a.complain(f.what(), f.err)
		}
	}
	if len(result.Postponed) > 0 && strict {
		a.leave(true)
		text := "left for another run: " + report.Names(result.Postponed)
		a.warnf("propagate: %s", text)
		a.annotate(source.Pos{}, text, "")
	}
	if stop := result.Stopped; stop != nil {
		wrong++
		a.left.stopped = true
		hint := report.Again(stop.At, a.Now()) + ": it goes on with what is left"
		if first := source.Hint(stop.Err); first != "" && stop.At.IsZero() {
			hint = first + "; " + hint
		}
		a.complain(fmt.Sprintf("stopped after %d of %s: ", stop.Done, report.Count(stop.Done+stop.Left, "change")),
			&source.Error{Err: errors.New(oserror.Text(stop.Err)), Hint: hint})
	}
	if wrong > 0 && inPlace == 0 {
		return errReported
	}
	return nil
}

// A failure is why one or several changes failed.
type failure struct {
	branches []string
	err      error
	text     string // of err, without the name of the branch
}

type failures []*failure

// add adds the failure of one change, to one of others if it is the same.
func (all *failures) add(branch string, err error) {
	text := strings.ReplaceAll(oserror.Text(err), branch, "…")
	for _, f := range *all {
		if f.text == text {
			f.branches, f.err = append(f.branches, branch), &sharedError{text, err}
			return
		}
	}
	*all = append(*all, &failure{[]string{branch}, err, text})
}

// what says which changes failed.
func (f *failure) what() string {
	if len(f.branches) == 1 {
		return f.branches[0] + ": "
	}
	return fmt.Sprintf("%d changes (%s): ", len(f.branches), report.Names(f.branches))
}

// A sharedError is that of several changes: its text names none of them.
type sharedError struct {
	text string
	err  error
}

func (e *sharedError) Error() string { return e.text }
func (e *sharedError) Unwrap() error { return e.err }
