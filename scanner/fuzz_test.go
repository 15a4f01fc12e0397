package scanner_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// seeds adds the Dockerfiles of testdata to the corpus.
func seeds(f *testing.F) {
	paths, err := filepath.Glob("../testdata/dockerfiles/*.Dockerfile")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
}

// hang is far above what any file takes, whatever else the machine does.
const hang = 10 * time.Minute

// What a scan says of any input holds together: it does not panic or hang,
// every position lies in the file, and the bytes at the span of a version are the
// version.
func FuzzScanFile(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		before := bytes.Clone(src)
		began := time.Now()
		file := scanner.ScanFile("Dockerfile", src, "")
		if took := time.Since(began); took > hang && len(src) <= scanner.MaxFileSize {
			t.Fatalf("%d bytes took %v", len(src), took)
		}
		if !bytes.Equal(src, before) {
			t.Fatal("the source changed")
		}
		lines := source.NewLines(src)
		for _, ref := range file.Refs {
			if ref.Pos.Line < 1 || ref.Pos.Line > lines.Count() {
				t.Fatalf("%s is at %s of %d lines", ref.Written, ref.Pos, lines.Count())
			}
			if ref.Stage >= len(file.Stages) {
				t.Fatalf("%s is in stage %d of %d", ref.Written, ref.Stage, len(file.Stages))
			}
			var written strings.Builder
			for _, piece := range ref.Version() {
				written.Write(piece.Span.Of(src))
			}
			version := ref.Image.Version()
			if pieces := ref.Version(); len(pieces) == 1 && len(written.String()) == len(version) && written.String() != version {
				t.Fatalf("%s: the bytes at its version are %q, the version is %q", ref.Written, written.String(), version)
			}
			for _, piece := range ref.Version() {
				if !strings.Contains(version, string(piece.Span.Of(src))) {
					t.Fatalf("%s: %q is written at %v, the version is %q", ref.Written, piece.Span.Of(src), piece.Span, version)
				}
			}
		}
		for _, d := range file.Diagnostics {
			if d.Pos.Line > lines.Count() || d.Message == "" {
				t.Fatalf("%+v in a file of %d lines", d, lines.Count())
			}
		}
	})
}

// Files that are made to be slow, each of them close to the largest that is read.
func TestHostileFiles(t *testing.T) {
	fill := func(unit string) string { return strings.Repeat(unit, max(1, (hostileSize-62000)/len(unit))) }
	for name, src := range map[string]string{
		"arguments that double":      "ARG A=" + strings.Repeat("x", 60000) + "\n" + fill("ARG A=$A$A\n"),
		"one value, many uses":       "ARG A=" + strings.Repeat("x", 60000) + "\n" + fill("FROM "+strings.Repeat("$A", 20000)+"\n"),
		"patterns over a long value": "ARG A=" + strings.Repeat("x", 60000) + "\n" + fill("ARG B=${A//x/y}\n"),
		"stages":                     fill("FROM a\n"),
		"stages on each other":       fill("FROM a AS a\n"),
		"stages that copy":           fill("FROM a AS x\nCOPY --from=x a b\n"),
		"mounts":                     "FROM a\n" + fill("RUN --mount=from=a x\n"),
		"mounts in one line":         "FROM a\n" + fill("RUN "+strings.Repeat("--mount=from=a,target=/x ", 2500)+"x\n"),
		"long flags":                 "FROM a\n" + fill("COPY --from="+strings.Repeat("x", 60000)+" a b\n"),
		"nonsense":                   fill("{\n"),
		"unknown instructions":       fill("X y\n"),
		"nested variables":           "FROM " + strings.Repeat("${A:-", 10000) + "x" + strings.Repeat("}", 10000) + "\n",
		"continued lines":            "FROM \\\n" + fill("a\\\n") + "\n",
		"comments in one":            "FROM \\\n" + fill("#\n") + "a\n",
		"heredocs":                   "FROM a\n" + fill("RUN <<a\na\n"),
		"a long line":                "FROM " + strings.Repeat("x", 1000000),
		"quotes":                     "FROM " + strings.Repeat(`"`, 60001) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			file := scanner.ScanFile("Dockerfile", []byte(src), "")
			if len(src) > scanner.MaxFileSize {
				t.Fatalf("the file has %d bytes and is not read at all", len(src))
			}
			if len(file.Diagnostics) > 20 {
				t.Errorf("%d diagnostics", len(file.Diagnostics))
			}
			for _, d := range file.Diagnostics {
				if len(d.Message) > 1000 {
					t.Errorf("a message of %d bytes", len(d.Message))
				}
			}
		})
	}
}
