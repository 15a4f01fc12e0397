package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/scanner"
)

// Explain is the document of propagate graph --explain: which builds make an
// image, or a tag of it, how that is known, and what else was weighed.
type Explain struct {
	Schema   string         `json:"schema"`
	Revision string         `json:"revision"` // "" for a plain directory
	Image    string         `json:"image"`
	Tag      *string        `json:"tag"`  // null where none was asked for
	Rule     *string        `json:"rule"` // how the makers of the tag are known
	Makers   []ExplainMaker `json:"makers"`
	Others   []ExplainMaker `json:"others"`  // that were weighed, and do not make it
	UsedBy   []string       `json:"used_by"` // the files that depend on it, by path
}

// ExplainMaker is a build that makes the image, or was weighed.
type ExplainMaker struct {
	Image  string   `json:"image"`
	Path   string   `json:"path"`
	Target string   `json:"target"` // "" for the default one
	Tags   []string `json:"tags"`   // that it is known to give the image
	Rule   string   `json:"rule"`   // how it is known
	Where  *string  `json:"where"`  // where it is said
	Like   *string  `json:"like"`   // the image that it makes, where it makes this one by a similar name
	Why    *string  `json:"why"`    // it does not count; null for a maker

	build *graph.Node
	rule  graph.Rule
}

// NewExplain makes the document of images that the same builds make, mostly of one, and of
// a tag of these if there is one.
func NewExplain(g *graph.Graph, revision string, images []string, tag string) *Explain {
	doc := &Explain{Schema: "propagate/explain/v1", Revision: revision, Image: images[0], Tag: optional(tag), Makers: []ExplainMaker{}, Others: []ExplainMaker{}, UsedBy: []string{}}
	for _, image := range images {
		e := g.Explain(image, tag)
		doc.Rule = optional(e.Rule)
		for _, w := range e.Makers {
			doc.Makers = append(doc.Makers, explainMaker(image, w))
		}
		for _, w := range e.Others {
			doc.Others = append(doc.Others, explainMaker(image, w))
		}
		for _, line := range g.LinesOf(image, tag) {
			for _, use := range line.Uses() {
				doc.UsedBy = append(doc.UsedBy, use.T.Key)
			}
		}
	}
	slices.Sort(doc.UsedBy)
	doc.UsedBy = slices.Compact(doc.UsedBy)
	return doc
}

func explainMaker(image string, w graph.Weighed) ExplainMaker {
	where := w.Claim.Where
	if w.Claim.Rule.IsGuess() {
		where = ""
	}
	return ExplainMaker{
		Image: image, Path: w.Build.Key, Target: w.Build.File.Target, Tags: notNil(w.Claim.Tags), Rule: w.Claim.Rule.String(), Where: optional(where), Like: optional(scanner.Readable(w.Claim.Like)), Why: optional(w.Why),
		build: w.Build, rule: w.Claim.Rule,
	}
}

// WriteText writes a line for each maker, and for what else was weighed.
func (e *Explain) WriteText(w io.Writer) error {
	var b strings.Builder
	image := e.Image
	if e.Tag != nil {
		image += ":" + *e.Tag
	}
	if len(e.Makers) == 0 && len(e.Others) == 0 {
		fmt.Fprintf(&b, "%s is made by no Dockerfile here: it comes from its registry\n", image)
	} else if len(e.Makers) == 0 {
		fmt.Fprintf(&b, "%s is made by no build here that is known\n", image)
	}
	for _, maker := range e.Makers {
		if e.Tag == nil {
			image = maker.Image
			if len(maker.Tags) > 0 && len(e.Makers) > 1 {
				image += ":" + strings.Join(maker.Tags, ",")
			}
		}
		fmt.Fprintf(&b, "%s is made by %s: %s\n", image, Clean(maker.build.Label), maker.says())
	}
	if e.Rule != nil && len(e.Makers) > 0 {
		fmt.Fprintf(&b, "%s\n", *e.Rule)
	}
	if len(e.Others) > 0 {
		b.WriteString("weighed as well:\n")
	}
	for _, other := range e.Others {
		tags := ""
		if len(other.Tags) > 0 {
			tags = " " + strings.Join(other.Tags, ", ")
		}
		fmt.Fprintf(&b, "  %s%s: %s; %s\n", Clean(other.build.Label), tags, other.says(), *other.Why)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// says says how a claim is known.
func (m ExplainMaker) says() string {
	where := ""
	if m.Where != nil {
		where = Clean(*m.Where)
	}
	like := ""
	if m.Like != nil {
		like = Clean(*m.Like)
	}
	return map[graph.Rule]string{
		graph.Configured: "the configuration says so, " + where,
		graph.BuildFile:  "a build file says so, " + where,
		graph.Command:    "a command builds it, " + where,
		graph.Similar:    "it makes " + like + ", which is taken for it",
		graph.Named:      "it, or its directory, is called like the image",
	}[m.rule]
}
