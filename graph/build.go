package graph

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

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
		links: map[string][]*Node{}, past: past, former: map[string]answer{},
	}
	b.collect(builds)
	b.claim(claims)
	b.claimLinks()
	for _, r := range b.sorted() {
		r.settle()
	}
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
	nodes []Node             // of the builds, by path
	paths map[string][]*Node // builds, by path
	links map[string][]*Node // builds, by what the others of their build file call their images
	order []*repository      // by name
	noted map[string]bool    // what was noted already

	past   History
	former map[string]answer // of past, by image and line
}

// collect makes the nodes of builds, and finds out which repositories they refer to.
func (b *builder) collect(builds []*scanner.File) {
	b.nodes = make([]Node, len(builds))
	b.paths = make(map[string][]*Node, len(builds))
	for i, file := range builds {
		b.nodes[i] = Node{id: int64(i), Kind: Build, Key: file.Path, File: file}
		node := &b.nodes[i]
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

// label gives the builds of a Dockerfile names that tell them apart: by target, by the
// arguments that differ, by place.
func label(nodes []*Node) {
	for _, n := range nodes {
		n.Label = n.Key
		if n.File.Target != "" {
			n.Label += " (" + n.File.Target + ")"
		}
	}
	for _, tell := range []func(n *Node, among []*Node) string{differingArgs, whereBuilt} {
		same := map[string][]*Node{}
		for _, n := range nodes {
			same[n.Label] = append(same[n.Label], n)
		}
		for _, among := range same {
			for _, n := range among {
				if by := tell(n, among); len(among) > 1 && by != "" {
					n.Label += " (" + by + ")"
				}
			}
		}
	}
	seen := map[string]int{}
	for _, n := range nodes {
		if seen[n.Label]++; seen[n.Label] > 1 {
			n.Label += fmt.Sprintf(" #%d", seen[n.Label])
		}
	}
}

// differingArgs returns the arguments of a build that others do not give as it does.
func differingArgs(n *Node, among []*Node) string {
	args := func(n *Node) []scanner.Arg {
		if len(n.File.Builds) == 0 {
			return nil
		}
		return n.File.Builds[0].Args
	}
	var all []string
	for _, a := range args(n) {
		gives := func(b scanner.Arg) bool { return a.Name == b.Name && a.Value.S == b.Value.S }
		if slices.ContainsFunc(among, func(o *Node) bool { return !slices.ContainsFunc(args(o), gives) }) && !strings.Contains(a.Value.S, scanner.Unknown) {
			all = append(all, a.Name+"="+a.Value.S)
		}
	}
	if len(all) > 2 {
		return ""
	}
	return strings.Join(all, ", ")
}

func whereBuilt(n *Node, _ []*Node) string {
	if len(n.File.Builds) == 0 || n.File.Builds[0].Where.Path == "" {
		return ""
	}
	return n.File.Builds[0].Where.String()
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
			if c.Image != "" {
				b.repository(c.Image).claim(build, c)
			}
			if c.Link != "" {
				b.links[c.Link] = append(b.links[c.Link], build)
			}
		}
	}
}

