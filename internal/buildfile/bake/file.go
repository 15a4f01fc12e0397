package bake

import (
	"cmp"
	"errors"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// A bakeFile is what one file declares, in HCL or JSON.
type bakeFile struct {
	*trace.File
	leader  string // the path of the file that it is merged into, or its own
	vars    map[string]bakeVar
	locals  map[string]hclsyntax.Expression
	funcs   map[string]bakeFunc
	targets []*bakeBlock
	groups  []hclsyntax.Expression // what each of them lists

	composed bool // of services of a compose file, which only bake files make targets of their own
}

type bakeVar struct {
	value hclsyntax.Expression // nil for none
	kind  cty.Type             // NilType for any
}

type bakeFunc struct {
	params   []string
	variadic string
	result   hclsyntax.Expression
}

// A bakeBlock is a target as it is written.
type bakeBlock struct {
	file  *bakeFile
	label string
	pos   source.Pos
	attrs map[string]hclsyntax.Expression
	at    map[string]source.Pos // of the attributes
}

func newBakeFile(f *trace.File, leader string) *bakeFile {
	return &bakeFile{
		File: f, leader: leader,
		vars: map[string]bakeVar{}, locals: map[string]hclsyntax.Expression{}, funcs: map[string]bakeFunc{},
	}
}

// A bakeError is what is wrong with the syntax of a file.
type bakeError struct {
	line, col int
	message   string
}

// Error returns the message.
func (e *bakeError) Error() string { return e.message }

// parse reads a file in the form that its name says.
func (s *definition) parse(f *trace.File, leader string) (*bakeFile, error) {
	b := newBakeFile(f, leader)
	if strings.HasSuffix(f.Path, ".json") {
		return b, s.parseJSON(b)
	}
	return b, s.parseHCL(b)
}

func (s *definition) parseHCL(b *bakeFile) error {
	pos := func(at hcl.Range) source.Pos {
		line, col := b.Lines.Position(min(at.Start.Byte, len(b.Src)))
		return source.Pos{Path: b.Path, Line: line, Col: col}
	}
	tokens, diags := hclsyntax.LexConfig(b.Src, b.Path, hcl.InitialPos)
	if err := shallow(tokens); err != nil {
		return err
	}
	if diags.HasErrors() {
		return hclError(diags, pos)
	}
	parsed, diags := hclsyntax.ParseConfig(b.Src, b.Path, hcl.InitialPos)
	if diags.HasErrors() {
		return hclError(diags, pos)
	}
	body, ok := parsed.Body.(*hclsyntax.Body)
	if !ok {
		return errors.New("there is nothing in it")
	}
	src := func(start, end int) trace.Text { return b.Text(start, end) }
	for name, attr := range body.Attributes {
		b.locals[name] = s.wrap(attr.Expr, src, false)
	}
	for _, block := range body.Blocks {
		if len(block.Labels) != 1 {
			continue
		}
		attrs := map[string]hclsyntax.Expression{}
		for name, attr := range block.Body.Attributes {
			attrs[name] = attr.Expr
			if name != "type" && name != "params" && name != "variadic_params" {
				attrs[name] = s.wrap(attr.Expr, src, false)
			}
		}
		target := b.declare(block.Type, block.Labels[0], attrs)
		if target == nil {
			continue
		}
		target.pos = pos(block.TypeRange)
		for name, attr := range block.Body.Attributes {
			target.at[name] = pos(attr.NameRange)
		}
	}
	return nil
}

// declare takes a block in; it returns it if it is a target.
func (b *bakeFile) declare(kind, label string, attrs map[string]hclsyntax.Expression) *bakeBlock {
	switch kind {
	case "variable":
		v := bakeVar{value: attrs["default"]}
		if ty := attrs["type"]; ty != nil {
			if kind, diags := typeexpr.TypeConstraint(ty); !diags.HasErrors() && kind != cty.DynamicPseudoType {
				v.kind = kind
			}
		}
		b.vars[label] = v
	case "function":
		if attrs["result"] == nil || attrs["params"] == nil {
			return nil
		}
		f := bakeFunc{result: attrs["result"]}
		params, _ := hcl.ExprList(attrs["params"])
		for _, p := range params {
			f.params = append(f.params, hcl.ExprAsKeyword(p))
		}
		if attrs["variadic_params"] != nil {
			f.variadic = hcl.ExprAsKeyword(attrs["variadic_params"])
		}
		b.funcs[label] = f
	case "group":
		if attrs["targets"] != nil {
			b.groups = append(b.groups, attrs["targets"])
		}
	case "target":
		t := &bakeBlock{file: b, label: label, attrs: attrs, at: map[string]source.Pos{}}
		b.targets = append(b.targets, t)
		return t
	}
	return nil
}

const (
	maxBakeNesting   = 200
	maxBakeOperators = 20_000
)

// shallow refuses what would take parsers, which call themselves, too deep.
func shallow(tokens hclsyntax.Tokens) error {
	depth, operators := 0, 0
	for _, token := range tokens {
		switch token.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOParen, hclsyntax.TokenOBrack, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl, hclsyntax.TokenOQuote:
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCParen, hclsyntax.TokenCBrack, hclsyntax.TokenTemplateSeqEnd, hclsyntax.TokenCQuote:
			depth = max(0, depth-1)
		}
		switch token.Type {
		case hclsyntax.TokenBang, hclsyntax.TokenMinus, hclsyntax.TokenPlus, hclsyntax.TokenStar, hclsyntax.TokenSlash,
			hclsyntax.TokenPercent, hclsyntax.TokenQuestion, hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenEqualOp,
			hclsyntax.TokenNotEqual, hclsyntax.TokenLessThan, hclsyntax.TokenGreaterThan, hclsyntax.TokenLessThanEq,
			hclsyntax.TokenGreaterThanEq, hclsyntax.TokenTemplateControl, hclsyntax.TokenOBrack:
			operators++
		case hclsyntax.TokenNumberLit:
			if _, exponent, ok := strings.Cut(strings.ToLower(string(token.Bytes)), "e"); len(token.Bytes) > 100 || ok && len(exponent) > 4 {
				return &bakeError{token.Range.Start.Line, token.Range.Start.Column, "the number is too large"}
			}
		}
		if depth > maxBakeNesting || operators > maxBakeOperators {
			return &bakeError{token.Range.Start.Line, token.Range.Start.Column, "expressions are nested too deep"}
		}
	}
	return nil
}

