package config

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
)

// An Ignored is a code of problems that are not to be reported.
type Ignored struct {
	Code  source.Code
	Files []Pattern // where they are not; nil for everywhere

	at source.Pos // of the code
}

// A Problem is one that a file has, whether it is reported or not.
type Problem struct {
	Code source.Code
	Path string
}

// has reports whether it is a problem that the entry means.
func (i Ignored) has(p Problem) bool {
	return i.Code == p.Code && (i.Files == nil || match(i.Files, p.Path))
}

// IgnoresProblem reports whether a problem is not to be reported.
func (c *Config) IgnoresProblem(p Problem) bool {
	return slices.ContainsFunc(c.Diagnostics.Ignore, func(i Ignored) bool { return i.has(p) })
}

// Reported returns those of the notes that are to be reported.
func (c *Config) Reported(notes []*source.Error) []*source.Error {
	return slices.DeleteFunc(notes, func(n *source.Error) bool { return c.IgnoresProblem(Problem{n.Code, n.Pos.Path}) })
}

// ignored reads the list of codes, each alone or with the files that it is for.
func (d *decoder) ignored(node *yaml.Node) (all []Ignored) {
	const name = "diagnostics.ignore"
	for _, item := range d.items(name, node) {
		var i Ignored
		target, ok := d.follow(item)
		if !ok {
			return nil
		}
		if target.Kind != yaml.MappingNode {
			if i.Code, ok = d.code(name, item); ok {
				i.at = d.pos(item)
				all = append(all, i)
			}
			continue
		}
		said := map[string]bool{}
		wrong := len(d.errors)
		d.mapping("an entry of "+name, item, []key{
			{"code", func(n *yaml.Node) { said["code"] = true; i.at = d.pos(n); i.Code, _ = d.code(name, n) }},
			{"files", func(n *yaml.Node) { said["files"] = true; i.Files = d.patterns(name+": files", n, true) }},
		})
		switch {
		case wrong < len(d.errors):
			continue
		case !said["code"]:
			d.fail(item, "add code: with what stands in brackets behind the message", "%s: an entry has no code", name)
		case said["files"] && len(i.Files) == 0:
			d.fail(item, "add a pattern, or leave files: out for all files", "%s: an entry has no files", name)
		default:
			all = append(all, i)
		}
	}
	return all
}

// code reads a code that can be ignored.
func (d *decoder) code(name string, node *yaml.Node) (_ source.Code, ok bool) {
	text, ok := d.text("a code of "+name, node)
	if !ok {
		return "", false
	}
	var known []string
	for _, code := range source.Codes() {
		known = append(known, string(code))
	}
	code := source.Code(text)
	switch instead := code.Instead(); {
	case !slices.Contains(known, text):
		hint := "a code is what stands in brackets behind the message"
		if near := nearest(text, known); near != "" {
			hint = fmt.Sprintf("did you mean %s? %s", near, hint)
		}
		d.fail(node, hint, "%s: there is no code %q", name, shorten(text))
		return "", false
	case instead != "":
		d.fail(node, instead, "%s: %s cannot be ignored", name, code)
		return "", false
	}
	return code, true
}

// unusedIgnored notes which patterns of the list fit no file, and which entries no problem.
// What is itself unused, and what a plan finds, is not known yet.
func (c *Config) unusedIgnored(files Files) (notes []*source.Error) {
	later := append(source.Codes(source.InPlans), source.CodeUnusedSetting, source.CodeEndedIgnore)
	for _, i := range c.Diagnostics.Ignore {
		fits := true
		for _, p := range i.Files {
			isProblem := func(problem Problem) bool { return p.Match(problem.Path) }
			if !slices.ContainsFunc(files.Dockerfiles, p.Match) && !slices.ContainsFunc(files.Others, p.Match) && !slices.ContainsFunc(files.Problems, isProblem) {
				notes = append(notes, note(p.Pos, "diagnostics.ignore: %s fits no file that is read", p.Text))
				fits = false
			}
		}
		if fits && !slices.Contains(later, i.Code) && !slices.ContainsFunc(files.Problems, i.has) {
			notes = append(notes, note(i.at, "diagnostics.ignore: there is no problem %s to ignore", i.Code))
		}
	}
	return notes
}
