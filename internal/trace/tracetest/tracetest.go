// Package tracetest shows in tests which bytes of a text have a place.
package tracetest

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/internal/trace"
)

// Placed returns a text with brackets around what has a place, and checks that it
// stands there.
func Placed(t testing.TB, files fstest.MapFS, text trace.Text) string {
	t.Helper()
	var b strings.Builder
	for _, p := range text.Pieces() {
		if p.File == nil {
			b.WriteString(p.S)
			continue
		}
		if got := string(p.Span.Of(files[p.File.Path].Data)); got != p.S {
			t.Errorf("%q has the place of %q", p.S, got)
		}
		fmt.Fprintf(&b, "[%s]", p.S)
	}
	return b.String()
}
