package buildfile

import (
	"slices"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
)

// missed returns the problems without those of commands that are understood where they are
// run in another way: a script with the parameters that it gets, a function with its arguments.
func (r *Result) missed() []reading.Problem {
	understood := map[source.Pos]bool{}
	for _, b := range r.Builds {
		understood[b.Where] = true
	}
	said := map[source.Pos]bool{}
	return slices.DeleteFunc(r.Problems, func(p reading.Problem) bool {
		if p.Code != source.CodeNotUnderstood && p.Code != source.CodeNotRead {
			return false
		}
		drop := understood[p.Pos] || said[p.Pos]
		said[p.Pos] = true
		return drop
	})
}
