package config

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// A Version says which version an image has that the repository makes: in the file
// it is the tag itself, or a mapping that says in which file to find it.
type Version struct {
	Image   string // a repository, or its last path components
	Tag     string
	File    string // from the root of the repository
	Pattern string // a regular expression with a group "version"
	Path    string // of a value in YAML or JSON; "" as the pattern for a file that holds nothing else
	Scheme  imageref.Scheme

	expr       *regexp.Regexp
	path       yamltext.Path
	at, fileAt source.Pos // of the image and the file
	tag        trace.Text // where it stands in the configuration
}

const versionHint = "a tag, file: and pattern: with a group (?P<version>…), file: and path:, or scheme: date, build-number, {base}-{n}"

func (d *decoder) versions(node *yaml.Node) (all []Version) {
	for _, p := range d.entries("versions", "from an image to "+versionHint, node) {
		v := Version{Image: p.key.Value, at: d.pos(p.key)}
		name := "versions: " + keyText(p.key)
		if r, err := imageref.Parse(v.Image); err != nil || r.Version() != "" {
			d.fail(p.key, "an image without a tag, or its last path components", "versions: %q is no image", shorten(v.Image))
			continue
		}
		target, ok := d.follow(p.value)
		if !ok {
			continue
		}
		if target.Kind != yaml.MappingNode {
			if v.Tag, ok = d.text(name, p.value); !ok {
				continue
			}
			if _, ok := imageref.ParseTag(v.Tag); !ok {
				d.fail(p.value, versionHint, "versions: %q is no version", shorten(v.Tag))
				continue
			}
			v.tag = d.places.Text(target)
			all = append(all, v)
			continue
		}
		said := false
		var path *yaml.Node
		d.mapping(name, p.value, []key{
			{"file", func(n *yaml.Node) { said = true; v.File, v.fileAt = d.filePath(name+": file", n), d.pos(n) }},
			{"pattern", func(n *yaml.Node) { v.Pattern, v.expr = d.expression(name, n, "version") }},
			{"path", func(n *yaml.Node) {
				v.path, path = d.valuePath(name, n), n
				v.Path = v.path.String()
			}},
			{"scheme", func(n *yaml.Node) { said = true; v.Scheme = d.scheme(name, n) }},
		})
		if path != nil && v.Pattern != "" {
			d.fail(path, "leave one of the two out", "%s has a pattern and a path", name)
		}
		if !said {
			d.fail(p.value, versionHint, "%s has neither a tag, a file nor a scheme", name)
		}
		all = append(all, v)
	}
	return all
}

// scheme reads how the tags of an image count up.
func (d *decoder) scheme(name string, node *yaml.Node) imageref.Scheme {
	text, ok := d.text(name+": scheme", node)
	if !ok {
		return imageref.Scheme{}
	}
	scheme, err := imageref.ParseScheme(text)
	if err != nil {
		d.fail(node, "", "%s: %v", name, err)
	}
	return scheme
}

// expression reads a regular expression that has to have a group, and may have others. Its
// lines are those of the file: ^ and $ match at them.
func (d *decoder) expression(name string, node *yaml.Node, group string, others ...string) (string, *regexp.Regexp) {
	text, ok := d.text(name+": pattern", node)
	if !ok {
		return "", nil
	}
	expr, err := regexp.Compile("(?m)" + text)
	if err != nil {
		why := "it cannot be read"
		if wrong := (*syntax.Error)(nil); errors.As(err, &wrong) {
			why = wrong.Code.String()
		}
		d.fail(node, "a regular expression of RE2; in single quotes a \\ is a character like others", "%s: %q is no regular expression: %s", name, shorten(text), why)
		return text, nil
	}
	known := append([]string{group}, others...)
	for _, found := range expr.SubexpNames() {
		if found == "" || slices.Contains(known, found) {
			continue
		}
		hint := "the groups are " + list(known) + "; one that only holds together has no name: (?:…)"
		if len(known) == 1 {
			hint = "the group is " + group + "; one that only holds together has no name: (?:…)"
		}
		if near := nearest(found, known); near != "" {
			hint = fmt.Sprintf("did you mean %s? %s", near, hint)
		}
		d.failAt(d.inside(node, max(0, strings.Index(text, "<"+found+">"))+1), hint, "%s: there is no group %s to name", name, shorten(found))
		return text, nil
	}
	if expr.SubexpIndex(group) < 0 {
		d.fail(node, fmt.Sprintf("put what is the %s in (?P<%s>…)", group, group), "%s: %q has no group (?P<%s>…)", name, shorten(text), group)
		return text, nil
	}
	return text, expr
}

