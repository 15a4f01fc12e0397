package scanner_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// Every diagnostic of the corpus, and of what no file alone can show, has a code of its
// subject, and no code of it is without a case.
func TestEveryDiagnosticHasACode(t *testing.T) {
	paths, err := filepath.Glob("../testdata/dockerfiles/*.Dockerfile")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no Dockerfiles: %v", err)
	}
	script := trace.NewFile("build.sh", []byte(scanner.Unknown))
	files := []*scanner.File{
		scanner.Unreadable("Dockerfile", "permission denied", ""),
		scanner.TooLarge("Dockerfile"),
		scanner.TextTooLarge("values.yaml", nil),
		scanner.ScanFile("Dockerfile", []byte("FROM scratch\n"), "gone"),
		scanner.ScanFile("Dockerfile", []byte("FROM scratch\n"+strings.Repeat("echo\n", 100)), ""),
		scanner.ScanFile("Dockerfile", []byte(strings.Repeat("FROM scratch\n", 1001)), ""),
		scanner.ScanBuilds("Dockerfile", []byte("ARG TAG\nFROM a/b:${TAG}\n"), []scanner.BuildConfig{{
			Where: source.Pos{Path: "build.sh", Line: 1, Col: 1}, Args: []scanner.Arg{{Name: "TAG", Value: script.Text(0, len(script.Src))}},
		}}),
	}
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, scanner.ScanFile(path, src, ""))
	}
	known := source.Codes(source.InDockerfiles)
	seen := map[source.Code]bool{}
	for _, file := range files {
		for _, d := range file.Diagnostics {
			seen[d.Code] = true
			if !slices.Contains(known, d.Code) {
				t.Errorf("%s: %s: the code is %q", d.Pos, d.Message, d.Code)
			}
			if file.Unreadable && d.Code.Instead() == "" {
				t.Errorf("%s: the file is not read, and %s can be ignored", d.Pos, d.Code)
			}
		}
	}
	for _, code := range known {
		if !seen[code] {
			t.Errorf("%s has no case", code)
		}
	}
}
