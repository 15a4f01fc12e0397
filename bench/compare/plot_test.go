//go:build unix

package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
)

func TestPlotIsXML(t *testing.T) {
	svg := plot([]point{{10000, 0.1, 0.1, 0.08}, {200000, 2, 0.1, 2}})
	decoder := xml.NewDecoder(strings.NewReader(svg))
	lines := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "polyline" {
			lines++
		}
	}
	if lines != 3 || strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
		t.Errorf("%d lines in\n%s", lines, svg)
	}
}

func TestLabelsDoNotLieOnEachOther(t *testing.T) {
	labels := []float64{100, 100, 101}
	spread(labels)
	for i := range labels {
		for j := range i {
			if math.Abs(labels[i]-labels[j]) < labelHeight-1 {
				t.Errorf("labels at %v", labels)
			}
		}
	}
}

func TestRatioIsThatOfPairs(t *testing.T) {
	a := []sample{{wall: 10}, {wall: 100}, {wall: 30}}
	b := []sample{{wall: 5}, {wall: 50}, {wall: 3}}
	if r := ratio(a, b, seconds); r != 2 {
		t.Errorf("the ratio is %v, want 2", r)
	}
}
