//go:build unix

package main

import (
	"fmt"
	"math"
	"strings"
)

// The plot's size, and the margins around its field.
const (
	width, height = 760, 420
	left, right   = 80, 150
	top, bottom   = 48, 56
	labelHeight   = 17 // the least distance between two labels of lines
	fieldWidth    = width - left - right
	fieldHeight   = height - top - bottom
)

// style colours the plot for light pages, and for dark ones.
const style = `<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.grid { stroke: #d1d9e0; stroke-width: 1 }
.line { fill: none; stroke-width: 2.5 }
.cold { stroke: #0969da } .warm { stroke: #1a7f37 } .raw { stroke: #9a6700 }
.dot.cold { fill: #0969da } .dot.warm { fill: #1a7f37 } .dot.raw { fill: #9a6700 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.grid { stroke: #3d444d }
.cold { stroke: #4493f8 } .warm { stroke: #3fb950 } .raw { stroke: #d29922 }
.dot.cold { fill: #4493f8 } .dot.warm { fill: #3fb950 } .dot.raw { fill: #d29922 }
}
</style>
`

// A scale maps values to places on a logarithmic axis.
type scale struct{ low, high, from, to float64 }

func (s scale) at(v float64) float64 {
	return s.from + (s.to-s.from)*math.Log(v/s.low)/math.Log(s.high/s.low)
}

// plot draws time over the number of files, both logarithmic, as SVG. Without
// points it draws nothing.
func plot(points []point) string {
	if len(points) == 0 {
		return ""
	}
	lines := []struct {
		class, label string
		of           func(point) float64
	}{
		{"cold", "propagate, cold", func(p point) float64 { return p.cold }},
		{"raw", "git and parser alone", func(p point) float64 { return p.raw }},
		{"warm", "propagate, warm", func(p point) float64 { return p.warm }},
	}
	low, high := math.Inf(1), 0.0
	for _, p := range points {
		low, high = min(low, p.cold, p.raw, p.warm), max(high, p.cold, p.raw, p.warm)
	}
	x := scale{float64(points[0].files), float64(points[len(points)-1].files), left, left + fieldWidth}
	y := scale{low / 1.3, high * 1.3, top + fieldHeight, top}

	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="Time of a scan over the number of files">`+"\n%s", width, height, width, height, style)
	fmt.Fprintf(&b, `<text class="title" x="%d" y="24">Time of a scan over the number of files, both logarithmic</text>`+"\n", left)
	for _, tick := range ticks(y.low, y.high) {
		fmt.Fprintf(&b, `<line class="grid" x1="%d" y1="%.1f" x2="%d" y2="%.1f"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n",
			left, y.at(tick), left+fieldWidth, y.at(tick), left-10, y.at(tick)+4, tickLabel(tick))
	}
	for _, p := range points {
		at := x.at(float64(p.files))
		fmt.Fprintf(&b, `<line class="grid" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/><text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n",
			at, top, at, top+fieldHeight, at, top+fieldHeight+20, thousands(p.files))
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">files, one in 40 a Dockerfile</text>`+"\n", left+fieldWidth/2, height-12)
	last := points[len(points)-1]
	labels := make([]float64, len(lines))
	for i, line := range lines {
		var at []string
		for _, p := range points {
			at = append(at, fmt.Sprintf("%.1f,%.1f", x.at(float64(p.files)), y.at(line.of(p))))
		}
		fmt.Fprintf(&b, `<polyline class="line %s" points="%s"/>`+"\n", line.class, strings.Join(at, " "))
		for _, p := range at {
			cx, cy, _ := strings.Cut(p, ",")
			fmt.Fprintf(&b, `<circle class="dot %s" cx="%s" cy="%s" r="4"/>`+"\n", line.class, cx, cy)
		}
		labels[i] = y.at(line.of(last)) + 4
	}
	spread(labels)
	for i, line := range lines {
		fmt.Fprintf(&b, `<text x="%d" y="%.1f">%s</text>`+"\n", left+fieldWidth+10, labels[i], line.label)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// spread moves labels apart that would lie on each other, and keeps their order.
func spread(labels []float64) {
	for range labels {
		for i := range labels {
			for j := range labels {
				gap := labels[j] - labels[i]
				if i == j || gap < 0 || gap == 0 && j < i || gap >= labelHeight {
					continue
				}
				shift := (labelHeight - gap) / 2
				labels[i], labels[j] = labels[i]-shift, labels[j]+shift
			}
		}
	}
}

// ticks returns the values 1, 2 and 5 of every power of ten from low to high.
func ticks(low, high float64) []float64 {
	var all []float64
	for power := math.Floor(math.Log10(low)); power <= math.Log10(high); power++ {
		for _, step := range []float64{1, 2, 5} {
			if tick := step * math.Pow(10, power); tick >= low && tick <= high {
				all = append(all, tick)
			}
		}
	}
	return all
}

func tickLabel(seconds float64) string {
	if seconds < 0.9995 {
		return fmt.Sprintf("%.3g ms", seconds*1000)
	}
	return fmt.Sprintf("%.3g s", seconds)
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
