package monorepo

import (
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// Graph says who depends on whom, and who makes what. What of the configuration fits
// nothing in it is a note.
func (r *Repository) Graph() *graph.Graph {
	if r.graph == nil {
		r.graph = graph.Build(r.Files, slices.Concat(r.Config.Claims(r.Dockerfiles), r.claims()))
		r.options.notes(r.Config.UnusedImages(r.graph, r.Files))
	}
	return r.graph
}

// file returns the Dockerfile at a path, nil if there is none.
func (r *Repository) file(path string) *scanner.File {
	if files := r.FilesOf(path); len(files) > 0 {
		return files[0]
	}
	return nil
}

// claims returns which image each build makes.
func (r *Repository) claims() []graph.Claim {
	linked := map[string]bool{} // names that only build files know, of images that others of their builds stand on
	for _, file := range r.Files {
		for _, ref := range file.Refs {
			if ref.Link != "" {
				linked[ref.Link] = true
			}
		}
	}
	var claims []graph.Claim
	for _, build := range r.Builds.Builds {
		rule := graph.BuildFile
		if build.Kind.Script() {
			rule = graph.Command
		}
		where := source.Pos{Path: build.Where.Path, Line: build.Where.Line}
		claim := graph.Claim{Path: build.Dockerfile, Rule: rule, Where: where.String(), Context: build.Context, Target: build.Target}
		if linked[build.Name] {
			claim.Image = build.Name
			claims = append(claims, claim)
		}
		for _, text := range build.Images {
			if ref, err := imageref.Parse(text.S); err == nil {
				claim.Image, claim.Tag = ref.Repository, ref.Tag
				claims = append(claims, claim)
			}
		}
	}
	return claims
}
