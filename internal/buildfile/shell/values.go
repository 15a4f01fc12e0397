package shell

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// operand is the name by which the expander knows the value that it changes.
const operand = "_operand"

// An environ is the variables of a shell as the expander of mvdan.cc/sh sees them. It notes
// when one is looked up that is not known.
type environ struct {
	*Shell
	value   string // of operand
	unknown bool
}

// Get implements expand.Environ.
func (e *environ) Get(name string) expand.Variable {
	if name == operand {
		return expand.Variable{Set: true, Kind: expand.String, Str: e.value}
	}
	if name == "IFS" {
		return expand.Variable{}
	}
	if v := e.get(name); v.array {
		return e.array(v)
	}
	v, list := e.lookup(&syntax.ParamExp{Param: &syntax.Lit{Value: name}})
	if list || len(v.Words) != 1 || strings.Contains(v.Words[0].S, reading.Unknown) || reading.IsDirectory(v.Words[0]) {
		e.unknown = true
		return expand.Variable{}
	}
	return expand.Variable{Set: true, Kind: expand.String, Str: v.Words[0].S}
}

// array returns an array as the expander has it.
func (e *environ) array(v Variable) expand.Variable {
	all := expand.Variable{Set: true, Kind: expand.Indexed}
	for _, w := range v.Words {
		if e.unknown = e.unknown || v.assoc || isVague(w) || !e.Run.Use(1); e.unknown {
			return expand.Variable{}
		}
		all.List = append(all.List, w.S)
	}
	return all
}

// Each implements expand.Environ. Nothing that is expanded here lists the variables.
func (e *environ) Each(func(string, expand.Variable) bool) {}

// Set implements expand.WriteEnviron.
func (e *environ) Set(name string, v expand.Variable) error {
	if v.Kind != expand.String {
		e.unknown = true
		return nil
	}
	e.put(name, OneWord(trace.Plain(v.Str)))
	return nil
}

// guarded calls the expander. Some of what the parser accepts makes it panic.
func guarded[T any](run func() (T, error)) (v T, err error) {
	defer func() {
		if failure := recover(); failure != nil {
			err = fmt.Errorf("the expander gave up: %v", failure)
		}
	}()
	return run()
}

// arithmetic returns the value of an expression, with what it assigns assigned. ok is
// false where it is not known.
func (s *Shell) arithmetic(x syntax.ArithmExpr) (n int, ok bool) {
	if x == nil || !s.Run.Step(0) {
		return 0, false
	}
	if b, isBinary := x.(*syntax.BinaryArithm); isBinary && b.Op == syntax.Assgn {
		if w, isWord := b.X.(*syntax.Word); isWord && reading.IsName(w.Lit()) { // what it was does not count
			if n, ok = s.arithmetic(b.Y); ok {
				s.put(w.Lit(), OneWord(trace.Plain(strconv.Itoa(n))))
			} else {
				s.put(w.Lit(), OneWord(trace.Plain(reading.Unknown)))
			}
			return n, ok
		}
	}
	env := &environ{Shell: s}
	n, err := guarded(func() (int, error) { return expand.Arithm(&expand.Config{Env: env, CmdSubst: nil}, x) })
	if err != nil || env.unknown {
		s.computed(&syntax.ArithmCmd{X: x})
		return 0, false
	}
	return n, true
}

// changes reports whether an expansion is one that computes: all but $X, ${X}, ${X[i]}
// and those with a default or an alternative.
func changes(p *syntax.ParamExp) bool {
	if p.Exp != nil {
		switch p.Exp.Op {
		case syntax.RemSmallPrefix, syntax.RemLargePrefix, syntax.RemSmallSuffix, syntax.RemLargeSuffix,
			syntax.UpperFirst, syntax.UpperAll, syntax.LowerFirst, syntax.LowerAll:
			return true
		}
	}
	return p.Excl || p.Length || p.Width || p.IsSet || p.Slice != nil || p.Repl != nil || p.Names != 0 || p.Param == nil || p.Flags != nil || len(p.Modifiers) > 0
}

