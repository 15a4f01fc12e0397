package source_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/source"
)

var update = flag.Bool("update", false, "write the list of codes into docs/diagnostics.md")

// A documented is a code with what its comment says.
type documented struct {
	code             source.Code
	meaning, example string
}

// comments returns the codes as their declarations have them, in the order of the file.
func comments(t *testing.T) []documented {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "code.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var all []documented
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || fmt.Sprint(spec.Type) != "Code" || len(spec.Values) == 0 {
			return true
		}
		name := spec.Names[0].Name
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(spec.Doc.Text()), " ")
		meaning, example, found := strings.Cut(strings.TrimPrefix(text, name+": "), " Example: ")
		if !strings.HasPrefix(text, name+": ") || !found {
			t.Errorf("the comment of %s is not of the form %s: meaning. Example: example", name, name)
		}
		all = append(all, documented{source.Code(value), strings.TrimSuffix(meaning, "."), strings.TrimSuffix(example, ".")})
		return true
	})
	return all
}

// What is declared is what is known, under names that can be typed, each once.
func TestCodes(t *testing.T) {
	form := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	var declared []source.Code
	for _, c := range comments(t) {
		if !form.MatchString(string(c.code)) || slices.Contains(declared, c.code) {
			t.Errorf("%q is no code, or given twice", c.code)
		}
		declared = append(declared, c.code)
	}
	if all := source.Codes(); len(all) == 0 || !slices.Equal(all, declared) {
		t.Errorf("known are %v, declared %v", all, declared)
	}
	if got := source.Code("two-makers").Suffix() + source.Code("").Suffix(); got != " [two-makers]" {
		t.Errorf("the suffix is %q", got)
	}
}

// docs/diagnostics.md lists every code as its declaration explains it;
// go test ./internal/source -update writes the list.
func TestCodesAreDocumented(t *testing.T) {
	const path, begin, end = "../../docs/diagnostics.md", "<!-- codes -->\n", "<!-- end of codes -->\n"
	explained := map[source.Code]documented{}
	for _, c := range comments(t) {
		explained[c.code] = c
	}
	var b strings.Builder
	for _, subject := range []source.Subject{source.InDockerfiles, source.InBuildFiles, source.InRepository, source.InPlans} {
		fmt.Fprintf(&b, "\n### %s\n\n| code | meaning | example | can be ignored |\n| --- | --- | --- | --- |\n", subject)
		for _, code := range source.Codes(subject) {
			ignored := "yes"
			if instead := code.Instead(); instead != "" {
				ignored = "no: " + instead
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", code, explained[code].meaning, explained[code].example, ignored)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(data), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s does not say where the codes are listed", path)
	}
	want := before + begin + b.String() + "\n" + end + after
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(data) != want {
		t.Errorf("%s does not list the codes as they are: go test ./internal/source -update", path)
	}
}
