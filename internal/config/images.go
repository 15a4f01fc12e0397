package config

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
)

// An Image is what Dockerfiles produce. In the file it is a repository alone, or a
// mapping; an entry with a list of them has an Image for each. In its texts, "{name}"
// stands for what the capture of that name is in the path of the Dockerfile, and "{dir}"
// for the name of the Dockerfile's directory.
type Image struct {
	Dockerfiles Pattern
	Repository  string   // without a tag; what is captured is in lower case here
	Tags        []string // that are produced, with "*" for any run of characters; nil for all
	Target      string   // the stage that is shipped; "" is the last
	Context     string   // the directory of its build context, from the root; "" where the file does not say

	at, targetAt, tagsAt source.Pos // of the repository, the target and the tags
	where                source.Pos // what is named as the reason for a claim
}

func (i Image) pattern() Pattern { return i.Dockerfiles }

const imageHint = "a registry and path without a tag, such as ghcr.io/team/{dir}"

func (d *decoder) images(node *yaml.Node) (all []Image) {
	seen := map[string]Pattern{}
	for _, p := range d.entries("images", "from a pattern of Dockerfiles to an image: bases/java/Dockerfile: ghcr.io/team/java", node) {
		name := "images: " + keyText(p.key)
		pattern, ok := d.imagePattern(p.key)
		if first, again := seen[pattern.top]; ok && again {
			d.fail(p.key, "keep one of the two, with a list of images", "images: %s fits the same as %s in line %d", keyText(p.key), shorten(first.Text), first.Pos.Line)
		} else if ok {
			seen[pattern.top] = pattern
		}
		value, known := d.follow(p.value)
		if !known {
			return nil
		}
		if value.Kind != yaml.SequenceNode {
			if image, valid := d.image(name, pattern, p.value); ok && valid {
				image.where = pattern.Pos
				all = append(all, image)
			}
			continue
		}
		if len(value.Content) == 0 {
			d.fail(p.value, "add "+imageHint+", or leave the entry out", "%s has no image", name)
		}
		for _, item := range value.Content {
			if image, valid := d.image(name, pattern, item); ok && valid {
				image.where = d.pos(item)
				all = append(all, image)
			}
		}
	}
	return all
}

// imagePattern reads a pattern with captures.
func (d *decoder) imagePattern(node *yaml.Node) (p Pattern, ok bool) {
	text, ok := d.text("a pattern of images", node)
	if !ok {
		return p, false
	}
	p, err := newImagePattern(text, d.pos(node))
	return p, d.check("images", err)
}

// image reads a repository or a mapping.
func (d *decoder) image(name string, pattern Pattern, node *yaml.Node) (image Image, ok bool) {
	image.Dockerfiles = pattern
	wrong := len(d.errors)
	value, known := d.follow(node)
	switch {
	case !known:
	case value.Kind != yaml.MappingNode:
		image.at = d.pos(node)
		image.Repository = d.imageRepository(name, pattern, node)
	default:
		said := false
		d.mapping(name, node, []key{
			{"image", func(n *yaml.Node) {
				said, image.at = true, d.pos(n)
				image.Repository = d.imageRepository(name, pattern, n)
			}},
			{"tags", func(n *yaml.Node) { image.tagsAt = d.pos(n); image.Tags = d.tags(name+": tags", pattern, n) }},
			{"target", func(n *yaml.Node) {
				image.targetAt = d.pos(n)
				if image.Target, known = d.text(name+": target", n); known {
					d.sample(name+": target", image.Target, pattern, n)
				}
			}},
			{"context", func(n *yaml.Node) {
				image.Context = d.filePath(name+": context", n)
				d.sample(name+": context", image.Context, pattern, n)
			}},
		})
		if !said {
			d.fail(node, "add image: with a registry and path, such as ghcr.io/team/{dir}", "%s has no image", name)
		}
	}
	return image, known && wrong == len(d.errors)
}

// imageRepository reads a repository with captures.
func (d *decoder) imageRepository(name string, pattern Pattern, node *yaml.Node) string {
	text, ok := d.text(name, node)
	if !ok {
		return ""
	}
	sample, ok := d.sample(name, text, pattern, node)
	if !ok {
		return ""
	}
	hint := imageHint
	if i := strings.LastIndexByte(text, ':'); i > strings.LastIndexByte(text, '/') && !strings.Contains(text, "@") {
		hint = fmt.Sprintf("say the tag with tags: {image: %q, tags: %q}", text[:i], text[i+1:])
	}
	d.repository("images", sample, text, node, hint)
	return text
}

// repository checks that a text is a repository without a tag.
func (d *decoder) repository(name, text, written string, node *yaml.Node, hint string) {
	if r, err := imageref.Parse(text); err != nil || r.Version() != "" {
		d.fail(node, hint, "%s: %q is no repository", name, shorten(written))
	}
}

