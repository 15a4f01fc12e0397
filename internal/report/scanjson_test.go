package report

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/matihlabs/propagate/scanner"
)

// The document is written as encoding/json writes it, byte by byte.
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
			var got, want bytes.Buffer
			source := ScanFiles{
				Count: len(files), Dockerfile: func(i int, _ *scanner.Decoder) *scanner.File { return files[i] },
				Texts: []*scanner.File{text}[:len(templates)/2], Templates: templates,
			}
			if err := WriteScanJSON(&got, "0123", source); err != nil {
				t.Fatal(err)
			}
			if err := WriteJSON(&want, NewScan("0123", append(slices.Clone(files), source.Texts...), templates)); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want.Bytes()) {
				t.Fatalf("got:\n%s\nwant:\n%s", got.Bytes(), want.Bytes())
			}
		}
	}
}
