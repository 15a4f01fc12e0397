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
	Build
)

// A Node is one line of an image, or a build.
type Node struct {
	id   int64 // the rank of kind and key, so that what gonum sorts by id is in a useful order
	Kind NodeKind
	Key  string // the repository of an image, or what a build file calls one that has none; the path of a Dockerfile

	// Line tells the lines of an image apart: the newest tag that the build of the line
	// gives it, or the path of the Dockerfile. It is "" for the one line of any other image,
	// and for references to an image of several lines that are on none of them.
	Line string

	Label  string        // tells the node from all others of its kind
	File   *scanner.File // the build; nil for an image
	Claims []Claim       // which build makes the image, and why; the strongest rule first

	Nameless bool // an image without a reference, that other builds of its build file know by a name

	parts  []*Node     // see Parts
	whole  *Node       // of a part
	maker  *Node       // the build that makes the image; nil for none
	circle *CycleError // that it is on; nil for none
	out    []*Edge     // that leave it, by the ids of their ends
}

// ID implements gonum's graph.Node.
func (n *Node) ID() int64 { return n.id }

// Circle returns the circle that a node is on, nil for none.
func (n *Node) Circle() *CycleError { return n.circle }

// Parts returns a file that is no Dockerfile as a node for each reference that moves by itself (scanner.File.Parts);
// any other node is its only part. They have the id of the node, and no edges.
func (n *Node) Parts() []*Node {
	if n.Kind != Build || n.File.IsDockerfile() {
		return []*Node{n}
	}
	if n.parts != nil {
		return n.parts
	}
	files := n.File.Parts()
	if len(files) == 1 {
		return []*Node{n}
	}
	for _, file := range files {
		part := *n
		part.File, part.Label, part.whole, part.out = file, file.Refs[0].Pos.String(), n, nil
		n.parts = append(n.parts, &part)
	}
	return n.parts
}

// Whole returns the node that a part is of; any other is its own.
func (n *Node) Whole() *Node {
	if n.whole != nil {
		return n.whole
	}
	return n
}

// Maker returns the build that makes an image, nil where none of the repository does.
func (n *Node) Maker() *Node { return n.maker }

// IsSimilar reports whether an image is made by a build that makes one of a similar name, as far as is known.
func (n *Node) IsSimilar() bool { return n.maker != nil && n.Claims[0].Rule == Similar }

// Makes returns the images, or lines of them, that a build makes, by repository.
func (n *Node) Makes() []*Node {
	var made []*Node
	for _, edge := range n.out {
		made = append(made, edge.T)
	}
	return made
}

// sharesTag reports whether two images are known to get the same tag.
func (n *Node) sharesTag(other *Node) bool {
	return slices.ContainsFunc(n.Claims, func(c Claim) bool {
		return slices.ContainsFunc(other.Claims, func(o Claim) bool {
			return slices.ContainsFunc(c.Tags, func(tag string) bool { return slices.Contains(o.Tags, tag) })
		})
	})
}

// Uses returns the edges from an image to the builds that refer to it.
func (n *Node) Uses() []*Edge { return n.out }

// An Edge leads from an image to a build that refers to it, or from a build to an image
// that it makes.
type Edge struct {
	F, T *Node
	Refs []*scanner.Ref // the references that make an edge to a build, in the order of the file

	guessed bool // by a path or a similar name alone, of an edge to an image
}

// Assumed reports whether the build depends on the image on a platform alone that nothing says it
// is built for.
func (e *Edge) Assumed() bool {
	return len(e.Refs) > 0 && !slices.ContainsFunc(e.Refs, func(ref *scanner.Ref) bool { return !ref.Assumed })
}

// From returns the node that the edge leaves. With To and ReversedEdge it
// implements gonum's graph.Edge.
func (e *Edge) From() gonum.Node { return e.F }

// To returns the node that the edge leads to.
func (e *Edge) To() gonum.Node { return e.T }

// ReversedEdge returns the edge with its ends exchanged.
func (e *Edge) ReversedEdge() gonum.Edge { return &Edge{F: e.T, T: e.F, Refs: e.Refs} }

// Exposure returns the strongest exposure of the references of an edge to a
// build; the edge to an image has runtime, since the image is what ships.
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

// loops reports whether the edge leads from an image to a build that makes it: it is based
// on an earlier tag of its own image, which is no circle.
func (e *Edge) loops() bool { return e.F.maker != nil && e.F.maker == e.T }

// Rule is how it is known which build makes an image, the strongest first.
type Rule uint8

// The rules.
const (
	Configured Rule = iota + 1 // the configuration says so
	BuildFile                  // a build file of the repository says so
	Command                    // a command in a script of the repository builds it
	Similar                    // the build makes an image of a similar name
	Named                      // the path of the Dockerfile says so
)

// String returns "configuration", "build file", "command" or "name".
func (r Rule) String() string {
	return [...]string{"", "configuration", "build file", "command", "name", "name"}[r]
}

// IsGuess reports whether names alone say it.
func (r Rule) IsGuess() bool { return r >= Similar }

// A Claim says that a build makes an image.
type Claim struct {
	Image string // the repository, canonical, with scanner.Unknown for a registry that is not known; "" for an image that has none
	Link  string // what the other builds of its build file call it; "" where they do not
	Rule  Rule
	Where string // path:line of the configuration or build file, for Similar of that which names the other image; "" for Named
	Like  string // for Similar: the image that the build makes under its own name, with scanner.Unknown for what is not known of it

	File   *scanner.File // the build; nil for those of Path and Target
	Path   string        // the Dockerfile
	Target string        // the stage that is shipped as this image; "" is the last

	Tags     []string // that it gets, where these are known; in order
	Partly   []string // partly known tags that it gets; scanner.Unknown stands for the unknown parts
	Patterns []string // of the configuration: tags that it makes, with * for any run of characters
	Context  string   // the directory of its build context, from the root; "" where that is not known

	parts []string // for Named: the components of the path that stand for parts of a tag
	plain bool     // for Named: the tags without a flavour, beside Dockerfiles for flavours
}

// Name returns what a Dockerfile is called in tables and branch names: its
// directory, and what tells it from other Dockerfiles there.
func Name(p string) string {
	if _, name, ok := scanner.SplitInline(p); ok {
		return name
	}
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
