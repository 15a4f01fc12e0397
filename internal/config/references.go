package config

import (
	"cmp"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/yamltext"
	"github.com/matihlabs/propagate/scanner"
)

// A Reference says where references stand in files that are no Dockerfiles: by an expression
// or, in YAML and JSON, by a path.
type Reference struct {
	Files   []Pattern
	Pattern string // a regular expression with the groups "version" and, unless Image is set, "image" and maybe "registry"
	Path    string
	Image   string // the repository, where the text does not say it; by a path, with "{x}" for the value of a key beside the version

	expr   *regexp.Regexp
	finder scanner.Finder // by a path
	at     source.Pos     // of the expression or the path
}

// said returns what says where the references stand.
func (r Reference) said() string { return cmp.Or(r.Pattern, r.Path) }

const referencesHint = `from a pattern of files to where references stand in them: "charts/*/values.yaml": {path: $..image}`

// references reads a list of entries, or a mapping from the files of each.
func (d *decoder) references(node *yaml.Node) (all []Reference) {
	if target, ok := d.follow(node); ok && target.Kind == yaml.MappingNode && yamltext.Get(target, "files") == nil {
		for _, p := range d.entries("references", referencesHint, node) {
			files, ok := d.pattern("references", p.key)
			items := []*yaml.Node{p.value}
			if value, ok := d.follow(p.value); ok && value.Kind == yaml.SequenceNode {
				items = value.Content
			}
			for _, item := range items {
				if r, valid := d.reference("references: "+keyText(p.key), item, []Pattern{files}); ok && valid {
					all = append(all, r)
				}
			}
		}
		return all
	}
	for _, item := range d.items("references", node) {
		if r, ok := d.reference("an entry of references", item, nil); ok {
			all = append(all, r)
		}
	}
	return all
}

// reference reads an entry; files are those that it is for, nil where it says them itself.
func (d *decoder) reference(entry string, item *yaml.Node, files []Pattern) (r Reference, ok bool) {
	const name = "references"
	said := map[string]*yaml.Node{}
	var v values
	var keys []key
	r.Files = files
	add := func(name string, read func(n *yaml.Node)) {
		keys = append(keys, key{name, func(n *yaml.Node) { said[name] = n; read(n) }})
	}
	if files == nil {
		add("files", func(n *yaml.Node) { r.Files = d.patterns("references: files", n, true) })
	}
	add("pattern", func(n *yaml.Node) {
		r.at = d.pos(n)
		r.Pattern, r.expr = d.expression(name, n, "version", "registry", "image")
	})
	add("path", func(n *yaml.Node) {
		r.at = d.pos(n)
		v.path = d.valuePath(name, n)
		r.Path = v.path.String()
	})
	add("image", func(n *yaml.Node) {
		if r.Image, ok = d.text("references: image", n); ok {
			sample := fill(r.Image, func(string) string { return "0" })
			d.repository(name, sample, r.Image, n, "a registry and path without a tag, such as ghcr.io/team/java")
		}
	})
	add("registry", func(n *yaml.Node) { v.registry = d.keyList("references: registry", n) })
	add("repository", func(n *yaml.Node) { v.repository = d.keyList("references: repository", n) })
	add("tag", func(n *yaml.Node) { v.tag = d.keyList("references: tag", n) })
	add("digest", func(n *yaml.Node) { v.digest = d.keyList("references: digest", n) })
	wrong := len(d.errors)
	d.mapping(entry, item, keys)
	if wrong < len(d.errors) {
		return r, false
	}
	d.fitting(item, r, said)
	v.image = r.Image
	v.withDefaults()
	if r.Path != "" {
		r.finder = &v
	}
	return r, wrong == len(d.errors)
}

// fitting checks that the keys of an entry go together.
func (d *decoder) fitting(item *yaml.Node, r Reference, said map[string]*yaml.Node) {
	switch {
	case len(r.Files) == 0:
		d.fail(item, "add files: with a pattern or a list of them", "references: an entry has no files")
	case said["pattern"] == nil && said["path"] == nil:
		d.fail(item, "add pattern: with a group (?P<version>…), or path: for YAML and JSON, "+pathHint, "references: an entry has neither a pattern nor a path")
	case said["pattern"] != nil && said["path"] != nil:
		d.fail(said["path"], "make two entries of it", "references: an entry has a pattern and a path")
	case said["path"] != nil:
		for _, name := range []string{"registry", "repository"} {
			if said[name] != nil && said["image"] != nil {
				d.fail(said[name], "leave one of the two out", "references: image and %s say the same", name)
			}
		}
	default:
		for _, name := range []string{"registry", "repository", "tag", "digest"} {
			if said[name] != nil {
				d.fail(said[name], "a pattern says what is the image in (?P<image>…), the registry before it in (?P<registry>…), and the version in (?P<version>…)", "references: %s goes with path, not with pattern", name)
			}
		}
		if said["image"] == nil && r.expr.SubexpIndex("image") < 0 {
			d.fail(said["pattern"], "put what is the image in (?P<image>…), or say it with image:", "references: %q has no group (?P<image>…)", shorten(r.Pattern))
		}
		if said["image"] != nil && strings.Contains(r.Image, "{") {
			d.fail(said["image"], "with a pattern, the image is written out, or in (?P<image>…)", "references: %q is no repository", shorten(r.Image))
		}
	}
}

// Patterns returns what finds references in the file at p, none if nothing does.
func (c *Config) Patterns(p string) []scanner.Pattern {
	var all []scanner.Pattern
	for _, r := range c.References {
		if match(r.Files, p) && (r.finder == nil || p != c.file.Path) { // its own keys are no references
			all = append(all, scanner.Pattern{Expr: r.expr, Image: r.Image, Finder: r.finder})
		}
	}
	return all
}
