package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What is made of each kind of code. A fault is told by its operator and the text that it
// leaves.
func TestMutants(t *testing.T) {
	for body, want := range map[string]string{
		"x := a == b":                      "== to !=: x := a != b",
		"x := a != b":                      "!= to ==: x := a == b",
		"x := a < b":                       "< to <=: x := a <= b",
		"x := a >= b":                      ">= to >: x := a > b",
		"x := a && b":                      "&& to ||: x := a || b",
		"x := a + b":                       "+ to -: x := a - b",
		"x := a * b":                       "",
		"x := 7":                           "+1: x := 8 | -1: x := 6",
		"x := 0x1f":                        "+1: x := 32 | -1: x := 30",
		`x := "a"`:                         `empty string: x := ""`,
		`x := ""`:                          "",
		"x := true":                        "true to false: x := false",
		"x := min(a, b)":                   "min to max: x := max(a, b)",
		"x := a[b:c]":                      "swap the bounds: x := a[c:b]",
		"x := a[b:]":                       "swap the bounds: x := a[:b]",
		"x := a[:]":                        "",
		"if a { return }":                  "negate a condition: if !(a) { return }",
		"if a == b { return }":             "== to !=: if a != b { return }",
		"for a { }":                        "negate a condition: for !(a) { }",
		"for ; ; i++ { }":                  "",
		"for { break }":                    "drop break: for {  }",
		"for { continue }":                 "drop continue: for {  }",
		"switch { case a: }":               "negate a condition: switch { case !(a): }",
		"switch a { case b: }":             "",
		"x = a":                            "drop an assignment: ",
		"_ = a":                            "",
		"x = append(x, a)":                 "drop an assignment: ",
		"f(a)":                             "drop a call: ",
		"x++":                              "drop ++: ",
		"var y struct { X int `a:\"b\"` }": "",
	} {
		src := "package p\n\nimport \"fmt\"\n\nfunc g() {\n" + body + "\n}\n"
		var got []string
		for _, m := range mutantsIn(t, src) {
			if m.operator != "return zero values" {
				text := string(m.apply([]byte(src)))
				got = append(got, m.operator+": "+strings.TrimSuffix(strings.SplitAfterN(text, "\n", 6)[5], "\n}\n"))
			}
		}
		if text := strings.Join(got, " | "); text != want {
			t.Errorf("%s\ngot  %s\nwant %s", body, text, want)
		}
	}
}

