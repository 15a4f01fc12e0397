package publish_test

import (
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/publish"
)

// github are the limits that GitHub publishes.
var github = publish.Limits{Minute: 80, Hour: 500}

// What a run costs, by hand: the push is one write, and a second lies between two of them.
func TestCost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		limits publish.Limits
		load   publish.Load
		want   publish.Cost
	}{
		{"nothing", github, publish.Load{Labels: 2}, publish.Cost{}},
		{"one without labels", github, publish.Load{Pulls: 1}, publish.Cost{Pulls: 1, Requests: 7, Time: time.Second}},
		{"labels are one request, however many", github, publish.Load{Pulls: 1, Labels: 5}, publish.Cost{Pulls: 1, Requests: 8, Time: 2 * time.Second}},
		{"reviewers and assignees are one each", github, publish.Load{Pulls: 12, Labels: 2, Reviewers: 1, Assignees: 3, Runs: 24}, publish.Cost{Pulls: 12, Requests: 54, Runs: 24, Time: 48 * time.Second}},
		{"the hour ends with write 500", github, publish.Load{Pulls: 499}, publish.Cost{Pulls: 499, Requests: 505, Time: 499 * time.Second}},
		{"the next one waits for the first to be an hour old", github, publish.Load{Pulls: 500}, publish.Cost{Pulls: 500, Requests: 506, Time: time.Hour}},
		{"300 services with labels", github, publish.Load{Pulls: 300, Labels: 2}, publish.Cost{Pulls: 300, Requests: 606, Time: time.Hour + 100*time.Second}},
		{"a thousand take three windows", github, publish.Load{Pulls: 1000}, publish.Cost{Pulls: 1000, Requests: 1006, Time: 2 * time.Hour}},
		{"half of the limits", publish.Limits{Minute: 40, Hour: 250}, publish.Load{Pulls: 40}, publish.Cost{Pulls: 40, Requests: 46, Time: time.Minute}},
		{"no limits but the pause", publish.Limits{}, publish.Load{Pulls: 1000}, publish.Cost{Pulls: 1000, Requests: 1006, Time: 1000 * time.Second}},
	} {
		if got := test.limits.Cost(test.load); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}

// What is left is told by the limits, and by how much slower the run was than these.
func TestTimeLeft(t *testing.T) {
	t.Parallel()
	load := publish.Load{Pulls: 300, Labels: 2}
	for _, test := range []struct {
		done    int
		elapsed time.Duration
		want    time.Duration
	}{
		{0, 0, 3700 * time.Second},
		{0, time.Minute, 3700 * time.Second}, // of reading
		{100, 200 * time.Second, 3500 * time.Second},
		{100, 100 * time.Second, 3500 * time.Second}, // some were there already
		{250, time.Hour, 100 * time.Second},
		{250, 2 * time.Hour, 200 * time.Second},
		{300, time.Hour, 0},
		{301, time.Hour, 0},
	} {
		if got := github.Left(load, test.done, test.elapsed); got.Round(time.Second) != test.want {
			t.Errorf("%d done after %s: %s left, want %s", test.done, test.elapsed, got, test.want)
		}
	}
}
