package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/matihlabs/propagate/internal/source"
)

// A pieceKind says what a piece of a pattern stands for.
type pieceKind uint8

const (
	literal      pieceKind = iota // its text
	single                        // one character: "?" and "[…]"
	alternatives                  // one of several texts: "{a,b}"
	capture                       // one or more characters of one name, to be used elsewhere: "{name}"
	star                          // any characters of one name: "*"
	dirs                          // any number of directories, with the slash behind each: "**/"
	tree                          // the same, to be used elsewhere: "{dir}/" in the patterns of arguments
	pieceKinds
)

// A piece is a part of a pattern.
type piece struct {
	kind pieceKind
	text string // of a capture and a tree the name
}

// pieces returns the parts of a valid pattern.
func pieces(text string) (all []piece) {
	for at := 0; at < len(text); {
		p, end := piece{}, at+1
		switch {
		case strings.HasPrefix(text[at:], "**/") && (at == 0 || text[at-1] == '/'):
			p.kind, end = dirs, at+len("**/")
		case text[at] == '*':
			p.kind = star
			for end < len(text) && text[end] == '*' {
				end++
			}
		case text[at] == '?':
			p = piece{single, "?"}
		case text[at] == '[':
			end = closing(text, at, '[', ']')
			p = piece{single, text[at:end]}
		case text[at] == '{':
			end = closing(text, at, '{', '}')
			if p = (piece{alternatives, text[at:end]}); !strings.Contains(p.text, ",") {
				p = piece{capture, strings.TrimSuffix(p.text[1:], "}")}
			}
		default:
			if text[at] == '\\' && end < len(text) {
				at, end = end, end+1
			}
			if n := len(all); n > 0 && all[n-1].kind == literal {
				all[n-1].text += text[at:end]
				at = end
				continue
			}
			p.text = text[at:end]
		}
		all, at = append(all, p), end
	}
	return all
}

// closing returns the place behind the bracket that closes the one at a place.
func closing(text string, at int, open, shut byte) int {
	depth := 0
	for ; at < len(text); at++ {
		switch c := text[at]; {
		case c == '\\':
			at++
		case c == open && (depth == 0 || open == '{'):
			depth++
		case c == shut:
			if depth--; depth == 0 {
				return at + 1
			}
		}
	}
	return len(text)
}

// A rank says how much a pattern tells of the paths that it fits.
type rank struct {
	least int             // how long the shortest of them is
	text  int             // how much of that is text of the pattern
	count [pieceKinds]int // how many pieces of each kind it has
}

func newRank(all []piece) (r rank) {
	for i, p := range all {
		r.count[p.kind]++
		switch p.kind {
		case literal:
			r.text += len(p.text)
		case alternatives:
			r.text += shortest(p.text)
		case capture, single:
			r.least++
		case star:
			begins := i == 0 || all[i-1].kind == dirs || strings.HasSuffix(all[i-1].text, "/")
			if begins && (i == len(all)-1 || strings.HasPrefix(all[i+1].text, "/")) {
				r.least++ // no name is empty
			}
		case dirs, tree:
		}
	}
	r.least += r.text
	return r
}

// compare is above 0 if a pattern tells more than another: it asks for a longer path or
// gives more of its text, or has less in it that stands for other text, the widest first.
func (r rank) compare(other rank) int {
	result := cmp.Or(cmp.Compare(r.least, other.least), cmp.Compare(r.text, other.text))
	for kind := dirs; kind > literal && result == 0; kind-- {
		result = cmp.Compare(other.count[kind], r.count[kind])
	}
	return result
}

// shortest returns how many characters the shortest of several alternatives has.
func shortest(text string) int {
	least, n, depth := len(text), 0, 0
	for i := range len(text) {
		switch text[i] {
		case '{':
			depth++
		case '}':
			depth--
		case '*', '?', '[', ']', '\\':
		case ',':
			if depth == 1 {
				least, n = min(least, n), 0
			}
		default:
			n++
		}
	}
	return min(least, n)
}

// capturing finds out what the captures of a pattern stand for in a path.
type capturing struct {
	pieces []piece
	names  []string // of the captures, each once, in the order of the pattern
	twice  bool     // one of them stands more than once in the pattern
}

// newImagePattern reads a pattern in which "{name}" is a capture: one or more characters
// of one name of the path. The error is a *source.Error.
func newImagePattern(text string, pos source.Pos) (Pattern, error) {
	p, err := NewPattern(text, pos)
	if err != nil {
		return p, err
	}
	wrong := func(hint, format string, args ...any) (Pattern, error) {
		return Pattern{}, &source.Error{Pos: pos, Err: fmt.Errorf("%q: "+format, append([]any{text}, args...)...), Hint: hint}
	}
	c := capturing{pieces: pieces(p.top)}
	for _, piece := range c.pieces {
		switch piece.kind {
		case alternatives:
			if hasCapture(piece.text[1:]) {
				return wrong("write an entry for each of the alternatives", "a capture cannot stand in %s", shorten(piece.text))
			}
		case capture:
			if !isWord(piece.text) {
				return wrong(`a capture is a word of letters, digits and _, such as {line}; alternatives have a comma between them; \ before a brace takes it as it is`, "{%s} is no capture", shorten(piece.text))
			}
			if slices.Contains(c.names, piece.text) {
				c.twice = true
			} else {
				c.names = append(c.names, piece.text)
			}
		case literal, single, star, dirs, tree:
		}
	}
	if c.names != nil {
		p.captures = &c
	}
	return p, nil
}

