package graph

import (
	"cmp"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// A Graph holds the images and Dockerfiles of one repository.
type Graph struct {
	nodes  []*Node        // by id: images first, each kind by key
	named  map[string]int // how many images have a last path component
	images map[string]*Node
	files  map[string]*Node
}

// Build makes the graph of files, of which there is one for each path. claims say
// which Dockerfile makes which image, from the configuration, the build files and
// commands in scripts. Where neither of the first two says it of an image, its name
// does: a Dockerfile whose directory (or NAME of NAME.Dockerfile and
// Dockerfile.NAME) is called as the last path component of exactly one image that
// the files refer to makes that image, unless it stands on it itself or it is one
// of Docker's official images. A NAME that several Dockerfiles share is a flavour,
// not an image. A command counts where nothing else does: scripts build images for
// tests, too.
//
// Contradictions are kept, not reported: [Graph.Check] and [Graph.Affected]
// report those that matter to them.
func Build(files []*scanner.File, claims []Claim) *Graph {
	g := &Graph{images: map[string]*Node{}, files: make(map[string]*Node, len(files))}
	uses := references{}
	nodes := make([]Node, len(files))
	for i, file := range files {
		node := &nodes[i]
		node.Kind, node.Key, node.File = Dockerfile, file.Path, file
		g.files[file.Path] = node
		for n, ref := range file.Refs {
			if repository := ref.Repository(); repository != "" {
				uses.add(g.image(repository), node, file.Refs[n:n+1:n+1])
			}
		}
	}
	uses.sort()
	for image, settled := range settle(slices.Concat(claims, named(files, uses, claims)), uses) {
		for _, claim := range settled {
			if g.files[claim.Path] != nil {
				node := g.image(image)
				node.Claims = append(node.Claims, claim)
			}
		}
	}
	g.number(nodes)
	for _, node := range g.Images() {
		node.out = uses[node.Key]
		for _, claim := range node.Claims {
			maker := g.files[claim.Path]
			maker.out = append(maker.out, &Edge{F: maker, T: node}) // in the order of the images
		}
	}
	return g
}

func (g *Graph) image(repository string) *Node {
	node := g.images[repository]
	if node == nil {
		node = &Node{Kind: Image, Key: repository}
		g.images[repository] = node
	}
	return node
}

// number gives every node its id.
func (g *Graph) number(files []Node) {
	g.nodes = slices.Grow(g.nodes, len(g.images)+len(files))
	for _, node := range g.images {
		slices.SortFunc(node.Claims, func(a, b Claim) int { return cmp.Compare(a.Path, b.Path) })
		g.nodes = append(g.nodes, node)
	}
	for i := range files {
		g.nodes = append(g.nodes, &files[i])
	}
	byKey := func(a, b *Node) int { return cmp.Compare(a.Key, b.Key) }
	slices.SortFunc(g.Images(), byKey)
	if !slices.IsSortedFunc(g.Dockerfiles(), byKey) {
		slices.SortFunc(g.Dockerfiles(), byKey)
	}
	g.named = map[string]int{}
	for i, node := range g.nodes {
		node.id = int64(i)
		if node.Kind == Image {
			g.named[imageref.Base(node.Key)]++
		}
	}
}

func cutLast(path string) (dir, name string, ok bool) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

// Images returns the image nodes, by repository.
func (g *Graph) Images() []*Node { return g.nodes[:len(g.images)] }

// Dockerfiles returns the Dockerfile nodes, by path.
func (g *Graph) Dockerfiles() []*Node { return g.nodes[len(g.images):] }

// Find returns the repositories that name fits, sorted: the one that it is
// whole, or else all whose last path components it is.
func (g *Graph) Find(name string) []string {
	if g.images[name] != nil {
		return []string{name}
	}
	var found []string
	for _, node := range g.Images() {
		if imageref.Matches(node.Key, name) {
			found = append(found, node.Key)
		}
	}
	return found
}

// Namesakes returns how many images have the last path component that repository has.
func (g *Graph) Namesakes(repository string) int { return g.named[imageref.Base(repository)] }

// References returns the references to an image, by Dockerfile and place.
func (g *Graph) References(repository string) []*scanner.Ref {
	node := g.images[repository]
	if node == nil {
		return nil
	}
	var refs []*scanner.Ref
	for _, edge := range node.out {
		refs = append(refs, edge.Refs...)
	}
	return refs
}

// Makers returns the claims on the image, by path; none if nothing in the
// repository makes it.
func (g *Graph) Makers(repository string) []Claim {
	if node := g.images[repository]; node != nil {
		return node.Claims
	}
	return nil
}

// Makes returns the images that the Dockerfile at path makes, sorted.
func (g *Graph) Makes(path string) []string {
	node := g.files[path]
	if node == nil {
		return nil
	}
	var made []string
	for _, edge := range node.out {
		made = append(made, edge.T.Key)
	}
	return made
}

// Edges returns all edges, by the ids of their ends.
func (g *Graph) Edges() []*Edge {
	var edges []*Edge
	for _, node := range g.nodes {
		edges = append(edges, node.out...)
	}
	return edges
}
