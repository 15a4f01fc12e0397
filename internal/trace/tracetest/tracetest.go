// Package tracetest shows in tests which bytes of a text have a place.
package tracetest

import (
	"fmt"
	"os"
	"path/filepath"
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

// Seed calls add with the content of each file whose path matches a pattern; there is one.
func Seed(f testing.TB, pattern string, add func(src []byte)) {
	f.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		add(src)
	}
}
