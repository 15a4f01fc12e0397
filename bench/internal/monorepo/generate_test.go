package monorepo_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/matihlabs/propagate/bench/internal/monorepo"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/scanner"
)

func generate(t *testing.T, spec monorepo.Spec) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "repo")
	if err := monorepo.Generate(t.Context(), dir, spec); err != nil {
		t.Fatal(err)
	}
	return dir
}

func head(t *testing.T, dir string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "git", "-C", dir, "rev-parse", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestTheSameSpecMakesTheSameCommits(t *testing.T) {
	spec := monorepo.Spec{Files: 600, Dockerfiles: 100}
	one, two := head(t, generate(t, spec)), head(t, generate(t, spec))
	if one != two {
		t.Errorf("commits %s and %s", one, two)
	}
}

// The benchmarks count on the numbers of consumers, and on the size.
func TestBasesHaveTheirConsumers(t *testing.T) {
	dir := generate(t, monorepo.Spec{Files: 3000, Dockerfiles: 750, Checkout: true})
	var files []*scanner.File
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !scanner.IsDockerfile(path) {
			return err
		}
		src, err := os.ReadFile(filepath.Join(dir, path))
		files = append(files, scanner.ScanFile(path, src, ""))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 750 {
		t.Errorf("%d Dockerfiles, want 750", len(files))
	}
	for _, file := range files {
		for _, d := range file.Diagnostics {
			t.Errorf("%s: %s", d.Pos, d.Message)
		}
		if n := file.Origin.Lines.Count() - 1; n < 20 || n > 90 {
			t.Errorf("%s has %d lines", file.Path, n)
		}
	}
	g := graph.New(files, nil, nil)
	for _, circle := range g.Check() {
		t.Error(circle)
	}
	for name, want := range map[string]int{monorepo.Fifty: 50, monorepo.ThreeHundred: 300} {
		dependents := g.Affected(g.Lines(monorepo.Registry + "/" + name))
		if len(dependents) != want {
			t.Errorf("%s has %d consumers, want %d", name, len(dependents), want)
		}
		for _, d := range dependents {
			if d.Base || d.Wave != 1 || d.Exposure != scanner.Runtime {
				t.Errorf("%s is no plain consumer of %s: %+v", d.File.Path, name, d)
			}
		}
	}
	dependents := g.Affected(g.Lines(monorepo.Registry + "/" + monorepo.Chained))
	longest := 0
	for _, d := range dependents {
		longest = max(longest, d.Wave)
	}
	// The base itself is one more.
	if longest != 5 {
		t.Errorf("the longest chain has %d waves, want 5", longest)
	}
}

func TestWhatIsThereAlreadyIsNotHarmed(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "precious"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := monorepo.Generate(t.Context(), dir, monorepo.Spec{Files: 600, Dockerfiles: 100}); err == nil {
		t.Error("a directory with other files was taken for the repository")
	}
}
