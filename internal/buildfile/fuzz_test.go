package buildfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/trace/tracetest"
)

// Each format has a target of its own, which reads whatever there is: nothing panics, what has a place
// is what stands there, and no file takes long.
func FuzzShell(f *testing.F) { fuzz(f, buildfile.Shell, "scripts/build.sh") }

func FuzzMakefile(f *testing.F) { fuzz(f, buildfile.Makefile, "images/Makefile") }

func FuzzWorkflow(f *testing.F) { fuzz(f, buildfile.Workflow, ".github/workflows/build.yml") }

func FuzzAction(f *testing.F) { fuzz(f, buildfile.Workflow, ".github/actions/build/action.yml") }

func FuzzDevcontainer(f *testing.F) {
	fuzz(f, buildfile.Devcontainer, ".devcontainer/devcontainer.json")
}

func FuzzSkaffold(f *testing.F) { fuzz(f, buildfile.Skaffold, "skaffold.yaml") }

// Of pipelines and files of tasks there is one for each style.
func FuzzPipeline(f *testing.F) {
	fuzz(f, buildfile.Pipeline, ".circleci/config.yml", ".gitlab-ci.yml", ".buildkite/pipeline.yml", "Taskfile.yml")
}

func FuzzCloudBuild(f *testing.F) { fuzz(f, buildfile.Pipeline, "cloudbuild.yaml", "cloudbuild.json") }

func FuzzJustfile(f *testing.F) { fuzz(f, buildfile.Tasks, "justfile") }

func FuzzPackage(f *testing.F) { fuzz(f, buildfile.Tasks, "package.json") }

func FuzzNamed(f *testing.F) {
	fuzz(f, buildfile.Tasks, "Jenkinsfile", "Earthfile", "Rakefile", "build.py", "build.ps1", "build.cmd")
}

// fuzz reads files of a kind under each of the paths.
func fuzz(f *testing.F, kind buildfile.Kind, paths ...string) {
	f.Helper()
	addCases(f, kind)
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, p := range paths {
			readOne(t, p, src)
		}
	})
}

// What of any program is shown lies in it, in order.
func FuzzShown(f *testing.F) {
	addCases(f, buildfile.Shell)
	addCases(f, buildfile.Makefile)
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, p := range []string{"build.sh", "Makefile"} {
			var shown []source.Span
			tracetest.Brief(t, func() { shown = buildfile.Shown(trace.NewFile(p, src)) })
			end := 0
			for _, s := range shown {
				if s.Start < 0 || s.End < s.Start || s.End <= end || s.End > len(src) {
					t.Fatalf("%s: %v of %d bytes", p, shown, len(src))
				}
				end = s.End
			}
		}
	})
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
	dockerfiles := []string{"Dockerfile", "app/Dockerfile", "images/a/Dockerfile", "scripts/Dockerfile", ".devcontainer/Dockerfile"}
	fsys := fstest.MapFS{p: {Data: src}}
	var result *buildfile.Result
	tracetest.Brief(t, func() {
		var err error
		if result, err = buildfile.Read(t.Context(), fsys, []string{p}, dockerfiles); err != nil {
			t.Fatal(err)
		}
	})
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
