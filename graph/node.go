package graph

import (
	"path"
	"slices"
	"strings"

	gonum "gonum.org/v1/gonum/graph"

	"github.com/matihlabs/propagate/scanner"
)

// NodeKind tells the two kinds of node apart.
type NodeKind uint8

// The kinds of node.
const (
	Image NodeKind = iota + 1
	Dockerfile
)

// A Node is an image or a Dockerfile.
type Node struct {
	id     int64 // the rank of kind and key, so that what gonum sorts by id is in a useful order
	Kind   NodeKind
	Key    string        // the repository of an image, the path of a Dockerfile
	File   *scanner.File // nil for an image
	Claims []Claim       // who makes an image; more than one is a contradiction
	out    []*Edge       // that leave it, by the ids of their ends
}

// ID implements gonum's graph.Node.
func (n *Node) ID() int64 { return n.id }

// An Edge leads from an image to a Dockerfile that names it, or from a
// Dockerfile to an image that it makes.
type Edge struct {
	F, T *Node
	Refs []*scanner.Ref // the references that make an edge to a Dockerfile, in the order of the file
}

// From returns the node that the edge leaves. With To and ReversedEdge it
// implements gonum's graph.Edge.
func (e *Edge) From() gonum.Node { return e.F }

// To returns the node that the edge leads to.
func (e *Edge) To() gonum.Node { return e.T }

// ReversedEdge returns the edge with its ends exchanged.
func (e *Edge) ReversedEdge() gonum.Edge { return &Edge{F: e.T, T: e.F, Refs: e.Refs} }

// Exposure returns the strongest exposure of the references of an edge to a
// Dockerfile; the edge to an image has runtime, since the image is what ships.
func (e *Edge) Exposure() scanner.Exposure {
	if e.T.Kind == Image {
		return scanner.Runtime
	}
	exposure := scanner.Unreachable
	for _, ref := range e.Refs {
		exposure = max(exposure, ref.Exposure)
	}
	return exposure
}

// contested reports whether it matters that several Dockerfiles make the image: one
// that is built depends on it.
func (n *Node) contested() bool {
	return len(n.Claims) > 1 && slices.ContainsFunc(n.out, func(e *Edge) bool { return !e.loops() && e.Exposure() > scanner.Unreachable })
}

// loops reports whether the edge leads from an image to the Dockerfile that makes
// it. An image that is built on an earlier version of itself is no circle.
func (e *Edge) loops() bool {
	for _, claim := range e.F.Claims {
		if claim.Path == e.T.Key && e.T.Kind == Dockerfile {
			return true
		}
	}
	return false
}

// Rule is how it is known which Dockerfile makes an image, the strongest first.
type Rule uint8

// The rules.
const (
	Configured Rule = iota + 1 // the configuration says so
	BuildFile                  // a build file of the repository says so
	Named                      // the Dockerfile or its directory is called like the image
	Command                    // a command in a script of the repository builds it
)

// String returns "configuration", "build file", "name" or "command".
func (r Rule) String() string {
	return [...]string{"", "configuration", "build file", "name", "command"}[r]
}

// A Claim says that a Dockerfile makes an image.
type Claim struct {
	Image string // the repository, canonical
	Path  string // the Dockerfile
	Rule  Rule
	Where string // path:line of the configuration or build file; "" for Named

	Context string // the directory of its build context, from the root; "" where that is not known
	Target  string // the stage that is shipped as this image; "" is the last
	Tag     string // that the image gets; "" where it is not known

	Tags     []string // the tags that it gets, where these are known; in order
	Patterns []string // of the configuration: tags that it makes, with * for any run of characters
}

// Name returns what a Dockerfile is called in tables and branch names: its
// directory, and what tells it from other Dockerfiles there.
func Name(p string) string {
	dir, variant := path.Base(path.Dir(p)), scanner.Variant(p)
	switch {
	case dir == "." && variant == "":
		return "root"
	case dir == "." || strings.EqualFold(dir, variant):
		return variant
	case variant == "":
		return dir
	}
	return dir + "-" + variant
}
