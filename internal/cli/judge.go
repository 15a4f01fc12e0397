package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/oserror"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/source"
)

// judge says what is left of a run, and turns what became of the changes into how it ended.
// For a strict run, a change that is left alone, or for another run, is not done.
func (a *App) judge(result publish.Result, strict bool) error {
	var failed, lacking, closings failures
	inPlace, wrong, incomplete := 0, 0, 0
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
			failed.add(outcome.Change.Branch, outcome.Pull, outcome.Err)
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
			incomplete++
			a.leave(passes(outcome.Lacking))
			lacking.add(outcome.Change.Branch, outcome.Pull, outcome.Lacking)
		}
	}
	for _, closed := range result.Closed {
		if closed.Err == nil {
			inPlace++
			continue
		}
		wrong++
		a.leave(passes(closed.Err))
		closings.add(closed.Branch, &closed.Pull, closed.Err)
	}
	for _, kept := range result.Kept {
		inPlace++
		if strict {
			a.leave(false)
			text := fmt.Sprintf("%s: pull request #%d is for a person to close: %s; %s", kept.Pull.Branch, kept.Pull.Number, oneLine(kept.Why), oneLine(kept.Holds))
			a.warnf("propagate: %s", text)
			a.annotate(source.Pos{}, text, "")
		}
	}
	all := slices.Concat(failed, lacking, closings)
	for _, f := range all {
		a.complain(f.what(), f.err)
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
		if stop.Left > incomplete || !all.hold(stop.Err) { // else it is said already
			a.complainOfStop(stop)
		}
	}
	if wrong > 0 && inPlace == 0 {
		return errReported
	}
	return nil
}

// complainOfStop says why a run ended early, and when to run it again.
func (a *App) complainOfStop(stop *publish.Stop) {
	hint := report.Again(stop.At, a.Now()) + ": it goes on with what is left"
	if first := source.Hint(stop.Err); first != "" && stop.At.IsZero() {
		hint = first + "; " + hint
	}
	a.complain(fmt.Sprintf("stopped after %d of %s: ", stop.Done, report.Count(stop.Done+stop.Left, "change")),
		&source.Error{Err: errors.New(oserror.Text(stop.Err)), Hint: hint})
}

// A failure is why one or several changes failed.
type failure struct {
	branches []string
	err      error
	text     string // of err, without the name of the branch
}

type failures []*failure

// add adds the failure of one change, to one of others if it is the same but for the names of
// branch and pull request, which may be nil.
func (all *failures) add(branch string, pull *forge.Pull, err error) {
	names := []string{branch, "…"}
	if pull != nil && pull.Number > 0 {
		names = append(names, fmt.Sprintf("#%d", pull.Number), "#…", fmt.Sprintf("pull request %d ", pull.Number), "pull request … ")
	}
	text := strings.NewReplacer(names...).Replace(oserror.Text(err))
	for _, f := range *all {
		if f.text == text {
			f.branches, f.err = append(f.branches, branch), &sharedError{text, err}
			return
		}
	}
	*all = append(*all, &failure{[]string{branch}, err, text})
}

// hold reports whether an error is among the failures.
func (all failures) hold(err error) bool {
	return slices.ContainsFunc(all, func(f *failure) bool { return errors.Is(f.err, err) })
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
