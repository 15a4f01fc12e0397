package workflow

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// An exprValue is what an expression comes to: a text, or an object or array.
type exprValue struct {
	state   exprState
	text    trace.Text
	node    *yaml.Node // of an object or array, else nil
	literal bool       // true, false or null: falsy where the text of the same name is not
	from    string     // a variable of the repository that nothing sets here
}

// An exprState says how much is known of an exprValue.
type exprState uint8

const (
	notKnown exprState = iota // something may set it
	notSet                    // nothing does, such as an input without a default
	isSet
)

func textValue(t trace.Text) exprValue { return exprValue{state: isSet, text: t} }

func boolValue(b bool) exprValue {
	text := "false"
	if b {
		text = "true"
	}
	return exprValue{state: isSet, text: trace.Plain(text), literal: true}
}

// truth returns whether a value counts as true; known is false where that is not known.
func (v exprValue) truth() (is, known bool) {
	switch {
	case v.state == notSet:
		return false, true
	case v.state == notKnown:
		return false, false
	case v.node != nil:
		return true, true
	case v.text.S == "" || v.literal && (v.text.S == "false" || v.text.S == "null" || v.text.S == "0"):
		return false, true
	case v.text.S == "false": // an input that is one, or a text
		return false, false
	}
	return true, strings.Trim(v.text.S, reading.Unknown) != ""
}

// plain returns the text of a value that is known whole.
func (v exprValue) plain() (string, bool) {
	return v.text.S, v.state == isSet && v.node == nil && !reading.Hidden(v.text)
}

// An exprReader evaluates one expression. What it does not know is not known, and never
// an error: GitHub has said so.
type exprReader struct {
	s     *scope
	t     trace.Text
	at    int
	depth int // of values that are made of others
	nest  int // of brackets
	bad   bool
}

// maxNest is how deep the brackets of an expression may nest.
const maxNest = 50

// evaluate returns the value of an expression, the text between ${{ and }}.
func (s *scope) evaluate(t trace.Text, depth int) exprValue {
	r := &exprReader{s: s, t: t, depth: depth}
	v := r.or()
	if r.space(); r.bad || r.at < len(t.S) {
		return exprValue{}
	}
	return v
}

func (r *exprReader) space() {
	for r.at < len(r.t.S) && reading.IsSpace(r.t.S[r.at]) {
		r.at++
	}
}

// take reads an operator or a bracket, if it is next.
func (r *exprReader) take(token string) bool {
	r.space()
	if !strings.HasPrefix(r.t.S[r.at:], token) {
		return false
	}
	r.at += len(token)
	return true
}

func (r *exprReader) or() exprValue {
	if r.nest++; r.nest > maxNest || !r.s.run.Use(reading.CostOfStep) {
		r.bad = true
		return exprValue{}
	}
	v := r.and()
	for !r.bad && r.take("||") {
		other := r.and()
		switch is, known := v.truth(); {
		case !known:
			v = exprValue{}
		case !is:
			if v.from != "" && other.state == isSet {
				r.s.assume(other.text, v.from)
			}
			v = other
		}
	}
	r.nest--
	return v
}

func (r *exprReader) and() exprValue {
	v := r.compare()
	for !r.bad && r.take("&&") {
		other := r.compare()
		switch is, known := v.truth(); {
		case !known || v.from != "":
			v = exprValue{}
		case is:
			v = other
		}
	}
	return v
}

func (r *exprReader) compare() exprValue {
	v := r.unary()
	for !r.bad {
		switch {
		case r.take("=="):
			v = equal(v, r.unary())
		case r.take("!="):
			if v = equal(v, r.unary()); v.state == isSet {
				v = boolValue(v.text.S == "false")
			}
		case r.take("<="), r.take(">="), r.take("<"), r.take(">"):
			r.unary()
			v = exprValue{}
		default:
			return v
		}
	}
	return v
}

// equal compares as GitHub does, without regard to case.
func equal(a, b exprValue) exprValue {
	x, okX := a.plain()
	y, okY := b.plain()
	if !okX || !okY {
		return exprValue{}
	}
	return boolValue(strings.EqualFold(x, y))
}

