package bake

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
)

// settings returns what a target says besides. What cannot be evaluated of it is left out, and nothing is said of
// that: no reference depends on it.
func (s *definition) settings(layers []*bakeInstance) reading.Settings {
	var all reading.Settings
	for _, in := range layers {
		for name, value := range s.texts(in, "labels") {
			put(&all.Labels, name, value)
		}
		for _, text := range s.list(in, "secret") {
			all.Secret = addOnce(all.Secret, s.fromRoot(text))
		}
		for _, text := range s.list(in, "ssh") {
			all.SSH = addOnce(all.SSH, text)
		}
		for name, variable := range s.open(in) {
			if delete(all.Open, name); variable != "" {
				put(&all.Open, name, variable)
			}
		}
	}
	return all
}

func put(m *map[string]string, name, value string) {
	if *m == nil {
		*m = map[string]string{}
	}
	(*m)[name] = value
}

func addOnce(all []string, text string) []string {
	if slices.Contains(all, text) {
		return all
	}
	return append(all, text)
}

// quietly evaluates an attribute of a target; ok is false where it has none, or that cannot be done.
func (s *definition) quietly(in *bakeInstance, attr string) (v cty.Value, ok bool) {
	expr := in.block.attrs[attr]
	if expr == nil {
		return v, false
	}
	s.steps += 50
	v, err := s.value(in, expr)
	return v, err == nil && v.IsKnown() && !v.IsNull() && v.CanIterateElements()
}

// texts returns the entries of a map that are known.
func (s *definition) texts(in *bakeInstance, attr string) map[string]string {
	v, ok := s.quietly(in, attr)
	if !ok || !v.Type().IsObjectType() && !v.Type().IsMapType() {
		return nil
	}
	texts := map[string]string{}
	for name, value := range v.AsValueMap() {
		if text, err := bakeString(value); err == nil && !strings.Contains(name+text, reading.Unknown) {
			texts[name] = text
		}
	}
	return texts
}

// list returns the elements of a list that are known: an object as "NAME=VALUE,NAME=VALUE", which means the same.
func (s *definition) list(in *bakeInstance, attr string) []string {
	v, ok := s.quietly(in, attr)
	if !ok || v.Type().IsObjectType() || v.Type().IsMapType() {
		return nil
	}
	var list []string
	for _, value := range v.AsValueSlice() {
		text, err := bakeString(value)
		if err != nil {
			text, err = pairs(value)
		}
		if err == nil && text != "" && !strings.Contains(text, reading.Unknown) {
			list = append(list, text)
		}
	}
	return list
}

// pairs writes an object as pairs.
func pairs(v cty.Value) (string, error) {
	if v.IsNull() || !v.IsWhollyKnown() || !v.Type().IsObjectType() && !v.Type().IsMapType() {
		return "", errBakeShape
	}
	values := v.AsValueMap()
	var all []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if values[name].IsNull() {
			continue
		}
		text, err := bakeString(values[name])
		if err != nil || strings.ContainsAny(text, ",\"\n") {
			return "", errBakeShape
		}
		all = append(all, name+"="+text)
	}
	return strings.Join(all, ","), nil
}

// fromRoot returns a secret with the path of its source from the root: bake has it from the directory that it is run in.
func (s *definition) fromRoot(secret string) string {
	fields := strings.Split(secret, ",")
	for i, field := range fields {
		name, value, _ := strings.Cut(field, "=")
		if key := strings.ToLower(name); (key == "src" || key == "source") && value != "" && !path.IsAbs(value) && value[0] != '~' {
			fields[i] = name + "=" + path.Join(s.starts()[0], value)
		}
	}
	return strings.Join(fields, ",")
}

// open returns of each argument of a target which variable it is the value of, where the files leave that to the
// environment; "" for every other.
func (s *definition) open(in *bakeInstance) map[string]string {
	object, ok := bare(in.block.attrs["args"]).(*hclsyntax.ObjectConsExpr)
	if !ok {
		return nil
	}
	known := map[string]string{}
	for _, e := range s.elements(in, "args") {
		known[e.key] = e.text.S
	}
	open := map[string]string{}
	for _, item := range object.Items {
		v, err := s.value(in, item.KeyExpr)
		if err != nil {
			continue
		}
		key, err := bakeString(v)
		if err != nil {
			continue
		}
		open[key] = ""
		if on, ok := bare(item.ValueExpr).(*hclsyntax.ScopeTraversalExpr); ok && len(on.Traversal) == 1 && known[key] == reading.Unknown && s.declares(on.Traversal.RootName()) {
			open[key] = on.Traversal.RootName()
		}
	}
	return open
}

// bare returns an expression without what only stands around it, as the quotes of "${NAME}" do.
func bare(expr hclsyntax.Expression) hcl.Expression {
	if expr == nil {
		return nil
	}
	var e hcl.Expression = expr
	for {
		e = hcl.UnwrapExpression(e)
		switch around := e.(type) {
		case *hclsyntax.TemplateWrapExpr:
			e = around.Wrapped
		case *hclsyntax.ParenthesesExpr:
			e = around.Expression
		default:
			return e
		}
	}
}
