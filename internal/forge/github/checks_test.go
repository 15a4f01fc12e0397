package github_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/forge/forgetest"
)

// The checks of a commit are its check runs and its statuses, in all their states.
func TestChecks(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := b.open(t, b.change("one"))
	expect := func(want string) forge.Checks {
		t.Helper()
		got, err := b.client.Checks(t.Context(), p.Head)
		if err != nil || got.State() != want {
			t.Errorf("they are %s: %+v (%v), want %s", got.State(), got, err, want)
		}
		return got
	}
	expect("none")
	for i, conclusion := range []string{"success", "neutral", "skipped"} {
		b.Check(p.Number, fmt.Sprint("run ", i), conclusion)
	}
	if got := expect("passed"); got.Passed != 3 {
		t.Errorf("they are %+v", got)
	}
	b.Status(p.Number, "ci", "pending")
	expect("pending")
	b.Status(p.Number, "ci", "success")
	b.Check(p.Number, "slow", "")
	expect("pending")
	for _, conclusion := range []string{"failure", "cancelled", "timed_out", "action_required"} {
		b.Check(p.Number, conclusion, conclusion)
	}
	b.Status(p.Number, "ci", "error")
	if got := expect("failed"); !slices.Equal(got.Failed, []string{"action_required", "cancelled", "ci", "failure", "timed_out"}) || got.Pending != 1 {
		t.Errorf("they are %+v", got)
	}
	_, err := b.client.Checks(t.Context(), "main")
	expectIs(t, err, forge.ErrInvalid)
}

// All pages of check runs and statuses count.
func TestManyChecks(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := b.open(t, b.change("one"))
	for i := range 120 {
		b.Check(p.Number, fmt.Sprint("run ", i), "success")
		b.Status(p.Number, fmt.Sprint("status ", i), "success")
	}
	if got, err := b.client.Checks(t.Context(), p.Head); err != nil || got.Passed != 240 {
		t.Errorf("they are %+v (%v)", got, err)
	}
}

// Where check runs may not be read, what the statuses say is not all.
func TestChecksThatMayNotBeRead(t *testing.T) {
	t.Parallel()
	b := benchFor(t, forgetest.Config{NoChecks: true})
	p := b.open(t, b.change("one"))
	b.Status(p.Number, "ci", "success")
	if got, err := b.client.Checks(t.Context(), p.Head); err != nil || got.State() != "unknown" || got.Passed != 1 {
		t.Errorf("they are %s: %+v (%v)", got.State(), got, err)
	}
	b.Status(p.Number, "ci", "failure")
	if got, err := b.client.Checks(t.Context(), p.Head); err != nil || got.State() != "failed" {
		t.Errorf("they are %s: %+v (%v)", got.State(), got, err)
	}
}

// The text of an issue can be read and changed; a pull request is none.
func TestIssue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	number := b.AddIssue("As it was.")
	got, err := b.client.Issue(t.Context(), number)
	if err != nil || got.Body != "As it was." || got.Number != number || got.URL == "" {
		t.Errorf("the issue is %+v (%v)", got, err)
	}
	if err := b.client.EditIssue(t.Context(), number, "As it is."); err != nil {
		t.Error(err)
	}
	if text := b.EditIssue(number, func(body string) string { return body }); text != "As it is." {
		t.Errorf("its text is %q", text)
	}
	_, err = b.client.Issue(t.Context(), 999)
	expectIs(t, err, forge.ErrNotFound)
	_, err = b.client.Issue(t.Context(), b.open(t, b.change("one")).Number)
	expectIs(t, err, forge.ErrInvalid)
}
