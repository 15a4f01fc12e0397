package makefile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/trace"
)

// listFunction returns what the functions give that choose from lists, change words or look for
// files. ok is false for another one, or where what it gives is not known.
func (e *expander) listFunction(name string, args []trace.Text) (_ trace.Text, ok bool) {
	words := reading.FieldsOf(args[len(args)-1])
	if !e.Step(8 * len(words)) {
		return trace.Text{}, false
	}
	vague := slices.ContainsFunc(words, func(w trace.Text) bool { return strings.Contains(w.S, reading.Unknown) })
	number := func(i int) int {
		n, err := strconv.Atoi(strings.TrimSpace(args[i].S))
		if err != nil || n < 0 {
			return -1
		}
		return n
	}
	switch {
	case name == "wildcard" && len(args) == 1:
		var files []trace.Text
		for _, w := range words {
			files = append(files, shell.GlobIn(&e.Fuel, e.tree, reading.Workplace{Starts: e.starts, Cwd: reading.StartDir}, w.S)...)
		}
		return reading.JoinWith(" ", files), !vague
	case vague:
		return trace.Text{}, false
	case (name == "filter" || name == "filter-out") && len(args) == 2:
		patterns := reading.FieldsOf(args[0])
		if strings.Contains(args[0].S, reading.Unknown) || !e.Step(len(patterns)*len(words)) {
			return trace.Text{}, false
		}
		words = slices.DeleteFunc(slices.Clone(words), func(w trace.Text) bool {
			isIn := slices.ContainsFunc(patterns, func(p trace.Text) bool {
				_, ok := fits(w, p.S)
				return ok || w.S == p.S || p.S == "%"
			})
			return isIn != (name == "filter")
		})
	case name == "sort" && len(args) == 1:
		words = slices.Clone(words)
		slices.SortStableFunc(words, func(a, b trace.Text) int { return strings.Compare(a.S, b.S) })
		words = slices.CompactFunc(words, func(a, b trace.Text) bool { return a.S == b.S })
	case name == "subst" && len(args) == 3:
		if args[0].S == "" || strings.Contains(args[0].S+args[1].S, reading.Unknown) || !e.Step(len(args[2].S)) {
			return trace.Text{}, false
		}
		var all []trace.Text
		for i, part := range shell.Split(args[2], args[0].S) {
			if i > 0 {
				all = append(all, args[1])
			}
			all = append(all, part)
		}
		t := trace.Join(all...)
		return t, len(t.S) <= reading.MaxScript && e.Use(len(t.S))
	case name == "word" && len(args) == 2:
		if n := number(0); n > 0 && n <= len(words) {
			return words[n-1], true
		}
		return trace.Text{}, number(0) > 0
	case name == "wordlist" && len(args) == 3:
		from, to := number(0), number(1)
		if from < 1 || to < 0 {
			return trace.Text{}, false
		}
		to = min(to, len(words))
		words = words[min(from-1, to):to]
	case name == "words" && len(args) == 1:
		return trace.Plain(strconv.Itoa(len(words))), true
	case (name == "basename" || name == "suffix") && len(args) == 1:
		var all []trace.Text
		for _, w := range words {
			dot := strings.LastIndexByte(w.S, '.')
			if dot < strings.LastIndexByte(w.S, '/') {
				dot = -1
			}
			switch {
			case name == "suffix" && dot >= 0:
				all = append(all, w.Slice(dot, len(w.S)))
			case name == "basename" && dot >= 0:
				all = append(all, w.Slice(0, dot))
			case name == "basename":
				all = append(all, w)
			}
		}
		words = all
	default:
		return trace.Text{}, false
	}
	return reading.JoinWith(" ", words), true
}

// printedBy returns what a command prints, as one line.
func (e *expander) printedBy(command trace.Text) trace.Text {
	t, ok := shell.PrintedBy(e.tree, &e.Fuel, e.starts, command)
	if !ok {
		return trace.Plain(reading.Unknown)
	}
	return reading.JoinWith(" ", reading.LinesOf(t))
}
