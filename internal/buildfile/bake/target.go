package bake

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// build makes the build of a target; ok is false where it builds no Dockerfile of
// the repository.
func (s *definition) build(name string) (b reading.Build, ok bool) {
	layers := s.inherited(name)
	if len(layers) == 0 {
		return b, false
	}
	context, _ := s.scalar(layers, "context")
	file, _ := s.scalar(layers, "dockerfile")
	fromDir := strings.HasPrefix(file.S, "cwd://")
	none := false
	if b.Inline, none = s.inline(name, layers); none {
		return b, false
	}
	if b.Inline.S != "" {
		b.Context = s.contextDir(context)
	} else if b.Dockerfile, b.Context, ok = s.find(strings.TrimPrefix(context.S, "cwd://"), strings.TrimPrefix(file.S, "cwd://"), fromDir); !ok {
		return b, false
	}
	own := s.blockOf(name)
	b.Where = own.pos
	if target, _ := s.scalar(layers, "target"); !strings.Contains(target.S, reading.Unknown) {
		b.Target = target.S
	} else {
		s.problem(source.CodeUnknownStage, own.pos, fmt.Sprintf("target %q: the stage that it builds is not known, the last is taken for it", own.label))
	}
	for _, image := range s.images(name) {
		b.AddImage(image)
	}
	b.Name = s.nameOf(name)
	b.Platforms = s.platforms(layers)
	for _, arg := range s.merged(layers, "args") {
		b.Pass(arg.key, arg.text)
	}
	for _, c := range s.merged(layers, "contexts") {
		context := scanner.Context{Name: c.key, Key: c.name, Value: reading.ContextValue(c.text)}
		if target, ok := strings.CutPrefix(c.text.S, "target:"); ok && !strings.Contains(target, reading.Unknown) {
			context.Link = s.nameOf(target)
		}
		b.Contexts = append(b.Contexts, context)
	}
	b.Settings = s.settings(layers)
	return b, true
}

// nameOf returns what other builds know a target by; "" where there is none.
func (s *definition) nameOf(name string) string {
	if len(s.instances[name]) == 0 {
		s.others()
	}
	if len(s.instances[name]) > 0 {
		return s.blockOf(name).file.leader + "#" + name
	}
	return ""
}

// platforms returns what a target is built for.
func (s *definition) platforms(layers []*bakeInstance) []string {
	for _, in := range slices.Backward(layers) {
		var all []string
		for _, e := range s.elements(in, "platforms") {
			all = reading.AddPlatform(all, e.text.S)
		}
		if in.block.attrs["platforms"] != nil {
			return all
		}
	}
	return nil
}

// images returns the references that a target gets, as they are written: of some not all may be known.
func (s *definition) images(name string) []trace.Text {
	if images, ok := s.tags[name]; ok {
		return images
	}
	var images []trace.Text
	for _, in := range slices.Backward(s.inherited(name)) {
		tags := s.elements(in, "tags")
		if tags == nil {
			continue
		}
		for _, tag := range tags {
			images = append(images, tag.text)
		}
		break
	}
	s.tags[name] = images
	return images
}

// merged returns the entries of a map that targets add to one after the other,
// sorted by key.
func (s *definition) merged(layers []*bakeInstance, attr string) []bakeElement {
	all := map[string]bakeElement{}
	for _, in := range layers {
		for _, e := range s.elements(in, attr) {
			if e.key == "" { // a map that is not known may replace any of them
				clear(all)
				continue
			}
			all[e.key] = e
		}
	}
	var sorted []bakeElement
	for _, key := range slices.Sorted(maps.Keys(all)) {
		sorted = append(sorted, all[key])
	}
	return sorted
}

// scalar returns the value of an attribute of the last target that has it; one that
// cannot be evaluated is unknown.
func (s *definition) scalar(layers []*bakeInstance, attr string) (t trace.Text, ok bool) {
	for _, in := range slices.Backward(layers) {
		expr := in.block.attrs[attr]
		if expr == nil {
			continue
		}
		e, found := in.memo[attr].(bakeElement)
		if !found {
			e = s.element(in, expr, attr, "", func(v cty.Value) (cty.Value, error) { return v, nil })
			in.memo[attr] = e
		}
		if !e.null {
			return e.text, true
		}
	}
	return t, false
}

// A bakeElement is an attribute, or an element of one.
type bakeElement struct {
	key  string     // of a map
	name trace.Text // key, of contexts, with its places
	text trace.Text
	null bool
}

