package mermaid

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/scanner"
)

// A drawing is what of a view is drawn.
type drawing struct {
	boxes  []*box // in the order of the nodes
	arrows []*arrow

	leaves, uses   int // images that nobody uses and uses that are left out
	images, builds int // that there are more
}

// A box is an image, a build, or several builds.
type box struct {
	id      int64 // of its first node
	image   bool
	title   string // of the first
	members int
	noun    string // for several
	dir     string // that all of them are below
	based   bool   // an arrow leads to it
}

// An arrow stands for the edges between the nodes of two boxes.
type arrow struct {
	from, to *box
	exposure scanner.Exposure
	versions []string
	edges    int
	base     bool // it comes from the one base of a build
}

// draw folds the view.
func (m *model) draw(f folding) *drawing {
	d := &drawing{}
	boxes := make([]*box, len(m.nodes)) // nil for what is left out
	groups := map[string]*box{}
	for i, node := range m.nodes {
		if node.Kind == graph.Image {
			switch {
			case m.shows(f, i):
				boxes[i] = d.add(&box{id: node.ID(), image: true, title: m.titles[i], members: 1})
			case m.users[i] == 0 && len(m.made[i]) > 0:
				d.leaves++
			default:
				d.images++
			}
			continue
		}
		if len(m.uses[i]) > 0 && m.base(f, i) < 0 && !m.carries(f, i) {
			d.builds++
			continue
		}
		key := m.group(f, i)
		b := groups[key]
		if b == nil {
			b = d.add(&box{id: node.ID(), title: m.titles[i], dir: m.dirs[i], noun: "build"})
			if f.step == byDirectory {
				b.noun = "service"
			}
			groups[key] = b
		}
		b.members++
		b.dir = common(b.dir, m.dirs[i])
		boxes[i] = b
	}
	m.connect(f, d, boxes)
	if f.step >= alone {
		d.single()
	}
	return d
}

func (d *drawing) add(b *box) *box {
	d.boxes = append(d.boxes, b)
	return b
}

// connect draws the arrows.
func (m *model) connect(f folding, d *drawing, boxes []*box) {
	arrows := map[[2]*box]*arrow{}
	between := func(from, to *box) *arrow {
		ends := [2]*box{from, to}
		a := arrows[ends]
		if a == nil {
			a = &arrow{from: from, to: to}
			arrows[ends] = a
			d.arrows = append(d.arrows, a)
		}
		a.edges++
		return a
	}
	for i, to := range boxes {
		if to == nil || to.image {
			continue
		}
		base := m.base(f, i)
		carries := m.carries(f, i)
		for _, u := range m.uses[i] {
			if from := boxes[u.image]; from != nil {
				a := between(from, to)
				a.exposure = max(a.exposure, u.exposure)
				a.versions = append(a.versions, u.versions...)
				a.base = a.base || u.image == base || carries
			}
		}
		for _, image := range m.makes[i] {
			if made := boxes[image]; made != nil {
				a := between(to, made)
				a.exposure, a.base = scanner.Runtime, true
			}
		}
	}
	slices.SortFunc(d.arrows, func(a, b *arrow) int {
		if a.from.id != b.from.id {
			return int(a.from.id - b.from.id)
		}
		return int(a.to.id - b.to.id)
	})
}

// single leaves out the arrows from what is not the base of a build, but one for each image
// that would have none.
func (d *drawing) single() {
	for _, a := range d.arrows {
		a.from.based = a.from.based || a.base
	}
	d.arrows = slices.DeleteFunc(d.arrows, func(a *arrow) bool {
		if a.base || !a.from.based {
			a.from.based = true
			return false
		}
		d.uses += a.edges
		return true
	})
}

// common returns the directory that two are below.
func common(a, b string) string {
	for a != "" && a != b && !strings.HasPrefix(b, a+"/") {
		a = a[:max(strings.LastIndexByte(a, '/'), 0)]
	}
	return a
}

// label is what stands in a box.
func (b *box) label() string {
	if b.members == 1 {
		return cut(b.title, maxLabel)
	}
	number := count(b.members, b.noun)
	if b.dir == "" {
		return number
	}
	return cut(b.dir, maxLabel-len(number)-len("/ ()")) + "/ (" + number + ")"
}

// label is what stands on an arrow: as many versions as there is room for.
func (a *arrow) label() string {
	slices.Sort(a.versions)
	versions := slices.Compact(a.versions)
	var shown []string
	length := 0
	for i, v := range versions {
		v = cut(v, maxLabel/2)
		length += len(v) + len(", ")
		if i > 0 && length > maxLabel {
			shown = append(shown, fmt.Sprintf("… %s more", thousands(len(versions)-i)))
			break
		}
		shown = append(shown, v)
	}
	return strings.Join(shown, ", ")
}

// note says that the drawing is folded, "" where it is not.
func (d *drawing) note() string {
	var parts []string
	builds, groups := 0, 0
	for _, b := range d.boxes {
		if b.members > 1 {
			builds += b.members
			groups++
		}
	}
	if groups > 0 {
		parts = append(parts, count(builds, "build")+" in "+count(groups, "group"))
	}
	if d.leaves > 0 {
		parts = append(parts, count(d.leaves, "image")+" that nobody uses left out")
	}
	if d.uses > 0 {
		parts = append(parts, count(d.uses, "use")+" of other bases left out")
	}
	if d.images+d.builds > 0 {
		parts = append(parts, "the images with the most dependents shown")
	}
	if len(parts) == 0 {
		return ""
	}
	return "folded: " + strings.Join(parts, ", ") + "; propagate graph -o json has all"
}

// more says what has no node in the drawing, "" for nothing.
func (d *drawing) more() string {
	var parts []string
	if d.images > 0 {
		parts = append(parts, count(d.images, "image"))
	}
	if d.builds > 0 {
		parts = append(parts, count(d.builds, "build"))
	}
	if len(parts) == 0 {
		return ""
	}
	return "… and " + strings.Join(parts, " and ") + " more"
}

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return thousands(n) + " " + noun
}

// thousands writes a number with its thousands apart.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
