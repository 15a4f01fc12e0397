package scanner_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/scanner"
)

var update = flag.Bool("update", false, "rewrite the expected output")

// Every testdata/dockerfiles/NAME.Dockerfile has its expected answer beside it in
// NAME.out. A new case is these two files; go test ./scanner -update writes the
// second, for a person to read before it is kept.
func TestDockerfiles(t *testing.T) {
	inputs, err := filepath.Glob("../testdata/dockerfiles/*.Dockerfile")
	if err != nil || len(inputs) < 50 {
		t.Fatalf("found %d cases (%v)", len(inputs), err)
	}
	for _, input := range inputs {
		name := strings.TrimSuffix(filepath.Base(input), ".Dockerfile")
		t.Run(name, func(t *testing.T) {
			src, err := os.ReadFile(input)
			if err != nil {
				t.Fatal(err)
			}
			got := describe(scanner.ScanFile("Dockerfile", src, ""))
			golden := strings.TrimSuffix(input, ".Dockerfile") + ".out"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// describe prints what a scan found, a line for each thing.
func describe(f *scanner.File) string {
	var b strings.Builder
	for _, s := range f.Stages {
		fmt.Fprintf(&b, "stage %d %q line %d", s.Index, s.Name, s.Line)
		if s.BaseStage >= 0 {
			fmt.Fprintf(&b, " on stage %d", s.BaseStage)
		}
		if !s.Reachable {
			b.WriteString(" unreachable")
		}
		b.WriteByte('\n')
	}
	for _, r := range f.Refs {
		image := r.Image.String()
		if image == "" {
			image = "unresolved"
		}
		fmt.Fprintf(&b, "%s %s stage %d %s %s", r.Pos, r.Kind, r.Stage, r.Exposure, image)
		if r.Assumed {
			b.WriteString(" assumed")
		}
		if r.Written != image {
			fmt.Fprintf(&b, " written %s", r.Written)
		}
		for _, piece := range r.Version() {
			fmt.Fprintf(&b, " version %q at %d", piece.S, piece.Span.Start)
		}
		b.WriteByte('\n')
	}
	for _, d := range f.Diagnostics {
		fmt.Fprintf(&b, "%s: %s: %s%s\n", d.Pos, d.Severity, d.Message, d.Code.Suffix())
		if d.Hint != "" {
			fmt.Fprintf(&b, "hint: %s\n", d.Hint)
		}
	}
	return b.String()
}
