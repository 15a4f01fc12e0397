package scanner_test

import (
	"bytes"
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
	env := trace.NewFile("build.env", []byte("V=9.9.9\nBASE=acme/base:9.9.9\n"))
	ways := []scanner.BuildConfig{{
		Args:     []scanner.Arg{{Name: "V", Value: env.Text(2, 7)}, {Name: "BASE", Value: env.Text(13, len(env.Src)-1)}},
		Contexts: []scanner.Context{{Name: "base", Value: trace.Join(trace.Plain("docker-image://"), env.Text(13, len(env.Src)-1))}},
	}}
	other := func(string) *trace.Origin { return env.Origin }
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, builds := range [][]scanner.BuildConfig{nil, ways} {
			want := scanner.ScanBuilds("a/Dockerfile", src, builds)
			data := want.Encode()
			got, err := scanner.Decode(data, "a/Dockerfile", "a/Dockerfile", builds, other)
			if err != nil || !bytes.Equal(got.Encode(), data) || describe(got) != describe(want) || !reflect.DeepEqual(got.Builds, want.Builds) {
				t.Fatalf("%s: %v\ngot  %s\nwant %s", path, err, describe(got), describe(want))
			}
			moved, err := scanner.Decode(data, "b/Dockerfile", "shared/Dockerfile", builds, other)
			if err != nil || strings.ReplaceAll(describe(moved), "b/Dockerfile", "a/Dockerfile") != describe(want) {
				t.Fatalf("%s: elsewhere it reads %v\n%s", path, err, describe(moved))
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
