package bumper

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

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
	return fmt.Sprintf("diff --git %s %s\n%s", from, to, renumber(udiff.Unified(from, to, string(before), string(after))))
}

// hunkHeader is the first line of a hunk: where it starts and how many lines it has, before and after.
var hunkHeader = regexp.MustCompile(`(?m)^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$`)

// renumber puts right where the hunks of a diff start in the new file. udiff forgets the lines between two edits of
// one hunk in those of the hunks after it.
func renumber(diff string) string {
	number := func(s string) int {
		if s == "" {
			return 1 // the count that is left out
		}
		n, _ := strconv.Atoi(s)
		return n
	}
	grown := 0
	return hunkHeader.ReplaceAllStringFunc(diff, func(header string) string {
		m := hunkHeader.FindStringSubmatch(header)
		start, old, now := number(m[1]), number(m[2]), number(m[4])
		if old > 0 && now > 0 { // one without lines has the line before as its start
			text := fmt.Sprintf("@@ -%s +%d", strings.TrimPrefix(strings.Fields(header)[1], "-"), start+grown)
			if m[4] != "" {
				text += "," + m[4]
			}
			header = text + " @@"
		}
		grown += now - old
		return header
	})
}
