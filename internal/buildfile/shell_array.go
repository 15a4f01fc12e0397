package buildfile

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/trace"
)

// key returns the key of an index: of an associative array a text, of others a number.
func (s *shell) key(index syntax.ArithmExpr) trace.Text {
	if w, ok := index.(*syntax.Word); ok {
		return s.text(w)
	}
	// A key with a dash in it is a subtraction to the parser.
	start, end := offset(index.Pos()), offset(index.End())
	if start > end || end > len(s.src.S) || strings.ContainsAny(s.src.S[start:end], "$`\"'\\") {
		return trace.Plain(unknown)
	}
	return s.src.Slice(start, end)
}

// element returns an element of an array.
func (s *shell) element(v variable, index syntax.ArithmExpr) variable {
	notKnown := oneWord(trace.Plain(unknown))
	if v.assoc {
		key := s.key(index)
		at := v.find(key.S)
		switch {
		case strings.Contains(key.S, unknown) || hasMany(v.words):
			return notKnown
		case at < 0:
			return variable{}
		}
		return oneWord(v.words[at])
	}
	n, ok := s.arithmetic(index)
	if !ok {
		return notKnown
	}
	if n < 0 && !hasMany(v.words) {
		n += len(v.words)
	}
	switch {
	case !v.array && n == 0:
		return v
	case !v.array || n < 0 || hasMany(v.words[:min(n+1, len(v.words))]):
		return notKnown
	case n >= len(v.words):
		return variable{}
	}
	return oneWord(v.words[n])
}

// find returns where a key of an associative array is, -1 for nowhere.
func (v variable) find(key string) int {
	return slices.IndexFunc(v.keys, func(k trace.Text) bool { return k.S == key })
}

// withElement returns an array with an element assigned.
func (s *shell) withElement(v variable, index syntax.ArithmExpr, value trace.Text, appends bool) variable {
	v.words, v.keys = slices.Clone(v.words), slices.Clone(v.keys)
	if !s.run.use(2 * len(v.words)) {
		return variable{array: true, words: []trace.Text{trace.Plain(many)}}
	}
	at, key := -1, trace.Text{}
	if v.assoc {
		if key = s.key(index); !strings.Contains(key.S, unknown) && !hasMany(v.words) {
			if at = v.find(key.S); at < 0 {
				at = len(v.words)
			}
		}
	} else if n, ok := s.arithmetic(index); ok && (v.array || !v.isSet()) {
		at = n
	}
	v.array = true
	switch {
	case at < 0 || at > len(v.words) || at > maxText || hasMany(v.words):
		v.words, v.keys = []trace.Text{trace.Plain(many)}, nil
	case at < len(v.words):
		if appends {
			value = s.bounded(trace.Join(v.words[at], value))
		}
		v.words[at] = value
	default:
		v.words = append(v.words, value)
		if v.assoc {
			v.keys = append(v.keys, key)
		}
	}
	return v
}

// elements returns an array that is assigned as a whole, or added to.
func (s *shell) elements(a *syntax.Assign, old variable) variable {
	v := variable{array: true, assoc: old.assoc}
	if a.Append {
		v.words, v.keys = slices.Clone(old.words), slices.Clone(old.keys)
	}
	for _, e := range a.Array.Elems {
		switch {
		case e.Value == nil:
			v.words = append(v.words, trace.Plain(many))
		case e.Index != nil:
			v = s.withElement(v, e.Index, s.text(e.Value), false)
		default:
			v.words = append(v.words, s.fields(e.Value)...)
		}
	}
	if v.assoc && len(v.keys) != len(v.words) {
		v.words, v.keys = []trace.Text{trace.Plain(many)}, nil
	}
	if len(v.words) > maxText || !s.run.use(len(v.words)) {
		v.words, v.keys = []trace.Text{trace.Plain(many)}, nil
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
func (s *shell) unknownOperands(x syntax.ArithmExpr) {
	syntax.Walk(x, func(n syntax.Node) bool {
		if w, ok := n.(*syntax.Word); ok {
			if name := w.Lit(); isName(name) {
				s.get(name)
			} else {
				s.text(w)
			}
		}
		return true
	})
}
