package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"strconv"
	"strings"
)

// A mutant is a file with one deliberate fault.
type mutant struct {
	pkg        *pkg
	file       string // the path from the root of the module
	line, col  int
	start, end int    // the bytes of the file that text replaces
	text       string // "" where a statement is dropped
	operator   string // what kind of fault it is
}

// place is where the fault is.
func (m *mutant) place() string { return fmt.Sprintf("%s:%d:%d", m.file, m.line, m.col) }

// apply returns the file with the fault in it.
func (m *mutant) apply(src []byte) []byte {
	return []byte(string(src[:m.start]) + m.text + string(src[m.end:]))
}

// diff returns the lines that the fault changes, before and after.
func (m *mutant) diff(src []byte) string {
	from := strings.LastIndexByte(string(src[:m.start]), '\n') + 1
	to := len(src)
	if i := strings.IndexByte(string(src[m.end:]), '\n'); i >= 0 {
		to = m.end + i
	}
	after := string(src[from:m.start]) + m.text + string(src[m.end:to])
	return prefixed("- ", string(src[from:to])) + prefixed("+ ", after)
}

func prefixed(prefix, text string) string {
	return prefix + strings.ReplaceAll(text, "\n", "\n"+prefix) + "\n"
}

// swaps are the operators that take each other's place.
var swaps = map[token.Token]token.Token{
	token.EQL: token.NEQ, token.NEQ: token.EQL,
	token.LSS: token.LEQ, token.LEQ: token.LSS,
	token.GTR: token.GEQ, token.GEQ: token.GTR,
	token.LAND: token.LOR, token.LOR: token.LAND,
	token.ADD: token.SUB, token.SUB: token.ADD,
}

// A collector finds the places of a file where a fault can be put.
type collector struct {
	fset   *token.FileSet
	src    []byte
	found  []*mutant
	passed map[ast.Node]bool // what no fault is put into
}

// mutantsOf returns the mutants of a file by place. Not all of them compile.
func mutantsOf(fset *token.FileSet, file *ast.File, src []byte) []*mutant {
	c := &collector{fset: fset, src: src, passed: map[ast.Node]bool{}}
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil || c.passed[n] {
			return false
		}
		c.visit(n)
		return true
	})
	return c.found
}

func (c *collector) visit(n ast.Node) {
	switch n := n.(type) {
	case *ast.ImportSpec:
		c.passed[n.Path] = true
	case *ast.Field:
		if n.Tag != nil {
			c.passed[n.Tag] = true
		}
	case *ast.FuncDecl:
		c.returnEarly(n)
	case *ast.IfStmt:
		c.negate(n.Cond)
	case *ast.ForStmt:
		c.negate(n.Cond)
		if step, ok := n.Post.(*ast.IncDecStmt); ok {
			c.passed[step] = true // a loop without an end tells nothing
		}
	case *ast.SwitchStmt:
		if n.Tag == nil {
			for _, clause := range n.Body.List {
				for _, condition := range clause.(*ast.CaseClause).List {
					c.negate(condition)
				}
			}
		}
	case *ast.BinaryExpr:
		if other, ok := swaps[n.Op]; ok {
			c.add(n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), other.String(), n.Op.String()+" to "+other.String())
		}
	case *ast.BasicLit:
		c.literal(n)
	case *ast.Ident:
		if other := map[string]string{"true": "false", "false": "true"}[n.Name]; other != "" {
			c.add(n.Pos(), n.End(), other, n.Name+" to "+other)
		}
	case *ast.CallExpr:
		if name, ok := n.Fun.(*ast.Ident); ok && (name.Name == "min" || name.Name == "max") {
			other := map[string]string{"min": "max", "max": "min"}[name.Name]
			c.add(name.Pos(), name.End(), other, name.Name+" to "+other)
		}
	case *ast.SliceExpr:
		c.swapBounds(n)
	case *ast.AssignStmt:
		if blank, ok := n.Lhs[0].(*ast.Ident); n.Tok != token.DEFINE && (!ok || blank.Name != "_") {
			c.add(n.Pos(), n.End(), "", "drop an assignment")
		}
	case *ast.ExprStmt:
		c.add(n.Pos(), n.End(), "", "drop a call")
	case *ast.IncDecStmt:
		c.add(n.Pos(), n.End(), "", "drop "+n.Tok.String())
	case *ast.BranchStmt:
		if n.Tok == token.CONTINUE || n.Tok == token.BREAK {
			c.add(n.Pos(), n.End(), "", "drop "+n.Tok.String())
		}
	}
}

func (c *collector) add(from, to token.Pos, text, operator string) {
	at := c.fset.Position(from)
	c.found = append(c.found, &mutant{line: at.Line, col: at.Column, start: at.Offset, end: c.fset.Position(to).Offset, text: text, operator: operator})
}

// textOf returns the source of a node.
func (c *collector) textOf(n ast.Node) string {
	return string(c.src[c.fset.Position(n.Pos()).Offset:c.fset.Position(n.End()).Offset])
}

// negate turns a condition round. Where its operator is == or != the swap does that already.
func (c *collector) negate(condition ast.Expr) {
	if condition == nil {
		return
	}
	if compare, ok := condition.(*ast.BinaryExpr); ok && (compare.Op == token.EQL || compare.Op == token.NEQ) {
		return
	}
	c.add(condition.Pos(), condition.End(), "!("+c.textOf(condition)+")", "negate a condition")
}

func (c *collector) literal(n *ast.BasicLit) {
	switch n.Kind {
	case token.INT:
		if value, err := strconv.ParseInt(n.Value, 0, 64); err == nil {
			c.add(n.Pos(), n.End(), strconv.FormatInt(value+1, 10), "+1")
			c.add(n.Pos(), n.End(), strconv.FormatInt(value-1, 10), "-1")
		}
	case token.STRING:
		if len(n.Value) > 2 {
			c.add(n.Pos(), n.End(), `""`, "empty string")
		}
	}
}

// swapBounds makes x[b:a] of x[a:b], and x[:a] of x[a:].
func (c *collector) swapBounds(n *ast.SliceExpr) {
	if n.Slice3 || n.Low == nil && n.High == nil {
		return
	}
	low, high := "", ""
	if n.Low != nil {
		low = c.textOf(n.Low)
	}
	if n.High != nil {
		high = c.textOf(n.High)
	}
	c.add(n.Lbrack, n.Rbrack+1, "["+high+":"+low+"]", "swap the bounds")
}

// returnEarly has a function return the zero values of its results at once.
func (c *collector) returnEarly(n *ast.FuncDecl) {
	if n.Body == nil || len(n.Body.List) == 0 {
		return
	}
	var zeros []string
	if n.Type.Results != nil {
		for _, field := range n.Type.Results.List {
			for range max(1, len(field.Names)) {
				zeros = append(zeros, "*new("+c.textOf(field.Type)+")")
			}
		}
	}
	c.add(n.Body.Lbrace+1, n.Body.Lbrace+1, " return "+strings.Join(zeros, ", ")+"; ", "return zero values")
}
