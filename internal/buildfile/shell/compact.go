package shell

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// compact returns a value as jq -c prints it, in one line, whose scalars keep their places.
func (q *queried) compact(f *reading.Fuel, n *yaml.Node, depth int) (trace.Text, bool) {
	n = yamltext.Resolve(n)
	if !f.Step(0) || depth > reading.MaxDepth {
		return trace.Text{}, false
	}
	if n == nil || n.Kind == yaml.ScalarNode {
		return q.quoted(n)
	}
	opens, closes := "[", "]"
	if n.Kind == yaml.MappingNode {
		opens, closes = "{", "}"
	}
	all := []trace.Text{trace.Plain(opens)}
	for i, part := range n.Content {
		isKey := n.Kind == yaml.MappingNode && i%2 == 0
		if isKey && part.Tag == "!!merge" {
			return trace.Text{}, false
		}
		value, ok := q.compact(f, part, depth+1)
		if !ok || isKey && !strings.HasPrefix(value.S, `"`) {
			return trace.Text{}, false
		}
		switch {
		case n.Kind == yaml.MappingNode && i%2 == 1:
			all = append(all, trace.Plain(":"))
		case i > 0:
			all = append(all, trace.Plain(","))
		}
		all = append(all, value)
	}
	return trace.Join(append(all, trace.Plain(closes))...), true
}

// quoted returns a scalar as JSON has it, as far as nothing in it has to be escaped.
func (q *queried) quoted(n *yaml.Node) (trace.Text, bool) {
	raw := q.raw
	q.raw = true
	t, ok := q.value(n)
	q.raw = raw
	if !ok || n == nil || n.Tag != "!!str" {
		return t, ok
	}
	quote := trace.Plain(`"`)
	return trace.Join(quote, t, quote), !strings.ContainsAny(t.S, "\\\"\t\r")
}
