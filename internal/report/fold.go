package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/source"
)

// A line is a row of a text that may follow from the same cause as others.
type line struct {
	row   string
	cause string // tells causes apart; "" for a row that stands for itself
	more  string // what rows of this cause have in common, behind their count: "more wait for base-web:1.0.1"
}

// mostOfOneCause is how many rows of one cause are listed one by one, unless all are asked for.
const mostOfOneCause = 3

// fold returns rows in the order of their causes, each where it is first seen. What follows from
// one cause beyond its first rows is one line with a count.
func fold(lines []line, whole bool) (rows []string, folded bool) {
	count := map[string]int{}
	first := map[string]int{}
	for i, l := range lines {
		if _, seen := first[l.cause]; !seen && l.cause != "" {
			first[l.cause] = i
		}
		count[l.cause]++
	}
	place := make([]int, len(lines))
	order := make([]int, len(lines))
	for i, l := range lines {
		place[i], order[i] = i, i
		if l.cause != "" {
			place[i] = first[l.cause]
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(place[a], place[b]) })
	listed := map[string]int{}
	for _, i := range order {
		l := lines[i]
		n := count[l.cause] - mostOfOneCause
		switch {
		case whole, l.cause == "", n < 2, listed[l.cause] < mostOfOneCause: // one line for one row would hide it for nothing
			rows = append(rows, l.row)
		case listed[l.cause] == mostOfOneCause:
			rows, folded = append(rows, fmt.Sprintf("  %d %s", n, Clean(l.more))), true
		}
		listed[l.cause]++
	}
	return rows, folded
}

// listsAll tells how to see what is folded.
const listsAll = "--verbose lists each of them"

// widest is how many characters of a cell for words are shown, unless all is asked for.
const widest = 150

// shorten cuts words at a blank.
func shorten(words string) string {
	if utf8.RuneCountInString(words) <= widest {
		return words
	}
	cut := string([]rune(words)[:widest])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:") + " …"
}

// rank is when a row of a dependent is of use to a person: what is to be done at once, what they
// have to settle, what waits, what is left for good, and what is up to date.
func rank(action, reason string, waits bool) int {
	switch {
	case action == bumper.ActionUpToDate.String():
		return 4
	case waits:
		return 2
	case action != bumper.ActionSkip.String():
		return 0
	case bumper.Reason(reason).NeedsPerson():
		return 1
	}
	return 3
}

// A vendoredLine is what is left in vendored trees, as one line.
type vendoredLine struct{ paths, trees []string }

func (v *vendoredLine) add(path, tree string) {
	if !slices.Contains(v.paths, path) {
		v.paths = append(v.paths, path)
	}
	if !slices.Contains(v.trees, tree) {
		v.trees = append(v.trees, tree)
	}
}

// text returns the line; "" where nothing is left there.
func (v *vendoredLine) text() string {
	if len(v.paths) == 0 {
		return ""
	}
	slices.Sort(v.trees)
	in, are := v.trees, "are"
	const most = 3
	if n := len(in) - most; n > 1 {
		in = append(slices.Clone(in[:most]), fmt.Sprintf("%d more", n))
	}
	if len(v.paths) == 1 {
		are = "is"
	}
	return Clean(fmt.Sprintf("  %s %s left as vendored, in trees that nothing outside builds: %s", source.Count(len(v.paths), "Dockerfile"), are, strings.Join(in, ", ")))
}
