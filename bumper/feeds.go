package bumper

import (
	"cmp"
	"maps"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A tagged is a place that gives an image its version.
type tagged struct {
	image     *graph.Node
	text      trace.Text
	reference bool // the text is a reference, not the tag alone
}

// A reader is a reference of a build.
type reader struct {
	build *graph.Node
	ref   *scanner.Ref
}

// A carried reference is one of another build, which an edit moves along.
type carried struct {
	build *graph.Node
	ref   *scanner.Ref
	to    string // what it names then
}

// index finds out what the bytes of files feed that several builds read: build files,
// Dockerfiles of several builds, and the targets of symbolic links.
func (p *planner) index() {
	p.readers, p.tagged = map[string][]reader{}, map[string][]tagged{}
	builds := map[string]int{}
	p.defaults = map[string][]*scanner.Ref{}
	for _, node := range p.Graph.Builds() {
		builds[node.File.Origin.Path]++
		if len(node.File.Defaults) > 0 {
			p.defaults[node.Key] = append(p.defaults[node.Key], node.File.Defaults...)
		}
	}
	for _, whole := range p.Graph.Builds() {
		for _, node := range whole.Parts() {
			for _, ref := range node.File.Refs {
				sources := ref.Sources()
				for _, path := range sources {
					p.readers[path] = append(p.readers[path], reader{node, ref})
				}
				if own := node.File.Origin.Path; (builds[own] > 1 || !node.File.IsDockerfile()) && !slices.Contains(sources, own) {
					p.readers[own] = append(p.readers[own], reader{node, ref})
				}
			}
		}
	}
	for _, image := range slices.SortedFunc(maps.Keys(p.Tags), func(a, b *graph.Node) int { return cmp.Compare(a.ID(), b.ID()) }) {
		for _, text := range p.Tags[image] {
			seen := map[string]bool{}
			for _, piece := range text.Pieces() {
				if piece.File != nil && !seen[piece.File.Path] {
					seen[piece.File.Path] = true
					p.tagged[piece.File.Path] = append(p.tagged[piece.File.Path], tagged{image: image, text: text, reference: true})
				}
			}
		}
	}
}

// placesIn returns what a file that is no build file says of the versions of images.
func (p *planner) placesIn(path string) []tagged {
	if p.placed == nil {
		p.placed = map[string][]tagged{}
		for _, node := range p.Graph.Images() {
			if p.Releases == nil || len(node.Claims) == 0 || !node.IsConsumed() {
				continue
			}
			versions, err := p.versions(node)
			if err != nil {
				continue
			}
			for _, v := range versions {
				for _, place := range v.places {
					if pieces := place.Tag.Pieces(); len(pieces) == 1 && pieces[0].File != nil {
						p.placed[pieces[0].File.Path] = append(p.placed[pieces[0].File.Path], tagged{image: node, text: place.Tag})
					}
				}
			}
		}
	}
	return p.placed[path]
}

// versionsAt returns what a file says of the versions of images: the tags that a build file gives, and any other place.
func (p *planner) versionsAt(path string) []tagged {
	return slices.Concat(p.tagged[path], p.placesIn(path))
}
