package monorepo

import (
	"bytes"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/imageref"
)

// maxHistories bounds for how many lines the history is searched.
const maxHistories = 20

// formerly looks in the history of the build files for the build that was on a line which
// none is on now: graph.History. A plain directory, a shallow clone and a history that
// cannot be read tell nothing, and neither does one in which the build is called by its version:
// rt-2026-11-09 of a matrix.
func (r *Repository) formerly(image string, line imageref.Line, numbers int, makers []*graph.Node) (*graph.Node, bool) {
	if r.git == nil || len(line.Numbers) == 0 || r.histories >= maxHistories {
		return nil, false
	}
	r.histories++
	isUnclear := false
	needle := []byte(strings.Join(line.Numbers[:min(numbers, len(line.Numbers))], "."))
	var found *graph.Node
	for _, path := range r.buildFilesOf(makers) {
		_, ok, err := r.git.Past(r.ctx, r.Revision.Commit, path, func(content []byte) bool {
			if !bytes.Contains(content, needle) {
				return false
			}
			then, err := buildfile.ReadAs(r.ctx, r.files, path, content, r.Dockerfiles, r.names()...)
			if err != nil {
				return false
			}
			var made bool
			found, made = r.madeThen(then, image, line, numbers, makers)
			isUnclear = isUnclear || made && found == nil
			return found != nil
		})
		if err != nil {
			return nil, false
		}
		if ok {
			return found, true
		}
	}
	return nil, !isUnclear
}

// buildFilesOf returns the build files that speak of builds, sorted.
func (r *Repository) buildFilesOf(makers []*graph.Node) []string {
	var paths []string
	for _, maker := range makers {
		for _, build := range r.buildsOf(maker.Key) {
			if build != nil {
				paths = append(paths, build.File)
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// sameBuild returns the one maker that an entry of a build file was for: by its Dockerfile and
// target, and of several by what the build file calls it. It is nil where that is not clear.
func (r *Repository) sameBuild(entry buildfile.Build, makers []*graph.Node) *graph.Node {
	var found []*graph.Node
	for _, byName := range []bool{false, true} {
		found = nil
		for _, maker := range makers {
			if maker.Key != entry.Dockerfile || !strings.EqualFold(maker.File.Target, entry.Target) {
				continue
			}
			named := func(way int) bool {
				b := r.buildsOf(maker.Key)[way]
				return b != nil && b.Name == entry.Name
			}
			if !byName || entry.Name != "" && slices.ContainsFunc(maker.File.Ways, named) {
				found = append(found, maker)
			}
		}
		if len(found) == 1 {
			return found[0]
		}
	}
	return nil
}

// madeThen returns the maker that was on a line once, and whether there was one: nil where it is not clear which.
func (r *Repository) madeThen(then *buildfile.Result, image string, line imageref.Line, numbers int, makers []*graph.Node) (maker *graph.Node, made bool) {
	for _, build := range then.Builds {
		for _, text := range build.Images {
			ref, err := imageref.Parse(text.S)
			was := imageref.LineOf(ref.Tag)
			if err != nil || ref.Repository != image || was.Flavour != line.Flavour || was.Shared(line) < min(numbers, len(line.Numbers)) {
				continue
			}
			if maker, made = r.sameBuild(build, makers), true; maker != nil {
				return maker, true
			}
		}
	}
	return nil, made
}
