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
		for _, err := range []error{report.WriteDOT(&b, view), mermaid.Write(&b, view), report.WriteGraphText(&b, view, nil, false)} {
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
		"\"b/Dockerfile\" [];\n", "label=\"7\"", "-.-x|\"1\"|", "--> n", `odd#quot;#num;#lt;#gt;#lt;U+000A#gt;/Dockerfile`, "b/Dockerfile  1  (unreachable)  → docker.io/acme/b, by its path\n",
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

// What is no repository, what is on no line, and lines that two builds make are told apart.
func TestDrawnLines(t *testing.T) {
	base := scanner.ScanFile("a/Dockerfile", []byte("FROM scratch\n"), "")
	other := scanner.ScanFile("b/Dockerfile", []byte("FROM scratch\n"), "")
	third := scanner.ScanFile("c/Dockerfile", []byte("FROM scratch\n"), "")
	user := scanner.ScanFile("s/Dockerfile", []byte("FROM reg.example/java:17.0.3\nCOPY --from=reg.example/java:16-alpine / /\n"), "")
	fourth := scanner.ScanFile("d/Dockerfile", []byte("FROM scratch\n"), "")
	linked := &scanner.File{Path: "t/Dockerfile", Refs: []*scanner.Ref{{Link: "docker-bake.hcl#base", Exposure: scanner.Runtime}}}
	claims := []graph.Claim{
		{Image: "reg.example/java", Rule: graph.BuildFile, Where: "compose.yaml:2", Path: "a/Dockerfile", Tags: []string{"17.0.3"}},
		{Image: "reg.example/java", Rule: graph.BuildFile, Where: "compose.yaml:5", Path: "b/Dockerfile", Tags: []string{"17.0.3"}},
		{Image: "reg.example/java", Rule: graph.BuildFile, Where: "compose.yaml:8", Path: "c/Dockerfile", Tags: []string{"21.0.5"}},
		{Link: "docker-bake.hcl#base", Rule: graph.BuildFile, Where: "docker-bake.hcl:1", Path: "d/Dockerfile"},
	}
	view := graph.New([]*scanner.File{base, other, third, fourth, user, linked}, claims, nil).View()
	var text, dot, flow strings.Builder
	for _, err := range []error{report.WriteGraphText(&text, view, nil, false), report.WriteDOT(&dot, view), mermaid.Write(&flow, view)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if want := `image of docker-bake.hcl#base  (made by d/Dockerfile, build file)
└─ t/Dockerfile
reg.example/java (other lines)
└─ s/Dockerfile  16-alpine  (build)
reg.example/java:17.0.3  (made by a/Dockerfile, build file compose.yaml:2)
└─ s/Dockerfile  17.0.3
reg.example/java:17.0.3  (made by b/Dockerfile, build file compose.yaml:5)
└─ s/Dockerfile  17.0.3
reg.example/java:21.0.5  (made by c/Dockerfile, build file compose.yaml:8)

6 builds, based on 1 image from outside and 3 made here; nothing depends on 1 more that is made here; 4 are based on none
`; text.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", text.String(), want)
	}
	for _, want := range []string{
		`"image of docker-bake.hcl#base" [shape=ellipse];`, `"image of docker-bake.hcl#base" -> "t/Dockerfile";`, `"reg.example/java (other lines)" -> "s/Dockerfile"`,
		`"a/Dockerfile" -> "reg.example/java:17.0.3 (a/Dockerfile)";`, `"b/Dockerfile" -> "reg.example/java:17.0.3 (b/Dockerfile)";`,
	} {
		if !strings.Contains(dot.String(), want) {
			t.Errorf("no %s in\n%s", want, dot.String())
		}
	}
	for _, want := range []string{`(["image of docker-bake.hcl#num;base"])`, `(["java (other lines)"])`, `(["java:17.0.3"])`} {
		if !strings.Contains(flow.String(), want) {
			t.Errorf("no %s in\n%s", want, flow.String())
		}
	}
}
