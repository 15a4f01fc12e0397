package bumper

import (
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/graph"
)

// join lets items that get a new tag give it to what other builds make as well, where those have the patch already:
// nothing is edited there but the tag. One of two architectures was moved before the other, say. It reports whether
// there are any that did not. One that cannot do so moves without its tag, unless it can at once.
func (p *planner) join(items map[*graph.Node]*Item) (found bool) {
	for _, item := range p.Items {
		for _, image := range item.Makes {
			joined := p.joined[image]
			switch {
			case p.held[image] != "":
				continue
			case item.Action != ActionBump && len(joined) > 0 && !movesLater(item):
				p.held[image] = fmt.Sprintf("which %s makes too, by a tag that cannot move along", joined[0].Maker().Label)
				continue
			case item.Action != ActionBump:
				continue
			}
			for _, build := range p.Graph.Partners(image) {
				other := items[build]
				if other == nil || !other.settled() || p.keeps(other.File) {
					continue
				}
				for _, theirs := range other.Makes {
					if !slices.Contains(joined, theirs) && p.isWithin(theirs, image) {
						p.joined[image], found = append(p.joined[image], theirs), true
					}
				}
			}
		}
	}
	return found
}

// isWithin reports whether an image has tags, and all of them are written and are those of another one as well.
func (p *planner) isWithin(theirs, image *graph.Node) bool {
	if theirs.Key != image.Key {
		return false
	}
	versions, err := p.versions(image)
	all, theirErr := p.versions(theirs)
	return err == nil && theirErr == nil && len(all) > 0 && !slices.ContainsFunc(all, func(v version) bool {
		return len(v.places) == 0 || samePlaced(versions, v) < 0
	})
}

// samePlaced returns which of the versions is at the tag of v, and is written somewhere; -1 for none.
func samePlaced(versions []version, v version) int {
	return slices.IndexFunc(versions, func(o version) bool { return o.now.Text == v.now.Text && len(o.places) > 0 })
}

// joinedWith returns the image along with which another one gets its next tag, the first by path; nil for none.
func (p *planner) joinedWith(image *graph.Node) (first *graph.Node) {
	for with, all := range p.joined {
		if p.held[with] == "" && slices.Contains(all, image) && (first == nil || with.ID() < first.ID()) {
			first = with
		}
	}
	return first
}

// withJoined returns the versions of an image as an item's own, with the places of the images that get their next
// tags along.
func (p *planner) withJoined(image *graph.Node, versions []version) []version {
	versions = slices.Clone(versions)
	for _, theirs := range p.joined[image] {
		all, _ := p.versions(theirs)
		for _, v := range all {
			if i := samePlaced(versions, v); i >= 0 {
				versions[i].places = slices.Concat(versions[i].places, v.places)
			}
		}
	}
	return versions
}
