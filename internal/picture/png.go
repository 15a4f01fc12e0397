package picture

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// The most pixels of a picture: with two for each unit, with one, and at all.
const (
	mostFine   = 16e6
	mostPixels = 60e6
)

// WritePNG draws the picture as PNG, with two pixels for each unit of SVG unless it is large. It gives the
// picture a layout.
func (p *Picture) WritePNG(w io.Writer) error {
	p.Layout(pictureLayout)
	p.Width = max(p.Width, p.legendWidth())
	scale := 2.0
	if area := p.Width * p.Height; area*scale*scale > mostFine {
		scale = min(1, math.Sqrt(mostPixels/area))
	}
	img := image.NewRGBA(image.Rect(0, 0, int(math.Ceil(p.Width*scale)), int(math.Ceil(p.Height*scale))))
	draw.Draw(img, img.Bounds(), image.NewUniform(white), image.Point{}, draw.Src)
	p.draw(&pixels{img: img, scale: scale, faces: map[float64]font.Face{}})
	return png.Encode(w, img)
}

// pixels is a canvas of pixels.
type pixels struct {
	img   *image.RGBA
	scale float64
	faces map[float64]font.Face
}

func (c *pixels) box(b box) {
	outer, inner := b, b
	grow := b.width / 2
	outer.x, outer.y, outer.w, outer.h = b.x-grow, b.y-grow, b.w+b.width, b.h+b.width
	inner.x, inner.y, inner.w, inner.h = b.x+grow, b.y+grow, b.w-b.width, b.h-b.width
	c.fill(outer.outline(), b.edge)
	c.fill(inner.outline(), b.fill)
}

// outline returns the corners of a box; a round one has many.
func (b box) outline() [][2]float64 {
	switch b.kind {
	case Derived:
		return b.corners()
	case Service:
		return [][2]float64{{b.x, b.y}, {b.x + b.w, b.y}, {b.x + b.w, b.y + b.h}, {b.x, b.y + b.h}}
	}
	const steps = 12 // of half a circle
	r := b.h / 2
	var points [][2]float64
	for i := range 2 * (steps + 1) {
		x, turn := b.x+b.w-r, float64(i)/steps-0.5
		if i > steps {
			x, turn = b.x+r, float64(i-1)/steps-0.5
		}
		sin, cos := math.Sincos(turn * math.Pi)
		points = append(points, [2]float64{x + r*cos, b.y + r + r*sin})
	}
	return points
}

// fill fills a polygon.
func (c *pixels) fill(points [][2]float64, with color.RGBA) {
	left, top, right, bottom := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, p := range points {
		left, right = min(left, p[0]*c.scale), max(right, p[0]*c.scale)
		top, bottom = min(top, p[1]*c.scale), max(bottom, p[1]*c.scale)
	}
	area := image.Rect(int(math.Floor(left)), int(math.Floor(top)), int(math.Ceil(right))+1, int(math.Ceil(bottom))+1)
	r := vector.NewRasterizer(area.Dx(), area.Dy())
	for i, p := range points {
		x, y := float32(p[0]*c.scale-float64(area.Min.X)), float32(p[1]*c.scale-float64(area.Min.Y))
		if i == 0 {
			r.MoveTo(x, y)
		} else {
			r.LineTo(x, y)
		}
	}
	r.ClosePath()
	r.Draw(c.img, area, image.NewUniform(with), image.Point{})
}

func (c *pixels) curve(v curve) {
	x1, x2, end := v.bend()
	at := func(t float64) [2]float64 {
		a, b, d, e := (1-t)*(1-t)*(1-t), 3*t*(1-t)*(1-t), 3*t*t*(1-t), t*t*t
		return [2]float64{a*v.x + b*x1 + d*x2 + e*end, (a+b)*v.y + (d+e)*v.endY}
	}
	steps := min(8+int(math.Hypot(end-v.x, v.endY-v.y)/12), 64)
	if v.y == v.endY {
		at = func(t float64) [2]float64 { return [2]float64{v.x + t*(end-v.x), v.y} }
		steps = 1
	}
	d := dasher{dash: v.dash}
	last := at(0)
	for i := 1; i <= steps; i++ {
		next := at(float64(i) / float64(steps))
		d.along(last, next, func(from, to [2]float64) { c.stroke(from, to, v.width, v.color) })
		last = next
	}
	if v.straight > 0 {
		d.along(last, [2]float64{v.endX, v.endY}, func(from, to [2]float64) { c.stroke(from, to, v.width, v.color) })
	}
}

// stroke draws a straight line.
func (c *pixels) stroke(from, to [2]float64, width float64, with color.RGBA) {
	dx, dy := to[0]-from[0], to[1]-from[1]
	length := math.Hypot(dx, dy)
	if length == 0 {
		return
	}
	nx, ny := -dy/length*width/2, dx/length*width/2
	c.fill([][2]float64{{from[0] + nx, from[1] + ny}, {to[0] + nx, to[1] + ny}, {to[0] - nx, to[1] - ny}, {from[0] - nx, from[1] - ny}}, with)
}

// A dasher cuts a line into dashes.
type dasher struct {
	dash []float64 // nil for a whole line
	used float64   // of the dash or gap
	gap  bool
}

// along calls draw for the dashes of the next straight piece of the line.
func (d *dasher) along(from, to [2]float64, draw func(from, to [2]float64)) {
	if d.dash == nil {
		draw(from, to)
		return
	}
	length := math.Hypot(to[0]-from[0], to[1]-from[1])
	at := func(s float64) [2]float64 {
		return [2]float64{from[0] + (to[0]-from[0])*s/length, from[1] + (to[1]-from[1])*s/length}
	}
	for s := 0.0; s < length; {
		of := d.dash[0]
		if d.gap {
			of = d.dash[1]
		}
		step := min(of-d.used, length-s)
		if !d.gap {
			draw(at(s), at(s+step))
		}
		s += step
		if d.used += step; d.used >= of-1e-9 {
			d.used, d.gap = 0, !d.gap
		}
	}
}

func (c *pixels) text(t text) {
	face := c.faces[t.size]
	if face == nil {
		face = faceOf(t.size * c.scale)
		c.faces[t.size] = face
	}
	d := font.Drawer{Dst: c.img, Src: image.NewUniform(t.color), Face: face}
	width := float64(d.MeasureString(t.words)) / 64
	x := t.x * c.scale
	if t.right {
		x -= width
	}
	if t.back {
		w, h := width/c.scale, t.size
		left := x / c.scale
		c.fill([][2]float64{{left - 2, t.y - h/2 - 1}, {left + w + 2, t.y - h/2 - 1}, {left + w + 2, t.y + h/2 + 1}, {left - 2, t.y + h/2 + 1}}, white)
	}
	d.Dot = fixed.Point26_6{X: fixed.Int26_6(x * 64), Y: fixed.Int26_6((t.y + t.size*0.35) * c.scale * 64)}
	d.DrawString(t.words)
}
