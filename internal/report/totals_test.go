package report_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/report"
)

// The last line of a plan can be read aloud: how many builds move, to what, and what became of the changes.
func TestLastLineOfAPlan(t *testing.T) {
	t.Parallel()
	const pinned = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	base := func(name, version string) report.Base {
		return report.Base{Image: "reg.example/" + name, Version: version}
	}
	planned := outcomes(1, publish.Planned, 0, nil)
	for _, test := range []struct {
		name     string
		outcomes []publish.Outcome
		bases    []report.Base
		bump     int
		want     string
	}{
		{"no change", nil, []report.Base{base("java", "1.0.1")}, 0, "no build moves to java 1.0.1"},
		{"one build", planned, []report.Base{base("java", "1.0.1")}, 1, "1 build moves to java 1.0.1 in 0 places, in 1 change"},
		{"several", planned, []report.Base{base("java", "1.0.1")}, 12, "12 builds move to java 1.0.1 in 0 places, in 1 change"},
		{"a record alone", planned, []report.Base{base("java", "1.0.1")}, 0, "no build moves to java 1.0.1, 0 other edits in 1 change"},
		{"two bases", planned, []report.Base{base("java", "1.0.1"), base("node", pinned)}, 2, "2 builds move to java 1.0.1 and node sha256:111111111111 in 0 places, in 1 change"},
		{"many bases", planned, []report.Base{base("a", "1"), base("b", "1"), base("c", "1")}, 3, "3 builds move to new versions of 3 bases in 0 places, in 1 change"},
		{"pull requests", outcomes(2, publish.Created, 7, nil), []report.Base{base("java", "1.0.1")}, 2, "2 builds move to java 1.0.1 in 0 places, in 2 pull requests (created)"},
		{"some of each", slices.Concat(outcomes(2, publish.Created, 7, nil), outcomes(1, publish.Unchanged, 0, nil)), []report.Base{base("java", "1.0.1")}, 3, "3 builds move to java 1.0.1 in 0 places, in 3 changes (2 created, 1 unchanged)"},
	} {
		doc := document(publish.Result{Outcomes: test.outcomes})
		doc.Bases, doc.Totals.Bump = test.bases, test.bump
		var b strings.Builder
		if err := doc.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		if got := lines[len(lines)-1]; got != test.want {
			t.Errorf("%s: it ends with %q, want %q", test.name, got, test.want)
		}
	}
}

// Where nothing is based on what is patched, such as a version on a line of its own, nothing is up to date either.
func TestNothingDependsOnIt(t *testing.T) {
	t.Parallel()
	for standing, want := range map[int]string{
		0: "nothing to do: no build depends on this line or version\n",
		2: "nothing to do: all that depends on it is up to date\n",
	} {
		doc := document(publish.Result{})
		doc.Bases, doc.Totals = []report.Base{{Image: "reg.example/java", Version: "19.0.1"}}, report.Totals{StandOnIt: standing, UpToDate: standing}
		var b strings.Builder
		if err := doc.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("%d builds depend on it: %s", standing, b.String())
		}
	}
}

// Builds of one Dockerfile on one version are one row, at the place of the first.
func TestRowsOfWhatIsRebuilt(t *testing.T) {
	t.Parallel()
	doc := document(publish.Result{})
	doc.Rebuilt = []report.Rebuilt{
		{Path: "b/Dockerfile", Current: "1", Wave: 1}, {Path: "a/Dockerfile", Current: "1", Wave: 1}, {Path: "b/Dockerfile", Current: "1", Wave: 1},
		{Path: "b/Dockerfile", Current: "2", Wave: 1}, {Path: "b/Dockerfile", Target: "x", Current: "1", Wave: 2},
	}
	var b strings.Builder
	if err := doc.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	if want := "rebuilt without an edit, their tags move\n  b/Dockerfile  1\n  a/Dockerfile  1\n  b/Dockerfile  2\n"; !strings.Contains(b.String(), want) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

// Builds of one Dockerfile that wait for the same are one row, too, and what more is said to wait is counted in rows.
func TestRowsOfWhatWaits(t *testing.T) {
	t.Parallel()
	doc := document(publish.Result{})
	doc.Pending = nil
	for _, path := range []string{"a", "b", "b", "c", "d", "d", "e"} {
		doc.Pending = append(doc.Pending, report.Pending{Path: path + "/Dockerfile", Target: fmt.Sprint(len(doc.Pending)), Wave: 2, WaitsFor: []string{"reg.example/mid:2.0.1"}})
	}
	var b strings.Builder
	if err := doc.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	const row = "/Dockerfile  wave 2  reg.example/mid:2.0.1\n"
	if want := "waiting for a derived base\n  a" + row + "  b" + row + "  c" + row + "  2 more wait for mid:2.0.1\n"; !strings.Contains(b.String(), want) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}
