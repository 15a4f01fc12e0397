package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/config"
)

// ignores reports whether a Dockerfile is never edited, some day in 2026.
func ignores(c *config.Config, path string) bool {
	_, ok := c.Exempts(path, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC))
	return ok
}

// An entry counts through the end of its last day in UTC, and says why in the words that it has.
// Past it, the next entry that fits counts, and the first is noted at its place.
func TestExemptions(t *testing.T) {
	c, err := config.Parse(".propagate.yaml", []byte(`ignore:
- old
- {path: a, until: 2026-12-31, reason: "waits for\n  the driver", owner: team-ml}
- path: a
  reason: for good
- {path: b/**, owner: '@acme/web', until: "2026-12-31"}
- {path: c, owner: team-c}
- {path: d, reason: frozen, owner: team-d}
- {path: e, until: 2026-12-31}
- {path: f}
`))
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
	for _, tc := range []struct {
		now  time.Time
		want string
	}{
		{day, "old: |a: until 2026-12-31: waits for the driver (team-ml)|b: until 2026-12-31 (@acme/web)|c: by team-c|d: frozen (team-d)|e: until 2026-12-31|f: "},
		{day.In(time.FixedZone("", 14*3600)), "old: |a: until 2026-12-31: waits for the driver (team-ml)|b: until 2026-12-31 (@acme/web)|c: by team-c|d: frozen (team-d)|e: until 2026-12-31|f: "},
		{day.Add(1), "old: |a: for good|c: by team-c|d: frozen (team-d)|f: "},
		{day.Add(1).In(time.FixedZone("", -12*3600)), "old: |a: for good|c: by team-c|d: frozen (team-d)|f: "},
	} {
		var all []string
		for _, dir := range []string{"old", "a", "b", "c", "d", "e", "f", "g"} {
			if e, ok := c.Exempts(dir+"/Dockerfile", tc.now); ok {
				all = append(all, dir+": "+e.String())
			}
		}
		if got := strings.Join(all, "|"); got != tc.want {
			t.Errorf("%s:\n%s, want\n%s", tc.now, got, tc.want)
		}
	}
	if notes := c.Ended(day); len(notes) > 0 {
		t.Errorf("on the last day: %v", notes)
	}
	want := `3:3: ignore: a is edited again: the entry counted until 2026-12-31: waits for the driver (team-ml)
6:3: ignore: b/** is edited again: the entry counted until 2026-12-31 (@acme/web)
9:3: ignore: e is edited again: the entry counted until 2026-12-31
`
	if got := lines(c.Ended(day.Add(1))); got != want {
		t.Errorf("the day after:\n%s, want\n%s", got, want)
	}
}

// The note on an entry that counts no more can be turned off like any other.
func TestEndedIsAProblem(t *testing.T) {
	c, err := config.Parse(".propagate.yaml", []byte("ignore: [{path: a, until: 2026-01-01}]\ndiagnostics: {ignore: [ended-ignore]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if notes := c.Ended(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)); len(notes) > 0 {
		t.Error(notes)
	}
	if notes := c.UnusedFiles(config.Files{Dockerfiles: []string{"a/Dockerfile"}}); len(notes) > 0 {
		t.Error(notes)
	}
}
