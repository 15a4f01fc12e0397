package bake

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
)

// allArguments is for a function that looks at each of its arguments.
const allArguments = -1

// bakeDecides says which argument of a function, counted from 1, is looked at and
// not carried into the result: it must not have marks.
var bakeDecides = map[string]int{
	"contains": allArguments, "equal": allArguments, "notequal": allArguments, "index": allArguments,
	"indexof": allArguments, "hasindex": allArguments, "sethaselement": allArguments, "length": allArguments,
	"strlen": allArguments, "byteslen": allArguments, "semvercmp": allArguments, "parseint": allArguments,
	"add": allArguments, "subtract": allArguments, "multiply": allArguments, "divide": allArguments,
	"modulo": allArguments, "negate": allArguments, "min": allArguments, "max": allArguments,
	"greaterthan": allArguments, "greaterthanorequalto": allArguments, "lessthan": allArguments,
	"lessthanorequalto": allArguments, "and": allArguments, "or": allArguments, "not": allArguments,
	"lookup": 2, "replace": 2, "split": 1, "trim": 2, "trimprefix": 2, "trimsuffix": 2,
	"regex": 1, "regexall": 1, "regex_replace": 2, "range": allArguments, "zipmap": 1,
}

// bakeFunctions are those of bake, as far as they say the same each time and do not
// need more than their arguments.
var bakeFunctions = func() map[string]function.Function {
	all := map[string]function.Function{
		"absolute": stdlib.AbsoluteFunc, "add": stdlib.AddFunc, "and": stdlib.AndFunc,
		"basename": bakePath(path.Base), "byteslen": stdlib.BytesLenFunc, "bytesslice": stdlib.BytesSliceFunc,
		"can": tryfunc.CanFunc, "ceil": stdlib.CeilFunc, "chomp": stdlib.ChompFunc, "chunklist": stdlib.ChunklistFunc,
		"coalesce": stdlib.CoalesceFunc, "coalescelist": stdlib.CoalesceListFunc, "compact": stdlib.CompactFunc,
		"concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc, "convert": typeexpr.ConvertFunc,
		"csvdecode": stdlib.CSVDecodeFunc, "dirname": bakePath(path.Dir), "distinct": stdlib.DistinctFunc,
		"divide": stdlib.DivideFunc, "element": stdlib.ElementFunc, "equal": stdlib.EqualFunc,
		"flatten": stdlib.FlattenFunc, "floor": stdlib.FloorFunc,
		"format":      bakeGuard(stdlib.FormatFunc, shortFormat),
		"formatlist":  bakeGuard(stdlib.FormatListFunc, shortFormat),
		"greaterthan": stdlib.GreaterThanFunc, "greaterthanorequalto": stdlib.GreaterThanOrEqualToFunc,
		"hasindex": stdlib.HasIndexFunc, "indent": bakeGuard(stdlib.IndentFunc, smallIndent),
		"index": stdlib.IndexFunc, "indexof": bakeIndexOf, "int": stdlib.IntFunc, "join": stdlib.JoinFunc,
		"jsondecode": stdlib.JSONDecodeFunc, "jsonencode": stdlib.JSONEncodeFunc, "keys": stdlib.KeysFunc,
		"length": stdlib.LengthFunc, "lessthan": stdlib.LessThanFunc,
		"lessthanorequalto": stdlib.LessThanOrEqualToFunc, "log": stdlib.LogFunc, "lookup": stdlib.LookupFunc,
		"lower": stdlib.LowerFunc, "max": stdlib.MaxFunc, "merge": stdlib.MergeFunc, "min": stdlib.MinFunc,
		"modulo": stdlib.ModuloFunc, "multiply": stdlib.MultiplyFunc, "negate": stdlib.NegateFunc,
		"not": stdlib.NotFunc, "notequal": stdlib.NotEqualFunc, "or": stdlib.OrFunc, "parseint": stdlib.ParseIntFunc,
		"pow": stdlib.PowFunc, "range": stdlib.RangeFunc,
		"regex_replace": bakeGuard(stdlib.RegexReplaceFunc, shortPattern),
		"regex":         bakeGuard(stdlib.RegexFunc, shortPattern),
		"regexall":      bakeGuard(stdlib.RegexAllFunc, shortPattern),
		"replace":       stdlib.ReplaceFunc, "reverse": stdlib.ReverseFunc, "reverselist": stdlib.ReverseListFunc,
		"sanitize": bakePath(sanitize), "sethaselement": stdlib.SetHasElementFunc,
		"setintersection": stdlib.SetIntersectionFunc,
		"setproduct":      bakeGuard(stdlib.SetProductFunc, smallProduct),
		"setsubtract":     stdlib.SetSubtractFunc, "setsymmetricdifference": stdlib.SetSymmetricDifferenceFunc,
		"setunion": stdlib.SetUnionFunc, "signum": stdlib.SignumFunc, "slice": stdlib.SliceFunc,
		"sort": stdlib.SortFunc, "split": stdlib.SplitFunc, "strlen": stdlib.StrlenFunc,
		"substr": stdlib.SubstrFunc, "subtract": stdlib.SubtractFunc, "title": stdlib.TitleFunc,
		"trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc, "trimspace": stdlib.TrimSpaceFunc,
		"trimsuffix": stdlib.TrimSuffixFunc, "try": tryfunc.TryFunc, "upper": stdlib.UpperFunc,
		"values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,

		"semvercmp": bakeUnknown(cty.UnknownVal(cty.Bool)), "unixtimestampparse": bakeUnknown(cty.DynamicVal),
		"cidrsubnets": bakeUnknown(cty.DynamicVal),
	}
	// What depends on the time or the machine, and digests, of which no version is a
	// part.
	for _, name := range []string{
		"base64decode", "base64encode", "bcrypt", "cidrhost", "cidrnetmask", "cidrsubnet", "formatdate",
		"formattimestamp", "homedir", "md5", "rsadecrypt", "sha1", "sha256", "sha512", "timeadd", "timestamp",
		"urlencode", "uuidv4", "uuidv5",
	} {
		all[name] = bakeUnknown(cty.StringVal(reading.Unknown))
	}
	return all
}()

