package buildfile

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// A yamlFile is a YAML file whose scalars know where they are written.
type yamlFile struct {
	*trace.File
	lines *source.Lines
	docs  []*yaml.Node // the roots of its documents
}

// parseYAML reads all documents of a file. What was read before an error is
// returned with it.
func parseYAML(f *trace.File) (*yamlFile, error) {
	y := &yamlFile{File: f, lines: source.NewLines(f.Src)}
	decoder := yaml.NewDecoder(bytes.NewReader(f.Src))
	for {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return y, nil
		}
		if err != nil {
			return y, err
		}
		if len(document.Content) > 0 {
			y.docs = append(y.docs, document.Content[0])
		}
	}
}

// resolve follows an alias; nil stays nil.
func resolve(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// get returns the value of a key of a mapping, also of one that is merged into it
// (YAML, "Merge Key Language-Independent Type"); nil where there is none.
func get(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		n = getOne(resolve(n), key, 0)
	}
	return resolve(n)
}

const maxMerges = 20 // of mappings into each other; a merge of an own ancestor would not end

func getOne(n *yaml.Node, key string, depth int) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode || depth > maxMerges {
		return nil
	}
	var merged *yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		switch n.Content[i].Value {
		case key:
			return n.Content[i+1]
		case "<<":
			for _, from := range items(n.Content[i+1]) {
				if v := getOne(from, key, depth+1); v != nil && merged == nil {
					merged = v
				}
			}
		}
	}
	return merged
}

// items returns the entries of a sequence, or n itself where it is none.
func items(n *yaml.Node) []*yaml.Node {
	n = resolve(n)
	switch {
	case n == nil:
		return nil
	case n.Kind != yaml.SequenceNode:
		return []*yaml.Node{n}
	}
	all := make([]*yaml.Node, len(n.Content))
	for i, item := range n.Content {
		all[i] = resolve(item)
	}
	return all
}

// A pair is an entry of a mapping.
type pair struct{ key, value *yaml.Node }

// pairs returns the entries of a mapping in the order of the file, those that are
// merged into it behind its own, each key once.
func pairs(n *yaml.Node) []pair { return pairsOf(resolve(n), map[string]bool{}, 0) }

func pairsOf(n *yaml.Node, seen map[string]bool, depth int) []pair {
	if n == nil || n.Kind != yaml.MappingNode || depth > maxMerges {
		return nil
	}
	var all []pair
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Value == "<<" {
			merged = append(merged, items(n.Content[i+1])...)
			continue
		}
		if !seen[key.Value] {
			seen[key.Value] = true
			all = append(all, pair{key, resolve(n.Content[i+1])})
		}
	}
	for _, from := range merged {
		all = append(all, pairsOf(from, seen, depth+1)...)
	}
	return all
}

// pos returns the place of a node; its column counts bytes, as everywhere.
func (y *yamlFile) pos(n *yaml.Node) source.Pos {
	if n == nil || n.Line < 1 || n.Line > y.lines.Count() {
		return source.Pos{Path: y.Path}
	}
	line, col := y.lines.Position(y.offset(n))
	return source.Pos{Path: y.Path, Line: line, Col: col}
}

// offset returns where a node begins. yaml counts columns in characters.
func (y *yamlFile) offset(n *yaml.Node) int {
	at := y.lines.Start(n.Line)
	rest := y.Src[at:]
	if n.Line == 1 {
		if trimmed := bytes.TrimPrefix(rest, []byte("\xef\xbb\xbf")); len(trimmed) < len(rest) {
			at, rest = at+3, trimmed
		}
	}
	for range n.Column - 1 {
		if len(rest) == 0 || rest[0] == '\n' {
			break
		}
		n := 1
		for n < len(rest) && rest[n]&0xC0 == 0x80 {
			n++
		}
		at, rest = at+n, rest[n:]
	}
	return at
}

// text returns the value of a scalar with the places of its bytes, as far as they
// stand in the file as they are: indentation, folded lines and doubled quotes are
// passed over, and behind an escape (\n in double quotes) nothing is known.
func (y *yamlFile) text(n *yaml.Node) trace.Text {
	n = resolve(n)
	if n == nil || n.Kind != yaml.ScalarNode {
		return trace.Text{}
	}
	t := trace.Text{S: n.Value, At: make([]trace.Addr, len(n.Value))}
	if n.Line < 1 || n.Line > y.lines.Count() {
		return trace.Plain(n.Value)
	}
	raw := y.offset(n)
	switch n.Style &^ yaml.TaggedStyle {
	case yaml.LiteralStyle, yaml.FoldedStyle:
		i := bytes.IndexByte(y.Src[raw:], '\n')
		if i < 0 {
			return trace.Plain(n.Value)
		}
		raw += i + 1
	case yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle:
		i := bytes.IndexAny(y.Src[raw:], `'"`) // behind a tag or an anchor
		if i < 0 {
			return trace.Plain(n.Value)
		}
		raw += i + 1
	default:
		first, _, _ := strings.Cut(n.Value, " ")
		i := bytes.Index(y.Src[raw:], []byte(first))
		if i < 0 {
			return trace.Plain(n.Value)
		}
		raw += i
	}
	escapes := n.Style&yaml.DoubleQuotedStyle != 0
	for i := 0; i < len(t.S); {
		switch {
		case raw >= len(y.Src):
			return t
		case escapes && y.Src[raw] == '\\':
			return t
		case y.Src[raw] == t.S[i]:
			t.At[i] = trace.Addr{File: y.File, Off: raw}
			i, raw = i+1, raw+1
		case isSpace(y.Src[raw]) || y.Src[raw] == '\'':
			raw++
		case isSpace(t.S[i]):
			i++ // a line end that was folded into a space was passed over
		default:
			return t
		}
	}
	return t
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
