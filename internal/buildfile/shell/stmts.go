package shell

import (
	"maps"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

func (s *Shell) stmts(list []*syntax.Stmt) {
	for _, st := range list {
		if s.stop != goOn {
			return
		}
		s.stmt(st)
	}
}

func (s *Shell) stmt(st *syntax.Stmt) {
	if st == nil || s.Over() || !s.Run.Step(0) {
		return
	}
	if len(st.Redirs) > 0 {
		defer s.redirect(st.Redirs)()
		if _, isCall := st.Cmd.(*syntax.CallExpr); !isCall {
			defer s.telling(st.Redirs)()
		}
	}
	switch c := st.Cmd.(type) {
	case *syntax.CallExpr:
		s.call(c, st.Redirs)
	case *syntax.DeclClause:
		s.declare(c)
	case *syntax.Block:
		s.stmts(c.Stmts)
	case *syntax.Subshell:
		child := s.fork()
		child.stmts(c.Stmts)
		s.Want = child.Want
	case *syntax.BinaryCmd:
		s.binary(c)
	case *syntax.IfClause:
		v := maybe
		s.each(func() { v = s.holds(c.Cond) }, func() { s.conditional(c, v) })
	case *syntax.CaseClause:
		s.cases(c)
	case *syntax.WhileClause:
		s.repeat(c)
	case *syntax.ForClause:
		s.loop(c)
	case *syntax.FuncDecl:
		if c.Name != nil {
			s.funcs[c.Name.Value] = &function{body: c.Body, src: s.Src, self: s.self}
		}
	case *syntax.TimeClause:
		s.stmt(c.Stmt)
	case *syntax.CoprocClause:
		s.fork().stmt(c.Stmt)
	case *syntax.ArithmCmd:
		s.each(func() { s.unknownOperands(c.X) }, func() { s.arithmetic(c.X) })
	case *syntax.LetClause:
		for _, x := range c.Exprs {
			s.each(func() { s.unknownOperands(x) }, func() { s.arithmetic(x) })
		}
	}
}

func (s *Shell) binary(c *syntax.BinaryCmd) {
	switch c.Op {
	case syntax.AndStmt, syntax.OrStmt:
		v := maybe
		s.each(func() { v = s.holds([]*syntax.Stmt{c.X}) }, func() { s.either(c, v) })
	default:
		s.pipe(c)
	}
}

// either follows && and ||.
func (s *Shell) either(c *syntax.BinaryCmd, v verdict) {
	before := s.Place
	if !onlyTests([]*syntax.Stmt{c.X}) {
		if v == maybe {
			v = s.succeeds(c.X)
		}
		s.stmt(c.X)
	}
	if s.stop != goOn {
		return
	}
	switch {
	case v == verdictOf(c.Op == syntax.AndStmt):
		s.stmt(c.Y)
		return
	case v != maybe:
		return
	}
	after := s.Place
	if c.Op == syntax.OrStmt { // runs where the cd before it failed
		s.Place = before
	}
	s.choose(func() {
		s.stmt(c.Y)
		if c.Op == syntax.AndStmt {
			after = s.Place
		}
	}, func() {})
	s.Place = after
}

// succeeds tells of tests with an assignment behind && whether they do.
func (s *Shell) succeeds(st *syntax.Stmt) verdict {
	b, ok := st.Cmd.(*syntax.BinaryCmd)
	if !ok || b.Op != syntax.AndStmt || st.Negated {
		return maybe
	}
	v := s.holds([]*syntax.Stmt{b.X})
	call, isCall := b.Y.Cmd.(*syntax.CallExpr)
	if v == yes && (!isCall || len(call.Args) > 0 || b.Y.Negated || slices.ContainsFunc(call.Assigns, func(a *syntax.Assign) bool {
		return a.Array != nil || a.Value != nil && !isPlain(a.Value.Parts)
	})) {
		return maybe
	}
	return v
}

// computed forgets the variables that arithmetic assigns.
func (s *Shell) computed(n syntax.Node) {
	forget := func(x syntax.ArithmExpr) {
		if w, ok := x.(*syntax.Word); ok && w.Lit() != "" {
			s.put(w.Lit(), OneWord(trace.Plain(reading.Unknown)))
		}
	}
	syntax.Walk(n, func(n syntax.Node) bool {
		switch x := n.(type) {
		case *syntax.UnaryArithm:
			if x.Op == syntax.Inc || x.Op == syntax.Dec {
				forget(x.X)
			}
		case *syntax.BinaryArithm:
			if isAssignment(x.Op) {
				forget(x.X)
			}
		}
		return true
	})
}

func (s *Shell) declare(c *syntax.DeclClause) {
	set := s.set
	if c.Variant != nil && c.Variant.Value != "export" && c.Variant.Value != "readonly" {
		set = s.local
	}
	assoc := isAssociative(c)
	for _, a := range c.Args {
		if a.Name != nil && exports(c) {
			s.Export[a.Name.Value] = true
		}
		switch {
		case a.Name == nil && a.Value != nil && len(a.Value.Parts) > 0 && a.Value.Lit() == "":
			s.each(func() { s.fields(a.Value) }, func() { // export $(cat .env)
				for _, word := range s.fields(a.Value) {
					if name, value, ok := word.Cut("="); ok && reading.IsName(name.S) {
						set(name.S, OneWord(value))
						s.Export[name.S] = s.Export[name.S] || exports(c)
					}
				}
			})
		case a.Name == nil:
		case assoc && a.Naked:
			set(a.Name.Value, Variable{array: true, assoc: true})
		case !a.Naked:
			if assoc && !s.get(a.Name.Value).assoc {
				set(a.Name.Value, Variable{array: true, assoc: true})
			}
			s.assign(a, set)
		case s.locals != nil && c.Variant != nil && c.Variant.Value == "local":
			s.local(a.Name.Value, Variable{})
		}
	}
}

// assign follows an assignment, once for each value of what it depends on.
func (s *Shell) assign(a *syntax.Assign, set func(string, Variable)) {
	if a.Name == nil || a.Naked && a.Value == nil && a.Array == nil {
		return
	}
	var v Variable
	doubt := s.doubt
	s.each(func() {
		s.doubt = false
		v = s.assigned(a)
	}, func() { set(a.Name.Value, v) })
	s.doubt = doubt
}

func (s *Shell) assigned(a *syntax.Assign) Variable {
	var old Variable
	if a.Append || a.Index != nil {
		old = s.get(a.Name.Value)
	}
	var t trace.Text
	if a.Value != nil {
		t = s.text(a.Value)
	}
	switch {
	case a.Index != nil:
		return s.withElement(old, a.Index, t, a.Append)
	case a.Array != nil:
		if !a.Append {
			old = Variable{assoc: s.get(a.Name.Value).assoc}
		}
		return s.elements(a, old)
	case a.Append && len(old.Words) > 0:
		if old.array && len(old.Words) > 1 {
			return OneWord(trace.Plain(reading.Unknown))
		}
		return OneWord(s.bounded(trace.Join(old.Words[0], t)))
	}
	return OneWord(t)
}

// call follows a simple command.
func (s *Shell) call(c *syntax.CallExpr, redirs []*syntax.Redirect) {
	if len(c.Args) == 0 {
		for _, a := range c.Assigns {
			s.assign(a, s.set)
		}
		return
	}
	if c.Args[0].Lit() == "read" && s.in != nil && !s.in.Lost {
		s.readLine(c)
		return
	}
	var args []trace.Text
	doubt := s.doubt
	s.each(func() {
		s.doubt = false
		args = s.words(c.Args) // see the variables as they were
		for _, a := range c.Assigns {
			if a.Value != nil && isPlain(a.Value.Parts) {
				s.text(a.Value)
			}
		}
		s.askFor(args)
	}, func() { s.simple(c, args, redirs) })
	s.doubt = doubt
}

// isPlain reports whether nothing in a word runs a command.
func isPlain(parts []syntax.WordPart) bool {
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.DblQuoted:
			if !isPlain(p.Parts) {
				return false
			}
		case *syntax.CmdSubst, *syntax.ProcSubst:
			return false
		}
	}
	return true
}

