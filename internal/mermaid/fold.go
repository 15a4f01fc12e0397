package mermaid

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sort"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// A step is what is folded; each goes further than the one before it.
type step uint8

const (
	whole       step = iota // nothing
	leaves                  // images that nobody uses, into the build that makes them
	byDirectory             // services of one directory that use the same images
	byBase                  // services of one base, and builds that use the same images
	alone                   // as byBase, and services are drawn on the one base
	most                    // as alone, with the images of the most dependents
)

// A folding says how far a view is folded.
type folding struct {
	step   step
	depth  int // for byDirectory: how many components of a path are the directory
	images int // for most: how many are shown
}

// A model is a view by numbers: a node is its place in the view.
type model struct {
	view   graph.View
	nodes  []*graph.Node
	titles []string
	uses   [][]use  // of a build
	makes  [][]use  // of a build
	made   [][]int  // of an image: the builds that make it
	users  []int    // of an image, how many
	dirs   []string // of a build, with a slash at the end
	order  []int    // images, those with the most dependents first
	rank   []int    // of an image, in order
}

// A use is an edge of a build, and the image at its other end.
type use struct {
	image int
	edge  *graph.Edge
}

func newModel(v graph.View) *model {
	n := len(v.Nodes)
	m := &model{view: v, nodes: v.Nodes, titles: v.Titles(), uses: make([][]use, n), makes: make([][]use, n), made: make([][]int, n), users: make([]int, n), dirs: make([]string, n)}
	place := make(map[*graph.Node]int, n)
	for i, node := range v.Nodes {
		place[node] = i
		if node.Kind == graph.Build {
			m.dirs[i] = node.Key[:strings.LastIndexByte(node.Key, '/')+1]
		} else if !node.Nameless {
			m.titles[i] = imageref.Base(node.Key) + strings.TrimPrefix(m.titles[i], node.Key)
		}
	}
	for _, edge := range v.Edges {
		from, to := place[edge.F], place[edge.T]
		if edge.F.Kind == graph.Image {
			m.uses[to] = append(m.uses[to], use{from, edge})
			m.users[from]++
		} else {
			m.makes[from] = append(m.makes[from], use{to, edge})
			m.made[to] = append(m.made[to], from)
		}
	}
	m.sort()
	return m
}

// sort brings the images in the order in which they are worth to be shown: by dependents, and
// behind each what it is made of, which all of its dependents stand on as well.
func (m *model) sort() {
	var images []int
	for i, node := range m.nodes {
		if node.Kind == graph.Image {
			images = append(images, i)
		}
	}
	slices.SortStableFunc(images, func(a, b int) int { return cmp.Compare(m.users[b], m.users[a]) })
	seen := make([]bool, len(m.nodes))
	for _, image := range images {
		if seen[image] {
			continue
		}
		seen[image] = true
		m.order = append(m.order, image)
		for next := len(m.order) - 1; next < len(m.order); next++ {
			for _, build := range m.made[m.order[next]] {
				if seen[build] {
					continue
				}
				seen[build] = true
				for _, u := range m.uses[build] {
					if !seen[u.image] {
						seen[u.image] = true
						m.order = append(m.order, u.image)
					}
				}
			}
		}
	}
	m.rank = make([]int, len(m.nodes))
	for rank, image := range m.order {
		m.rank[image] = rank
	}
}

// minLine is the length of the shortest line of a drawing.
const minLine = 8

// fit returns the text of the drawing that is folded least of those within the limits.
func (m *model) fit(limits Limits) string {
	text := ""
	try := func(f folding) bool {
		d := m.draw(f, limits)
		if d == nil {
			return false
		}
		t := d.text()
		if characters(t) > limits.Characters {
			return false
		}
		text = t
		return true
	}
	if try(folding{step: whole}) || try(folding{step: leaves}) {
		return text
	}
	depth := 0
	for _, dir := range m.dirs {
		depth = max(depth, strings.Count(dir, "/"))
	}
	// The search ends with the last that has fitted.
	if sort.Search(depth+1, func(i int) bool { return try(folding{step: byDirectory, depth: depth - i}) }) <= depth {
		return text
	}
	if try(folding{step: byBase}) || try(folding{step: alone}) {
		return text
	}
	// Of no image at all there is a word at least.
	text = m.draw(folding{step: most}, GitHub()).text()
	images := min(len(m.order), limits.Characters/minLine)
	sort.Search(images, func(i int) bool { return try(folding{step: most, images: images - i}) })
	return text
}

// shows reports whether an image is drawn as a node of its own.
func (m *model) shows(f folding, image int) bool {
	if f.step >= leaves && m.leaf(image) {
		return false
	}
	return f.step < most || m.rank[image] < f.images
}

// leaf reports whether an image is made and nobody uses it.
func (m *model) leaf(image int) bool { return m.users[image] == 0 && len(m.made[image]) > 0 }

// carries reports whether a build makes an image that is drawn, and that others use.
func (m *model) carries(f folding, build int) bool {
	return slices.ContainsFunc(m.makes[build], func(made use) bool {
		return m.users[made.image] > 0 && m.shows(f, made.image)
	})
}

// base returns the one image that a build is drawn on, -1 for none: that with the strongest
// exposure, and of several that with the most dependents.
func (m *model) base(f folding, build int) int {
	base, exposure := -1, scanner.Unreachable
	for _, u := range m.uses[build] {
		if !m.shows(f, u.image) {
			continue
		}
		e := u.edge.Exposure()
		if base < 0 || e > exposure || e == exposure && m.rank[u.image] < m.rank[base] {
			base, exposure = u.image, e
		}
	}
	return base
}

// group returns what the builds of one node have in common. Builds that make the image of
// others are together only if they use the same images: so no arrows go in a circle that
// was none before.
func (m *model) group(f folding, build, base int, carries bool) string {
	key := make([]byte, 0, 64)
	switch {
	case f.step >= byBase && !carries:
		return string(binary.AppendVarint(append(key, 0, 0, 0), int64(base)))
	case f.step >= byBase, f.step == byDirectory && !carries:
		if f.step == byDirectory {
			key = append(key, below(m.dirs[build], f.depth)...)
		}
		key = append(key, 0) // which no path holds
		for _, u := range m.uses[build] {
			if m.shows(f, u.image) {
				key = append(binary.AppendVarint(key, int64(u.image)), byte(u.edge.Exposure()))
			}
		}
		return string(key)
	}
	return string(binary.AppendVarint(append(key, 0, 0), int64(build)))
}

// below returns the first components of a directory.
func below(dir string, depth int) string {
	if depth == 0 {
		return ""
	}
	for i := range len(dir) {
		if dir[i] == '/' {
			if depth--; depth == 0 {
				return dir[:i+1]
			}
		}
	}
	return dir
}
