package scanner

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"github.com/matihlabs/propagate/internal/trace"
)

// A logical is an instruction as BuildKit's parser sees it, continuation lines
// joined and comments between them dropped, together with the place in the file
// of every byte of it.
type logical struct {
	file *trace.File
	text []byte
	at   []int // offset in the file of text[i]
}

var byteOrderMark = []byte{0xEF, 0xBB, 0xBF}

// readLogical joins the physical lines from first to last, both 1-based, by the
// rules of parser.Parse. It stops where the instruction ends, so the body of a
// heredoc is not part of it.
func readLogical(file *trace.File, first, last int, escape byte) logical {
	l := logical{file: file}
	src, lines := file.Src, file.Lines
	for n := first; n <= last && n <= lines.Count(); n++ {
		start, end := lines.Start(n), len(src)
		if n < lines.Count() {
			end = lines.Start(n + 1)
		}
		line := bytes.TrimRight(src[start:end], "\r\n")
		if n == 1 && bytes.HasPrefix(line, byteOrderMark) {
			line, start = line[len(byteOrderMark):], start+len(byteOrderMark)
		}
		content := bytes.TrimLeftFunc(line, unicode.IsSpace)
		if n > first && (len(content) == 0 || content[0] == '#') {
			continue
		}
		if n == first {
			line, start = content, start+len(line)-len(content)
		}
		joined, more := cutContinuation(line, escape)
		l.at = slices.Grow(l.at, len(joined))
		for i := range joined {
			l.at = append(l.at, start+i)
		}
		l.text = append(l.text, joined...)
		if !more {
			break
		}
	}
	return l
}

// cutContinuation removes the escape character that continues a line, with the
// blanks behind it. Two escape characters in a row continue nothing.
func cutContinuation(line []byte, escape byte) (rest []byte, more bool) {
	trimmed := bytes.TrimRight(line, " \t")
	n := len(trimmed)
	if n == 0 || trimmed[n-1] != escape || n > 1 && trimmed[n-2] == escape {
		return line, false
	}
	return trimmed[:n-1], true
}

// words finds the words of an instruction in it, given what BuildKit made of
// them, from the last one backwards: in FROM and ARG nothing but white space
// stands between and behind them. It returns the index in l.text of each, or
// false when they are not there as they should be.
func (l logical) words(words []string) (starts []int, ok bool) {
	starts = make([]int, len(words))
	rest := l.text
	for i := len(words) - 1; i >= 0; i-- {
		rest = bytes.TrimRightFunc(rest, unicode.IsSpace)
		if words[i] == "" || !bytes.HasSuffix(rest, []byte(words[i])) {
			return nil, false
		}
		rest = rest[:len(rest)-len(words[i])]
		starts[i] = len(rest)
	}
	return starts, true
}

// slice returns a part of the instruction with the places of its bytes.
func (l logical) slice(start, end int) trace.Text {
	return l.file.Placed(string(l.text[start:end]), l.at[start:end])
}

// flags finds the flags of an instruction (--from=…), with quotes and escapes
// resolved as BuildKit does. skip is the number of keywords to pass before them:
// 1, or 2 behind ONBUILD.
func (l logical) flags(skip int, escape byte) []trace.Text {
	i := 0
	for range skip {
		i = l.skipSpace(i)
		for i < len(l.text) && !isBlank(l.text[i]) {
			i++
		}
	}
	var flags []trace.Text
	for {
		i = l.skipSpace(i)
		if !bytes.HasPrefix(l.text[min(i, len(l.text)):], []byte("--")) {
			return flags
		}
		var flag trace.Text
		flag, i = l.flag(i, escape)
		if flag.S == "--" {
			return flags
		}
		flags = append(flags, flag)
	}
}

// flag reads the flag that begins at i and returns where it ends.
func (l logical) flag(i int, escape byte) (trace.Text, int) {
	var text strings.Builder
	at := make([]int, 0, 32) // most are shorter
	var quote byte
text:
	for ; i < len(l.text) && (quote != 0 || !isBlank(l.text[i])); i++ {
		c := l.text[i]
		switch {
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
			continue
		case quote != 0 && c == quote:
			quote = 0
			continue
		case c == escape:
			if i++; i == len(l.text) {
				break text // it ends in one
			}
			c = l.text[i]
		}
		text.WriteRune(rune(c))
		at = append(at, l.at[i])
	}
	if text.Len() != len(at) {
		// BuildKit widens bytes above 0x7F; such a flag is read but not edited.
		return trace.Plain(text.String()), i
	}
	return l.file.Placed(text.String(), at), i
}

func (l logical) skipSpace(i int) int {
	for i < len(l.text) && isBlank(l.text[i]) {
		i++
	}
	return i
}

// isBlank holds for the ASCII characters that unicode.IsSpace holds for.
func isBlank(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }
