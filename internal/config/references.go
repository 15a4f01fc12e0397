package config

import (
	"regexp"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// A Reference says where references stand in files that are no Dockerfiles.
type Reference struct {
	Files   []Pattern
	Pattern string // a regular expression with the groups "version" and, unless Image is set, "image"
	Image   string // the repository, where the text does not say it

	expr *regexp.Regexp
	at   source.Pos // of the expression
}

func (d *decoder) references(node *yaml.Node) (all []Reference) {
	const name = "references"
	for _, item := range d.items(name, node) {
		var r Reference
		said := map[string]*yaml.Node{}
		wrong := len(d.errors)
		d.mapping("an entry of references", item, []key{
			{"files", func(n *yaml.Node) { said["files"] = n; r.Files = d.patterns("references: files", n, true) }},
			{"pattern", func(n *yaml.Node) {
				said["pattern"], r.at = n, d.pos(n)
				r.Pattern, r.expr = d.expression(name, n, "version")
			}},
			{"image", func(n *yaml.Node) {
				said["image"] = n
				var ok bool
				if r.Image, ok = d.text("references: image", n); ok {
					d.repository(name, r.Image, r.Image, n, "a registry and path without a tag, such as ghcr.io/team/java")
				}
			}},
		})
		if wrong < len(d.errors) {
			continue
		}
		switch {
		case len(r.Files) == 0:
			d.fail(item, "add files: with a pattern or a list of them", "references: an entry has no files")
		case said["pattern"] == nil:
			d.fail(item, "add pattern: with a group (?P<version>…)", "references: an entry has no pattern")
		case said["image"] == nil && r.expr.SubexpIndex("image") < 0:
			d.fail(said["pattern"], "put what is the image in (?P<image>…), or say it with image:", "references: %q has no group (?P<image>…)", shorten(r.Pattern))
		}
		all = append(all, r)
	}
	return all
}

// Patterns returns what finds references in the file at p, none if nothing does.
func (c *Config) Patterns(p string) []scanner.Pattern {
	var all []scanner.Pattern
	for _, r := range c.References {
		if match(r.Files, p) {
			all = append(all, scanner.Pattern{Expr: r.expr, Image: r.Image})
		}
	}
	return all
}