// tagPattern is a tag in which "*" stands for any run of characters.
var tagPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_*][A-Za-z0-9_.*-]*$`) })

// isTag reports whether there are tags that a text fits.
func isTag(text string) bool {
	const most = 128 // characters of a tag
	return tagPattern().MatchString(text) && len(text)-strings.Count(text, "*") <= most
}

// tags reads a list of patterns of tags, or one.
func (d *decoder) tags(name string, pattern Pattern, node *yaml.Node) (all []string) {
	nodes := []*yaml.Node{node}
	const hint = "a whole tag, with * for any run of characters, such as 17.*; leave tags: out for all tags"
	if target, ok := d.follow(node); ok && target.Kind == yaml.SequenceNode {
		if nodes = target.Content; len(nodes) == 0 {
			d.fail(node, hint, "%s is an empty list", name)
		}
	}
	for _, n := range nodes {
		text, ok := d.text(name, n)
		if !ok {
			continue
		}
		sample, ok := d.sample(name, text, pattern, n)
		switch {
		case !ok:
		case text == "":
			d.fail(n, hint, "%s has an empty tag", name)
		case !isTag(sample):
			d.fail(n, hint, "%s: no tag is like %q", name, shorten(text))
		default:
			all = append(all, text)
		}
	}
	return all
}

// sample returns a text with something for each capture in it. ok is false if the
// pattern lacks one of them, which is an error.
func (d *decoder) sample(name, text string, pattern Pattern, node *yaml.Node) (_ string, ok bool) {
	known := []string{"dir"}
	if pattern.captures != nil {
		known = append(slices.Clone(pattern.captures.names), known...)
	}
	ok = true
	sample := fill(text, func(capture string) string {
		if slices.Contains(known, capture) || pattern.Text == "" { // which is wrong itself
			return "0"
		}
		ok = false
		hint := "the pattern has no captures, such as bases/{name}/Dockerfile; {dir} is the name of the Dockerfile's directory"
		if len(known) > 1 {
			hint = fmt.Sprintf("its captures are {%s}; {dir} is the name of the Dockerfile's directory", strings.Join(known[:len(known)-1], "}, {"))
		}
		if near := nearest(capture, known); near != "" {
			hint = fmt.Sprintf("did you mean {%s}? %s", near, hint)
		} else if strings.Contains(capture, ",") {
			hint = "alternatives are written out: tags takes a list, and an entry a list of images"
		}
		d.fail(node, hint, "%s: {%s} is no capture of the pattern", name, shorten(capture))
		return ""
	})
	return sample, ok
}

// fill returns a text with each "{name}" replaced.
func fill(text string, value func(name string) string) string {
	var b strings.Builder
	for {
		before, rest, opened := strings.Cut(text, "{")
		b.WriteString(before)
		name, after, closed := strings.Cut(rest, "}")
		switch {
		case !opened:
			return b.String()
		case !closed:
			return b.String() + "{" + rest
		}
		b.WriteString(value(name))
		text = after
	}
}

// imagesOf returns the places of the images that the Dockerfile at a path produces: those
// of the entry that counts for it.
func (c *Config) imagesOf(p string) (places []int) {
	i := longest(c.Images, p)
	for ; i >= 0 && i < len(c.Images) && (places == nil || c.Images[i].Dockerfiles.Pos == c.Images[places[0]].Dockerfiles.Pos); i++ {
		places = append(places, i)
	}
	return places
}

// Claims returns which of the Dockerfiles produces which image, one claim for each image
// of the entry that counts for it.
func (c *Config) Claims(dockerfiles []string) []graph.Claim {
	var claims []graph.Claim
	for _, p := range dockerfiles {
		stage := c.stage(p)
		for _, i := range c.imagesOf(p) {
			claim, err := c.Images[i].of(p)
			if err != nil {
				continue
			}
			if stage != "" {
				claim.Target = stage
			}
			claim.Where = source.Pos{Path: c.file.Path, Line: c.Images[i].where.Line}.String()
			claims = append(claims, claim)
		}
	}
	return claims
}

// of returns the image that the Dockerfile at a path produces. The error says of which
// text of the file nothing can be made with the path.
func (i Image) of(p string) (claim graph.Claim, err error) {
	claim = graph.Claim{Path: p, Rule: graph.Configured}
	value := i.values(p)
	text := fill(i.Repository, func(name string) string { return strings.ToLower(value(name)) })
	ref, err := imageref.Parse(text)
	if err != nil || ref.Version() != "" {
		return claim, fmt.Errorf("%q is no repository", shorten(text))
	}
	claim.Image = ref.Repository
	for _, tag := range i.Tags {
		text := fill(tag, value)
		switch stars := strings.Count(text, "*"); {
		case !isTag(text), stars != strings.Count(tag, "*"): // a name of the path may have one, too
			return claim, fmt.Errorf("no tag is like %q", shorten(text))
		case stars == 0:
			claim.Tags = append(claim.Tags, text)
		default:
			claim.Patterns = append(claim.Patterns, text)
		}
	}
	claim.Target, claim.Context = fill(i.Target, value), fill(i.Context, value)
	return claim, nil
}

// values returns what the captures stand for in a path that the pattern fits.
func (i Image) values(p string) func(name string) string {
	var texts []string
	c := i.Dockerfiles.captures
	if c != nil {
		texts, _ = c.match(p)
	}
	return func(name string) string {
		if c != nil {
			if at := slices.Index(c.names, name); at >= 0 {
				return texts[at]
			}
		}
		return path.Base(path.Dir(p)) // of {dir}
	}
}

// stage returns the stage that "targets:" says is shipped of a Dockerfile, "" if it says none.
func (c *Config) stage(p string) string {
	if i := longest(c.Stages, p); i >= 0 {
		return c.Stages[i].Stage
	}
	return ""
}

// Targets returns the stages of a Dockerfile that are shipped, each once, in the order of
// the file: what "targets:" says, or else the targets of its images. "" among them is the last
// stage. It returns nil if the configuration names no stage at all, so that the build
// files say it.
func (c *Config) Targets(p string) (all []string) {
	if stage := c.stage(p); stage != "" {
		return []string{stage}
	}
	named := false
	for _, i := range c.imagesOf(p) {
		if claim, err := c.Images[i].of(p); err == nil && !slices.Contains(all, claim.Target) {
			all = append(all, claim.Target)
			named = named || claim.Target != ""
		}
	}
	if !named {
		return nil
	}
	return all
}

// Target returns the first of [Config.Targets], "" for what the build files or else the
// last stage say.
func (c *Config) Target(p string) string {
	if all := c.Targets(p); len(all) > 0 {
		return all[0]
	}
	return ""
}
