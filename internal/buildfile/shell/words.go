package shell

import (
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// many stands for words of which neither the text nor the number is known.
const many = reading.Unknown + reading.Unknown

// bounded returns t, or unknown where it is too long to follow.
func (s *Shell) bounded(t trace.Text) trace.Text {
	if !s.Run.Use(reading.CostOfStep/8+len(t.S)) || len(t.S) > reading.MaxText {
		s.Run.cut = true
		return trace.Plain(reading.Unknown)
	}
	return t
}

// words returns what a command gets as its arguments. A program that is a variable
// of which only the name is known is anyTool.
func (s *Shell) words(list []*syntax.Word) []trace.Text {
	var all []trace.Text
	for _, w := range list {
		fields := s.fields(w)
		if len(fields) == 1 && fields[0].S == reading.Unknown && len(w.Parts) == 1 {
			part := w.Parts[0]
			if q, ok := part.(*syntax.DblQuoted); ok && len(q.Parts) == 1 {
				part = q.Parts[0]
			}
			if p, ok := part.(*syntax.ParamExp); ok && p.Param != nil && IsToolName(p.Param.Value) {
				fields[0] = trace.Plain(anyTool)
			}
		}
		all = append(all, fields...)
	}
	return all
}

// fields returns the words that the shell makes of one.
func (s *Shell) fields(w *syntax.Word) []trace.Text {
	e := expansion{Shell: s, split: true}
	for _, w := range s.alternatives(w) {
		e.parts(w.Parts, false)
		e.flush()
	}
	return e.fields
}

// text returns a word that is not split: that of an assignment.
func (s *Shell) text(w *syntax.Word) trace.Text {
	e := expansion{Shell: s}
	e.parts(w.Parts, false)
	return e.current
}

// An expansion puts words together.
type expansion struct {
	*Shell
	split   bool // at the white space of variables without quotes
	fields  []trace.Text
	current trace.Text
	begun   bool // current is a word, be it empty

	pattern string // current, with backslashes before what has quotes
	globs   bool   // it has what matches files
	written bool   // and that is written where it is used
}

func (e *expansion) add(t trace.Text, quoted bool) {
	e.begun = true
	e.current = e.bounded(trace.Join(e.current, t))
	switch {
	case len(e.pattern)+len(t.S) > reading.MaxText:
		e.pattern = reading.Unknown
	case quoted:
		e.pattern += quotePattern(t.S)
	default:
		e.pattern += t.S
		e.globs = e.globs || strings.ContainsAny(t.S, "*?[")
	}
}

func (e *expansion) flush() {
	switch {
	case !e.begun:
	case e.globs && hasPattern(e.pattern):
		files := e.glob(e.pattern)
		if files == nil && e.written {
			files = []trace.Text{trace.Plain(reading.Unknown)}
		} else if files == nil {
			files = []trace.Text{e.current}
		}
		e.fields = append(e.fields, files...)
	default:
		e.fields = append(e.fields, e.current)
	}
	e.current, e.begun = trace.Text{}, false
	e.pattern, e.globs, e.written = "", false, false
}

func (e *expansion) parts(parts []syntax.WordPart, quoted bool) {
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit:
			e.literal(p, quoted)
		case *syntax.SglQuoted:
			if p.Dollar && strings.Contains(p.Value, `\`) {
				e.add(trace.Plain(reading.Unknown), true)
				continue
			}
			end := offset(p.Right)
			e.add(e.Shell.written(p.Value, end-len(p.Value), end), true)
		case *syntax.DblQuoted:
			e.begun = e.begun || len(p.Parts) == 0
			e.parts(p.Parts, true)
		case *syntax.ParamExp:
			e.parameter(p, quoted)
		case *syntax.CmdSubst:
			e.value(e.substitution(p), quoted)
		case *syntax.ArithmExp:
			n, ok := e.arithmetic(p.X)
			if !ok {
				e.add(trace.Plain(reading.Unknown), true)
				continue
			}
			e.add(trace.Plain(strconv.Itoa(n)), true)
		case *syntax.ProcSubst:
			e.outputOf(p.Stmts)
			e.add(trace.Plain(reading.Unknown), true)
		default:
			e.add(trace.Plain(reading.Unknown), true)
		}
	}
}

func offset(p syntax.Pos) int { return int(p.Offset()) }

// written returns the text s with its places, if it stands between these offsets of
// what was parsed.
func (s *Shell) written(text string, start, end int) trace.Text {
	if start < 0 || start > end || end > len(s.Src.S) || s.Src.S[start:end] != text {
		return trace.Plain(text)
	}
	return s.Src.Slice(start, end)
}

// literal adds text without its backslashes.
func (e *expansion) literal(lit *syntax.Lit, quoted bool) {
	start, end := offset(lit.ValuePos), offset(lit.ValueEnd)
	if n := start + len(lit.Value); n < end && n <= len(e.Src.S) && e.Src.S[start:n] == lit.Value {
		end = n // of a here-document
	}
	if start > end || end > len(e.Src.S) {
		e.add(trace.Plain(unquote(trace.Plain(lit.Value), quoted).S), true)
		return
	}
	t, plain := unquote(e.Src.Slice(start, end), quoted), unquote(trace.Plain(lit.Value), quoted)
	if t.S != plain.S {
		t = trace.Plain(plain.S)
	}
	switch {
	case quoted:
		e.add(t, true)
	case !e.begun && strings.HasPrefix(lit.Value, "~"):
		e.add(trace.Plain(reading.Unknown), true)
	case strings.Contains(lit.Value, `\`):
		pattern, globs := e.pattern+lit.Value, hasPattern(lit.Value)
		e.add(t, true)
		e.pattern, e.globs, e.written = pattern, e.globs || globs, e.written || globs
	default:
		e.written = e.written || hasPattern(lit.Value)
		e.add(t, false)
	}
}

// unquote takes the backslashes off text without quotes, or in double quotes.
func unquote(t trace.Text, quoted bool) trace.Text {
	if !strings.Contains(t.S, `\`) {
		return t
	}
	var all []trace.Text
	from := 0
	for i := 0; i+1 < len(t.S); i++ {
		if t.S[i] != '\\' {
			continue
		}
		next := t.S[i+1]
		skip := 1
		switch {
		case next == '\n':
			skip = 2
		case next == '\r' && i+2 < len(t.S) && t.S[i+2] == '\n':
			skip = 3
		case quoted && strings.IndexByte("$`\"\\", next) < 0:
			i++
			continue
		}
		all = append(all, t.Slice(from, i))
		from = i + skip
		if skip == 1 {
			i++
		} else {
			i += skip - 1
		}
	}
	return reading.JoinWith("", append(all, t.Slice(from, len(t.S))))
}

