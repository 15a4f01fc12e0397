package bumper

import (
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// targetOf returns what a reference to an image is to move to: the person's word where it is on
// a version that is to be left, or was; nil for none.
func (p *planner) targetOf(image *graph.Node, current imageref.Ref) *target {
	t, other := p.moved[image], p.targets[image]
	switch {
	case t == nil:
	case slices.ContainsFunc(t.bumps, func(b Bump) bool { return current.IsZero() || b.leaves(current) }),
		!other.mayMean(current) && slices.ContainsFunc(t.bumps, func(b Bump) bool { return b.arrived(current) }):
		return t
	}
	return other
}

// mayMean reports whether a reference may be for a target: for a base, it is in the scheme of
// one of its bumps.
func (t *target) mayMean(current imageref.Ref) bool {
	return t != nil && (t.maker != nil || imageref.Relate(current.Tag, t.given(current).Tag) != imageref.Variant)
}

// given returns the bump of a base that is meant for a reference: the one with the version that
// it is on or has come to, that of its very tag, else that of its scheme, or the first.
func (t *target) given(image imageref.Ref) Bump {
	best := t.bumps[0]
	for _, bump := range t.bumps {
		if bump.leaves(image) || bump.isOfTag() && bump.isOn(image) {
			return bump
		}
	}
	for _, bump := range t.bumps {
		switch {
		case bump.arrived(image):
			return bump
		case !best.mayConcern(image):
			best = bump
		case bump.mayConcern(image) && nearer(image.Tag, bump.Tag, best.Tag):
			best = bump
		}
	}
	return best
}

// nearer reports whether a tag goes to one version rather than to another: of 3.11.10 and 3.12.7, 3.12.4
// goes to the second. One of its own scheme comes before all others, one that is newer before one that is
// older, and of newer ones the smallest step counts.
func nearer(current, tag, than string) bool {
	rank := func(s imageref.Step) int {
		switch s {
		case imageref.Variant:
			return int(imageref.Major) + 2
		case imageref.Older:
			return int(imageref.Major) + 1
		}
		return int(s)
	}
	return rank(imageref.Relate(current, tag)) < rank(imageref.Relate(current, than))
}

// chosen returns the bump of a base that is meant for a reference.
func (p *planner) chosen(ref *scanner.Ref, t *target) Bump {
	if p.Chosen != nil {
		if bump, ok := p.Chosen(ref); ok && slices.Contains(t.bumps, bump) {
			return bump
		}
	}
	return t.given(ref.Image)
}
