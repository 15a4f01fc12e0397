package graph

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	gonum "gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/topo"

	"github.com/matihlabs/propagate/internal/source"
)

// A ClaimError says that several Dockerfiles make one image.
type ClaimError struct {
	Image  string
	Claims []Claim // by path
}

// Error names the image, the files, and how each came to claim it.
func (e *ClaimError) Error() string {
	var by []string
	for _, claim := range e.Claims {
		rule := claim.Rule.String()
		if claim.Where != "" {
			rule += " " + claim.Where
		}
		by = append(by, fmt.Sprintf("%s (by %s)", claim.Path, rule))
	}
	return fmt.Sprintf("%s is made by %d Dockerfiles: %s", e.Image, len(e.Claims), strings.Join(by, ", "))
}

// Hint says how to tell them apart.
func (e *ClaimError) Hint() string {
	return "say in the configuration, under images:, which of them makes it"
}

// Code returns source.CodeTwoMakers.
func (e *ClaimError) Code() source.Code { return source.CodeTwoMakers }

// A CycleError says that images are made from each other in a circle.
type CycleError struct {
	Edges []*Edge // one circle, beginning with the edge to its first Dockerfile by path
}

// Error names every Dockerfile of the circle with the line that closes it.
func (e *CycleError) Error() string {
	var steps []string
	for _, edge := range e.Edges {
		if edge.T.Kind == Dockerfile {
			steps = append(steps, fmt.Sprintf("%s needs %s", edge.Refs[0].Pos, edge.F.Key))
		} else {
			steps[len(steps)-1] += fmt.Sprintf(" and makes %s", edge.T.Key)
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

// Check reports what is wrong with the graph as a whole: the first *ClaimError
// by image, else the first *CycleError by path, else nil.
func (g *Graph) Check() error {
	all := map[int64]bool{}
	for _, node := range g.nodes {
		if node.contested() {
			return &ClaimError{Image: node.Key, Claims: node.Claims}
		}
		all[node.id] = true
	}
	_, err := g.order(all)
	return err
}

// sorted returns the nodes of part so that every edge leads forward, equals by
// id; a *CycleError if that cannot be.
func sorted(part gonum.Directed) ([]*Node, error) {
	order, err := topo.SortStabilized(part, nil)
	if err != nil {
		var unorderable topo.Unorderable
		if !errors.As(err, &unorderable) {
			return nil, err
		}
		return nil, cycle(part, unorderable)
	}
	nodes := make([]*Node, len(order))
	for i, node := range order {
		nodes[i] = node.(*Node)
	}
	return nodes, nil
}

// cycle picks one circle from the components that cannot be ordered, always the
// same: a shortest one through the Dockerfile that is first by path.
func cycle(part gonum.Directed, components topo.Unorderable) *CycleError {
	var first *Node
	member := map[int64]bool{}
	for _, component := range components {
		for _, n := range component {
			if node := n.(*Node); node.Kind == Dockerfile && (first == nil || byID(node, first) < 0) {
				first = node
				clear(member)
				for _, m := range component {
					member[m.ID()] = true
				}
			}
		}
	}
	came := map[int64]*Edge{} // the edge by which the search first came to a node
	queue := []*Node{first}
	for len(queue) > 0 && came[first.id] == nil {
		node := queue[0]
		queue = queue[1:]
		var next []*Edge
		for to := part.From(node.id); to.Next(); {
			if id := to.Node().ID(); member[id] && came[id] == nil {
				next = append(next, part.Edge(node.id, id).(*Edge))
			}
		}
		slices.SortFunc(next, func(a, b *Edge) int { return byID(a.T, b.T) })
		for _, edge := range next {
			came[edge.T.id] = edge
			queue = append(queue, edge.T)
		}
	}
	edges := []*Edge{came[first.id]}
	for edges[0].F != first {
		edges = append([]*Edge{came[edges[0].F.id]}, edges...)
	}
	// Read from the need on: the edge that leads to the first Dockerfile goes first.
	edges = append(edges[len(edges)-1:], edges[:len(edges)-1]...)
	return &CycleError{Edges: edges}
}
