package publish_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/forge"
)

// A pull request that a person closed holds for its versions and for older ones. A newer one has a pull request again.
// Each of several versions of one image is compared to the one that is nearest, since the description may tell no
// lines any more, and a version that does not compare is no newer one.
func TestPullsByVersions(t *testing.T) {
	t.Parallel()
	first, second := "sha256:"+strings.Repeat("1", 64), "sha256:"+strings.Repeat("2", 64)
	subjects := func(versions string) (all []bumper.Subject) {
		for version := range strings.FieldsSeq(versions) {
			all = append(all, bumper.Subject{Image: "docker.io/example/base", Version: version})
		}
		return all
	}
	for _, tc := range []struct {
		closed, now string
		again       bool // there is a pull request again
	}{
		{"1.0.1", "1.0.1", false},
		{"1.0.1", "1.0.2", true},
		{"1.0.2", "1.0.1", false},
		{"1.0.1@" + first, "1.0.1@" + second, true},
		{first, second, true},
		{"1.0.1", first, true},
		{first, "1.0.1", true},
		{"1.0.1", "1.0.1-alpine", false}, // another flavour
		{"1.0.1", "2025-01-31", false},   // another scheme
		{"17.0.4 21.0.5", "17.0.4 21.0.5", false},
		{"17.0.4 21.0.5", "17.0.4 21.0.6", true},
		{"17.0.4 21.0.5", "17.0.4 21.0.4", false},
		{"21.0.5", "17.0.4 21.0.5", true}, // it had nothing of 17
	} {
		t.Run(tc.closed+" and "+tc.now, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.changes = s.changes[:1]
			s.changes[0].Subjects = subjects(tc.closed)
			if got, _, err := s.publish(t.Context()); err != nil || got != "a created #1 pushed, 1 push" {
				t.Fatal(got, err)
			}
			s.pulls[0].State = forge.Closed
			s.changes[0].Subjects = subjects(tc.now)
			for _, whose := range []string{"as it was opened", "which a person wrote anew"} {
				pulls := slices.Clone(s.pulls)
				got, _, err := s.publish(t.Context())
				if again := strings.HasPrefix(got, "a created #2"); err != nil || again != tc.again || !again && !strings.HasPrefix(got, "a left-alone #1") {
					t.Errorf("by a description %s: %s, %v; want a pull request again: %t", whose, got, err, tc.again)
				}
				s.pulls = pulls
				s.pulls[0].Body = "mine"
			}
		})
	}
}

// Of several closed pull requests of a change the newest counts, whatever its branch is called: with another prefix
// they had other branches.
func TestPullsOfAnotherPrefix(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.changes = s.changes[:1]
	for _, step := range []struct{ branch, version, want string }{
		{"deps/base--service-a", "1.0.1", "deps/base--service-a created #1 pushed, 1 push"},
		{"propagate/base--service-a", "1.0.1", "a left-alone #1, 0 push"},
		{"propagate/base--service-a", "1.0.2", "a created #2 pushed, 1 push"},
		{"propagate/base--service-a", "1.0.2", "a left-alone #2 pushed, 0 push"},
		{"deps/base--service-a", "1.0.2", "deps/base--service-a left-alone #2 pushed, 0 push"},
		{"deps/base--service-a", "1.0.3", "deps/base--service-a created #3 pushed, 0 push"},
	} {
		s.changes[0].Branch = step.branch
		s.changes[0].Subjects = []bumper.Subject{{Image: "docker.io/example/base", Version: step.version}}
		got, _, err := s.publish(t.Context())
		if err != nil || got != step.want {
			t.Fatalf("%s of %s: %s, %v; want %s", step.branch, step.version, got, err, step.want)
		}
		s.pulls[0].State = forge.Closed // by a person
	}
}
