package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/agext/levenshtein"
	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// Errors is all that is wrong with a configuration, in the order of the file.
type Errors []*source.Error

// Error returns the errors, each on a line of its own.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, err := range e {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the single errors.
func (e Errors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, err := range e {
		errs[i] = err
	}
	return errs
}

// A decoder turns the nodes of a YAML document into values, and remembers what is
// wrong with them. Its methods return zero values for what is wrong.
type decoder struct {
	path   string
	src    []byte
	lines  source.Lines
	places *yamltext.File // of the values
	errors Errors
	values int  // that were read: aliases make many of few
	full   bool // there are too many, and the rest is not read
}

// maxValues bounds how many values a file may have once its aliases are followed.
const maxValues = 100_000

// A key is a key of a mapping and what reads its value.
type key struct {
	name string
	read func(value *yaml.Node)
}

// fail remembers an error at a node.
func (d *decoder) fail(at *yaml.Node, hint, format string, args ...any) {
	d.failAt(d.pos(at), hint, format, args...)
}

// failAt remembers an error at a place.
func (d *decoder) failAt(pos source.Pos, hint, format string, args ...any) {
	if d.full {
		return
	}
	d.errors = append(d.errors, &source.Error{Pos: pos, Err: fmt.Errorf(format, args...), Hint: hint})
}

// pos returns the place of a node, that of the first character where it has none.
func (d *decoder) pos(node *yaml.Node) source.Pos {
	if pos := d.places.Pos(node); pos.Line > 0 {
		return pos
	}
	return source.Pos{Path: d.path, Line: 1, Col: 1}
}

// follow returns what an alias stands for, and any other node itself. ok is false once
// there are too many.
func (d *decoder) follow(node *yaml.Node) (_ *yaml.Node, ok bool) {
	if d.values++; d.values > maxValues {
		d.fail(node, "write out what the aliases stand for", "there are more than %d values once every alias is followed", maxValues)
		d.full = true
		return nil, false
	}
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node, true
}

func isNull(node *yaml.Node) bool {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null"
}

// describe says what a node is.
func describe(node *yaml.Node) string {
	switch node.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "keys with values"
	}
	switch node.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!int", "!!float":
		return "the number " + node.Value
	case "!!bool":
		return "the word " + node.Value
	}
	return fmt.Sprintf("the text %q", shorten(node.Value))
}

