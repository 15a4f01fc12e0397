package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

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
