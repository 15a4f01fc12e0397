package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/matihlabs/propagate/graph"
)

// Explain is the document of propagate graph --explain: which Dockerfile makes an
// image, and how that is known.
type Explain struct {
	Schema   string         `json:"schema"`
	Revision string         `json:"revision"` // "" for a plain directory
	Image    string         `json:"image"`
	Makers   []ExplainMaker `json:"makers"`
	UsedBy   []string       `json:"used_by"` // the files that depend on it, by path
}

// ExplainMaker is a Dockerfile that makes the image.
type ExplainMaker struct {
	Path   string  `json:"path"`
	Target string  `json:"target"` // "" for the default one
	Rule   string  `json:"rule"`   // how it is known
	Where  *string `json:"where"`  // where it is said

	rule graph.Rule
}

// NewExplain makes the document of an image of a graph.
func NewExplain(g *graph.Graph, revision, image string) *Explain {
	doc := &Explain{Schema: "propagate/explain/v1", Revision: revision, Image: image, Makers: []ExplainMaker{}, UsedBy: []string{}}
	for _, claim := range g.Makers(image) {
		doc.Makers = append(doc.Makers, ExplainMaker{Path: claim.Path, Target: claim.Target, Rule: claim.Rule.String(), Where: optional(claim.Where), rule: claim.Rule})
	}
	for _, edge := range g.Edges() {
		if edge.F.Kind == graph.Image && edge.F.Key == image {
			doc.UsedBy = append(doc.UsedBy, edge.T.Key)
		}
	}
	return doc
}

// WriteText writes a line for each maker.
func (e *Explain) WriteText(w io.Writer) error {
	var b strings.Builder
	if len(e.Makers) == 0 {
		fmt.Fprintf(&b, "%s is made by no Dockerfile here: it comes from its registry\n", e.Image)
	}
	for _, maker := range e.Makers {
		where := ""
		if maker.Where != nil {
			where = Clean(*maker.Where)
		}
		by := map[graph.Rule]string{
			graph.Configured: "the configuration says so, " + where,
			graph.BuildFile:  "a build file says so, " + where,
			graph.Command:    "a command builds it, " + where,
			graph.Named:      "it, or its directory, is called like the image",
		}[maker.rule]
		fmt.Fprintf(&b, "%s is made by %s: %s\n", e.Image, Clean(maker.Path), by)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
