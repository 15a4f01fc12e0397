package buildfile

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/trace"
)

// pair adds the values of a matrix that its include and exclude name again: an entry counts for
// the combinations whose values are its own, and with one of both alone edited it would be for
// none.
func (w *workflow) pair(matrix *yaml.Node) {
	for _, axis := range pairs(matrix) {
		if axis.key.Value == "include" || axis.key.Value == "exclude" || axis.value == nil || axis.value.Kind != yaml.SequenceNode {
			continue
		}
		for _, value := range items(axis.value) {
			var again []*yaml.Node
			for _, list := range []string{"include", "exclude"} {
				for _, entry := range items(get(matrix, list)) {
					if n := get(entry, axis.key.Value); same(n, value, 0) {
						again = append(again, n)
					}
				}
			}
			w.group(value, again, 0)
		}
	}
}

// group adds what is in a value of a matrix together with the same in other places.
func (w *workflow) group(value *yaml.Node, again []*yaml.Node, depth int) {
	value = resolve(value)
	if value == nil || len(again) == 0 || depth > maxDepth || !w.run.use(len(again)) {
		return
	}
	if value.Kind == yaml.ScalarNode {
		group := []trace.Text{w.text(value)}
		for _, n := range again {
			group = append(group, w.text(n))
		}
		w.twins = append(w.twins, group)
		return
	}
	for i, n := range value.Content {
		var inner []*yaml.Node
		for _, a := range again {
			inner = append(inner, resolve(a).Content[i]) // it is the same value
		}
		w.group(n, inner, depth+1)
	}
}

// Along returns a function that says what has to be replaced along with a change: the twins of
// the values of a matrix that it changes.
func (r *Result) Along() func(change trace.Replacement) []trace.Replacement {
	var groups [][]trace.Text
	for _, build := range r.Builds {
		groups = append(groups, build.Twins...)
	}
	return func(change trace.Replacement) []trace.Replacement {
		var all []trace.Replacement
		for _, group := range groups {
			for _, value := range group {
				at, ok := placeIn(value, change)
				if !ok {
					continue
				}
				for _, other := range group {
					pieces := other.Slice(at, at+change.Span.Len()).Pieces()
					if len(pieces) != 1 || pieces[0].File == nil {
						continue // the proof of the edits finds that the builds are others
					}
					twin := trace.Replacement{File: pieces[0].File, Span: pieces[0].Span, Old: change.Old, New: change.New}
					if twin.Span != change.Span && !slices.ContainsFunc(all, func(known trace.Replacement) bool { return known.Span == twin.Span }) {
						all = append(all, twin)
					}
				}
			}
		}
		return all
	}
}

// placeIn returns where in a value a change begins; ok is false where it is not all of it inside.
func placeIn(value trace.Text, change trace.Replacement) (at int, ok bool) {
	for _, piece := range value.Pieces() {
		if piece.File != nil && piece.File.Path == change.File.Path && piece.Span.Start <= change.Span.Start && change.Span.End <= piece.Span.End {
			return at + change.Span.Start - piece.Span.Start, true
		}
		at += len(piece.S)
	}
	return 0, false
}
