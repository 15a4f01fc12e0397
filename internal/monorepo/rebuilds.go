package monorepo

import (
	"maps"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// Rebuilds say what a pipeline that rebuilds any change of the repository has to cope with.
type Rebuilds struct {
	Branch     string   // the default branch, as far as the clone tells
	Waves      []int    // how many builds there can be in each wave
	Registries []string // that the images of the repository are in, by host
	Platforms  []string // that builds are for
}

// Rebuilds returns what a pipeline has to cope with. Builds of vendored trees count only if something
// outside of their tree builds them. Registries whose names are examples or not known are left out.
func (r *Repository) Rebuilds() Rebuilds {
	out := Rebuilds{Branch: r.defaultBranch()}
	g := r.Graph()
	vendored := r.vendored()
	platforms, registries := map[string]bool{}, map[string]bool{}
	for node, depth := range g.Depths() {
		if _, isVendored := vendored(node.File.Path); isVendored || !node.File.IsDockerfile() {
			continue
		}
		for len(out.Waves) < depth {
			out.Waves = append(out.Waves, 0)
		}
		builds := distinct(r.known(node.File, func(t trace.Text) string { return t.S }))
		for wave := range depth { // it is in an earlier one if not all that it is based on changes
			out.Waves[wave] += max(1, len(builds))
		}
		for _, b := range builds {
			for _, platform := range b.Platforms {
				platforms[platform] = true
			}
		}
		for _, image := range node.Makes() {
			if host := registryOf(image.Key); isPushed(image, host) {
				registries[host] = true
			}
		}
	}
	out.Platforms, out.Registries = slices.Sorted(maps.Keys(platforms)), slices.Sorted(maps.Keys(registries))
	return out
}

// isPushed reports whether an image may be pushed to a registry, as far as names tell.
func isPushed(image *graph.Node, host string) bool {
	name, _, _ := strings.Cut(host, ":")
	return !image.Nameless && name != "localhost" && name != "127.0.0.1" && !isReserved(image.Key) && strings.ContainsAny(host, ".:") && !strings.Contains(host, scanner.Unknown)
}

// defaultBranch returns the branch that origin calls the default one, else main or master if there is one
// of them, else the branch that is read.
func (r *Repository) defaultBranch() string {
	if r.git != nil {
		if found, err := r.git.Resolve("origin/HEAD"); err == nil && found.Branch != "" {
			return found.Branch
		}
		for _, name := range []string{"main", "master"} {
			if _, ok, err := r.git.Branch(name); ok && err == nil {
				return name
			}
		}
	}
	if r.Revision.Branch != "" {
		return r.Revision.Branch
	}
	return "main"
}
