package buildfile_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// A build that one file says by running another reads the same after an edit of
// either, and of a file that is printed.
func TestVerifyAcrossFiles(t *testing.T) {
	fsys := fstest.MapFS{
		"Makefile":      {Data: []byte("all:\n\t$(MAKE) -C app VERSION=1.0\n")},
		"app/Makefile":  {Data: []byte("BASE = alpine:3.1\nVERSION ?= $(shell cat VERSION)\napp:\n\tdocker build --build-arg BASE=$(BASE) -t example.com/app:$(VERSION) .\n")},
		"app/VERSION":   {Data: []byte("0.1\n")},
		"compose.yaml":  {Data: []byte("services:\n  app:\n    image: example.com/app:1.10\n    build: {context: app, args: {V: 1.1}}\n")},
		"app/unrelated": {Data: []byte("1.0")},
	}
	dockerfiles := []string{"app/Dockerfile"}
	before, err := buildfile.Read(t.Context(), fsys, []string{"Makefile", "app/Makefile", "compose.yaml"}, dockerfiles)
	if err != nil || len(before.Builds) != 3 {
		t.Fatalf("%+v, %v", before, err)
	}
	edit := func(path, old, replacement string) []trace.Replacement {
		f := trace.NewFile(path, fsys[path].Data)
		at := strings.Index(string(f.Src), old)
		return []trace.Replacement{{File: f.Origin, Span: source.Span{Start: at, End: at + len(old)}, Old: old, New: replacement}}
	}
	for _, edits := range [][]trace.Replacement{edit("Makefile", "1.0", "1.1"), edit("app/Makefile", "3.1", "3.2"), edit("app/VERSION", "0.1", "0.2"), edit("app/unrelated", "1.0", "1.1")} {
		if err := buildfile.NewVerifier(fsys, before, dockerfiles).Verify(t.Context(), edits); err != nil {
			t.Errorf("%s: %v", edits[0].File.Path, err)
		}
	}
	err = buildfile.NewVerifier(fsys, before, dockerfiles).Verify(t.Context(), edit("app/VERSION", "0.1", "0.1\n2"))
	if err == nil || !strings.Contains(err.Error(), "app/Makefile") {
		t.Errorf("a version that the Makefile would read otherwise: %v", err)
	}
	err = buildfile.NewVerifier(fsys, before, dockerfiles).Verify(t.Context(), edit("compose.yaml", "1.1}", "1.10}"))
	if err == nil || !strings.Contains(err.Error(), "would read") {
		t.Errorf("a number that loses its zero: %v", err)
	}
}

// Two values of a matrix that become the same make two targets of one name, and the error says so.
func TestVerifyNamesOfAMatrix(t *testing.T) {
	src := "target \"rt\" {\n  name = \"rt-${replace(v, \".\", \"-\")}\"\n  matrix = { v = [\"1.0.2\", \"1.0.3\"] }\n  args = { V = v }\n}\n"
	fsys := fstest.MapFS{"docker-bake.hcl": {Data: []byte(src)}}
	before, err := buildfile.Read(t.Context(), fsys, []string{"docker-bake.hcl"}, []string{"Dockerfile"})
	if err != nil || len(before.Builds) != 2 {
		t.Fatalf("%+v, %v", before, err)
	}
	f := trace.NewFile("docker-bake.hcl", []byte(src))
	at := strings.Index(src, "1.0.2")
	edit := []trace.Replacement{{File: f.Origin, Span: source.Span{Start: at, End: at + 5}, Old: "1.0.2", New: "1.0.3"}}
	err = buildfile.NewVerifier(fsys, before, []string{"Dockerfile"}).Verify(t.Context(), edit)
	if want := `docker-bake.hcl:1:1: with the new version, target "rt": its matrix makes more than one target of the name "rt-1-0-3"`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// The option that the default of an input names moves with it, unless another option is the new version already.
func TestAlongChoices(t *testing.T) {
	for _, tc := range []struct{ name, options, want string }{
		{"its option moves", "[1.0.1, 1.1.0]", "1.0.1->1.0.2 at 5"},
		{"another is the new version", "[1.0.1, 1.0.2]", ""},
		{"as a text", `["1.0.1", "1.0.2"]`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			src := "on:\n  workflow_dispatch:\n    inputs:\n      v:\n        options: " + tc.options + "\n        default: 1.0.1\njobs:\n  a:\n    steps:\n      - run: docker build --build-arg V=${{ inputs.v }} .\n"
			fsys := fstest.MapFS{".github/workflows/a.yml": {Data: []byte(src)}, "Dockerfile": {Data: []byte("ARG V\nFROM os:$V\n")}}
			result, err := buildfile.Read(t.Context(), fsys, []string{".github/workflows/a.yml"}, []string{"Dockerfile"})
			if err != nil || len(result.Builds) != 1 {
				t.Fatalf("%+v, %v", result, err)
			}
			if result, err = buildfile.Decode(result.Encode()); err != nil {
				t.Fatal(err)
			}
			f := trace.NewFile(".github/workflows/a.yml", []byte(src))
			at := strings.LastIndex(src, "1.0.1")
			var got []string
			for _, twin := range result.Along()(trace.Replacement{File: f.Origin, Span: source.Span{Start: at, End: at + 5}, Old: "1.0.1", New: "1.0.2"}) {
				got = append(got, fmt.Sprintf("%s->%s at %d", twin.Old, twin.New, twin.Line()))
			}
			if all := strings.Join(got, ", "); all != tc.want {
				t.Errorf("%q, want %q", all, tc.want)
			}
		})
	}
}
