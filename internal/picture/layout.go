package picture

import (
	"cmp"
	"math"
	"slices"
)

// Layout says how large things are.
type Layout struct {
	Rows     int     // that a column has at most; a layer of more has several columns
	RowGap   float64 // between boxes of a column
	LayerGap float64 // between layers
	Margin   float64 // around everything
	Top      float64 // that is kept free above everything
	Labels   bool    // there is room for the versions of outdated references on the edges
	Badges   bool    // there is room for a number in each box
	Letters  float64 // how wide letters are, measured in those of the Go font; 0 is 1
}

// The sizes of boxes.
const (
	boxHeight   = 22.0
	labelHeight = 13.0 // of a version on an edge
	boxPadding  = 10.0
	badgeWidth  = 18.0 // of the number of a wave
	maxTitle    = 36   // characters of a title
	sweeps      = 8    // over all layers, to bring together what belongs together
)

// Layout gives each node its place: layers from left to right, and in each the order that avoids
// crossings, as far as a few sweeps of barycentres do.
func (p *Picture) Layout(l Layout) {
	layers := p.layers()
	p.order(layers)
	ports, labels := p.labelRoom(l.Labels)
	x, height := l.Margin, 0.0
	var columns [][]int
	for i, layer := range layers {
		rows := max(1, l.Rows)
		rows = (len(layer) + (len(layer)+rows-1)/rows - 1) / max(1, (len(layer)+rows-1)/rows) // columns of equal length
		if i > 0 {
			x += l.LayerGap + labels[i]
		}
		for k, column := range slices.Collect(slices.Chunk(layer, max(1, rows))) {
			if k > 0 {
				x += l.LayerGap/4 + labels[i]
			}
			width, y := 0.0, 0.0
			for _, n := range column {
				node := &p.Nodes[n]
				node.X, node.Y = x, y
				node.W, node.H = l.width(node), max(boxHeight, labelHeight*float64(ports[n]))
				width = max(width, node.W)
				y += node.H + l.RowGap
			}
			for _, n := range column {
				p.Nodes[n].W = width
			}
			height = max(height, y-l.RowGap)
			x += width
			columns = append(columns, column)
		}
	}
	for _, column := range columns {
		last := p.Nodes[column[len(column)-1]]
		for _, n := range column {
			p.Nodes[n].Y += l.Top + l.Margin + math.Floor((height-last.Y-last.H)/2)
		}
	}
	p.Width, p.Height = x+l.Margin, height+l.Top+2*l.Margin
}

// width returns how wide the box of a node has to be.
func (l Layout) width(n *Node) float64 {
	width := widthOf(cut(n.Title, maxTitle), titleSize)*max(1, l.Letters) + 2*boxPadding
	if l.Badges || n.Wave > 0 {
		width += badgeWidth
	}
	return math.Ceil(width) // whole numbers are the same on every machine
}

// layers returns the nodes of each layer that has any.
func (p *Picture) layers() [][]int {
	var layers [][]int
	for i, n := range p.Nodes {
		for n.Layer >= len(layers) {
			layers = append(layers, nil)
		}
		layers[n.Layer] = append(layers[n.Layer], i)
	}
	return slices.DeleteFunc(layers, func(layer []int) bool { return len(layer) == 0 })
}

// labelRoom returns how many labels stand at the left of each box, and how wide the widest is of those
// before each layer.
func (p *Picture) labelRoom(labels bool) (ports []int, widths []float64) {
	at := map[int]int{} // number of a layer among those that there are
	for i, layer := range p.layers() {
		at[p.Nodes[layer[0]].Layer] = i
	}
	ports, widths = make([]int, len(p.Nodes)), make([]float64, len(at))
	for _, a := range p.Arrows() {
		if label := a.Label(); labels && label != "" {
			i := at[p.Nodes[a.To].Layer]
			widths[i] = max(widths[i], math.Ceil(widthOf(label, labelSize))+12)
			ports[a.To]++
		}
	}
	return ports, widths
}

// order brings the nodes of each layer into an order in which few edges cross: each goes to the mean
// of what it is joined to, layer after layer, to the right and to the left by turns.
func (p *Picture) order(layers [][]int) {
	before, behind := make([][]int, len(p.Nodes)), make([][]int, len(p.Nodes))
	for _, a := range p.Arrows() {
		if p.Nodes[a.From].Layer < p.Nodes[a.To].Layer {
			before[a.To] = append(before[a.To], a.From)
			behind[a.From] = append(behind[a.From], a.To)
		}
	}
	place := make([]float64, len(p.Nodes)) // in its layer, from 0 to 1
	number := func(layer []int) {
		for i, n := range layer {
			place[n] = (float64(i) + 0.5) / float64(len(layer))
		}
	}
	for _, layer := range layers {
		number(layer)
	}
	mean := make([]float64, len(p.Nodes))
	sweep := func(layer []int, neighbours [][]int) {
		for _, n := range layer {
			mean[n] = place[n]
			if len(neighbours[n]) > 0 {
				sum := 0.0
				for _, other := range neighbours[n] {
					sum += place[other]
				}
				mean[n] = sum / float64(len(neighbours[n]))
			}
		}
		slices.SortStableFunc(layer, func(a, b int) int { return cmp.Compare(mean[a], mean[b]) })
		number(layer)
	}
	for range sweeps {
		for _, layer := range slices.Backward(layers) {
			sweep(layer, behind)
		}
		for _, layer := range layers {
			sweep(layer, before)
		}
	}
}
