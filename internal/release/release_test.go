package release_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/release"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// Which lines of a script say a version of registry.example/team/python.
func TestScripts(t *testing.T) {
	for line, want := range map[string]string{
		"python 3.11.0":             "3.11.0",
		"  python:3.11.0":           "3.11.0",
		`"python" = "3.11.0"`:       "3.11.0",
		"python,3.11.0":             "3.11.0",
		"python | v3.11.0":          "v3.11.0",
		"PYTHON_VERSION=3.11.0":     "3.11.0",
		"export PYTHON_TAG='3.11'":  "3.11",
		"python3.11 -m pip install": "",
		"python3 setup.py":          "",
		"run python 3.11.0":         "",
		"pythons 3.11.0":            "",
		"OTHER_PYTHON_VERSION=3.11": "",
	} {
		fsys := fstest.MapFS{"build.sh": {Data: []byte("#!/bin/sh\n" + line + "\n")}}
		f := &release.Finder{FS: fsys, Read: fsys.ReadFile, Builds: func(string) []*buildfile.Build { return nil }, Scripts: []string{"build.sh"}}
		got := ""
		places, err := f.Of(python(t, 0))
		if err != nil {
			t.Fatal(err)
		}
		for _, place := range places {
			got += place.Tag.S
		}
		if got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

// python returns the image that a Dockerfile makes.
func python(t *testing.T, ways int) *graph.Node {
	t.Helper()
	file := scanner.Unreadable("Dockerfile", "it is not read here", "")
	for i := range ways {
		file.Ways = append(file.Ways, i)
	}
	const image = "registry.example/team/python"
	return graph.New([]*scanner.File{file}, []graph.Claim{{Image: image, Rule: graph.BuildFile, File: file}}, nil).Lines(image)[0]
}

// Bytes that are found in two ways are one place, and other bytes are another.
func TestPlacesOnce(t *testing.T) {
	const script = "python 3.11.0\n"
	read := trace.NewFile("build.sh", []byte(script)) // another reader's own
	tag := trace.Join(trace.Plain("registry.example/team/python:"), read.Text(7, 13))
	fsys := fstest.MapFS{"build.sh": {Data: []byte(script)}}
	f := &release.Finder{
		FS: fsys, Read: fsys.ReadFile, Scripts: []string{"build.sh"},
		Builds: func(string) []*buildfile.Build {
			return []*buildfile.Build{
				{Dockerfile: "Dockerfile", Kind: buildfile.Shell, Images: []trace.Text{tag}},
				{Dockerfile: "Dockerfile", Kind: buildfile.Compose, Images: []trace.Text{trace.Plain("registry.example/team/python:1.0"), trace.Plain("registry.example/team/python:2.0")}},
			}
		},
	}
	var got []string
	places, err := f.Of(python(t, 2))
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range places {
		got = append(got, place.Tag.S)
	}
	slices.Sort(got)
	if !slices.Equal(got, []string{"1.0", "2.0", "3.11.0"}) {
		t.Errorf("the places are %q", got)
	}
}

// What the configuration says of a version counts, and the tag that a build file gives moves along
// where it says the same.
func TestTagBesideTheConfiguration(t *testing.T) {
	tag := func(path, text string) trace.Text { return trace.NewFile(path, []byte(text)).Text(0, len(text)) }
	made := trace.Join(trace.Plain("registry.example/team/python:"), tag("bake", "3.11.0"))
	for configured, want := range map[string][]string{"3.11.0": {".propagate.yaml", "bake"}, "3.12.0": {".propagate.yaml"}} {
		f := &release.Finder{
			FS: fstest.MapFS{},
			Builds: func(string) []*buildfile.Build {
				return []*buildfile.Build{{Dockerfile: "Dockerfile", Kind: buildfile.Bake, Images: []trace.Text{made}}}
			},
			Configured: func(string) []bumper.Release { return []bumper.Release{{Tag: tag(".propagate.yaml", configured)}} },
		}
		places, err := f.Of(python(t, 1))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, place := range places {
			got = append(got, place.Tag.First().File.Path)
		}
		if !slices.Equal(got, want) {
			t.Errorf("versions: %s: the places are in %q, want %q", configured, got, want)
		}
	}
}

// A tag is the image's own version, but for what an argument of the build shares with it: that is
// the version of what is inside, where the argument is not called as the image's own is.
func TestNamesOfInside(t *testing.T) {
	version := trace.NewFile(".env", []byte("3.11.0")).Text(0, 6)
	for name, inside := range map[string]bool{
		"NODE_VERSION": true, "BASE_TAG": true, "PYTHON": true, "TAGS": true,
		"VERSION": false, "TAG": false, "BUILD_VERSION": false, "RELEASE": false, "RELEASE_VERSION": false, "APP_VERSION": false,
		"IMAGE_VERSION": false, "IMAGE_TAG": false, "PYTHON_VERSION": false, "PYTHON_TAG": false,
	} {
		for _, value := range []trace.Text{version, trace.Plain("3.11.0")} {
			f := &release.Finder{FS: fstest.MapFS{}, Builds: func(string) []*buildfile.Build {
				image := trace.Join(trace.Plain("registry.example/team/python:"), version)
				return []*buildfile.Build{{Kind: buildfile.Bake, Images: []trace.Text{image}, BuildConfig: scanner.BuildConfig{Args: []scanner.Arg{{Name: name, Value: value}}}}}
			}}
			found, err := f.Of(python(t, 1))
			if err != nil || len(found) != 1 {
				t.Fatalf("%s: %+v, %v", name, found, err)
			}
			if got, want := len(found[0].Inside) == 1, inside && value.First().File != nil; got != want {
				t.Errorf("%s with %v: the version is that of something inside: %v", name, value.First(), got)
			}
		}
	}
}
