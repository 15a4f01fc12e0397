package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
)

// maxSize bounds a configuration.
const maxSize = 1 << 20

// document reads the one document of the file, nil if it is empty.
func (d *decoder) document() *yaml.Node {
	if err := d.encoding(); err != nil {
		d.errors = append(d.errors, err)
		return nil
	}
	in := yaml.NewDecoder(bytes.NewReader(d.src))
	var first yaml.Node
	if err := in.Decode(&first); err != nil {
		if !errors.Is(err, io.EOF) {
			d.errors = append(d.errors, d.syntax(err))
		}
		return nil
	}
	for {
		var other yaml.Node
		err := in.Decode(&other)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			d.errors = append(d.errors, d.syntax(err))
			return nil
		}
		if len(other.Content) > 0 && !isNull(other.Content[0]) {
			d.fail(&other, "keep everything in one document, without --- between", "a second document begins here, and only one is read")
			break
		}
	}
	if len(first.Content) == 0 || isNull(first.Content[0]) {
		return nil
	}
	return first.Content[0]
}

// encoding says what is wrong with the bytes of the file.
func (d *decoder) encoding() *source.Error {
	wrong := func(at int, hint, format string, args ...any) *source.Error {
		line, col := d.lines.Position(at)
		return &source.Error{Pos: source.Pos{Path: d.path, Line: line, Col: col}, Err: fmt.Errorf(format, args...), Hint: hint}
	}
	const save = "save it as UTF-8"
	src := d.src
	switch {
	case len(src) > maxSize:
		return &source.Error{Pos: source.Pos{Path: d.path}, Err: fmt.Errorf("it is larger than %d bytes, and not read", maxSize), Hint: "a pattern such as services/** stands for many files"}
	case bytes.HasPrefix(src, []byte{0xFF, 0xFE}), bytes.HasPrefix(src, []byte{0xFE, 0xFF}), len(src) > 1 && (src[0] == 0) != (src[1] == 0):
		return wrong(0, save, "the file is UTF-16, and not UTF-8")
	}
	for at := 0; at < len(src); {
		r, size := utf8.DecodeRune(src[at:])
		switch {
		case r == utf8.RuneError && size == 1:
			return wrong(at, save, "the byte %#02x is no UTF-8", src[at])
		case r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0x7F:
			return wrong(at, "take it out", "the control character %#02x belongs in no text", r)
		}
		at += size
	}
	return nil
}

// syntaxes are the errors of the YAML library by a part of their text, and what they
// mean for the file.
var syntaxes = []struct{ part, says, hint string }{
	{"mapping values are not allowed", "a value stands here in which a key begins", "indent keys of one level alike, and quote a text that holds a colon and a space"},
	{"did not find expected '-' indicator", "the line is indented unlike all above it", "indent the items of one list alike"},
	{"did not find expected key", "the line is indented unlike all above it", "indent keys of one level alike, and quote a text that begins with a special character"},
	{"did not find expected ',' or ']'", "a list in brackets is not closed", "end it with ], and separate its items by commas; quote a pattern with braces"},
	{"did not find expected ',' or '}'", "a mapping in braces is not closed", "end it with }, and separate its keys by commas; quote a pattern with braces"},
	{"could not find expected ':'", "a key has no colon behind it", "a key is written with a colon and a space: ignore: []"},
	{"did not find expected node content", "a value is missing here", "close what is opened with [ or {, take out the comma too many, or quote the text"},
	{"block sequence entries are not allowed", "a list cannot begin here", "begin it in the line below its key"},
	{"mapping keys are not allowed", "a key cannot begin here", "quote a text that begins with ?"},
	{"found unexpected end of stream", "a quote is not closed", "end the text with the quote that it begins with"},
	{"found unexpected document indicator", "a quote is not closed", "end the text with the quote that it begins with"},
	{"found unknown escape character", `a \ in double quotes stands before a character that it does not go with`, `put the text in single quotes, where \ is a character like others`},
	{"hexdecimal number", `a \ in double quotes stands before a character that it does not go with`, `put the text in single quotes, where \ is a character like others`},
	{"expected alphabetic or numeric character", "a text that begins with * or & has to be in quotes", `such as "*.docker"`},
	{"unknown anchor", "a text that begins with * has to be in quotes", `such as "*.docker"`},
	{"cannot start any token", "a text cannot begin with this character", "put it in quotes"},
	{"tab character", "a tab is no indentation", "indent with spaces"},
	{"exceeded max depth", "it is nested too deep", ""},
	{"a tag", "a text that begins with ! has to be in quotes", ""},
	{"undefined tag handle", "a text that begins with ! has to be in quotes", ""},
	{"directive", "a line cannot begin with %", "put the text in quotes"},
	{"block scalar", "what stands behind | or > is not understood", "put the text in quotes"},
}

var yamlLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^line ([0-9]+): `) })

// syntax says an error of the YAML library in words of the file, at its place as far as
// that is known.
func (d *decoder) syntax(err error) *source.Error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	e := &source.Error{Pos: source.Pos{Path: d.path}, Err: errors.New("it is no YAML"), Hint: "a YAML checker of an editor shows more"}
	line := 1 // which the library does not name
	if m := yamlLine().FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		if strings.Contains(text, "did not find expected ") && !strings.Contains(text, "alphabetic") && !strings.Contains(text, "hexdecimal") {
			line++ // its parser counts from 0, its scanner from 1
		}
	}
	for _, s := range syntaxes {
		if strings.Contains(text, s.part) {
			e.Err, e.Hint = errors.New(s.says), s.hint
			break
		}
	}
	var part func(line string) int // where on its line it is
	switch {
	case strings.Contains(text, "unknown anchor"):
		name, _, _ := strings.Cut(strings.TrimPrefix(text, "unknown anchor '"), "'")
		line, part = d.find("*"+name), func(line string) int { return strings.Index(line, "*"+name) }
	case strings.Contains(text, "escape character"):
		part = func(line string) int { return strings.IndexByte(line, '\\') }
	case strings.Contains(text, "alphabetic or numeric"):
		part = func(line string) int { return strings.IndexAny(line, "*&") }
	case strings.Contains(text, "expected key"), strings.Contains(text, "'-' indicator"):
		var found bool
		if line, found = d.dedent(line); !found {
			e.Err = errors.New("of the keys or items that begin here one has text behind its value, or is indented unlike the others")
		}
	case strings.Contains(text, "unexpected end of stream"):
		part = func(line string) int { return strings.IndexAny(line, `'"`) }
		for line > 1 && part(d.line(line)) < 0 {
			line--
		}
	}
	for line > 1 && strings.TrimSpace(d.line(line)) == "" {
		line--
	}
	for _, n := range []int{line, line + 1, line - 1} {
		if at := tabIndent(d.line(n)); at >= 0 {
			e.Err, e.Hint, line = errors.New("a tab is no indentation"), "indent with spaces", n
			part = func(string) int { return at }
			break
		}
	}
	if line < 1 || line > d.lines.Count() {
		return e
	}
	text = d.line(line)
	at := -1
	if part != nil {
		at = part(text)
	}
	if at < 0 {
		at = len(text) - len(strings.TrimLeft(text, " "))
	}
	e.Pos.Line, e.Pos.Col = line, at+1
	return e
}

// line returns a line of the file, "" if there is none.
func (d *decoder) line(n int) string {
	if n < 1 || n > d.lines.Count() {
		return ""
	}
	line, _, _ := bytes.Cut(d.src[d.lines.Start(n):], []byte("\n"))
	return strings.TrimRight(string(line), "\r")
}

// dedent returns the first line, from one on, that is indented less than the one before
// and unlike all above it, and that line where none is found.
func (d *decoder) dedent(line int) (_ int, found bool) {
	known := map[int]bool{}
	before := -1
	for n := 1; n <= d.lines.Count(); n++ {
		text := d.line(n)
		rest := strings.TrimLeft(text, " ")
		if rest == "" || rest[0] == '#' {
			continue
		}
		at := len(text) - len(rest)
		if n >= line && at < before {
			if !known[at] {
				return n, true
			}
			if n > line {
				break // the level ends as it should
			}
		}
		known[at], before = true, at
	}
	return line, false
}

// find returns the first line that holds a text, 0 if none does.
func (d *decoder) find(text string) int {
	if i := bytes.Index(d.src, []byte(text)); i >= 0 {
		line, _ := d.lines.Position(i)
		return line
	}
	return 0
}

// tabIndent returns where in the indentation of a line a tab is, -1 if there is none.
func tabIndent(line string) int {
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	return strings.IndexByte(indent, '\t')
}
