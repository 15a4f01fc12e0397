package release_test

import (
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/release"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// Whether a build argument that the tag is made of is the version of a program in the image.
func TestInside(t *testing.T) {
	for _, c := range []struct {
		name, dockerfile, arg string
		inside                bool
	}{
		{"a command installs it", "FROM scratch\nARG TOOL\nRUN install $TOOL\n", "TOOL", true},
		{"it is copied", "FROM scratch\nARG TOOL\nCOPY tool-${TOOL}.tgz /\n", "TOOL", true},
		{"nothing says what it is for", "FROM scratch\nARG TOOL\nENV TOOL=$TOOL\n", "TOOL", true},
		{"its base is from outside", "ARG TOOL\nFROM tool:$TOOL\n", "TOOL", true},
		{"no ARG declares it", "FROM scratch\nRUN install $TOOLS\n", "TOOL", false},
		{"no ARG declares it, and it is called like the version of a program", "FROM scratch\n", "NODE_VERSION", true},
		{"no ARG declares it, and it is called like the version of the image", "FROM scratch\n", "TOOL_VERSION", false},
		{"it is called like the version of the image, and a command installs it", "FROM scratch\nARG TOOL_VERSION\nRUN install $TOOL_VERSION\n", "TOOL_VERSION", true},
		{"it is called like the version of the image, and is its label", "FROM scratch\nARG TOOL_VERSION\nLABEL version=$TOOL_VERSION\n", "TOOL_VERSION", false},
		{"its base is made here", "ARG TOOL\nFROM made:$TOOL\n", "TOOL", false},
		{"its base is made here, and a command installs it", "ARG TOOL\nFROM made:$TOOL\nARG TOOL\nRUN install ${TOOL}\n", "TOOL", true},
		{"it is the label of the image", "FROM scratch\nARG TOOL\nLABEL org.opencontainers.image.version=$TOOL\n", "TOOL", false},
		{"it is the label, and a command installs it", "FROM scratch\nARG TOOL\nRUN install $TOOL\nLABEL org.opencontainers.image.version=$TOOL\n", "TOOL", true},
		{"it is another label", "FROM scratch\nARG TOOL\nLABEL tool=$TOOL\n", "TOOL", true},
		{"it is called as the version of an image is", "FROM scratch\nARG IMAGE_TAG\nRUN echo $IMAGE_TAG\n", "IMAGE_TAG", false},
		{"it is called as the version of an image is, and its base is from outside", "ARG IMAGE_TAG\nFROM tool:$IMAGE_TAG\n", "IMAGE_TAG", true},
		{"it is called as the version of an image is, and its base is made here", "ARG IMAGE_TAG\nFROM made:$IMAGE_TAG\n", "IMAGE_TAG", false},
		{"it has a default", "FROM scratch\nARG OTHER=1 TOOL=2.0.0\nRUN install $TOOL\n", "TOOL", true},
	} {
		value := trace.NewFile("build.env", []byte("1.0.0")).Text(0, 5)
		build := scanner.BuildConfig{Args: []scanner.Arg{{Name: c.arg, Value: value}}}
		file := scanner.ScanBuilds("Dockerfile", []byte(c.dockerfile), []scanner.BuildConfig{build})[0]
		const image = "registry.example/team/tool"
		fsys := fstest.MapFS{"Dockerfile": {Data: []byte(c.dockerfile)}}
		f := &release.Finder{
			FS: fsys, Read: fsys.ReadFile,
			Builds: func(string) []*buildfile.Build {
				tag := trace.Join(trace.Plain(image+":"), value)
				return []*buildfile.Build{{Dockerfile: "Dockerfile", Kind: buildfile.Compose, Images: []trace.Text{tag}, BuildConfig: build}}
			},
			IsMade: func(ref *scanner.Ref) bool { return ref.Image.Repository == "docker.io/library/made" },
		}
		line := graph.New([]*scanner.File{file}, []graph.Claim{{Image: image, Rule: graph.BuildFile, File: file}}, nil).Lines(image)[0]
		places, err := f.Of(line)
		if err != nil {
			t.Fatal(err)
		}
		if len(places) == 0 {
			t.Fatalf("%s: no place", c.name)
		}
		if inside := len(places[0].Inside) > 0; inside != c.inside {
			t.Errorf("%s: inside is %v, want %v", c.name, inside, c.inside)
		}
	}
}
