package graph

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"

	gonum "gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/encoding"
	"gonum.org/v1/gonum/graph/encoding/dot"
	"gonum.org/v1/gonum/graph/simple"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// A View is a part of a graph to be shown.
type View struct {
	Nodes []*Node // by id
	Edges []*Edge // by the ids of their ends
}

// View returns the whole graph.
func (g *Graph) View() View { return View{Nodes: g.nodes, Edges: g.Edges()} }

// AffectedView returns what lies between the bases and their dependents: the
// bases, the dependents and the images that carry the patch on.
func (g *Graph) AffectedView(bases []string, dependents []Dependent) View {
	show := map[string]bool{}
	for _, base := range bases {
		show[base] = true
	}
	for _, dependent := range dependents {
		show[dependent.File.Path] = true
		for _, image := range dependent.Images {
			show[image] = true
		}
	}
	var shown []*Node
	for key := range show {
		for _, node := range []*Node{g.images[key], g.files[key]} {
			if node != nil {
				shown = append(shown, node)
			}
		}
	}
	slices.SortFunc(shown, byID)
	given := set(bases)
	v := View{Nodes: shown}
	for _, node := range shown {
		for _, edge := range node.out {
			if show[edge.T.Key] && !given[edge.T.Key] {
				v.Edges = append(v.Edges, edge)
			}
		}
	}
	return v
}

// Versions returns the versions that the references of an edge are on, sorted,
// each once; "latest" stands for none, "unresolved" for one that is not known.
func (e *Edge) Versions() []string {
	var versions []string
	for _, ref := range e.Refs {
		version := ref.Image.Version()
		switch {
		case ref.Image.IsZero():
			version = "unresolved"
		case version == "":
			version = "latest"
		}
		versions = append(versions, short(version))
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

// WriteText writes v for a terminal: each image with who makes it and who
// depends on it.
func (v View) WriteText(w io.Writer) error {
	var b strings.Builder
	next := 0 // of the edges, which come in the order of the nodes
	for _, node := range v.Nodes {
		if node.Kind != Image {
			continue
		}
		b.WriteString(node.Key)
		for _, claim := range node.Claims {
			fmt.Fprintf(&b, "  (made by %s)", source.Clean(claim.Path))
		}
		b.WriteByte('\n')
		for ; next < len(v.Edges) && v.Edges[next].F.id <= node.id; next++ {
			if edge := v.Edges[next]; edge.F == node {
				fmt.Fprintf(&b, "  %-11s  %s  %s\n", edge.Exposure(), source.Clean(edge.T.Key), strings.Join(edge.Versions(), ", "))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteMermaid writes v as a Mermaid flowchart, which GitHub draws in Markdown.
func (v View) WriteMermaid(w io.Writer) error {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	for _, node := range v.Nodes {
		if node.Kind == Image {
			fmt.Fprintf(&b, "  n%d([\"%s\"])\n", node.id, mermaidText(imageref.Base(node.Key)))
		} else {
			fmt.Fprintf(&b, "  n%d[\"%s\"]\n", node.id, mermaidText(node.Key))
		}
	}
	for _, edge := range v.Edges {
		arrow := map[scanner.Exposure]string{scanner.Runtime: "-->", scanner.Build: "-.->", scanner.Unreachable: "-.-x"}[edge.Exposure()]
		label := ""
		if versions := edge.Versions(); len(versions) > 0 {
			label = "|\"" + mermaidText(strings.Join(versions, ", ")) + "\"|"
		}
		fmt.Fprintf(&b, "  n%d %s%s n%d\n", edge.F.id, arrow, label, edge.T.id)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// mermaidText escapes what would end a quoted text or begin an entity of it. The
// drawing may end up in a commit message, where "fixes #1" and "[skip ci]" mean
// something; so entities have names, "#35;" would refer to an issue of that number.
func mermaidText(s string) string {
	s = source.Clean(strings.ReplaceAll(s, "\n", " "))
	s = strings.NewReplacer(`"`, "#quot;", "#", "#num;", "<", "#lt;", ">", "#gt;", "[", "#lsqb;", "*", "#ast;", "://", "#colon;//").Replace(s)
	return issueID().ReplaceAllString(s, "$1#hyphen;$2")
}

// issueID is another form of a reference to an issue.
var issueID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)\b(gh)-([0-9])`) })

// WriteDOT writes v in the DOT language of Graphviz.
func (v View) WriteDOT(w io.Writer) error {
	shown := simple.NewDirectedGraph()
	for _, node := range v.Nodes {
		shown.AddNode(dotNode{node})
	}
	for _, edge := range v.Edges {
		shown.SetEdge(dotEdge{edge})
	}
	text, err := dot.Marshal(dotGraph{shown}, "propagate", "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", text)
	return err
}

type dotGraph struct{ *simple.DirectedGraph }

// DOTAttributers implements dot.Attributers: how the graph, nodes and edges look
// unless they say otherwise.
func (dotGraph) DOTAttributers() (graph, node, edge encoding.Attributer) {
	return attributes{{Key: "rankdir", Value: "LR"}}, attributes{{Key: "shape", Value: "box"}}, attributes{}
}

type attributes []encoding.Attribute

func (a attributes) Attributes() []encoding.Attribute { return a }

type dotNode struct{ *Node }

// DOTID implements dot.Node.
func (n dotNode) DOTID() string { return quoteDOT(n.Key) }

// Attributes implements encoding.Attributer.
func (n dotNode) Attributes() []encoding.Attribute {
	if n.Kind == Image {
		return attributes{{Key: "shape", Value: "ellipse"}}
	}
	return nil
}

type dotEdge struct{ *Edge }

// From and To implement gonum's graph.Edge for the nodes as they are shown.
func (e dotEdge) From() gonum.Node { return dotNode{e.F} }

// To returns the node that the edge leads to.
func (e dotEdge) To() gonum.Node { return dotNode{e.T} }

// Attributes implements encoding.Attributer.
func (e dotEdge) Attributes() []encoding.Attribute {
	var attrs attributes
	if versions := e.Versions(); len(versions) > 0 {
		attrs = append(attrs, encoding.Attribute{Key: "label", Value: quoteDOT(strings.Join(versions, ", "))})
	}
	if e.Exposure() < scanner.Runtime {
		attrs = append(attrs, encoding.Attribute{Key: "style", Value: map[bool]string{true: "dashed", false: "dotted"}[e.Exposure() == scanner.Build]})
	}
	return attrs
}

func quoteDOT(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(source.Clean(strings.ReplaceAll(s, "\n", " "))) + `"`
}
