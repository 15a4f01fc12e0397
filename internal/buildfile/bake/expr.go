package bake

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/matihlabs/propagate/internal/trace"
)

// A bakeSource gives the text that the parser of HCL says stands from one byte to
// another.
type bakeSource func(start, end int) trace.Text

// A bakeNode is an expression that finds what it needs by itself, just before it is
// evaluated, and that counts what that costs.
type bakeNode struct {
	hclsyntax.Expression
	s *definition

	// plain is set where the value decides something, such as a condition or a key:
	// it must not be seen with marks.
	plain bool
}

// UnwrapExpression is for the static analysis of HCL, which looks behind wrappers.
func (n *bakeNode) UnwrapExpression() hcl.Expression { return n.Expression }

// Value evaluates the expression.
func (n *bakeNode) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	r := n.s.run
	err := r.step(1)
	if err == nil {
		switch e := n.Expression.(type) {
		case *hclsyntax.ScopeTraversalExpr:
			err = r.resolve(ctx, e.Traversal)
		case *hclsyntax.FunctionCallExpr:
			err = r.function(e.Name)
		}
	}
	if err != nil {
		return cty.DynamicVal, n.failed(err)
	}
	v, diags := n.Expression.Value(ctx)
	call, ok := n.Expression.(*hclsyntax.FunctionCallExpr)
	if ok && diags.HasErrors() && len(r.marks) > 0 && !r.plainly && bakeHas(call.Name) {
		// A function that cannot do with marks, such as a pattern, gets texts without
		// any, and what is beside it keeps its places.
		r.plainly = true
		v, diags = n.Expression.Value(ctx)
		r.plainly = false
	}
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	if err := r.weigh(v); err != nil {
		return cty.DynamicVal, n.failed(err)
	}
	if n.plain || r.plainly {
		v = r.unmarked(v)
	}
	return v, nil
}

func (n *bakeNode) failed(err error) hcl.Diagnostics {
	at := n.Range()
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Not evaluated", Detail: err.Error(), Subject: &at}}
}

// A bakeLiteral is the text of a string or a template as it is written.
type bakeLiteral struct {
	hclsyntax.Expression
	s     *definition
	texts []bakePart
}

// A bakePart is a part of a literal; verbs of format stay as they are.
type bakePart struct {
	trace.Text
	verb bool
}

// Value returns the text, marked where the run marks texts.
func (l *bakeLiteral) Value(*hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	var b strings.Builder
	for _, t := range l.texts {
		if t.verb || l.s.run.plainly {
			b.WriteString(t.S)
		} else {
			b.WriteString(l.s.run.encode(t.Text))
		}
	}
	return cty.StringVal(b.String()), nil
}

// written finds the text of a literal in its source. Indentation of a heredoc and
// white space that a template trims stand around it.
func written(src trace.Text, value string) trace.Text {
	i := strings.Index(src.S, value)
	if i >= 0 && strings.TrimSpace(src.S[:i])+strings.TrimSpace(src.S[i+len(value):]) == "" {
		return src.Slice(i, i+len(value))
	}
	// A string has escapes, a heredoc none but those of templates.
	for _, quoted := range []bool{true, false} {
		if t, ok := withoutEscapes(src, quoted); ok && t.S == value {
			return t
		}
	}
	return trace.Plain(value)
}

