package picture

import (
	"fmt"
	"image/color"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// pictureLayout is that of SVG and PNG.
var pictureLayout = Layout{Rows: 1 << 20, RowGap: 8, LayerGap: 110, Margin: 24, Top: 52, Labels: true}

// The colours of a picture. What is grey for a highlight is drawn in a lighter colour, and not
// transparent, so that all renderers agree.
var (
	white   = rgb(0xFFFFFF)
	ink     = rgb(0x1C2430)
	quiet   = rgb(0x5A6675)
	pale    = rgb(0xD5DAE0)
	paleInk = rgb(0x9AA4B0)
	line    = rgb(0x6B7A8F)
	warning = rgb(0xA84300)
	marked  = rgb(0x0B57D0)
	fills   = [...]color.RGBA{Base: rgb(0xCFE3FF), Derived: rgb(0xD9F2DC), Service: rgb(0xF0F1F4)}
	waves   = [...]color.RGBA{rgb(0x7A2EA0), rgb(0x0F6F6B), rgb(0x8A4B08), rgb(0x9C2242)} // those of later waves have the last
)

func rgb(c uint32) color.RGBA {
	return color.RGBA{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: 0xFF} //nolint:gosec // the lowest byte of each is meant
}

func waveColor(wave int) color.RGBA { return waves[min(wave, len(waves))-1] }

// A canvas draws a scene: SVG or pixels.
type canvas interface {
	box(b box)
	curve(c curve)
	text(t text)
}

// A box is a shape that is told apart by its kind.
type box struct {
	kind       Kind
	x, y, w, h float64
	fill, edge color.RGBA
	width      float64
	words      string // what it is, for those who do not see it; "" for a decoration
}

// A curve is a line with two bends.
type curve struct {
	x, y, endX, endY float64
	straight         float64 // how much of the end goes straight on
	color            color.RGBA
	width            float64
	dash             []float64 // lengths of line and gap; nil for a whole line
	words            string
}

// A text stands on one line, with its middle at y.
type text struct {
	x, y, size float64
	color      color.RGBA
	words      string
	back       bool // it has a background, so that a line behind it does not cross it
	right      bool // x is its right end
}

// bend returns the control points of a curve, and where it becomes straight.
func (c curve) bend() (x1, x2, end float64) {
	end = c.endX - c.straight
	d := max(36, (end-c.x)/2)
	return c.x + d, end - d, end
}

var dashes = [...][]float64{scanner.Unreachable: {1.5, 4}, scanner.Build: {6, 4}, scanner.Runtime: nil}

// draw draws the picture, which has a layout, on a canvas.
func (p *Picture) draw(on canvas) {
	arrows := p.Arrows()
	ports, _ := p.labelRoom(true)
	for _, highlighted := range []bool{false, true} { // which is drawn over the rest
		for _, a := range arrows {
			if p.carries(a) == highlighted {
				on.curve(p.curveOf(a))
			}
		}
	}
	labels := map[int]int{}
	for _, a := range arrows {
		if label := a.Label(); label != "" {
			to := &p.Nodes[a.To]
			c := warning
			if p.isGrey(a) {
				c = paleInk
			}
			on.text(text{x: to.X - 8, y: to.Y + labelHeight*(float64(labels[a.To])+0.5) + (to.H-labelHeight*float64(ports[a.To]))/2, size: labelSize, color: c, words: label, back: true, right: true})
			labels[a.To]++
		}
	}
	for i := range p.Nodes {
		p.drawNode(on, &p.Nodes[i])
	}
	p.drawLegend(on)
}

// carries reports whether an arrow carries what is highlighted.
func (p *Picture) carries(a Arrow) bool {
	from, to := &p.Nodes[a.From], &p.Nodes[a.To]
	return to.Wave > 0 && (from.Marked || from.Wave > 0) && a.Exposure > scanner.Unreachable
}

// isGrey reports whether an arrow is none of what is highlighted.
func (p *Picture) isGrey(a Arrow) bool { return p.Highlight != "" && !p.carries(a) }

func (p *Picture) curveOf(a Arrow) curve {
	from, to := &p.Nodes[a.From], &p.Nodes[a.To]
	c := curve{x: from.X + from.W, y: from.Y + from.H/2, endX: to.X, endY: to.Y + to.H/2, color: line, width: 1, dash: dashes[a.Exposure], words: a.Words(p)}
	switch {
	case p.isGrey(a):
		c.color = pale
	case len(a.Outdated) > 0:
		c.color, c.width = warning, 1.4
	case p.carries(a):
		c.color = waveColor(to.Wave)
	}
	if p.carries(a) {
		c.width = 1.8
	}
	if label := a.Label(); label != "" {
		c.straight = widthOf(label, labelSize) + 12
	}
	return c
}

func (p *Picture) drawNode(on canvas, n *Node) {
	b := box{kind: n.Kind, x: n.X, y: n.Y, w: n.W, h: n.H, fill: fills[n.Kind], edge: quiet, width: 0.8, words: p.wordsOf(n)}
	letters := ink
	switch {
	case n.Marked:
		b.fill, b.edge, letters = marked, marked, white
	case n.Wave > 0:
		b.fill, b.edge, letters = waveColor(n.Wave), waveColor(n.Wave), white
	case p.Highlight != "":
		b.fill, b.edge, letters = white, pale, paleInk
	}
	on.box(b)
	on.text(text{x: n.X + boxPadding, y: n.Y + n.H/2, size: titleSize, color: letters, words: cut(n.Title, maxTitle)})
	if n.Wave > 0 {
		on.text(text{x: n.X + n.W - boxPadding, y: n.Y + n.H/2, size: titleSize, color: letters, words: fmt.Sprint(n.Wave), right: true})
	}
}

// wordsOf says what a node is, for those who do not see it.
func (p *Picture) wordsOf(n *Node) string {
	words := [...]string{"base", "derived base", "service"}[n.Kind] + " " + n.Detail
	if n.Members > 1 {
		words = source.Count(n.Members, "service") + " in " + n.Detail
	}
	if n.Wave > 0 {
		words += fmt.Sprintf(", wave %d", n.Wave)
	}
	return words
}

// drawLegend says above the picture what it shows and what its shapes and lines are.
func (p *Picture) drawLegend(on canvas) {
	on.text(text{x: pictureLayout.Margin, y: 20, size: titleSize, color: ink, words: p.Title()})
	x, y := pictureLayout.Margin, 46.0
	put := func(words string, width float64, draw func()) {
		draw()
		on.text(text{x: x + width + 6, y: y, size: labelSize, color: quiet, words: words})
		x += width + 6 + widthOf(words, labelSize) + 16
	}
	for kind, words := range []string{"base", "derived base", "service"} {
		put(words, 22, func() {
			on.box(box{kind: Kind(kind), x: x, y: y - 6, w: 22, h: 12, fill: fills[kind], edge: quiet, width: 0.8}) //nolint:gosec // one of three
		})
	}
	for _, exposure := range []scanner.Exposure{scanner.Runtime, scanner.Build, scanner.Unreachable} {
		put(exposure.String(), 26, func() {
			on.curve(curve{x: x, y: y, endX: x + 26, endY: y, color: line, width: 1.2, dash: dashes[exposure]})
		})
	}
	put("outdated: a newer version is in use here", 26, func() {
		on.curve(curve{x: x, y: y, endX: x + 26, endY: y, color: warning, width: 1.4})
	})
	for wave := 1; wave <= p.lastWave(); wave++ {
		put(fmt.Sprintf("wave %d", wave), 22, func() {
			on.box(box{kind: Service, x: x, y: y - 6, w: 22, h: 12, fill: waveColor(wave), edge: waveColor(wave), width: 0.8})
		})
	}
}

// legendWidth is how wide the picture has to be for its legend.
func (p *Picture) legendWidth() float64 {
	return 2*pictureLayout.Margin + 620 + 66*float64(p.lastWave())
}

// lastWave returns the last wave of what is highlighted, 0 for none.
func (p *Picture) lastWave() int {
	last := 0
	for _, n := range p.Nodes {
		last = max(last, n.Wave)
	}
	return last
}

// Title says what the picture shows.
func (p *Picture) Title() string {
	bases, services, affected := 0, 0, 0
	for _, n := range p.Nodes {
		if n.Kind == Service {
			services += n.Members
		} else {
			bases++
		}
		if n.Wave > 0 {
			affected += n.Members
		}
	}
	title := source.Count(bases, "base") + ", " + source.Count(services, "service")
	if p.Highlight != "" {
		title = fmt.Sprintf("%s reaches %s in %s; of %s", p.Highlight, source.Count(affected, "build"), source.Count(p.lastWave(), "wave"), title)
	}
	return title
}
