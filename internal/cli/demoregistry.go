package cli

import (
	"time"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/registry/standin"
	"github.com/matihlabs/propagate/scanner"
)

// What has changed in the registries of the demo since the images of the sample were published.
const (
	demoPatch = "matihlabsacr.azurecr.io/matih/base-python-ml:1.0.1" // is new
	demoMoved = "docker.io/library/nginx:1.25-alpine"                // names another image
)

// A demoRegistry fills the registry of the demo.
type demoRegistry struct {
	*standin.Server
	graph *graph.Graph
	now   time.Time
	done  map[string]bool // by reference
}

// fill puts into a registry all that the builds of a repository refer to, each image on what it is
// built on, and then what has changed.
func fill(server *standin.Server, repo *monorepo.Repository, now time.Time) error {
	r := &demoRegistry{Server: server, graph: repo.Graph(), now: now, done: map[string]bool{}}
	for _, build := range r.graph.Builds() {
		for _, ref := range build.File.Refs {
			if err := r.add(ref); err != nil {
				return err
			}
		}
	}
	return r.Put(demoMoved, "", now.AddDate(0, 0, -1))
}

// add puts what a reference names into the registry, after what that is built on.
func (r *demoRegistry) add(ref *scanner.Ref) error {
	reference := ref.Image.String()
	if r.done[reference] {
		return nil
	}
	r.done[reference] = true
	base := ""
	for _, maker := range r.graph.MakersOf(ref) {
		for _, under := range maker.File.Refs {
			if under.Kind == scanner.From && under.Exposure == scanner.Runtime {
				if err := r.add(under); err != nil {
					return err
				}
				base = under.Image.String()
			}
		}
	}
	made := r.now.AddDate(0, 0, -60)
	if reference == demoPatch {
		made = r.now.AddDate(0, 0, -1)
	}
	return r.Put(reference, base, made)
}
