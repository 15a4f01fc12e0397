package bake

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// parseJSON reads the JSON form of a bake file: blocks are objects by their label,
// and each string is a template (HCL, "JSON Syntax Specification").
func (s *definition) parseJSON(b *bakeFile) error {
	y, err := yamltext.Parse(b.File)
	if err != nil {
		var value any
		var syntax *json.SyntaxError
		if errors.As(json.Unmarshal(b.Src, &value), &syntax) { // that knows the place better
			e := &bakeError{message: syntax.Error()}
			e.line, e.col = y.Lines.Position(max(0, int(syntax.Offset)-1))
			return e
		}
		return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(y.Docs) == 0 {
		return nil
	}
	for _, top := range yamltext.Pairs(y.Docs[0]) {
		kind := top.Key.Value
		if kind != "variable" && kind != "function" && kind != "target" && kind != "group" {
			b.locals[kind] = s.jsonExpr(y, top.Value, 0)
			continue
		}
		for _, labels := range yamltext.Items(top.Value) {
			for _, labelled := range yamltext.Pairs(labels) {
				for _, block := range yamltext.Items(labelled.Value) {
					s.declareJSON(b, y, kind, labelled.Key, block)
				}
			}
		}
	}
	return nil
}

func (s *definition) declareJSON(b *bakeFile, y *yamltext.File, kind string, label, block *yaml.Node) {
	attrs := map[string]hclsyntax.Expression{}
	for _, p := range yamltext.Pairs(block) {
		switch p.Key.Value {
		case "type", "params", "variadic_params":
			attrs[p.Key.Value] = jsonKeywords(p.Value)
		case "result":
			attrs["result"] = s.jsonExpr(y, p.Value, 0)
		default:
			attrs[p.Key.Value] = s.jsonExpr(y, p.Value, 0)
		}
	}
	target := b.declare(kind, label.Value, attrs)
	if target == nil {
		return
	}
	target.pos = y.Pos(label)
	for _, p := range yamltext.Pairs(block) {
		target.at[p.Key.Value] = y.Pos(p.Key)
	}
}

// jsonKeywords reads what JSON gives as strings and HCL as words: types, and the
// names of parameters.
func jsonKeywords(n *yaml.Node) hclsyntax.Expression {
	if n.Kind == yaml.SequenceNode {
		list := &hclsyntax.TupleConsExpr{}
		for _, item := range yamltext.Items(n) {
			if item.Kind == yaml.ScalarNode {
				list.Exprs = append(list.Exprs, jsonKeywords(item))
			}
		}
		return list
	}
	tokens, _ := hclsyntax.LexExpression([]byte(n.Value), "", hcl.InitialPos)
	if shallow(tokens) == nil {
		if expr, diags := hclsyntax.ParseExpression([]byte(n.Value), "", hcl.InitialPos); !diags.HasErrors() {
			return expr
		}
	}
	return &hclsyntax.LiteralValueExpr{Val: cty.StringVal(n.Value)}
}

// jsonExpr makes an expression of a value of JSON.
func (s *definition) jsonExpr(y *yamltext.File, n *yaml.Node, depth int) hclsyntax.Expression {
	var expr hclsyntax.Expression
	switch {
	case n == nil || depth > maxBakeNesting || n.Anchor != "":
		return s.jsonValue(cty.DynamicVal) // JSON has no anchors
	case n.Kind == yaml.SequenceNode:
		list := &hclsyntax.TupleConsExpr{}
		for _, item := range n.Content {
			list.Exprs = append(list.Exprs, s.jsonExpr(y, item, depth+1))
		}
		expr = list
	case n.Kind == yaml.MappingNode:
		object := &hclsyntax.ObjectConsExpr{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			object.Items = append(object.Items, hclsyntax.ObjectConsItem{
				KeyExpr:   s.jsonString(trace.Plain(key.Value)),
				ValueExpr: s.jsonExpr(y, n.Content[i+1], depth+1),
			})
		}
		expr = object
	case n.Kind != yaml.ScalarNode:
		return s.jsonValue(cty.DynamicVal)
	case n.Tag == "!!null":
		return s.jsonValue(cty.NullVal(cty.DynamicPseudoType))
	case n.Tag == "!!bool":
		return s.jsonValue(cty.BoolVal(n.Value == "true"))
	case n.Tag == "!!int" || n.Tag == "!!float":
		tokens, _ := hclsyntax.LexExpression([]byte(n.Value), "", hcl.InitialPos)
		v, err := cty.DynamicVal, shallow(tokens)
		if err == nil && len(n.Value) <= 100 {
			if v, err = cty.ParseNumberVal(n.Value); err != nil {
				v = cty.DynamicVal
			}
		}
		return s.jsonValue(v)
	default:
		return s.jsonString(jsonText(y, n))
	}
	return &bakeNode{Expression: expr, s: s}
}

func (s *definition) jsonValue(v cty.Value) hclsyntax.Expression {
	return &bakeNode{Expression: &hclsyntax.LiteralValueExpr{Val: v}, s: s}
}

// jsonText is [yamltext.File.Text] that sees behind the escapes of JSON: in that form each
// string within a template has them.
func jsonText(y *yamltext.File, n *yaml.Node) trace.Text {
	raw, ok := y.Offset(n)
	if !ok || n.Style != yaml.DoubleQuotedStyle || raw >= len(y.Src) || y.Src[raw] != '"' {
		return y.Text(n)
	}
	places := make([]int, len(n.Value))
	for i := range places {
		places[i] = -1
	}
	text := func() trace.Text { return y.Placed(n.Value, places) }
	raw++
	for i := 0; i < len(n.Value) && raw+1 < len(y.Src); {
		c, next := y.Src[raw], y.Src[raw+1]
		switch {
		case c != '\\':
			if c != n.Value[i] {
				return text()
			}
			places[i] = raw
			i, raw = i+1, raw+1
		case next == 'u':
			code, err := strconv.ParseUint(string(y.Src[raw+2:min(raw+6, len(y.Src))]), 16, 16)
			r, size := utf8.DecodeRuneInString(n.Value[i:])
			if err != nil || rune(code) != r {
				return text()
			}
			i, raw = i+size, raw+6
		default:
			if next == n.Value[i] { // \" and the like
				places[i] = raw + 1
			}
			i, raw = i+1, raw+2
		}
	}
	return text()
}

// jsonString makes a template of a string. The parser sees the value of the string,
// whose bytes know by themselves where they stand.
func (s *definition) jsonString(t trace.Text) hclsyntax.Expression {
	literal := &hclsyntax.LiteralValueExpr{Val: cty.StringVal(t.S)}
	if !strings.Contains(t.S, "${") && !strings.Contains(t.S, "%{") {
		text := t
		if literal.Val.AsString() != t.S {
			text = trace.Plain(literal.Val.AsString())
		}
		return &bakeLiteral{Expression: literal, s: s, texts: []bakePart{{Text: text}}}
	}
	tokens, _ := hclsyntax.LexTemplate([]byte(t.S), "", hcl.InitialPos)
	if shallow(tokens) != nil {
		return s.jsonValue(cty.DynamicVal)
	}
	expr, diags := hclsyntax.ParseTemplate([]byte(t.S), "", hcl.InitialPos)
	if diags.HasErrors() {
		return &bakeNode{Expression: &bakeFailure{literal, hclError(diags, func(hcl.Range) source.Pos { return source.Pos{} })}, s: s}
	}
	return s.wrap(expr, func(start, end int) trace.Text { return t.Slice(start, end) }, false)
}

// A bakeFailure is a string of JSON that is no template.
type bakeFailure struct {
	hclsyntax.Expression
	err error
}

// Value returns the error.
func (f *bakeFailure) Value(*hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	return cty.DynamicVal, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Not a template", Detail: f.err.Error()}}
}
