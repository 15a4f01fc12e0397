package shell

import (
	"slices"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// Which branch of a script runs is often not known. A variable that its branches assign
// has several values then, one for each branch, and a command that uses it is followed
// for each of them.

// maxWays bounds the combinations of values for which one command is followed. Of more
// what they have in common is known.
const maxWays = 8

// maxFollowed bounds how often commands of one file are followed for one of several values,
// and maxIdle what that may take where no command that builds is met, and nothing is told to later steps.
const (
	maxFollowed = 2000
	maxIdle     = reading.FuelPerFile / 128
)

// A choice is that between the branches of a conditional.
type choice struct{ n int }

// A way is one branch of a choice.
type way struct {
	choice *choice
	branch int
}

// Picked returns the value of a variable in the branches that are followed. That of
// another choice is that of its first branch, and wanted is told of it.
func (s *Shell) Picked(v Variable) Variable {
	for v.choice != nil {
		at := slices.IndexFunc(s.ways, func(w way) bool { return w.choice == v.choice })
		switch {
		case at < 0 && (s.Asks == 0 || s.blind > 0):
			v = s.common(v)
		case at < 0:
			s.Want, v = v.choice, v.by[0]
		default:
			v = v.by[s.ways[at].branch]
		}
	}
	s.doubt = s.doubt || v.doubt
	return v
}

// get returns the value of a variable.
func (s *Shell) get(name string) Variable { return s.Picked(s.Vars[name]) }

// put assigns a variable in the branches that are followed.
func (s *Shell) put(name string, v Variable) {
	s.Vars[name] = s.merged(s.Vars[name], s.ways, v)
	if len(s.ways) > 0 {
		s.puts = append(s.puts, name)
	}
}

func (s *Shell) merged(old Variable, ways []way, v Variable) Variable {
	if len(ways) == 0 || !s.Run.Use(ways[0].choice.n) {
		return v
	}
	first := ways[0]
	by := make([]Variable, first.choice.n)
	for i := range by {
		by[i] = old
		if old.choice == first.choice {
			by[i] = old.by[i]
		}
	}
	by[first.branch] = s.merged(by[first.branch], ways[1:], v)
	return either(first.choice, by)
}

// maxValuesOf bounds the values of one variable.
const maxValuesOf = 256

// either returns a variable with a value for each branch of a choice.
func either(c *choice, by []Variable) Variable {
	v := Variable{choice: c, by: by}
	for _, b := range by {
		v.size += 1 + b.size
	}
	if v.size > maxValuesOf {
		return OneWord(trace.Plain(reading.Unknown))
	}
	return v
}

// each evaluates words and does something with them: once for each value of the
// choices that they depend on.
func (s *Shell) each(evaluate, do func()) {
	outer := s.Want
	s.Want = nil
	s.Asks++
	evaluate()
	s.Asks--
	want := s.Want
	s.Want = outer
	if want == nil || s.Captured {
		if want != nil {
			s.Want = want // what is printed depends on it
		}
		do()
		return
	}
	n, combinations := want.n, s.combinations
	if s.Run.followed += n; combinations*n > maxWays || s.Run.followed > maxFollowed || s.Run.idle > maxIdle {
		s.Run.cut = true
		s.blind++
		s.Want = nil
		evaluate()
		s.Want = outer
		do()
		s.blind--
		return
	}
	s.combinations = combinations * n
	stop, left, met := s.stop, s.Run.Left, s.Run.met+s.Run.heard
	ends := endScript // what it does for all of them
	for k := range n {
		if s.Over() || !s.Run.Step(0) {
			break
		}
		s.stop = stop
		s.within(way{want, k}, func() { s.each(evaluate, do) })
		ends = min(ends, s.stop)
	}
	s.stop = ends
	s.combinations = combinations
	if s.Run.met+s.Run.heard == met {
		s.Run.idle += left - s.Run.Left
	}
}

// within follows something in one branch of a choice.
func (s *Shell) within(w way, do func()) {
	ways := s.ways
	s.ways = append(ways[:len(ways):len(ways)], w)
	do()
	s.ways = ways
}

// choose follows branches of which one is taken, and nobody knows which.
func (s *Shell) choose(branches ...func()) {
	if len(branches) > reading.MaxBuilds {
		branches = branches[:reading.MaxBuilds]
	}
	c := &choice{len(branches)}
	before, puts := s.length(), len(s.puts)
	for k, follow := range branches {
		s.within(way{c, k}, func() {
			place := s.Place
			s.branch++
			follow()
			s.branch--
			s.Place = place
		})
		s.stop = goOn // for all that is known
	}
	if s.length() != before {
		s.lose() // one of these is what is printed
	}
	names := s.puts[puts:]
	slices.Sort(names)
	names = slices.Compact(names)
	s.puts = s.puts[:puts+len(names)]
	for _, name := range names {
		v := s.Vars[name]
		if !s.Run.Step(v.size) {
			return
		}
		if settled, ok := v.without(c); ok {
			s.Vars[name] = settled
		}
	}
	if len(s.ways) == 0 {
		s.puts = nil
	}
}

// without returns a variable without a choice that makes no difference to it. In a branch
// in which its value is not known it has that of another.
func (v Variable) without(c *choice) (_ Variable, changed bool) {
	if v.choice == nil {
		return v, false
	}
	if v.choice != c {
		by := slices.Clone(v.by)
		for i := range by {
			settled, ok := by[i].without(c)
			by[i], changed = settled, changed || ok
		}
		if !changed {
			return v, false
		}
		return either(v.choice, by), true
	}
	by := slices.Clone(v.by)
	known := slices.IndexFunc(by, func(b Variable) bool { return b.choice != nil || !b.isUnknown() })
	if known < 0 {
		return by[0], true
	}
	all := true
	for i := range by {
		if by[i].choice == nil && by[i].isUnknown() {
			by[i] = by[known]
			by[i].doubt = true
		}
		all = all && by[i].same(by[known])
	}
	if all {
		return by[known], true
	}
	return either(c, by), true
}

// isUnknown reports whether nothing is known of a variable.
func (v Variable) isUnknown() bool {
	return !v.array && (len(v.Words) == 0 || len(v.Words) == 1 && v.Words[0].S == reading.Unknown)
}

func (v Variable) isSet() bool { return v.Words != nil || v.array || v.choice != nil }

func (v Variable) same(other Variable) bool {
	equal := func(a, b trace.Text) bool { return a.S == b.S && a.Beside(b) }
	return v.choice == other.choice && v.array == other.array && v.doubt == other.doubt && len(v.by) == 0 &&
		slices.EqualFunc(v.Words, other.Words, equal) && slices.EqualFunc(v.keys, other.keys, equal)
}
