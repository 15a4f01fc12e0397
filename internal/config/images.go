package config

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
)

// An Image is what Dockerfiles make. In the file it is a repository alone, or a
// mapping.
type Image struct {
	Dockerfiles Pattern
	Repository  string // without a tag; {dir} is the name of the Dockerfile's directory
	Target      string // the stage that is shipped; "" is the last
	Context     string // the directory of its build context, from the root; "" where the file does not say

	at, targetAt source.Pos // of the repository and the target
}

func (i Image) pattern() Pattern { return i.Dockerfiles }

func (d *decoder) images(node *yaml.Node) (all []Image) {
	for _, p := range d.entries("images", "from a pattern of Dockerfiles to an image: bases/java/Dockerfile: ghcr.io/team/java", node) {
		pattern, ok := d.pattern("images", p.key)
		image := Image{Dockerfiles: pattern, at: d.pos(p.value)}
		name := "images: " + keyText(p.key)
		repository := func(n *yaml.Node) {
			image.at = d.pos(n)
			var known bool
			if image.Repository, known = d.text(name, n); known {
				known = d.repository("images", strings.ReplaceAll(image.Repository, "{dir}", "dir"), image.Repository, n, "a registry and path without a tag, such as ghcr.io/team/{dir}")
			}
			ok = ok && known
		}
		if target, known := d.follow(p.value); known && target.Kind == yaml.MappingNode {
			said := false
			d.mapping(name, p.value, []key{
				{"image", func(n *yaml.Node) { said = true; repository(n) }},
				{"target", func(n *yaml.Node) { image.Target, _ = d.text(name+": target", n); image.targetAt = d.pos(n) }},
				{"context", func(n *yaml.Node) { image.Context = d.filePath(name+": context", n) }},
			})
			if !said {
				d.fail(p.value, "add image: with a registry and path, such as ghcr.io/team/{dir}", "%s has no image", name)
			}
		} else if known {
			repository(p.value)
		}
		if ok {
			all = append(all, image)
		}
	}
	return all
}

// repository checks that a text is a repository without a tag.
func (d *decoder) repository(name, text, written string, node *yaml.Node, hint string) bool {
	r, err := imageref.Parse(text)
	if err != nil || r.Version() != "" {
		d.fail(node, hint, "%s: %q is no repository", name, shorten(written))
		return false
	}
	return true
}

// Claims returns which of the Dockerfiles makes which image.
func (c *Config) Claims(dockerfiles []string) []graph.Claim {
	var claims []graph.Claim
	for _, p := range dockerfiles {
		i := longest(c.Images, p)
		if i < 0 {
			continue
		}
		image := c.Images[i]
		repository, ok := image.of(p)
		if !ok {
			continue
		}
		where := source.Pos{Path: c.file.Path, Line: image.Dockerfiles.Pos.Line}
		claims = append(claims, graph.Claim{
			Image: repository, Path: p, Rule: graph.Configured, Where: where.String(), Context: image.Context, Target: image.Target,
		})
	}
	return claims
}

// of returns the repository of the image that the Dockerfile at a path makes; ok is false
// for {dir} of a directory whose name no image can have.
func (i Image) of(p string) (repository string, ok bool) {
	ref, err := imageref.Parse(strings.ReplaceAll(i.Repository, "{dir}", strings.ToLower(path.Base(path.Dir(p)))))
	return ref.Repository, err == nil
}
