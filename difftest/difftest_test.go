package difftest_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/difftest"
)

// limits names the cases of testdata that BuildKit takes and the scanner refuses,
// because nothing but an attack on a scanner looks like that.
var limits = map[string]bool{"nested-too-deep.Dockerfile": true}

// compare holds the scanner against BuildKit in every case. BuildKit has to accept
// enough of them for the comparison to say something.
func compare(t *testing.T, cases []difftest.Case, atLeast int) {
	t.Helper()
	accepted := 0
	for _, c := range cases {
		if limits[filepath.Base(c.Name)] {
			continue
		}
		ok, difference := difftest.Compare(t.Context(), c.Src, c.Build)
		if !ok {
			continue
		}
		accepted++
		if difference != "" {
			t.Errorf("%s: %+v\n%s\n%s", c.Name, c.Build, c.Src, difference)
		}
	}
	t.Logf("%d files, %d accepted by BuildKit", len(cases), accepted)
	if accepted < atLeast {
		t.Errorf("BuildKit accepted %d of %d files, expected at least %d", accepted, len(cases), atLeast)
	}
}

func TestSamples(t *testing.T) {
	cases, err := difftest.Files("../testdata", nil)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, cases, 75)
}

// The inputs of BuildKit's own tests: the parser's files, and the Dockerfiles in
// its Go tests.
func TestBuildKitsOwnInputs(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/moby/buildkit").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "frontend", "dockerfile")
	files, err := difftest.Files(filepath.Join(dir, "parser"), func(path string) bool { return filepath.Base(path) == "Dockerfile" })
	if err != nil {
		t.Fatal(err)
	}
	literals, err := difftest.Literals(dir)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, append(files, literals...), 400)
}

func TestGenerated(t *testing.T) {
	var cases []difftest.Case
	for seed := range uint64(4000) {
		src, build := difftest.Generate(seed)
		cases = append(cases, difftest.Case{Name: fmt.Sprintf("seed %d", seed), Src: src, Build: build})
	}
	compare(t, cases, 800)
}
