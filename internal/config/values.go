package config

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
	"github.com/matihlabs/propagate/scanner"
)

// values finds references in YAML and JSON by a path. A text there is a whole reference or, with
// an image, its version; a mapping has the parts of a reference under keys.
type values struct {
	path  yamltext.Path
	image string // the repository, in which "{x}" stands for the value of a key beside the version; "" where the file says it

	registry, repository, tag, digest []string // keys: the first that has a value counts
}

// withDefaults fills in the keys that the entry leaves out.
func (v *values) withDefaults() {
	or := func(keys *[]string, usual ...string) {
		if *keys == nil {
			*keys = usual
		}
	}
	or(&v.registry, "registry")
	or(&v.repository, "repository", "name", "image")
	or(&v.tag, "tag", "version")
	or(&v.digest, "digest")
}

// Find returns the references in a file, and what is wrong with values that the path names.
func (v *values) Find(f *trace.File) (all []scanner.Found) {
	r, matches, err := readValues(f, v.path)
	if err != nil {
		line, message := yamltext.Problem(err)
		return []scanner.Found{{
			Pos: source.Pos{Path: f.Path, Line: line}, Code: source.CodeBadReference, Severity: scanner.Error, Problem: fmt.Sprintf("not read for references, for it is no YAML (%s)", message),
			Hint: "say with pattern: where references stand in a file that is a template",
		}}
	}
	for _, m := range matches {
		r.found, r.lost = scanner.Found{Pos: r.Pos(m.Value), Code: source.CodeBadReference, Severity: scanner.Warning}, false
		switch {
		case m.Twice:
			r.wrong("keep one of the two", "the key %s stands here twice, so its value is not known", m.Key)
		case m.Value.Kind == yaml.ScalarNode && v.image == "":
			r.found.Name = r.scalar(m.Value).TrimSpace()
		case m.Value.Kind == yaml.ScalarNode:
			r.version(r.scalar(m.Value).TrimSpace(), v.filled(r, m.In, m.Key))
		case m.Value.Kind == yaml.MappingNode:
			r.parts(v, m)
		default:
			r.wrong("", "%s names a list here, and neither a text nor keys", v.path)
		}
		if r.lost {
			r.found.Name, r.found.Version = trace.Text{}, trace.Text{}
		}
		if r.found.Problem != "" || r.found.Name.S != "" {
			all = append(all, r.found)
		}
	}
	return all
}

// filled returns the repository of a version with that key beside other ones.
func (v *values) filled(r *valueReader, in *yaml.Node, key string) trace.Text {
	return trace.Plain(fill(v.image, func(name string) string {
		if value := r.first(in, []string{name}); value.S != "" {
			return value.S
		}
		if name == "key" {
			return key
		}
		r.wrong("the names in braces are those of the keys beside the version; {key} is its own", "there is no %s here, which the image %s is made of", name, v.image)
		return ""
	}))
}

// A valueReader reads values of a file. What it finds out of one is in found.
type valueReader struct {
	*yamltext.File
	isJSON bool
	found  scanner.Found
	lost   bool // it makes no reference, and the problem of found says why
}

// readValues returns what a path names in a file.
func readValues(f *trace.File, p yamltext.Path) (*valueReader, []yamltext.Match, error) {
	y, err := yamltext.Parse(f)
	if err != nil {
		return nil, nil, err
	}
	matches, err := y.Find(p)
	return &valueReader{File: y, isJSON: path.Ext(f.Path) == ".json"}, matches, err
}

// wrong says what is wrong with the value. It makes no reference then.
func (r *valueReader) wrong(hint, format string, args ...any) {
	r.found.Problem, r.found.Hint, r.lost = fmt.Sprintf(format, args...), hint, true
	r.found.Severity = scanner.Error
}

// parts reads a mapping.
func (r *valueReader) parts(v *values, m yamltext.Match) {
	name := v.filledOrWritten(r, m)
	tag, digest := r.first(m.Value, v.tag), r.first(m.Value, v.digest)
	if node := r.node(m.Value, slices.Concat(v.tag, v.digest)); node != nil {
		r.found.Pos = r.Pos(node)
	}
	switch {
	case r.lost:
	case name.S == "":
		r.wrong("say with repository: under which key it is", "there is no %s here", strings.Join(v.repository, " or "))
	case tag.S != "" && digest.S != "":
		r.version(trace.Join(tag, trace.Plain("@"), digest), name)
	case digest.S != "":
		r.version(digest, name)
	case tag.S != "":
		r.version(tag, name)
	case strings.ContainsAny(path.Base(name.S), ":@"):
		r.found.Name = name
	default:
		r.wrong("", "the version of %s is not written here", name.S)
		r.found.Severity = scanner.Warning
	}
}

