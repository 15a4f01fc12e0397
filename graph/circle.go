package graph

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	gonum "gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/simple"
	"gonum.org/v1/gonum/graph/topo"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// A CycleError says that images are made from each other in a circle.
type CycleError struct {
	Edges []*Edge // one circle, beginning with the edge to its first Dockerfile by path
}

// Error names every Dockerfile of the circle with the line that closes it.
func (e *CycleError) Error() string {
	var steps []string
	for _, edge := range e.Edges {
		if edge.T.Kind == Build {
			steps = append(steps, fmt.Sprintf("%s needs %s", edge.Refs[0].Pos, edge.F.Label))
		} else {
			steps[len(steps)-1] += fmt.Sprintf(" and makes %s", edge.T.Label)
		}
	}
	return "images are made from each other in a circle: " + strings.Join(steps, "; ")
}

// Hint says how to break the circle.
func (e *CycleError) Hint() string {
	return "break the circle, or correct under images: in the configuration which Dockerfile makes which image"
}

// Code returns source.CodeCircle.
func (e *CycleError) Code() source.Code { return source.CodeCircle }

// closes reports whether an edge can be one of a circle. What stands in stages that are not
// built is no dependence, and a build on an earlier tag of its own image none of itself.
func (e *Edge) closes() bool {
	return (e.T.Kind == Image || e.Exposure() > scanner.Unreachable) && !e.loops()
}

// breakCircles finds the circles. One that a guess closes is none: the guess is dropped, first
// those by paths, then those by tags that are not known. The builds of any other know theirs.
func (b *builder) breakCircles() {
	for {
		components := circular(b.nodes)
		dropped := false
		for _, component := range components {
			dropped = b.dropGuesses(component) || dropped
		}
		for _, component := range components {
			dropped = dropped || b.dropUnsure(component)
		}
		if dropped {
			continue
		}
		for _, component := range components {
			circle := shortest(component)
			for node := range component {
				node.circle = circle
			}
		}
		return
	}
}

// dropGuesses takes the images of a circle from the builds that make them by a path or a similar name alone.
func (b *builder) dropGuesses(component map[*Node]bool) (dropped bool) {
	for _, node := range slices.SortedFunc(maps.Keys(component), byID) {
		node.out = slices.DeleteFunc(node.out, func(e *Edge) bool {
			guess := e.guessed && component[e.T]
			if guess {
				by := "path"
				if e.T.Claims[0].Rule == Similar {
					by = "name"
				}
				for _, m := range b.repositories[e.T.Key].makers {
					m.dropped = m.dropped || m.build == node
				}
				e.T.maker, e.T.Claims = nil, nil
				b.note(source.CodeCircle, e.T.Key, e.T.Line, source.Pos{Path: node.Key}, fmt.Sprintf("that it makes %s is guessed by its %s, and would close a circle: it counts for nothing", e.T.Label, by),
					"say which Dockerfile makes it in the configuration: images: {"+node.Key+": "+e.T.Key+"}", node)
				dropped = true
			}
			return guess
		})
	}
	return dropped
}

// circular returns the sets of nodes that are on circles with each other.
func circular(nodes []*Node) []map[*Node]bool {
	left := unordered(nodes)
	if len(left) == 0 {
		return nil
	}
	part := simple.NewDirectedGraph()
	for _, node := range nodes {
		if !left[node] {
			continue
		}
		for _, edge := range node.out {
			if left[edge.T] && edge.closes() {
				part.SetEdge(edge)
			}
		}
	}
	var components []map[*Node]bool
	for _, component := range topo.TarjanSCC(part) {
		if len(component) > 1 {
			components = append(components, members(component))
		}
	}
	return components
}

func members(component []gonum.Node) map[*Node]bool {
	set := map[*Node]bool{}
	for _, n := range component {
		set[n.(*Node)] = true
	}
	return set
}

// unordered returns the nodes that are on a circle, or behind one: what is left when nodes
// that nothing leads to are taken away again and again (Kahn's algorithm).
func unordered(nodes []*Node) map[*Node]bool {
	waits := make([]int, len(nodes))
	for _, node := range nodes {
		for _, edge := range node.out {
			if edge.closes() {
				waits[edge.T.id]++
			}
		}
	}
	var queue []*Node
	for _, node := range nodes {
		if waits[node.id] == 0 {
			queue = append(queue, node)
		}
	}
	done := 0
	for ; done < len(queue); done++ {
		for _, edge := range queue[done].out {
			if !edge.closes() {
				continue
			}
			if waits[edge.T.id]--; waits[edge.T.id] == 0 {
				queue = append(queue, edge.T)
			}
		}
	}
	if done == len(nodes) {
		return nil
	}
	left := map[*Node]bool{}
	for _, node := range nodes {
		if waits[node.id] > 0 {
			left[node] = true
		}
	}
	return left
}

// shortest returns a shortest circle through the build of a component that is first by
// path, always the same.
func shortest(component map[*Node]bool) *CycleError {
	var first *Node
	for node := range component {
		if node.Kind == Build && (first == nil || byID(node, first) < 0) {
			first = node
		}
	}
	came := map[*Node]*Edge{} // the edge by which the search first came to a node
	queue := []*Node{first}
	for len(queue) > 0 && came[first] == nil {
		node := queue[0]
		queue = queue[1:]
		for _, edge := range node.out {
			if component[edge.T] && edge.closes() && came[edge.T] == nil {
				came[edge.T] = edge
				queue = append(queue, edge.T)
			}
		}
	}
	edges := []*Edge{came[first]}
	for edges[0].F != first {
		edges = append([]*Edge{came[edges[0].F]}, edges...)
	}
	// Read from the need on: the edge that leads to the first Dockerfile goes first.
	edges = append(edges[len(edges)-1:], edges[:len(edges)-1]...)
	return &CycleError{Edges: edges}
}

// Check returns the circles of the whole graph, by their first Dockerfile.
func (g *Graph) Check() []*CycleError {
	var all []*CycleError
	for _, node := range g.Builds() {
		if node.circle != nil && !slices.Contains(all, node.circle) {
			all = append(all, node.circle)
		}
	}
	return all
}