// computedValues returns what such an expansion gives.
func (s *Shell) computedValues(p *syntax.ParamExp) (values []trace.Text, list bool) {
	notKnown := []trace.Text{trace.Plain(reading.Unknown)}
	if p.Param == nil || p.Width || p.IsSet || p.Names != 0 || p.Flags != nil || len(p.Modifiers) > 0 {
		return notKnown, false
	}
	plain := &syntax.ParamExp{Param: p.Param, Index: p.Index}
	v, list := s.lookup(plain)
	isSet := v.Words != nil || v.array
	switch {
	case p.Excl:
		return s.indirect(p, v, list)
	case list && !isSet:
		return []trace.Text{trace.Plain(many)}, true
	case p.Length && list && !hasMany(v.Words):
		return []trace.Text{trace.Plain(strconv.Itoa(len(v.Words)))}, false
	case !isSet || p.Length && list:
		return notKnown, false
	case p.Slice != nil && list:
		return s.part(p, v), true
	case !list && len(v.Words) == 0:
		return []trace.Text{{}}, false
	}
	for _, word := range v.Words {
		if word.S != many {
			word = s.change(p, word)
		}
		values = append(values, word)
	}
	return values, list
}

// indirect returns the keys of an array, or the value of the variable that another names.
func (s *Shell) indirect(p *syntax.ParamExp, v Variable, list bool) ([]trace.Text, bool) {
	if list {
		if hasMany(v.Words) || !v.array {
			return []trace.Text{trace.Plain(many)}, true
		}
		keys := slices.Clone(v.keys)
		for i := len(keys); i < len(v.Words); i++ {
			keys = append(keys, trace.Plain(strconv.Itoa(i)))
		}
		return keys, true
	}
	if p.Index != nil || p.Length || p.Slice != nil || p.Repl != nil || len(v.Words) != 1 || !reading.IsName(v.Words[0].S) {
		return []trace.Text{trace.Plain(reading.Unknown)}, false
	}
	return s.values(&syntax.ParamExp{Param: &syntax.Lit{Value: v.Words[0].S}, Exp: p.Exp})
}

// part returns the words of a list from an offset on: "${a[@]:1:2}", "${@:2}".
func (s *Shell) part(p *syntax.ParamExp, v Variable) []trace.Text {
	words := v.Words
	if p.Param.Value == "@" || p.Param.Value == "*" {
		words = append([]trace.Text{trace.Plain(reading.Unknown)}, words...) // $0
	}
	from, ok := s.arithmetic(p.Slice.Offset)
	most := len(words)
	if p.Slice.Length != nil && ok {
		most, ok = s.arithmetic(p.Slice.Length)
	}
	if !ok || most < 0 || from < 0 || hasMany(words) && (from > 0 && hasMany(words[:min(from, len(words))]) || p.Slice.Length != nil) {
		return []trace.Text{trace.Plain(many)}
	}
	from = min(from, len(words))
	return words[from:min(len(words), from+most)]
}