// wrap makes nodes of an expression and all below it, in the syntax tree that the
// caller has just parsed; evaluating it does not change it any more.
func (s *definition) wrap(expr hclsyntax.Expression, src bakeSource, plain bool) hclsyntax.Expression {
	below := func(slot *hclsyntax.Expression, plain bool) {
		if *slot != nil {
			*slot = s.wrap(*slot, src, plain)
		}
	}
	switch e := expr.(type) {
	case *hclsyntax.TemplateExpr:
		s.wrapTemplate(e, src, plain, false)
	case *hclsyntax.TemplateWrapExpr:
		below(&e.Wrapped, plain)
	case *hclsyntax.TemplateJoinExpr:
		below(&e.Tuple, plain)
	case *hclsyntax.ParenthesesExpr:
		below(&e.Expression, plain)
	case *hclsyntax.RelativeTraversalExpr:
		below(&e.Source, plain)
	case *hclsyntax.FunctionCallExpr:
		s.wrapCall(e, src, plain)
	case *hclsyntax.ConditionalExpr:
		below(&e.Condition, true)
		below(&e.TrueResult, plain)
		below(&e.FalseResult, plain)
	case *hclsyntax.IndexExpr:
		below(&e.Collection, plain)
		below(&e.Key, true)
	case *hclsyntax.TupleConsExpr:
		for i := range e.Exprs {
			below(&e.Exprs[i], plain)
		}
	case *hclsyntax.ObjectConsExpr:
		for i := range e.Items {
			below(&e.Items[i].KeyExpr, true)
			below(&e.Items[i].ValueExpr, plain)
		}
	case *hclsyntax.ObjectConsKeyExpr:
		// The name itself must stay what it is for HCL to see that it is one.
		switch key := e.Wrapped.(type) {
		case *hclsyntax.TemplateExpr:
			s.wrapTemplate(key, src, true, false)
			if key.IsStringLiteral() {
				literal := key.Parts[0].(*hclsyntax.LiteralValueExpr) //nolint:forcetypeassert // as it has just said
				s.keys[e] = written(src(literal.SrcRange.Start.Byte, literal.SrcRange.End.Byte), literal.Val.AsString())
			}
		case *hclsyntax.ScopeTraversalExpr:
		default:
			below(&e.Wrapped, true)
		}
		return e
	case *hclsyntax.ForExpr:
		below(&e.CollExpr, plain)
		below(&e.KeyExpr, true)
		below(&e.ValExpr, plain)
		below(&e.CondExpr, true)
	case *hclsyntax.SplatExpr:
		below(&e.Source, plain)
		below(&e.Each, plain)
	case *hclsyntax.BinaryOpExpr:
		below(&e.LHS, true)
		below(&e.RHS, true)
	case *hclsyntax.UnaryOpExpr:
		below(&e.Val, true)
	}
	return &bakeNode{Expression: expr, s: s, plain: plain}
}

func (s *definition) wrapTemplate(e *hclsyntax.TemplateExpr, src bakeSource, plain, verbs bool) {
	for i, part := range e.Parts {
		literal, ok := part.(*hclsyntax.LiteralValueExpr)
		if !ok || literal.Val.IsNull() || literal.Val.Type() != cty.String {
			e.Parts[i] = s.wrap(part, src, plain)
			continue
		}
		if plain {
			continue
		}
		at := literal.SrcRange
		text := written(src(at.Start.Byte, at.End.Byte), literal.Val.AsString())
		texts := []bakePart{{Text: text}}
		if verbs {
			texts = splitVerbs(text)
		}
		e.Parts[i] = &bakeLiteral{Expression: literal, s: s, texts: texts}
	}
}

func (s *definition) wrapCall(e *hclsyntax.FunctionCallExpr, src bakeSource, plain bool) {
	decides := bakeDecides[e.Name]
	for i, arg := range e.Args {
		template, ok := arg.(*hclsyntax.TemplateExpr)
		if ok && i == 0 && !plain && (e.Name == "format" || e.Name == "formatlist") {
			s.wrapTemplate(template, src, false, true)
			e.Args[i] = &bakeNode{Expression: template, s: s}
			continue
		}
		e.Args[i] = s.wrap(arg, src, plain || decides == allArguments || decides > 0 && i == decides-1)
	}
}

// splitVerbs splits the text of a format at its verbs, such as %s and %-5[1]d.
func splitVerbs(t trace.Text) []bakePart {
	var all []bakePart
	for {
		i := strings.IndexByte(t.S, '%')
		if i < 0 || i+1 == len(t.S) {
			return append(all, bakePart{Text: t})
		}
		end := i + 1
		for end < len(t.S)-1 && strings.IndexByte("0123456789+-# .[]*", t.S[end]) >= 0 {
			end++
		}
		end++
		all = append(all, bakePart{Text: t.Slice(0, i)}, bakePart{Text: t.Slice(i, end), verb: true})
		t = t.Slice(end, len(t.S))
	}
}
