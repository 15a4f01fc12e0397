package scanner_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// What patterns find in a text, by place, and what an edit makes of it.
func TestScanText(t *testing.T) {
	patterns := []scanner.Pattern{
		{Expr: regexp.MustCompile(`tag: (?P<version>\S+)`), Image: "acme/base"},
		{Expr: regexp.MustCompile(`(?P<image>acme/\w+)[:@](?P<version>\S*)`)},
		{Expr: regexp.MustCompile(`base:(?P<version>\S+)`), Image: "acme/other"},
		{Expr: regexp.MustCompile(`never (?P<version>\S+)`), Image: "acme/base"},
	}
	digest := "sha256:" + strings.Repeat("ab", 32)
	src := "image: acme/first:1.0.0\ntag: 1.1.0\nimage: acme/second@" + digest + "\nimage: acme/base:1.2.0\nimage: acme/none:\nimage: acme/bad:+1\n"
	file := scanner.ScanText("values.yaml", []byte(src), patterns)
	if got := fmt.Sprint(file.Matched); got != "[true true true false]" {
		t.Errorf("the patterns that match are %s", got)
	}
	want := "1:19 acme/first:1.0.0, 2:6 acme/base:1.1.0, 3:20 acme/second@" + digest + ", 4:18 acme/base:1.2.0"
	if got := refs(file); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if len(file.Diagnostics) != 1 || file.Diagnostics[0].Pos.Line != 6 || !strings.HasPrefix(file.Diagnostics[0].Message, "acme/bad:+1 is no image reference: ") {
		t.Errorf("the diagnostics are %v", file.Diagnostics)
	}
	if got := refs(file.At([]byte("# first\ntag: 1.0.9\n"))); got != "2:6 acme/base:1.0.9" {
		t.Errorf("of another content it reads %s", got)
	}
	edits, err := file.Refs[1].Rewrite("1.1.1", "")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := trace.NewFile("other.yaml", []byte(src)).Text(0, 5)
	other, err := elsewhere.Replace("IMAGE")
	if err != nil {
		t.Fatal(err)
	}
	after, err := file.After([]byte(src), append(edits, other))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := refs(after), strings.Replace(want, "1.1.0", "1.1.1", 1); got != want {
		t.Errorf("after the edit\ngot  %s\nwant %s", got, want)
	}
}

func refs(file *scanner.File) string {
	var all []string
	for _, ref := range file.Refs {
		all = append(all, fmt.Sprintf("%d:%d %s", ref.Pos.Line, ref.Pos.Col, ref.Written))
	}
	return strings.Join(all, ", ")
}
