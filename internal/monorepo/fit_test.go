package monorepo_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
)

// Which of several builds makes what a reference names: the first that fits best.
func TestMaker(t *testing.T) {
	for _, tc := range []struct {
		builds string // the images of each, builds apart by "; "
		ref    string
		want   int
	}{
		{"a/x:1.0.0; a/y:1.0.0", "a/y:1.0.0", 1},
		{"a/x:1.0.0; a/y:1.0.0", "a/z:1.0.0", -1},
		{"a/x:1.0.0; a/x:2.0.0", "a/x:2.0.0", 1},
		{"a/x:1.0.0; a/x:1.0.0", "a/x:1.0.0", 0},
		{"a/x:1.0.0-slim; a/x:1.0.0", "a/x:1.2.3", 1},
		{"a/x:1.0.0; a/x:1.0.0-slim", "a/x:1.2.3-slim", 1},
		{"a/x:1.0.0-slim; a/x:1.0.0-alpine", "a/x:1.2.3", 0},
		{"a/x:1.0.1; a/x:1.0.0", "a/x:1.0.0", 1}, // its very tag, and not another version
		{"a/x; a/x:1.0.0", "a/x", 0},
		{"a/x:stable; a/x:edge", "a/x:edge", 1},
		{"a/y:1.0.0 a/x:1.0.0; a/x:1.0.1", "a/x:1.0.0", 0},
		{"a/x:9.9.9-slim a/x:1.0.0; a/x:1.0.1", "a/x:1.0.0", 0},
		{"", "a/x:1.0.0", -1},
	} {
		var builds []monorepo.Build
		for _, images := range strings.Split(tc.builds, "; ") {
			var b monorepo.Build
			for _, image := range strings.Fields(images) {
				ref, err := imageref.Parse(image)
				if err != nil {
					t.Fatal(err)
				}
				b.Images = append(b.Images, ref)
			}
			builds = append(builds, b)
		}
		ref, err := imageref.Parse(tc.ref)
		if err != nil {
			t.Fatal(err)
		}
		if got := monorepo.Maker(builds, ref); got != tc.want {
			t.Errorf("%s is made by %d of %s, want %d", tc.ref, got, tc.builds, tc.want)
		}
	}
}
