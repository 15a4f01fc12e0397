package buildfile

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/trace"
)

func (s *shell) stmts(list []*syntax.Stmt) {
	for _, st := range list {
		if s.stop != goOn {
			return
		}
		s.stmt(st)
	}
}

func (s *shell) stmt(st *syntax.Stmt) {
	if st == nil || s.over() || !s.run.step(0) {
		return
	}
	if len(st.Redirs) > 0 {
		defer s.redirect(st.Redirs)()
	}
	switch c := st.Cmd.(type) {
	case *syntax.CallExpr:
		s.call(c, st.Redirs)
	case *syntax.DeclClause:
		s.declare(c)
	case *syntax.Block:
		sink := s.sink
		if file := s.told(st.Redirs); file != "" {
			s.sink = file
		}
		s.stmts(c.Stmts)
		s.sink = sink
	case *syntax.Subshell:
		child := s.fork()
		child.stmts(c.Stmts)
		s.want = child.want
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
			s.funcs[c.Name.Value] = &shellFunction{body: c.Body, src: s.src, self: s.self}
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

func (s *shell) binary(c *syntax.BinaryCmd) {
	switch c.Op {
	case syntax.AndStmt, syntax.OrStmt:
		v := maybe
		s.each(func() { v = s.holds([]*syntax.Stmt{c.X}) }, func() { s.either(c, v) })
	default:
		s.pipe(c)
	}
}

// either follows && and ||.
func (s *shell) either(c *syntax.BinaryCmd, v verdict) {
	before := s.place
	if !onlyTests([]*syntax.Stmt{c.X}) {
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
	after := s.place
	if c.Op == syntax.OrStmt { // runs where the cd before it failed
		s.place = before
	}
	s.choose(func() {
		s.stmt(c.Y)
		if c.Op == syntax.AndStmt {
			after = s.place
		}
	}, func() {})
	s.place = after
}

// computed forgets the variables that arithmetic assigns.
func (s *shell) computed(n syntax.Node) {
	forget := func(x syntax.ArithmExpr) {
		if w, ok := x.(*syntax.Word); ok && w.Lit() != "" {
			s.put(w.Lit(), oneWord(trace.Plain(unknown)))
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

func (s *shell) declare(c *syntax.DeclClause) {
	set := s.set
	if c.Variant != nil && c.Variant.Value != "export" && c.Variant.Value != "readonly" {
		set = s.local
	}
	assoc := isAssociative(c)
	for _, a := range c.Args {
		if a.Name != nil && exports(c) {
			s.export[a.Name.Value] = true
		}
		switch {
		case a.Name == nil && a.Value != nil && len(a.Value.Parts) > 0 && a.Value.Lit() == "":
			s.each(func() { s.fields(a.Value) }, func() { // export $(cat .env)
				for _, word := range s.fields(a.Value) {
					if name, value, ok := word.Cut("="); ok && isName(name.S) {
						set(name.S, oneWord(value))
						s.export[name.S] = s.export[name.S] || exports(c)
					}
				}
			})
		case a.Name == nil:
		case assoc && a.Naked:
			set(a.Name.Value, variable{array: true, assoc: true})
		case !a.Naked:
			if assoc && !s.get(a.Name.Value).assoc {
				set(a.Name.Value, variable{array: true, assoc: true})
			}
			s.assign(a, set)
		case s.locals != nil && c.Variant != nil && c.Variant.Value == "local":
			s.local(a.Name.Value, variable{})
		}
	}
}

// assign follows an assignment, once for each value of what it depends on.
func (s *shell) assign(a *syntax.Assign, set func(string, variable)) {
	if a.Name == nil || a.Naked && a.Value == nil && a.Array == nil {
		return
	}
	var v variable
	doubt := s.doubt
	s.each(func() {
		s.doubt = false
		v = s.assigned(a)
	}, func() { set(a.Name.Value, v) })
	s.doubt = doubt
}

func (s *shell) assigned(a *syntax.Assign) variable {
	var old variable
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
			old = variable{assoc: s.get(a.Name.Value).assoc}
		}
		return s.elements(a, old)
	case a.Append && len(old.words) > 0:
		if old.array && len(old.words) > 1 {
			return oneWord(trace.Plain(unknown))
		}
		return oneWord(s.bounded(trace.Join(old.words[0], t)))
	}
	return oneWord(t)
}

// call follows a simple command.
func (s *shell) call(c *syntax.CallExpr, redirs []*syntax.Redirect) {
	if len(c.Args) == 0 {
		for _, a := range c.Assigns {
			s.assign(a, s.set)
		}
		return
	}
	if c.Args[0].Lit() == "read" && s.in != nil && !s.in.lost {
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
func (s *shell) askFor(args []trace.Text) {
	if len(args) == 0 || !contains("make gmake docker docker-compose podman", args[0].S) {
		return
	}
	for name := range s.export {
		if v := s.vars[name]; v.choice != nil && s.run.use(1) {
			s.picked(v)
		}
	}
}

// simple follows a command with its words.
func (s *shell) simple(c *syntax.CallExpr, args []trace.Text, redirs []*syntax.Redirect) {
	saved := map[string]variable{}
	for _, a := range c.Assigns { // for this command alone
		if a.Name == nil {
			continue
		}
		if _, ok := saved[a.Name.Value]; !ok {
			saved[a.Name.Value] = s.vars[a.Name.Value]
		}
	}
	doubt := s.doubt
	for _, a := range c.Assigns {
		s.assign(a, s.put)
	}
	start := int(c.Args[0].Pos().Offset())
	s.command(args, command{at: start, redirs: redirs, env: saved, doubt: doubt}, saved)
	for name, v := range saved {
		if v.isSet() {
			s.vars[name] = v
		} else {
			delete(s.vars, name)
		}
	}
}

// A command is where a simple command is written, and where its input comes from.
type command struct {
	at     int // offset in the text of the shell
	redirs []*syntax.Redirect
	env    map[string]variable // the names of those that are set for it alone
	doubt  bool                // the environment may have other words for it
}

func (s *shell) command(args []trace.Text, c command, saved map[string]variable) {
	args = s.unwrap(args, saved)
	if len(args) == 0 {
		s.lose()
		return
	}
	name, rest := args[0].S, args[1:]
	s.tell(args, c)
	defer s.telling(c)()
	if f := s.funcs[name]; f != nil {
		p := paramsOf(rest)
		p.doubt = c.doubt
		met := s.run.met
		s.enter(f, p)
		if s.run.met == met && f.handsOn() {
			s.handOn(args, c, saved)
		}
		return
	}
	s.show(args)
	if s.builtin(name, rest) {
		return
	}
	if s.script(args, saved) || s.run.others.make != nil && s.run.others.make(s, args, saved) || s.bake(args, c) || s.compose(args, c) || s.build(args, c) {
		return
	}
	s.handOn(args, c, saved)
}

// script follows another script of the repository, with its parameters.
func (s *shell) script(args []trace.Text, env map[string]variable) bool {
	if name := path.Base(args[0].S); (name == "bash" || name == "sh") && len(args) > 1 {
		args = args[1:]
	}
	isNamed := KindOf(args[0].S) == Shell
	if !isNamed && (!strings.Contains(args[0].S, "/") || !MayBeProgram(path.Base(args[0].S), true)) || s.depth >= maxDepth || s.run.quiet > 0 {
		return false
	}
	f := s.file(args[0].S)
	if f == nil || s.run.tree.kindOf(f.Path, f) != Shell || !s.run.step(len(f.Src)/8) {
		return false
	}
	vars := map[string]variable{}
	for name, v := range s.vars {
		if _, ok := env[name]; (ok || s.export[name]) && s.run.use(1) {
			vars[name] = v
		}
	}
	if len(args) == 1 && len(vars) == 0 && s.run.tree.idle(f.Path) {
		return false // nothing that it gets can be what it builds with
	}
	child := newShell(s.run, f.Path, s.place, vars)
	for name := range vars {
		child.vars[name] = vars[name] // with what is known of it
	}
	child.where, child.depth, child.params, child.ways = s.where, s.depth+1, paramsOf(args[1:]), s.ways
	child.sink = s.sink
	_ = child.read(f.Text(0, len(f.Src))) // says so itself when it is read
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
