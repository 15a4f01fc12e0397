package source

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean returns text from a repository as it may be printed on a line: whatever
// would break the line, steer a terminal or reorder the text around it is replaced
// by "?".
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}

// QuotePath returns a path as git prints it where it stands on a line of its own:
// as it is, or in double quotes with escapes if it holds a control character, a
// double quote or a backslash (git-config(1), core.quotePath set to false).
func QuotePath(path string) string {
	if !strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7F || r == '"' || r == '\\' }) {
		return path
	}
	return quote(path, func(byte) bool { return false })
}

// QuoteBytes returns a path that is not UTF-8 as git prints it with core.quotePath set to
// true: every byte beyond ASCII is an escape. Any other is as [QuotePath] has it.
func QuoteBytes(path string) string {
	if utf8.ValidString(path) {
		return QuotePath(path)
	}
	return quote(path, func(c byte) bool { return c >= utf8.RuneSelf })
}

// quote writes a path in double quotes, with escapes for what needs them and for more.
func quote(path string, more func(c byte) bool) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(path) {
		switch c := path[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case strings.IndexByte(escaped, c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(letters[strings.IndexByte(escaped, c)])
		case c < ' ' || c == 0x7F || more(c):
			fmt.Fprintf(&b, "\\%03o", c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// escaped are the characters that have an escape of one letter.
const (
	escaped = "\a\b\t\n\v\f\r"
	letters = "abtnvfr"
)

// Count writes a number with its noun: "1 Dockerfile", "2 Dockerfiles", "2 branches".
func Count(n int, noun string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(noun, "ch"):
		noun += "es"
	default:
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
