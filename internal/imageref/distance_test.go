package imageref_test

import (
	"testing"

	"github.com/matihlabs/propagate/internal/imageref"
)

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		current, target string
		n               int
		step            imageref.Step
	}{
		{"1.0.0", "1.0.4", 4, imageref.Patch},
		{"1.0.3", "1.2.0", 2, imageref.Minor},
		{"1.9.0-alpine", "3.0.0-alpine", 2, imageref.Major},
		{"v1.9", "v1.10", 1, imageref.Minor},
		{"20-alpine", "22-alpine", 2, imageref.Major},
		{"17.0.9.1", "17.0.9.3", 2, imageref.Patch},
		{"3.12.1-trixie", "3.12.4-forky", 0, imageref.Major}, // the distribution is the larger step
		{"1.0.0-alpine3.19", "1.0.0-alpine3.20", 0, imageref.Major},
		{"17-1.0.0", "21-1.0.0", 0, imageref.Major},              // the number in front
		{"17-1.0.0", "21-2.0.0", 0, imageref.Major},              // likewise, whatever the version is
		{"8.8-860", "8.8-1014", 0, imageref.Patch},               // what counts builds
		{"1.0.0-rc.1", "1.0.0", 0, imageref.Patch},               // the release of a pre-release
		{"20260301", "20260302", 0, imageref.Patch},              // a date
		{"1.0.0", "99999999999999999999.0.0", 0, imageref.Major}, // no number of this machine
		{"1.0.4", "1.0.0", 0, imageref.Older},
		{"1.0.0", "1.0.0", 0, imageref.Same},
		{"1.0.0", "1.0.0-alpine", 0, imageref.Variant},
		{"1", "1.4.0", 0, imageref.Moving},
		{"latest", "1.4.0", 0, imageref.Moving},
		{"", "", 0, imageref.Same},
	} {
		if n, step := imageref.Distance(test.current, test.target); n != test.n || step != test.step {
			t.Errorf("%s to %s: %d, %s, want %d, %s", test.current, test.target, n, step, test.n, test.step)
		}
	}
}
