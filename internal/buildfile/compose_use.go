package buildfile

import (
	"cmp"
	"slices"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// A Use is a service that runs an image and that nothing in the file builds.
type Use struct {
	Pos     source.Pos // of the image
	Service string
	Image   trace.Text
}

// uses returns the services that run an image of which the project has no build.
func (p *composeProject) uses() []Build {
	var all []Build
	for _, name := range p.names() {
		service := p.service(name)
		own := fields(service, "image")
		if len(own) == 0 || len(fields(service, "build")) > 0 || p.left < 0 {
			continue
		}
		if slices.ContainsFunc(p.bases, func(base func() *composeProject) bool {
			other := base()
			return other != nil && len(fields(other.service(name), "build")) > 0
		}) {
			continue
		}
		if ref, ok := image(p.value(own[0])); ok {
			b := Build{Images: []trace.Text{ref}, Name: name, isUse: true}
			b.Where = own[0].file.pos(own[0].node)
			all = append(all, b)
		}
	}
	return all
}

// splitUses takes the services that run their image out of builds, each once.
func splitUses(all []Build) (builds []Build, uses []Use) {
	for _, b := range all {
		if !b.isUse {
			builds = append(builds, b)
			continue
		}
		u := Use{Pos: b.Where, Service: b.Name, Image: b.Images[0]}
		if !slices.ContainsFunc(uses, func(other Use) bool { return other.Pos == u.Pos && other.Image.S == u.Image.S }) {
			uses = append(uses, u)
		}
	}
	slices.SortStableFunc(uses, func(a, b Use) int { return cmp.Or(comparePos(a.Pos, b.Pos), cmp.Compare(a.Image.S, b.Image.S)) })
	return builds, uses
}
