package picture

import (
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// newestVersions has the tags that a repository uses and makes of each image, and what is newest to each.
type newestVersions map[*graph.Node]*imageTags

type imageTags struct {
	tags  []string
	newer map[string]string
}

// than returns the newest tag of an image that is newer than that of a reference, "" for none. A tag that
// moves by itself has none.
func (n newestVersions) than(image *graph.Node, ref *scanner.Ref) string {
	tag := ref.Image.Tag
	if tag == "" || ref.Image.IsZero() {
		return ""
	}
	known := n[image]
	if known == nil {
		known = &imageTags{tags: tagsOf(image), newer: map[string]string{}}
		n[image] = known
	}
	newer, ok := known.newer[tag]
	if !ok {
		newer = newest(tag, known.tags)
		known.newer[tag] = newer
	}
	return newer
}

// newest returns the newest of tags that is a step up from tag, "" for none.
func newest(tag string, tags []string) string {
	best := ""
	for _, t := range tags {
		if imageref.Relate(tag, t) >= imageref.Patch && (best == "" || imageref.Relate(best, t) >= imageref.Patch) {
			best = t
		}
	}
	return best
}

// tagsOf returns the tags that the builds of the repository use of an image and give to it, each once.
func tagsOf(image *graph.Node) []string {
	var tags []string
	seen := map[string]bool{"": true}
	add := func(tag string) {
		if !seen[tag] {
			seen[tag] = true
			tags = append(tags, tag)
		}
	}
	for _, use := range image.Uses() {
		for _, ref := range use.Refs {
			add(ref.Image.Tag)
		}
	}
	for _, claim := range image.Claims {
		for _, tag := range claim.Tags {
			add(tag)
		}
	}
	return tags
}
