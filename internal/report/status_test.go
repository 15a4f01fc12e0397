package report_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/report"
)

func rollout(version string, patched int) *report.Status {
	s := &report.Status{Bases: []report.StatusBase{{Base: report.Base{Image: "reg/java", Version: version}}}}
	s.Totals = report.StatusTotals{Builds: 2, Patched: patched, NoPull: 2 - patched}
	return s
}

// The table stands between its marks in the text of an issue, and what people write stays.
func TestWithin(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- propagate status of reg/java@1.0.1 -->", "<!-- end of propagate status of reg/java@1.0.1 -->"
	table := func(text string) string { return begin + "\n" + text + "\n" + end }
	old, other := rollout("1.0.1", 0).Within(""), strings.TrimSpace(rollout("2.0.1", 0).Within(""))
	is := strings.TrimSpace(rollout("1.0.1", 1).Within(""))
	for _, tc := range []struct{ name, body, want string }{
		{"of nothing", "", is + "\n"},
		{"behind a text", "Ours.\n", "Ours.\n\n" + is + "\n"},
		{"in place of the old one", "Ours.\n\n" + old + "Below.", "Ours.\n\n" + is + "\nBelow."},
		{"as it is", "Ours.\r\n\r\n" + strings.ReplaceAll(is, "\n", "\r\n"), "Ours.\r\n\r\n" + strings.ReplaceAll(is, "\n", "\r\n")},
		{"beside another rollout", other + "\n", other + "\n\n" + is + "\n"},
		{"of two", other + "\n\n" + old, other + "\n\n" + is + "\n"},
		{"without its end", begin + "\nwhat a person left", "\nwhat a person left\n\n" + is + "\n"},
		{"which a person has edited", table("nonsense") + "\nBelow.", is + "\nBelow."},
	} {
		got := rollout("1.0.1", 1).Within(tc.body)
		if got != tc.want {
			t.Errorf("%s: it is\n%q\nwant\n%q", tc.name, got, tc.want)
		}
		if again := rollout("1.0.1", 1).Within(got); again != got {
			t.Errorf("%s: again it is\n%q\nbefore\n%q", tc.name, again, got)
		}
	}
}

// The line that sums up names what there is, and nothing else.
func TestSum(t *testing.T) {
	t.Parallel()
	for want, totals := range map[string]report.StatusTotals{
		"37 of 41 patched, 3 waiting for checks, 1 closed by a person": {Builds: 41, Patched: 37, ChecksPending: 3, Closed: 1},
		"2 of 2 patched; 1 more never edited":                          {Builds: 2, Patched: 2, Excluded: 1},
		"0 of 6 patched, 1 with failed checks, 1 to be merged, 1 to be published, 1 merged, and not known as published, 1 waiting for a derived base, 1 left for a person": {
			Builds: 6, ChecksFailed: 1, Unmerged: 1, Unpublished: 1, Unknown: 1, Waiting: 1, Left: 1,
		},
		"nothing depends on it": {},
	} {
		if got := (&report.Status{Totals: totals}).Sum(); got != want {
			t.Errorf("it is %q, want %q", got, want)
		}
	}
}

// Text of a repository is no markup in the table, and very long tables are cut.
func TestStatusMarkdown(t *testing.T) {
	t.Parallel()
	s := rollout("1.0.1", 0)
	for range 1000 {
		s.Builds = append(s.Builds, report.StatusBuild{Base: "reg/java@1.0.1", Path: "a|b/@ada/#1/Dockerfile", Exposure: "runtime", Current: "1.0.0", Stage: "left", Reason: "level"})
	}
	text := s.Markdown()
	if len(text) > 60000 || !strings.Contains(text, "more, for which there is no room here") {
		t.Errorf("the text has %d bytes", len(text))
	}
	for _, markup := range []string{"a|b", "@ada", " #1"} {
		if strings.Contains(text, markup) {
			t.Errorf("the text holds %q:\n%.500s", markup, text)
		}
	}
}
