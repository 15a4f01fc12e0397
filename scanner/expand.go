package scanner

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"github.com/matihlabs/propagate/internal/trace"
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
	lex    *shell.Lex // nil until a word needs it
	escape byte
	marks  trace.Marks

	platform environment // what BuildKit sets

	plain  environment
	full   environment // values with every character of a version marked
	digits environment // values with digits marked
	spent  int         // bytes of values that were looked up
	hidden int         // how many Unknown were in values since it was set to 0

	handed   map[string]bool // the names whose values are made of what the build hands in
	isHanded bool            // such a value was looked up since it was set to false
	looksAt  bool            // a value that another platform would change was looked up
}

type environment map[string]string

// lookup returns the value of a variable in an environment of the scope.
func (s *scope) lookup(env environment, name string) (string, bool) {
	if v, ok := env[name]; ok {
		return v, true
	}
	v, ok := s.platform[name] // which has one form: nobody edits it
	return v, ok
}

// A getter hands the values of an environment to the lexer and counts what it
// hands out. When that is too much the values are empty.
type getter struct {
	*scope
	env environment
}

var _ shell.EnvGetter = getter{}

func (g getter) Get(name string) (string, bool) {
	v, ok := g.lookup(g.env, name)
	if g.spent += len(v); g.spent > maxSpent {
		return "", ok
	}
	g.hidden += strings.Count(v, Unknown)
	g.isHanded = g.isHanded || g.handed[name]
	g.looksAt = g.looksAt || isOfTarget(name)
	return v, ok
}

func (g getter) Keys() []string { return slices.Sorted(maps.Keys(g.env)) }

// isLiteral reports whether the lexer gives a word back as it is: nothing in it is
// special to it. Most words are such, and the lexer takes twenty times as long to find out.
func (s *scope) isLiteral(word string) bool {
	return !strings.ContainsAny(word, `$'"<`) && strings.IndexByte(word, s.escape) < 0 &&
		utf8.ValidString(word) && !strings.HasPrefix(word, string(byteOrderMark))
}

// process runs the lexer over a word.
func (s *scope) process(word string, env environment) (shell.ProcessWordResult, error) {
	result, err := shell.ProcessWordResult{Result: word}, error(nil)
	if !s.isLiteral(word) {
		if s.lex == nil {
			s.lex = shell.NewLex(rune(s.escape))
		}
		result, err = s.lex.ProcessWordWithMatches(word, getter{s, env})
	}
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

func newScope(escape byte, target string, on view) *scope {
	if target == "" {
		target = "default"
	}
	platform := environment{
		"BUILDPLATFORM": "linux/amd64", "BUILDOS": "linux", "BUILDOSVERSION": "", "BUILDARCH": "amd64", "BUILDVARIANT": "",
		"TARGETPLATFORM": on.String(), "TARGETOS": on.os, "TARGETOSVERSION": "", "TARGETARCH": on.arch, "TARGETVARIANT": on.variant,
		"TARGETSTAGE": target,
	}
	return &scope{escape: escape, platform: platform, plain: environment{}, full: environment{}, digits: environment{}}
}

// An expansion is a word with its variables replaced.
type expansion struct {
	trace.Text
	unset    []string // the variables in it that have no value, sorted
	isHanded bool     // the build hands in a part of it
	outside  bool     // its version is one that the build hands in, and is not known here
}

// expand replaces the variables of a word as BuildKit does. The error is the
// lexer's.
func (s *scope) expand(word trace.Text) (expansion, error) {
	if valid := validUTF8(word.S); valid != word.S {
		word = trace.Plain(valid)
	}
	if strings.Count(word.S, "${") > maxNesting && nesting(word.S) > maxNesting {
		return expansion{}, fmt.Errorf("it nests variables more than %d deep", maxNesting)
	}
	s.hidden, s.isHanded = 0, false
	result, err := s.process(word.S, s.plain)
	if err != nil {
		return expansion{}, err
	}
	if s.hidden > strings.Count(result.Result, Unknown) && cutsText(word.S) {
		// How much is cut off depends on what is not known.
		return expansion{Text: trace.Plain(Unknown), isHanded: true}, nil
	}
	e := expansion{Text: trace.Plain(result.Result), unset: slices.Sorted(maps.Keys(result.Unmatched)), isHanded: s.isHanded}
	if !word.Located() {
		return e, nil
	}
	if result.Result == word.S {
		e.Text = word
		return e, nil
	}
	for _, form := range s.forms() {
		marked, err := s.process(s.marks.EncodeVariables(word, form.marked, s.escape), form.env)
		if err != nil {
			continue
		}
		if found := s.marks.Decode(marked.Result); found.S == e.S {
			e.Text = found
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
	return [2]form{{s.full, trace.IsVersionByte}, {s.digits, trace.IsDigit}}
}

// define sets the ARG name to the default that the file gives it, expanded. Later
// definitions win.
func (s *scope) define(name string, value trace.Text) error {
	e, err := s.expand(value)
	if err != nil {
		return err
	}
	for _, form := range s.forms() {
		text := e.S
		if e.Located() {
			marked, err := s.process(s.marks.EncodeVariables(value, form.marked, s.escape), form.env)
			if err == nil && s.marks.Decode(marked.Result).S == e.S {
				text = marked.Result
			}
		}
		form.env[name] = text
	}
	s.plain[name] = e.S
	s.hand(name, e.isHanded)
	return nil
}

// hand remembers whether the value of a name is made of what the build hands in.
func (s *scope) hand(name string, is bool) {
	switch {
	case !is:
		delete(s.handed, name)
	case s.handed == nil:
		s.handed = map[string]bool{name: true}
	default:
		s.handed[name] = true
	}
}

// set gives the ARG name the value that a build hands in, which is not expanded.
func (s *scope) set(name string, value trace.Text) {
	for _, form := range s.forms() {
		form.env[name] = s.marks.Encode(value, form.marked)
	}
	s.plain[name] = value.S
	s.hand(name, true)
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
