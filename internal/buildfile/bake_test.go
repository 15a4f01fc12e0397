package buildfile_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/matihlabs/propagate/internal/buildfile"
)

// Files that would take forever, or all memory, are given up on.
func TestBakeHostile(t *testing.T) {
	var doubling, products, chain strings.Builder
	for i := range 60 {
		fmt.Fprintf(&doubling, "a%d = \"${a%d}${a%d}\"\nl%d = concat(l%d, l%d)\nn%d = n%d * n%d\n", i, i+1, i+1, i, i+1, i+1, i, i+1, i+1)
	}
	doubling.WriteString("a60 = \"xx\"\nl60 = [1, 2]\nn60 = 9\ntarget \"t\" {\n args = { A = a0, L = l0[0], N = n0 }\n}\n")
	for i := range 15 {
		fmt.Fprintf(&products, "target \"t%d\" {\n name = \"t%d-${a}-${b}\"\n matrix = { a = range(30), b = range(30) }\n args = { A = \"1.${a}\", B = join(\"\", [for x in range(99) : \"${x}\"]) }\n}\n", i, i)
	}
	for i := range 600 {
		fmt.Fprintf(&chain, "target \"t%d\" {\n inherits = [\"t%d\", \"t%d\"]\n args = { A%d = \"1.0\" }\n}\n", i, i+1, i+2, i)
	}
	for name, src := range map[string]string{
		"doubling":  doubling.String(),
		"products":  products.String(),
		"inherits":  chain.String(),
		"for":       "target \"t\" {\n args = { A = [for a in range(1000): [for b in range(1000): [for c in range(1000): c]]][0] }\n}\n",
		"bangs":     "target \"t\" {\n args = { A = " + strings.Repeat("!", 50_000) + "true }\n}\n",
		"parens":    "target \"t\" {\n args = { A = " + strings.Repeat("(", 50_000) + "\n",
		"closers":   "x = " + strings.Repeat(")", 500_000) + "\ny = " + strings.Repeat("(", 500_000) + "\n",
		"controls":  "x = \"" + strings.Repeat("%{", 250_000) + "\n",
		"templates": "target \"t\" {\n args = { A = " + strings.Repeat("\"${", 20_000) + "\n",
		"indexes":   "x = [0]\ntarget \"t\" {\n args = { A = x" + strings.Repeat("[x[0]]", 15_000) + " }\n}\n",
		"blocks":    strings.Repeat("a {\n", 20_000),
		"width":     "target \"t\" {\n args = { A = format(\"%999999999d\", 1), B = indent(999999999, \"a\\nb\"), C = pow(10, 300) }\n}\n",
		"exponent":  "target \"t\" {\n args = { A = \"${1e999999999}\" }\n}\n",
		"functions": "function \"f\" {\n params = [x]\n result = \"${f(x)}${f(x)}\"\n}\ntarget \"t\" {\n args = { A = f(\"1\") }\n}\n",
		"replace":   "a = join(\"\", [for x in range(900): \"xxxx\"])\nb = replace(a, \"x\", a)\ntarget \"t\" {\n args = { A = b }\n}\n",
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			fsys := fstest.MapFS{"docker-bake.hcl": {Data: []byte(src)}, "Dockerfile": {Data: []byte("FROM scratch\n")}}
			result, err := buildfile.Read(t.Context(), fsys, []string{"docker-bake.hcl"}, []string{"Dockerfile"})
			if err != nil {
				t.Fatal(err)
			}
			if len(result.Problems) == 0 {
				t.Error("nothing is said of what was given up")
			}
			if took := time.Since(start); took > buildfile.Hang {
				t.Errorf("it took %v", took)
			}
			t.Logf("%v, %d builds, %d problems", time.Since(start), len(result.Builds), len(result.Problems))
		})
	}
}

// FuzzBake reads any file in both forms: nothing may fall over, and every place
// holds what it is said to.
func FuzzBake(f *testing.F) {
	f.Add("variable \"V\" { default = \"1.0\" }\ntarget \"a\" {\n tags = [\"r/x:${V}\", format(\"r/%s:1\", \"y\")]\n args = merge({ A = V }, { B = \"a\\t1\" })\n}\n", "{}")
	f.Add("target \"a\" {\n name = \"a-${v}\"\n matrix = { v = [\"1.1\", \"2\"] }\n contexts = { b = \"target:a-2\", c = \"docker-image://x:${v}\" }\n}\n",
		`{"variable": {"V": {"default": "1"}}, "target": {"a": {"args": {"A": "x${V}", "B": "\t${upper(\"a\")}"}, "tags": ["x/y:${V}"]}}}`)
	f.Add("function \"f\" {\n params = [x]\n result = <<-E\n  ${~ x }\n E\n}\na = f(\"%{ if true }1%{ endif }\")\ntarget \"a\" {\n args = { A = a[*], B = a }\n inherits = [\"a\"]\n}\n", `[`)
	f.Fuzz(func(t *testing.T, hcl, json string) {
		start := time.Now()
		fsys := fstest.MapFS{
			"d/docker-bake.hcl": {Data: []byte(hcl)}, "d/bake.json": {Data: []byte(json)},
			"Dockerfile": {Data: []byte("FROM scratch\n")}, "d/Dockerfile": {Data: []byte("FROM scratch\n")},
		}
		_ = describe(t, fsys)
		result, err := buildfile.Read(t.Context(), fsys, []string{"d/docker-bake.hcl", "d/bake.json"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range result.Problems {
			if strings.Contains(p.Message, "gave up") {
				t.Error(p)
			}
		}
		if took := time.Since(start); took > buildfile.Hang {
			t.Errorf("it took %v", took)
		}
	})
}
