package bumper

import (
	"cmp"
	"slices"

	"github.com/matihlabs/propagate/graph"
)

// makersFirst orders dependents by wave, and each behind those that make what it refers to: what
// becomes of a derived base decides what its consumers need. Both may be of one wave where a base
// that is bumped is rebuilt for another one.
func makersFirst(g *graph.Graph, dependents []graph.Dependent) []graph.Dependent {
	slices.SortStableFunc(dependents, func(a, b graph.Dependent) int { return cmp.Compare(a.Wave, b.Wave) })
	at := map[*graph.Node]int{}
	for i, d := range dependents {
		at[d.Node] = i
	}
	ordered := make([]graph.Dependent, 0, len(dependents))
	done := make([]bool, len(dependents))
	var add func(i int)
	add = func(i int) {
		if done[i] {
			return
		}
		done[i] = true
		for _, ref := range dependents[i].File.Refs {
			for _, image := range g.ImagesOf(ref) {
				if maker, ok := at[image.Maker()]; ok && dependents[maker].Circle == nil {
					add(maker)
				}
			}
		}
		ordered = append(ordered, dependents[i])
	}
	for i := range dependents {
		add(i)
	}
	return ordered
}

// sources returns the paths of the files in which what Dockerfiles refer to is written,
// sorted.
func sources(dependents []graph.Dependent) []string {
	var paths []string
	for _, dependent := range dependents {
		paths = append(paths, dependent.File.Origin.Path)
		for _, ref := range dependent.File.Refs {
			paths = append(paths, ref.Sources()...)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}
