package monorepo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
)

// A flavour is the tag that a release has in a flavour that is in use, and the tags in use
// that it is for.
type flavour struct {
	bump bumper.Bump
	uses []string
}

// flavours returns the tags that the releases of bumps have in the other flavours that
// references are on, in the order of these. What is newer is not among them, a step that is larger
// than level, and what a bump names itself.
func (r *Repository) flavours(bumps []bumper.Bump, level imageref.Step) []flavour {
	var all []flavour
	for _, bump := range bumps {
		if _, isVersion := imageref.ParseTag(bump.Tag); !isVersion || bump.From != "" {
			continue
		}
		for _, ref := range r.Graph().References(bump.Image) {
			use := ref.Image.Tag
			if ref.Image.IsZero() || use == "" && ref.Image.Digest != "" {
				continue
			}
			tag, ok := imageref.InFlavour(bump.Tag, use)
			if !ok || named(bumps, bump.Image, tag) {
				continue
			}
			if step := imageref.Relate(use, tag); step == imageref.Variant || step == imageref.Older || step > max(level, imageref.Patch) {
				continue
			}
			use = imageref.Ref{Repository: bump.Image, Tag: use}.String()
			at := slices.IndexFunc(all, func(f flavour) bool { return f.bump.Image == bump.Image && f.bump.Tag == tag })
			if at < 0 {
				at, all = len(all), append(all, flavour{bump: bumper.Bump{Image: bump.Image, Tag: tag}})
			}
			if !slices.Contains(all[at].uses, use) {
				all[at].uses = append(all[at].uses, use)
			}
		}
	}
	return all
}

// named reports whether one of the bumps of an image is of the flavour of a tag.
func named(bumps []bumper.Bump, image, tag string) bool {
	return slices.ContainsFunc(bumps, func(b bumper.Bump) bool {
		return b.Image == image && b.Tag != "" && imageref.LineOf(b.Tag).Flavour == imageref.LineOf(tag).Flavour
	})
}

// take returns bumps with those of other flavours that a registry has, and notes of those
// that it has not.
func (q *inquiry) take(bumps []bumper.Bump, others []flavour) ([]bumper.Bump, []*source.Error) {
	all := slices.Clone(bumps)
	var notes []*source.Error
	for _, f := range others {
		switch a := q.answers[f.bump.String()]; {
		case a == nil: // its registry is not asked
		case a.err == nil:
			all = append(all, f.bump)
		case a.missing():
			slices.Sort(f.uses)
			notes = append(notes, &source.Error{
				Err:  fmt.Errorf("the registry has no %s, so what is on %s stays", f.bump, strings.Join(f.uses, ", ")),
				Code: source.CodeNoFlavour,
			})
		}
	}
	return all, notes
}
