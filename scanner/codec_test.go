package scanner_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// What comes out of Decode is what went into Encode, for every Dockerfile of the
// corpus, as it is and with values that a build hands in; the rest of a file that is
// cut off or changed is an error, never a panic.
func TestCodec(t *testing.T) {
	paths, err := filepath.Glob("../testdata/dockerfiles/*.Dockerfile")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no Dockerfiles: %v", err)
	}
	env := trace.NewFile("build.env", []byte("V=9.9.9\nBASE=acme/base:9.9.9\nV=8.8.8\n"))
	ways := []scanner.BuildConfig{{
		Args:     []scanner.Arg{{Name: "V", Value: env.Text(2, 7)}, {Name: "BASE", Value: env.Text(13, 28)}},
		Defaults: [][]scanner.Arg{{{Name: "V", Value: env.Text(31, 36)}}},
		Contexts: []scanner.Context{{Name: "base", Value: trace.Join(trace.Plain("docker-image://"), env.Text(13, 28))}},
	}}
	other := func(string) *trace.Origin { return env.Origin }
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, builds := range [][]scanner.BuildConfig{nil, ways} {
			files := scanner.ScanBuilds("a/Dockerfile", src, builds)
			want := all(files)
			data := scanner.Encode(files)
			got, err := scanner.Decode(data, "a/Dockerfile", "a/Dockerfile", builds, other)
			if err != nil || !bytes.Equal(scanner.Encode(got), data) || all(got) != want || !reflect.DeepEqual(got[0].Builds, files[0].Builds) {
				t.Fatalf("%s: %v\ngot  %s\nwant %s", path, err, all(got), want)
			}
			moved, err := scanner.Decode(data, "b/Dockerfile", "shared/Dockerfile", builds, other)
			if err != nil || strings.ReplaceAll(all(moved), "b/Dockerfile", "a/Dockerfile") != want {
				t.Fatalf("%s: elsewhere it reads %v\n%s", path, err, all(moved))
			}
			for n := range len(data) {
				if _, err := scanner.Decode(data[:n], "a/Dockerfile", "a/Dockerfile", builds, other); err == nil {
					t.Fatalf("%s: cut off at %d of %d it reads well", path, n, len(data))
				}
				bad := append([]byte{}, data...)
				bad[n] ^= 0x81
				_, _ = scanner.Decode(bad, "a/Dockerfile", "a/Dockerfile", builds, other)
			}
		}
	}
}

// all describes what several builds read.
func all(files []*scanner.File) string {
	var b strings.Builder
	for _, f := range files {
		fmt.Fprintf(&b, "target %q of %v\n%s", f.Target, f.Ways, describe(f))
		for _, ref := range f.Defaults {
			fmt.Fprintf(&b, "default %s %s\n", ref.Image, ref.Pos)
		}
		for _, ref := range f.Triggers {
			fmt.Fprintf(&b, "trigger %s %s\n", ref.Image, ref.Pos)
		}
	}
	return b.String()
}
