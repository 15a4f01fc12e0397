package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/yamltext"
)

// Arguments are files of NAME=value lines that builds take their arguments from. In the
// patterns, "{name}" is a capture, and "{dir}" as a whole name one of any number of
// directories: what they stand for in the path of a file, they stand for in that of a Dockerfile.
type Arguments struct {
	Files []Pattern
	For   []Pattern // the Dockerfiles that get them; those below the file's directory where there are none
}

const argumentsHint = `from a pattern of files to the Dockerfiles that get them: "{dir}/{name}.conf": {for: "{dir}/Dockerfile.{name}"}`

// arguments reads a list of entries, or a mapping from the files of each.
func (d *decoder) arguments(node *yaml.Node) (all []Arguments) {
	const hint = "add files: with a pattern or a list of them"
	if target, ok := d.follow(node); ok && target.Kind == yaml.MappingNode && yamltext.Get(target, "files") == nil {
		for _, p := range d.entries("arguments", argumentsHint, node) {
			name := "arguments: " + keyText(p.key)
			a := Arguments{Files: d.argumentPatterns("arguments", p.key)}
			value, ok := d.follow(p.value)
			switch {
			case !ok:
				return nil
			case isNull(value):
			case value.Kind == yaml.MappingNode:
				d.mapping(name, p.value, []key{{"for", func(n *yaml.Node) { a.For = d.argumentPatterns(name+": for", n) }}})
			default:
				a.For = d.argumentPatterns(name, p.value)
			}
			d.captured(a)
			all = append(all, a)
		}
		return all
	}
	for _, item := range d.items("arguments", node) {
		var a Arguments
		wrong := len(d.errors)
		d.mapping("an entry of arguments", item, []key{
			{"files", func(n *yaml.Node) { a.Files = d.argumentPatterns("arguments: files", n) }},
			{"for", func(n *yaml.Node) { a.For = d.argumentPatterns("arguments: for", n) }},
		})
		if wrong == len(d.errors) && len(a.Files) == 0 {
			d.fail(item, hint, "arguments: an entry has no files")
		}
		d.captured(a)
		all = append(all, a)
	}
	return all
}

// argumentPatterns reads a list of patterns with captures, or one.
func (d *decoder) argumentPatterns(name string, node *yaml.Node) (all []Pattern) {
	nodes := []*yaml.Node{node}
	if target, ok := d.follow(node); ok && target.Kind != yaml.ScalarNode || isNull(node) {
		nodes = d.items(name, node)
	}
	for _, n := range nodes {
		text, ok := d.text("a pattern of "+name, n)
		if !ok {
			continue
		}
		if p, err := newArgumentsPattern(text, d.pos(n)); d.check(name, err) {
			all = append(all, p)
		}
	}
	return all
}

// captured checks that all patterns of the files have the captures that those of the
// Dockerfiles have.
func (d *decoder) captured(a Arguments) {
	for _, to := range a.For {
		if to.captures == nil {
			continue
		}
		for _, name := range to.captures.names {
			for _, from := range a.Files {
				var known []string
				if from.captures != nil {
					known = from.captures.names
				}
				if slices.Contains(known, name) {
					continue
				}
				hint := fmt.Sprintf("%s has no captures, such as {name}", shorten(from.Text))
				if len(known) > 0 {
					hint = fmt.Sprintf("the captures of %s are {%s}", shorten(from.Text), strings.Join(known, "}, {"))
				}
				if near := nearest(name, known); near != "" {
					hint = fmt.Sprintf("did you mean {%s}? %s", near, hint)
				}
				d.failAt(to.Pos, hint, "arguments: for: {%s} is no capture of the files", shorten(name))
				break
			}
		}
	}
}

// HoldsArguments reports whether the file at p holds build arguments.
func (c *Config) HoldsArguments(p string) bool {
	return slices.ContainsFunc(c.Arguments, func(a Arguments) bool { return match(a.Files, p) })
}

// A Handing says which Dockerfiles an entry hands the arguments of a file to.
type Handing struct {
	Entry int  // in Config.Arguments
	Apart bool // of several files that a Dockerfile gets by the entry, each is for a build of its own
	To    func(dockerfile string) bool
}

// Hands returns which Dockerfiles get the arguments in the file at p.
func (c *Config) Hands(p string) (all []Handing) {
	for i, a := range c.Arguments {
		for _, from := range a.Files {
			if from.Match(p) {
				all = append(all, Handing{Entry: i, Apart: from.captures != nil, To: a.to(p, from)})
			}
		}
	}
	return all
}

// to returns what tells the Dockerfiles that get what is in the file at p, which a pattern
// of the files fits.
func (a Arguments) to(p string, from Pattern) func(dockerfile string) bool {
	if len(a.For) == 0 {
		dir := p[:strings.LastIndexByte(p, '/')+1]
		return func(dockerfile string) bool { return strings.HasPrefix(dockerfile, dir) }
	}
	known := map[string]string{}
	if from.captures != nil {
		texts, _ := from.captures.match(p)
		for i, name := range from.captures.names {
			known[name] = texts[i]
		}
	}
	return func(dockerfile string) bool {
		return slices.ContainsFunc(a.For, func(to Pattern) bool {
			if to.captures == nil {
				return to.Match(dockerfile)
			}
			_, ok := to.captures.matchWith(dockerfile, func(name string) string { return known[name] })
			return ok
		})
	}
}
