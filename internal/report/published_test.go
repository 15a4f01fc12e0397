package report_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/report"
)

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// document is that of a plan without files, and what became of its changes.
func document(r publish.Result) *report.Plan {
	plan := &bumper.Plan{Graph: graph.New(nil, nil, nil), Bumps: []bumper.Bump{{Image: "reg.example/base", Tag: "1.0.1"}}}
	return report.NewPlan(plan, r)
}

// outcomes are those of n changes in one state, the first pull request having this number; 0 is none.
func outcomes(n int, state publish.State, number int, err error) []publish.Outcome {
	all := make([]publish.Outcome, n)
	for i := range all {
		branch := fmt.Sprintf("propagate/%s-%d", state, i)
		all[i] = publish.Outcome{Change: bumper.Change{Branch: branch, Title: "Update " + branch}, State: state, Err: err}
		if number > 0 {
			all[i].Pull = &forge.Pull{Number: number + i, URL: fmt.Sprintf("https://github.com/o/r/pull/%d", number+i)}
		}
	}
	return all
}

// What a person reads of a run, below its first lines: all of what is special, and not every one of
// three hundred that are alike.
func TestTextOfARun(t *testing.T) {
	t.Parallel()
	refused := errors.New("the token may not do this")
	stop := &publish.Stop{Err: &forge.RateLimitError{RetryAfter: 37 * time.Minute, Err: errors.New("secondary limit")}, At: now.Add(37 * time.Minute), Done: 1, Left: 299}
	block := func(state publish.State, i, number int) string {
		where := fmt.Sprintf("branch propagate/%s-%d", state, i)
		if number > 0 {
			where = fmt.Sprintf("pull request #%d  https://github.com/o/r/pull/%d", number, number)
		}
		return fmt.Sprintf("\n%s: Update propagate/%s-%d\n  %s\n", state, state, i, where)
	}
	lacking := outcomes(1, publish.Created, 7, nil)
	lacking[0].Lacking = errors.New("adding labels: cannot be reached")
	for _, test := range []struct {
		name   string
		result publish.Result
		want   string
	}{
		{"300 new ones", publish.Result{Outcomes: outcomes(300, publish.Created, 1, nil)},
			block(publish.Created, 0, 1) + block(publish.Created, 1, 2) + block(publish.Created, 2, 3) +
				"\ncreated: 297 more: pull requests #4 to #300\nhint: --verbose lists each of them\n"},
		{"planned ones have branches alone", publish.Result{Outcomes: outcomes(21, publish.Planned, 0, nil)},
			block(publish.Planned, 0, 0) + block(publish.Planned, 1, 0) + block(publish.Planned, 2, 0) +
				"\nplanned: 18 more: propagate/planned-3, propagate/planned-4, propagate/planned-5 and 15 more\nhint: --verbose lists each of them\n"},
		{"what failed alike", publish.Result{Outcomes: append(outcomes(12, publish.Failed, 0, refused), outcomes(1, publish.Created, 9, nil)...)},
			block(publish.Failed, 0, 0) + "  error: the token may not do this\n" + block(publish.Created, 0, 9) +
				"\nfailed: 11 more for the same reason: propagate/failed-1, propagate/failed-2, propagate/failed-3 and 8 more\nhint: --verbose lists each of them\n"},
		{"labels that are not there", publish.Result{Outcomes: lacking},
			block(publish.Created, 0, 7) + "  not done yet: adding labels: cannot be reached\n"},
		{"a run that was stopped", publish.Result{Outcomes: append(outcomes(1, publish.Created, 1, nil), outcomes(299, publish.Planned, 0, nil)...), Stopped: stop},
			block(publish.Created, 0, 1) + "\nstopped: 1 of 300 changes done, 299 left: propagate/planned-0, propagate/planned-1, propagate/planned-2 and 296 more\n"},
		{"as many as are asked for", publish.Result{Outcomes: append(outcomes(1, publish.Created, 1, nil), outcomes(4, publish.Planned, 0, nil)...), Postponed: []string{"propagate/planned-0", "propagate/planned-1", "propagate/planned-2", "propagate/planned-3"}},
			block(publish.Created, 0, 1) + "\nleft for another run, since no more pull requests are to be opened: 4 changes: propagate/planned-0, propagate/planned-1, propagate/planned-2, propagate/planned-3\n"},
		{"what was closed", publish.Result{Outcomes: outcomes(1, publish.Created, 5, nil), Closed: []publish.Closed{
			{Branch: "propagate/old", Pull: forge.Pull{Number: 3, URL: "https://github.com/o/r/pull/3"}, Why: "superseded by #5"},
			{Branch: "propagate/branch-alone", Why: "no longer needed", Err: refused},
		}}, block(publish.Created, 0, 5) + "\nclosed\n  #3  propagate/old           superseded by #5\n      propagate/branch-alone  no longer needed; error: the token may not do this\n"},
		{"other bots", publish.Result{Outcomes: outcomes(2, publish.Created, 5, nil), Rivals: []publish.Rival{
			{Change: 0, Bot: "Renovate", Pull: forge.Pull{Number: 3, Title: "Update base Docker tag\nto v1.0.1"}},
			{Change: 0, Bot: "Dependabot", Pull: forge.Pull{Number: 4, Title: "Bump base"}},
			{Change: 1, Bot: "Renovate", Pull: forge.Pull{Number: 3, Title: "Update base Docker tag\nto v1.0.1"}},
		}}, block(publish.Created, 0, 5) + block(publish.Created, 1, 6) + "\npull requests of other bots for the same places\n" +
			"  #3  Renovate    Update base Docker tag?to v1.0.1  propagate/created-0, propagate/created-1\n" +
			"  #4  Dependabot  Bump base                         propagate/created-0\n"},
	} {
		var b strings.Builder
		if err := document(test.result).WriteText(&b); err != nil {
			t.Fatal(err)
		}
		_, got, _ := strings.Cut(b.String(), "reg.example/base is at 1.0.1\n")
		got, sum, ok := strings.Cut(got, "\nno build moves to base 1.0.1")
		if got != test.want || !ok || strings.Count(sum, "\n") != 1 {
			t.Errorf("%s: it reads\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
	all := document(publish.Result{Outcomes: append(outcomes(300, publish.Created, 1, nil), outcomes(12, publish.Failed, 0, refused)...)})
	all.Unfold()
	var b strings.Builder
	if err := all.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(b.String(), "\n  pull request #") + strings.Count(b.String(), "\n  error: "); got != 312 || strings.Contains(b.String(), "more") {
		t.Errorf("--verbose lists %d of 312:\n%s", got, b.String())
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0 seconds", time.Second: "1 second", 99 * time.Second: "99 seconds", 100 * time.Second: "2 minutes", 59 * time.Minute: "59 minutes",
		59*time.Minute + 40*time.Second: "1 hour", 3700 * time.Second: "1 hour 2 minutes", 25 * time.Hour: "25 hours",
	} {
		if got := report.Duration(d); got != want {
			t.Errorf("%d: %s, want %s", d, got, want)
		}
	}
}

// Cost is one line, and shown of one change only if pull requests are what is asked for.
func TestCostInText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cost  publish.Cost
		asked bool
		want  string
	}{
		{publish.Cost{}, true, ""},
		{publish.Cost{Pulls: 1, Requests: 8, Time: 2 * time.Second}, false, ""},
		{publish.Cost{Pulls: 1, Requests: 8, Time: 2 * time.Second}, true, "as pull requests: 1, about 8 requests, no workflow runs, at least 2 seconds within the limits of GitHub"},
		{publish.Cost{Pulls: 300, Requests: 606, Runs: 600, Time: 3700 * time.Second}, false, "as pull requests: 300, about 606 requests, up to 600 workflow runs, at least 1 hour 2 minutes within the limits of GitHub"},
	} {
		doc := document(publish.Result{})
		doc.AddCost(test.cost, test.asked)
		var b strings.Builder
		if err := doc.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		if got := doc.CostText(); got != test.want || strings.Contains(b.String(), "as pull requests") != (test.want != "") {
			t.Errorf("%+v: %q in\n%s", test.cost, got, b.String())
		}
	}
}

// The summary of a job says the same, and nothing in it does anything.
func TestSummary(t *testing.T) {
	t.Parallel()
	hostile := outcomes(3, publish.Failed, 0, errors.New("no\nway | `x` <img src=x> @acme fixes #1"))
	hostile[0].Change.Title = "Update ](javascript:x) | ``@team`` <script>"
	hostile[1].Pull = &forge.Pull{Number: 4, URL: "https://github.com/o/r/pull/4)![x](http://evil.example/"}
	hostile[2].Pull = &forge.Pull{Number: 5, URL: "https://github.com/o/r/pull/5"}
	doc := document(publish.Result{
		Outcomes:  hostile,
		Closed:    []publish.Closed{{Branch: "propagate/old", Pull: forge.Pull{Number: 3, URL: "https://github.com/o/r/pull/3"}, Why: "superseded by #5"}},
		Kept:      []publish.Kept{{Pull: forge.Pull{Number: 6, Branch: "propagate/held", URL: "https://github.com/o/r/pull/6"}, Why: "base:1 is withdrawn: leaks", Holds: "a | b"}},
		Postponed: []string{"propagate/x"},
		Stopped:   &publish.Stop{Err: errors.New("rate limit reached"), At: now.Add(time.Hour), Done: 1, Left: 2},
	})
	var b strings.Builder
	if err := doc.WriteMarkdown(&b, now); err != nil {
		t.Fatal(err)
	}
	const why = "`` no way \\| `x` <img src=x> @acme fixes #1 ``"
	want := "## propagate\n\n* `reg.example/base` is at `1.0.1`\n\n`3 changes: 0 builds, 0 places`\n" +
		"\n| state | change | where | builds | why |\n| --- | --- | --- | ---: | --- |\n" +
		"| failed | ``` Update ](javascript:x) \\| ``@team`` <script> ``` | `propagate/failed-0` | 0 | " + why + " |\n" +
		"| failed | `Update propagate/failed-1` | `#4` | 0 | " + why + " |\n" +
		"| failed | `Update propagate/failed-2` | [5](https://github.com/o/r/pull/5) | 0 | " + why + " |\n" +
		"\n| closed | why |\n| --- | --- |\n| [3](https://github.com/o/r/pull/3) | `superseded by #5` |\n" +
		"\n| withdrawn, and for a person to close | why |\n| --- | --- |\n| [6](https://github.com/o/r/pull/6) | `base:1 is withdrawn: leaks; it stays open: a \\| b` |\n" +
		"\n1 change left for another run, since no more pull requests are to be opened.\n" +
		"\n**1 of 3 changes done, 2 left.** `rate limit reached`: run the same command again after 06:06:07 UTC (in 60 minutes)\n\n"
	want = strings.ReplaceAll(want, "(in 60 minutes)", "(in 1 hour)")
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// GitHub takes a mebibyte.
	b.Reset()
	if err := document(publish.Result{Outcomes: outcomes(600, publish.Failed, 0, errors.New(strings.Repeat("x", 5000)))}).WriteMarkdown(&b, now); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "\n100 more\n") || b.Len() > 1<<20 {
		t.Errorf("the summary of 600 changes has %d bytes", b.Len())
	}
}
