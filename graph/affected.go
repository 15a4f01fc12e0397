package graph

import (
	"cmp"
	"path"
	"slices"

	"gonum.org/v1/gonum/graph/simple"
	"gonum.org/v1/gonum/graph/topo"

	"github.com/matihlabs/propagate/scanner"
)

// A Dependent is a build that depends on a patched base.
type Dependent struct {
	Node     *Node
	File     *scanner.File
	Name     string
	Base     bool             // others depend on its image: a derived base, not a service
	Exposure scanner.Exposure // of the base in its image, the weakest link of the strongest chain
	Wave     int              // 1 is based on a patched base alone; one more than the latest derived base that it waits for
	through  *link            // see Through
	Images   []*Node          // the patched and rebuilt images that it refers to, by repository and line
	Makes    []*Node          // the images that it makes, by repository and line
	Context  string           // the directory of its build context from the root, "." for the root
	Circle   *CycleError      // it is on a circle; nil for most
}

// Through returns the images from a patched base to the one that the dependent names:
// a shortest chain, the first by name of several.
func (d Dependent) Through() []*Node { return d.through.images() }

// Assumed reports whether it depends on all of the patched and rebuilt images on platforms alone
// that nothing says it is built for, or on images that are rebuilt here if a similar name is theirs.
func (d Dependent) Assumed() bool {
	for _, image := range d.Images {
		if d.Wave > 1 && image.IsSimilar() {
			continue
		}
		for _, edge := range image.out {
			if edge.T == d.Node.Whole() && !edge.Assumed() {
				return false
			}
		}
	}
	return len(d.Images) > 0
}

// Affected returns the builds that depend on the patched bases, and of files that are none the parts ([Node.Parts]), by path:
// those on a base itself, those on an image that such a build makes, and so
// on. A base that is given is published already, so nobody waits for a build
// of the repository that makes it.
//
// A build that needs the base only in stages that its target does not reach
// is among them with exposure Unreachable, and what it makes is not followed.
func (g *Graph) Affected(bases []*Node) []Dependent {
	reached := g.reach(bases)
	given := make(map[*Node]bool, len(bases))
	states := map[*Node]*state{}
	for _, base := range bases {
		given[base] = true
		states[base] = &state{exposure: scanner.Runtime, chain: &link{image: base, length: 1}}
	}
	order, circles := g.order(reached)
	// What is only named in stages that are not built comes last, so that it
	// changes nothing for a build that is reached otherwise.
	for _, built := range []bool{true, false} {
		for known := -1; known < len(states); {
			known = len(states)
			for _, node := range order {
				from := states[node]
				if from == nil || from.exposure == scanner.Unreachable {
					continue
				}
				for _, edge := range node.out {
					if !reached[edge.T.id] || given[edge.T] || !given[node] && edge.loops() || built != (edge.Exposure() > scanner.Unreachable) {
						continue
					}
					if states[edge.T] == nil {
						states[edge.T] = &state{}
					}
					states[edge.T].arrive(from, edge)
				}
			}
			if !circles {
				break // else what lies on or behind a circle may have been passed over
			}
		}
	}
	var dependents []Dependent
	for _, node := range g.Builds() {
		if s := states[node]; s != nil {
			for _, part := range node.Parts() {
				if part != node {
					s = g.stateOf(part, states)
				}
				if s.exposure == scanner.Unreachable && part != node {
					continue
				}
				slices.SortFunc(s.images, byID)
				dependents = append(dependents, Dependent{
					Node: part, File: part.File, Name: Name(node.Key), Base: node.hasDependents(), Exposure: s.exposure, Wave: s.wave,
					through: s.chain, Images: slices.Compact(s.images), Makes: node.Makes(), Context: node.BuildContext(), Circle: node.circle,
				})
			}
		}
	}
	return dependents
}

// stateOf returns the state of one part of a file. It comes from the references of that part alone.
func (g *Graph) stateOf(part *Node, states map[*Node]*state) *state {
	s := &state{}
	for _, ref := range part.File.Refs {
		for _, image := range g.ImagesOf(ref) {
			if from := states[image]; from != nil && from.exposure > scanner.Unreachable {
				s.arrive(from, &Edge{F: image, T: part, Refs: []*scanner.Ref{ref}})
			}
		}
	}
	return s
}

