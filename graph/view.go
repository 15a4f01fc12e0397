package graph

import (
	"maps"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/scanner"
)

// A View is a part of a graph to be shown.
type View struct {
	Nodes []*Node // by id
	Edges []*Edge // by the ids of their ends

	Moves map[*scanner.Ref]string // the versions that references move to; nil where none does
}

// View returns the whole graph.
func (g *Graph) View() View { return View{Nodes: g.nodes, Edges: g.Edges()} }

// AffectedView returns what lies between the bases and their dependents: the
// bases, the dependents and the images that carry the patch on.
func (g *Graph) AffectedView(bases []*Node, dependents []Dependent) View {
	show := map[*Node]bool{}
	given := map[*Node]bool{}
	for _, base := range bases {
		show[base], given[base] = true, true
	}
	for _, dependent := range dependents {
		show[dependent.Node.Whole()] = true
		for _, image := range dependent.Images {
			show[image] = true
		}
	}
	v := View{Nodes: slices.SortedFunc(maps.Keys(show), byID)}
	for _, node := range v.Nodes {
		for _, edge := range node.out {
			if show[edge.T] && !given[edge.T] {
				v.Edges = append(v.Edges, edge)
			}
		}
	}
	return v
}

// Titles returns what a person is shown of the nodes, in their order: the label, with the
// words that tell an image without a name from a repository, and what is on no line of an
// image from the lines of it.
func (v View) Titles() []string {
	titles := make([]string, len(v.Nodes))
	for i, node := range v.Nodes {
		titles[i] = node.Label
		switch {
		case node.Kind != Image:
		case node.Nameless:
			titles[i] = "image of " + node.Label
		case node.Line == "" && i+1 < len(v.Nodes) && v.Nodes[i+1].Kind == Image && v.Nodes[i+1].Key == node.Key:
			titles[i] += " (other lines)"
		}
	}
	return titles
}

// Versions returns the versions that the references of an edge are on, sorted,
// each once; a reference without a version is "latest", one that cannot be resolved or that a build is handed "unresolved".
func (e *Edge) Versions() []string { return Versions(e.Refs) }

// Versions returns what [Edge.Versions] does for an edge of the view, with the version that a
// reference moves to: "1.0.0 → 1.0.1".
func (v View) Versions(e *Edge) []string { return versions(e.Refs, v.Moves) }

// Versions returns the versions that references are on, as [Edge.Versions] does.
func Versions(refs []*scanner.Ref) []string { return versions(refs, nil) }

func versions(refs []*scanner.Ref, moves map[*scanner.Ref]string) []string {
	var versions []string
	for _, ref := range refs {
		version := ref.Image.Version()
		switch {
		case ref.Image.IsZero() && ref.Link != "":
			continue
		case ref.Image.IsZero(), ref.Outside.Path != "":
			version = "unresolved"
		case version == "":
			version = "latest"
		}
		version = short(version)
		if to := moves[ref]; to != "" {
			version += " → " + short(to)
		}
		versions = append(versions, version)
	}
	slices.Sort(versions)
	return slices.Compact(versions)
}

// short cuts a digest down to what a person compares.
func short(version string) string {
	if i := strings.Index(version, "sha256:"); i >= 0 && len(version) > i+19 {
		return version[:i+19]
	}
	return version
}
