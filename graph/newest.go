package graph

import (
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// Newest knows which versions a repository uses and makes of each image, and what is newer than each. No
// registry is asked. The zero Newest is ready; it is for one goroutine, and for one graph.
type Newest struct {
	// Leave reports whether the references of a build do not count, as those of vendored trees; nil counts all.
	Leave func(build *Node) bool

	images map[*Node]*imageTags
}

type imageTags struct {
	tags  []string
	newer map[string]string
}

// Than returns the newest tag of an image, or of its line, that the repository uses or makes and that is
// newer than that of a reference: 1.2.0 for a reference to 1.0.0 where another one is to 1.2.0. It
// returns "" where there is none, and for a reference without a tag that can be compared.
func (n *Newest) Than(image *Node, ref *scanner.Ref) string {
	tag := ref.Image.Tag
	if tag == "" || ref.Image.IsZero() {
		return ""
	}
	known := n.of(image)
	newer, ok := known.newer[tag]
	if !ok {
		newer = newestOf(tag, known.tags)
		known.newer[tag] = newer
	}
	return newer
}

func (n *Newest) of(image *Node) *imageTags {
	known := n.images[image]
	if known == nil {
		known = &imageTags{tags: n.tagsOf(image), newer: map[string]string{}}
		if n.images == nil {
			n.images = map[*Node]*imageTags{}
		}
		n.images[image] = known
	}
	return known
}

// newestOf returns the newest of tags that is a step up from tag, "" for none.
func newestOf(tag string, tags []string) string {
	best := ""
	for _, t := range tags {
		if imageref.Relate(tag, t) >= imageref.Patch && (best == "" || imageref.Relate(best, t) >= imageref.Patch) {
			best = t
		}
	}
	return best
}

// tagsOf returns the tags that the builds of the repository use of an image and give to it, each once.
func (n *Newest) tagsOf(image *Node) []string {
	var tags []string
	seen := map[string]bool{"": true}
	add := func(tag string) {
		if !seen[tag] {
			seen[tag] = true
			tags = append(tags, tag)
		}
	}
	for _, use := range image.Uses() {
		if n.Leave != nil && n.Leave(use.T) {
			continue
		}
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