// askFor asks for the variables that a program of which more than its words counts gets.
func (s *Shell) askFor(args []trace.Text) {
	if len(args) == 0 || !reading.Contains("make gmake docker docker-compose podman", args[0].S) {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(s.Export)) { // how many are followed is bounded
		if v := s.Vars[name]; v.choice != nil && s.Run.Use(1) {
			s.Picked(v)
		}
	}
}

// simple follows a command with its words.
func (s *Shell) simple(c *syntax.CallExpr, args []trace.Text, redirs []*syntax.Redirect) {
	saved := map[string]Variable{}
	for _, a := range c.Assigns { // for this command alone
		if a.Name == nil {
			continue
		}
		if _, ok := saved[a.Name.Value]; !ok {
			saved[a.Name.Value] = s.Vars[a.Name.Value]
		}
	}
	doubt := s.doubt
	for _, a := range c.Assigns {
		s.assign(a, s.put)
	}
	start := int(c.Args[0].Pos().Offset())
	s.Command(args, Command{At: start, redirs: redirs, env: saved, doubt: doubt}, saved)
	for name, v := range saved {
		if v.isSet() {
			s.Vars[name] = v
		} else {
			delete(s.Vars, name)
		}
	}
}

// A Command is where a simple command is written, and where its input comes from.
type Command struct {
	At     int // offset in the text of the shell
	redirs []*syntax.Redirect
	env    map[string]Variable // the names of those that are set for it alone
	doubt  bool                // the environment may have other words for it
}

