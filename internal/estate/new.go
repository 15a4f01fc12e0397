package estate

import (
	"cmp"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// Options are what a graph does not know.
type Options struct {
	// Vendored reports whether a Dockerfile is kept in a vendored tree; nil for none.
	Vendored func(dockerfile string) bool
	// Curated are the repositories that the configuration names.
	Curated map[string]bool
}

// New makes the estate of a graph.
func New(g *graph.Graph, o Options) *Estate {
	c := &collector{
		g: g, options: o, depths: g.Depths(), states: map[*graph.Node]State{}, steps: map[*graph.Node]imageref.Step{}, services: map[*graph.Node]bool{},
		e: &Estate{Images: []Image{}, Depths: []Depth{}, Builds: []Build{}, Unresolved: []Unresolved{}, Uncurated: []Uncurated{}, Unsaid: []Unsaid{}},
	}
	c.newest.Leave = func(build *graph.Node) bool {
		return build.File.IsDockerfile() && o.Vendored != nil && o.Vendored(build.File.Path)
	}
	c.collectBuilds()
	for _, image := range g.Images() {
		c.addImage(image)
	}
	c.addBuilds()
	c.addDepths()
	c.addUnresolved()
	c.addUncurated()
	c.addUnsaid()
	slices.SortStableFunc(c.e.Images, func(a, b Image) int { // they are by name and line
		return cmp.Compare(rank(a.Curated), rank(b.Curated))
	})
	return c.e
}

func rank(first bool) int {
	if first {
		return 0
	}
	return 1
}

// A collector makes an estate.
type collector struct {
	g       *graph.Graph
	options Options
	e       *Estate
	newest  graph.Newest

	builds   []*graph.Node                 // those that count, by path
	files    []*graph.Node                 // and the files with references that are no Dockerfiles
	depths   map[*graph.Node]int           // of builds
	services map[*graph.Node]bool          // the builds that count: whether they are services
	states   map[*graph.Node]State         // of builds that depend on an image
	steps    map[*graph.Node]imageref.Step // of builds that are behind, the largest
}

// collectBuilds finds the builds that count.
func (c *collector) collectBuilds() {
	t := &c.e.Totals
	last := ""
	for _, node := range c.g.Builds() {
		file := node.File
		first := file.Path != last // builds come by path
		last = file.Path
		switch {
		case !file.IsDockerfile():
			c.files = append(c.files, node)
			continue
		case c.options.Vendored != nil && c.options.Vendored(file.Path):
			if first {
				t.Vendored++
			}
			continue
		case first:
			t.Dockerfiles++
		}
		if file.Unreadable || len(file.Stages) == 0 {
			if first {
				t.Unreadable++
			}
			continue
		}
		c.builds = append(c.builds, node)
		service := !slices.ContainsFunc(node.Makes(), (*graph.Node).IsConsumed)
		c.services[node] = service
		t.Builds++
		if service {
			t.Services++
		} else if isBased(node) {
			t.Derived++
		}
	}
}

// isBased reports whether a build depends on an image.
func isBased(build *graph.Node) bool { return slices.ContainsFunc(build.File.Refs, counts) }

// counts reports whether a build is behind for a reference that is.
func counts(ref *scanner.Ref) bool {
	return ref.Exposure > scanner.Unreachable && ref.Kind != scanner.Syntax
}

// isUnresolved reports whether the version of a reference, or more of it, is not known.
func isUnresolved(ref *scanner.Ref) bool {
	return ref.Image.IsZero() && ref.Link == "" || ref.Outside.Path != ""
}

// isMoving reports whether a reference is a moving tag without a digest.
func isMoving(ref *scanner.Ref) bool {
	return counts(ref) && ref.Link == "" && !isUnresolved(ref) && ref.Image.Digest == "" && imageref.Follows(ref.Image.Tag)
}

// isCurated reports whether an image is a curated base.
func (c *collector) isCurated(image *graph.Node) bool {
	made := image.Maker() != nil || slices.ContainsFunc(image.Claims, func(claim graph.Claim) bool { return claim.Image != "" })
	return image.IsConsumed() && (made || c.options.Curated[image.Key])
}

// note notes how a reference of a build compares: of several the worst counts, and what is not known before what is newest.
func (c *collector) note(build *graph.Node, state State, step imageref.Step) {
	if _, ok := c.services[build]; !ok {
		return
	}
	c.steps[build] = max(c.steps[build], step)
	worse := map[State]int{"": 0, Newest: 1, Unknown: 2, Behind: 3}
	if worse[state] > worse[c.states[build]] {
		c.states[build] = state
	}
}

// addBuilds lists the builds, each with its state, and counts references.
func (c *collector) addBuilds() {
	t := &c.e.Totals
	type place struct {
		pos     source.Pos
		written string
	}
	seen, moving := map[place]bool{}, map[place]bool{}
	for _, build := range c.builds {
		for _, ref := range build.File.Refs {
			if !counts(ref) {
				continue
			}
			at := place{ref.Pos, ref.Written}
			seen[at] = true
			if isMoving(ref) {
				moving[at] = true
			}
			if isUnresolved(ref) {
				c.note(build, Unknown, 0) // it has no image where not even that is known
			}
		}
		b := Build{Path: build.Key, Target: build.File.Target, Name: graph.Name(build.Key), Role: "service", Depth: c.depths[build], State: cmp.Or(c.states[build], Bare)}
		if !c.services[build] {
			b.Role = "base"
		}
		c.e.Builds = append(c.e.Builds, b)
		switch b.State {
		case Newest:
			t.Newest++
		case Behind:
			t.Behind++
			switch c.steps[build] {
			case imageref.Major:
				t.Major++
			case imageref.Minor:
				t.Minor++
			default:
				t.Patch++
			}
		case Unknown:
			t.Unknown++
		case Bare:
			t.Bare++
		}
	}
	t.References, t.Moving = len(seen), len(moving)
	slices.SortStableFunc(c.e.Builds, func(a, b Build) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Target, b.Target)) })
}
