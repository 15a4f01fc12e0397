package scanner

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// The bounds of what expansion may cost, for files that are made to be slow. Real
// ones stay below them by orders of magnitude.
const (
	maxExpansion = 16 << 10  // bytes that one word may expand to
	maxSpent     = 512 << 10 // bytes of values that all expansions of a file may look up
	maxNesting   = 50        // depth of ${…${…}…} in one word
)

// A scope holds the ARGs before the first FROM, the only ones that count in a
// FROM (Dockerfile reference, "Understand how ARG and FROM interact").
//
// To know where an expanded reference is written, every word is expanded three
// times by BuildKit's lexer: plain, and with its characters replaced by marks,
// runes of the private-use planes that each stand for one byte of the file. What
// comes out of the lexer then says of each character where it came from, through
// any depth of nesting and any form of substitution. A substitution that looks
// at the characters (${x#v}, ${x%-*}) does not recognise marks; the third
// expansion marks digits only, which is what versions are made of. An expansion
// whose marks do not read the same as the plain one is not used.
type scope struct {
	lex    *shell.Lex
	escape byte
	marks  *marks
	plain  environment
	full   environment // values with every character of a version marked
	digits environment // values with digits marked
	spent  int         // bytes of values that were looked up
}

type environment map[string]string

// A getter hands the values of an environment to the lexer and counts what it
// hands out. When that is too much the values are empty.
type getter struct {
	environment
	spent *int
}

var _ shell.EnvGetter = getter{}

func (g getter) Get(name string) (string, bool) {
	v, ok := g.environment[name]
	if *g.spent += len(v); *g.spent > maxSpent {
		return "", ok
	}
	return v, ok
}

func (g getter) Keys() []string { return slices.Sorted(maps.Keys(g.environment)) }

// process runs the lexer over a word.
func (s *scope) process(word string, env environment) (shell.ProcessWordResult, error) {
	result, err := s.lex.ProcessWordWithMatches(word, getter{env, &s.spent})
	switch {
	case err != nil:
		return result, root(err)
	case len(result.Result) > maxExpansion:
		return result, fmt.Errorf("it expands to more than %d bytes", maxExpansion)
	case s.spent > maxSpent:
		return result, fmt.Errorf("the ARGs of the file expand to more than %d bytes in all", maxSpent)
	}
	return result, nil
}

func newScope(src []byte, escape byte, target string) *scope {
	if target == "" {
		target = "default"
	}
	platform := environment{
		"BUILDPLATFORM": "linux/amd64", "BUILDOS": "linux", "BUILDOSVERSION": "", "BUILDARCH": "amd64", "BUILDVARIANT": "",
		"TARGETPLATFORM": "linux/amd64", "TARGETOS": "linux", "TARGETOSVERSION": "", "TARGETARCH": "amd64", "TARGETVARIANT": "",
		"TARGETSTAGE": target,
	}
	return &scope{
		lex: shell.NewLex(rune(escape)), escape: escape, marks: newMarks(src),
		plain: platform, full: maps.Clone(platform), digits: maps.Clone(platform),
	}
}

// An expansion is a word with its variables replaced.
type expansion struct {
	located
	unset []string // the variables in it that have no value, sorted
}

// expand replaces the variables of a word as BuildKit does. The error is the
// lexer's.
func (s *scope) expand(word located) (expansion, error) {
	word.text = validUTF8(word.text)
	if strings.Count(word.text, "${") > maxNesting && nesting(word.text) > maxNesting {
		return expansion{}, fmt.Errorf("it nests variables more than %d deep", maxNesting)
	}
	result, err := s.process(word.text, s.plain)
	if err != nil {
		return expansion{}, err
	}
	e := expansion{located: located{text: result.Result}, unset: slices.Sorted(maps.Keys(result.Unmatched))}
	if len(word.at) != len(word.text) {
		return e, nil
	}
	if result.Result == word.text {
		e.at = word.at
		return e, nil
	}
	for _, form := range s.forms() {
		marked, err := s.process(s.marks.encode(word, form.marked, s.escape), form.env)
		if err != nil {
			continue
		}
		if text, at := s.marks.decode(marked.Result); text == e.text {
			e.at = s.marks.fill(text, at)
			break
		}
	}
	return e, nil
}

type form struct {
	env    environment
	marked func(byte) bool
}

func (s *scope) forms() [2]form {
	return [2]form{{s.full, isVersionByte}, {s.digits, isDigit}}
}

// define sets the ARG name to an expanded value. Later definitions win.
func (s *scope) define(name string, value located) error {
	e, err := s.expand(value)
	if err != nil {
		return err
	}
	for _, form := range s.forms() {
		text := e.text
		if e.at != nil {
			marked, err := s.process(s.marks.encode(value, form.marked, s.escape), form.env)
			if plain, _ := s.marks.decode(marked.Result); err == nil && plain == e.text {
				text = marked.Result
			}
		}
		form.env[name] = text
	}
	s.plain[name] = e.text
	return nil
}

