package buildfile_test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

var update = flag.Bool("update", false, "write what comes out into the golden files")

// Each directory of testdata/buildfiles is a small repository with what its build
// files say beside it.
func TestBuildFiles(t *testing.T) {
	const root = "../../testdata/buildfiles"
	entries, err := os.ReadDir(root)
	if err != nil || len(entries) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, entry := range entries {
		t.Run(entry.Name(), func(t *testing.T) {
			names, err := os.ReadFile(filepath.Join(root, entry.Name(), "repository")) // what it is called on its forge
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			got := describe(t, os.DirFS(filepath.Join(root, entry.Name(), "in")), strings.Fields(string(names))...)
			golden := filepath.Join(root, entry.Name(), "builds.golden")
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

// readAll reads the build files of a repository.
func readAll(t *testing.T, fsys fs.FS, names ...string) *buildfile.Result {
	t.Helper()
	var builds, dockerfiles []string
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if scanner.IsDockerfile(p) {
			dockerfiles = append(dockerfiles, p)
		}
		if buildfile.KindOf(p) != 0 || buildfile.MayBeProgram(path.Base(p), true) {
			builds = append(builds, p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	result, err := buildfile.Read(t.Context(), fsys, builds, dockerfiles, names...)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// describe reads the build files of a repository and prints what they say.
func describe(t *testing.T, fsys fs.FS, names ...string) string {
	t.Helper()
	result := readAll(t, fsys, names...)
	var b strings.Builder
	for _, build := range result.Builds {
		fmt.Fprintf(&b, "%s: %s builds %s in %q", build.Where, build.Kind, build.Dockerfile, build.Context)
		if build.Target != "" {
			fmt.Fprintf(&b, " target %s", build.Target)
		}
		b.WriteByte('\n')
		if build.Inline.S != "" {
			fmt.Fprintf(&b, "  inline %s\n", strings.ReplaceAll(where(t, fsys, build.Inline), "\n", "\n    "))
		}
		for _, image := range build.Images {
			fmt.Fprintf(&b, "  image %s\n", where(t, fsys, image))
		}
		for _, image := range build.Partly {
			fmt.Fprintf(&b, "  image %s, of which not all is known\n", strings.ReplaceAll(where(t, fsys, image), scanner.Unknown, "…"))
		}
		if build.Name != "" {
			fmt.Fprintf(&b, "  name %s\n", build.Name)
		}
		if len(build.Platforms) > 0 {
			fmt.Fprintf(&b, "  platforms %s\n", strings.Join(build.Platforms, " "))
		}
		for _, arg := range build.Args {
			if arg.Value.S == scanner.Unknown {
				fmt.Fprintf(&b, "  arg %s is not known\n", arg.Name)
				continue
			}
			fmt.Fprintf(&b, "  arg %s=%s\n", arg.Name, where(t, fsys, arg.Value))
		}
		for _, set := range build.Defaults {
			for _, arg := range set {
				fmt.Fprintf(&b, "  by default, arg %s=%s\n", arg.Name, where(t, fsys, arg.Value))
			}
		}
		for _, c := range build.Contexts {
			fmt.Fprintf(&b, "  context %s=%s", c.Name, where(t, fsys, c.Value))
			if c.Link != "" {
				fmt.Fprintf(&b, " the build %s", c.Link)
			}
			b.WriteByte('\n')
		}
		for _, choice := range build.Choices {
			fmt.Fprintf(&b, "  a choice:\n")
			for _, value := range choice {
				fmt.Fprintf(&b, "    %s\n", where(t, fsys, value))
			}
		}
		for _, group := range build.Twins {
			fmt.Fprintf(&b, "  moves along:\n")
			for _, value := range group {
				fmt.Fprintf(&b, "    %s\n", where(t, fsys, value))
			}
		}
	}
	for _, u := range result.Uses {
		fmt.Fprintf(&b, "%s: %s runs %s\n", u.Pos, u.Who(), u.Image.S)
	}
	for _, p := range result.Problems {
		fmt.Fprintf(&b, "%s: %s%s\n", p.Pos, p.Message, p.Code.Suffix())
	}
	return b.String()
}

// where prints a text with the places of its pieces, and checks that they hold
// what they are said to.
func where(t *testing.T, fsys fs.FS, text trace.Text) string {
	t.Helper()
	var places []string
	for _, p := range text.Pieces() {
		if p.File == nil {
			places = append(places, fmt.Sprintf("%q", p.S))
			continue
		}
		src, err := fs.ReadFile(fsys, p.File.Path)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(p.Span.Of(src)); got != p.S {
			t.Errorf("%s at %v is %q, not %q", p.File.Path, p.Span, got, p.S)
		}
		places = append(places, fmt.Sprintf("%s:%d:%q", p.File.Path, p.File.Line(p.Span.Start), p.S))
	}
	return fmt.Sprintf("%s  [%s]", text.S, strings.Join(places, " "))
}
