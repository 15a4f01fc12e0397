package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/schedule"
	"github.com/matihlabs/propagate/internal/source"
)

// policies reads the list of "policies".
func (d *decoder) policies(node *yaml.Node) (all []rule) {
	for _, item := range d.items("policies", node) {
		if r, ok := d.rule(item); ok {
			all = append(all, r)
		}
	}
	return all
}

// rule reads an entry of "policies".
func (d *decoder) rule(item *yaml.Node) (r rule, ok bool) {
	said := map[string]source.Pos{}
	r.at = d.pos(item)
	p := &r.says
	var keys []key
	add := func(name string, read func(name string, n *yaml.Node)) {
		keys = append(keys, key{name, func(n *yaml.Node) {
			said[name] = d.pos(n)
			if isNull(n) {
				d.fail(n, "give it a value, or leave it out", "policies: %s has no value", name)
				return
			}
			read("policies: "+name, n)
		}})
	}
	add("images", func(name string, n *yaml.Node) { r.images = d.imagePatterns(name, n) })
	add("paths", func(name string, n *yaml.Node) {
		if r.paths = d.patterns(name, n, true); r.paths == nil {
			r.paths = []Pattern{}
		}
	})
	add("level", func(name string, n *yaml.Node) { p.Level = d.level(name, n) })
	add("skip-versions", func(name string, n *yaml.Node) { p.Skip = d.skipped(name, n) })
	add("min-age", func(name string, n *yaml.Node) { p.MinAge = d.age(name, n) })
	add("moving", func(name string, n *yaml.Node) {
		p.Moving = Moving(d.oneOf(name, n, string(Pin), string(Rebuild), string(Leave)))
	})
	add("group", func(name string, n *yaml.Node) { p.Group = d.ownGroup(name, n) })
	add("labels", func(_ string, n *yaml.Node) { p.Labels = d.labels(n) })
	add("reviewers", func(name string, n *yaml.Node) { p.Reviewers = d.people(name, n, true, mostReviewers) })
	add("assignees", func(name string, n *yaml.Node) { p.Assignees = d.people(name, n, false, mostAssignees) })
	add("schedule", func(name string, n *yaml.Node) { p.Schedule = d.schedule(name, n) })
	add("automerge", func(name string, n *yaml.Node) { p.Automerge = d.autoMerge(name, n) })
	add("max-open", func(name string, n *yaml.Node) { p.MaxOpen = d.number(name, n, mostOpen) })
	wrong := len(d.errors)
	d.mapping("an entry of policies", item, keys)
	if wrong < len(d.errors) {
		return r, false
	}
	p.At = map[string]Said{}
	for _, k := range policyKeys {
		if at, ok := said[k.name]; ok {
			p.At[k.name] = r.said(at)
		}
	}
	p.Skip, p.Reviewers, p.Assignees = orNone(p.Skip), orNone(p.Reviewers), orNone(p.Assignees)
	switch {
	case r.images != nil && len(r.images) == 0:
		d.fail(item, "add a pattern, or leave images: out for all images", "policies: an entry has no images")
	case r.paths != nil && len(r.paths) == 0:
		d.fail(item, "add a pattern, or leave paths: out for all files", "policies: an entry has no paths")
	case len(p.At) == 0:
		d.fail(item, "add what holds for these: "+either(PolicyKeys()), "policies: an entry says nothing")
	}
	return r, wrong == len(d.errors)
}

// orNone returns a list that is not nil: one that is said to be empty overrules others.
func orNone[E any](list []E) []E {
	if list == nil {
		return []E{}
	}
	return list
}

// either joins names of which one is enough.
func either(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// oneOf reads one of several words.
func (d *decoder) oneOf(name string, node *yaml.Node, words ...string) string {
	text, ok := d.text(name, node)
	if !ok || slices.Contains(words, text) {
		return text
	}
	hint := ""
	if near := nearest(text, words); near != "" {
		hint = "did you mean " + near + "?"
	}
	d.fail(node, hint, "%s: %q is none of %s", name, shorten(text), list(words))
	return ""
}

// autoMerge reads true, false or now.
func (d *decoder) autoMerge(name string, node *yaml.Node) AutoMerge {
	text, ok := d.text(name, node)
	switch a := AutoMerge(text); {
	case !ok:
	case a == MergedByPeople || a == AfterChecks || a == AtOnce:
		return a
	default:
		d.fail(node, "write true, false or now", "%s: %q is none of true, false and now", name, shorten(text))
	}
	return MergedByPeople
}

// level reads the name of a step.
func (d *decoder) level(name string, node *yaml.Node) imageref.Step {
	step, _ := imageref.ParseLevel(d.oneOf(name, node, imageref.Patch.String(), imageref.Minor.String(), imageref.Major.String()))
	return step
}

// ownGroup reads a name of the repository's own for a change.
func (d *decoder) ownGroup(name string, node *yaml.Node) string {
	text, ok := d.text(name, node)
	switch {
	case !ok:
	case slices.Contains(groupings(), text):
		d.fail(node, "a name of your own, such as jvm, for the one change that these images are in", "%s: %q is a way of grouping a whole run", name, text)
	case !groupName().MatchString(text):
		d.fail(node, "it has up to 50 letters, digits, and . _ - inside", "%s: %q is no name of a change", name, shorten(text))
	default:
		return text
	}
	return ""
}

// schedule reads a cron expression, one with a time zone, or a list of these.
func (d *decoder) schedule(name string, node *yaml.Node) []Cron {
	all := []Cron{}
	for _, n := range d.oneOrMore(node) {
		target, ok := d.follow(n)
		if !ok {
			return nil
		}
		var c Cron
		var text, zone *yaml.Node
		if text = n; target.Kind == yaml.MappingNode {
			text = nil
			d.mapping(name, n, []key{
				{"cron", func(n *yaml.Node) { text = n }},
				{"timezone", func(n *yaml.Node) { zone = n }},
			})
			if text == nil {
				d.fail(n, `add cron: with a cron expression, such as "0 6 * * 1-5"`, "%s: an entry has no cron", name)
				continue
			}
		}
		if zone != nil {
			if c.Zone = d.words(name+": timezone", zone); c.Zone == "" || !d.scheduled("@daily", c.Zone, zone) {
				continue
			}
		}
		if c.Text, ok = d.text(name, text); !ok || !d.scheduled(c.Text, c.Zone, text) {
			continue
		}
		all = append(all, c)
	}
	return all
}

// oneOrMore returns the items of a list, or the node itself where it is none.
func (d *decoder) oneOrMore(node *yaml.Node) []*yaml.Node {
	if target, ok := d.follow(node); ok && target.Kind == yaml.SequenceNode {
		return target.Content
	}
	return []*yaml.Node{node}
}

// scheduled reports whether there is such a schedule; node is what else is wrong.
func (d *decoder) scheduled(text, zone string, node *yaml.Node) bool {
	_, err := schedule.Parse(text, zone)
	if err != nil {
		d.fail(node, source.Hint(err), "policies: %w", err)
	}
	return err == nil
}
