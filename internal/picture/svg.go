package picture

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image/color"
	"io"
	"strconv"
	"strings"
)

// WriteSVG draws the picture as SVG. It gives the picture a layout.
func (p *Picture) WriteSVG(w io.Writer) error {
	p.Layout(pictureLayout)
	p.Width = max(p.Width, p.legendWidth())
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s" role="img" font-family="'Go', 'Liberation Sans', Arial, Helvetica, sans-serif">`+"\n",
		number(p.Width), number(p.Height), number(p.Width), number(p.Height))
	fmt.Fprintf(&b, "<title>%s</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"%s\"/>\n", escape(p.Title()), hex(white))
	p.draw(&svg{&b})
	b.WriteString("</svg>\n")
	_, err := w.Write(b.Bytes())
	return err
}

// svg is a canvas of elements.
type svg struct{ b *bytes.Buffer }

func (s *svg) box(b box) {
	look := fmt.Sprintf(`fill="%s" stroke="%s" stroke-width="%s"`, hex(b.fill), hex(b.edge), number(b.width))
	switch b.kind {
	case Derived:
		var points []string
		for _, at := range b.corners() {
			points = append(points, number(at[0])+","+number(at[1]))
		}
		s.element("polygon", fmt.Sprintf(`points="%s" %s`, strings.Join(points, " "), look), b.words)
	default:
		round := 0.0
		if b.kind == Base {
			round = b.h / 2
		}
		s.element("rect", fmt.Sprintf(`x="%s" y="%s" width="%s" height="%s" rx="%s" %s`, number(b.x), number(b.y), number(b.w), number(b.h), number(round), look), b.words)
	}
}

// corners returns the six corners of a derived base.
func (b box) corners() [][2]float64 {
	d := min(b.h, boxHeight) / 3
	return [][2]float64{{b.x + d, b.y}, {b.x + b.w - d, b.y}, {b.x + b.w, b.y + b.h/2}, {b.x + b.w - d, b.y + b.h}, {b.x + d, b.y + b.h}, {b.x, b.y + b.h/2}}
}

func (s *svg) curve(c curve) {
	x1, x2, end := c.bend()
	path := fmt.Sprintf("M%s %sC%s %s %s %s %s %s", number(c.x), number(c.y), number(x1), number(c.y), number(x2), number(c.endY), number(end), number(c.endY))
	if c.straight > 0 {
		path += "H" + number(c.endX)
	}
	if c.y == c.endY { // with bends a short line would go back on itself
		path = fmt.Sprintf("M%s %sH%s", number(c.x), number(c.y), number(c.endX))
	}
	look := fmt.Sprintf(`d="%s" fill="none" stroke="%s" stroke-width="%s"`, path, hex(c.color), number(c.width))
	if c.dash != nil {
		look += fmt.Sprintf(` stroke-dasharray="%s %s"`, number(c.dash[0]), number(c.dash[1]))
	}
	s.element("path", look, c.words)
}

func (s *svg) text(t text) {
	if t.back {
		width := widthOf(t.words, t.size) + 4
		x := t.x - 2
		if t.right {
			x = t.x - width + 2
		}
		s.element("rect", fmt.Sprintf(`x="%s" y="%s" width="%s" height="%s" fill="%s"`, number(x), number(t.y-t.size/2-1), number(width), number(t.size+2), hex(white)), "")
	}
	anchor := ""
	if t.right {
		anchor = ` text-anchor="end"`
	}
	fmt.Fprintf(s.b, `<text x="%s" y="%s" font-size="%s" fill="%s"%s>%s</text>`+"\n", number(t.x), number(t.y+t.size*0.35), number(t.size), hex(t.color), anchor, escape(t.words))
}

// element writes an element, with words that a viewer shows on it.
func (s *svg) element(name, attributes, words string) {
	if words == "" {
		fmt.Fprintf(s.b, "<%s %s/>\n", name, attributes)
		return
	}
	fmt.Fprintf(s.b, "<%s %s><title>%s</title></%s>\n", name, attributes, escape(words), name)
}

// number writes a number with two decimals at most.
func number(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(f, 'f', 2, 64), "0"), ".")
}

func hex(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// escape writes a text so that it is a text in XML, whatever is in it, and no command to the runner of
// GitHub Actions.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
	return strings.ReplaceAll(b.String(), "##[", "#&#35;[")
}
