package bumper

import (
	"bytes"
	"fmt"

	"github.com/aymanbagabas/go-udiff"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// Apply returns src with the edits applied, which must be ordered by place. It
// refuses edits that overlap, lie outside src, or whose Old is not what stands
// there. Without edits it returns a copy of src.
func Apply(src []byte, edits []Edit) ([]byte, error) {
	all := make([]trace.Replacement, len(edits))
	path := ""
	for i, e := range edits {
		all[i], path = e.replacement(), e.Path
	}
	return trace.NewFile(path, src).After(all)
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
