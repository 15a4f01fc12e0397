package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/source"
)

// outcomes are those of n changes in one state, branch by branch.
func outcomes(n int, state publish.State, change func(branch string, o *publish.Outcome)) []publish.Outcome {
	all := make([]publish.Outcome, n)
	for i := range all {
		branch := fmt.Sprintf("propagate/%s-%02d", state, i)
		all[i] = publish.Outcome{Change: bumper.Change{Branch: branch}, State: state}
		if change != nil {
			change(branch, &all[i])
		}
	}
	return all
}

// How a run ended, and all that is said of it. Status 0 is that all is done, 1 that nothing is, and 3 that
// something is left.
func TestJudge(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	created := outcomes(2, publish.Created, nil)
	refused := func(branch string, o *publish.Outcome) {
		o.Err = &source.Error{Err: fmt.Errorf("opening a pull request for %s of acme/platform: %w", branch, forge.ErrForbidden), Hint: "the token needs pull-requests: write"}
	}
	invalid := func(branch string, o *publish.Outcome) {
		o.Err = fmt.Errorf("opening a pull request for %s of acme/platform: %w", branch, forge.ErrInvalid)
	}
	unlabeled := func(_ string, o *publish.Outcome) {
		o.Lacking = fmt.Errorf("adding labels: %w", forge.ErrUnavailable)
	}
	budget := &forge.RateLimitError{RetryAfter: 37 * time.Minute, Err: errors.New("the budget of the hour is spent")}
	errToken := fmt.Errorf("at last: %w", forge.ErrUnauthorized)
	const again = "hint: what is named above is left out; running the same command again goes on with it\n"
	const untilRight = "hint: what is named above is left out until it is put right; then run the same command again\n"
	for _, test := range []struct {
		name   string
		result publish.Result
		strict bool
		status int
		says   string
	}{
		{"nothing to do", publish.Result{}, true, 0, ""},
		{"all is done", publish.Result{Outcomes: created}, true, 0, ""},
		{"all was done before", publish.Result{Outcomes: outcomes(12, publish.Unchanged, nil)}, true, 0, ""},
		{"one of three is refused", publish.Result{Outcomes: append(outcomes(1, publish.Failed, refused), created...)}, false, 3,
			"propagate: propagate/failed-00: opening a pull request for propagate/failed-00 of acme/platform: the token may not do this\nhint: the token needs pull-requests: write\n" + again},
		{"all twelve are refused alike", publish.Result{Outcomes: outcomes(12, publish.Failed, refused)}, false, 1,
			"propagate: 12 changes (propagate/failed-00, propagate/failed-01, propagate/failed-02 and 9 more): opening a pull request for … of acme/platform: the token may not do this\nhint: the token needs pull-requests: write\n"},
		{"their branches are there", publish.Result{Outcomes: outcomes(2, publish.Failed, func(branch string, o *publish.Outcome) { refused(branch, o); o.Partial = true })}, false, 3,
			"propagate: 2 changes (propagate/failed-00, propagate/failed-01): opening a pull request for … of acme/platform: the token may not do this\nhint: the token needs pull-requests: write\n" + again},
		{"for two reasons", publish.Result{Outcomes: append(append(outcomes(2, publish.Failed, refused), outcomes(2, publish.Failed, invalid)...), created...)}, false, 3,
			"propagate: 2 changes (propagate/failed-00, propagate/failed-01): opening a pull request for … of acme/platform: the token may not do this\nhint: the token needs pull-requests: write\n" +
				"propagate: 2 changes (propagate/failed-00, propagate/failed-01): opening a pull request for … of acme/platform: refused as invalid\n" +
				"hint: what is named above is left out: what was refused or locked may go the next time, the rest has to be put right; then run the same command again\n"},
		{"labels are not there", publish.Result{Outcomes: outcomes(2, publish.Created, unlabeled)}, false, 3,
			"propagate: 2 changes (propagate/created-00, propagate/created-01): adding labels: cannot be reached\n" + again},
		{"labels are refused, each with its number", publish.Result{Outcomes: outcomes(3, publish.Created, func(branch string, o *publish.Outcome) {
			number := len(branch) + int(branch[len(branch)-1])
			o.Pull = &forge.Pull{Number: number}
			o.Lacking = fmt.Errorf("labels of pull request #%d: adding labels to pull request %d of acme/platform: %w", number, number, forge.ErrUnavailable)
		})}, false, 3,
			"propagate: 3 changes (propagate/created-00, propagate/created-01, propagate/created-02): labels of pull request #…: adding labels to pull request … of acme/platform: cannot be reached\n" + again},
		{"only labels are left when it is stopped", publish.Result{Outcomes: outcomes(1, publish.Created, func(_ string, o *publish.Outcome) { o.Lacking = fmt.Errorf("labels: %w", errToken) }), Stopped: &publish.Stop{Err: errToken, Done: 1}}, false, 3,
			"propagate: propagate/created-00: labels: at last: the token is not accepted\nhint: what is named above is left out until it is put right; then run the same command again\n"},
		{"a person works on it", publish.Result{Outcomes: append(outcomes(1, publish.LeftAlone, func(_ string, o *publish.Outcome) { o.Note = "it was closed" }), created...)}, false, 0, ""},
		{"a person works on it, strictly", publish.Result{Outcomes: outcomes(1, publish.LeftAlone, func(_ string, o *publish.Outcome) { o.Note = "it was closed" })}, true, 3,
			"propagate: propagate/left-alone-00: left alone: it was closed\n" + untilRight},
		{"as many as --max-prs", publish.Result{Outcomes: append(created, outcomes(2, publish.Planned, nil)...), Postponed: []string{"propagate/planned-00", "propagate/planned-01"}}, false, 0, ""},
		{"as many as --max-prs, strictly", publish.Result{Outcomes: append(created, outcomes(2, publish.Planned, nil)...), Postponed: []string{"propagate/planned-00", "propagate/planned-01"}}, true, 3,
			"propagate: left for another run: propagate/planned-00, propagate/planned-01\n" + again},
		{"the budget is spent", publish.Result{Outcomes: append(created, outcomes(298, publish.Planned, nil)...), Stopped: &publish.Stop{Err: budget, At: now.Add(37 * time.Minute), Done: 2, Left: 298}}, false, 3,
			"propagate: stopped after 2 of 300 changes: rate limit reached, try again in 37m0s: the budget of the hour is spent\n" +
				"hint: run the same command again after 05:43:07 UTC (in 37 minutes): it goes on with what is left\n"},
		{"the budget was spent before", publish.Result{Outcomes: outcomes(3, publish.Planned, nil), Stopped: &publish.Stop{Err: budget, At: now.Add(20 * time.Hour), Left: 3}}, false, 1,
			"propagate: stopped after 0 of 3 changes: rate limit reached, try again in 37m0s: the budget of the hour is spent\n" +
				"hint: run the same command again after 5 March 01:06:07 UTC (in 20 hours): it goes on with what is left\n"},
		{"the budget is spent and labels lack", publish.Result{Outcomes: append(outcomes(1, publish.Created, unlabeled), outcomes(1, publish.Planned, nil)...), Stopped: &publish.Stop{Err: budget, At: now.Add(time.Minute), Done: 1, Left: 1}}, false, 3,
			"propagate: propagate/created-00: adding labels: cannot be reached\n" +
				"propagate: stopped after 1 of 2 changes: rate limit reached, try again in 37m0s: the budget of the hour is spent\n" +
				"hint: run the same command again after 05:07:07 UTC (in 60 seconds): it goes on with what is left\n" + again},
		{"a token that is refused", publish.Result{Outcomes: outcomes(12, publish.Planned, nil), Stopped: &publish.Stop{Err: &source.Error{Err: forge.ErrUnauthorized, Hint: "make a new token"}, Left: 12}}, false, 1,
			"propagate: stopped after 0 of 12 changes: the token is not accepted\nhint: make a new token; then run the same command again: it goes on with what is left\n"},
		{"one is closed", publish.Result{Closed: []publish.Closed{{Branch: "propagate/old", Why: "it is no longer needed"}}}, true, 0, ""},
		{"one cannot be closed", publish.Result{Outcomes: created, Closed: []publish.Closed{{Branch: "propagate/old", Why: "it is no longer needed", Err: fmt.Errorf("closing #3: %w", forge.ErrUnavailable)}}}, false, 3,
			"propagate: propagate/old: closing #3: cannot be reached\n" + again},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var stderr bytes.Buffer
			a := &App{Stdout: &bytes.Buffer{}, Stderr: &stderr, Getenv: func(string) string { return "" }, Now: func() time.Time { return now }}
			status := a.exit(a.judge(test.result, test.strict))
			if status != test.status || stderr.String() != test.says {
				t.Errorf("status %d, want %d; it says\n%swant\n%s", status, test.status, stderr.String(), test.says)
			}
			if lines := strings.Count(stderr.String(), "\n"); lines > 5 {
				t.Errorf("it takes %d lines", lines)
			}
		})
	}
}