func (s *Shell) Command(args []trace.Text, c Command, saved map[string]Variable) {
	args = s.unwrap(args, saved)
	if len(args) == 0 {
		s.lose()
		return
	}
	name, rest := args[0].S, args[1:]
	s.tell(args, c)
	defer s.telling(c.redirs)()
	if f := s.funcs[name]; f != nil {
		p := paramsOf(rest)
		p.doubt = c.doubt
		met := s.Run.met
		s.enter(f, p)
		if s.Run.met == met && f.handsOn() {
			s.handOn(args, c, saved)
		}
		return
	}
	s.show(args)
	s.clone(args)
	if s.builtin(name, rest) {
		return
	}
	if s.script(args, saved) || s.Run.Others.Make != nil && s.Run.Others.Make(s, args, saved) || s.bake(args, c) || s.compose(args, c) || s.build(args, c) || s.retag(args) {
		return
	}
	s.handOn(args, c, saved)
}

// script follows another script of the repository, with its parameters.
func (s *Shell) script(args []trace.Text, env map[string]Variable) bool {
	if name := path.Base(args[0].S); (name == "bash" || name == "sh") && len(args) > 1 {
		args = args[1:]
	}
	isNamed := reading.KindOf(args[0].S) == reading.Shell
	if !isNamed && (!strings.Contains(args[0].S, "/") || !reading.MayBeProgram(path.Base(args[0].S), true)) || s.depth >= reading.MaxDepth || s.Run.Quiet > 0 {
		return false
	}
	f := s.file(args[0].S)
	if f == nil || s.Run.Tree.KindOfFile(f.Path, f) != reading.Shell || !s.Run.Step(len(f.Src)/8) {
		return false
	}
	vars := map[string]Variable{}
	for _, name := range slices.Sorted(maps.Keys(s.Vars)) {
		if _, ok := env[name]; (ok || s.Export[name]) && s.Run.Use(1) {
			vars[name] = s.Vars[name]
		}
	}
	if len(args) == 1 && len(vars) == 0 && s.Run.Tree.Idle(f.Path) {
		return false // nothing that it gets can be what it builds with
	}
	child := New(s.Run, f.Path, s.Place, vars)
	for name := range vars {
		child.Vars[name] = vars[name] // with what is known of it
	}
	child.Where, child.depth, child.params, child.ways = s.Where, s.depth+1, paramsOf(args[1:]), s.ways
	child.sink = s.sink
	_ = child.Read(f.Text(0, len(f.Src))) // says so itself when it is read
	return true
}

// paramsOf returns the parameters that a function or a script gets.
func paramsOf(args []trace.Text) params {
	for i, a := range args {
		if a.S == many {
			return params{words: args[:i], open: true}
		}
	}
	return params{words: args}
}
