package monorepo

import (
	"bytes"
	"regexp"
	"slices"
	"sync"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// Unrelated reports whether the bytes of a file hold the last path component of none of
// the images that a plan reaches. It is false where they cannot be read, and where an
// image may be named by a variable.
func (r *Repository) Unrelated(f *scanner.File, p *bumper.Plan) bool {
	src, err := r.files.Read(f.Origin.Path)
	if err != nil {
		return false
	}
	src = bytes.ReplaceAll(src, []byte{0}, nil) // as in UTF-16
	if namedByVariable().Match(src) {
		return false // what it stands for comes from elsewhere
	}
	images := p.Bases()
	for _, item := range p.Items {
		images = append(images, item.Makes...)
	}
	return !slices.ContainsFunc(images, func(image *graph.Node) bool { return bytes.Contains(src, []byte(imageref.Base(image.Key))) })
}

// namedByVariable matches what may name an image by a variable, in a file that cannot be
// parsed: "FROM ${BASE}". COPY --from and mounts take none.
var namedByVariable = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?im)^[ \t]*FROM[ \t][^\n]*\$`) })
