package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// WriteGraphText writes v as trees: the images that nothing here is known to make, or that are
// based on nothing, with what is based on them below, and which services run them. What is alike
// is folded where it would be more than a screen, unless whole says that all is to be listed.
func WriteGraphText(w io.Writer, v graph.View, runs []monorepo.Run, whole bool) error {
	t := treeOf(v, runs)
	p := newPage(w)
	roots := t.roots()
	folded := foldTree(roots, whole)
	p.writeTwigs(folded, "", true)
	if len(folded) > 0 {
		p.add("\n")
	}
	if lines(folded) < lines(roots) {
		p.hint("", listsAll)
	}
	p.sum(t.sum())
	return p.end()
}

// A tree makes twigs of a graph.
type tree struct {
	view   graph.View
	titles map[*graph.Node]string
	uses   map[*graph.Node][]*graph.Edge // of images
	runs   map[*graph.Node][]monorepo.Run
	based  map[*graph.Node]bool // builds that are based on an image
	shown  map[*graph.Node]bool // images whose uses are in the tree
}

func treeOf(v graph.View, runs []monorepo.Run) *tree {
	t := &tree{view: v, titles: map[*graph.Node]string{}, uses: map[*graph.Node][]*graph.Edge{}, runs: map[*graph.Node][]monorepo.Run{}, based: map[*graph.Node]bool{}, shown: map[*graph.Node]bool{}}
	for i, title := range v.Titles() {
		t.titles[v.Nodes[i]] = source.Clean(title)
	}
	for _, edge := range v.Edges {
		if edge.F.Kind == graph.Image {
			t.uses[edge.F] = append(t.uses[edge.F], edge)
			t.based[edge.T] = true
		}
	}
	for _, run := range runs {
		t.runs[run.Image] = append(t.runs[run.Image], run)
	}
	return t
}

// roots returns the trees. Images that are based on each other in a circle have no root: the first
// of them is one.
func (t *tree) roots() []*twig {
	var roots []*twig
	for _, isRoot := range []func(*graph.Node) bool{
		func(image *graph.Node) bool { return image.Maker() == nil || !t.based[image.Maker()] },
		func(*graph.Node) bool { return true },
	} {
		for _, node := range t.view.Nodes {
			if node.Kind != graph.Image || t.shown[node] || !isRoot(node) {
				continue
			}
			root := &twig{name: t.titles[node]}
			root.base = root.name
			if claim, ok := node.Claim(); ok {
				root.how = "made by " + source.Clean(node.Maker().Label) + ", " + source.Clean(ruleOf(claim))
				root.stands = 1
			}
			root.below = t.below(node)
			roots = append(roots, root)
		}
	}
	return roots
}

// below returns what refers to an image.
func (t *tree) below(image *graph.Node) []*twig {
	t.shown[image] = true
	var all []*twig
	for _, edge := range t.uses[image] {
		all = append(all, t.build(edge))
	}
	for _, run := range t.runs[image] {
		one := &twig{name: fmt.Sprintf("%s:%d (service %s)", source.Clean(run.Pos.Path), run.Pos.Line, source.Clean(run.Service)), noun: "service", how: "runs it"}
		if version := run.Ref.Version(); version != "" {
			one.versions = []string{source.Clean(version)}
		}
		one.dir, one.base, _ = splitPath(source.Clean(run.Pos.Path))
		one.base += fmt.Sprintf(":%d", run.Pos.Line)
		all = append(all, one)
	}
	return all
}

// build is the twig of a build, with what is based on the images that it makes.
func (t *tree) build(edge *graph.Edge) *twig {
	node := edge.T
	one := &twig{name: source.Clean(node.Label), versions: edge.Versions(), noun: "build", stands: 1}
	one.dir, one.base, one.ending = splitPath(one.name)
	var how []string
	if edge.Exposure() != scanner.Runtime {
		how = append(how, edge.Exposure().String())
	}
	if edge.Assumed() {
		how = append(how, "assumed")
	}
	var made []*graph.Node
	for _, image := range node.Makes() {
		if t.titles[image] != "" && image != edge.F {
			made = append(made, image)
		}
	}
	if len(made) == 1 {
		one.makes = t.made(made[0])
		switch {
		case len(t.uses[made[0]])+len(t.runs[made[0]]) == 0:
			t.shown[made[0]] = true
		case t.shown[made[0]]:
			how = append(how, "what is based on it stands elsewhere")
		default:
			one.noun, one.below = "derived base", t.below(made[0])
		}
	} else {
		for _, image := range made {
			if t.shown[image] {
				continue
			}
			one.noun = "derived base"
			one.below = append(one.below, &twig{name: "→ " + t.made(image), noun: "image", below: t.below(image)})
		}
	}
	one.how = strings.Join(how, ", ")
	return one
}

// made says which image a build makes, and how that is known.
func (t *tree) made(image *graph.Node) string {
	text := t.titles[image]
	if claim, ok := image.Claim(); ok {
		text += ", " + source.Clean(ruleOf(claim))
	}
	return text
}

// sum says in one line what the graph holds.
func (t *tree) sum() string {
	outside, made, used, builds, alone := 0, 0, 0, 0, 0
	for _, node := range t.view.Nodes {
		switch {
		case node.Kind == graph.Build:
			builds++
			if !t.based[node] {
				alone++
			}
		case node.Maker() == nil:
			outside++
		default:
			made++
			if len(t.uses[node]) > 0 {
				used++
			}
		}
	}
	text := fmt.Sprintf("%s, based on %s from outside and %d made here", Count(builds, "build"), Count(outside, "image"), used)
	switch more := made - used; {
	case more == 1:
		text += "; nothing depends on 1 more that is made here"
	case more > 1:
		text += fmt.Sprintf("; nothing depends on %d more that are made here", more)
	}
	switch {
	case alone == 1:
		text += "; 1 is based on none"
	case alone > 1:
		text += fmt.Sprintf("; %d are based on none", alone)
	}
	return text
}