// elements returns the elements of a list or map, without null. It is nil where
// the target does not have the attribute; what cannot be evaluated is one unknown
// element without a key.
func (s *definition) elements(in *bakeInstance, attr string) []bakeElement {
	expr := in.block.attrs[attr]
	if expr == nil {
		return nil
	}
	if all, ok := in.memo[attr].([]bakeElement); ok {
		return all
	}
	in.memo[attr] = []bakeElement{} // for one that refers to itself
	all := []bakeElement{}
	add := func(key string, expr hclsyntax.Expression, pick func(cty.Value) (cty.Value, error)) {
		e := s.element(in, expr, attr, key, pick)
		if !e.null {
			all = append(all, e)
		}
	}
	same := func(v cty.Value) (cty.Value, error) { return v, nil }
	isMap := attr == "args" || attr == "contexts"
	switch e := hcl.UnwrapExpression(expr).(type) {
	case *hclsyntax.TupleConsExpr:
		if isMap {
			all = append(all, s.unknown(in, attr, "", errBakeShape))
			break
		}
		for _, item := range e.Exprs {
			add("", item, same)
		}
	case *hclsyntax.ObjectConsExpr:
		for _, item := range e.Items {
			v, err := s.value(in, item.KeyExpr)
			key := ""
			if err == nil {
				key, err = bakeString(v)
			}
			if err != nil || key == "" || strings.Contains(key, reading.Unknown) {
				all = append(all, s.unknown(in, attr, "", err))
				continue
			}
			n := len(all)
			if add(key, item.ValueExpr, same); attr == "contexts" && len(all) > n && strings.ContainsAny(key, ":@") {
				all[n].name = s.keys[item.KeyExpr]
			}
		}
	default:
		v, err := s.value(in, expr)
		switch {
		case err != nil:
			all = append(all, s.unknown(in, attr, "", err))
		case v.IsNull():
			all = nil
		case !v.IsKnown() || !v.CanIterateElements():
			all = append(all, s.unknown(in, attr, "", nil))
		case isMap && (v.Type().IsObjectType() || v.Type().IsMapType()):
			for _, key := range slices.Sorted(maps.Keys(v.AsValueMap())) {
				add(key, expr, func(v cty.Value) (cty.Value, error) { return bakeMember(v, key) })
			}
		case isMap:
			all = append(all, s.unknown(in, attr, "", errBakeShape))
		default:
			for i := range v.LengthInt() {
				add("", expr, func(v cty.Value) (cty.Value, error) { return bakeItem(v, i) })
			}
		}
	}
	in.memo[attr] = all
	return all
}

// unknown stands for an attribute, or what it has for a key, that could not be evaluated, and says so.
func (s *definition) unknown(in *bakeInstance, attr, key string, err error) bakeElement {
	name := attr
	if key != "" {
		name += "." + key
	}
	if err != nil {
		s.problem(source.CodeNotEvaluated, in.block.at[attr], fmt.Sprintf("target %q: %s cannot be evaluated: %s", in.block.label, name, bakeReason(err)))
	}
	return bakeElement{key: key, text: trace.Plain(reading.Unknown)}
}

var errBakeNull = errors.New("it is null")

// element evaluates an expression and follows the text of what pick takes of it.
func (s *definition) element(in *bakeInstance, expr hclsyntax.Expression, attr, key string, pick func(cty.Value) (cty.Value, error)) bakeElement {
	run := s.plain // the first is on the texts as they are
	text, err := trace.Follow(func(enc trace.Encoder) (string, error) {
		if run == nil {
			run = newBakeRun(s, enc)
			s.steps += 50 // for the contexts that it makes anew
		}
		v, err := s.evaluate(in, expr, run)
		run = nil
		if err != nil {
			return "", err
		}
		if v, err = pick(v); err != nil {
			return "", err
		}
		return bakeString(v)
	})
	switch {
	case errors.Is(err, errBakeNull):
		return bakeElement{key: key, null: true}
	case err != nil:
		return s.unknown(in, attr, key, err)
	}
	return bakeElement{key: key, text: text}
}

// value evaluates an expression without marks.
func (s *definition) value(in *bakeInstance, expr hclsyntax.Expression) (cty.Value, error) {
	return s.evaluate(in, expr, s.plain)
}

func (s *definition) evaluate(in *bakeInstance, expr hclsyntax.Expression, run *bakeRun) (cty.Value, error) {
	before := s.run // of an evaluation that needs a file beside this one
	s.run, run.steps = run, 0
	defer func() { s.run = before }()
	return run.eval(in, expr)
}

// bakeString returns the text that a value is; unknown for one that is not known.
func bakeString(v cty.Value) (string, error) {
	switch {
	case v.IsKnown() && v.IsNull():
		return "", errBakeNull
	case !v.IsWhollyKnown():
		return reading.Unknown, nil
	}
	text, err := convert.Convert(v, cty.String)
	if err != nil {
		return "", errors.New("it is no text")
	}
	return text.AsString(), nil
}
