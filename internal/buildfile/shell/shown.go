package shell

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/source"
)

// exit is a line that ends a script.
var exit = regexp.MustCompile(`(?m)^exit( +[0-9]+)?[ \t]*$`)

// Shown returns the parts of a script that are text which it shows, in no order.
func Shown(src []byte) []source.Span {
	file, err := parseShell(string(src))
	if err != nil { // as what stands behind the end may not
		end := exit.FindIndex(src)
		if end == nil {
			return nil
		}
		if file, err = parseShell(string(src[:end[1]])); err != nil {
			return nil
		}
	}
	v := &viewer{funcs: map[string]*syntax.Stmt{}, works: map[string]bool{}, fed: map[string]bool{}}
	v.declarations(file)
	const most = 8 // a table in a variable in a variable, and so on
	for range most {
		v.spans, v.used = nil, map[string]bool{}
		known := len(v.fed)
		v.stmts(file.Stmts, false)
		for name := range v.values {
			if !v.used[name] { // another script may
				v.fed[name] = true
			}
		}
		if len(v.fed) == known {
			break
		}
	}
	if end, ok := v.end(file, src); ok {
		v.spans = append(v.spans, source.Span{Start: end, End: len(src)})
	}
	return v.spans
}

// A viewer finds out what of a script is data. What a variable or a function, whose names
// are those of fed, holds or prints is read by a command.
type viewer struct {
	funcs  map[string]*syntax.Stmt
	works  map[string]bool // the functions that do more than show what they are given
	values map[string]bool // the variables that are set
	fed    map[string]bool // variables, functions with "()" behind their names, and files with "<" before theirs
	used   map[string]bool // variables
	spans  []source.Span
}

// declarations finds functions and variables.
func (v *viewer) declarations(file *syntax.File) {
	v.values = map[string]bool{}
	syntax.Walk(file, func(node syntax.Node) bool {
		switch n := node.(type) {
		case *syntax.FuncDecl:
			if n.Name != nil {
				v.funcs[n.Name.Value] = n.Body
				v.works[n.Name.Value] = works([]*syntax.Stmt{n.Body})
			}
		case *syntax.Assign:
			if n.Name != nil {
				v.values[n.Name.Value] = true
			}
		case *syntax.CallExpr:
			for _, name := range readNames(n) {
				v.values[name] = true
			}
		}
		return true
	})
}

// printedWord returns a word as it is written, without quotes.
func printedWord(w *syntax.Word) string {
	var b strings.Builder
	if syntax.NewPrinter().Print(&b, w) != nil {
		return ""
	}
	return strings.Trim(b.String(), `"'`)
}

// stmts looks at statements; out says that what they print is read.
func (v *viewer) stmts(list []*syntax.Stmt, out bool) {
	for _, st := range list {
		v.stmt(st, out)
	}
}

func (v *viewer) stmt(st *syntax.Stmt, out bool) {
	if st == nil {
		return
	}
	for _, r := range st.Redirs {
		switch r.Op {
		case syntax.RdrOut, syntax.AppOut, syntax.RdrClob, syntax.RdrAll, syntax.AppAll:
			if r.N == nil || r.N.Value == "1" {
				out = v.fed["<"+printedWord(r.Word)]
			}
		default:
		}
	}
	takes := v.takes(st.Cmd, out)
	for _, r := range st.Redirs {
		switch {
		case r.Hdoc != nil:
			v.word(r.Hdoc, takes)
		case r.Word != nil:
			if r.Op == syntax.RdrIn && takes {
				v.fed["<"+printedWord(r.Word)] = true
			}
			v.word(r.Word, takes)
		}
	}
	switch c := st.Cmd.(type) {
	case *syntax.CallExpr:
		v.call(c, out)
	case *syntax.DeclClause:
		v.assigns(c.Args)
	case *syntax.Block:
		v.stmts(c.Stmts, out)
	case *syntax.Subshell:
		v.stmts(c.Stmts, out)
	case *syntax.BinaryCmd:
		if c.Op == syntax.Pipe || c.Op == syntax.PipeAll {
			v.stmt(c.X, v.reads(c.Y, out))
		} else {
			v.stmt(c.X, out)
		}
		v.stmt(c.Y, out)
	case *syntax.IfClause:
		for ; c != nil; c = c.Else {
			v.stmts(c.Cond, out)
			v.stmts(c.Then, out)
		}
	case *syntax.CaseClause:
		v.word(c.Word, false)
		for _, item := range c.Items {
			v.stmts(item.Stmts, out)
		}
	case *syntax.WhileClause:
		v.stmts(c.Cond, out)
		v.stmts(c.Do, out)
	case *syntax.ForClause:
		if each, ok := c.Loop.(*syntax.WordIter); ok {
			for _, w := range each.Items {
				v.word(w, out || works(c.Do))
			}
		}
		v.stmts(c.Do, out)
	case *syntax.FuncDecl:
		if c.Name != nil {
			v.stmt(c.Body, v.fed[c.Name.Value+"()"])
		}
	case *syntax.TimeClause:
		v.stmt(c.Stmt, out)
	case *syntax.CoprocClause:
		v.stmt(c.Stmt, out)
	case *syntax.TestClause:
		syntax.Walk(c.X, func(node syntax.Node) bool {
			w, ok := node.(*syntax.Word)
			if ok {
				v.word(w, false)
			}
			return !ok
		})
	}
}

// reads reports whether the last command of a pipeline reads what the others print as data.
func (v *viewer) reads(st *syntax.Stmt, out bool) bool {
	for _, r := range st.Redirs {
		if r.Op == syntax.RdrOut || r.Op == syntax.AppOut {
			out = v.fed["<"+printedWord(r.Word)]
		}
	}
	return v.takes(st.Cmd, out)
}

