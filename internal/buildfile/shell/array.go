package shell

import (
	"regexp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// versionKeys are keys of an associative array that are versions, which are numbers to the parser that bash does not have.
var versionKeys = regexp.MustCompile(`\[[0-9]+(?:\.[0-9]+)+(?:\]=|\]\})`)

// parseBash parses a script. Where keys of arrays keep the parser from that, they have other bytes for their dots in what it sees.
func parseBash(text string) (*syntax.File, error) {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err == nil || !versionKeys.MatchString(text) {
		return file, err
	}
	text = versionKeys.ReplaceAllStringFunc(text, func(key string) string { return strings.ReplaceAll(key, ".", "_") })
	return syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
}

// key returns the key of an index: of an associative array a text, of others a number.
func (s *Shell) key(index syntax.ArithmExpr) trace.Text {
	start, end := offset(index.Pos()), offset(index.End())
	isVersion := start < end && end <= len(s.Src.S) && strings.Trim(s.Src.S[start:end], "0123456789.") == ""
	if w, ok := index.(*syntax.Word); ok && !isVersion {
		return s.text(w)
	}
	// A key with a dash in it is a subtraction to the parser.
	if start > end || end > len(s.Src.S) || strings.ContainsAny(s.Src.S[start:end], "$`\"'\\") {
		return trace.Plain(reading.Unknown)
	}
	return s.Src.Slice(start, end)
}

// element returns an element of an array.
func (s *Shell) element(v Variable, index syntax.ArithmExpr) Variable {
	notKnown := OneWord(trace.Plain(reading.Unknown))
	if v.assoc {
		key := s.key(index)
		at := v.find(key.S)
		switch {
		case strings.Contains(key.S, reading.Unknown) || hasMany(v.Words):
			return notKnown
		case at < 0:
			return Variable{}
		}
		return OneWord(v.Words[at])
	}
	n, ok := s.arithmetic(index)
	if !ok {
		return notKnown
	}
	if n < 0 && !hasMany(v.Words) {
		n += len(v.Words)
	}
	switch {
	case !v.array && n == 0:
		return v
	case !v.array || n < 0 || hasMany(v.Words[:min(n+1, len(v.Words))]):
		return notKnown
	case n >= len(v.Words):
		return Variable{}
	}
	return OneWord(v.Words[n])
}

// find returns where a key of an associative array is, -1 for nowhere.
func (v Variable) find(key string) int {
	return slices.IndexFunc(v.keys, func(k trace.Text) bool { return k.S == key })
}

// withElement returns an array with an element assigned.
func (s *Shell) withElement(v Variable, index syntax.ArithmExpr, value trace.Text, appends bool) Variable {
	v.Words, v.keys = slices.Clone(v.Words), slices.Clone(v.keys)
	if !s.Run.Use(2 * len(v.Words)) {
		return Variable{array: true, Words: []trace.Text{trace.Plain(many)}}
	}
	at, key := -1, trace.Text{}
	if v.assoc {
		if key = s.key(index); !strings.Contains(key.S, reading.Unknown) && !hasMany(v.Words) {
			if at = v.find(key.S); at < 0 {
				at = len(v.Words)
			}
		}
	} else if n, ok := s.arithmetic(index); ok && (v.array || !v.isSet()) {
		at = n
	}
	v.array = true
	switch {
	case at < 0 || at > len(v.Words) || at > reading.MaxText || hasMany(v.Words):
		v.Words, v.keys = []trace.Text{trace.Plain(many)}, nil
	case at < len(v.Words):
		if appends {
			value = s.bounded(trace.Join(v.Words[at], value))
		}
		v.Words[at] = value
	default:
		v.Words = append(v.Words, value)
		if v.assoc {
			v.keys = append(v.keys, key)
		}
	}
	return v
}

// elements returns an array that is assigned as a whole, or added to.
func (s *Shell) elements(a *syntax.Assign, old Variable) Variable {
	v := Variable{array: true, assoc: old.assoc}
	if a.Append {
		v.Words, v.keys = slices.Clone(old.Words), slices.Clone(old.keys)
	}
	for _, e := range a.Array.Elems {
		switch {
		case e.Value == nil:
			v.Words = append(v.Words, trace.Plain(many))
		case e.Index != nil:
			v = s.withElement(v, e.Index, s.text(e.Value), false)
		default:
			v.Words = append(v.Words, s.fields(e.Value)...)
		}
	}
	if v.assoc && len(v.keys) != len(v.Words) {
		v.Words, v.keys = []trace.Text{trace.Plain(many)}, nil
	}
	if len(v.Words) > reading.MaxText || !s.Run.Use(len(v.Words)) {
		v.Words, v.keys = []trace.Text{trace.Plain(many)}, nil
	}
	return v
}

// isAssociative reports whether a declaration is of associative arrays.
func isAssociative(c *syntax.DeclClause) bool {
	return slices.ContainsFunc(c.Args, func(a *syntax.Assign) bool {
		return a.Name == nil && a.Value != nil && strings.HasPrefix(a.Value.Lit(), "-") && strings.Contains(a.Value.Lit(), "A")
	})
}

// unknownOperands asks for the variables of an expression.
func (s *Shell) unknownOperands(x syntax.ArithmExpr) {
	syntax.Walk(x, func(n syntax.Node) bool {
		if w, ok := n.(*syntax.Word); ok {
			if name := w.Lit(); reading.IsName(name) {
				s.get(name)
			} else {
				s.text(w)
			}
		}
		return true
	})
}