// filledOrWritten returns the repository of a mapping, "" where it is not known.
func (v *values) filledOrWritten(r *valueReader, m yamltext.Match) trace.Text {
	if v.image != "" {
		return v.filled(r, m.Value, m.Key)
	}
	registry, repository := r.first(m.Value, v.registry), r.first(m.Value, v.repository)
	if registry.S == "" || repository.S == "" || strings.HasPrefix(repository.S, registry.S+"/") {
		return repository
	}
	return trace.Join(registry, trace.Plain("/"), repository)
}

// version notes a reference; a version that is empty makes none.
func (r *valueReader) version(version, name trace.Text) {
	if version.S != "" {
		r.found.Name, r.found.Version = name, version
	}
}

// node returns the first value of some keys that is a text.
func (r *valueReader) node(in *yaml.Node, keys []string) *yaml.Node {
	for _, key := range keys {
		if n := yamltext.Get(in, key); n != nil && n.Kind == yaml.ScalarNode && n.ShortTag() != "!!null" && n.Value != "" {
			return n
		}
	}
	return nil
}

func (r *valueReader) first(in *yaml.Node, keys []string) trace.Text {
	if n := r.node(in, keys); n != nil {
		return r.scalar(n).TrimSpace()
	}
	return trace.Text{}
}

// jsonLiteral is what of JSON is in no quotes.
var jsonLiteral = regexp.MustCompile(`^(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null)$`)

// scalar returns a text as a program reads it. A number that it reads otherwise than it is
// written, such as 1.10, has no place, since a tag that is such a number cannot be written there.
func (r *valueReader) scalar(n *yaml.Node) trace.Text {
	number, isNumber := numberOf(n)
	switch {
	case r.isJSON && n.Style&(yaml.DoubleQuotedStyle) == 0 && !jsonLiteral.MatchString(n.Value):
		r.wrong("put the value in quotes", "%s is no value of JSON", shorten(n.Value))
		return trace.Text{}
	case isNumber && number != n.Value:
		r.found.Problem, r.found.Hint, r.found.Code = fmt.Sprintf("%s is a number here, which reads %s", n.Value, number), "put the value in quotes", source.CodeUnknownValue
		return trace.Plain(number)
	}
	return r.Text(n)
}

// numberOf returns a number as programs print it.
func numberOf(n *yaml.Node) (string, bool) {
	switch n.ShortTag() {
	case "!!float":
		f, err := strconv.ParseFloat(strings.ReplaceAll(n.Value, "_", ""), 64)
		return strconv.FormatFloat(f, 'f', -1, 64), err == nil
	case "!!int":
		var i int64
		err := n.Decode(&i)
		return strconv.FormatInt(i, 10), err == nil
	}
	return "", false
}

// keyList reads a key or a list of keys.
func (d *decoder) keyList(name string, node *yaml.Node) (all []string) {
	nodes := []*yaml.Node{node}
	if target, ok := d.follow(node); ok && target.Kind != yaml.ScalarNode {
		nodes = d.items(name, node)
	}
	for _, n := range nodes {
		if text, ok := d.text(name, n); ok && text != "" {
			all = append(all, text)
		} else if ok {
			d.fail(n, "name the key, such as tag", "%s is empty", name)
		}
	}
	return all
}

const pathHint = "such as $.image.tag, $.images[*].tag, $.images[0] or $..image"

// valuePath reads a path, the zero one where it is none.
func (d *decoder) valuePath(name string, node *yaml.Node) yamltext.Path {
	text, ok := d.text(name+": path", node)
	if !ok {
		return yamltext.Path{}
	}
	p, err := yamltext.ParsePath(text)
	var wrong *yamltext.PathError
	if errors.As(err, &wrong) {
		d.failAt(d.inside(node, wrong.At), pathHint, "%s: %q is no path: %s", name, shorten(text), wrong.Why)
	}
	return p
}

// inside returns the place of a byte of a text, that of the text where it has none.
func (d *decoder) inside(node *yaml.Node, at int) source.Pos {
	text := d.places.Text(node)
	if at < len(text.S) {
		if pos := text.Slice(at, len(text.S)).Pos(); text.At(at).File != nil {
			return pos
		}
	}
	return d.pos(node)
}

// versionsAt returns the places that a path names in a file for a version.
func versionsAt(f *trace.File, p yamltext.Path) (all []trace.Text, err error) {
	r, matches, err := readValues(f, p)
	if err != nil {
		return nil, err
	}
	for _, m := range matches {
		text := trace.Text{}
		switch {
		case m.Twice:
			r.wrong("", "the key %s stands there twice", m.Key)
		case m.Value.Kind != yaml.ScalarNode:
			r.wrong("", "%s names no text there", p)
		default:
			text = r.scalar(m.Value).TrimSpace()
		}
		if r.found.Problem != "" {
			return nil, &source.Error{Pos: r.Pos(m.Value), Err: errors.New(r.found.Problem)}
		}
		all = append(all, text)
	}
	return all, nil
}
