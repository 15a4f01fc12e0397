package shell

import (
	"slices"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// common returns what is the same of a variable in all branches that nobody follows: of arrays that only end in other ways
// the words in front. A command with more combinations of values than are followed is read with that.
func (s *Shell) common(v Variable) Variable {
	for v.choice != nil {
		at := slices.IndexFunc(s.ways, func(w way) bool { return w.choice == v.choice })
		if at >= 0 {
			v = v.by[s.ways[at].branch]
			continue
		}
		first := s.common(v.by[0])
		for _, b := range v.by[1:] {
			if !s.Run.Use(1 + len(first.Words)) {
				return OneWord(trace.Plain(reading.Unknown))
			}
			first = shared(first, s.common(b))
		}
		return first
	}
	return v
}

// shared returns what two values have in common.
func shared(a, b Variable) Variable {
	if a.array != b.array || a.assoc || b.assoc || !a.array && (len(a.Words) != 1 || len(b.Words) != 1) {
		return OneWord(trace.Plain(reading.Unknown))
	}
	v := Variable{array: a.array, doubt: a.doubt || b.doubt}
	for i := range min(len(a.Words), len(b.Words)) {
		x, y := a.Words[i], b.Words[i]
		switch {
		case x.S == many || y.S == many: // what is behind may be any of them
			v.Words = append(v.Words, trace.Plain(many))
			return v
		case x.S == y.S && x.Beside(y):
			v.Words = append(v.Words, x)
		case len(a.Words) != len(b.Words): // from here on it is not known what stands where
			v.Words = append(v.Words, trace.Plain(many))
			return v
		default:
			v.Words = append(v.Words, trace.Plain(reading.Unknown))
		}
	}
	if len(a.Words) != len(b.Words) {
		v.Words = append(v.Words, trace.Plain(many))
	}
	return v
}
