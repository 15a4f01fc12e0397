package graph

import (
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// A History finds the build that was once on a line of an image which none of the makers is
// on now, going by so many leading numbers; nil if there was none. told is false where that
// cannot be known.
type History func(image string, line imageref.Line, numbers int, makers []*Node) (maker *Node, told bool)

// formerly asks the history for the build of a tag that is on no line, once for each line.
func (b *builder) formerly(r *repository, tag string, guess []*maker, how fit) ([]*maker, fit) {
	line := imageref.LineOf(tag)
	needed := 1
	var builds []*Node
	for i, m := range r.makers {
		l, ok := m.line(line, sameFlavour)
		if !ok {
			continue
		}
		builds = append(builds, m.build)
		for _, other := range r.makers[:i] {
			if o, ok := other.line(line, sameFlavour); ok {
				needed = max(needed, 1+l.Shared(o))
			}
		}
	}
	if len(builds) == 0 || len(line.Numbers) == 0 {
		return guess, how
	}
	key := r.name + " " + line.Flavour + " " + strings.Join(line.Numbers[:min(needed, len(line.Numbers))], ".")
	known, asked := b.former[key]
	if !asked {
		maker, told := b.past(r.madeAs(), line, needed, builds)
		known = answer{fit: how}
		if told {
			known.fit = fitsNone
		}
		if maker != nil {
			known = answer{[]*Node{maker}, fitsFormer}
		}
		b.former[key] = known
	}
	switch known.fit {
	case fitsFormer:
		return filter(r.makers, func(m *maker) bool { return m.build == known.images[0] }), fitsFormer
	case fitsNone:
		return nil, fitsNone
	}
	return guess, how
}

// madeAs returns the name under which builds make the image, which is another one where a similar name is all that tells it.
func (r *repository) madeAs() string {
	for _, m := range r.makers {
		for _, c := range m.claims {
			if m.rule() == Similar && c.Rule == Similar && !strings.Contains(c.Like, scanner.Unknown) {
				return c.Like
			}
		}
	}
	return r.name
}
