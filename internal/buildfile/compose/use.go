package compose

import (
	"cmp"
	"slices"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// A Use is a service that runs an image and that nothing in the file builds, or a job that runs in one.
type Use struct {
	Pos     source.Pos // of the image
	Service string     // its name, or that of the job; "" where it has none
	Image   trace.Text
}

// IsJob reports whether it is a job of a pipeline.
func (u Use) IsJob() bool { return reading.KindOf(u.Pos.Path) != reading.Compose }

// Who returns the service or job for a sentence: "the service db", "the job build".
func (u Use) Who() string {
	switch {
	case u.Service == "":
		return "the pipeline"
	case u.IsJob():
		return "the job " + source.Clean(u.Service)
	}
	return "the service " + source.Clean(u.Service)
}

// uses returns the services that run an image of which the project has no build. One of a file that is laid
// over the service's build is among them where it names the image in its own way: nothing tells that
// it is built under that name.
func (p *Project) uses() []reading.Build {
	var all []reading.Build
	for _, name := range p.Names() {
		service := p.Service(name)
		own := Fields(service, "image")
		if len(own) == 0 || len(Fields(service, "build")) > 0 || p.Left < 0 {
			continue
		}
		if slices.ContainsFunc(p.bases, func(base func() *Project) bool {
			other := base()
			if other == nil {
				return false
			}
			under := other.layers(append([]*File{other.Main}, other.included...), name, 0)
			image, named := other.Field(under, "image")
			return len(Fields(under, "build")) > 0 && named && image.S == p.value(own[0]).S
		}) {
			continue
		}
		if ref, ok := reading.ReferenceOf(p.value(own[0])); ok {
			b := reading.Build{Images: []trace.Text{ref}, Name: name, IsUse: true}
			b.Where = own[0].file.Pos(own[0].node)
			all = append(all, b)
		}
	}
	return all
}

// SplitUses takes the services that run their image out of builds, each once.
func SplitUses(all []reading.Build) (builds []reading.Build, uses []Use) {
	for _, b := range all {
		if !b.IsUse {
			builds = append(builds, b)
			continue
		}
		u := Use{Pos: b.Where, Service: b.Name, Image: b.Images[0]}
		if !slices.ContainsFunc(uses, func(other Use) bool { return other.Pos == u.Pos && other.Image.S == u.Image.S }) {
			uses = append(uses, u)
		}
	}
	slices.SortStableFunc(uses, func(a, b Use) int { return cmp.Or(reading.ComparePos(a.Pos, b.Pos), cmp.Compare(a.Image.S, b.Image.S)) })
	return builds, uses
}
