package bumper

import (
	"context"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/scanner"
)

// upcoming returns the versions of a derived base that a moving tag brings the patch to: those
// that it is said to be published in, and, where other references say themselves that it has
// the patch, those that are written and that nobody is on yet.
func (p *planner) upcoming(ctx context.Context, item *Item, image *graph.Node) (tags []string, ahead bool) {
	versions, err := p.versions(image)
	if err != nil {
		return nil, false
	}
	for _, v := range versions {
		counts := v.next() != "" || v.hasScheme() || p.isMadeOfBase(item.Node, v.places)
		if p.assumed(image, v.now) == "" && item.proved && len(v.places) > 0 && counts && newerThanUsed(image, v.now) && !p.isBeforeBase(ctx, item, v) {
			tags, ahead = append(tags, v.now.Text), true
		}
	}
	return p.withAssumed(image, tags), ahead
}

// isBeforeBase reports whether a version was written before something that the item is based on got the patch: it is
// edited now, or the history tells.
func (p *planner) isBeforeBase(ctx context.Context, item *Item, v version) bool {
	return slices.ContainsFunc(item.File.Refs, func(ref *scanner.Ref) bool {
		return ref.Exposure > scanner.Unreachable && slices.ContainsFunc(p.Graph.ImagesOf(ref), func(image *graph.Node) bool {
			t := p.targets[image]
			return t != nil && t.maker != nil && (t.maker.Action == ActionBump || t.maker.settled() && p.wasSaid(ctx, placed{image, v.places[0].String()}, t.maker, v))
		})
	})
}
