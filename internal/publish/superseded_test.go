package publish_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// The changes are grouped otherwise than at the last run: what a was for is in x, and what b was for in y. A pull
// request stays open until the one that supersedes it is there, and counts as closed for a limit only where all that
// is to be opened fits into it.
func TestPullsThatAreSuperseded(t *testing.T) {
	t.Parallel()
	const byX, byY = "a: it is superseded by #3", "b: it is superseded by #4"
	for _, tc := range []struct {
		name   string
		before func(*stage)
		want   string
		closed string
	}{
		{"all of it", func(*stage) {}, "x created #3 pushed, y created #4 pushed, 2 push", byY + ", " + byX},
		{"one is refused", func(s *stage) { s.fail["open y"] = forge.ErrInvalid }, "x created #3 pushed, y failed pushed in part, 2 push", byX},
		{"one is left for another run", func(s *stage) { s.options.MaxNew = 1 }, "x created #3 pushed, y planned, 2 push", byX},
		{"one is left to a person", func(s *stage) { gittest.Git(s.t, s.server.Dir, "branch", "propagate/base--service-y", "main") }, "x created #3 pushed, y left-alone pushed, 2 push", byX},
		{"as many as may be open", func(s *stage) { s.options.MaxOpen = 2 }, "x created #3 pushed, y created #4 pushed, 2 push", byY + ", " + byX},
		{"more than may be open", func(s *stage) { s.options.MaxOpen = 1 }, "x planned, y planned, 0 push", ""},
		{"another line of a file waits", func(s *stage) { s.still = []string{"b/Dockerfile"} }, "x created #3 pushed, y created #4 pushed, 2 push", byY + ", " + byX},
		{"one is not to be changed any more", func(s *stage) { s.changes = s.changes[:1] }, "x created #3 pushed, 2 push", "b: nothing of it is to be changed any more, " + byX},
		{"one waits", func(s *stage) { s.changes, s.still = s.changes[:1], []string{"b/Dockerfile"} }, "x created #3 pushed, 2 push", byX},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			if _, _, err := s.publish(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.options.Whole = true
			for i, service := range []string{"x", "y"} {
				s.changes[i].Branch, s.changes[i].GroupSlug = "propagate/base--service-"+service, "service-"+service
			}
			tc.before(s)
			got, _, err := s.publish(t.Context())
			if err != nil || got != tc.want {
				t.Errorf("got  %s, %v\nwant %s", got, err, tc.want)
			}
			var all []string
			for _, c := range s.result.Closed {
				all = append(all, fmt.Sprintf("%s: %s", short(c.Branch), c.Why))
				if tip, _ := gittest.Try(t, s.server.Dir, "rev-parse", "--verify", "--quiet", c.Branch); tip != "" || c.Err != nil {
					t.Errorf("branch %s is at %q, %v; want it deleted", c.Branch, tip, c.Err)
				}
			}
			if closed := strings.Join(all, ", "); closed != tc.closed {
				t.Errorf("closed %q, want %q", closed, tc.closed)
			}
		})
	}
}
