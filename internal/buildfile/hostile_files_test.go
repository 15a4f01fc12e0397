//go:build !race

// Under the race detector these take ten times as long and show no more: one file is
// read by one goroutine. "make hostile" runs them.

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

// Files that make more of themselves, or nest without end, end in time.
func TestHostileFiles(t *testing.T) {
	const build = "\ndocker build -t example.com/app:$A .\n"
	n := 300_000
	double := "A=aaaaaaaaaaaaaaaa\n" + strings.Repeat("A=$A$A\n", 2000)
	loops := strings.Repeat("for x in a b c d e f g h; do\n", 300) + "docker build -t a:$x $x\n" + strings.Repeat("done\n", 300)
	functions := "f() { f $1$1; f $1; docker build -t a:$1 app; }\n"
	for i := range 50 {
		functions += strings.ReplaceAll("gN() { gM; gM; gM; }\n", "N", string(rune('A'+i%26)))
	}
	scripts := map[string]string{
		"double": double + build, "loops": loops, "functions": functions + "f a\ngA\n",
	}
	for name, open := range map[string]string{
		"parens": "(", "arithmetic": "((", "substitutions": "$(", "quoted": `"$(`, "braces": "{ ", "defaults": "${a:-", "ifs": "if ", "whiles": "while ",
		"tests": "[[ (", "nots": "! ", "cases": "case a in b) ", "functions": "f() ", "times": "time ", "backquotes": "`", "ands": "a && ", "pipes": "a | ",
		"elifs": "if a; then b; el", "arrays": "a=(", "index": "${a[", "power": "$((1**", "minus": "$((-", "quotes": "coproc ", "negation": "[[ ! ", "ternary": "$((1?1:", "function words": "function f ",
		"here": "cat <<A ", "extglob": "@(", "process": "<(", "for": "for a in b; do ", "select": "select a in b; do ", "subscript": "a[b[",
	} {
		scripts["nested "+name] = build + strings.Repeat(open, n/len(open))
	}
	for name, src := range scripts {
		t.Run(name, func(t *testing.T) { readOne(t, "build.sh", []byte(src)) })
	}
	makefiles := map[string]string{
		"recipes":  "all:\n" + strings.Repeat("\tbuild a\n", 100_000),
		"itself":   "A = $(A)$(A)\n",
		"doubled":  "A = $(B)$(B)\nB = $(C)$(C)\nC = $(D)$(D)\nD = $(E)$(E)\nE = $(F)$(F)\nF = $(G)$(G)\nG = $(H)$(H)\nH = $(I)$(I)\nI = $(J)$(J)\nJ = $(K)$(K)\nK=1\n",
		"appended": "A := a\n" + strings.Repeat("A := $(A)$(A)\nA += $(A)\n", 1000),
		"open":     "A = " + strings.Repeat("$(", n) + "\n",
		"nested":   "A = " + strings.Repeat("$(A", n/3) + strings.Repeat(")", n/3) + "\n",
		"foreach":  "L = " + strings.Repeat("a ", 5000) + "\nA = $(foreach x,$(L),$(foreach y,$(L),$(foreach z,$(L),$(x)$(y)$(z))))\n",
		"long":     "A = " + strings.Repeat("a \\\n", n/5) + "\n",
		"makes":    "all: a\n" + strings.Repeat("\t$(MAKE) -f images/Makefile A=$(A)1 all; docker build -t example.com/$(A) app\n", 3000),
		"needs":    "x%: y% z%\n\t$(MAKE) A=1\ny%: xa%\nz%: xb%\n" + strings.Repeat("b%: x%\n\t$(MAKE) A=$(A)1 ba\n", 500),
		"calls":    "define A\n$(call A,$(1)$(1))$(call A,$(1)$(1))\nendef\nall:\n\t$(call A,docker build .)\n",
		"evals":    "define A\n$(eval $(call A,$(1)$(1)))\n$(call A,$(1)$(1))\nendef\n" + strings.Repeat("$(eval $(call A,x))\n", 1000),
		"made":     "L = " + strings.Repeat("a ", 5000) + "\ndefine A\n$(1)$(2):\n\tdocker build -t x:1 $(1)\nendef\n$(foreach x,$(L),$(foreach y,$(L),$(eval $(call A,$(x),$(y)))))\n",
		"defines":  strings.Repeat("define A\n", n/9),
		"ors":      "A = $(or $(A),$(A))\nB = " + strings.Repeat("$(or $(C),$(if $(C),1,", n/30) + "\n",
		"cats":     "A = " + strings.Repeat("$(shell cat Makefile)", n/30) + "\n",
		"rules":    strings.Repeat("a%: b\n\tdocker build -t x:$* $*\n", 5000) + "all: " + strings.Repeat("aa ab ac ", 5000) + "\n",
	}
	for name, src := range makefiles {
		t.Run("make "+name, func(t *testing.T) {
			readOne(t, "Makefile", []byte(src+"build:\n\tdocker build -t example.com/app:$(A) .\n"))
		})
	}
}
