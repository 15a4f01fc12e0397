package scanner

import (
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// A BuildConfig is a way in which a Dockerfile is built: by a service of a compose file,
// a target of a bake file, a command in a script. The zero BuildConfig is docker build
// without any options.
type BuildConfig struct {
	Where    source.Pos // of the build in its build file
	Target   string     // the stage that is shipped; "" is the last
	Args     []Arg      // build arguments; of two with one name the later counts
	Contexts []Context  // named build contexts; likewise

	// Defaults are what the build file would hand in by itself where its callers leave a choice to it:
	// each is a set of arguments in the place of those of Args of the same names. This
	// build uses none of them.
	Defaults [][]Arg

	// Platforms are what it is built for ("linux/arm64"), in the order of the build file;
	// none where nothing says so. Several make one image.
	Platforms []string

	// Fixed says that the configuration gives the target: the Dockerfile is not built
	// without one besides.
	Fixed bool

	// Triggered says that other builds run what stands behind ONBUILD in the stage that is shipped, so that its
	// image is not to be had without what is named there.
	Triggered bool

	// Loose is the target that a program gives, whose commands may build many
	// Dockerfiles: where it is Target and the Dockerfile has no such stage, it was
	// meant for another, and counts as none. "" for every other.
	Loose string
}

// Unknown stands in what a build hands in for what is not known: a part of a value, or all of it.
const Unknown = "\uFFFD"

// An Arg is a build argument with its value.
type Arg struct {
	Name  string
	Value trace.Text
}

// A Context is a named build context: it takes the place of the stage or image of
// that name in FROM, COPY --from and RUN --mount=from (BuildKit, "Named contexts").
type Context struct {
	Name  string
	Key   trace.Text // Name, with the places of its bytes where they are known
	Value trace.Text // "docker-image://REFERENCE", or the path or URL of a directory

	// Link is the name of another build of the same build file ("compose.yaml#base"),
	// for a context that is the image of that build ("target:base", "service:base"); ""
	// for every other.
	Link string
}

// Origins adds the files that hold what the build passes, by path.
func (b BuildConfig) Origins(to map[string]*trace.Origin) {
	texts := b.inputs()
	for _, set := range b.Defaults {
		for _, a := range set {
			texts = append(texts, a.Value)
		}
	}
	for _, text := range texts {
		for _, piece := range text.Pieces() {
			if piece.File != nil {
				to[piece.File.Path] = piece.File
			}
		}
	}
}
