package publish_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/publish"
)

// What a limit leaves for another run is told by the names of its branches, and is no part of what a run that was
// stopped still had to do.
func TestPullsBeyondALimit(t *testing.T) {
	t.Parallel()
	const b = "propagate/base--service-b"
	each := func(limit publish.Limit) func(*stage) {
		return func(s *stage) {
			for i := range s.changes {
				s.changes[i].Limit = limit
			}
		}
	}
	pause := &forge.RateLimitError{RetryAfter: time.Minute, Err: errors.New("too fast")}
	for _, tc := range []struct {
		name      string
		before    func(*stage)
		want      string
		postponed []string
		left      int // by a run that was stopped; 0 for one that was not
	}{
		{name: "none", before: func(*stage) {}, want: "a created #1 pushed, b created #2 pushed, 1 push"},
		{name: "of new ones", before: func(s *stage) { s.options.MaxNew = 1 }, want: "a created #1 pushed, b planned, 1 push", postponed: []string{b}},
		{name: "of open ones", before: func(s *stage) { s.options.MaxOpen = 1 }, want: "a created #1 pushed, b planned, 1 push", postponed: []string{b}},
		{name: "of a base", before: each(publish.Limit{Key: "base", Most: 1}), want: "a created #1 pushed, b planned, 1 push", postponed: []string{b}},
		{name: "of new ones, and the run is stopped", before: func(s *stage) { s.options.MaxNew, s.fail["open a"] = 1, pause }, want: "a planned pushed in part, b planned, 1 push", postponed: []string{b}, left: 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			tc.before(s)
			got, _, err := s.publish(t.Context())
			if err != nil || got != tc.want || !slices.Equal(s.result.Postponed, tc.postponed) {
				t.Errorf("got  %s, %q left for another run, %v\nwant %s, %q", got, s.result.Postponed, err, tc.want, tc.postponed)
			}
			left := 0
			if s.result.Stopped != nil {
				left = s.result.Stopped.Left
			}
			if left != tc.left {
				t.Errorf("the run that was stopped left %d, want %d", left, tc.left)
			}
		})
	}
}
