package config

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// WriteText writes YAML. Comments say what is a default.
func (s *Shown) WriteText(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# What the configuration says, with what holds where it says nothing.\n")
	root := *s.root
	root.Content = root.Content[2:] // without "schema", which is for JSON
	err := writeYAML(&b, &root, "")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// writeYAML writes a mapping or a list, each item on lines of its own. The library places comments
// where they do not belong.
func writeYAML(b *strings.Builder, n *yaml.Node, indent string) error {
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	for i := 0; i < len(n.Content); i += step {
		value := n.Content[i+step-1]
		b.WriteString(indent)
		if n.Kind == yaml.MappingNode {
			key, err := inline(n.Content[i])
			if err != nil {
				return err
			}
			const longest = 1000 // of a key that the library takes without a "?" before it
			if len(key) > longest {
				key = "? " + key + "\n" + indent
			}
			b.WriteString(key + ":")
		} else {
			b.WriteString("-")
		}
		text, isLiteral := literalBlock(value, indent+"  ")
		switch {
		case isLiteral:
			b.WriteString(" " + text)
			continue
		case value.Kind != yaml.ScalarNode && len(value.Content) > 0 && value.Style&yaml.FlowStyle == 0:
			if n.Kind == yaml.SequenceNode && value.Kind == yaml.MappingNode {
				// Its first key stands behind the dash.
				var inner strings.Builder
				if err := writeYAML(&inner, value, indent+"  "); err != nil {
					return err
				}
				b.WriteString(" " + inner.String()[len(indent)+2:])
				continue
			}
			b.WriteString("\n")
			if err := writeYAML(b, value, indent+"  "); err != nil {
				return err
			}
			continue
		}
		text, err := inline(value)
		if err != nil {
			return err
		}
		b.WriteString(" " + text)
		if value.LineComment != "" {
			b.WriteString(" " + value.LineComment)
		}
		b.WriteString("\n")
	}
	return nil
}

// unlike are characters that are not read in all styles as they are written.
const unlike = "\n\r\t\u0085\u2028\u2029\ufeff\u007f"

// inline returns a value on one line.
func inline(n *yaml.Node) (string, error) {
	plain := *n
	plain.LineComment = ""
	if n.Kind == yaml.ScalarNode && strings.ContainsAny(n.Value, unlike) {
		return quotedText(n.Value)
	}
	for _, item := range n.Content {
		if strings.ContainsAny(item.Value, unlike) {
			var all []string
			for _, item := range n.Content {
				text, err := quotedText(item.Value)
				if err != nil {
					return "", err
				}
				all = append(all, text)
			}
			return "[" + strings.Join(all, ", ") + "]", nil
		}
	}
	text, err := yaml.Marshal(&plain)
	return strings.TrimSuffix(string(text), "\n"), err
}

// quotedText returns a text in double quotes, in which nothing is read otherwise than written.
func quotedText(text string) (string, error) {
	quoted, err := plainJSON(text)
	return escapes.Replace(string(quoted)), err
}

// escapes are of characters that JSON leaves as they are and YAML does not, or that no
// configuration may have.
var escapes = strings.NewReplacer("\u007f", `\u007f`, "\u0085", `\u0085`, "\ufeff", `\ufeff`)

// literalBlock returns a text of several lines as such, where it can be read again like that.
func literalBlock(n *yaml.Node, indent string) (string, bool) {
	text, whole := strings.CutSuffix(n.Value, "\n")
	if n.Kind != yaml.ScalarNode || !strings.Contains(text, "\n") || strings.ContainsAny(text, strings.TrimPrefix(unlike, "\n")) ||
		strings.TrimSpace(text) != text || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
		return "", false
	}
	var b strings.Builder
	if b.WriteString("|"); !whole {
		b.WriteString("-")
	}
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString("\n")
		if line != "" {
			b.WriteString(indent + line)
		}
	}
	return b.String() + "\n", true
}

// MarshalJSON implements json.Marshaler.
func (s *Shown) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	err := writeJSON(&b, s.root)
	return []byte(escapes.Replace(b.String())), err
}

// writeJSON writes a node, whose mappings keep their order.
func writeJSON(b *bytes.Buffer, n *yaml.Node) error {
	switch {
	case n.Kind == yaml.MappingNode:
		var all object
		for i := 0; i < len(n.Content); i += 2 {
			var value bytes.Buffer
			if err := writeJSON(&value, n.Content[i+1]); err != nil {
				return err
			}
			all = append(all, member{n.Content[i].Value, json.RawMessage(value.Bytes())})
		}
		text, err := all.MarshalJSON()
		b.Write(text)
		return err
	case n.Kind == yaml.SequenceNode:
		b.WriteByte('[')
		for i, item := range n.Content {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := writeJSON(b, item); err != nil {
				return err
			}
		}
		b.WriteByte(']')
	case n.Tag == "!!str":
		text, err := plainJSON(n.Value)
		b.Write(text)
		return err
	default:
		b.WriteString(n.Value)
	}
	return nil
}