// parameter adds the value of a variable.
func (e *expansion) parameter(p *syntax.ParamExp, quoted bool) {
	values, list := e.values(p)
	switch {
	case list && e.split: // "$@" is a word each, $@ those that each splits into
		for i, v := range values {
			if i > 0 {
				e.flush()
			}
			e.value(v, quoted)
		}
	case list:
		e.add(reading.JoinWith(" ", values), quoted)
	case len(values) > 0:
		e.value(values[0], quoted)
	}
}

func (e *expansion) value(t trace.Text, quoted bool) {
	if quoted || !e.split {
		e.add(t, quoted)
		return
	}
	fields := reading.FieldsOf(t)
	if len(t.S) > 0 && reading.IsSpace(t.S[0]) {
		e.flush()
	}
	for i, f := range fields {
		if i > 0 {
			e.flush()
		}
		e.add(f, false)
	}
	if n := len(t.S); n > 0 && reading.IsSpace(t.S[n-1]) {
		e.flush()
	}
}

// values returns the value of a variable, or the words of a list.
func (s *Shell) values(p *syntax.ParamExp) (values []trace.Text, list bool) {
	notKnown := []trace.Text{trace.Plain(reading.Unknown)}
	if changes(p) {
		return s.computedValues(p)
	}
	v, list := s.lookup(p)
	isSet := v.Words != nil || v.array
	if p.Exp == nil {
		switch {
		case list && !isSet:
			return []trace.Text{trace.Plain(many)}, true
		case !isSet:
			return notKnown, false
		}
		return v.Words, list
	}
	colon := false
	switch p.Exp.Op {
	case syntax.AlternateUnsetOrNull, syntax.DefaultUnsetOrNull, syntax.AssignUnsetOrNull, syntax.ErrorUnsetOrNull:
		colon = true
	}
	if colon && len(v.Words) == 1 && v.Words[0].S == "" {
		isSet = false
	}
	switch p.Exp.Op {
	case syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
		if !isSet || list && len(v.Words) == 0 {
			return nil, true
		}
		if p.Exp.Word == nil {
			return []trace.Text{{}}, false
		}
		return s.fields(p.Exp.Word), true
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull, syntax.AssignUnset, syntax.AssignUnsetOrNull:
		if isSet {
			return v.Words, list
		}
		t := trace.Text{}
		if p.Exp.Word != nil {
			t = s.text(p.Exp.Word)
		}
		s.doubt = true
		if p.Exp.Op == syntax.AssignUnset || p.Exp.Op == syntax.AssignUnsetOrNull {
			s.put(p.Param.Value, Variable{Words: []trace.Text{t}, doubt: true})
		}
		return []trace.Text{t}, false
	case syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		if isSet {
			return v.Words, list
		}
	}
	return notKnown, false
}

