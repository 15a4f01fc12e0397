package envfile

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/compose-spec/compose-go/v2/template"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// Variables are the values of variables by their names. One whose value is not known
// in whole or in part has [unknown] in it.
type Variables map[string]trace.Text

// The sizes in bytes up to which values are made of variables; variables that are
// made of others double with every line.
const (
	MaxValue  = 4 << 10
	maxValues = 1 << 20 // of a file
)

// Expand replaces the variables in t by the rules of compose files. What has no
// value is unknown: nobody knows the environment in which the file is used.
func (v Variables) Expand(t trace.Text) trace.Text {
	if strings.IndexByte(t.S, '$') < 0 {
		return t
	}
	t, ok := v.settle(t)
	if !ok {
		return trace.Plain(reading.Unknown)
	}
	result, err := trace.Follow(func(e trace.Encoder) (string, error) {
		return template.SubstituteWithOptions(e.Variables(t, 0), func(name string) (string, bool) {
			value, ok := v[name]
			return e.Text(value), ok
		}, template.WithoutLogging)
	})
	if err != nil {
		return trace.Plain(reading.Unknown)
	}
	return result
}

// settle replaces variables without a value for which t has no other: $X, ${X} and
// ${X:?message}. To the template library they would be empty, or an error. ok is
// false where the result could become larger than maxValue.
func (v Variables) settle(t trace.Text) (_ trace.Text, ok bool) {
	if len(t.S) > MaxValue {
		return t, false
	}
	var parts []trace.Text
	size, done := len(t.S), 0
	for i := 0; i < len(t.S); {
		rest := t.S[i:]
		if rest[0] != '$' {
			i++
			continue
		}
		if strings.HasPrefix(rest, "$$") {
			i += 2
			continue
		}
		name := VariableName(rest[1:])
		braced := strings.HasPrefix(rest, "${")
		if braced {
			name = VariableName(rest[2:])
		}
		value, set := v[name]
		size += len(value.S)
		n := 1 + len(name)
		needed := !set // its value; there is no other
		if braced {
			n++
			operator := rest[n:]
			switch {
			case strings.HasPrefix(operator, "}"):
			case strings.HasPrefix(operator, ":?"):
				needed = value.S == ""
			case !strings.HasPrefix(operator, "?"):
				needed = false
			}
			if needed {
				n = closing(rest)
			}
		}
		if needed && name != "" && n > 0 {
			parts = append(parts, t.Slice(done, i), trace.Plain(reading.Unknown))
			done = i + n
		}
		i += max(n, 1)
	}
	if size > MaxValue {
		return t, false
	}
	return trace.Join(append(parts, t.Slice(done, len(t.S)))...), true
}

// VariableName returns the name that s begins with, "" for none.
func VariableName(s string) string {
	n := 0
	for n < len(s) && (s[n] == '_' || 'a' <= s[n]|0x20 && s[n]|0x20 <= 'z' || n > 0 && trace.IsDigit(s[n])) {
		n++
	}
	return s[:n]
}

// closing returns the length of the ${…} that s begins with, 0 if it has no end.
func closing(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], "${"):
			depth++
			i++
		case s[i] == '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// Read reads a file of KEY=VALUE lines as compose reads .env: with export before
// a key, quotes, comments, and variables that were set on the lines above. Lines of
// any other form are passed over; a program that is sourced has them.
func Read(f *trace.File) Variables {
	v := Variables{}
	if f == nil {
		return v
	}
	r := envReader{f: f, at: len(f.Src) - len(bytes.TrimPrefix(f.Src, []byte(reading.ByteOrderMark)))}
	size := 0
	for {
		key, value, expand, ok := r.next()
		if !ok {
			return v
		}
		if expand && size <= maxValues {
			value = v.Expand(value)
		}
		if strings.Contains(value.S, "$(") || strings.Contains(value.S, "`") {
			value = trace.Plain(reading.Unknown) // of a shell
		}
		if size += len(value.S); size > maxValues {
			value = trace.Plain(reading.Unknown)
		}
		v[key] = value
	}
}

type envReader struct {
	f  *trace.File
	at int
}

