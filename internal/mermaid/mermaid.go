// Package mermaid draws a graph in the language of Mermaid, for the command line and for the
// text of pull requests.
package mermaid

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// Write writes v as a Mermaid flowchart, which GitHub draws in Markdown.
func Write(w io.Writer, v graph.View) error {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	for _, node := range v.Nodes {
		if node.Kind == graph.Image {
			fmt.Fprintf(&b, "  n%d([\"%s\"])\n", node.ID(), escape(shortLabel(node)))
		} else {
			fmt.Fprintf(&b, "  n%d[\"%s\"]\n", node.ID(), escape(node.Label))
		}
	}
	for _, edge := range v.Edges {
		arrow := map[scanner.Exposure]string{scanner.Runtime: "-->", scanner.Build: "-.->", scanner.Unreachable: "-.-x"}[edge.Exposure()]
		label := ""
		if versions := edge.Versions(); len(versions) > 0 {
			label = "|\"" + escape(strings.Join(versions, ", ")) + "\"|"
		}
		fmt.Fprintf(&b, "  n%d %s%s n%d\n", edge.F.ID(), arrow, label, edge.T.ID())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// shortLabel is an image without its registry and namespace.
func shortLabel(image *graph.Node) string {
	return imageref.Base(image.Key) + strings.TrimPrefix(image.Label, image.Key)
}

// escape escapes what would end a quoted text or begin an entity of it. The
// drawing may end up in a commit message, where "fixes #1" and "[skip ci]" mean
// something; so entities have names, "#35;" would refer to an issue of that number.
func escape(s string) string {
	s = source.Clean(strings.ReplaceAll(s, "\n", " "))
	s = strings.NewReplacer(`"`, "#quot;", "#", "#num;", "<", "#lt;", ">", "#gt;", "[", "#lsqb;", "*", "#ast;", "://", "#colon;//").Replace(s)
	return issueID().ReplaceAllString(s, "$1#hyphen;$2")
}

// issueID is another form of a reference to an issue.
var issueID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)\b(gh)-([0-9])`) })
