package monorepo

import (
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// publishedAs returns the references under which the image of a build is published, as far as they are known:
// those that its build files give it or, of an image without any, those that the repository says elsewhere or, of one
// without these too, the newest that other builds name and that no other build makes. By image, and in the order in
// which they are given.
func publishedAs(g *graph.Graph, build *graph.Node, written func(image *graph.Node) []bumper.Written) []string {
	var all []string
	for _, image := range build.Makes() {
		claim, ok := image.Claim()
		if !ok || !isNamed(image) {
			continue
		}
		tags := claim.Tags
		if len(tags) == 0 && written != nil {
			for _, w := range written(image) {
				tags = append(tags, w.Tag)
			}
		}
		if len(tags) == 0 {
			tags = newestUsed(g, image, build)
		}
		all = withReferences(all, image, tags)
	}
	return all
}

// usedOf returns the references to what a build makes that other builds name, in the newest version, without those that
// are known.
func usedOf(g *graph.Graph, build *graph.Node, known []string) []string {
	var all []string
	for _, image := range build.Makes() {
		if isNamed(image) {
			all = withReferences(all, image, newestUsed(g, image, build))
		}
	}
	return slices.DeleteFunc(all, func(reference string) bool { return slices.Contains(known, reference) })
}

// isNamed reports whether the repository of an image is known.
func isNamed(image *graph.Node) bool {
	return !image.Nameless && !image.IsSimilar() && !strings.Contains(image.Key, scanner.Unknown)
}

// withReferences adds the references of tags of an image, each once.
func withReferences(all []string, image *graph.Node, tags []string) []string {
	for _, tag := range tags {
		reference := imageref.Ref{Repository: image.Key, Tag: tag}.String()
		if _, err := imageref.Parse(reference); err == nil && !slices.Contains(all, reference) {
			all = append(all, reference)
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
