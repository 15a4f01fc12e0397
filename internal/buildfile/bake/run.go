package bake

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/matihlabs/propagate/internal/trace"
)

// Bounds for what a bake file may ask for. Its language can double a text in each
// line; files that people write stay far below.
const (
	maxBakeString   = 16 << 10  // bytes
	maxBakeValue    = 128 << 10 // bytes, with 16 for each element
	maxBakeCalls    = 50        // of functions of the file, in each other
	maxBakeRunSteps = 200_000   // of one evaluation
	maxBakeSteps    = 5_000_000
	maxBakeMatrix   = 1000 // targets that one block makes
	maxBakeLayers   = 200  // targets that one inherits from
)

var (
	errBakeSize  = errors.New("the value is too large")
	errBakeSteps = errors.New("the file takes too long to evaluate")
)

// A bakeRun evaluates expressions with texts that are marked in one way.
type bakeRun struct {
	s     *definition
	enc   trace.Encoder
	marks map[rune]byte
	steps int
	calls int

	plainly bool // while texts are not marked, for a function that fails with marks

	root    *hcl.EvalContext // what is at the top of the files, as far as it was needed
	busy    map[string]bool  // what is being evaluated, to find what needs itself
	failed  map[string]error // of variables, to evaluate each once
	targets map[string]map[string]cty.Value
	matrix  map[*bakeBlock]cty.Value
}

func newBakeRun(s *definition, enc trace.Encoder) *bakeRun {
	return &bakeRun{
		s: s, enc: enc, marks: map[rune]byte{}, busy: map[string]bool{},
		root:    &hcl.EvalContext{Variables: map[string]cty.Value{}, Functions: map[string]function.Function{}},
		failed:  map[string]error{},
		targets: map[string]map[string]cty.Value{}, matrix: map[*bakeBlock]cty.Value{},
	}
}

func (r *bakeRun) step(n int) error {
	r.steps += n
	r.s.steps += n
	if r.steps > maxBakeRunSteps || r.s.steps > maxBakeSteps {
		return errBakeSteps
	}
	return nil
}

// weigh refuses values that are too large, before something is made of them.
func (r *bakeRun) weigh(v cty.Value) error {
	size := 0
	if !weigh(v, &size) {
		r.s.steps += maxBakeSteps / 100 // what was done for it counts as well
		return errBakeSize
	}
	return r.step(size / 64)
}

func weigh(v cty.Value, size *int) bool {
	*size += 16
	switch {
	case *size > maxBakeValue:
		return false
	case v.IsNull() || !v.IsKnown():
	case v.Type() == cty.String:
		n := len(v.AsString())
		*size += n
		return n <= 4*maxBakeString // a mark is four bytes
	case v.Type() == cty.Number:
		exponent := v.AsBigFloat().MantExp(nil)
		return exponent < 1000 && exponent > -1000
	case v.CanIterateElements():
		for it := v.ElementIterator(); it.Next(); {
			if _, element := it.Element(); !weigh(element, size) {
				return false
			}
		}
	}
	return *size <= maxBakeValue
}

// encode is [trace.Encoder.Text] that remembers which byte each mark stands for.
func (r *bakeRun) encode(t trace.Text) string {
	encoded := r.enc.Text(t)
	if encoded == t.S {
		return encoded
	}
	i := 0
	for _, c := range encoded {
		switch {
		case c >= firstPrivate && i < len(t.S):
			r.marks[c] = t.S[i]
			i++
		default:
			i += len(string(c))
		}
	}
	return encoded
}

const firstPrivate = 0xF0000 // of the planes that marks are of

// unmarked returns a value with the texts that the file has.
func (r *bakeRun) unmarked(v cty.Value) cty.Value {
	if len(r.marks) == 0 {
		return v
	}
	plain, err := cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if v.Type() != cty.String || v.IsNull() || !v.IsKnown() {
			return v, nil
		}
		return cty.StringVal(strings.Map(func(c rune) rune {
			if b, ok := r.marks[c]; ok {
				return rune(b)
			}
			return c
		}, v.AsString())), nil
	})
	if err != nil {
		return v
	}
	return plain
}

// resolve makes sure that the value that a reference begins with is known.
func (r *bakeRun) resolve(ctx *hcl.EvalContext, ref hcl.Traversal) error {
	name := ref.RootName()
	for c := ctx; c != nil; c = c.Parent() {
		if _, ok := c.Variables[name]; ok && (c != r.root || name != "target") {
			return nil
		}
	}
	if name == "target" {
		return r.resolveTarget(ref)
	}
	if err := r.failed[name]; err != nil {
		return err
	}
	expr, kind, found := r.s.lookup(name)
	switch {
	case !found:
		return nil // HCL says so
	case r.isGiven(name, kind):
		return nil
	case expr == nil:
		r.root.Variables[name] = kind
		return nil
	case r.busy[name]:
		return fmt.Errorf("the variable %s refers to itself", name)
	}
	r.busy[name] = true
	plainly := r.plainly
	r.plainly = false // it is kept for others
	v, err := r.variable(expr, kind)
	r.plainly = plainly
	delete(r.busy, name)
	if err != nil {
		r.failed[name] = err
		return err
	}
	r.root.Variables[name] = v
	return nil
}

// variable evaluates a variable or an attribute at the top.
func (r *bakeRun) variable(expr hcl.Expression, kind cty.Value) (cty.Value, error) {
	v, diags := expr.Value(r.root)
	if diags.HasErrors() {
		return cty.DynamicVal, errors.New(bakeReason(diags))
	}
	if kind == cty.NilVal {
		return v, nil
	}
	converted, err := convert.Convert(v, kind.Type())
	if err != nil {
		converted, err = convert.Convert(r.unmarked(v), kind.Type()) // a mark is no digit
	}
	return converted, err
}