// bakeHas reports whether a function is one of bake, not of the file.
func bakeHas(name string) bool {
	_, ok := bakeFunctions[name]
	return ok
}

// bakeUnknown makes a function whose result is not known, whatever it is given.
func bakeUnknown(v cty.Value) function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{
			Name: "arguments", Type: cty.DynamicPseudoType,
			AllowNull: true, AllowUnknown: true, AllowDynamicType: true,
		},
		Type: function.StaticReturnType(v.Type()),
		Impl: func([]cty.Value, cty.Type) (cty.Value, error) { return v, nil },
	})
}

// bakePath makes a function of one that takes a string.
func bakePath(f func(string) string) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.StringVal(f(args[0].AsString())), nil
		},
	})
}

// sanitize makes a name for a target of a text.
func sanitize(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, s)
}

var bakeIndexOf = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}, {Name: "value", Type: cty.DynamicPseudoType}},
	Type:   function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if !args[0].CanIterateElements() {
			return cty.NilVal, function.NewArgErrorf(0, "it must be a list")
		}
		for it := args[0].ElementIterator(); it.Next(); {
			i, v := it.Element()
			if equal, err := stdlib.Equal(v, args[1]); err == nil && equal.IsKnown() && equal.True() {
				return i, nil
			}
		}
		return cty.NilVal, fmt.Errorf("the item is not in the list")
	},
})

// bakeGuard refuses to call a function whose result may be out of all proportion to
// its arguments.
func bakeGuard(f function.Function, check func([]cty.Value) error) function.Function {
	return function.New(&function.Spec{
		Params:   f.Params(),
		VarParam: f.VarParam(),
		Type: func(args []cty.Value) (cty.Type, error) {
			if err := check(args); err != nil {
				return cty.NilType, err
			}
			return f.ReturnTypeForValues(args)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f.Call(args) },
	})
}

var wideVerb = regexp.MustCompile(`%[^a-zA-Z%]*[0-9]{3}`)

func shortFormat(args []cty.Value) error {
	if s, ok := knownString(args, 0); ok && (len(s) > 1000 || wideVerb.MatchString(s)) {
		return function.NewArgErrorf(0, "the format is too long or too wide")
	}
	return nil
}

func shortPattern(args []cty.Value) error {
	for i := range min(2, len(args)) { // the pattern is the first or the second
		if s, ok := knownString(args, i); ok && strings.Count(s, "{") > 10 {
			return function.NewArgErrorf(i, "the pattern is too large")
		}
	}
	return nil
}

func knownString(args []cty.Value, i int) (string, bool) {
	if i >= len(args) || args[i].IsNull() || !args[i].IsKnown() || args[i].Type() != cty.String {
		return "", false
	}
	return args[i].AsString(), true
}

func smallIndent(args []cty.Value) error {
	if len(args) > 0 && args[0].IsKnown() && !args[0].IsNull() && args[0].Type() == cty.Number &&
		args[0].GreaterThan(cty.NumberIntVal(100)).True() {
		return function.NewArgErrorf(0, "the indentation is too large")
	}
	return nil
}

func smallProduct(args []cty.Value) error {
	n := 1
	for i, v := range args {
		if v.IsKnown() && !v.IsNull() && v.CanIterateElements() {
			n *= max(1, v.LengthInt())
		}
		if n > maxBakeMatrix {
			return function.NewArgErrorf(i, "the product is too large")
		}
	}
	return nil
}
