package monorepo

import (
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// publishedAs returns the references under which the image of a build is published, as far as they are known:
// those that its build files give it or, of an image without any, the newest that other builds name and that
// no other build makes. By image, and in the order in which they are given.
func publishedAs(g *graph.Graph, build *graph.Node) []string {
	var all []string
	for _, image := range build.Makes() {
		claim, ok := image.Claim()
		if !ok || image.Nameless || image.IsSimilar() || strings.Contains(image.Key, scanner.Unknown) {
			continue
		}
		tags := claim.Tags
		if len(tags) == 0 {
			tags = newestUsed(g, image, build)
		}
		for _, tag := range tags {
			reference := imageref.Ref{Repository: image.Key, Tag: tag}.String()
			if _, err := imageref.Parse(reference); err == nil && !slices.Contains(all, reference) {
				all = append(all, reference)
			}
		}
	}
	return all
}

// newestUsed returns the newest tag of a line of an image that a reference names and that the build alone
// makes; none where there is no such tag.
func newestUsed(g *graph.Graph, line, build *graph.Node) []string {
	newest := imageref.Tag{}
	for _, edge := range line.Uses() {
		for _, ref := range edge.Refs {
			tag, ok := imageref.ParseTag(ref.Image.Tag)
			if ok && ref.Link == "" && slices.Equal(g.MakersOf(ref), []*graph.Node{build}) && (newest.Text == "" || tag.SameScheme(newest) && tag.Compare(newest) > 0) {
				newest = tag
			}
		}
	}
	if newest.Text == "" {
		return nil
	}
	return []string{newest.Text}
}
