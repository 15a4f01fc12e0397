package buildfile

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/trace"
)

func (s *shell) stmts(list []*syntax.Stmt) {
	for _, st := range list {
		s.stmt(st)
	}
}

// inBranch follows what may or may not run; a cd in it ends with it.
func (s *shell) inBranch(list []*syntax.Stmt) {
	place := s.place
	s.branch++
	s.stmts(list)
	s.branch--
	s.place = place
}

func (s *shell) stmt(st *syntax.Stmt) {
	if st == nil || s.over() || !s.run.step(0) {
		return
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
		s.feeding(st.Redirs, func() { s.stmts(c.Stmts) })
		s.sink = sink
	case *syntax.Subshell:
		child := s.fork()
		child.feeding(st.Redirs, func() { child.stmts(c.Stmts) })
	case *syntax.BinaryCmd:
		s.binary(c)
	case *syntax.IfClause:
		for ; c != nil; c = c.Else {
			s.stmts(c.Cond)
			s.inBranch(c.Then)
		}
	case *syntax.CaseClause:
		for _, item := range c.Items {
			s.inBranch(item.Stmts)
		}
	case *syntax.WhileClause:
		s.stmts(c.Cond)
		s.inBranch(c.Do)
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
		s.computed(c)
	case *syntax.LetClause:
		s.computed(c)
	}
}

func (s *shell) binary(c *syntax.BinaryCmd) {
	switch c.Op {
	case syntax.AndStmt, syntax.OrStmt:
		before := s.place
		s.stmt(c.X)
		after := s.place
		if c.Op == syntax.OrStmt { // runs where the cd before it failed
			s.place = before
		}
		s.branch++
		s.stmt(c.Y)
		s.branch--
		if c.Op == syntax.OrStmt {
			s.place = after
		}
	default: // a pipeline
		left := s.fork()
		if file, ok := s.isTee(c.Y); ok {
			left.sink = file
		}
		left.stmt(c.X)
		right := s.fork()
		right.stdin = feed{later: func() feed { return s.fork().feedFrom(c.X) }}
		right.stmt(c.Y)
	}
}

// loop follows the body once for each value. What a value is not known of gets
// the body once all the same.
func (s *shell) loop(c *syntax.ForClause) {
	iter, ok := c.Loop.(*syntax.WordIter)
	if !ok || iter.Name == nil {
		if c.Loop != nil {
			s.computed(c.Loop)
		}
		s.inBranch(c.Do)
		return
	}
	var values []trace.Text
	if iter.InPos.IsValid() {
		values = s.words(iter.Items)
	} else {
		values = s.params.words
		if s.params.open {
			values = append(values[:len(values):len(values)], trace.Plain(unknown))
		}
	}
	if len(values) > maxBuilds {
		values = values[:maxBuilds]
	}
	for _, v := range values {
		if s.over() {
			return
		}
		if strings.Contains(v.S, unknown) {
			v = trace.Plain(unknown)
		}
		s.vars[iter.Name.Value] = oneWord(v)
		s.stmts(c.Do)
	}
}

// computed forgets the variables that arithmetic assigns.
func (s *shell) computed(n syntax.Node) {
	forget := func(x syntax.ArithmExpr) {
		if w, ok := x.(*syntax.Word); ok && w.Lit() != "" {
			s.vars[w.Lit()] = oneWord(trace.Plain(unknown))
		}
	}
	syntax.Walk(n, func(n syntax.Node) bool {
		switch x := n.(type) {
		case *syntax.UnaryArithm:
			forget(x.X)
		case *syntax.BinaryArithm:
			if strings.HasSuffix(x.Op.String(), "=") {
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
	for _, a := range c.Args {
		if a.Name != nil && exports(c) {
			s.export[a.Name.Value] = true
		}
		switch {
		case a.Name == nil:
		case !a.Naked:
			s.assign(a, set)
		case s.locals != nil && c.Variant != nil && c.Variant.Value == "local":
			s.local(a.Name.Value, variable{})
		}
	}
}

func (s *shell) assign(a *syntax.Assign, set func(string, variable)) {
	if a.Name == nil || a.Naked && a.Value == nil && a.Array == nil {
		return
	}
	name := a.Name.Value
	old := s.vars[name]
	switch {
	case a.Index != nil: // of one element: which one is not followed
		set(name, oneWord(trace.Plain(unknown)))
	case a.Array != nil:
		v := variable{array: true}
		if a.Append {
			v.words = append(v.words, old.words...)
		}
		for _, e := range a.Array.Elems {
			if e.Index != nil || e.Value == nil {
				v.words = append(v.words, trace.Plain(many))
				continue
			}
			v.words = append(v.words, s.fields(e.Value)...)
		}
		if len(v.words) > maxText || !s.run.use(len(v.words)) {
			v.words = []trace.Text{trace.Plain(many)}
		}
		set(name, v)
	default:
		var t trace.Text
		if a.Value != nil {
			t = s.text(a.Value)
		}
		if a.Append && len(old.words) > 0 {
			t = s.bounded(trace.Join(old.words[0], t))
			if old.array && len(old.words) > 1 {
				t = trace.Plain(unknown)
			}
		}
		set(name, oneWord(t))
	}
}

// call follows a simple command.
func (s *shell) call(c *syntax.CallExpr, redirs []*syntax.Redirect) {
	if len(c.Args) == 0 {
		for _, a := range c.Assigns {
			s.assign(a, s.set)
		}
		return
	}
	saved := map[string]variable{}
	for _, a := range c.Assigns { // for this command alone
		if a.Name == nil {
			continue
		}
		if _, ok := saved[a.Name.Value]; !ok {
			saved[a.Name.Value] = s.vars[a.Name.Value]
		}
	}
	args := s.words(c.Args) // see the variables as they were
	for _, a := range c.Assigns {
		s.assign(a, func(name string, v variable) { s.vars[name] = v })
	}
	start := int(c.Args[0].Pos().Offset())
	s.command(args, command{at: start, redirs: redirs, env: saved}, saved)
	for name, v := range saved {
		if v.words == nil && !v.array {
			delete(s.vars, name)
		} else {
			s.vars[name] = v
		}
	}
}

// A command is where a simple command is written, and where its input comes from.
type command struct {
	at     int // offset in the text of the shell
	redirs []*syntax.Redirect
	env    map[string]variable // the names of those that are set for it alone
}

func (s *shell) command(args []trace.Text, c command, saved map[string]variable) {
	args = s.unwrap(args, saved)
	if len(args) == 0 {
		return
	}
	name, rest := args[0].S, args[1:]
	s.tell(args, c)
	defer s.telling(c)()
	if f := s.funcs[name]; f != nil {
		met := s.run.met
		s.feeding(c.redirs, func() { s.enter(f, paramsOf(rest)) })
		if s.run.met == met && f.handsOn() {
			s.handOn(args, c, saved)
		}
		return
	}
	if s.builtin(name, rest) {
		return
	}
	if s.script(args, saved) || s.run.make != nil && s.run.make(s, args, saved) || s.bake(args, c) || s.compose(args, c) || s.build(args, c) {
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
	child.where, child.depth, child.params = s.where, s.depth+1, paramsOf(args[1:])
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
