package scanner_test

import (
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
		scanner.ScanBuilds("Dockerfile", []byte("FROM scratch AS base-amd64\nFROM base-${TARGETARCH}\n"), nil)[0],
		scanner.ScanBuilds("Dockerfile", []byte("ARG V\nFROM a/b:$V\n"), manyBuilds(201))[0],
		scanner.ScanBuilds("Dockerfile", []byte("ARG TAG\nFROM a/b:${TAG}\n"), []scanner.BuildConfig{{
			Where: source.Pos{Path: "build.sh", Line: 1, Col: 1}, Args: []scanner.Arg{{Name: "TAG", Value: script.Text(0, len(script.Src))}},
		}})[0],
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

// manyBuilds are builds with as many versions.
func manyBuilds(n int) []scanner.BuildConfig {
	builds := make([]scanner.BuildConfig, n)
	for i := range builds {
		builds[i].Args = []scanner.Arg{{Name: "V", Value: trace.Plain(fmt.Sprint(i))}}
	}
	return builds
}

// What is built in more ways than are read says so, and what comes to the same as one
// that was read counts on.
func TestTooManyBuilds(t *testing.T) {
	files := scanner.ScanBuilds("Dockerfile", []byte("ARG V\nFROM a/b:$V\n"), append(manyBuilds(300), manyBuilds(1)...))
	if len(files) != 200 || len(files[0].Ways) != 2 || len(files[0].Diagnostics) != 1 || files[0].Diagnostics[0].Message != "it is built in more than 200 ways: 100 builds more are not read" {
		t.Errorf("%d, %v, %v", len(files), files[0].Ways, files[0].Diagnostics)
	}
	large := "ARG V\nFROM a/b:$V\n" + strings.Repeat("# "+strings.Repeat("x", 1021)+"\n", 1000)
	if files := scanner.ScanBuilds("Dockerfile", []byte(large), manyBuilds(100)); len(files) != 66 {
		t.Errorf("of a large file %d builds are read", len(files))
	}
}
