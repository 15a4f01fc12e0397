package imageref_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/imageref"
)

// A family is what no step up to the level changes.
func TestFamily(t *testing.T) {
	for _, tc := range []struct{ tag, patch, minor, major string }{
		{"3.12.4", "3.12", "3", ""},
		{"3.12", "3.12", "3", ""},
		{"v1.34.2", "v1.34", "v1", "v"},
		{"1.0.1-rc.2", "1.0", "1", ""},
		{"20-alpine", "20-alpine", "20-alpine", "alpine"},
		{"20.11.1-alpine3.20", "20.11-alpine3.20", "20-alpine3.20", "alpine"},
		{"3.12.4-slim-bookworm", "3.12-slim-bookworm", "3-slim-bookworm", "slim-debian"},
		{"17-1.0.0", "17-1.0", "17-1", ""},
		{"8.8-860", "8.8-n", "8-n", "n"},
		{"3.4.6-debian-9-r24", "3.4-debian-9-rn", "3-debian-9-rn", "debian-rn"},
		{"1.0.0-20240904", "1.0-date", "1-date", "date"},
		{"1.0.0-0abcdef1", "1.0-hash", "1-hash", "hash"},
		{"latest", "latest", "latest", "latest"},
		{"2026.01.05", "2026.01", "2026", ""},
		{"", "latest", "latest", "latest"},
		{"stable", "stable", "stable", "stable"},
	} {
		for level, want := range map[imageref.Step]string{imageref.Patch: tc.patch, imageref.Minor: tc.minor, imageref.Major: tc.major} {
			if got := imageref.Family(tc.tag, level); got != want {
				t.Errorf("%q at %s is of %q, want %q", tc.tag, level, got, want)
			}
		}
	}
}

// A step up to the level leads to a tag of the same family, whatever the tags look like.
func TestFamilyHolds(t *testing.T) {
	random := tags{rand.New(rand.NewPCG(15, 1))}
	steps := 0
	for range 10000 {
		a := random.draw()
		b := mutate(random, a)
		for _, level := range []imageref.Step{imageref.Patch, imageref.Minor, imageref.Major} {
			if step := imageref.Relate(a, b); step < imageref.Patch || step > level || strings.Contains(a+b, "010") { // which is 10 as well
				continue
			}
			steps++
			if x, y := imageref.Family(a, level), imageref.Family(b, level); x != y {
				t.Fatalf("%q to %q is a step up to %s, and they are of %q and %q", a, b, level, x, y)
			}
		}
	}
	if steps < 300 {
		t.Errorf("only %d steps were tried", steps)
	}
}
