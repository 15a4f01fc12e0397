package buildfile

import (
	"cmp"
	"maps"
	"slices"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// A Source is a file that was read for builds.
type Source struct {
	Path     string
	Kind     string // what people call it
	Builds   int    // that it says
	Values   int    // places in it where builds have a value
	Problems []reading.Problem
	Runs     []Use // services that run an image which is not built in it
}

// Sources returns the files that were read for builds, by path: the build files at paths, and
// what else they have values from.
func (r *Result) Sources(paths []string) []Source {
	all := map[string]*Source{}
	add := func(path, kind string) *Source {
		s := all[path]
		if s == nil {
			s = &Source{Path: path, Kind: kind}
			all[path] = s
		}
		return s
	}
	for _, p := range paths {
		if kind := reading.KindOf(p); kind != 0 && (kind != reading.Pipeline || reading.FormatOf(p).IsSure()) {
			add(p, kind.String())
		}
	}
	for _, p := range r.Scripts {
		add(p, reading.Shell.String())
	}
	type place struct {
		path string
		span source.Span
	}
	seen := map[place]bool{}
	values := func(text trace.Text) {
		for _, piece := range text.Pieces() {
			if piece.File == nil {
				continue
			}
			at := place{piece.File.Path, piece.Span}
			if !seen[at] {
				seen[at] = true
				add(piece.File.Path, "values").Values++
			}
		}
	}
	for _, b := range r.Builds {
		add(b.File, b.Kind.String()).Builds++
		for _, text := range b.Texts() {
			values(text)
		}
	}
	for _, p := range r.Problems {
		s := add(p.Pos.Path, "file")
		s.Problems = append(s.Problems, p)
	}
	for _, use := range r.Uses {
		s := add(use.Pos.Path, reading.Compose.String())
		s.Runs = append(s.Runs, use)
	}
	sources := make([]Source, 0, len(all))
	for _, s := range slices.SortedFunc(maps.Values(all), func(a, b *Source) int { return cmp.Compare(a.Path, b.Path) }) {
		sources = append(sources, *s)
	}
	return sources
}
