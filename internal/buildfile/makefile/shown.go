package makefile

import (
	"bytes"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/source"
)

// Shown is [Shown] for a Makefile: of its recipes what they show, and variables of
// several lines that no function of make goes through.
func Shown(src []byte) (spans []source.Span) {
	for at := 0; at < len(src); {
		end := at + logicalLength(src[at:])
		line := src[at:end]
		switch name, isDefine := bytes.CutPrefix(line, []byte("define ")); {
		case line[0] == '\t':
			recipe := bytes.TrimLeft(line, "\t @-+")
			start := end - len(recipe)
			for _, span := range shell.Shown(recipe) {
				spans = append(spans, source.Span{Start: start + span.Start, End: start + span.End})
			}
		case isDefine:
			body := end
			for end < len(src) && !bytes.HasPrefix(bytes.TrimLeft(src[end:], " "), []byte("endef")) {
				end += reading.LineLength(src[end:])
			}
			if name = bytes.Trim(name, " \t\r\n:=?"); !goesThrough(src, name) {
				spans = append(spans, source.Span{Start: body, End: end})
			}
		}
		at = end
	}
	return spans
}

// goesThrough reports whether make does more with a variable than print it.
func goesThrough(src, name []byte) bool {
	for line := range bytes.Lines(src) {
		for _, function := range []string{"$(foreach", "$(eval", "$(call", "$(filter", "$(word", "$(subst", "$(patsubst"} {
			if bytes.Contains(line, []byte(function)) && bytes.Contains(line, name) {
				return true
			}
		}
	}
	return false
}

// logicalLength returns the length of the first line with those that it goes on in.
func logicalLength(src []byte) int {
	n := 0
	for n < len(src) {
		line := src[n : n+reading.LineLength(src[n:])]
		n += len(line)
		if !bytes.HasSuffix(bytes.TrimRight(line, "\r\n"), []byte(`\`)) {
			break
		}
	}
	return n
}
