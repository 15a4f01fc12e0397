package release_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/release"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// Which places of a repository say a version of registry.example/team/base-java, which
// java/Dockerfile makes: the Dockerfile itself, and what is in its directory and its context.
func TestPlaces(t *testing.T) {
	const stage = "LABEL org.opencontainers.image.version="
	for _, tc := range []struct {
		name, dockerfile string
		more             map[string]string
		context          string
		want             string
	}{
		{name: "nothing", dockerfile: "FROM x:1\n"},
		{name: "a label", dockerfile: "FROM x:1\n" + stage + "1.2.0\n", want: "label 1.2.0"},
		{name: "another label", dockerfile: "FROM x:1\nLABEL version=1.2.0\n"},
		{name: "a label of an ARG", dockerfile: "FROM x:1\nARG VERSION=1.2.0\n" + stage + "$VERSION\n", want: "label 1.2.0"},

		{name: "a label of an ARG before the first FROM", dockerfile: "ARG VERSION=1.2.0\nFROM x:1\nARG VERSION\n" + stage + "$VERSION\n", want: "label 1.2.0"}, // the same bytes are one place
		{name: "a label of an ARG that the stage does not declare", dockerfile: "ARG VERSION=1.2.0\nFROM x:1\n" + stage + "1$VERSION\n", want: "ARG VERSION 1.2.0"},
		{name: "a label of a stage that is not shipped", dockerfile: "FROM x:1 AS a\n" + stage + "1.2.0\nFROM x:1\nCOPY --from=a / /\n"},
		{name: "a label of the stage that it is based on", dockerfile: "FROM x:1 AS a\n" + stage + "1.2.0\nFROM a\n", want: "label 1.2.0"},
		{name: "a label of both", dockerfile: "FROM x:1 AS a\n" + stage + "1.2.0\nFROM a\n" + stage + "1.3.0\n", want: "label 1.3.0"},

		{name: "an ARG", dockerfile: "FROM x:1\nARG VERSION=1.2.0\n", want: "ARG VERSION 1.2.0"},
		{name: "an ARG of the image", dockerfile: "FROM x:1\nARG BASE_JAVA_VERSION=1.2.0\n", want: "ARG BASE_JAVA_VERSION 1.2.0"},
		{name: "a tag of the image", dockerfile: "FROM x:1\nARG BASE_JAVA_TAG=1.2.0\n", want: "ARG BASE_JAVA_TAG 1.2.0"},
		{name: "names for any image", dockerfile: "FROM x:1\nARG IMAGE_VERSION=1.2.0\nARG IMAGE_TAG=1.3.0\n", want: "ARG IMAGE_VERSION 1.2.0; ARG IMAGE_TAG 1.3.0"},
		{name: "an ARG of a stage that is not built", dockerfile: "FROM x:1 AS a\nARG VERSION=1.2.0\nFROM x:1\nARG IMAGE_TAG=1.3.0\n", want: "ARG IMAGE_TAG 1.3.0"},
		{name: "an ARG of a stage that is copied from", dockerfile: "FROM x:1 AS a\nARG VERSION=1.2.0\nFROM x:1\nCOPY --from=a / /\n", want: "ARG VERSION 1.2.0"},
		{name: "an ARG of something else", dockerfile: "FROM x:1\nARG JAVA_VERSION=1.2.0\n"},
		{name: "an ARG without a value", dockerfile: "FROM x:1\nARG VERSION\n"},
		{name: "an ARG that the base comes from", dockerfile: "ARG VERSION=1.2.0\nFROM x:$VERSION\n"},
		{name: "an ARG that a command uses", dockerfile: "FROM x:1\nARG VERSION=1.2.0\nRUN curl -fO https://example.com/$VERSION.tgz\n"},
		{name: "an ARG that a command uses in braces", dockerfile: "FROM x:1\nARG VERSION=1.2.0\nRUN curl -fO https://example.com/${VERSION:-1}.tgz\n"},
		{name: "an ARG that a file is named by", dockerfile: "FROM x:1\nARG VERSION=1.2.0\nCOPY app-$VERSION.jar /\n"},
		{name: "an ARG that is downloaded by", dockerfile: "FROM x:1\nARG VERSION=1.2.0\nadd https://example.com/$VERSION.tgz /\n"},
		{name: "an ARG at the end of a command", dockerfile: "FROM x:1\nARG VERSION=1.2.0\nRUN install $VERSION"},
		{name: "an ARG in a heredoc", dockerfile: "FROM x:1\nARG VERSION=1.2.0\nRUN <<EOF\ninstall $VERSION\nEOF\n"},
		{name: "a longer name in a command", dockerfile: "FROM x:1\nARG VERSION=1.2.0\nRUN install $VERSIONS\n", want: "ARG VERSION 1.2.0"},
		{name: "a name in a command without a dollar", dockerfile: "FROM x:1\nARG VERSION=1.2.0\nRUN cat VERSION\n", want: "ARG VERSION 1.2.0"},
		{name: "an ARG in the environment", dockerfile: "FROM x:1\nARG VERSION=1.2.0\nENV V=$VERSION\n", want: "ARG VERSION 1.2.0"},

		{name: "files", dockerfile: "FROM x:1\n", more: map[string]string{"java/VERSION": "1.2.0\n", "java/version.txt": " 1.3.0 "}, want: "VERSION file 1.2.0; version.txt file 1.3.0"},
		{name: "files of further names", dockerfile: "FROM x:1\n", more: map[string]string{"java/VERSION.txt": "1.2.0", "java/.version": "1.3.0"}, want: "VERSION.txt file 1.2.0; .version file 1.3.0"},
		{name: "a file in lower case", dockerfile: "FROM x:1\n", more: map[string]string{"java/version": "1.2.0"}, want: "version file 1.2.0"},
		{name: "a file of another name", dockerfile: "FROM x:1\n", more: map[string]string{"java/VERSIONS": "1.2.0\n"}},
		{name: "a file elsewhere", dockerfile: "FROM x:1\n", more: map[string]string{"VERSION": "1.2.0\n", "other/VERSION": "1.2.0\n"}},
		{name: "a file that says more", dockerfile: "FROM x:1\n", more: map[string]string{"java/VERSION": "1.2.0 beta\n"}},
		{name: "a file of two lines", dockerfile: "FROM x:1\n", more: map[string]string{"java/VERSION": "1.2.0\n1.3.0\n"}},
		{name: "an empty file", dockerfile: "FROM x:1\n", more: map[string]string{"java/VERSION": "\n"}},
		{name: "a file that is too long for a version", dockerfile: "FROM x:1\n", more: map[string]string{"java/VERSION": strings.Repeat("1", 200)}},
		{name: "a file that is just short enough", dockerfile: "FROM x:1\n", more: map[string]string{"java/VERSION": strings.Repeat("1", 199)}, want: "VERSION file " + strings.Repeat("1", 199)},
		{name: "a file in the context", dockerfile: "FROM x:1\n", more: map[string]string{"app/VERSION": "1.2.0\n"}, context: "app", want: "VERSION file 1.2.0"},
		{name: "the root as the context", dockerfile: "FROM x:1\n", more: map[string]string{"VERSION": "1.2.0\n"}, context: "."},
		{name: "its own directory as the context", dockerfile: "FROM x:1\n", more: map[string]string{"java/VERSION": "1.2.0\n"}, context: "java", want: "VERSION file 1.2.0"},

		{
			name: "the order", dockerfile: "FROM x:1\nARG VERSION=1.4.0\n" + stage + "1.2.0\n",
			more: map[string]string{"java/VERSION": "1.3.0\n", "build.sh": "base-java 1.5.0\n"}, want: "label 1.2.0; VERSION file 1.3.0; ARG VERSION 1.4.0; a line of a script 1.5.0",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			fsys := fstest.MapFS{"java/Dockerfile": {Data: []byte(tc.dockerfile)}}
			for path, content := range tc.more {
				fsys[path] = &fstest.MapFile{Data: []byte(content)}
			}
			if got := places(t, fsys, tc.context); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// places prints what a finder finds of registry.example/team/base-java.
func places(t *testing.T, fsys fstest.MapFS, context string) string {
	t.Helper()
	const image = "registry.example/team/base-java"
	file := scanner.ScanFile("java/Dockerfile", fsys["java/Dockerfile"].Data, "")
	line := graph.New([]*scanner.File{file}, []graph.Claim{{Image: image, Rule: graph.BuildFile, File: file, Context: context}}, nil).Lines(image)[0]
	none := func(string) []*buildfile.Build { return make([]*buildfile.Build, len(file.Ways)) }
	f := &release.Finder{FS: fsys, Read: fsys.ReadFile, Builds: none, Scripts: []string{"build.sh"}}
	found, err := f.Of(line)
	if err != nil {
		t.Fatal(err)
	}
	trusts := map[string]bumper.Trust{"label": bumper.Label, "file": bumper.Stated, "ARG": bumper.Guess, "script": bumper.Guess}
	var all []string
	for _, place := range found {
		for word, trust := range trusts {
			if strings.Contains(place.How, word) && place.Trust != trust {
				t.Errorf("%s is trusted as %d", place.How, place.Trust)
			}
		}
		all = append(all, place.How+" "+place.Tag.S)
	}
	return strings.Join(all, "; ")
}

// A file that is larger than any that says a version is not read, and neither is what is
// no file.
func TestLargeFiles(t *testing.T) {
	const script = "base-java 1.2.0\n"
	for size, want := range map[int]string{buildfile.MaxFileSize: "a line of a script 1.2.0", buildfile.MaxFileSize + 1: ""} {
		fsys := fstest.MapFS{
			"java/Dockerfile": {Data: []byte("FROM x:1\n")},
			"java/VERSION":    {Mode: fs.ModeDir | 0o755},
			"build.sh":        {Data: []byte(script + strings.Repeat("#", size-len(script)))},
		}
		if got := places(t, fsys, ""); got != want {
			t.Errorf("%d bytes: %q, want %q", size, got, want)
		}
	}
}

// What a command in a script calls the image is a guess, what a build file calls it is certain.
func TestTrustOfTags(t *testing.T) {
	for kind, want := range map[buildfile.Kind]bumper.Trust{buildfile.Compose: bumper.Certain, buildfile.Bake: bumper.Certain, buildfile.Shell: bumper.Guess, buildfile.Makefile: bumper.Guess} {
		fsys := fstest.MapFS{}
		f := &release.Finder{FS: fsys, Read: fsys.ReadFile, Builds: func(string) []*buildfile.Build {
			return []*buildfile.Build{nil, {Kind: kind, Images: []trace.Text{trace.Plain("registry.example/team/other:1"), trace.Plain("registry.example/team/python:1.2.0")}}}
		}}
		found, err := f.Of(python(t, 2))
		if err != nil || len(found) != 1 || found[0].Tag.S != "1.2.0" || found[0].Trust != want {
			t.Errorf("%s: %+v, %v", kind, found, err)
		}
	}
}