// claimLinks gives the images that builds refer to by the name of another build to that one.
func (b *builder) claimLinks() {
	for i := range b.nodes {
		for _, ref := range b.nodes[i].File.Refs {
			if ref.Link == "" || ref.Image.IsZero() {
				continue
			}
			for _, build := range b.links[ref.Link] {
				r := b.repository(ref.Image.Repository)
				if slices.ContainsFunc(r.makers, func(m *maker) bool { return m.build == build }) {
					continue
				}
				r.claim(build, Claim{Image: r.name, Link: ref.Link, Rule: BuildFile, Where: ref.Build.String(), Tags: []string{cmp.Or(ref.Image.Tag, "latest")}})
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
	if len(r.makers) < 2 {
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
				node.use(u.build, ref, len(on) > 1 || how == fitsNearest)
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
	if ref.Image.IsZero() || ref.Image.Tag == "" && ref.Image.Digest != "" {
		return r.makers, fitsLine // only the repository is known: it may be any line
	}
	makers, how := fits(r.makers, ref.Image.Tag)
	if b.past == nil || how != fitsNone && how != fitsNearest {
		return makers, how
	}
	return b.formerly(r, ref.Image.Tag, makers, how)
}

// A History finds the build that was once on a line of an image which none of the makers is
// on now, going by so many leading numbers; nil if there was none. told is false where that
// cannot be known.
type History func(image string, line imageref.Line, numbers int, makers []*Node) (maker *Node, told bool)

// formerly asks the history for the build of a tag that is on no line, once for each line.
func (b *builder) formerly(r *repository, tag string, guess []*maker, how fit) ([]*maker, fit) {
	line := imageref.LineOf(tag)
	needed := 1
	var builds []*Node
	for i, m := range r.makers {
		l, ok := m.line(line, sameFlavour)
		if !ok {
			continue
		}
		builds = append(builds, m.build)
		for _, other := range r.makers[:i] {
			if o, ok := other.line(line, sameFlavour); ok {
				needed = max(needed, 1+l.Shared(o))
			}
		}
	}
	if len(builds) == 0 || len(line.Numbers) == 0 {
		return guess, how
	}
	key := r.name + " " + line.Flavour + " " + strings.Join(line.Numbers[:min(needed, len(line.Numbers))], ".")
	known, asked := b.former[key]
	if !asked {
		maker, told := b.past(r.name, line, needed, builds)
		known = answer{fit: how}
		if told {
			known.fit = fitsNone
		}
		if maker != nil {
			known = answer{[]*Node{maker}, fitsFormer}
		}
		b.former[key] = known
	}
	switch known.fit {
	case fitsFormer:
		return filter(r.makers, func(m *maker) bool { return m.build == known.images[0] }), fitsFormer
	case fitsNone:
		return nil, fitsNone
	}
	return guess, how
}

// use adds a reference of a build to the edges that leave an image.
func (n *Node) use(build *Node, ref *scanner.Ref, guessed bool) {
	if last := len(n.out) - 1; last >= 0 && n.out[last].T == build {
		n.out[last].Refs = append(n.out[last].Refs, ref)
		n.out[last].guessed = n.out[last].guessed && guessed
		return
	}
	n.out = append(n.out, &Edge{F: n, T: build, Refs: []*scanner.Ref{ref}, guessed: guessed})
}

// made makes a node the image of a maker.
func (n *Node) made(m *maker) {
	n.maker, n.Claims = m.build, slices.Clone(m.claims)
	for i := range n.Claims {
		n.Claims[i].Path, n.Claims[i].Target, n.Claims[i].File = m.build.Key, m.build.File.Target, m.build.File
	}
	edge := &Edge{F: m.build, T: n, guessed: m.rule() == Named}
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

// linked joins the images without a reference to the builds that are made with them.
func (b *builder) linked() {
	for i := range b.nodes {
		build := &b.nodes[i]
		for _, ref := range build.File.Refs {
			if ref.Link == "" || ref.Repository() != "" {
				continue
			}
			nodes := b.images[ref.Link]
			if nodes == nil {
				node := &Node{Kind: Image, Key: ref.Link, Nameless: true}
				if makers := b.links[ref.Link]; len(makers) > 0 {
					node.made(&maker{build: makers[0], claims: []Claim{{Link: ref.Link, Rule: BuildFile, Where: ref.Build.String()}}})
				}
				nodes = []*Node{node}
				b.images[ref.Link] = nodes
			}
			nodes[0].use(build, ref, false)
		}
	}
}

// number gives every node its id, and orders the edges.
func (b *builder) number() {
	for _, nodes := range b.images {
		b.Graph.nodes = append(b.Graph.nodes, nodes...)
	}
	b.count = len(b.Graph.nodes)
	for i := range b.nodes {
		b.Graph.nodes = append(b.Graph.nodes, &b.nodes[i])
	}
	slices.SortFunc(b.Images(), func(x, y *Node) int {
		return cmp.Or(cmp.Compare(x.Key, y.Key), cmp.Compare(len(x.Claims), len(y.Claims)), imageref.LineOf(x.Line).Compare(imageref.LineOf(y.Line)), cmp.Compare(x.Line, y.Line))
	})
	b.named = map[string]int{}
	for i, node := range b.Graph.nodes {
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
		if i == 0 || b.Graph.nodes[i-1].Key != node.Key {
			b.named[imageref.Base(node.Key)]++
		}
	}
	for _, node := range b.Graph.nodes {
		if !slices.IsSortedFunc(node.out, byEnd) {
			slices.SortFunc(node.out, byEnd)
		}
	}
}

func byEnd(a, b *Edge) int { return byID(a.T, b.T) }

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
	if tag == "" || len(all) < 2 || r == nil {
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

// withoutArchitecture returns a path without the words of a processor in it.
func withoutArchitecture(p string) string {
	return strings.Join(slices.DeleteFunc(pathTokens(p), func(s string) bool { return architectures[s] }), "/")
}

// pathTokens splits a path at its separators, in lower case.
func pathTokens(p string) []string {
	return strings.FieldsFunc(strings.ToLower(p), func(r rune) bool { return strings.ContainsRune("/._-", r) })
}