func (r *exprReader) unary() exprValue {
	r.space()
	if r.at+1 < len(r.t.S) && r.t.S[r.at] == '!' && r.t.S[r.at+1] != '=' {
		r.at++
		if r.nest++; r.nest > maxNest {
			r.bad = true
			return exprValue{}
		}
		v := r.unary()
		r.nest--
		if is, known := v.truth(); known && v.from == "" {
			return boolValue(!is)
		}
		return exprValue{}
	}
	return r.operand()
}

func isExprName(c byte) bool { return reading.IsNameByte(c) || c == '-' }

// operand reads a literal, a value in brackets, a call or a context, and what is taken of it.
func (r *exprReader) operand() exprValue {
	r.space()
	rest := r.t.S[r.at:]
	switch {
	case rest == "":
		r.bad = true
		return exprValue{}
	case rest[0] == '\'':
		return r.quoted()
	case rest[0] == '(':
		r.at++
		v := r.or()
		r.bad = r.bad || !r.take(")")
		return r.members(v)
	}
	start := r.at
	for r.at < len(r.t.S) && (isExprName(r.t.S[r.at]) || r.t.S[r.at] == '.' && r.at > start && '0' <= r.t.S[start] && r.t.S[start] <= '9') {
		r.at++
	}
	word := r.t.Slice(start, r.at)
	switch {
	case word.S == "":
		r.bad = true
		return exprValue{}
	case word.S == "true" || word.S == "false" || word.S == "null" || '0' <= word.S[0] && word.S[0] <= '9' || word.S[0] == '-':
		return exprValue{state: isSet, text: word, literal: true}
	}
	if r.take("(") {
		return r.members(r.call(strings.ToLower(word.S)))
	}
	names, ok := r.path(strings.ToLower(word.S))
	if !ok || r.bad {
		return exprValue{}
	}
	return r.s.context(names, r.depth)
}

// quoted reads a text in quotes; a quote in it is written twice.
func (r *exprReader) quoted() exprValue {
	r.at++
	var parts []trace.Text
	for from := r.at; r.at < len(r.t.S); r.at++ {
		if r.t.S[r.at] != '\'' {
			continue
		}
		if strings.HasPrefix(r.t.S[r.at:], "''") {
			parts = append(parts, r.t.Slice(from, r.at+1))
			r.at++
			from = r.at + 1
			continue
		}
		parts = append(parts, r.t.Slice(from, r.at))
		r.at++
		return textValue(reading.JoinWith("", parts))
	}
	r.bad = true
	return exprValue{}
}

// path reads what is taken of a context: .name, ['name'] and [other.value]. ok is false for one
// that is not known.
func (r *exprReader) path(first string) (names []string, ok bool) {
	names, ok = []string{first}, true
	for !r.bad {
		switch {
		case r.take("."):
			start := r.at
			for r.at < len(r.t.S) && (isExprName(r.t.S[r.at]) || r.t.S[r.at] == '*') {
				r.at++
			}
			names = append(names, r.t.S[start:r.at])
		case r.take("["):
			index, known := r.or().plain()
			r.bad = r.bad || !r.take("]")
			ok = ok && known
			names = append(names, index)
		default:
			return names, ok && !slices.Contains(names, "*")
		}
	}
	return nil, false
}

// members reads what is taken of a value that is no context.
func (r *exprReader) members(v exprValue) exprValue {
	if names, ok := r.path(""); ok && len(names) > 1 {
		return r.s.member(v, names[1:], r.depth)
	} else if !ok {
		return exprValue{}
	}
	return v
}

// member returns what of an object or array has these names.
func (s *scope) member(v exprValue, names []string, depth int) exprValue {
	n := v.node
	for _, name := range names {
		if n = yamltext.Resolve(n); n == nil {
			return exprValue{state: v.state}
		}
		if n.Kind == yaml.SequenceNode {
			n = itemAt(n, name)
			continue
		}
		n = getFold(n, name)
	}
	return s.nodeValue(n, depth)
}

// nodeValue returns the value of a node; one that is not there is not set.
func (s *scope) nodeValue(n *yaml.Node, depth int) exprValue {
	switch n = yamltext.Resolve(n); {
	case n == nil:
		return exprValue{state: notSet}
	case n.Kind != yaml.ScalarNode:
		return exprValue{state: isSet, node: n}
	}
	v := textValue(s.expand(n, depth+1))
	v.literal = n.ShortTag() == "!!bool" || n.ShortTag() == "!!null"
	return v
}
