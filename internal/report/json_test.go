package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// asStandard is what encoding/json makes of a document.
func asStandard(t *testing.T, document any) []byte {
	t.Helper()
	var want bytes.Buffer
	encoder := json.NewEncoder(&want)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		t.Fatal(err)
	}
	return want.Bytes()
}

// Documents are indented as encoding/json indents them, byte by byte.
func TestWriteJSON(t *testing.T) {
	for _, document := range []any{
		nil, 1, "", "a\"\\\x01é<&>\u2028\xff", []any{}, []int(nil), []any{[]any{}, map[string]any{}, []any{1, "[{,:}]", nil, true}},
		map[string]any{}, map[string]any{"": map[string]int{"\"": -1, "b": 2}, "x": []string{"}", "\\"}, "y": 1.5e300}, struct{}{}, struct{ A *int }{},
	} {
		var got bytes.Buffer
		if err := WriteJSON(&got, document); err != nil {
			t.Fatal(err)
		}
		if want := asStandard(t, document); !bytes.Equal(got.Bytes(), want) {
			t.Errorf("got:\n%s\nwant:\n%s", got.Bytes(), want)
		}
	}
	if err := WriteJSON(&bytes.Buffer{}, func() {}); err == nil {
		t.Error("a function is written")
	}
}

// The document of a scan is the same, however many files there are.
func TestWriteScanJSON(t *testing.T) {
	paths, err := filepath.Glob("../../testdata/dockerfiles/*.Dockerfile")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no Dockerfiles: %v", err)
	}
	var files []*scanner.File
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, scanner.ScanFile("odd \"\\\x01é<&>\u2028\xff/"+path, src, ""))
	}
	files = append(files, ofBuilds()...)
	text := scanner.ScanText("values.yaml", nil, []scanner.Pattern{})
	text.Patterns = []scanner.Pattern{{}}
	for _, files := range [][]*scanner.File{nil, files[:1], files, slices.Repeat(files, 2+6*atOnce/len(files))} {
		for _, templates := range [][]string{nil, {"a.j2", "\x7f"}} {
			all := append(slices.Clone(files), []*scanner.File{text}[:len(templates)/2]...)
			var got bytes.Buffer
			if err := WriteScanJSON(&got, "0123", all, templates); err != nil {
				t.Fatal(err)
			}
			if want := asStandard(t, NewScan("0123", all, templates)); !bytes.Equal(got.Bytes(), want) {
				t.Fatalf("got:\n%s\nwant:\n%s", got.Bytes(), want)
			}
		}
	}
}

// ofBuilds are a Dockerfile as many builds read it: two come to the same but for the place
// of a version, and a mistake is one of all.
func ofBuilds() []*scanner.File {
	file := trace.NewFile("compose.yaml", []byte("1.0 1.0 2.0"))
	src := "ARG V\nFROM a:$V AS one\nFROM b:1 AS two\nCOPY --from=$V / /\nFROM base\n"
	var builds []scanner.BuildConfig
	for i := range 3 {
		builds = append(builds, scanner.BuildConfig{
			Where: source.Pos{Path: file.Path, Line: i + 1, Col: 3}, Target: "one", Platforms: []string{"linux/amd64", fmt.Sprint("linux/arm/v", 7-i/2)},
			Args: []scanner.Arg{{Name: "V", Value: file.Text(4*i, 4*i+3)}},
		})
	}
	builds = append(builds, scanner.BuildConfig{Where: source.Pos{Path: file.Path, Line: 4, Col: 3}, Contexts: []scanner.Context{{Name: "base", Link: "compose.yaml#base"}}})
	return scanner.ScanBuilds("many/Dockerfile", []byte(src), builds)
}

// Builds that come to the same stages and images are one entry, with the places of all;
// what is wrong is said once.
func TestScanOfBuilds(t *testing.T) {
	files := ofBuilds()
	doc := NewScan("", files, nil)
	var got []string
	for _, f := range doc.Dockerfiles {
		got = append(got, fmt.Sprintf("%q %v %v: %d problems", f.Target, f.Builds, f.Platforms, len(f.Diagnostics)))
	}
	want := []string{
		`"" [compose.yaml:4:3] []: 2 problems`, `"one" [compose.yaml:1:3 compose.yaml:2:3] [linux/amd64 linux/arm/v7]: 0 problems`,
		`"one" [compose.yaml:3:3] [linux/amd64 linux/arm/v6]: 0 problems`,
	}
	if len(files) != 4 || !slices.Equal(got, want) {
		t.Errorf("of %d files\n%s\nwant\n%s", len(files), strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var text bytes.Buffer
	if err := doc.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"many/Dockerfile\n", "many/Dockerfile  (target one)\n", "compose.yaml#base  (compose.yaml:4:3)\n", "1 Dockerfile, 12 image references\n"} {
		if !strings.Contains(text.String(), line) {
			t.Errorf("no line %q in\n%s", line, &text)
		}
	}
}
