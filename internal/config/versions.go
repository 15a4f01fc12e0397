package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A Version says which version an image has that the repository makes: in the file
// it is the tag itself, or a mapping that says in which file to find it.
type Version struct {
	Tag     string
	File    string // from the root of the repository
	Pattern string // a regular expression with a group "version"; "" for a file that holds nothing else

	node *yaml.Node // of the value
	expr *regexp.Regexp
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (v *Version) UnmarshalYAML(node *yaml.Node) error {
	v.node = node
	if node.Kind == yaml.ScalarNode {
		v.Tag = node.Value // 1.10 is a tag, and no number
		return nil
	}
	return fields(node, map[string]*string{"file": &v.File, "pattern": &v.Pattern})
}

func (c *Config) checkVersions() error {
	for _, image := range slices.Sorted(maps.Keys(c.Versions)) {
		v := c.Versions[image]
		var err error
		switch {
		case v.Tag != "":
			if _, ok := imageref.ParseTag(v.Tag); !ok {
				err = fmt.Errorf("versions: %q is no version", v.Tag)
			}
		case v.File == "":
			err = fmt.Errorf("versions: %s has neither a tag nor a file", image)
		case v.Pattern != "":
			if v.expr, err = compile(v.Pattern, "version"); err != nil {
				err = fmt.Errorf("versions: %w", err)
			}
		}
		if err != nil {
			return c.below("versions", image, err, "a tag, or file: and pattern: with a group (?P<version>…)")
		}
		c.Versions[image] = v
	}
	return nil
}

// compile reads a regular expression that has to have a group. Its lines are those
// of the file: ^ and $ match at them.
func compile(pattern, group string) (*regexp.Regexp, error) {
	expr, err := regexp.Compile("(?m)" + pattern)
	if err != nil {
		return nil, err
	}
	if expr.SubexpIndex(group) < 0 {
		return nil, fmt.Errorf("%q has no group (?P<%s>…)", pattern, group)
	}
	return expr, nil
}

// Releases returns the places that the configuration names for the version of an
// image; none if it names none. A place that does not hold one is an error.
func (c *Config) Releases(fsys fs.FS, image string) ([]bumper.Release, error) {
	var places []bumper.Release
	for _, name := range slices.Sorted(maps.Keys(c.Versions)) {
		if repository, _ := imageref.Parse(name); !imageref.Matches(image, name) && repository.Repository != image {
			continue
		}
		v := c.Versions[name]
		if v.Tag != "" {
			if c.foreign {
				return nil, c.below("versions", name, fmt.Errorf("versions: %s cannot be edited here: this configuration is not the repository's own", image), "say in which file of the repository it is: file: and pattern:")
			}
			places = append(places, bumper.Release{Tag: v.text(c.file), How: "configuration"})
			continue
		}
		found, err := v.find(fsys)
		if err != nil {
			return nil, c.below("versions", name, err, "correct the file or the pattern")
		}
		places = append(places, found...)
	}
	return places, nil
}

// text returns the tag where it stands in the configuration; without its place where
// it is not written there as it is.
func (v Version) text(file *trace.File) trace.Text {
	lines := source.NewLines(file.Src())
	if v.node.Line < 1 || v.node.Line > lines.Count() {
		return trace.Plain(v.Tag)
	}
	at := lines.Start(v.node.Line)
	for range v.node.Column - 1 { // columns count characters
		_, size := utf8.DecodeRune(file.Src()[at:])
		at += size
	}
	if v.node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		at++
	}
	if rest := file.Src()[min(at, len(file.Src())):]; !bytes.HasPrefix(rest, []byte(v.Tag)) {
		return trace.Plain(v.Tag)
	}
	return file.Text(at, at+len(v.Tag))
}

func (v Version) find(fsys fs.FS) ([]bumper.Release, error) {
	src, err := fs.ReadFile(fsys, v.File)
	if err != nil {
		return nil, err
	}
	file := trace.NewFile(v.File, src)
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

// A Reference says where references stand in files that are no Dockerfiles.
type Reference struct {
	Files   patterns `yaml:"files"`   // patterns of paths
	Pattern string   `yaml:"pattern"` // a regular expression with the groups "version" and, unless Image is set, "image"
	Image   string   `yaml:"image"`   // the repository, where the text does not say it

	expr *regexp.Regexp
}

// Arguments are files of NAME=value lines that builds take their arguments from.
type Arguments struct {
	Files patterns `yaml:"files"` // patterns of paths
	For   patterns `yaml:"for"`   // patterns of the Dockerfiles that get them; those below the file's directory where there are none
}

// patterns are one pattern or a list.
type patterns []string

// UnmarshalYAML implements yaml.Unmarshaler.
func (p *patterns) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*p = patterns{node.Value}
		return nil
	}
	return node.Decode((*[]string)(p))
}

func (c *Config) checkReferences(data []byte) error {
	for i := range c.References {
		r := &c.References[i]
		var err error
		if r.expr, err = compile(r.Pattern, "version"); err == nil && r.Image == "" && r.expr.SubexpIndex("image") < 0 {
			err = fmt.Errorf("%q has no group (?P<image>…)", r.Pattern)
		}
		if err == nil && r.Image != "" {
			var ref imageref.Ref
			if ref, err = imageref.Parse(r.Image); err == nil && ref.Version() != "" {
				err = fmt.Errorf("%q is no repository", r.Image)
			}
		}
		if err == nil && len(r.Files) == 0 {
			err = errors.New("an entry has no files")
		}
		if err != nil {
			return c.at("references", data, fmt.Errorf("references: %w", err))
		}
	}
	for _, a := range c.Arguments {
		if len(a.Files) == 0 {
			return c.at("arguments", data, errors.New("arguments: an entry has no files"))
		}
	}
	return nil
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

// HoldsArguments reports whether the file at p holds build arguments.
func (c *Config) HoldsArguments(p string) bool {
	for _, a := range c.Arguments {
		if match(a.Files, p) {
			return true
		}
	}
	return false
}

// Gets reports whether a Dockerfile is built with the arguments in the file at p.
func (c *Config) Gets(dockerfile, p string) bool {
	for _, a := range c.Arguments {
		if !match(a.Files, p) {
			continue
		}
		dir := p[:strings.LastIndexByte(p, '/')+1]
		if match(a.For, dockerfile) || len(a.For) == 0 && strings.HasPrefix(dockerfile, dir) {
			return true
		}
	}
	return false
}
