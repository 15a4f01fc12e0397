package yamltext

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/trace"
)

// Text returns the value of a scalar with the places of its bytes, as far as they
// stand in the file as they are: line ends that are folded, indentation and escapes
// have no place. Nothing of a scalar has one if the file does not read like it.
func (y *File) Text(n *yaml.Node) trace.Text {
	n = Resolve(n)
	if n == nil || n.Kind != yaml.ScalarNode {
		return trace.Text{}
	}
	at, ok := y.Offset(n)
	if !ok {
		return trace.Plain(n.Value)
	}
	s := &scalar{src: y.Src, at: y.skipProperties(at), value: n.Value, places: make([]int, len(n.Value))}
	for i := range s.places {
		s.places[i] = -1
	}
	if !s.read(n.Style &^ yaml.TaggedStyle) {
		return trace.Plain(n.Value)
	}
	return y.Placed(n.Value, s.places)
}

// skipProperties returns where the scalar begins whose node begins at an offset:
// behind its anchor and tag.
func (y *File) skipProperties(at int) int {
	for at < len(y.Src) {
		switch c := y.Src[at]; {
		case isSpace(c):
			at++
		case c == '#':
			at += lineLength(y.Src[at:])
		case c == '!':
			for at < len(y.Src) && !isSpace(y.Src[at]) {
				at++
			}
		case c == '&':
			at++
			for at < len(y.Src) && isAnchor(y.Src[at]) {
				at++
			}
		default:
			return at
		}
	}
	return at
}

// isAnchor holds for the characters of the names of anchors.
func isAnchor(c byte) bool {
	return trace.IsDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c == '-'
}

// A scalar is read along its value, to find where the bytes of that stand.
type scalar struct {
	src    []byte
	at     int    // in src
	value  string // what yaml made of it
	i      int    // in value
	places []int  // of the bytes of value in src, -1 for none
}

// read reports whether the file reads like the value.
func (s *scalar) read(style yaml.Style) bool {
	var quote byte
	switch style {
	case yaml.LiteralStyle, yaml.FoldedStyle:
		return s.readBlock(style)
	case yaml.SingleQuotedStyle:
		quote = '\''
	case yaml.DoubleQuotedStyle:
		quote = '"'
	}
	if quote != 0 {
		if s.at >= len(s.src) || s.src[s.at] != quote {
			return false
		}
		s.at++
	}
	for s.i < len(s.value) {
		if s.at >= len(s.src) {
			return false
		}
		c := s.src[s.at]
		ok := true
		switch {
		case isSpace(c) && s.fold(&ok):
		case c == '\'' && quote == '\'':
			ok = bytes.HasPrefix(s.src[s.at:], []byte("''")) && s.skip(2, "'")
		case c == '\\' && quote == '"':
			ok = s.escape()
		case c == '"' && quote == '"':
			ok = false // the end, too early
		default:
			ok = s.same(1)
		}
		if !ok {
			return false
		}
	}
	return true
}

// same reads n bytes that stand in the file as they are in the value.
func (s *scalar) same(n int) bool {
	if len(s.value)-s.i < n || len(s.src)-s.at < n || string(s.src[s.at:s.at+n]) != s.value[s.i:s.i+n] {
		return false
	}
	for range n {
		s.places[s.i] = s.at
		s.i, s.at = s.i+1, s.at+1
	}
	return true
}

// skip reads n bytes of the file that stand for other ones of the value.
func (s *scalar) skip(n int, text string) bool {
	if !strings.HasPrefix(s.value[s.i:], text) {
		return false
	}
	s.at, s.i = s.at+n, s.i+len(text)
	return true
}

// fold reads white space with a line end in it: one is a space, more are one less.
// It reports whether there is such a line end.
func (s *scalar) fold(ok *bool) bool {
	n, breaks := 0, 0
	for s.at+n < len(s.src) && isSpace(s.src[s.at+n]) {
		c := s.src[s.at+n]
		if c == '\n' || c == '\r' && !bytes.HasPrefix(s.src[s.at+n+1:], []byte("\n")) {
			breaks++
		}
		n++
	}
	switch breaks {
	case 0:
		return false
	case 1:
		*ok = s.skip(n, " ")
	default:
		*ok = s.skip(n, strings.Repeat("\n", breaks-1))
	}
	return true
}

// escapes are those of one letter, and what they stand for.
var escapes = map[byte]string{
	'0': "\x00", 'a': "\a", 'b': "\b", 't': "\t", '\t': "\t", 'n': "\n", 'v': "\v", 'f': "\f", 'r': "\r", 'e': "\x1b",
	' ': " ", '"': `"`, '\'': "'", '/': "/", '\\': `\`, 'N': "\u0085", '_': "\u00a0", 'L': "\u2028", 'P': "\u2029",
}

// escape reads a backslash and what belongs to it.
func (s *scalar) escape() bool {
	if s.at+1 >= len(s.src) {
		return false
	}
	c := s.src[s.at+1]
	if c == '\n' || c == '\r' {
		// A line end that is no part of the value, and the indentation behind it.
		s.at++
		breaks := 0
		for s.at < len(s.src) && isSpace(s.src[s.at]) {
			if s.src[s.at] == '\n' {
				breaks++
			}
			s.at++
		}
		return breaks == 1
	}
	if digits, ok := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]; ok {
		if s.at+2+digits > len(s.src) {
			return false
		}
		r, err := strconv.ParseUint(string(s.src[s.at+2:s.at+2+digits]), 16, 31)
		return err == nil && s.skip(2+digits, string(utf8.AppendRune(nil, rune(r))))
	}
	text, ok := escapes[c]
	return ok && s.skip(2, text)
}

// readBlock reads a block scalar. Its lines stand in the file one by one, behind an
// indentation and, folded, with spaces instead of some of the line ends.
func (s *scalar) readBlock(style yaml.Style) bool {
	if s.at >= len(s.src) || s.src[s.at] != '|' && s.src[s.at] != '>' {
		return false
	}
	s.at += lineLength(s.src[s.at:])
	for s.i < len(s.value) {
		if s.at >= len(s.src) {
			return strings.TrimSpace(s.value[s.i:]) == ""
		}
		next := s.at + lineLength(s.src[s.at:])
		line := strings.TrimRight(string(s.src[s.at:next]), "\r\n")
		read := s.literalLine
		if style == yaml.FoldedStyle {
			read = s.foldedLine
		}
		if !read(line) {
			return false
		}
		s.at = next
	}
	return true
}

func (s *scalar) literalLine(line string) bool {
	want, _, _ := strings.Cut(s.value[s.i:], "\n")
	indent := len(line) - len(want)
	if strings.TrimLeft(line, " ") == "" && strings.Trim(want, " ") == "" {
		s.i += len(want)
	} else {
		if indent < 0 || strings.Trim(line[:indent], " ") != "" {
			return false
		}
		s.at += indent
		if !s.same(len(want)) {
			return false
		}
	}
	s.i = min(s.i+1, len(s.value)) // its line end
	return true
}

func (s *scalar) foldedLine(line string) bool {
	body := strings.TrimLeft(line, " \t")
	if body == "" {
		return true
	}
	s.i = len(s.value) - len(strings.TrimLeft(s.value[s.i:], " \t\n"))
	s.at += len(line) - len(body)
	return s.i == len(s.value) || s.same(len(body))
}

// lineLength returns the length of the first line of src with its line end.
func lineLength(src []byte) int {
	if i := bytes.IndexByte(src, '\n'); i >= 0 {
		return i + 1
	}
	return len(src)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
