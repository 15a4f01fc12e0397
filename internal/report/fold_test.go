package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The first three of one cause are listed, wherever they are, and the rest is one line with its
// count; what would save no line is listed.
func TestFold(t *testing.T) {
	for spec, want := range map[string]string{
		"":                       "",
		"a1 b1 a2":               "a1 a2 b1",
		"a1 a2 a3 a4":            "a1 a2 a3 a4",
		"a1 a2 a3 a4 a5":         "a1 a2 a3 [2 more a]",
		"a1 b1 a2 a3 a4 a5 a6":   "a1 a2 a3 [3 more a] b1",
		"-1 -2 -3 -4 -5 -6":      "-1 -2 -3 -4 -5 -6",
		"-1 a1 -2 a2 -3":         "-1 a1 a2 -2 -3",
		"b1 a1 b2 b3 b4 a2 b5 b": "b1 b2 b3 [3 more b] a1 a2",
	} {
		var lines []line
		for _, word := range strings.Fields(spec) {
			l := line{row: word, cause: word[:1], more: "more " + word[:1]}
			if l.cause == "-" {
				l.cause = ""
			}
			lines = append(lines, l)
		}
		rows, folded := fold(lines, false)
		for i, r := range rows {
			if strings.HasPrefix(r, "  ") {
				rows[i] = "[" + r[2:] + "]"
			}
		}
		if got := strings.Join(rows, " "); got != want || folded != strings.Contains(want, "[") {
			t.Errorf("%q: %q (%v), want %q", spec, got, folded, want)
		}
		whole, folded := fold(lines, true)
		words := strings.Fields(spec)
		slices.Sort(whole)
		slices.Sort(words)
		if !slices.Equal(whole, words) || folded {
			t.Errorf("%q: all are %q (%v)", spec, whole, folded)
		}
	}
}

// Words are cut at a blank, and characters are never cut in two.
func TestShorten(t *testing.T) {
	for words, want := range map[string]string{
		"short":                          "short",
		strings.Repeat("é", widest):      strings.Repeat("é", widest),
		strings.Repeat("é", widest+1):    strings.Repeat("é", widest) + " …",
		strings.Repeat("four, ", widest): strings.TrimSuffix(strings.Repeat("four, ", widest/6), ", ") + " …",
	} {
		if got := shorten(words); got != want {
			t.Errorf("%.20q: %q, want %q", words, got, want)
		}
	}
}

// The trees that are left are named, up to a few.
func TestVendoredLine(t *testing.T) {
	for n, want := range map[int]string{
		0: "",
		1: "  1 Dockerfile is left as vendored, in trees that nothing outside builds: 0",
		4: "  4 Dockerfiles are left as vendored, in trees that nothing outside builds: 0, 1, 2, 3",
		6: "  6 Dockerfiles are left as vendored, in trees that nothing outside builds: 0, 1, 2, 3 more",
	} {
		var v vendoredLine
		for i := range 2 * n {
			v.add(fmt.Sprint(i%n, "/Dockerfile"), fmt.Sprint(i%n))
		}
		if got := v.text(); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
