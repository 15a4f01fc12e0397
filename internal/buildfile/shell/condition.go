package shell

import (
	"regexp"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/pattern"
	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// A jump is what ends the statements that are followed before their end.
type jump uint8

const (
	goOn jump = iota
	nextRound
	endLoop
	endFunction
	endScript
)

// A verdict is what is known of a condition.
type verdict uint8

const (
	maybe verdict = iota
	yes
	no
)

func verdictOf(truth bool) verdict {
	if truth {
		return yes
	}
	return no
}

func (v verdict) not() verdict {
	switch v {
	case yes:
		return no
	case no:
		return yes
	}
	return maybe
}

// holds tells of a condition whether it holds, where that is sure: where it does not
// depend on a default, for which the environment may have another value.
func (s *Shell) holds(list []*syntax.Stmt) verdict {
	if len(list) != 1 || !onlyTests(list) || !s.Run.Step(0) {
		return maybe
	}
	doubt, want := s.doubt, s.Want
	s.doubt, s.Want = false, nil
	v := s.judge(list[0])
	if s.doubt || s.Want != nil || !s.isOwn(list[0]) {
		v = maybe
	}
	s.doubt = doubt
	if s.Want == nil {
		s.Want = want
	}
	return v
}

// isOwn reports whether a statement is written as the shell reads it, and not put together
// by make or a workflow, whose variables have other values when somebody says so.
func (s *Shell) isOwn(n syntax.Node) bool {
	start, end := offset(n.Pos()), offset(n.End())
	if start > end || end > len(s.Src.S) {
		return false
	}
	var last trace.Piece
	for i, p := range s.Src.Slice(start, end).Pieces() {
		if p.File == nil && p.S != "\n" || i > 0 && (p.File != last.File || p.Span.Start < last.Span.End || p.Span.Start > last.Span.End+8) {
			return false
		}
		last = p
	}
	return true
}

// onlyTests reports whether statements do nothing but test.
func onlyTests(list []*syntax.Stmt) bool {
	for _, st := range list {
		switch c := st.Cmd.(type) {
		case *syntax.CallExpr:
			if len(c.Args) == 0 || !reading.Contains("[ test true false :", c.Args[0].Lit()) {
				return false
			}
		case *syntax.TestClause:
		case *syntax.ArithmCmd:
			if assigns(c.X) {
				return false
			}
		case *syntax.BinaryCmd:
			if c.Op != syntax.AndStmt && c.Op != syntax.OrStmt || !onlyTests([]*syntax.Stmt{c.X, c.Y}) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func (s *Shell) judge(st *syntax.Stmt) verdict {
	v := maybe
	switch c := st.Cmd.(type) {
	case *syntax.CallExpr:
		if len(c.Args) > 0 && len(c.Assigns) == 0 && reading.Contains("[ test true false :", c.Args[0].Lit()) {
			v = s.tests(s.words(c.Args))
		}
	case *syntax.TestClause:
		v = s.judgeTest(c.X)
	case *syntax.ArithmCmd:
		before := len(s.Run.Builds)
		if !assigns(c.X) && before == len(s.Run.Builds) {
			if n, ok := s.arithmetic(c.X); ok {
				v = verdictOf(n != 0)
			}
		}
	case *syntax.BinaryCmd:
		v = combine(c.Op == syntax.AndStmt, c.Op == syntax.OrStmt, func() verdict { return s.judge(c.X) }, func() verdict { return s.judge(c.Y) })
	}
	if st.Negated {
		return v.not()
	}
	return v
}

// combine joins two verdicts with and, or or; with neither nothing is known.
func combine(and, or bool, x, y func() verdict) verdict {
	a, b := x(), y()
	switch {
	case and && (a == no || b == no):
		return no
	case and && a == yes && b == yes:
		return yes
	case or && (a == yes || b == yes):
		return yes
	case or && a == no && b == no:
		return no
	}
	return maybe
}

// tests judges the words of test.
func (s *Shell) tests(words []trace.Text) verdict {
	name, args := words[0].S, words[1:]
	switch name {
	case "true", ":":
		return yes
	case "false":
		return no
	case "[":
		if len(args) == 0 || args[len(args)-1].S != "]" {
			return maybe
		}
		args = args[:len(args)-1]
	}
	if len(args) > 1 && args[0].S == "!" {
		return s.tests(append([]trace.Text{trace.Plain("test")}, args[1:]...)).not()
	}
	switch len(args) {
	case 2:
		return s.unary(args[0].S, args[1])
	case 3:
		if op := args[1].S; op == "=" || op == "==" || op == "!=" {
			if isVague(args[0]) || isVague(args[2]) {
				return maybe
			}
			return verdictOf((args[0].S == args[2].S) == (op != "!="))
		}
		return numbersCompared(args[0].S, args[1].S, args[2].S)
	}
	return maybe
}

func isVague(t trace.Text) bool {
	return strings.Contains(t.S, reading.Unknown) || reading.IsDirectory(t)
}

// unary judges -z, -n and the tests of files.
func (s *Shell) unary(op string, t trace.Text) verdict {
	switch op {
	case "-z", "-n":
		empty := t.S == ""
		if strings.Trim(t.S, reading.Unknown) == "" && !empty {
			return maybe
		}
		return verdictOf(empty == (op == "-z"))
	case "-f", "-e", "-d", "-s", "-r":
		if strings.Contains(t.S, reading.Unknown) || t.S == "" {
			return maybe
		}
		for _, start := range s.Place.Starts {
			p, ok := reading.Locate(reading.ChangeDir(s.Place.Cwd, t.S), start)
			if !ok {
				return maybe
			}
			isDir, found := s.Run.Tree.Stat(p)
			if found && (op != "-d" || isDir) && (op != "-f" || !isDir) {
				return yes
			}
		}
		return no // as it is committed
	}
	return maybe
}

func numbersCompared(a, op, b string) verdict {
	x, err1 := strconv.Atoi(strings.TrimSpace(a))
	y, err2 := strconv.Atoi(strings.TrimSpace(b))
	if err1 != nil || err2 != nil {
		return maybe
	}
	switch op {
	case "-eq":
		return verdictOf(x == y)
	case "-ne":
		return verdictOf(x != y)
	case "-lt":
		return verdictOf(x < y)
	case "-le":
		return verdictOf(x <= y)
	case "-gt":
		return verdictOf(x > y)
	case "-ge":
		return verdictOf(x >= y)
	}
	return maybe
}

func (s *Shell) judgeTest(x syntax.TestExpr) verdict {
	switch x := x.(type) {
	case *syntax.ParenTest:
		return s.judgeTest(x.X)
	case *syntax.Word:
		return s.unary("-n", s.text(x))
	case *syntax.UnaryTest:
		if x.Op == syntax.TsNot {
			return s.judgeTest(x.X).not()
		}
		if w, ok := x.X.(*syntax.Word); ok {
			return s.unary(x.Op.String(), s.text(w))
		}
	case *syntax.BinaryTest:
		if x.Op == syntax.AndTest || x.Op == syntax.OrTest {
			return combine(x.Op == syntax.AndTest, x.Op == syntax.OrTest, func() verdict { return s.judgeTest(x.X) }, func() verdict { return s.judgeTest(x.Y) })
		}
		a, ok := x.X.(*syntax.Word)
		b, ok2 := x.Y.(*syntax.Word)
		if !ok || !ok2 {
			return maybe
		}
		text := s.text(a)
		switch x.Op {
		case syntax.TsMatch, syntax.TsMatchShort, syntax.TsNoMatch:
			v := s.matches(text, b)
			if x.Op == syntax.TsNoMatch {
				return v.not()
			}
			return v
		case syntax.TsReMatch:
			return s.matchesExpression(text, b)
		}
		return numbersCompared(text.S, x.Op.String(), s.text(b).S)
	}
	return maybe
}

// matches judges whether a text matches a pattern.
func (s *Shell) matches(t trace.Text, w *syntax.Word) verdict {
	e := expansion{Shell: s}
	e.parts(w.Parts, false)
	if isVague(t) || strings.Contains(e.pattern, reading.Unknown) {
		if e.pattern == "*" {
			return yes
		}
		return maybe
	}
	expr, err := pattern.Regexp(e.pattern, pattern.EntireString|pattern.ExtendedOperators)
	if err != nil {
		return maybe
	}
	re, err := regexp.Compile(expr)
	if err != nil || !s.Run.Step(len(expr)+len(t.S)) {
		return maybe
	}
	return verdictOf(re.MatchString(t.S))
}

func (s *Shell) matchesExpression(t trace.Text, w *syntax.Word) verdict {
	expr := s.text(w).S
	if isVague(t) || strings.Contains(expr, reading.Unknown) || len(expr) > 200 {
		return maybe
	}
	re, err := regexp.Compile(expr)
	if err != nil || !s.Run.Step(len(expr)+len(t.S)) {
		return maybe
	}
	return verdictOf(re.MatchString(t.S))
}

// assigns reports whether an expression assigns a variable.
func assigns(x syntax.ArithmExpr) (found bool) {
	syntax.Walk(x, func(n syntax.Node) bool {
		switch x := n.(type) {
		case *syntax.UnaryArithm:
			found = found || x.Op == syntax.Inc || x.Op == syntax.Dec
		case *syntax.BinaryArithm:
			found = found || isAssignment(x.Op)
		}
		return true
	})
	return found
}

// isAssignment reports whether an operator assigns, which == and <= do not.
func isAssignment(op syntax.BinAritOperator) bool {
	return reading.Contains("= += -= *= /= %= &= |= ^= <<= >>=", op.String())
}