// hclError makes one error of the first that a parser of HCL found.
func hclError(diags hcl.Diagnostics, pos func(hcl.Range) source.Pos) error {
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		e := &bakeError{message: hclMessage(d)}
		if d.Subject != nil {
			at := pos(*d.Subject)
			e.line, e.col = at.Line, at.Col
		}
		return e
	}
	return diags
}

// hclMessage returns what a diagnostic says, as one of ours: its first sentence.
func hclMessage(d *hcl.Diagnostic) string {
	message, _, _ := strings.Cut(strings.Join(strings.Fields(d.Detail), " "), ". ")
	message = strings.TrimRight(message, ".")
	if message == "" {
		message = cmp.Or(d.Summary, "it cannot be read")
	}
	// Of functions that call each other the last is the one that failed.
	if i := strings.LastIndex(message, "all to function \""); i > 0 {
		message = message[i-1:]
	}
	return strings.ToLower(message[:1]) + message[1:]
}

// bakeReason says in one line why something could not be evaluated.
func bakeReason(err error) string {
	var diags hcl.Diagnostics
	if errors.As(err, &diags) {
		for _, d := range diags {
			if d.Severity == hcl.DiagError {
				return source.Clean(hclMessage(d))
			}
		}
	}
	return source.Clean(err.Error())
}
