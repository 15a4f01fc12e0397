package buildfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/trace"
)

// FuzzShell and FuzzMakefile read whatever there is: nothing panics, what has a
// place is what stands there, and no file takes long.
func FuzzShell(f *testing.F) {
	addCases(f, buildfile.Shell)
	f.Fuzz(func(t *testing.T, src []byte) { readOne(t, "scripts/build.sh", src) })
}

func FuzzMakefile(f *testing.F) {
	addCases(f, buildfile.Makefile)
	f.Fuzz(func(t *testing.T, src []byte) { readOne(t, "images/Makefile", src) })
}

func FuzzWorkflow(f *testing.F) {
	addCases(f, buildfile.Workflow)
	f.Fuzz(func(t *testing.T, src []byte) { readOne(t, ".github/workflows/build.yml", src) })
}

// FuzzPipeline and FuzzTasks read what has commands in it, as YAML and as lines.
func FuzzPipeline(f *testing.F) {
	addCases(f, buildfile.Pipeline)
	f.Fuzz(func(t *testing.T, src []byte) { readOne(t, ".circleci/config.yml", src) })
}

func FuzzTasks(f *testing.F) {
	addCases(f, buildfile.Tasks)
	f.Fuzz(func(t *testing.T, src []byte) { readOne(t, "justfile", src) })
}

// addCases adds the files of a kind in the cases of the golden tests.
func addCases(f *testing.F, kind buildfile.Kind) {
	f.Helper()
	err := filepath.WalkDir("../../testdata/buildfiles", func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || buildfile.KindOf(filepath.ToSlash(p)) != kind {
			return err
		}
		src, err := os.ReadFile(p)
		f.Add(src)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
}

func readOne(t *testing.T, p string, src []byte) {
	t.Helper()
	dockerfiles := []string{"Dockerfile", "app/Dockerfile", "images/a/Dockerfile", "scripts/Dockerfile"}
	fsys := fstest.MapFS{p: {Data: src}}
	start := time.Now()
	result, err := buildfile.Read(t.Context(), fsys, []string{p}, dockerfiles)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > buildfile.Hang {
		t.Errorf("took %v", took)
	}
	check := func(text trace.Text, inner string) {
		for i := range len(text.S) {
			a := text.At(i)
			if a.File != nil && (a.Off >= len(src) || src[a.Off] != text.S[i]) {
				t.Fatalf("byte %d of %q is not at %d of %s", i, text.S, a.Off, a.File.Path)
			}
		}
		if strings.ContainsAny(text.S, inner) && !strings.ContainsAny(string(src), inner) {
			t.Fatalf("%q has what is not known", text.S)
		}
	}
	for _, problem := range result.Problems {
		if strings.Contains(problem.Message, "gave up") {
			t.Fatal(problem.Message)
		}
	}
	for _, b := range result.Builds {
		for _, text := range b.Images {
			check(text, "\uFFFD\x01\x02")
		}
		for _, a := range b.Args {
			check(a.Value, "\x01\x02") // a part that is not known is kept
		}
		for _, c := range b.Contexts {
			check(c.Value, "\x01\x02")
		}
	}
}