func shorten(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// mapping reads a mapping of known keys. name is "" for the file itself.
func (d *decoder) mapping(name string, node *yaml.Node, keys []key) {
	known := make([]string, len(keys))
	for i, k := range keys {
		known[i] = k.name
	}
	where, hint := "the file", "the keys are "+list(known)
	if name != "" {
		where, hint = name, fmt.Sprintf("the keys of %s are %s", name, list(known))
	}
	target, ok := d.follow(node)
	if !ok {
		return
	}
	switch {
	case isNull(target):
		d.fail(node, hint, "%s has no value", where)
		return
	case target.Kind != yaml.MappingNode:
		d.fail(node, hint, "%s takes keys with values, not %s", where, describe(target))
		return
	}
	for _, pair := range d.pairs(where, target, 0) {
		i := slices.Index(known, pair.key.Value)
		if i >= 0 && pair.key.Kind == yaml.ScalarNode {
			keys[i].read(pair.value)
			continue
		}
		hint := hint
		if near := nearest(pair.key.Value, known); near != "" {
			hint = fmt.Sprintf("did you mean %s? %s", near, hint)
		}
		below := ""
		if name != "" {
			below = " of " + name
		}
		d.fail(pair.key, hint, "unknown key %s%s", keyText(pair.key), below)
	}
}

// A pair is a key of a mapping with its value.
type pair struct{ key, value *yaml.Node }

// pairs returns the pairs of a mapping, with those that "<<" takes over from others.
func (d *decoder) pairs(where string, node *yaml.Node, depth int) []pair {
	var own, merged []pair
	seen := map[string]*yaml.Node{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.ShortTag() == "!!merge" {
			merged = append(merged, d.merged(where, value, depth)...)
			continue
		}
		if key, ok := d.follow(key); ok && key.Kind != yaml.ScalarNode {
			d.fail(node.Content[i], "", "a key of %s is %s, and no text", where, describe(key))
			continue
		}
		if first := seen[key.Value]; first != nil {
			d.fail(key, "keep one of the two", "%s is given twice, first in line %d", keyText(key), first.Line)
			continue
		}
		seen[key.Value] = key
		own = append(own, pair{key, value})
	}
	for _, p := range merged {
		if seen[p.key.Value] == nil {
			seen[p.key.Value] = p.key
			own = append(own, p)
		}
	}
	return own
}

// merged returns the pairs that "<<" takes over.
func (d *decoder) merged(where string, node *yaml.Node, depth int) []pair {
	const most = 10
	target, ok := d.follow(node)
	switch {
	case !ok:
		return nil
	case depth >= most:
		d.fail(node, "write out what the aliases stand for", "<< takes over from a mapping that takes over from others without end")
		return nil
	case target.Kind == yaml.MappingNode:
		return d.pairs(where, target, depth+1)
	case target.Kind == yaml.SequenceNode:
		var all []pair
		for _, n := range target.Content {
			all = append(all, d.merged(where, n, depth+1)...)
		}
		return all
	}
	d.fail(node, "", "<< takes over from keys with values, not from %s", describe(target))
	return nil
}

// entries returns the pairs of a mapping whose keys are anything. Nothing has none.
func (d *decoder) entries(name, hint string, node *yaml.Node) []pair {
	target, ok := d.follow(node)
	switch {
	case !ok, isNull(target):
		return nil
	case target.Kind != yaml.MappingNode:
		d.fail(node, hint, "%s takes keys with values, not %s", name, describe(target))
		return nil
	}
	all := d.pairs(name, target, 0)
	for i := range all {
		if all[i].key, ok = d.follow(all[i].key); !ok {
			return nil
		}
	}
	return all
}

// items returns the items of a list. Nothing has none.
func (d *decoder) items(name string, node *yaml.Node) []*yaml.Node {
	target, ok := d.follow(node)
	switch {
	case !ok, isNull(target):
		return nil
	case target.Kind == yaml.SequenceNode:
		return target.Content
	}
	hint := "a list is written in brackets, or with - before each item"
	if target.Kind == yaml.ScalarNode && !strings.ContainsAny(target.Value, "\n,[]{}#&*!|>'\"%@`: ") {
		hint = fmt.Sprintf("put it in brackets: %s: [%s]", name[strings.LastIndexByte(name, '.')+1:], shorten(target.Value))
	}
	d.fail(node, hint, "%s takes a list, not %s", name, describe(target))
	return nil
}

// text returns a text as it is written: 1.10 is no number here.
func (d *decoder) text(name string, node *yaml.Node) (_ string, ok bool) {
	target, ok := d.follow(node)
	switch {
	case !ok:
		return "", false
	case isNull(target):
		d.fail(node, "give it a value, or leave it out", "%s has no value", name)
		return "", false
	case target.Kind != yaml.ScalarNode:
		d.fail(node, "", "%s takes a text, not %s", name, describe(target))
		return "", false
	case !slices.Contains([]string{"!!str", "!!int", "!!float", "!!bool", "!!timestamp"}, target.ShortTag()):
		d.fail(node, "a text that begins with ! is put in quotes", "%s takes a text, and %s is a tag", name, target.Tag)
		return "", false
	}
	return target.Value, true
}

// pattern reads one pattern.
func (d *decoder) pattern(name string, node *yaml.Node) (p Pattern, ok bool) {
	text, ok := d.text("a pattern of "+name, node)
	if !ok {
		return p, false
	}
	p, err := NewPattern(text, d.pos(node))
	return p, d.check(name, err)
}

// check remembers an error of a text, which names its place.
func (d *decoder) check(name string, err error) bool {
	if err == nil {
		return true
	}
	if placed, ok := err.(*source.Error); ok { //nolint:errorlint // it comes from this package, as it is
		d.errors = append(d.errors, &source.Error{Pos: placed.Pos, Err: fmt.Errorf("%s: %w", name, placed.Err), Hint: placed.Hint})
	}
	return false
}

// patterns reads a list of patterns or, where one is enough, one.
func (d *decoder) patterns(name string, node *yaml.Node, oneIsEnough bool) []Pattern {
	nodes := []*yaml.Node{node}
	if target, ok := d.follow(node); !oneIsEnough || ok && target.Kind != yaml.ScalarNode || isNull(node) {
		nodes = d.items(name, node)
	}
	var all []Pattern
	for _, n := range nodes {
		if p, ok := d.pattern(name, n); ok {
			all = append(all, p)
		}
	}
	return all
}

// file reads a path from the root.
func (d *decoder) filePath(name string, node *yaml.Node) string {
	text, ok := d.text(name, node)
	if !ok {
		return ""
	}
	const hint = "it is a path from the root of the repository, with / between directories"
	parts, err := split(text)
	switch {
	case err != nil:
		d.fail(node, hint, "%s: %w", name, err)
		return ""
	case strings.Contains(text, `\`):
		d.fail(node, hint, `%s: %q: \ separates no directories`, name, text)
		return ""
	case len(parts) == 0:
		return "."
	}
	return strings.Join(parts, "/")
}

// nearest returns the name that is likely meant, "" if none is.
func nearest(typed string, names []string) string {
	typed, best, found := strings.ToLower(typed), max(1, len(typed)/3)+1, ""
	for _, name := range names {
		if distance := levenshtein.Distance(typed, name, nil); distance < best && distance < len(name) {
			best, found = distance, name
		}
	}
	return found
}

// list joins names for a sentence.
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// keyText is a key as an error names it.
func keyText(key *yaml.Node) string {
	if key.Value == "" || strings.ContainsAny(key.Value, " \t\n\"'") {
		return fmt.Sprintf("%q", shorten(key.Value))
	}
	return shorten(key.Value)
}
