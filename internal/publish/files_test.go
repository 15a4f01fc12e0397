package publish_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A countdown is a context that is cancelled once it has been asked so many times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// A run that is interrupted between two files says which of them are written.
func TestFilesInterrupted(t *testing.T) {
	t.Parallel()
	const before, after = "FROM example/base:1.0.0\n", "FROM example/base:1.0.1\n"
	paths := []string{"a/Dockerfile", "b/Dockerfile", "c/Dockerfile"}
	for asked, written := range map[int]int{0: -1, 2: -1, 3: 0, 4: 1, 5: 2, 6: 3, 7: 3} {
		dir := t.TempDir()
		var files []*scanner.File
		for _, path := range paths {
			if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(path)), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, path), []byte(before), 0o600); err != nil {
				t.Fatal(err)
			}
			files = append(files, scanner.ScanFile(path, []byte(before), ""))
		}
		plan, err := bumper.NewPlan(t.Context(), graph.New(files, nil, nil), onDisk(dir), []bumper.Bump{{Image: "docker.io/example/base", Tag: "1.0.1"}}, bumper.Options{})
		if err != nil {
			t.Fatal(err)
		}
		changes := plan.Changes(bumper.ChangeOptions{})
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		outcomes, err := publish.Files(&countdown{t.Context(), asked}, root, []publish.Change{{Change: changes[0]}})
		if (err != nil) != (asked < 7) {
			t.Errorf("after %d questions: %v", asked, err)
		}
		if written < 0 {
			if outcomes != nil {
				t.Errorf("after %d questions: %+v, before anything is written", asked, outcomes)
			}
			written = 0
		}
		for i, path := range paths {
			want := before
			if i < written {
				want = after
			}
			if got, err := os.ReadFile(filepath.Join(dir, path)); err != nil || string(got) != want {
				t.Errorf("after %d questions %s is %q, %v", asked, path, got, err)
			}
			if len(outcomes) > 0 && outcomes[0].Written[path] != (i < written) {
				t.Errorf("after %d questions written are %v", asked, outcomes[0].Written)
			}
		}
		if len(outcomes) == 0 {
			continue
		}
		out := outcomes[0]
		if (out.State == publish.Failed) != (written < len(paths)) || out.Partial != (out.State == publish.Failed && written > 0) {
			t.Errorf("after %d questions: %s, in part: %v", asked, out.State, out.Partial)
		}
		if failures := out.Failures(); len(failures) != len(paths)-written || len(failures) > 0 && !errors.Is(failures[0], publish.ErrInterrupted) {
			t.Errorf("after %d questions the failures are %v", asked, failures)
		}
	}
}

// What says the version of a derived base is written before the Dockerfiles, whatever their
// paths: a run that dies in between leaves the base to be moved again.
func TestFilesOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	content := map[string]string{
		"a/Dockerfile": "FROM example/base:1.0.0\n", "a/VERSION": "2.0.0\n", "b/Dockerfile": "FROM example/a:2.0.0\n", "z/VERSION": "2.0.0\n",
	}
	var builds []*scanner.File
	for _, path := range slices.Sorted(maps.Keys(content)) {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(path)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, path), []byte(content[path]), 0o600); err != nil {
			t.Fatal(err)
		}
		if scanner.IsDockerfile(path) {
			builds = append(builds, scanner.ScanFile(path, []byte(content[path]), ""))
		}
	}
	releases := func(image *graph.Node) (places []bumper.Release, _ error) {
		for _, path := range []string{"a/VERSION", "z/VERSION"} {
			if image.Key == "docker.io/example/a" {
				places = append(places, bumper.Release{Tag: trace.NewFile(path, []byte(content[path])).Text(0, len("2.0.0")), How: "VERSION file", Trust: bumper.Stated})
			}
		}
		return places, nil
	}
	claims := []graph.Claim{{Image: "docker.io/example/a", Rule: graph.Configured, Path: "a/Dockerfile"}}
	plan, err := bumper.NewPlan(t.Context(), graph.New(builds, claims, nil), onDisk(dir), []bumper.Bump{{Image: "docker.io/example/base", Tag: "1.0.1"}}, bumper.Options{Releases: releases, Atomic: true})
	if err != nil {
		t.Fatal(err)
	}
	var changes []publish.Change
	for _, change := range plan.Changes(bumper.ChangeOptions{}) {
		changes = append(changes, publish.Change{Change: change})
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	var order []string
	for asked := 0; len(order) < len(content) && asked < 20; asked++ { // each run gets one file further
		if _, err := publish.Files(&countdown{t.Context(), asked}, root, changes); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		for _, path := range slices.Sorted(maps.Keys(content)) {
			if got, err := os.ReadFile(filepath.Join(dir, path)); err != nil || string(got) != content[path] && !slices.Contains(order, path) {
				order = append(order, path)
			}
		}
	}
	if want := []string{"a/VERSION", "z/VERSION", "a/Dockerfile", "b/Dockerfile"}; !slices.Equal(order, want) {
		t.Errorf("the files are written in the order %v, want %v", order, want)
	}
}

// onDisk reads the files below a directory.
type onDisk string

func (d onDisk) Prefetch(context.Context, []string) error { return nil }

func (d onDisk) Read(path string) ([]byte, error) { return os.ReadFile(filepath.Join(string(d), path)) }
