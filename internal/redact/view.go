package redact

import (
	"encoding/hex"
	"html"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A view is what a text says in another way, and where each byte of it comes from.
type view struct {
	text       string
	start, end []int // of byte i of text, in the original
}

func (v *view) add(b *strings.Builder, text string, start, end int) {
	b.WriteString(text)
	for range len(text) {
		v.start, v.end = append(v.start, start), append(v.end, end)
	}
}

// squeezed returns the view of a text without what can stand inside a word and is not
// part of it: line ends with the space that follows them, what git writes at the
// beginning of lines that a server printed, and characters that are not seen.
func squeezed(text string) view {
	v := view{text: text, start: make([]int, len(text)), end: make([]int, len(text))}
	for i := range len(text) {
		v.start[i], v.end[i] = i, i+1
	}
	return v.squeezed()
}

func (v view) squeezed() view {
	out := view{}
	var b strings.Builder
	for i := 0; i < len(v.text); {
		r, size := utf8.DecodeRuneInString(v.text[i:])
		if n := unseen(v.text[i:], r, size); n > 0 {
			i += n
			continue
		}
		out.add(&b, v.text[i:i+1], v.start[i], v.end[i])
		for j := i + 1; j < i+size; j++ {
			out.add(&b, v.text[j:j+1], v.start[j], v.end[j])
		}
		i += size
	}
	out.text = b.String()
	return out
}

// unseen returns how many bytes at the beginning of text, which begins with r, are
// left out of a squeezed view.
func unseen(text string, r rune, size int) int {
	switch {
	case r == '\t' || r == utf8.RuneError && size == 1:
		return 0
	case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085' || r == '\v' || r == '\f':
		rest := text[size:]
		rest = strings.TrimPrefix(rest, "\n")
		rest = strings.TrimPrefix(rest, "remote: ")
		rest = strings.TrimLeft(rest, " \t")
		return len(text) - len(rest)
	case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
		return size
	}
	return 0
}

var escapes = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\[bfnrt"'\\/]|&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[a-z]{2,6});`)
})

// decoded returns the view with one layer of escapes read, squeezed.
func (v view) decoded() view {
	out := view{}
	var b strings.Builder
	done := 0
	copied := func(to int) {
		for i := done; i < to; i++ {
			out.add(&b, v.text[i:i+1], v.start[i], v.end[i])
		}
	}
	for _, at := range escapes().FindAllStringIndex(v.text, -1) {
		copied(at[0])
		out.add(&b, decode(v.text[at[0]:at[1]]), v.start[at[0]], v.end[at[1]-1])
		done = at[1]
	}
	copied(len(v.text))
	out.text = b.String()
	return out.squeezed()
}

// decode returns what one escape stands for.
func decode(escape string) string {
	switch {
	case escape[0] == '&':
		return html.UnescapeString(escape)
	case escape[0] == '%' || strings.HasPrefix(escape, `\x`):
		if raw, err := hex.DecodeString(escape[len(escape)-2:]); err == nil {
			return string(raw)
		}
	case strings.HasPrefix(escape, `\u`):
		if n, err := strconv.ParseInt(escape[2:], 16, 32); err == nil {
			return string(rune(n))
		}
	default:
		if i := strings.IndexByte("bfnrt", escape[1]); i >= 0 {
			return "\b\f\n\r\t"[i : i+1]
		}
		return escape[1:]
	}
	return escape
}
