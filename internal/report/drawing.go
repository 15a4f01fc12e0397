package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// WriteGraphText writes v for a terminal: each image with who makes it and who
// depends on it.
func WriteGraphText(w io.Writer, v graph.View) error {
	var b strings.Builder
	next := 0 // of the edges, which come in the order of the nodes
	for _, node := range v.Nodes {
		if node.Kind != graph.Image {
			continue
		}
		b.WriteString(source.Clean(node.Label))
		if node.Maker() != nil {
			fmt.Fprintf(&b, "  (made by %s)", source.Clean(node.Maker().Label))
		}
		b.WriteByte('\n')
		for ; next < len(v.Edges) && v.Edges[next].F.ID() <= node.ID(); next++ {
			if edge := v.Edges[next]; edge.F == node {
				fmt.Fprintf(&b, "  %-11s  %s  %s\n", edge.Exposure(), source.Clean(edge.T.Label), strings.Join(edge.Versions(), ", "))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteDOT writes v in the DOT language of Graphviz.
func WriteDOT(w io.Writer, v graph.View) error {
	var b strings.Builder
	b.WriteString("strict digraph propagate {\n  graph [\n    rankdir=LR\n  ];\n  node [\n    shape=box\n  ];\n")
	if len(v.Nodes) > 0 {
		b.WriteString("\n  // Node definitions.")
	}
	for _, node := range v.Nodes {
		shape := ""
		if node.Kind == graph.Image {
			shape = " [shape=ellipse]"
		}
		fmt.Fprintf(&b, "\n  %s%s;", quoteDOT(node.Label), shape)
	}
	if len(v.Edges) > 0 {
		b.WriteString("\n\n  // Edge definitions.")
	}
	for _, edge := range v.Edges {
		fmt.Fprintf(&b, "\n  %s -> %s%s;", quoteDOT(edge.F.Label), quoteDOT(edge.T.Label), attributesDOT(edge))
	}
	b.WriteString("\n}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// attributesDOT returns how an edge looks.
func attributesDOT(edge *graph.Edge) string {
	var all []string
	if versions := edge.Versions(); len(versions) > 0 {
		all = append(all, "label="+quoteDOT(strings.Join(versions, ", ")))
	}
	switch edge.Exposure() {
	case scanner.Build:
		all = append(all, "style=dashed")
	case scanner.Unreachable:
		all = append(all, "style=dotted")
	}
	switch len(all) {
	case 0:
		return ""
	case 1:
		return " [" + all[0] + "]"
	}
	return " [\n    " + strings.Join(all, "\n    ") + "\n  ]"
}

func quoteDOT(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(source.Clean(strings.ReplaceAll(s, "\n", " "))) + `"`
}
