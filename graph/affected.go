package graph

import (
	"cmp"
	"path"
	"slices"

	"gonum.org/v1/gonum/graph/simple"

	"github.com/matihlabs/propagate/scanner"
)

// A Dependent is a Dockerfile that depends on a patched base.
type Dependent struct {
	File     *scanner.File
	Name     string
	Base     bool             // others depend on its image: a derived base, not a service
	Exposure scanner.Exposure // of the base in its image, the weakest link of the strongest chain
	Wave     int              // 1 stands on a patched base alone; one more than the latest derived base that it waits for
	through  *link            // see Through
	Images   []string         // the patched and rebuilt images that it names, sorted
	Makes    []string         // the images that it makes, sorted
	Context  string           // the directory of its build context from the root, "." for the root
}

// Through returns the images from a patched base to the one that the dependent names:
// a shortest chain, the first by name of several.
func (d Dependent) Through() []string { return d.through.images() }

// Affected returns the Dockerfiles that depend on the patched bases, by path:
// those on a base itself, those on an image that such a Dockerfile makes, and so
// on. A base that is given is published already, so nobody waits for a Dockerfile
// of the repository that makes it.
//
// A Dockerfile that needs the base only in stages that its target does not build
// is among them with exposure Unreachable, and what it makes is not followed.
//
// The error is a *CycleError, or a *ClaimError for an image on the way that two
// Dockerfiles claim.
func (g *Graph) Affected(bases []string) ([]Dependent, error) {
	reached, err := g.reach(bases)
	if err != nil {
		return nil, err
	}
	order, err := g.order(reached)
	if err != nil {
		return nil, err
	}
	given := set(bases)
	states := map[int64]*state{}
	for _, base := range bases {
		if node := g.images[base]; node != nil {
			states[node.id] = &state{exposure: scanner.Runtime, chain: &link{image: base, length: 1}}
		}
	}
	// What is only named in stages that are not built comes last, so that it
	// changes nothing for a Dockerfile that is reached otherwise.
	for _, built := range []bool{true, false} {
		for _, node := range order {
			from := states[node.id]
			if from == nil || from.exposure == scanner.Unreachable {
				continue
			}
			for _, edge := range node.out {
				if !reached[edge.T.id] || given[edge.T.Key] || !given[node.Key] && edge.loops() || built != (edge.Exposure() > scanner.Unreachable) {
					continue
				}
				if states[edge.T.id] == nil {
					states[edge.T.id] = &state{}
				}
				states[edge.T.id].arrive(from, edge)
			}
		}
	}
	var dependents []Dependent
	for _, node := range g.Dockerfiles() {
		if s := states[node.id]; s != nil {
			slices.Sort(s.images)
			dependents = append(dependents, Dependent{
				File: node.File, Name: Name(node.Key), Base: g.hasDependents(node), Exposure: s.exposure, Wave: s.wave,
				through: s.chain, Images: s.images, Makes: g.Makes(node.Key), Context: g.context(node),
			})
		}
	}
	return dependents, nil
}

// state is what is known of a node on the way from the bases.
type state struct {
	exposure scanner.Exposure
	wave     int
	chain    *link // of images; for an image it ends with the image itself
	images   []string
}

// A link is the end of a chain of images. Chains share what they have in common, since
// there are as many as there are nodes.
type link struct {
	image  string
	before *link
	length int
}

// images returns the images of a chain, from its beginning.
func (l *link) images() []string {
	if l == nil {
		return nil
	}
	all := make([]string, l.length)
	for ; l != nil; l = l.before {
		all[l.length-1] = l.image
	}
	return all
}

// better reports whether a chain is to be shown rather than another: it is shorter, or
// comes first by name.
func (l *link) better(other *link) bool {
	switch {
	case other == nil:
		return true
	case l.length != other.length:
		return l.length < other.length
	}
	first := false // what stands nearest to the beginning decides
	for ; l != other; l, other = l.before, other.before {
		if l.image != other.image {
			first = l.image < other.image
		}
	}
	return first
}

// arrive takes in that edge leads here from a node in state from.
func (s *state) arrive(from *state, edge *Edge) {
	chain, wave := from.chain, from.wave
	if edge.T.Kind == Image {
		chain = &link{image: edge.T.Key, before: chain, length: chain.length + 1}
	} else {
		s.images = append(s.images, edge.F.Key)
		wave++
	}
	if edge.Exposure() == scanner.Unreachable && s.exposure > scanner.Unreachable {
		return
	}
	if chain.better(s.chain) {
		s.chain = chain
	}
	s.wave = max(s.wave, wave)
	s.exposure = max(s.exposure, min(from.exposure, edge.Exposure()))
}

// reach marks the nodes that a patch of bases comes to. Through a Dockerfile
// that does not build what it needs of them it goes no further.
func (g *Graph) reach(bases []string) (map[int64]bool, error) {
	reached := map[int64]bool{}
	var queue []*Node
	for _, base := range bases {
		if node := g.images[base]; node != nil && !reached[node.id] {
			reached[node.id] = true
			queue = append(queue, node)
		}
	}
	given, built := set(bases), map[int64]bool{}
	for len(queue) > 0 {
		node := queue[0]
		queue = queue[1:]
		if !given[node.Key] && node.contested() {
			return nil, &ClaimError{Image: node.Key, Claims: node.Claims}
		}
		for _, edge := range node.out {
			to := edge.T
			reached[to.id] = true
			if edge.Exposure() > scanner.Unreachable && !built[to.id] {
				built[to.id] = true
				if !given[to.Key] {
					queue = append(queue, to)
				}
			}
		}
	}
	return reached, nil
}

// order sorts the reached nodes so that every edge leads forward. What stands in
// stages that are not built is no dependence, so it closes no circle.
func (g *Graph) order(reached map[int64]bool) ([]*Node, error) {
	part := simple.NewDirectedGraph()
	for _, node := range g.nodes {
		if reached[node.id] {
			part.AddNode(node)
		}
	}
	for _, node := range g.nodes {
		if !reached[node.id] {
			continue
		}
		for _, edge := range node.out {
			if reached[edge.T.id] && edge.Exposure() > scanner.Unreachable && !edge.loops() {
				part.SetEdge(edge)
			}
		}
	}
	return sorted(part)
}

// context returns the directory that a Dockerfile is built in: its own where no
// build file says otherwise.
func (g *Graph) context(file *Node) string {
	for _, made := range file.out {
		for _, claim := range made.T.Claims {
			if claim.Path == file.Key && claim.Context != "" {
				return claim.Context
			}
		}
	}
	return path.Dir(file.Key)
}

func (g *Graph) hasDependents(file *Node) bool {
	return slices.ContainsFunc(file.out, func(made *Edge) bool {
		return slices.ContainsFunc(made.T.out, func(use *Edge) bool { return use.T != file })
	})
}

func set(names []string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, name := range names {
		m[name] = true
	}
	return m
}

// byID orders nodes as they are numbered.
func byID(a, b *Node) int { return cmp.Compare(a.id, b.id) }
