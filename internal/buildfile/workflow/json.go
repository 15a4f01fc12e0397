package workflow

import (
	"encoding/json"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// made notes the text of a scalar that stands in no file as YAML.
func (w *workflow) made(t trace.Text, tag string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: t.S}
	if w.texts == nil {
		w.texts = map[*yaml.Node]trace.Text{}
	}
	w.texts[n] = t
	return n
}

// text is yamltext.File.Text, for values that were made as well.
func (w *workflow) text(n *yaml.Node) trace.Text {
	if t, ok := w.texts[yamltext.Resolve(n)]; ok {
		return t
	}
	return w.Text(n)
}

// parseJSON returns the value of a text of JSON, whose parts know where they are written. ok is
// false for a text that is none, as far as it is known.
func (w *workflow) parseJSON(t trace.Text) (n *yaml.Node, ok bool) {
	if !w.run.Step(len(t.S)) {
		return nil, false
	}
	r := &jsonReader{w: w, t: t}
	n, ok = r.value(0)
	r.space()
	return n, ok && r.at == len(t.S)
}

type jsonReader struct {
	w  *workflow
	t  trace.Text
	at int
}

func (r *jsonReader) space() {
	for r.at < len(r.t.S) && reading.IsSpace(r.t.S[r.at]) {
		r.at++
	}
}

// next reads a character, if it is the next.
func (r *jsonReader) next(c byte) bool {
	if r.space(); r.at >= len(r.t.S) || r.t.S[r.at] != c {
		return false
	}
	r.at++
	return true
}

func (r *jsonReader) value(depth int) (*yaml.Node, bool) {
	r.space()
	if r.at >= len(r.t.S) || depth > maxNest {
		return nil, false
	}
	switch r.t.S[r.at] {
	case '{':
		return r.list(yaml.MappingNode, '}', depth)
	case '[':
		return r.list(yaml.SequenceNode, ']', depth)
	case '"':
		return r.quoted()
	}
	start := r.at
	for r.at < len(r.t.S) && (reading.IsNameByte(r.t.S[r.at]) || strings.IndexByte("+-.", r.t.S[r.at]) >= 0) {
		r.at++
	}
	word := r.t.Slice(start, r.at)
	tag := "!!float"
	switch word.S {
	case "true", "false":
		tag = "!!bool"
	case "null":
		tag = "!!null"
	default:
		if _, err := strconv.ParseFloat(word.S, 64); err != nil {
			return nil, false
		}
		if _, err := strconv.Atoi(word.S); err == nil {
			tag = "!!int"
		}
	}
	return r.w.made(word, tag), true
}

// list reads an array or an object, which ends with a bracket.
func (r *jsonReader) list(kind yaml.Kind, end byte, depth int) (*yaml.Node, bool) {
	r.at++
	n := &yaml.Node{Kind: kind}
	if r.next(end) {
		return n, true
	}
	for {
		if kind == yaml.MappingNode {
			if r.space(); r.at >= len(r.t.S) || r.t.S[r.at] != '"' {
				return nil, false
			}
			key, ok := r.quoted()
			if !ok || !r.next(':') {
				return nil, false
			}
			n.Content = append(n.Content, key)
		}
		v, ok := r.value(depth + 1)
		if !ok {
			return nil, false
		}
		n.Content = append(n.Content, v)
		if r.next(end) {
			return n, true
		}
		if !r.next(',') {
			return nil, false
		}
	}
}

// quoted reads a text in quotes. One with escapes has no place.
func (r *jsonReader) quoted() (*yaml.Node, bool) {
	start := r.at
	for r.at++; r.at < len(r.t.S) && r.t.S[r.at] != '"'; r.at++ {
		if r.t.S[r.at] == '\\' {
			r.at++
		}
	}
	if r.at >= len(r.t.S) {
		return nil, false
	}
	r.at++
	t := r.t.Slice(start+1, r.at-1)
	if strings.Contains(t.S, `\`) {
		var text string
		if err := json.Unmarshal([]byte(r.t.S[start:r.at]), &text); err != nil {
			return nil, false
		}
		t = trace.Plain(text)
	}
	return r.w.made(t, "!!str"), true
}

// encodeJSON returns the JSON of a value. ok is false where it is not known.
func (s *scope) encodeJSON(v exprValue, depth int) (trace.Text, bool) {
	if v.state != isSet || depth > reading.MaxDepth || !s.run.Step(len(v.text.S)) {
		return trace.Text{}, false
	}
	if v.node == nil {
		if v.literal {
			return v.text, true
		}
		if strings.ContainsAny(v.text.S, "\"\\\n\t\r") {
			text, err := json.Marshal(v.text.S)
			return trace.Plain(string(text)), err == nil
		}
		return trace.Join(trace.Plain(`"`), v.text, trace.Plain(`"`)), true
	}
	var parts []trace.Text
	if v.node.Kind == yaml.MappingNode {
		for _, p := range yamltext.Pairs(v.node) {
			key, okKey := s.encodeJSON(textValue(s.text(p.Key)), depth+1)
			value, ok := s.encodeJSON(s.nodeValue(p.Value, depth), depth+1)
			if !ok || !okKey {
				return trace.Text{}, false
			}
			parts = append(parts, trace.Join(key, trace.Plain(":"), value))
		}
		return trace.Join(trace.Plain("{"), reading.JoinWith(",", parts), trace.Plain("}")), true
	}
	for _, item := range yamltext.Items(v.node) {
		value, ok := s.encodeJSON(s.nodeValue(item, depth), depth+1)
		if !ok {
			return trace.Text{}, false
		}
		parts = append(parts, value)
	}
	return trace.Join(trace.Plain("["), reading.JoinWith(",", parts), trace.Plain("]")), true
}

// getFold is get for one key, without regard to case, as GitHub looks for it.
func getFold(n *yaml.Node, name string) *yaml.Node {
	if v := yamltext.Get(n, name); v != nil {
		return v
	}
	for _, p := range yamltext.Pairs(n) {
		if strings.EqualFold(p.Key.Value, name) {
			return p.Value
		}
	}
	return nil
}

// itemAt returns the entry of an array with a number; nil where there is none.
func itemAt(n *yaml.Node, number string) *yaml.Node {
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(n.Content) {
		return nil
	}
	return n.Content[i]
}
