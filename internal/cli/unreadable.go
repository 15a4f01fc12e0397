package cli

import (
	"bytes"
	"slices"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/scanner"
)

// bases finds the images that --base names. Where there is no such image, the
// Dockerfiles that cannot be read are named first: one of them may depend on it.
func (a *App) bases(s *checkout, g *graph.Graph, typed []string, versionRequired bool) ([]bumper.Bump, error) {
	bumps, err := resolveBases(g, typed, versionRequired)
	if err != nil {
		a.diagnose(slices.DeleteFunc(slices.Clone(s.Files), func(f *scanner.File) bool { return !f.Unreadable }), false, false)
	}
	return bumps, err
}

// diagnosePlan is diagnose for what a plan is about: a Dockerfile that cannot be read,
// and that names none of the images that the bases reach, is a note.
func (a *App) diagnosePlan(s *checkout, p *bumper.Plan, strict bool) {
	var files []*scanner.File
	for _, f := range s.Files {
		if !f.Unreadable || strict || !s.unrelated(f, p) {
			files = append(files, f)
			continue
		}
		for _, d := range f.Diagnostics {
			a.notef("note: %s: %s; it names no image that the bases reach", report.Clean(d.Pos.String()), report.Clean(d.Message))
		}
	}
	a.diagnose(files, strict, false)
}

// unrelated reports whether the bytes of a file hold the last path component of none of
// the images that a plan reaches. It is false where they cannot be read.
func (s *checkout) unrelated(f *scanner.File, p *bumper.Plan) bool {
	src, err := s.files.Read(f.Origin.Path)
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
