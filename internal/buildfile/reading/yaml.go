package reading

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// YAMLProblem is what a person is told of an error of [yamltext.Parse].
func YAMLProblem(f *trace.File, err error) Problem {
	pos := source.Pos{Path: f.Path}
	if errors.Is(err, yamltext.ErrTooLarge) {
		return Problem{source.CodeBuildFileLimit, pos, "not read: " + err.Error()}
	}
	line, message := yamltext.Problem(err)
	pos.Line = line
	return Problem{source.CodeBuildFileSyntax, pos, fmt.Sprintf("not read, for it is no YAML (%s)", message)}
}

// ByteOrderMark is what some programs begin a text in UTF-8 with.
const ByteOrderMark = "\xef\xbb\xbf"

// LineLength returns the length of the first line of src with its line end.
func LineLength(src []byte) int {
	if i := bytes.IndexByte(src, '\n'); i >= 0 {
		return i + 1
	}
	return len(src)
}

// IsSpace reports whether c is a blank or ends a line.
func IsSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
