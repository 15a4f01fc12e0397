package report_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/mermaid"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/scanner"
)

// Drawings are the same every time, and hold what would break their syntax only
// in quotes.
func TestDrawings(t *testing.T) {
	files := map[string]string{}
	for i := range 30 {
		files[fmt.Sprintf("s%d/Dockerfile", i)] = fmt.Sprintf("FROM acme/b:%d\nCOPY --from=acme/a:1 / /\n", i)
	}
	files["b/Dockerfile"] = "FROM acme/a:1 AS dead\nFROM x\n"
	files["odd\"#<>\n/Dockerfile"] = "FROM acme/a:1\n"
	var repository []*scanner.File
	for _, path := range slices.Sorted(maps.Keys(files)) {
		repository = append(repository, scanner.ScanFile(path, []byte(files[path]), ""))
	}
	draw := func() string {
		view := graph.New(repository, nil, nil).View()
		var b bytes.Buffer
		for _, err := range []error{report.WriteDOT(&b, view), mermaid.Write(&b, view), report.WriteGraphText(&b, view)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		return b.String()
	}
	first := draw()
	for range 3 {
		if draw() != first {
			t.Fatal("two drawings of one graph differ")
		}
	}
	for _, want := range []string{
		"\"b/Dockerfile\" [];\n", "label=\"7\"", "-.-x|\"1\"|", "--> n", `odd#quot;#num;#lt;#gt; /Dockerfile`, "(made by b/Dockerfile, by its path)",
	} {
		if !strings.Contains(first, strings.TrimSuffix(want, " [];\n")) {
			t.Errorf("the drawings hold no %q", want)
		}
	}
}

// The form of DOT is that of Graphviz's own examples: an attribute alone stands on the line
// of its node or edge, several on lines of their own.
func TestDOT(t *testing.T) {
	file := scanner.ScanFile("a\\b/Dockerfile", []byte("FROM acme/a:1 AS dead\nFROM acme/b:2 AS build\nFROM acme/c:3\nCOPY --from=build / /\n"), "")
	for _, tc := range []struct {
		files []*scanner.File
		want  string
	}{
		{nil, "\n}\n"},
		{[]*scanner.File{file}, `
  // Node definitions.
  "docker.io/acme/a" [shape=ellipse];
  "docker.io/acme/b" [shape=ellipse];
  "docker.io/acme/c" [shape=ellipse];
  "a\\b/Dockerfile";

  // Edge definitions.
  "docker.io/acme/a" -> "a\\b/Dockerfile" [
    label="1"
    style=dotted
  ];
  "docker.io/acme/b" -> "a\\b/Dockerfile" [
    label="2"
    style=dashed
  ];
  "docker.io/acme/c" -> "a\\b/Dockerfile" [label="3"];
}
`},
	} {
		var b strings.Builder
		if err := report.WriteDOT(&b, graph.New(tc.files, nil, nil).View()); err != nil {
			t.Fatal(err)
		}
		head := "strict digraph propagate {\n  graph [\n    rankdir=LR\n  ];\n  node [\n    shape=box\n  ];\n"
		if got := b.String(); got != head+tc.want {
			t.Errorf("got:\n%s\nwant:\n%s", got, head+tc.want)
		}
	}
}
