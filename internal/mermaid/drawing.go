package mermaid

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/scanner"
)

// A drawing is what of a view is drawn.
type drawing struct {
	view   graph.View
	boxes  []*box // in the order of the nodes
	arrows []*arrow

	leaves, uses   int // images that nobody uses and uses that are left out
	images, builds int // that there are more
}

// A box is an image, a build, or several builds.
type box struct {
	id      int64 // of its first node
	number  int   // in the drawing: what else the graph holds changes nothing of it
	image   bool
	title   string // of the first
	members int
	noun    string // for several
	first   string // of the directories of them, in the order of bytes
	last    string
	left    bool // by an arrow
}

// An arrow stands for the edges between the nodes of two boxes.
type arrow struct {
	from, to *box
	exposure scanner.Exposure
	edges    []*graph.Edge
}

// draw folds the view. It is nil where that makes more than the limits allow.
func (m *model) draw(f folding, limits Limits) *drawing {
	d := &drawing{view: m.view}
	boxes := make([]*box, len(m.nodes)) // nil for what is left out
	bases := make([]int, len(m.nodes))
	groups := map[string]*box{}
	for i, node := range m.nodes {
		if len(d.boxes) > limits.Characters/minLine {
			return nil
		}
		if node.Kind == graph.Image {
			switch {
			case m.shows(f, i):
				boxes[i] = d.add(&box{id: node.ID(), image: true, title: m.titles[i], members: 1})
			case m.leaf(i):
				d.leaves++
			default:
				d.images++
			}
			continue
		}
		carries := m.carries(f, i)
		bases[i] = m.base(f, i)
		if len(m.uses[i]) > 0 && bases[i] < 0 && !carries {
			d.builds++
			continue
		}
		key := m.group(f, i, bases[i], carries)
		b := groups[key]
		if b == nil {
			b = d.add(&box{id: node.ID(), title: m.titles[i], first: m.dirs[i], noun: "build"})
			if f.step == byDirectory {
				b.noun = "service"
			}
			groups[key] = b
		}
		if carries {
			bases[i] = all
		}
		b.members++
		b.first, b.last = min(b.first, m.dirs[i]), max(b.last, m.dirs[i])
		boxes[i] = b
	}
	if f.step < alone {
		for i := range bases {
			bases[i] = all
		}
	}
	if !m.connect(d, boxes, bases, limits.Edges) {
		return nil
	}
	return d
}

// all is the base of a build that is drawn on all images it uses.
const all = -2

func (d *drawing) add(b *box) *box {
	d.boxes = append(d.boxes, b)
	return b
}

// connect draws the arrows. A build with one base has an arrow from that, and from another image
// only where that would have none. It reports whether there are no more than the limit.
func (m *model) connect(d *drawing, boxes []*box, bases []int, limit int) bool {
	arrows := map[[2]*box]*arrow{}
	draw := func(from, to *box, exposure scanner.Exposure, edge *graph.Edge) {
		ends := [2]*box{from, to}
		a := arrows[ends]
		if a == nil {
			a = &arrow{from: from, to: to}
			arrows[ends] = a
			d.arrows = append(d.arrows, a)
		}
		a.exposure = max(a.exposure, exposure)
		a.edges = append(a.edges, edge)
		from.left = true
	}
	for _, others := range []bool{false, true} {
		for i, to := range boxes {
			if to == nil || to.image {
				continue
			}
			if len(d.arrows) > limit {
				return false
			}
			for _, u := range m.uses[i] {
				from := boxes[u.image]
				if from == nil || (bases[i] == all || bases[i] == u.image) == others {
					continue
				}
				if others && from.left && arrows[[2]*box{from, to}] == nil {
					d.uses++
					continue
				}
				draw(from, to, u.edge.Exposure(), u.edge)
			}
			for _, made := range m.makes[i] {
				if boxes[made.image] != nil && !others {
					draw(to, boxes[made.image], scanner.Runtime, made.edge)
				}
			}
		}
	}
	slices.SortFunc(d.arrows, func(a, b *arrow) int {
		return cmp.Or(cmp.Compare(a.from.id, b.from.id), cmp.Compare(a.to.id, b.to.id))
	})
	return len(d.arrows) <= limit
}

// common returns the directory that two are below, each with a slash at its end.
func common(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:strings.LastIndexByte(a[:n], '/')+1]
}

// label is what stands in a box.
func (b *box) label() string {
	if b.members == 1 {
		return cut(b.title, maxLabel)
	}
	number := count(b.members, b.noun)
	// What the first and the last begin with, all between them do.
	dir := common(b.first, b.last)
	if dir == "" {
		return number
	}
	return cut(dir, maxLabel-len(number)-len(" ()")) + " (" + number + ")"
}

// label is what stands on an arrow: as many versions as there is room for.
func (a *arrow) label(view graph.View) string {
	var versions []string
	for _, edge := range a.edges {
		versions = append(versions, view.Versions(edge)...)
	}
	slices.Sort(versions)
	versions = slices.Compact(versions)
	var shown []string
	length := 0
	for i, v := range versions {
		limit := maxLabel / 2
		if strings.Contains(v, " → ") { // it is of two
			limit = maxLabel
		}
		v = cut(v, limit)
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
