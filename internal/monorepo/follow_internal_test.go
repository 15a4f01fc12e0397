package monorepo

import (
	"testing"

	"github.com/matihlabs/propagate/scanner"
)

// A tag fits one that is known in part if it has the known parts, in their order.
func TestFits(t *testing.T) {
	t.Parallel()
	const x = scanner.Unknown
	for _, test := range []struct {
		tag, known string
		want       bool
	}{
		{"1.0.0", "1.0.0", true},
		{"1.0.0", "1.0.1", false},
		{"1.0.0-slim", x + "-slim", true},
		{"1.0.0-fat", x + "-slim", false},
		{"v1.0.0", "v" + x, true},
		{"1.0.0", "v" + x, false},
		{"v1.0.0-jre-slim", "v" + x + "-jre" + x, true},
		{"v1.0.0-jdk-slim", "v" + x + "-jre" + x, false},
		{"1-2-3", x + "-2-" + x, true},
		{"1-2", x + "-2-2" + x, false},
		{"ab", "ab" + x + "b", false}, // the b is there once
		{"anything", x, true},
	} {
		if got := fits(test.tag, test.known); got != test.want {
			t.Errorf("%q may be %q: %v", test.tag, test.known, got)
		}
	}
}