// Releases returns the places that the configuration names for the version of an
// image; none if it names none. A place that does not hold one is an error.
func (c *Config) Releases(fsys fs.FS, image string) ([]bumper.Release, error) {
	var places []bumper.Release
	for _, v := range c.Versions {
		if !v.of(image) || v.Tag == "" && v.File == "" {
			continue
		}
		if v.Tag != "" {
			if c.uncommitted {
				return nil, &source.Error{
					Pos: v.at, Err: fmt.Errorf("versions: %s cannot be edited here: this configuration is not what is committed", v.Image),
					Hint: "commit it first, then run the same command again",
				}
			}
			if c.foreign {
				return nil, &source.Error{
					Pos: v.at, Err: fmt.Errorf("versions: %s cannot be edited here: this configuration is not the repository's own", v.Image),
					Hint: "say in which file of the repository it is: file: and pattern:",
				}
			}
			places = append(places, bumper.Release{Tag: v.tag, How: "configuration"})
			continue
		}
		found, err := v.find(fsys)
		if err != nil {
			return nil, &source.Error{Pos: v.fileAt, Err: fmt.Errorf("versions: %s: %w", v.Image, err), Hint: "correct the file, the pattern or the path"}
		}
		places = append(places, found...)
	}
	return places, nil
}

// Scheme returns how the tags of an image count up; the zero Scheme where nothing says it.
func (c *Config) Scheme(image string) imageref.Scheme {
	for _, v := range c.Versions {
		if v.of(image) && !v.Scheme.IsZero() {
			return v.Scheme
		}
	}
	return imageref.Scheme{}
}

// of reports whether the version is that of an image.
func (v Version) of(image string) bool {
	repository, _ := imageref.Parse(v.Image)
	return imageref.Matches(image, v.Image) || repository.Repository == image
}

func (v Version) find(fsys fs.FS) ([]bumper.Release, error) {
	src, err := source.ReadUpTo(fsys, v.File, source.MaxFileSize)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s", v.File)
	}
	if err != nil {
		return nil, err
	}
	file := trace.NewFile(v.File, src)
	if v.Path != "" {
		return v.findAt(file)
	}
	if v.expr == nil {
		return []bumper.Release{{Tag: file.Text(0, len(src)).TrimSpace(), How: "configuration"}}, nil
	}
	var places []bumper.Release
	group := v.expr.SubexpIndex("version")
	for _, m := range v.expr.FindAllSubmatchIndex(src, -1) {
		if m[2*group] >= 0 {
			places = append(places, bumper.Release{Tag: file.Text(m[2*group], m[2*group+1]), How: "configuration"})
		}
	}
	for _, place := range places {
		if _, ok := imageref.ParseTag(place.Tag.S); !ok {
			return nil, fmt.Errorf("%s: %q is no version", place.Tag.Pos(), place.Tag.S)
		}
	}
	if len(places) == 0 {
		return nil, fmt.Errorf("%s holds nothing that %q matches", v.File, v.Pattern)
	}
	return places, nil
}

// findAt is find by a path.
func (v Version) findAt(file *trace.File) ([]bumper.Release, error) {
	texts, err := versionsAt(file, v.path)
	if placed := (*source.Error)(nil); err != nil && !errors.As(err, &placed) {
		_, why := yamltext.Problem(err)
		return nil, fmt.Errorf("%s is no YAML (%s)", v.File, why)
	}
	if err != nil {
		return nil, err
	}
	var places []bumper.Release
	for _, text := range texts {
		if _, ok := imageref.ParseTag(text.S); !ok {
			return nil, fmt.Errorf("%s: %q is no version", text.Pos(), text.S)
		}
		places = append(places, bumper.Release{Tag: text, How: "configuration"})
	}
	if len(places) == 0 {
		return nil, fmt.Errorf("%s holds nothing at %s", v.File, v.Path)
	}
	return places, nil
}