// isAll reports whether an index means all elements of an array.
func isAll(index syntax.ArithmExpr) bool {
	w, ok := index.(*syntax.Word)
	return ok && (w.Lit() == "@" || w.Lit() == "*")
}

// lookup returns the variable of an expansion, and whether it is taken as a list.
func (s *Shell) lookup(p *syntax.ParamExp) (v Variable, list bool) {
	name := p.Param.Value
	switch name {
	case "@", "*":
		s.doubt = s.doubt || s.params.doubt
		v := Variable{Words: s.params.words, array: true}
		if s.params.open {
			v.Words = append(v.Words[:len(v.Words):len(v.Words)], trace.Plain(many))
		}
		return v, true
	case "0", "BASH_SOURCE":
		if s.self == "" {
			return Variable{}, false
		}
		return OneWord(trace.Plain(reading.RootDir + "/" + s.self)), false
	case "PWD":
		return OneWord(trace.Plain(s.Place.Cwd)), false
	case "GITHUB_WORKSPACE", "CI_PROJECT_DIR":
		if _, ok := s.Vars[name]; !ok {
			return OneWord(trace.Plain(reading.RootDir)), false
		}
	case "#":
		if !s.params.open {
			s.doubt = s.doubt || s.params.doubt
			return OneWord(trace.Plain(strconv.Itoa(len(s.params.words)))), false
		}
		return OneWord(trace.Plain(reading.Unknown)), false
	case "?", "$", "!", "-":
		return OneWord(trace.Plain(reading.Unknown)), false
	}
	if n, err := strconv.Atoi(name); err == nil {
		s.doubt = s.doubt || s.params.doubt
		switch {
		case n >= 1 && n <= len(s.params.words):
			return OneWord(s.params.words[n-1]), false
		case s.params.open:
			return Variable{}, false
		}
		return OneWord(trace.Text{}), false
	}
	v = s.get(name)
	if p.Index == nil {
		if v.array && len(v.Words) > 0 {
			v = OneWord(v.Words[0])
		}
		return v, false
	}
	if isAll(p.Index) {
		return v, true
	}
	return s.element(v, p.Index), false
}

func hasMany(words []trace.Text) bool {
	for _, w := range words {
		if w.S == many {
			return true
		}
	}
	return false
}

// hasOption reports whether the words of set name allexport: -a, -ea, -o allexport; + for -.
func hasOption(args []trace.Text, sign string) bool {
	return slices.ContainsFunc(args, func(a trace.Text) bool {
		letters, ok := strings.CutPrefix(a.S, sign)
		return ok && strings.Contains(letters, "a")
	}) || len(args) > 1 && args[0].S == sign+"o" && args[1].S == "allexport"
}

// exports reports whether a declaration gives its variables to other programs: export, declare -x.
func exports(c *syntax.DeclClause) bool {
	return c.Variant != nil && c.Variant.Value == "export" || slices.ContainsFunc(c.Args, func(a *syntax.Assign) bool {
		return a.Name == nil && a.Value != nil && strings.HasPrefix(a.Value.Lit(), "-") && strings.Contains(a.Value.Lit(), "x")
	})
}
