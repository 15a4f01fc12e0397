package scanner

import (
	"bytes"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/matihlabs/propagate/internal/trace"
)

// mayHaveSyntax reports whether the directive may stand in a file: in the comments before
// anything else, or as a key of a JSON object. BuildKit takes longer to find out than to parse a
// file without it.
func mayHaveSyntax(src []byte) bool {
	for line := range bytes.Lines(bytes.TrimPrefix(src, byteOrderMark)) {
		switch line = bytes.TrimSpace(line); {
		case len(line) == 0:
		case line[0] == '{':
			return true
		case line[0] != '#' && line[0] != '/':
			return false
		case bytes.Contains(bytes.ToLower(line), []byte("syntax")):
			return true
		}
	}
	return false
}

// syntax reads the directive that names the image of the Dockerfile frontend.
func (r *reader) syntax() {
	if !mayHaveSyntax(r.content.Src) {
		return
	}
	written, _, at, ok := parser.DetectSyntax(r.content.Src)
	if !ok || len(at) == 0 || at[0].Start.Line < 1 || at[0].Start.Line > r.Origin.Lines.Count() {
		return
	}
	line := at[0].Start.Line
	word := trace.Plain(written)
	start := r.Origin.Lines.Start(line)
	if i := bytes.Index(r.content.Src[start:], []byte(written)); i >= 0 && !bytes.ContainsRune(r.content.Src[start:start+i], '\n') {
		word = r.content.Text(start+i, start+i+len(written))
	}
	pos := r.pos(&parser.Node{StartLine: line}, word)
	r.keepWord(r.image(Syntax, -1, pos, written, expansion{Text: word}), word)
}
