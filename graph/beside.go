package graph

import (
	"cmp"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// A tagsOf is what a build makes of a repository.
type tagsOf struct {
	build      *Node
	repository string
}

// elsewhere reports whether it is said of a build that it makes another image, by another
// name, or by the same one below another directory of the same registry and with other tags: what makes
// reg/own/nginx:1.0.0 is not what reg/mirror/nginx:1.27.0 is made by.
func (p *paths) elsewhere(build *Node, r *repository) bool {
	said := p.said[build]
	named := filter(said, func(s string) bool { return s != r.name && imageref.Base(s) == imageref.Base(r.name) })
	return len(said) > 0 && (len(named) == 0 || slices.ContainsFunc(named, func(s string) bool {
		return isBeside(s, r.name) && !r.isOnLineOf(p.tags[tagsOf{build, s}])
	}))
}

// isBeside reports whether two images are of one registry, and of namespaces that have nothing to do with each other. A
// name without a registry is none of Docker Hub: so is called what is built for this machine.
func isBeside(made, used string) bool {
	host, rest, _ := strings.Cut(made, "/")
	return strings.HasPrefix(used, host+"/") && !strings.HasPrefix(rest, "library/") && relationOf(made, used) == unrelated
}

// isOnLineOf reports whether a reference to the image is on the line of a tag, or may be: where no tag is known.
func (r *repository) isOnLineOf(tags []string) bool {
	return len(tags) == 0 || slices.ContainsFunc(r.uses, func(u *imageUse) bool {
		return slices.ContainsFunc(u.refs, func(ref *scanner.Ref) bool {
			return slices.ContainsFunc(tags, func(tag string) bool { return onOneLine(tag, cmp.Or(ref.Image.Tag, "latest")) })
		})
	})
}

// onOneLine reports whether two tags are equal, or releases of one line.
func onOneLine(a, b string) bool {
	x, ok := imageref.ParseTag(a)
	y, okToo := imageref.ParseTag(b)
	return a == b || ok && okToo && x.SameFlavour(y) && x.SameLine(y)
}

// leave remembers a build that makes an image of the same name elsewhere: that it is not taken is worth a note.
func (p *paths) leave(r *repository, build *Node) {
	isCalledSo := slices.ContainsFunc(p.said[build], func(s string) bool { return imageref.Base(s) == imageref.Base(r.name) })
	if isCalledSo && !r.by(build) && !slices.Contains(r.foreign, build) {
		r.foreign = append(r.foreign, build)
	}
}
