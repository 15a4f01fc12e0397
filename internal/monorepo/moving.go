package monorepo

import (
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// noteMoving says where a plan counts builds as up to date by a guess. `--base debian@12` finds builds on debian:12, which is the
// version that was asked for, and the tag may name another image by now.
func (r *Repository) noteMoving(p *bumper.Plan) []*source.Error {
	var notes []*source.Error
	for _, bump := range p.Bumps {
		on := r.onMoving(p, bump)
		if len(on) == 0 {
			continue
		}
		tag := imageref.Ref{Repository: bump.Image, Tag: bump.Tag}.String()
		notes = append(notes, &source.Error{
			Pos: on[0], Code: source.CodeMovingTag,
			Err:  fmt.Errorf("what is on %s counts as up to date at %s, and that tag may name another image by now", tag, source.Count(len(on), "place")),
			Hint: fmt.Sprintf("give the digest that the registry has for the tag now, and it is rebuilt: --base %s@%s@sha256:…", bump.Image, bump.Tag),
		})
	}
	return notes
}

// onMoving returns the places of references to the very tag of a bump, each once, in builds that the plan counts as up to date. There are
// none for an image that is made here, since a person knows how its versions look, and for a bump that leaves another tag (`--from 11`),
// which is not about this one. A bump with a digest counts no such build as up to date.
func (r *Repository) onMoving(p *bumper.Plan, bump bumper.Bump) (on []source.Pos) {
	isMade := slices.ContainsFunc(p.Graph.Lines(bump.Image), func(line *graph.Node) bool { return line.Maker() != nil })
	if isMade || !imageref.Follows(bump.Tag) || bump.From != "" && bump.From != bump.Tag {
		return nil
	}
	vendored := r.vendored()
	for _, item := range p.Items {
		if _, isVendored := vendored(item.File.Path); isVendored || item.Action != bumper.ActionUpToDate {
			continue
		}
		for _, ref := range item.File.Refs {
			isOn := ref.Repository() == bump.Image && ref.Image.Tag == bump.Tag && ref.Image.Digest == "" && ref.Exposure > scanner.Unreachable
			isSaid := slices.Contains(on, ref.Pos) || r.Config.IgnoresProblem(config.Problem{Code: source.CodeMovingTag, Path: ref.Pos.Path})
			if isOn && !isSaid {
				on = append(on, ref.Pos)
			}
		}
	}
	return on
}
