package monorepo

import (
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// noteMoving says what counts as up to date and may not be: what is on debian:12 has the version 12, and that tag may name
// another image than when it was built. What is made here gets no note: a person knows how its versions look.
func (r *Repository) noteMoving(p *bumper.Plan) []*source.Error {
	var notes []*source.Error
	for _, bump := range p.Bumps {
		_, isVersion := imageref.ParseTag(bump.Tag)
		isMade := slices.ContainsFunc(p.Graph.Lines(bump.Image), func(line *graph.Node) bool { return line.Maker() != nil })
		if !isVersion || !imageref.Follows(bump.Tag) || bump.Digest != "" || bump.From != "" || bump.Pin || isMade {
			continue
		}
		on := slices.DeleteFunc(slices.Clone(p.Graph.References(bump.Image)), func(ref *scanner.Ref) bool {
			return ref.Image.Tag != bump.Tag || ref.Image.Digest != "" || ref.Exposure == scanner.Unreachable
		})
		if len(on) == 0 {
			continue
		}
		are := "are"
		if len(on) == 1 {
			are = "is"
		}
		notes = append(notes, &source.Error{
			Pos: on[0].Pos, Code: source.CodeMovingTag,
			Err:  fmt.Errorf("%s to %s %s taken for up to date, and that tag may name another image by now", source.Count(len(on), "reference"), on[0].Image.String(), are),
			Hint: fmt.Sprintf("if it does, its digest has them rebuilt: --base %s@%s@sha256:…", bump.Image, bump.Tag),
		})
	}
	return notes
}