// change has the expander compute a value of another. Text that it takes as it is keeps
// its place.
func (s *Shell) change(p *syntax.ParamExp, word trace.Text) trace.Text {
	if !s.Run.Step(len(word.S)) {
		return trace.Plain(reading.Unknown)
	}
	removes := p.Exp != nil && reading.Contains("# ## % %%", p.Exp.Op.String())
	vague := func(t string) bool {
		return strings.Contains(t, reading.Unknown) || strings.ContainsAny(t, reading.RootDir+reading.StartDir)
	}
	// The case changes in the known parts of a text: ${IMAGE,,} of ghcr.io/$OWNER/App.
	isCase := p.Exp != nil && (p.Exp.Op == syntax.LowerAll || p.Exp.Op == syntax.UpperAll) && !strings.ContainsAny(word.S, reading.RootDir+reading.StartDir)
	if vague(word.S) && !removes && !isCase {
		return trace.Plain(reading.Unknown)
	}
	if t, ok := s.atAnEnd(p, word); ok {
		return t
	}
	exp := *p
	exp.Param, exp.Index = &syntax.Lit{Value: operand}, nil
	text := &syntax.Word{Parts: []syntax.WordPart{&syntax.DblQuoted{Parts: []syntax.WordPart{&exp}}}}
	env := &environ{Shell: s}
	run := func(e trace.Encoder) (string, error) {
		env.value = e.Text(word)
		return guarded(func() (string, error) { return expand.Literal(&expand.Config{Env: env}, text) })
	}
	if !removes {
		t, err := trace.Follow(run)
		if err != nil || env.unknown {
			return trace.Plain(reading.Unknown)
		}
		return s.bounded(t)
	}
	rest, err := run(trace.Encoder{})
	if err != nil || env.unknown {
		return trace.Plain(reading.Unknown)
	}
	var kept trace.Text
	removed := ""
	front := p.Exp.Op == syntax.RemSmallPrefix || p.Exp.Op == syntax.RemLargePrefix
	switch n := len(word.S) - len(rest); {
	case front && strings.HasSuffix(word.S, rest):
		kept, removed = word.Slice(n, len(word.S)), word.S[:n]
	case !front && strings.HasPrefix(word.S, rest):
		kept, removed = word.Slice(0, len(rest)), word.S[len(rest):]
	default:
		return trace.Plain(reading.Unknown)
	}
	if !vague(word.S) {
		return kept
	}
	// What is not known may hold what the pattern looks for.
	pattern := ""
	if p.Exp.Word != nil {
		pattern = p.Exp.Word.Lit()
	}
	switch p.Exp.Op {
	case syntax.RemSmallPrefix, syntax.RemSmallSuffix:
		if removed != "" && !vague(removed) {
			return kept
		}
	case syntax.RemLargePrefix:
		if removed != "" && !vague(kept.S) && strings.HasPrefix(pattern, "*") {
			return kept
		}
	case syntax.RemLargeSuffix:
		if removed != "" && !vague(kept.S) && strings.HasSuffix(pattern, "*") {
			return kept
		}
	}
	return trace.Plain(reading.Unknown)
}

// atAnEnd replaces what is at the beginning or the end of a value: ${X/#a/b}, ${X/%a/b}; ok is
// false for any other expansion.
func (s *Shell) atAnEnd(p *syntax.ParamExp, word trace.Text) (_ trace.Text, ok bool) {
	if p.Repl == nil || p.Repl.All || p.Repl.Orig == nil || len(p.Repl.Orig.Parts) == 0 {
		return trace.Text{}, false
	}
	first, isLit := p.Repl.Orig.Parts[0].(*syntax.Lit)
	if !isLit || first.Value == "" || first.Value[0] != '#' && first.Value[0] != '%' {
		return trace.Text{}, false
	}
	what := &syntax.Word{Parts: slices.Clone(p.Repl.Orig.Parts)}
	rest := *first
	rest.Value = first.Value[1:]
	rest.ValuePos = syntax.NewPos(first.ValuePos.Offset()+1, first.ValuePos.Line(), first.ValuePos.Col()+1)
	what.Parts[0] = &rest
	var with trace.Text
	if p.Repl.With != nil {
		with = s.text(p.Repl.With)
	}
	front := first.Value[0] == '#'
	kept := word
	if len(what.Parts) > 1 || rest.Value != "" {
		op := syntax.RemLargeSuffix
		if front {
			op = syntax.RemLargePrefix
		}
		kept = s.change(&syntax.ParamExp{Param: p.Param, Index: p.Index, Exp: &syntax.Expansion{Op: op, Word: what}}, word)
		if kept.S == word.S || kept.S == reading.Unknown {
			return kept, true
		}
	}
	if front {
		return s.bounded(trace.Join(with, kept)), true
	}
	return s.bounded(trace.Join(kept, with)), true
}
