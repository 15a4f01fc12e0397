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
  n3["odd#quot;#num;#lt;#gt;#lsqb;skip ci]#lt;U+000A#gt; gh#hyphen;7/Dockerfile"]
  n0 -.-x|"1"| n3
  n1 -.->|"2"| n3
  n2 -->|"3"| n3
`
	if got := b.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// What Mermaid reads in a text as well as outside of it is no more than text, and a long label
// keeps both of its ends.
func TestLabels(t *testing.T) {
	for path, want := range map[string]string{
		"`a":                           "#grave;a/Dockerfile",
		"%%{init: {'theme':'x'}}%%":    "#percnt;#percnt;{init: {'theme':'x'}}#percnt;#percnt;/Dockerfile",
		"$$x$$":                        "#dollar;#dollar;x#dollar;#dollar;/Dockerfile",
		"direction TB":                 "direction#nbsp;TB/Dockerfile",
		"style:a#b":                    "style#colon;a#num;b/Dockerfile",
		"&lt;b&gt;":                    "#amp;lt;b#amp;gt;/Dockerfile",
		`a\nb`:                         "a#bsol;nb/Dockerfile",
		strings.Repeat("x", 100) + "🙂": strings.Repeat("x", 39) + "…" + strings.Repeat("x", 28) + "🙂/Dockerfile",
	} {
		file := scanner.ScanFile(path+"/Dockerfile", []byte("FROM acme/a:1\n"), "")
		var b strings.Builder
		if err := mermaid.Write(&b, graph.New([]*scanner.File{file}, nil, nil).View()); err != nil {
			t.Fatal(err)
		}
		if line := "\n  n1[\"" + want + "\"]\n"; !strings.Contains(b.String(), line) {
			t.Errorf("%s: no %s in\n%s", path, line, b.String())
		}
	}
}

// No path ends the text that it stands in, or begins anything in it but an entity.
func FuzzLabel(f *testing.F) {
	for _, seed := range []string{"`\"]\n", "%%%{a}%%", "direction\tTB", "style:x;#", "classDef:\"", "\\\"", "\xff\u2028"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		var r repository
		r.build(path+"/Dockerfile", "base:1")
		label := draw(t, r.view(), mermaid.GitHub()).builds["n1"]
		for _, bad := range []string{"`", "%%", "$$", "direction ", "&", `\`, "<", "[", "://"} {
			if strings.Contains(label, bad) {
				t.Errorf("%q is drawn as %q", path, label)
			}
		}
		if strings.Contains(label, "style") && strings.Contains(label, ":") {
			t.Errorf("%q is drawn as %q", path, label)
		}
	})
}
