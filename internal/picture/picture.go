package picture

import (
	"cmp"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// Kind tells the nodes of a picture apart.
type Kind uint8

// The kinds of node.
const (
	Base    Kind = iota // an image from outside, or of a build that is based on nothing
	Derived             // a build on a base, whose image other builds depend on
	Service             // a build whose image no other build depends on
)

// A Node is an image from outside, or a build with the images that it makes.
type Node struct {
	Kind   Kind
	Title  string   // what it is called in the picture; of several nodes with one name, each has more of its path
	Path   string   // the file of the build; "" for an image from outside
	Detail string   // the whole name: the image, or the path with what tells the build from others
	Images []string // the repositories that it is, or makes, each with its line
	Owners []string // of the file, by name

	Layer   int  // how many builds deep it stands; 0 is an image from outside
	Wave    int  // in which it is rebuilt for what is highlighted; 0 for none
	Marked  bool // it is what the highlight is about
	Members int  // the number of services that a folded node stands for; else 1

	X, Y, W, H float64 // the place of the box: its upper left corner and its size
}

// A Use is a reference of a build to an image.
type Use struct {
	From, To int // nodes, by index
	Exposure scanner.Exposure
	Version  string // that it is on, shortened for people
	Newer    string // the newest version that the repository uses or makes; "" where it is on that
	Pos      source.Pos
	Assumed  bool
}

// A Picture is a graph to be drawn.
type Picture struct {
	Nodes []Node // images from outside first, then builds; by layer
	Uses  []Use  // by the ends and the place

	Highlight     string // what is highlighted, in words; "" for nothing
	Width, Height float64

	index map[*graph.Node]int // of the nodes of the graph
}

// New makes the picture of a graph. owners says who owns a file; it may be nil.
func New(g *graph.Graph, owners func(path string) []string) *Picture {
	p := &Picture{index: map[*graph.Node]int{}}
	var heads []*graph.Node // of each node of the picture, the one of the graph
	depths := g.Depths()
	heads = append(heads, g.Builds()...)
	for _, image := range g.Images() {
		if image.Maker() == nil {
			heads = append(heads, image)
		}
	}
	// Builds come in the order in which they can be built, so that an edge leads forward but on a circle.
	slices.SortStableFunc(heads, func(a, b *graph.Node) int {
		return cmp.Or(cmp.Compare(depths[a], depths[b]), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Line, b.Line))
	})
	for i, head := range heads {
		p.index[head] = i
		p.Nodes = append(p.Nodes, newNode(head, depths[head], owners))
	}
	for _, image := range g.Images() {
		if image.Maker() != nil {
			p.index[image] = p.index[image.Maker()]
		}
	}
	p.addUses(g)
	p.addTitles(heads)
	return p
}

// newNode makes the node of a build, or of an image that no build makes.
func newNode(head *graph.Node, depth int, owners func(path string) []string) Node {
	if head.Kind == graph.Image {
		return Node{Kind: Base, Detail: nameOf(head), Images: []string{nameOf(head)}, Members: 1}
	}
	n := Node{Kind: Service, Path: head.Key, Detail: head.Label, Layer: depth, Members: 1}
	consumed, based := false, depth > 1 || len(head.File.Refs) > 0
	for _, made := range head.Makes() {
		consumed = consumed || made.IsConsumed()
		n.Images = append(n.Images, nameOf(made))
	}
	switch {
	case consumed && based:
		n.Kind = Derived
	case consumed:
		n.Kind = Base
	}
	if owners != nil {
		n.Owners = owners(head.File.Path)
	}
	return n
}

// nameOf is the whole name of an image, as people write it.
func nameOf(image *graph.Node) string {
	if image.Nameless {
		return image.Label
	}
	return imageref.Familiar(image.Key) + strings.TrimPrefix(image.Label, image.Key)
}

// addUses adds the references of all builds.
func (p *Picture) addUses(g *graph.Graph) {
	newest := graph.Newest{}
	for _, edge := range g.Edges() {
		if edge.T.Kind != graph.Build {
			continue
		}
		from, to := p.index[edge.F], p.index[edge.T]
		for _, ref := range edge.Refs {
			use := Use{From: from, To: to, Exposure: ref.Exposure, Pos: ref.Pos, Assumed: ref.Assumed, Newer: newest.Than(edge.F, ref)}
			if versions := graph.Versions([]*scanner.Ref{ref}); len(versions) > 0 {
				use.Version = versions[0]
			}
			p.Uses = append(p.Uses, use)
		}
	}
	slices.SortStableFunc(p.Uses, func(a, b Use) int {
		return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.From, b.From), a.Pos.Compare(b.Pos))
	})
}

// addTitles gives the nodes short names that tell them apart.
func (p *Picture) addTitles(heads []*graph.Node) {
	short := make([]string, len(heads))
	count := map[string]int{}
	for i, head := range heads {
		switch n := &p.Nodes[i]; {
		case n.Kind == Service && !head.File.IsDockerfile():
			short[i] = head.Label
		case n.Kind == Service:
			short[i] = graph.Name(head.Key) + strings.TrimPrefix(head.Label, head.Key)
		case len(n.Images) > 0:
			short[i] = n.Images[0][strings.LastIndexByte(n.Images[0], '/')+1:]
		}
		count[short[i]]++
	}
	for i := range heads {
		n := &p.Nodes[i]
		n.Title = short[i]
		if count[n.Title] > 1 || n.Title == "" {
			n.Title = n.Detail
			if n.Kind != Service && len(n.Images) > 0 {
				n.Title = n.Images[0]
			}
		}
		n.Title, n.Detail = source.Visible(n.Title), source.Visible(n.Detail)
	}
}

// SetHighlight marks the builds that have to be rebuilt, each with its wave, and the images that they are
// rebuilt for.
func (p *Picture) SetHighlight(what string, bases []*graph.Node, waves map[*graph.Node]int) {
	p.Highlight = source.Visible(what)
	for _, base := range bases {
		p.Nodes[p.index[base]].Marked = true
	}
	for build, wave := range waves {
		if i, ok := p.index[build.Whole()]; ok {
			p.Nodes[i].Wave = wave
		}
	}
}
