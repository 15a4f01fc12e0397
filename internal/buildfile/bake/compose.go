package bake

import (
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/matihlabs/propagate/internal/buildfile/compose"
	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// loadCompose takes the services of a compose project in as targets, which the blocks of bake
// files add to: bake reads compose files before its own, whatever the order in which they are given.
func (s *definition) loadCompose(p *compose.Project) {
	p.Include()
	b := newBakeFile(p.Main.File.File, p.Main.Path)
	b.composed = true
	done := map[string]bool{}
	for _, name := range p.Names() {
		service := p.Service(name)
		builds := compose.Fields(service, "build")
		if len(builds) == 0 || done[name] || p.Left < 0 {
			continue
		}
		done[name] = true
		block := b.declare("target", name, s.composeAttributes(p, service, builds))
		block.pos = p.Where(name)
		for attr := range block.attrs {
			block.at[attr] = block.pos
		}
	}
	s.own = append([]*bakeFile{b}, s.own...)
}

// composeAttributes returns what a service says of its build as attributes of a target.
func (s *definition) composeAttributes(p *compose.Project, service, builds []compose.Layer) map[string]hclsyntax.Expression {
	attrs := map[string]hclsyntax.Expression{}
	dir, context := p.Context(builds)
	if below := reading.Within(dir, context); below != "" {
		context = upFrom(s.starts()[0]) + below
	}
	attrs["context"] = s.literal(trace.Plain(context))
	for attr, key := range map[string]string{"dockerfile": "dockerfile", "dockerfile-inline": "dockerfile_inline", "target": "target"} {
		if value, ok := p.Field(builds, key); ok {
			attrs[attr] = s.literal(value)
		}
	}
	args, contexts := &hclsyntax.ObjectConsExpr{}, &hclsyntax.ObjectConsExpr{}
	put := func(object *hclsyntax.ObjectConsExpr, name string, key, value trace.Text) {
		at := s.literal(trace.Plain(name))
		s.keys[at] = key
		object.Items = append(object.Items, hclsyntax.ObjectConsItem{KeyExpr: at, ValueExpr: s.literal(value)})
	}
	for _, a := range p.Arguments(builds) {
		put(args, a.Name, a.Key, a.Value)
	}
	for _, a := range p.Contexts(builds) {
		value := a.Value
		if name, ok := strings.CutPrefix(value.S, "service:"); ok {
			value = trace.Plain("target:" + name)
		}
		put(contexts, a.Name, a.Key, value)
	}
	list := func(texts []trace.Text) *hclsyntax.TupleConsExpr {
		all := &hclsyntax.TupleConsExpr{}
		for _, t := range texts {
			all.Exprs = append(all.Exprs, s.literal(t))
		}
		return all
	}
	var platforms []trace.Text
	for _, platform := range p.Platforms(service, builds) {
		platforms = append(platforms, trace.Plain(platform))
	}
	for attr, expr := range map[string]hclsyntax.Expression{"args": args, "contexts": contexts, "tags": list(p.Images(service, builds)), "platforms": list(platforms)} {
		if object, ok := expr.(*hclsyntax.ObjectConsExpr); ok && len(object.Items) == 0 {
			continue
		}
		if tuple, ok := expr.(*hclsyntax.TupleConsExpr); ok && len(tuple.Exprs) == 0 {
			continue
		}
		attrs[attr] = &bakeNode{Expression: expr, s: s}
	}
	return attrs
}

// has reports whether a file declares a target.
func (b *bakeFile) has(target string) bool {
	return slices.ContainsFunc(b.targets, func(block *bakeBlock) bool { return block.label == target })
}

// literal makes an expression of a text, whatever stands in it.
func (s *definition) literal(t trace.Text) hclsyntax.Expression {
	literal := &hclsyntax.LiteralValueExpr{Val: cty.StringVal(t.S)}
	if literal.Val.AsString() != t.S {
		t = trace.Plain(literal.Val.AsString())
	}
	return &bakeLiteral{Expression: literal, s: s, texts: []bakePart{{Text: t}}}
}

// upFrom returns what leads from a directory back to the root, "" for that.
func upFrom(dir string) string {
	if dir = path.Clean(dir); dir == "." {
		return ""
	}
	return strings.Repeat("../", 1+strings.Count(dir, "/"))
}

// blockOf returns the block of a target that it is known by: the first of a bake file, a service
// where there is none.
func (s *definition) blockOf(name string) *bakeBlock {
	own := s.instances[name]
	for _, in := range own {
		if !in.block.file.composed {
			return in.block
		}
	}
	return own[0].block
}
