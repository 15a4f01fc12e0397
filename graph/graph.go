package graph

import (
	"slices"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// A Graph holds the images and builds of one repository.
type Graph struct {
	nodes  []*Node // by id: images first, each kind by key
	count  int     // of images
	named  map[string]int
	images map[string][]*Node // by repository, or what a build file calls an image without one
	builds map[*scanner.File]*Node

	lines        map[*scanner.Ref]answer // of references to images of several lines
	repositories map[string]*repository
	notes        []Note
}

// An answer is which images a reference is to.
type answer struct {
	images []*Node
	fit    fit
}

// Images returns the images, or their lines, by repository and line.
func (g *Graph) Images() []*Node { return g.nodes[:g.count] }

// Builds returns the builds, by path.
func (g *Graph) Builds() []*Node { return g.nodes[g.count:] }

// Node returns the node of a build.
func (g *Graph) Node(build *scanner.File) *Node { return g.builds[build] }

// Lines returns the lines of an image, by tag; one for most.
func (g *Graph) Lines(repository string) []*Node { return g.images[repository] }

// ImagesOf returns the images that a reference is to: one, or several lines of one where it
// is not clear which it is.
func (g *Graph) ImagesOf(ref *scanner.Ref) []*Node {
	if a, ok := g.lines[ref]; ok {
		return a.images
	}
	name := ref.Repository()
	if name == "" {
		name = ref.Link
	}
	return g.images[name]
}

// SameLine reports whether a tag may be on the line of a reference that no build makes, of an
// image of several lines: it shares as many leading numbers with it as tell the lines
// apart. It holds for any other reference.
func (g *Graph) SameLine(ref *scanner.Ref, tag string) bool {
	a, ok := g.lines[ref]
	r := g.repositories[ref.Repository()]
	if !ok || tag == "" || r == nil || len(r.makers) < 2 || slices.ContainsFunc(a.images, func(n *Node) bool { return n.maker != nil }) {
		return true
	}
	is, other := imageref.LineOf(ref.Image.Tag), imageref.LineOf(tag)
	needed := 1
	for i, m := range r.makers {
		for _, o := range r.makers[:i] {
			x, okX := m.line(is, sameFlavour)
			y, okY := o.line(is, sameFlavour)
			if okX && okY {
				needed = max(needed, 1+x.Shared(y))
			}
		}
	}
	return is.Shared(other) >= min(needed, len(is.Numbers), len(other.Numbers))
}

// Claimants returns the builds that claim the very tag that a reference names, where they
// are several and nothing tells which of them makes it; none for any other reference.
func (g *Graph) Claimants(ref *scanner.Ref) []*Node {
	a, ok := g.lines[ref]
	if !ok || len(a.images) < 2 || a.fit != fitsTag && a.fit != fitsUnknown {
		return nil
	}
	var makers []*maker
	for _, image := range a.images {
		makers = append(makers, &maker{build: image.maker})
	}
	if !contested(makers) {
		return nil
	}
	return g.MakersOf(ref)
}

// Partners returns the other builds that make, or may make, a tag of an image that somebody
// refers to, or is on the line of: for another architecture, or because two claim it. They are
// by path.
func (g *Graph) Partners(image *Node) []*Node {
	var partners []*Node
	for _, use := range image.Uses() {
		for _, ref := range use.Refs {
			a, ok := g.lines[ref]
			if !ok {
				continue
			}
			for _, other := range a.images {
				if isOne := a.fit == fitsTag || a.fit == fitsUnknown || a.fit == fitsLine && image.sharesTag(other); !isOne || other == image {
					continue
				}
				if other.maker != nil && !slices.Contains(partners, other.maker) {
					partners = append(partners, other.maker)
				}
			}
		}
	}
	slices.SortFunc(partners, byID)
	return partners
}

// MakersOf returns the builds that make what a reference names, by path: none for an image
// from outside, several where it is not clear which.
func (g *Graph) MakersOf(ref *scanner.Ref) []*Node {
	var makers []*Node
	for _, image := range g.ImagesOf(ref) {
		if image.maker != nil {
			makers = append(makers, image.maker)
		}
	}
	slices.SortFunc(makers, byID)
	return makers
}

// LinesOf returns the lines of an image that a tag is meant for; all of them for "".
// Of an image of several lines, a tag that is on none is meant for what none of them makes.
func (g *Graph) LinesOf(repository, tag string) []*Node {
	all := g.images[repository]
	r := g.repositories[repository]
	if tag == "" || r == nil || len(r.makers) == 1 && !r.makers[0].isPart() {
		return all
	}
	makers, how := fits(r.makers, tag)
	if how == fitsNearest {
		makers = nil // a version that no build is at
	}
	return slices.DeleteFunc(slices.Clone(all), func(n *Node) bool {
		if n.maker == nil {
			return len(makers) > 0
		}
		return !slices.ContainsFunc(makers, func(m *maker) bool { return m.build == n.maker })
	})
}

// Notes says what could not be told of who makes what, by image.
func (g *Graph) Notes() []Note { return g.notes }

// Find returns the repositories that name fits, sorted: the one that it is
// whole, or else all whose last path components it is.
func (g *Graph) Find(name string) []string {
	if nodes := g.images[name]; nodes != nil && !nodes[0].Nameless {
		return []string{name}
	}
	var found []string
	for _, node := range g.Images() {
		if !node.Nameless && imageref.Matches(node.Key, name) && !slices.Contains(found, node.Key) {
			found = append(found, node.Key)
		}
	}
	return found
}

// Namesakes returns how many images have the last path component that repository has.
func (g *Graph) Namesakes(repository string) int { return g.named[imageref.Base(repository)] }

// References returns the references to a repository, by Dockerfile and place.
func (g *Graph) References(repository string) []*scanner.Ref {
	r := g.repositories[repository]
	if r == nil {
		return nil
	}
	var refs []*scanner.Ref
	for _, use := range r.uses {
		refs = append(refs, use.refs...)
	}
	return refs
}

// Edges returns all edges, by the ids of their ends.
func (g *Graph) Edges() []*Edge {
	var edges []*Edge
	for _, node := range g.nodes {
		edges = append(edges, node.out...)
	}
	return edges
}
