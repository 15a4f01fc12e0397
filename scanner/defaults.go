package scanner

import (
	"slices"

	"github.com/matihlabs/propagate/internal/source"
)

// defaults returns what only the file's own text gives, and what only the defaults of the build
// files give that build it.
func (p *parsed) defaults(files []*File) []*Ref {
	first := files[0].Builds[0]
	on := append(first.views(), defaultPlatform)[0]
	own, _ := p.run(BuildConfig{Target: p.settle(first).Target}, on)
	own.sort()
	all := slices.DeleteFunc(own.Refs, func(ref *Ref) bool { return isRead(ref, files) })
	for _, build := range p.byDefault(files) {
		on := append(build.views(), defaultPlatform)[0]
		f, _ := p.run(build, on)
		f.sort()
		for _, ref := range f.Refs {
			if ref.Outside.Path == "" && !isRead(ref, files) && !slices.ContainsFunc(all, ref.isSame) {
				ref.Build, ref.inputs = source.Pos{}, nil // no build hands it in
				all = append(all, ref)
			}
		}
	}
	return all
}

// isRead reports whether a reference of what is never built is of no interest: it has no version, or
// one of the builds reads the same.
func isRead(ref *Ref, files []*File) bool {
	return ref.Kind == Syntax || ref.Image.Version() == "" || slices.ContainsFunc(files, func(f *File) bool { return slices.ContainsFunc(f.Refs, ref.isSame) })
}

// isSame reports whether two references are one, with a value from one place.
func (r *Ref) isSame(other *Ref) bool {
	return r.beside(other) && r.Image.String() == other.Image.String() && r.Text.Beside(other.Text)
}

// maxDefaults bounds how often a file is read with defaults of the build files.
const maxDefaults = 20

// byDefault returns the builds of files as they would be with the defaults of their build files.
func (p *parsed) byDefault(files []*File) []BuildConfig {
	var all []BuildConfig
	names, known := p.declared(), map[string]bool{}
	for _, f := range files {
		for _, build := range f.Builds {
			for _, set := range build.Defaults {
				other := p.settle(build)
				other.Args, other.Defaults = slices.Concat(build.Args, set), nil
				if input := other.input(names); !known[input] && len(all) < maxDefaults {
					known[input] = true
					all = append(all, other)
				}
			}
		}
	}
	return all
}