// newArgumentsPattern reads a pattern with captures in which "{dir}", where it is a whole name,
// stands for any number of directories.
func newArgumentsPattern(text string, pos source.Pos) (Pattern, error) {
	p, err := newImagePattern(text, pos)
	if err != nil || p.captures == nil {
		return p, err
	}
	all := p.captures.pieces
	for i := range all {
		begins := i == 0 || all[i-1].kind == dirs || all[i-1].kind == tree || strings.HasSuffix(all[i-1].text, "/")
		if all[i].kind == capture && all[i].text == "dir" && begins && i+1 < len(all) && strings.HasPrefix(all[i+1].text, "/") {
			all[i].kind, all[i+1].text = tree, all[i+1].text[1:]
		}
	}
	return p, nil
}

// hasCapture reports whether a capture stands in a text, at any depth.
func hasCapture(text string) bool {
	for at := 0; at < len(text); at++ {
		switch text[at] {
		case '\\':
			at++
		case '{':
			if inner := text[at:closing(text, at, '{', '}')]; !strings.Contains(inner, ",") {
				return true
			}
		}
	}
	return false
}

func isWord(text string) bool {
	for i, r := range text {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return text != ""
}

// maxSteps bounds how long it may take to find the captures in one path. A pattern
// that needs more does not fit it.
const maxSteps = 1 << 16

// match returns the texts of the captures, in the order of their names. ok is false
// if the pattern fits neither the path nor a directory that it lies in.
func (c *capturing) match(path string) (texts []string, ok bool) {
	return c.matchWith(path, func(string) string { return "" })
}

// matchWith is match where it is known what some captures stand for; known returns "" for
// the others.
func (c *capturing) matchWith(path string, known func(name string) string) (texts []string, ok bool) {
	m := matcher{capturing: c, path: path, texts: make([]string, len(c.names))}
	for i, name := range c.names {
		m.texts[i] = known(name)
	}
	return m.texts, m.from(0, 0)
}

// noDirs is what a tree stands for in which there is no directory.
const noDirs = "/"

// tree fits a piece of that kind.
func (m *matcher) tree(i, at int) bool {
	name := slices.Index(m.names, m.pieces[i].text)
	if known := m.texts[name]; known == noDirs {
		return m.from(i+1, at)
	} else if known != "" {
		return strings.HasPrefix(m.path[at:], known+"/") && m.from(i+1, at+len(known)+1)
	}
	for end := strings.LastIndexByte(m.path[at:], '/'); end >= 0; end = strings.LastIndexByte(m.path[at:at+end], '/') {
		if end > 0 {
			m.texts[name] = m.path[at : at+end]
			if m.from(i+1, at+end+1) {
				return true
			}
		}
	}
	m.texts[name] = noDirs
	if m.from(i+1, at) {
		return true
	}
	m.texts[name] = ""
	return false
}

// A matcher fits a pattern with captures to a path: each takes as much as it can, the
// first one first.
type matcher struct {
	*capturing
	path   string
	texts  []string // of the captures so far, "" for those to come
	failed map[[2]int]bool
	steps  int
}

// from reports whether the pieces from one on fit the path from a place on.
func (m *matcher) from(i, at int) bool {
	if i == len(m.pieces) {
		return at == len(m.path) || m.path[at] == '/'
	}
	key := [2]int{i, at}
	if m.steps++; m.steps > maxSteps || m.failed[key] {
		return false
	}
	if m.piece(i, at) {
		return true
	}
	if !m.twice { // else it may fit with another text of a capture
		if m.failed == nil {
			m.failed = map[[2]int]bool{}
		}
		m.failed[key] = true
	}
	return false
}

func (m *matcher) piece(i, at int) bool {
	p, rest := m.pieces[i], m.path[at:]
	switch p.kind {
	case literal:
		return strings.HasPrefix(rest, p.text) && m.from(i+1, at+len(p.text))
	case single:
		_, size := utf8.DecodeRuneInString(rest)
		return size > 0 && doublestar.MatchUnvalidated(p.text, rest[:size]) && m.from(i+1, at+size)
	case alternatives:
		for end := len(rest); end >= 0 && m.steps <= maxSteps; end-- {
			m.steps++
			if doublestar.MatchUnvalidated(p.text, rest[:end]) && m.from(i+1, at+end) {
				return true
			}
		}
		return false
	case dirs:
		for {
			if m.from(i+1, at) {
				return true
			}
			next := strings.IndexByte(m.path[at:], '/')
			if next < 0 {
				return false
			}
			at += next + 1
		}
	case tree:
		return m.tree(i, at)
	case star, capture:
	}
	name := slices.Index(m.names, p.text)
	if p.kind == capture && m.texts[name] == noDirs {
		return m.from(i+1, len(m.path)) // all lies below it
	}
	if p.kind == capture && m.texts[name] != "" {
		return strings.HasPrefix(rest, m.texts[name]) && m.from(i+1, at+len(m.texts[name]))
	}
	for end := cmp.Or(strings.IndexByte(rest, '/')+1, len(rest)+1) - 1; ; {
		if p.kind == capture {
			if end == 0 {
				return false
			}
			m.texts[name] = rest[:end]
		}
		if m.from(i+1, at+end) {
			return true
		}
		if p.kind == capture {
			m.texts[name] = ""
		}
		if end == 0 {
			return false
		}
		_, size := utf8.DecodeLastRuneInString(rest[:end])
		end -= size
	}
}
