package config

import (
	"slices"
	"strings"

	"github.com/matihlabs/propagate/scanner"
)

// policies notes which patterns of images of a policy fit no image, which policies fit no
// reference, and which registries no image is in.
func (u *unused) policies(files []*scanner.File) {
	var repositories []string
	for _, n := range u.graph.Images() {
		repositories = append(repositories, n.Key)
	}
	repositories = slices.Compact(slices.Sorted(slices.Values(repositories)))
	for _, r := range u.rules {
		fits := r.images == nil
		for _, p := range r.images {
			if slices.ContainsFunc(repositories, func(repository string) bool { return p.fits(repository) != fitsNot }) {
				fits = true
				continue
			}
			u.notes = append(u.notes, note(p.pos, "policies: images: %s fits no image here", p.Text))
		}
		if fits && r.images != nil && r.paths != nil && r.pathsFit(files) && !r.fitsOneOf(files) {
			said := r.said(r.at)
			u.notes = append(u.notes, note(r.at, "policies: no file that %s fits refers to an image that %s fits", said.Paths, said.Images))
		}
	}
	asked := map[string]bool{} // in place of others
	for _, r := range u.Registries {
		asked[registryOf(r.Mirror)] = true
	}
	for host, at := range u.registriesAt {
		in := func(repository string) bool { return strings.HasPrefix(repository, host+"/") }
		if !asked[host] && !slices.ContainsFunc(repositories, in) {
			u.notes = append(u.notes, note(at, "registries: no image here is in %s", host))
		}
	}
}

// pathsFit reports whether a rule fits a file. One that fits none has a note already.
func (r rule) pathsFit(files []*scanner.File) bool {
	return slices.ContainsFunc(files, func(f *scanner.File) bool { return r.ofPath(f.Path) != fitsNot })
}

// fitsOneOf reports whether a rule fits a reference of some files.
func (r rule) fitsOneOf(files []*scanner.File) bool {
	return slices.ContainsFunc(files, func(f *scanner.File) bool {
		return r.ofPath(f.Path) != fitsNot && slices.ContainsFunc(f.Refs, func(ref *scanner.Ref) bool {
			name := ref.Repository()
			return name != "" && r.ofImage(name) != fitsNot
		})
	})
}