// takes reports whether a command reads its input as data. What one that passes its input
// on does, the reader of its output does.
func (v *viewer) takes(cmd syntax.Command, out bool) bool {
	switch c := cmd.(type) {
	case *syntax.CallExpr:
		if len(c.Args) == 0 {
			return out
		}
		name := path.Base(c.Args[0].Lit())
		switch {
		case v.funcs[name] != nil:
			return out || v.works[name]
		case shownFilters[name]:
			return out || slices.ContainsFunc(c.Args[1:], func(w *syntax.Word) bool { return name == "tee" && v.fed["<"+printedWord(w)] })
		case intoVariables[name]:
			return slices.ContainsFunc(readNames(c), func(name string) bool { return v.fed[name] })
		case interpreters[name]: // without a file, what they read is a program
			return slices.ContainsFunc(c.Args[1:], func(w *syntax.Word) bool { return !strings.HasPrefix(printedWord(w), "-") })
		}
		return consumers[name]
	case *syntax.WhileClause:
		return out || works(c.Do)
	case *syntax.ForClause:
		return out || works(c.Do)
	case *syntax.Block:
		return out || works(c.Stmts)
	case *syntax.Subshell:
		return out || works(c.Stmts)
	case *syntax.IfClause, *syntax.CaseClause:
		return true
	}
	return false
}

// works reports whether statements do more than show what they are given.
func works(list []*syntax.Stmt) (found bool) {
	for _, st := range list {
		syntax.Walk(st, func(node syntax.Node) bool {
			switch n := node.(type) {
			case *syntax.CallExpr:
				if len(n.Args) == 0 {
					found = true // it sets variables
				} else if name := path.Base(n.Args[0].Lit()); !printers[name] && !deaf[name] && !shownFilters[name] && !quiet[name] {
					found = true
				}
			case *syntax.DeclClause:
				found = found || slices.ContainsFunc(n.Args, func(a *syntax.Assign) bool { return a.Value != nil })
			}
			return !found
		})
	}
	return found
}

// call looks at the arguments of a command.
func (v *viewer) call(c *syntax.CallExpr, out bool) {
	v.assigns(c.Assigns)
	if len(c.Args) == 0 {
		return
	}
	written := c.Args[0].Lit()
	name := path.Base(written)
	body := v.funcs[name]
	if body != nil && out {
		v.fed[name+"()"] = true
	}
	v.word(c.Args[0], true)
	for _, w := range c.Args[1:] {
		if out && shownFilters[name] || consumers[name] || interpreters[name] || v.works[name] || strings.Contains(written, "/") {
			v.fed["<"+printedWord(w)] = true // which it may be the name of
		}
		switch {
		case printers[name], shownFilters[name]:
			v.word(w, out)
		case body != nil:
			v.word(w, out || v.works[name])
		case deaf[name]:
			v.word(w, false)
		case strings.Contains(written, "/"), written == "set", written == "eval":
			v.word(w, true)
		default:
			v.operand(w)
		}
	}
}

// assigns looks at variables that are set. A version that follows the name of its
// variable is no text.
func (v *viewer) assigns(list []*syntax.Assign) {
	for _, a := range list {
		if a.Name == nil {
			continue
		}
		fed := v.fed[a.Name.Value]
		switch {
		case a.Value == nil:
		case isOneLine(a.Value):
			v.parts(a.Value, fed)
		default:
			v.word(a.Value, fed)
		}
		if a.Array != nil {
			for _, e := range a.Array.Elems {
				v.word(e.Value, fed)
			}
		}
	}
}

// word looks at a word that is read as data, or is not.
func (v *viewer) word(w *syntax.Word, fed bool) {
	if w == nil {
		return
	}
	if !fed {
		v.spans = append(v.spans, source.Span{Start: int(w.Pos().Offset()), End: int(w.End().Offset())})
	}
	v.parts(w, fed)
}

// operand looks at an argument of a program of which nothing is known: a list is not in
// quotes, and a text of several lines is no name.
func (v *viewer) operand(w *syntax.Word) {
	if !isOneLine(w) {
		v.word(w, false)
		return
	}
	for _, part := range w.Parts {
		_, isQuoted := part.(*syntax.DblQuoted)
		v.parts(part, !isQuoted)
	}
}

func isOneLine(w *syntax.Word) bool { return w.Pos().Line() == w.End().Line() }

// parts looks at the variables and commands in a word.
func (v *viewer) parts(in syntax.Node, fed bool) {
	syntax.Walk(in, func(node syntax.Node) bool {
		switch n := node.(type) {
		case *syntax.ParamExp:
			if n.Param != nil {
				v.used[n.Param.Value] = true
				if fed {
					v.fed[n.Param.Value] = true
				}
			}
		case *syntax.CmdSubst:
			v.stmts(n.Stmts, fed)
			return false
		case *syntax.ProcSubst:
			v.stmts(n.Stmts, fed)
			return false
		}
		return true
	})
}

// end returns where a script ends before its file does, if nothing reads what is behind it.
func (v *viewer) end(file *syntax.File, src []byte) (at int, ok bool) {
	for _, st := range file.Stmts {
		c, isCall := st.Cmd.(*syntax.CallExpr)
		if !isCall || len(c.Args) == 0 || c.Args[0].Lit() != "exit" {
			continue
		}
		at = int(st.End().Offset())
		return at, !bytes.Contains(src[:at], []byte("$0")) && !bytes.Contains(src[:at], []byte("BASH_SOURCE"))
	}
	return 0, false
}
