package monorepo

import (
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// mirrors returns the repositories that are one image, in groups: a reference is to them all,
// each for another value of the registry in front of it, as in FROM ${REGISTRY}node:20.1.0. The
// default of the value counts as well where no build reads it.
func (r *Repository) mirrors() [][]string {
	type place struct {
		pos  source.Pos
		kind scanner.Kind
	}
	at := map[place][]string{}
	var order []place
	add := func(ref *scanner.Ref) {
		p := place{ref.Pos, ref.Kind}
		repository := ref.Repository()
		if repository == "" || ref.Link != "" || slices.Contains(at[p], repository) {
			return
		}
		if at[p] == nil {
			order = append(order, p)
		}
		at[p] = append(at[p], repository)
	}
	for _, file := range r.Files {
		for _, ref := range slices.Concat(file.Refs, file.Defaults) {
			add(ref)
		}
	}
	var groups [][]string
	for _, p := range order {
		for i, one := range at[p] {
			for _, other := range at[p][:i] {
				if imageref.Base(one) == imageref.Base(other) && registryOf(one) != registryOf(other) {
					groups = join(groups, one, other)
				}
			}
		}
	}
	return groups
}

// join puts two repositories into one group, with all that they are in a group with.
func join(groups [][]string, one, other string) [][]string {
	joined := []string{one, other}
	groups = slices.DeleteFunc(groups, func(group []string) bool {
		if !slices.Contains(group, one) && !slices.Contains(group, other) {
			return false
		}
		joined = append(joined, group...)
		return true
	})
	slices.Sort(joined)
	return append(groups, slices.Compact(joined))
}

// throughMirrors adds the repositories that builds depend on and that are one image with one of
// found. Where nothing was found, it finds those whose default in the text of a Dockerfile
// has the name.
func (r *Repository) throughMirrors(name string, found []string) []string {
	all := slices.Clone(found)
	for _, group := range r.mirrored() {
		if !slices.ContainsFunc(group, func(repository string) bool {
			return slices.Contains(found, repository) || len(found) == 0 && imageref.Matches(repository, name)
		}) {
			continue
		}
		for _, repository := range group {
			if len(r.Graph().Lines(repository)) > 0 && !slices.Contains(all, repository) {
				all = append(all, repository)
			}
		}
	}
	slices.Sort(all)
	return all
}

// areMirrors reports whether all repositories are one image.
func (r *Repository) areMirrors(repositories []string) bool {
	return slices.ContainsFunc(r.mirrored(), func(group []string) bool {
		return !slices.ContainsFunc(repositories, func(repository string) bool { return !slices.Contains(group, repository) })
	})
}

// mirrorClaims adds for each image that is made here the mirrors that builds get it through and
// that nothing else is said to make. Docker Hub is the mirror of no other registry: an image of a
// team takes the place of one there.
func (r *Repository) mirrorClaims(claims []graph.Claim) []graph.Claim {
	isClaimed := map[string]bool{}
	for _, c := range claims {
		isClaimed[c.Image] = true
	}
	for _, group := range r.mirrored() {
		for _, mirror := range group {
			if registryOf(mirror) == "docker.io" {
				continue
			}
			for _, c := range claims[:len(claims):len(claims)] {
				if !isClaimed[mirror] && isMirrorOf(mirror, c.Image) && slices.Contains(group, c.Image) {
					c.Image = mirror
					claims = append(claims, c)
				}
			}
		}
	}
	return claims
}

// isMirrorOf reports whether two repositories of two registries have one path, but for what a
// mirror may put in front of it.
func isMirrorOf(one, other string) bool {
	a, b := strings.TrimPrefix(one, registryOf(one)), strings.TrimPrefix(other, registryOf(other))
	return registryOf(one) != registryOf(other) && (strings.HasSuffix(a, b) || strings.HasSuffix(b, a))
}