// marks maps runes of the private-use planes to bytes of the file.
type marks struct {
	src []byte
	at  []int
	off bool // the file may hold such runes itself: mark nothing, prove nothing
}

const (
	firstMark = 0xF0000
	lastMark  = utf8.MaxRune
)

func newMarks(src []byte) *marks {
	return &marks{src: src, off: bytes.IndexByte(src, 0xF3) >= 0 || bytes.IndexByte(src, 0xF4) >= 0}
}

// next returns the rune that stands for the byte at offset at.
func (m *marks) next(at int) (r rune, ok bool) {
	if m.off || len(m.at) > lastMark-firstMark {
		return 0, false
	}
	m.at = append(m.at, at)
	return rune(firstMark + len(m.at) - 1), true //nolint:gosec // at most lastMark, as was seen above
}

// encode replaces the characters of word that are literal text, and of the kind
// that marked holds for, by marks. The names and operators of variables stay, for
// the lexer to read.
func (m *marks) encode(word located, marked func(byte) bool, escape byte) string {
	var b strings.Builder
	text := word.text
	inPattern := 0 // depth of ${…} whose operand the lexer matches against characters
	var braces []bool
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == escape && i+1 < len(text):
			b.WriteByte(c)
			if i++; text[i] < utf8.RuneSelf {
				b.WriteByte(text[i])
				continue
			}
			i--
		case c == '$':
			n := variableLength(text[i:])
			b.WriteString(text[i : i+n])
			if n > 1 && text[i+1] == '{' && text[i+n-1] != '}' {
				pattern := strings.ContainsAny(text[i+n-1:i+n], "#%/")
				braces = append(braces, pattern)
				if pattern {
					inPattern++
				}
			}
			i += n - 1
		case c == '}' && len(braces) > 0:
			if braces[len(braces)-1] {
				inPattern--
			}
			braces = braces[:len(braces)-1]
			b.WriteByte(c)
		case inPattern == 0 && marked(c) && len(word.at) == len(text):
			if r, ok := m.next(word.at[i]); ok {
				b.WriteRune(r)
				continue
			}
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// variableLength returns the length of the variable that text begins with, up
// to and including its operator: "$X", "${X}", "${X:-".
func variableLength(text string) int {
	i := 1
	braced := i < len(text) && text[i] == '{'
	if braced {
		i++
	}
	for i < len(text) && (text[i] == '_' || isDigit(text[i]) || isLetter(text[i])) {
		i++
	}
	if !braced || i == len(text) {
		return i
	}
	if text[i] == ':' && i+1 < len(text) {
		i++
	}
	return i + 1
}

// decode reads marked text back: the plain text, and for each byte of it the
// offset in the file, -1 where no mark stood.
func (m *marks) decode(marked string) (text string, at []int) {
	var b strings.Builder
	for _, r := range marked {
		if i := int(r) - firstMark; i >= 0 && i < len(m.at) {
			b.WriteByte(m.src[m.at[i]])
			at = append(at, m.at[i])
			continue
		}
		n, _ := b.WriteRune(r)
		for range n {
			at = append(at, -1)
		}
	}
	return b.String(), at
}

// fill completes at for unmarked bytes between two marked ones that stand as far
// apart in the file as in text, with the same bytes between them.
func (m *marks) fill(text string, at []int) []int {
	for i := 0; i < len(at); i++ {
		if at[i] < 0 {
			continue
		}
		j := i + 1
		for j < len(at) && at[j] < 0 {
			j++
		}
		if j < len(at) && j > i+1 && at[j]-at[i] == j-i && string(m.src[at[i]:at[j]]) == text[i:j] {
			for k := i + 1; k < j; k++ {
				at[k] = at[i] + k - i
			}
		}
		i = j - 1
	}
	return at
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isVersionByte(c byte) bool {
	return isDigit(c) || isLetter(c) || strings.IndexByte("._-:@", c) >= 0
}

// validUTF8 spares the lexer bytes that it would complain of on standard error;
// it reads them as the replacement character anyway.
func validUTF8(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// nesting returns how deep the variables of a word are nested at most.
func nesting(word string) int {
	depth, deepest := 0, 0
	for i := range len(word) {
		switch {
		case word[i] == '{' && i > 0 && word[i-1] == '$':
			depth++
			deepest = max(deepest, depth)
		case word[i] == '}' && depth > 0:
			depth--
		}
	}
	return deepest
}

// root returns the innermost error: the lexer's own words, without the word
// that it was working on.
func root(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
