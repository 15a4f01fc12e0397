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

// WriteGraphText writes v for a terminal: each image with who makes it, who
// depends on it, and which services run it.
func WriteGraphText(w io.Writer, v graph.View, runs []monorepo.Run) error {
	var b strings.Builder
	titles := v.Titles()
	next := 0 // of the edges, which come in the order of the nodes
	for i, node := range v.Nodes {
		if node.Kind != graph.Image {
			continue
		}
		b.WriteString(source.Clean(titles[i]))
		if claim, ok := node.Claim(); ok {
			fmt.Fprintf(&b, "  (made by %s, %s)", source.Clean(node.Maker().Label), source.Clean(ruleOf(claim)))
		}
		b.WriteByte('\n')
		for ; next < len(v.Edges) && v.Edges[next].F.ID() <= node.ID(); next++ {
			if edge := v.Edges[next]; edge.F == node {
				row := fmt.Sprintf("  %-11s  %s  %s", edge.Exposure(), source.Clean(edge.T.Label), strings.Join(edge.Versions(), ", "))
				if edge.Assumed() {
					row += "  (assumed)"
				}
				b.WriteString(strings.TrimRight(row, " ") + "\n")
			}
		}
		for _, run := range runs {
			if run.Image == node {
				fmt.Fprintf(&b, "  %-11s  %s:%d (service %s)  %s\n", "runs", source.Clean(run.Pos.Path), run.Pos.Line, source.Clean(run.Service), run.Ref.Version())
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// ruleOf says in short how the maker of an image is known, and where it is said.
func ruleOf(claim graph.Claim) string {
	switch claim.Rule {
	case graph.Named:
		return "by its path"
	case graph.Similar:
		return "assumed, as that of " + readable(claim.Like) + " at " + claim.Where
	}
	return strings.TrimRight(claim.Rule.String()+" "+claim.Where, " ")
}

// readable returns a name of which not all may be known.
func readable(name string) string { return strings.ReplaceAll(name, scanner.Unknown, "…") }

// WriteDOT writes v in the DOT language of Graphviz.
func WriteDOT(w io.Writer, v graph.View) error {
	var b strings.Builder
	b.WriteString("strict digraph propagate {\n  graph [\n    rankdir=LR\n  ];\n  node [\n    shape=box\n  ];\n")
	if len(v.Nodes) > 0 {
		b.WriteString("\n  // Node definitions.")
	}
	names := namesDOT(v)
	for _, node := range v.Nodes {
		shape := ""
		if node.Kind == graph.Image {
			shape = " [shape=ellipse]"
		}
		fmt.Fprintf(&b, "\n  %s%s;", names[node], shape)
	}
	if len(v.Edges) > 0 {
		b.WriteString("\n\n  // Edge definitions.")
	}
	for _, edge := range v.Edges {
		fmt.Fprintf(&b, "\n  %s -> %s%s;", names[edge.F], names[edge.T], attributesDOT(edge))
	}
	b.WriteString("\n}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// namesDOT returns what the nodes are called; lines that two builds both make have the names
// of these behind theirs, since DOT knows a node by its name.
func namesDOT(v graph.View) map[*graph.Node]string {
	titles := v.Titles()
	same := make(map[string]int, len(titles))
	for _, title := range titles {
		same[title]++
	}
	names := make(map[*graph.Node]string, len(titles))
	for i, node := range v.Nodes {
		if same[titles[i]] > 1 && node.Maker() != nil {
			titles[i] += " (" + node.Maker().Label + ")"
		}
		names[node] = quoteDOT(titles[i])
	}
	return names
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
