package buildfile

import (
	"slices"

	"github.com/matihlabs/propagate/internal/trace"
)

// Along returns a function that says what has to be replaced along with a change: the twins of
// the values of a matrix that it changes, and the option of an input whose default it changes, if no other option
// is the new default.
func (r *Result) Along() func(change trace.Replacement) []trace.Replacement {
	var groups, choices [][]trace.Text
	for _, build := range r.Builds {
		groups = append(groups, build.Twins...)
		choices = append(choices, build.Choices...)
	}
	return func(change trace.Replacement) []trace.Replacement {
		var all []trace.Replacement
		for _, group := range slices.Concat(groups, moving(choices, change)) {
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

// moving returns of each choice whose default a change is in the default and its option, where no other option is what
// the default becomes.
func moving(choices [][]trace.Text, change trace.Replacement) (pairs [][]trace.Text) {
	for _, choice := range choices {
		at, ok := placeIn(choice[0], change)
		if !ok {
			continue
		}
		value := choice[0].S[:at] + change.New + choice[0].S[at+change.Span.Len():]
		if !slices.ContainsFunc(choice[2:], func(other trace.Text) bool { return other.S == value }) {
			pairs = append(pairs, choice[:2])
		}
	}
	return pairs
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
