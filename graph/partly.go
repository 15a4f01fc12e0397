package graph

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// A likeness says how well two partly known tags fit each other, such as "…-base-amd64" and "1-base-…".
type likeness uint8

const (
	unlike    likeness = iota // their known parts contradict each other, or nothing is known of one
	possible                  // they can be the same: the unknown parts may stand for any text
	likely                    // so does one of words without a dash
	identical                 // the same is known of both
)

// likenessOf compares two tags. [scanner.Unknown] stands for the unknown parts of each.
func likenessOf(a, b string) likeness {
	switch {
	case strings.Trim(a, scanner.Unknown) == "" || strings.Trim(b, scanner.Unknown) == "":
		return unlike
	case a == b:
		return identical
	case !meet(a, b):
		return unlike
	}
	x, y := strings.Split(a, "-"), strings.Split(b, "-")
	if len(x) != len(y) {
		return possible
	}
	for i := range x {
		if !meet(x[i], y[i]) {
			return possible
		}
	}
	return likely
}

// longestTag is how long a tag may be that is compared: that of OCI, and what stands for the unknown.
const longestTag = 256

// meet reports whether there is a text that both stand for, with [scanner.Unknown] for any.
func meet(a, b string) bool {
	if len(a) > longestTag || len(b) > longestTag {
		return true
	}
	x, y := []rune(a), []rune(b)
	const unknown = '\uFFFD'
	// before[j] says whether the first i of x and the first j of y stand for one text.
	before := make([]bool, len(y)+1)
	for i := 0; i <= len(x); i++ {
		now := make([]bool, len(y)+1)
		for j := 0; j <= len(y); j++ {
			switch {
			case i == 0 && j == 0:
				now[j] = true
			case i > 0 && x[i-1] == unknown && before[j], j > 0 && y[j-1] == unknown && now[j-1]:
				now[j] = true
			case i > 0 && j > 0:
				now[j] = x[i-1] == unknown && now[j-1] || y[j-1] == unknown && before[j] || x[i-1] == y[j-1] && before[j-1]
			}
		}
		before = now
	}
	return before[len(y)]
}

// likeness returns how much speaks for it that the build makes a tag, of which not all may be known.
func (m *maker) likeness(tag string) likeness {
	best := unlike
	for _, c := range m.claims {
		for _, other := range slices.Concat(c.Tags, c.Partly) {
			best = max(best, likenessOf(tag, other))
		}
	}
	return best
}

// likest returns the makers for which most speaks; all where nothing speaks for any.
func likest(makers []*maker, tag string) []*maker {
	best := unlike
	for _, m := range makers {
		best = max(best, m.likeness(tag))
	}
	if best == unlike {
		return makers
	}
	return filter(makers, func(m *maker) bool { return m.likeness(tag) == best })
}

// isUnsure reports whether which line the references of an edge are to rests on tags that are not known:
// on theirs, or on those of the build that makes the image.
func (b *builder) isUnsure(e *Edge) bool {
	if e.T.Kind != Build || e.F.maker == nil || e.F.Nameless {
		return false
	}
	isOpen := slices.ContainsFunc(b.repositories[e.F.Key].makers, func(m *maker) bool {
		return m.build == e.F.maker && m.open() && slices.ContainsFunc(m.claims, func(c Claim) bool { return len(c.Partly) > 0 })
	})
	return !slices.ContainsFunc(e.Refs, func(ref *scanner.Ref) bool {
		known := !ref.Image.IsZero() && ref.Outside.Path == "" && !isOpen
		return ref.Exposure > scanner.Unreachable && (known || ref.Link != "")
	})
}

// dropUnsure takes the uses whose tags are not known away from the images of a circle: they count as uses
// of what no build makes.
func (b *builder) dropUnsure(component map[*Node]bool) (dropped bool) {
	for _, node := range slices.SortedFunc(maps.Keys(component), byID) {
		for _, edge := range slices.Clone(node.out) {
			if component[edge.T] && edge.closes() && b.isUnsure(edge) {
				b.detach(edge)
				dropped = true
			}
		}
	}
	if dropped {
		b.number()
	}
	return dropped
}

// detach takes an edge from an image away.
func (b *builder) detach(edge *Edge) {
	image := edge.F
	r := b.repositories[image.Key]
	if image.Line == "" { // it was all there is
		for _, m := range r.makers {
			if m.build == image.maker {
				image.Line = m.name()
			}
		}
	}
	image.out = slices.DeleteFunc(image.out, func(e *Edge) bool { return e == edge })
	for _, ref := range edge.Refs {
		before := b.ImagesOf(ref)
		a := answer{fit: fitsNone}
		for _, n := range before {
			if n != image {
				a.images = append(a.images, n)
			}
		}
		if len(a.images) == 0 {
			other := b.unmade(image.Key)
			other.use(edge.T, ref)
			a.images = []*Node{other}
		} else {
			a.fit = fitsParts
		}
		b.lines[ref] = a
		b.note(source.CodeCircle, image.Key, ref.Pos.String(), ref.Pos, fmt.Sprintf("that %s is made by %s is a guess, since not all of its tag is known, and would close a circle: it counts for nothing", image.Key, image.maker.Label),
			"write the tag into the build file, or say in the configuration which Dockerfile makes it: images: {PATH: {image: "+image.Key+", tags: TAG}}", edge.T)
	}
}

// unmade returns the node of what no build makes of an image.
func (b *builder) unmade(name string) *Node {
	for _, n := range b.images[name] {
		if n.maker == nil {
			return n
		}
	}
	other := &Node{Kind: Image, Key: name}
	b.images[name] = append(b.images[name], other)
	return other
}