// state is what is known of a node on the way from the bases.
type state struct {
	exposure scanner.Exposure
	wave     int
	chain    *link // of images; for an image it ends with the image itself
	images   []*Node
}

// A link is the end of a chain of images. Chains share what they have in common, since
// there are as many as there are nodes.
type link struct {
	image  *Node
	before *link
	length int
}

// images returns the images of a chain, from its beginning.
func (l *link) images() []*Node {
	if l == nil {
		return nil
	}
	all := make([]*Node, l.length)
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
			first = byID(l.image, other.image) < 0
		}
	}
	return first
}

// arrive takes in that edge leads here from a node in state from.
func (s *state) arrive(from *state, edge *Edge) {
	chain, wave := from.chain, from.wave
	if edge.T.Kind == Image {
		chain = &link{image: edge.T, before: chain, length: chain.length + 1}
	} else {
		s.images = append(s.images, edge.F)
		wave++
	}
	if edge.Exposure() == scanner.Unreachable && s.exposure > scanner.Unreachable {
		return
	}
	if chain.better(s.chain) {
		s.chain = chain
	}
	if edge.T.circle == nil || edge.F.circle != edge.T.circle || s.wave == 0 {
		s.wave = max(s.wave, wave)
	}
	s.exposure = max(s.exposure, min(from.exposure, edge.Exposure()))
}

// reach marks the nodes that a patch of bases comes to. Through a build
// that does not reach what it needs of them it goes no further.
func (g *Graph) reach(bases []*Node) []bool {
	reached, built := make([]bool, len(g.nodes)), make([]bool, len(g.nodes))
	given := make(map[*Node]bool, len(bases))
	queue := slices.Clone(bases)
	for _, base := range bases {
		reached[base.id], given[base] = true, true
	}
	for n := 0; n < len(queue); n++ {
		for _, edge := range queue[n].out {
			to := edge.T
			reached[to.id] = true
			if edge.Exposure() > scanner.Unreachable && !built[to.id] {
				built[to.id] = true
				if !given[to] {
					queue = append(queue, to)
				}
			}
		}
	}
	return reached
}

// order sorts the reached nodes so that every edge leads forward, but for those of circles.
func (g *Graph) order(reached []bool) (nodes []*Node, circles bool) {
	part := simple.NewDirectedGraph()
	for _, node := range g.nodes {
		if reached[node.id] {
			part.AddNode(node)
			circles = circles || node.circle != nil
		}
	}
	for _, node := range g.nodes {
		if !reached[node.id] {
			continue
		}
		for _, edge := range node.out {
			if reached[edge.T.id] && edge.closes() && (node.circle == nil || node.circle != edge.T.circle) {
				part.SetEdge(edge)
			}
		}
	}
	order, err := topo.SortStabilized(part, nil)
	if err != nil {
		panic("graph: a circle that was not found: " + err.Error())
	}
	nodes = make([]*Node, len(order))
	for i, node := range order {
		nodes[i] = node.(*Node)
	}
	return nodes, circles
}

// Dependent returns a build as one that is rebuilt for a change of its own: in wave 1, with what it makes.
func (n *Node) Dependent() Dependent {
	return Dependent{
		Node: n, File: n.File, Name: Name(n.Key), Base: n.hasDependents(), Exposure: scanner.Runtime, Wave: 1,
		Makes: n.Makes(), Context: n.BuildContext(), Circle: n.circle,
	}
}

// BuildContext returns the directory that a build is run in: that of its Dockerfile where no
// build file says otherwise.
func (n *Node) BuildContext() string {
	for _, made := range n.out {
		for _, claim := range made.T.Claims {
			if claim.Context != "" {
				return claim.Context
			}
		}
	}
	return path.Dir(n.Key)
}

// hasDependents reports whether another build depends on an image that a build makes.
func (n *Node) hasDependents() bool {
	return slices.ContainsFunc(n.out, func(made *Edge) bool {
		return slices.ContainsFunc(made.T.out, func(use *Edge) bool { return use.T != n })
	})
}

// IsConsumed reports whether a build other than its maker is based on an image.
func (n *Node) IsConsumed() bool {
	maker := n.Maker()
	return slices.ContainsFunc(n.Uses(), func(use *Edge) bool { return use.T != maker })
}

// byID orders nodes as they are numbered.
func byID(a, b *Node) int { return cmp.Compare(a.id, b.id) }