// next returns the next key and its value; ok is false at the end of the file.
// expand says that the value may have variables.
func (r *envReader) next() (key string, value trace.Text, expand, ok bool) {
	for r.at < len(r.f.Src) {
		src := r.f.Src[r.at:]
		line := src[:reading.LineLength(src)]
		start := len(line) - len(bytes.TrimLeftFunc(line, unicode.IsSpace))
		if start == len(line) || line[start] == '#' {
			r.at += len(line)
			continue
		}
		name, n := envKey(string(line[start:]))
		if n == 0 {
			r.at += len(line)
			continue
		}
		r.at += start + n
		if value, expand, ok = r.value(len(line) - start - n); ok && name != "" {
			return name, value, expand, true
		}
	}
	return "", trace.Text{}, false, false
}

// envKey returns the key that a line begins with and the length up to its value; 0
// for a line that sets nothing.
func envKey(line string) (key string, n int) {
	text := line
	if rest, ok := strings.CutPrefix(line, "export"); ok && strings.TrimLeft(rest, " \t") != rest {
		text = strings.TrimLeft(rest, " \t")
	}
	i := strings.IndexAny(text, "=:")
	if i < 0 {
		return "", 0
	}
	key = strings.TrimRightFunc(text[:i], unicode.IsSpace)
	if strings.ContainsFunc(key, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !strings.ContainsRune("_.-[]", r)
	}) {
		return "", 0
	}
	rest := strings.TrimLeft(text[i+1:], " \t\v\f\r")
	return key, len(line) - len(rest)
}

// value reads a value on the rest of the line, which is n bytes long, or on more of
// them in quotes. ok is false for quotes without an end.
func (r *envReader) value(n int) (value trace.Text, expand, ok bool) {
	start := r.at
	r.at += n // whatever comes of it
	if n > 0 && (r.f.Src[start] == '\'' || r.f.Src[start] == '"') {
		quote := r.f.Src[start]
		value, end, ok := r.quoted(start)
		if !ok {
			return value, false, false
		}
		r.at = end
		if rest := r.f.Src[end : end+reading.LineLength(r.f.Src[end:])]; !isEnvStart(string(rest)) {
			r.at = end + len(rest)
		}
		if quote == '"' {
			value = unescape(value)
		}
		return value, quote == '"', true
	}
	line := string(r.f.Src[start : start+n])
	line, _, _ = strings.Cut(strings.TrimSuffix(line, "\n"), " #")
	return r.f.Text(start, start+len(strings.TrimRightFunc(line, unicode.IsSpace))), true, true
}

// isEnvStart reports whether what stands behind closing quotes is another key.
func isEnvStart(rest string) bool {
	_, n := envKey(strings.TrimSpace(rest))
	return n > 0
}

// quoted reads the quotes at an offset up to their end. A backslash before the quote
// takes its meaning from it; every other one stays.
func (r *envReader) quoted(start int) (value trace.Text, end int, ok bool) {
	src := r.f.Src
	quote := src[start]
	var parts []trace.Text
	from := start + 1
	for i := start + 1; i < len(src); i++ {
		switch src[i] {
		case '\\':
			if i+1 < len(src) && src[i+1] == quote {
				parts = append(parts, r.f.Text(from, i))
				from = i + 1
			}
			i++
		case quote:
			return trace.Join(append(parts, r.f.Text(from, i))...), i + 1, true
		}
	}
	return trace.Text{}, 0, false
}

var envEscape = regexp.MustCompile(`\\(?:[abcfnrtv$"\\]|0\d{0,3})`)

// unescape replaces escapes in a value that stood in double quotes.
func unescape(t trace.Text) trace.Text {
	var parts []trace.Text
	from := 0
	for _, m := range envEscape.FindAllStringIndex(t.S, -1) {
		escape := t.S[m[0]:m[1]]
		text := "$$"
		if escape != `\$` {
			escape = strings.Replace(escape, `\0`, `\`, 1)
			text = escape
			if r, _, _, err := strconv.UnquoteChar(escape, '"'); err == nil {
				text = string(utf8.AppendRune(nil, r))
			}
		}
		parts = append(parts, t.Slice(from, m[0]), trace.Plain(text))
		from = m[1]
	}
	return trace.Join(append(parts, t.Slice(from, len(t.S)))...)
}
