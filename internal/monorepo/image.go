package monorepo

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
)

// FindImage returns the repository of the one image that Dockerfiles depend on and that
// name fits: a repository, or its last path components. They are several where the same
// builds make them all, for several registries, for an official image of Docker's that is
// named for single architectures too, and for one that builds get through mirrors. The error is an [*InputError]
// that names the nearest, or all that fit.
func (r *Repository) FindImage(name string) ([]string, error) {
	g := r.Graph()
	found := g.Find(name)
	if ref, err := imageref.Parse(name); err == nil && len(found) == 0 {
		if found = g.Find(ref.Repository); len(found) == 0 {
			found = r.throughMirrors(ref.Repository, nil)
		}
	}
	found = r.withoutServer(r.throughMirrors(name, found))
	switch {
	case len(found) == 1 || len(found) > 1 && (sameMakers(g, found) || graph.IsOneOfficial(found) || r.areMirrors(found)):
		return found, nil
	case len(found) == 0:
		hint := "propagate graph lists the images that Dockerfiles depend on"
		if names := nearest(g, name); len(names) > 0 {
			hint = "the nearest names are " + strings.Join(names, ", ")
		}
		if ref, err := imageref.Parse(name); err == nil {
			if runs := r.runs(ref.Repository); len(runs) > 0 {
				hint = fmt.Sprintf("%s runs it at %s; references: in the configuration, with a pattern for the file, has it found there", runs[0].Who(), runs[0].Pos)
			}
		}
		if n := len(r.Templates); n > 0 {
			hint += fmt.Sprintf("; of %s of Dockerfiles nothing is read, and propagate scan --verbose names them", source.Count(n, "template"))
		}
		return nil, invalid(errors.New("no Dockerfile depends on an image of this name"), hint)
	}
	return nil, invalid(fmt.Errorf("the name fits several images: %s", strings.Join(found, ", ")), "write more of its path, up to the whole")
}

// withoutServer leaves out what is named by the server of Docker Hub, where the image itself is
// among those that fit. Docker takes registry-1.docker.io/library/node for another image than node.
func (r *Repository) withoutServer(found []string) []string {
	const server, hub = "registry-1.docker.io/", "docker.io/"
	return slices.DeleteFunc(slices.Clone(found), func(repository string) bool {
		image, ok := strings.CutPrefix(repository, server)
		if ok = ok && slices.Contains(found, hub+image); ok {
			r.options.note("%s is %s by the name of its server, and another image to Docker: a --base of its own moves it", repository, hub+image)
		}
		return ok
	})
}

// sameMakers reports whether one build, or the same builds, make all of the images.
func sameMakers(g *graph.Graph, repositories []string) bool {
	makers := func(repository string) []*graph.Node {
		var all []*graph.Node
		for _, line := range g.Lines(repository) {
			if c, ok := line.Claim(); ok && !c.Rule.IsGuess() { // a name says nothing of registries
				all = append(all, line.Maker())
			}
		}
		slices.SortFunc(all, func(a, b *graph.Node) int { return cmp.Compare(a.ID(), b.ID()) })
		return all
	}
	first := makers(repositories[0])
	return len(first) > 0 && !slices.ContainsFunc(repositories[1:], func(name string) bool { return !slices.Equal(makers(name), first) })
}

// nearest returns up to three images whose last components look like name's.
func nearest(g *graph.Graph, name string) []string {
	type candidate struct {
		image    string
		distance int
	}
	want := strings.ToLower(imageref.Base(name))
	var candidates []candidate
	for _, node := range g.Images() {
		if node.Nameless || slices.ContainsFunc(candidates, func(c candidate) bool { return c.image == node.Key }) {
			continue
		}
		have := imageref.Base(node.Key)
		distance := levenshtein.Distance(want, have, nil)
		if strings.Contains(have, want) || strings.Contains(want, have) {
			distance = min(distance, 1)
		}
		if distance <= max(2, len(want)/3) {
			candidates = append(candidates, candidate{node.Key, distance})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	var names []string
	for _, c := range candidates[:min(3, len(candidates))] {
		names = append(names, c.image)
	}
	return names
}
