package buildfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/trace"
)

// FuzzShell and FuzzMakefile read whatever there is: nothing panics, what has a
// place is what stands there, and no file takes long.
func FuzzShell(f *testing.F) {
	addCases(f, buildfile.Shell)
	f.Fuzz(func(t *testing.T, src []byte) { readOne(t, "scripts/build.sh", src) })
}

func FuzzMakefile(f *testing.F) {
	addCases(f, buildfile.Makefile)
	f.Fuzz(func(t *testing.T, src []byte) { readOne(t, "images/Makefile", src) })
}

func FuzzWorkflow(f *testing.F) {
	addCases(f, buildfile.Workflow)
	f.Fuzz(func(t *testing.T, src []byte) { readOne(t, ".github/workflows/build.yml", src) })
}

// addCases adds the files of a kind in the cases of the golden tests.
func addCases(f *testing.F, kind buildfile.Kind) {
	f.Helper()
	err := filepath.WalkDir("../../testdata/buildfiles", func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || buildfile.KindOf(filepath.ToSlash(p)) != kind {
			return err
		}
		src, err := os.ReadFile(p)
		f.Add(src)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
}

// maxTime is far above what the largest file takes, with the race detector and
// whatever else the machine does.
const maxTime = 20 * time.Second

func readOne(t *testing.T, p string, src []byte) {
	t.Helper()
	dockerfiles := []string{"Dockerfile", "app/Dockerfile", "images/a/Dockerfile", "scripts/Dockerfile"}
	fsys := fstest.MapFS{p: {Data: src}}
	start := time.Now()
	result, err := buildfile.Read(t.Context(), fsys, []string{p}, dockerfiles)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > maxTime {
		t.Errorf("took %v", took)
	}
	check := func(text trace.Text, inner string) {
		for i := range len(text.S) {
			a := text.At(i)
			if a.File != nil && (a.Off >= len(src) || src[a.Off] != text.S[i]) {
				t.Fatalf("byte %d of %q is not at %d of %s", i, text.S, a.Off, a.File.Path)
			}
		}
		if strings.ContainsAny(text.S, inner) && !strings.ContainsAny(string(src), inner) {
			t.Fatalf("%q has what is not known", text.S)
		}
	}
	for _, problem := range result.Problems {
		if strings.Contains(problem.Message, "gave up") {
			t.Fatal(problem.Message)
		}
	}
	for _, b := range result.Builds {
		for _, text := range b.Images {
			check(text, "\uFFFD\x01\x02")
		}
		for _, a := range b.Args {
			check(a.Value, "\x01\x02") // a part that is not known is kept
		}
		for _, c := range b.Contexts {
			check(c.Value, "\x01\x02")
		}
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
