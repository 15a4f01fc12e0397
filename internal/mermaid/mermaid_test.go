package mermaid_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/mermaid"
	"github.com/matihlabs/propagate/scanner"
)

// Each exposure has an arrow of its own, and a name cannot end the text that it stands in,
// nor mean anything to who reads commit messages.
func TestWrite(t *testing.T) {
	text := "FROM acme/a:1 AS dead\nFROM acme/b:2 AS build\nFROM acme/c:3\nCOPY --from=build / /\n"
	file := scanner.ScanFile("odd\"#<>[skip ci]\n gh-7/Dockerfile", []byte(text), "")
	var b strings.Builder
	if err := mermaid.Write(&b, graph.New([]*scanner.File{file}, nil, nil).View()); err != nil {
		t.Fatal(err)
	}
	want := `flowchart LR
  n0(["a"])
  n1(["b"])
  n2(["c"])
  n3["odd#quot;#num;#lt;#gt;#lsqb;skip ci]  gh#hyphen;7/Dockerfile"]
  n0 -.-x|"1"| n3
  n1 -.->|"2"| n3
  n2 -->|"3"| n3
`
	if got := b.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
