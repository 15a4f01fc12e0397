package graph

import (
	"cmp"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// New makes the graph of builds: the Dockerfiles as they are read for each build. claims say which
// build makes which image, from the configuration, the build files and commands in scripts.
// Where none of these says it of an image, the paths of the Dockerfiles do.
//
// past may be nil.
//
// What cannot be told is in [Graph.Notes]; it stops nothing.
func New(builds []*scanner.File, claims []Claim, past History) *Graph {
	b := &builder{
		Graph: &Graph{
			images: map[string][]*Node{}, builds: make(map[*scanner.File]*Node, len(builds)),
			lines: map[*scanner.Ref]answer{}, repositories: map[string]*repository{},
		},
		links: map[string][]*Node{}, partly: map[string]*repository{}, past: past, former: map[string]answer{},
	}
	b.collect(builds)
	b.claim(claims)
	b.claimLinks()
	for _, r := range b.sorted() {
		r.settle()
	}
	b.bySimilarName()
	b.byPath()
	for _, r := range b.sorted() {
		r.settle()
		r.loosen()
		b.image(r)
	}
	b.linked()
	b.number()
	b.breakCircles()
	return b.Graph
}

// A builder makes a graph.
type builder struct {
	*Graph
	all   []Node             // of the builds, by path
	paths map[string][]*Node // builds, by path
	links map[string][]*Node // builds, by what the others of their build file call their images
	order []*repository      // by name
	noted map[string]bool    // what was noted already

	partly map[string]*repository // images that builds produce for a registry that is not known, by name

	past   History
	former map[string]answer // of past, by image and line
}

// collect makes the nodes of builds, and finds out which repositories they refer to.
func (b *builder) collect(builds []*scanner.File) {
	b.all = make([]Node, len(builds))
	b.paths = make(map[string][]*Node, len(builds))
	for i, file := range builds {
		b.all[i] = Node{id: int64(i), Kind: Build, Key: file.Path, File: file}
		node := &b.all[i]
		b.builds[file] = node
		b.paths[file.Path] = append(b.paths[file.Path], node)
		for _, ref := range file.Refs {
			if name := ref.Repository(); name != "" {
				b.repository(name).add(node, ref)
			}
		}
	}
	for _, nodes := range b.paths {
		label(nodes)
	}
}

func (b *builder) repository(name string) *repository {
	r := b.repositories[name]
	if r == nil {
		r = &repository{name: name}
		b.repositories[name] = r
		b.order = nil
	}
	return r
}

// sorted returns the repositories by name.
func (b *builder) sorted() []*repository {
	if b.order == nil {
		for _, r := range b.repositories {
			b.order = append(b.order, r)
		}
		slices.SortFunc(b.order, func(x, y *repository) int { return cmp.Compare(x.name, y.name) })
	}
	return b.order
}

func (r *repository) add(build *Node, ref *scanner.Ref) {
	if n := len(r.uses); n == 0 || r.uses[n-1].build != build {
		r.uses = append(r.uses, &imageUse{build: build})
	}
	use := r.uses[len(r.uses)-1]
	use.refs = append(use.refs, ref)
}

// claim gives the claims to their builds.
func (b *builder) claim(claims []Claim) {
	for _, c := range claims {
		for _, build := range b.of(c) {
			switch {
			case strings.Contains(c.Image, scanner.Unknown):
				if b.partly[c.Image] == nil {
					b.partly[c.Image] = &repository{name: c.Image}
				}
				b.partly[c.Image].claim(build, c)
				if r := b.repositories[scanner.Readable(c.Image)]; r != nil { // a reference says as much of it
					r.claim(build, c)
				}
			case c.Image != "":
				b.repository(c.Image).claim(build, c)
			}
			if c.Link != "" {
				b.links[c.Link] = append(b.links[c.Link], build)
			}
		}
	}
}

// of returns the builds of a claim.
func (b *builder) of(c Claim) []*Node {
	if c.File != nil {
		return []*Node{b.builds[c.File]}
	}
	all := b.paths[c.Path]
	var found []*Node
	for _, n := range all {
		if strings.EqualFold(n.File.Target, c.Target) {
			found = append(found, n)
		}
	}
	if len(found) == 0 && len(all) > 0 {
		return all[:1]
	}
	return found
}

// image makes the nodes of an image: one, or one for each build that makes it.
func (b *builder) image(r *repository) {
	if len(r.makers) == 0 || len(r.makers) == 1 && !r.makers[0].isPart() {
		node := &Node{Kind: Image, Key: r.name}
		if len(r.makers) > 0 {
			node.made(r.makers[0])
		}
		for _, u := range r.uses {
			edge := &Edge{F: node, T: u.build, Refs: u.refs}
			node.out = append(node.out, edge)
		}
		b.images[r.name] = []*Node{node}
		return
	}
	nodes := make(map[*maker]*Node, len(r.makers))
	for _, m := range r.makers {
		nodes[m] = &Node{Kind: Image, Key: r.name, Line: m.name()}
		nodes[m].made(m)
		b.images[r.name] = append(b.images[r.name], nodes[m])
	}
	var other *Node // what none of them makes
	for _, u := range r.uses {
		for _, ref := range u.refs {
			makers, how := b.makersOf(r, ref)
			var on []*Node
			for _, m := range makers {
				on = append(on, nodes[m])
			}
			if len(on) == 0 {
				if other == nil {
					other = &Node{Kind: Image, Key: r.name}
					b.images[r.name] = append(b.images[r.name], other)
				}
				on = []*Node{other}
			}
			b.lines[ref] = answer{on, how}
			for _, node := range on {
				node.use(u.build, ref)
			}
			b.judge(r, ref, makers, how)
		}
	}
}

// makersOf finds the makers of what a reference names.
func (b *builder) makersOf(r *repository, ref *scanner.Ref) ([]*maker, fit) {
	if ref.Link != "" {
		linked := filter(r.makers, func(m *maker) bool { return slices.Contains(b.links[ref.Link], m.build) })
		if len(linked) > 0 {
			return linked, fitsLink
		}
	}
	if ref.Image.IsZero() && ref.GuessTag != "" {
		if likely := likest(r.makers, ref.GuessTag); len(likely) < len(r.makers) {
			return likely, fitsParts
		}
	}
	if ref.Image.IsZero() || ref.Image.Tag == "" && ref.Image.Digest != "" {
		return r.makers, fitsLine // only the repository is known: it may be any line
	}
	makers, how := fits(r.makers, ref.Image.Tag)
	makers = forArchitecture(makers, ref.Image.Tag)
	if b.past == nil || how != fitsNone && how != fitsNearest {
		return makers, how
	}
	return b.formerly(r, ref.Image.Tag, makers, how)
}

// use adds a reference of a build to the edges that leave an image.
func (n *Node) use(build *Node, ref *scanner.Ref) {
	if last := len(n.out) - 1; last >= 0 && n.out[last].T == build {
		n.out[last].Refs = append(n.out[last].Refs, ref)
		return
	}
	n.out = append(n.out, &Edge{F: n, T: build, Refs: []*scanner.Ref{ref}})
}

// made makes a node the image of a maker.
func (n *Node) made(m *maker) {
	n.maker, n.Claims = m.build, slices.Clone(m.claims)
	for i := range n.Claims {
		n.Claims[i].Path, n.Claims[i].Target, n.Claims[i].File = m.build.Key, m.build.File.Target, m.build.File
	}
	edge := &Edge{F: m.build, T: n, guessed: m.rule().IsGuess()}
	m.build.out = append(m.build.out, edge)
}

// name is what tells the line of a maker from others.
func (m *maker) name() string {
	newest := ""
	for _, tag := range m.tags() {
		if newest == "" || imageref.LineOf(tag).Compare(imageref.LineOf(newest)) > 0 {
			newest = tag
		}
	}
	for _, c := range m.claims {
		if newest == "" && len(c.Patterns) > 0 {
			newest = c.Patterns[0]
		}
		if newest == "" && len(c.parts) > 0 {
			newest = strings.Join(c.parts, "-")
		}
	}
	return cmp.Or(newest, m.build.Label)
}

// number gives every node its id, and orders the edges.
func (b *builder) number() {
	b.nodes = nil
	for _, nodes := range b.images {
		b.nodes = append(b.nodes, nodes...)
	}
	b.count = len(b.nodes)
	for i := range b.all {
		b.nodes = append(b.nodes, &b.all[i])
	}
	slices.SortFunc(b.Images(), func(x, y *Node) int {
		return cmp.Or(cmp.Compare(x.Key, y.Key), cmp.Compare(len(x.Claims), len(y.Claims)), imageref.LineOf(x.Line).Compare(imageref.LineOf(y.Line)), cmp.Compare(x.Line, y.Line))
	})
	b.named = map[string]int{}
	for i, node := range b.nodes {
		node.id = int64(i)
		if node.Kind != Image {
			continue
		}
		node.Label = node.Key
		switch {
		case node.maker != nil && node.Line == node.maker.Label:
			node.Label += " (" + node.Line + ")"
		case node.Line != "":
			node.Label += ":" + node.Line
		}
		if i == 0 || b.nodes[i-1].Key != node.Key {
			b.named[imageref.Base(node.Key)]++
		}
	}
	for _, node := range b.nodes {
		if !slices.IsSortedFunc(node.out, byEnd) {
			slices.SortFunc(node.out, byEnd)
		}
	}
}

func byEnd(a, b *Edge) int { return byID(a.T, b.T) }