// resolveTarget makes sure of an attribute of another target (target.base.tags).
func (r *bakeRun) resolveTarget(ref hcl.Traversal) error {
	if len(ref) < 3 {
		return errors.New("a target is no value")
	}
	target, ok1 := ref[1].(hcl.TraverseAttr)
	attr, ok2 := ref[2].(hcl.TraverseAttr)
	if !ok1 || !ok2 {
		return errors.New("a target is no value")
	}
	if _, ok := r.targets[target.Name][attr.Name]; ok {
		return nil
	}
	path := "target." + target.Name + "." + attr.Name
	if r.busy[path] {
		return fmt.Errorf("the attribute %s refers to itself", path)
	}
	r.busy[path] = true
	defer delete(r.busy, path)
	v := cty.NullVal(cty.DynamicPseudoType)
	if blocks := r.s.instances[target.Name]; len(blocks) > 0 {
		// Of blocks of one name bake takes the last here, and does not merge them.
		last := blocks[len(blocks)-1]
		if a, ok := last.block.attrs[attr.Name]; ok {
			var err error
			if v, err = r.eval(last, a); err != nil {
				return errors.New(bakeReason(err))
			}
		}
	}
	if r.targets[target.Name] == nil {
		r.targets[target.Name] = map[string]cty.Value{}
	}
	r.targets[target.Name][attr.Name] = v
	all := map[string]cty.Value{}
	for name, attrs := range r.targets {
		all[name] = cty.ObjectVal(attrs)
	}
	r.root.Variables["target"] = cty.ObjectVal(all)
	return r.step(len(all))
}

// function makes sure that a function is known.
func (r *bakeRun) function(name string) error {
	if _, ok := r.root.Functions[name]; ok {
		return nil
	}
	if f, ok := bakeFunctions[name]; ok {
		r.root.Functions[name] = f
		return nil
	}
	f, found := r.s.lookupFunction(name)
	if !found {
		return fmt.Errorf("there is no function %q", name)
	}
	spec := &function.Spec{
		Type: function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			r.calls++
			defer func() { r.calls-- }()
			if r.calls > maxBakeCalls {
				return cty.DynamicVal, fmt.Errorf("the function %s calls itself, or is called too deep", name)
			}
			ctx := r.root.NewChild()
			ctx.Variables = map[string]cty.Value{}
			for i, param := range f.params {
				ctx.Variables[param] = args[i]
			}
			if f.variadic != "" {
				ctx.Variables[f.variadic] = cty.TupleVal(args[len(f.params):])
			}
			v, diags := f.result.Value(ctx)
			if diags.HasErrors() {
				return cty.DynamicVal, errors.New(bakeReason(diags))
			}
			return v, nil
		},
	}
	param := function.Parameter{Type: cty.DynamicPseudoType, AllowNull: true, AllowDynamicType: true}
	for _, p := range f.params {
		param.Name = p
		spec.Params = append(spec.Params, param)
	}
	if f.variadic != "" {
		param.Name = f.variadic
		spec.VarParam = &param
	}
	r.root.Functions[name] = function.New(spec)
	return nil
}

// scope returns what an attribute of a target sees.
func (r *bakeRun) scope(in *bakeInstance) (*hcl.EvalContext, error) {
	if in == nil || len(in.pick) == 0 {
		return r.root, nil
	}
	matrix, ok := r.matrix[in.block]
	if !ok {
		var diags hcl.Diagnostics
		if matrix, diags = in.block.attrs["matrix"].Value(r.root); diags.HasErrors() {
			return nil, diags
		}
		r.matrix[in.block] = matrix
	}
	ctx := r.root.NewChild()
	ctx.Variables = map[string]cty.Value{}
	for _, p := range in.pick {
		v, err := bakeMember(matrix, p.key)
		if err != nil {
			return nil, err
		}
		if v, err = bakeItem(v, p.index); err != nil {
			return nil, err
		}
		ctx.Variables[p.key] = v
	}
	return ctx, nil
}

// eval evaluates an attribute of a target; of no target for nil.
func (r *bakeRun) eval(in *bakeInstance, expr hcl.Expression) (cty.Value, error) {
	ctx, err := r.scope(in)
	if err != nil {
		return cty.DynamicVal, err
	}
	v, diags := expr.Value(ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	return v, nil
}

var errBakeShape = errors.New("it is no list or map of that shape")

// bakeMember returns the value of a key.
func bakeMember(v cty.Value, key string) (cty.Value, error) {
	if v.IsKnown() && !v.IsNull() {
		switch ty := v.Type(); {
		case ty.IsObjectType() && ty.HasAttribute(key):
			return v.GetAttr(key), nil
		case ty.IsMapType() && v.HasIndex(cty.StringVal(key)).True():
			return v.Index(cty.StringVal(key)), nil
		}
	}
	return cty.DynamicVal, errBakeShape
}

// bakeItem returns the i-th element.
func bakeItem(v cty.Value, i int) (cty.Value, error) {
	if v.IsKnown() && !v.IsNull() && v.CanIterateElements() {
		for it := v.ElementIterator(); it.Next(); i-- {
			if _, item := it.Element(); i == 0 {
				return item, nil
			}
		}
	}
	return cty.DynamicVal, errBakeShape
}
