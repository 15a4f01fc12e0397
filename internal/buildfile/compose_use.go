package buildfile

import (
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

// use notes the services that run an image of which the project has no build.
func (p *composeProject) use() {
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
			p.tree.use(Use{Pos: own[0].file.pos(own[0].node), Service: name, Image: ref})
		}
	}
}

// use notes a use, once.
func (t *tree) use(u Use) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !slices.ContainsFunc(t.uses, func(other Use) bool { return other.Pos == u.Pos && other.Image.S == u.Image.S }) {
		t.uses = append(t.uses, u)
	}
}
