package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// ruleOf says in short how the maker of an image is known, and where it is said.
func ruleOf(claim graph.Claim) string {
	switch claim.Rule {
	case graph.Named:
		return "by its path"
	case graph.Similar:
		return "assumed, as that of " + scanner.Readable(claim.Like) + " at " + claim.Where
	}
	return strings.TrimRight(claim.Rule.String()+" "+claim.Where, " ")
}

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