func TestReturnZeroValues(t *testing.T) {
	for function, want := range map[string]string{
		"func f() { g() }":            "func f() { return ;  g() }",
		"func f() {}":                 "",
		"func f() int { return g() }": "func f() int { return *new(int);  return g() }",
		"func f() (a, b []int, err error) { return g() }": "func f() (a, b []int, err error) { return *new([]int), *new([]int), *new(error);  return g() }",
	} {
		src := "package p\n\n" + function + "\n"
		got := ""
		for _, m := range mutantsIn(t, src) {
			if m.operator == "return zero values" {
				got = strings.TrimSpace(strings.TrimPrefix(string(m.apply([]byte(src))), "package p"))
			}
		}
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func mutantsIn(t *testing.T, src string) []*mutant {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	return mutantsOf(fset, file, []byte(src))
}

// A module with a package whose tests see one half of the faults, and one that depends on it.
func module(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":            "module example.com/m\n\ngo 1.26\n",
		"rule/rule.go":      "package rule\n\n// Large is seen by the package's own tests.\nfunc Large(n int) bool { return n > 10 }\n\n// Small is seen by a dependent.\nfunc Small(n int) bool { return n < 3 }\n\n// Unseen is seen by nobody.\nfunc Unseen(n int) bool { return n == 5 }\n",
		"rule/rule_test.go": "package rule\n\nimport \"testing\"\n\nfunc TestLarge(t *testing.T) {\n\tif Large(10) || !Large(11) {\n\t\tt.Error(\"large\")\n\t}\n}\n",
		"use/use_test.go":   "package use\n\nimport (\n\t\"testing\"\n\n\t\"example.com/m/rule\"\n)\n\nfunc TestSmall(t *testing.T) {\n\tif !rule.Small(2) || rule.Small(3) {\n\t\tt.Error(\"small\")\n\t}\n}\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The table says by whose tests each fault was seen, the list which were not.
func TestRun(t *testing.T) {
	dir := module(t)
	var out strings.Builder
	if err := run(t.Context(), []string{"-match", " (==|<|>) to", "-seed", "1", "-j", "2", "rule"}, dir, &out, os.Stderr); err != nil {
		t.Fatal(err)
	}
	table, survivors, _ := strings.Cut(out.String(), "\npackage ")
	for _, line := range strings.Split(table, "\n")[2:] {
		want := ""
		switch {
		case strings.Contains(line, "rule/rule.go:4:"):
			want = "killed by rule"
		case strings.Contains(line, "rule/rule.go:7:"):
			want = "killed by use"
		case strings.Contains(line, "rule/rule.go:10:"):
			want = "survived"
		}
		if !strings.HasSuffix(line, want) {
			t.Errorf("%s; want %s", line, want)
		}
	}
	if want := "rule/rule.go:10:36  == to !=\n- func Unseen(n int) bool { return n == 5 }\n+ func Unseen(n int) bool { return n != 5 }\n"; !strings.Contains(survivors, want) {
		t.Errorf("the survivors are\n%s", survivors)
	}
	if strings.Contains(survivors, "rule.go:4:") || strings.Contains(survivors, "rule.go:7:") {
		t.Errorf("among the survivors are some that were killed:\n%s", survivors)
	}
	// Nothing is written where the code is.
	if found, err := filepath.Glob(filepath.Join(dir, "*", "*")); err != nil || len(found) != 3 {
		t.Errorf("the module holds %v", found)
	}
}

// Tests are stopped at the first that has failed, as soon as that is printed.
func TestUntilFailed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		parts   []string
		stopped int // after which part; 0 for never
	}{
		{[]string{"=== RUN   TestA\n", "--- PASS: TestA (0.00s)\n", "PASS\n"}, 0},
		{[]string{"=== RUN   TestA\n", "--- FAIL: TestA (0.00s)\n", "FAIL\n"}, 2},
		{[]string{"=== RUN   TestA/x\n", "    --- FA", "IL: TestA/x (0.00s)\n", "more\n"}, 3},
		{[]string{"a_test.go:1: it prints --- FAIL: TestB\n"}, 0},
	} {
		stopped, out := 0, untilFailed{}
		for n, part := range test.parts {
			out.stop = func() {
				if stopped == 0 {
					stopped = n + 1
				}
			}
			if written, err := out.Write([]byte(part)); written != len(part) || err != nil {
				t.Errorf("%q: %d bytes, %v", part, written, err)
			}
		}
		if stopped != test.stopped || string(out.printed) != strings.Join(test.parts, "") {
			t.Errorf("%q is stopped after %d, want %d", test.parts, stopped, test.stopped)
		}
	}
}

// A program that cannot be started says why.
func TestCommandThatIsNotThere(t *testing.T) {
	t.Parallel()
	r := &tester{temporary: t.TempDir()}
	if ok, output := r.command(t.Context(), r.temporary, nil, filepath.Join(r.temporary, "none")); ok || !strings.Contains(string(output), "none") {
		t.Errorf("what is not there: %v, %q", ok, output)
	}
}

// What is drawn follows from the seed, and compiles.
func TestDraw(t *testing.T) {
	dir := module(t)
	list := func(args ...string) []string {
		t.Helper()
		var out strings.Builder
		if err := run(t.Context(), append([]string{"-list"}, append(args, "rule")...), dir, &out, os.Stderr); err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSpace(out.String()), "\n")[2:]
	}
	all := list("-n", "100", "-seed", "1")
	again, other := list("-n", "100", "-seed", "1"), list("-n", "100", "-seed", "2")
	if !slices.Equal(all, again) || slices.Equal(all, other) {
		t.Errorf("seed 1: %q, and again %q; seed 2: %q", all, again, other)
	}
	if few := list("-n", "3", "-seed", "1"); !slices.Equal(few, all[:3]) {
		t.Errorf("three are %q, of %q", few, all)
	}
	if matching := list("-match", ":7:"); len(matching) == 0 || slices.ContainsFunc(matching, func(s string) bool { return !strings.Contains(s, "rule.go:7:") }) {
		t.Errorf("of line 7 are %q", matching)
	}
}

func TestWrongArguments(t *testing.T) {
	dir := module(t)
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"nowhere"}, "nowhere: the module has no such package"},
		{[]string{"-match", "("}, "-match: "},
		{[]string{"-nothing"}, "flag provided but not defined"},
	} {
		var out, said strings.Builder
		if err := run(t.Context(), tc.args, dir, &out, &said); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("%v: %v", tc.args, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "rule", "bad_test.go"), []byte("package rule\n\nimport \"testing\"\n\nfunc TestBad(t *testing.T) { t.Error(\"bad\") }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"-n", "1", "rule"}, dir, &strings.Builder{}, os.Stderr); err == nil || !strings.HasPrefix(err.Error(), "the tests of rule fail without a fault") {
		t.Errorf("tests that fail: %v", err)
	}
}

func Example_diff() {
	src := "a\nif x {\n\ty()\n}\n"
	m := mutant{start: 5, end: 6, text: "!(x)"}
	fmt.Print(m.diff([]byte(src)))
	// Output:
	// - if x {
	// + if !(x) {
}
