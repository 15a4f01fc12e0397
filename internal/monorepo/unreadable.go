package monorepo

import (
	"bytes"
	"slices"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// Unrelated reports whether the bytes of a file hold the last path component of none of
// the images that a plan reaches. It is false where they cannot be read.
func (r *Repository) Unrelated(f *scanner.File, p *bumper.Plan) bool {
	src, err := r.files.Read(f.Origin.Path)
	if err != nil {
		return false
	}
	src = bytes.ReplaceAll(src, []byte{0}, nil) // as in UTF-16
	images := p.Images()
	for _, item := range p.Items {
		images = append(images, item.Makes...)
	}
	return !slices.ContainsFunc(images, func(image string) bool { return bytes.Contains(src, []byte(imageref.Base(image))) })
}
