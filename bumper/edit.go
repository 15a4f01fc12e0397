package bumper

import (
	"bytes"
	"fmt"

	"github.com/aymanbagabas/go-udiff"

	"github.com/matihlabs/propagate/internal/source"
)

// Apply returns src with the edits applied, which must be ordered by place. It
// refuses edits that overlap, lie outside src, or whose Old is not what stands
// there. Without edits it returns a copy of src.
func Apply(src []byte, edits []Edit) ([]byte, error) {
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		if e.Span.Start < at || e.Span.End > len(src) || e.Span.Start > e.Span.End {
			return nil, fmt.Errorf("%s:%d: the edit of %q overlaps another or lies outside the file", e.Path, e.Line, e.Old)
		}
		if found := e.Span.Of(src); string(found) != e.Old {
			return nil, fmt.Errorf("%s:%d: %q was to be replaced, but %q stands there", e.Path, e.Line, e.Old, found)
		}
		out.Write(src[at:e.Span.Start])
		out.WriteString(e.New)
		at = e.Span.End
	}
	out.Write(src[at:])
	return out.Bytes(), nil
}

// Diff returns the unified diff from before to after of the file at path, as git
// writes it and git apply reads it; "" when they are equal.
func Diff(path string, before, after []byte) string {
	if bytes.Equal(before, after) {
		return ""
	}
	from, to := source.QuotePath("a/"+path), source.QuotePath("b/"+path)
	return fmt.Sprintf("diff --git %s %s\n%s", from, to, udiff.Unified(from, to, string(before), string(after)))
}
