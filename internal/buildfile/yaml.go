package buildfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// A yamlFile is a YAML file whose scalars know where they are written.
type yamlFile struct {
	*trace.File
	starts []int        // of its lines as yaml counts them
	docs   []*yaml.Node // the roots of its documents
}

// parseYAML reads all documents of a file. What was read before an error is
// returned with it.
func parseYAML(f *trace.File) (*yamlFile, error) {
	y := &yamlFile{File: f, starts: yamlLines(f.Src)}
	sizes, size := map[*yaml.Node]int{}, 0
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
		if len(document.Content) == 0 {
			continue
		}
		if size += expanded(document.Content[0], sizes); size > maxExpanded {
			return y, errTooLarge
		}
		y.docs = append(y.docs, document.Content[0])
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
		n = getOne(resolve(n), key, map[*yaml.Node]bool{})
	}
	return resolve(n)
}

// getOne is get for one key. A mapping that was looked into has nothing to add when
// it is merged again, be it into itself.
func getOne(n *yaml.Node, key string, seen map[*yaml.Node]bool) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode || seen[n] {
		return nil
	}
	seen[n] = true
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := resolve(n.Content[i]); k.Kind == yaml.ScalarNode && k.Value == key && !isMerge(k) {
			return n.Content[i+1]
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !isMerge(n.Content[i]) {
			continue
		}
		for _, from := range items(n.Content[i+1]) {
			if v := getOne(from, key, seen); v != nil {
				return v
			}
		}
	}
	return nil
}

func isMerge(key *yaml.Node) bool { return key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge" }

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
func pairs(n *yaml.Node) []pair {
	return pairsOf(resolve(n), map[string]bool{}, map[*yaml.Node]bool{})
}

func pairsOf(n *yaml.Node, names map[string]bool, seen map[*yaml.Node]bool) []pair {
	if n == nil || n.Kind != yaml.MappingNode || seen[n] {
		return nil
	}
	seen[n] = true
	var all []pair
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := resolve(n.Content[i])
		switch {
		case key.Kind != yaml.ScalarNode:
		case isMerge(key):
			merged = append(merged, items(n.Content[i+1])...)
		case !names[key.Value]:
			names[key.Value] = true
			all = append(all, pair{key, resolve(n.Content[i+1])})
		}
	}
	for _, from := range merged {
		all = append(all, pairsOf(from, names, seen)...)
	}
	return all
}

// maxExpanded is the size up to which a file is read whose aliases are written
// out, counted in values and their bytes. Ten lines of aliases of aliases stand for
// more than there is memory.
const maxExpanded = 8 << 20

// expanded returns the size of a node with its aliases written out, as far as it is
// at most maxExpanded. sizes are those of the nodes with an anchor; a node that
// contains itself has no end.
func expanded(n *yaml.Node, sizes map[*yaml.Node]int) int {
	n = resolve(n)
	if n == nil {
		return 0
	}
	if size, ok := sizes[n]; ok {
		return size
	}
	if n.Anchor != "" {
		sizes[n] = maxExpanded + 1
	}
	size := 1 + len(n.Value)
	for _, child := range n.Content {
		if size += expanded(child, sizes); size > maxExpanded {
			return size
		}
	}
	if n.Anchor != "" {
		sizes[n] = size
	}
	return size
}

var errTooLarge = errors.New("its aliases stand for more than is read of a file")

// yamlProblem is what a person is told of an error of [parseYAML].
func yamlProblem(f *trace.File, err error) Problem {
	pos := source.Pos{Path: f.Path}
	if errors.Is(err, errTooLarge) {
		return Problem{source.CodeBuildFileLimit, pos, "not read: " + err.Error()}
	}
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(message, "line "); ok {
		number, text, _ := strings.Cut(rest, ": ")
		if line, err := strconv.Atoi(number); err == nil && line > 0 {
			pos.Line, message = line, text
		}
	}
	return Problem{source.CodeBuildFileSyntax, pos, fmt.Sprintf("not read, for it is no YAML (%s)", source.Clean(message))}
}

// pos returns the place of a node; its column counts bytes, as everywhere.
func (y *yamlFile) pos(n *yaml.Node) source.Pos {
	at, ok := y.offset(n)
	if !ok {
		return source.Pos{Path: y.Path}
	}
	line, col := y.Lines.Position(at)
	return source.Pos{Path: y.Path, Line: line, Col: col}
}

// offset returns where a node begins. yaml counts columns in characters, and lines
// by all line ends that YAML 1.1 knows.
func (y *yamlFile) offset(n *yaml.Node) (at int, ok bool) {
	if n == nil || n.Line < 1 || n.Line > len(y.starts) {
		return 0, false
	}
	at = y.starts[n.Line-1]
	rest := y.Src[at:]
	if n.Line == 1 {
		if trimmed := bytes.TrimPrefix(rest, []byte(byteOrderMark)); len(trimmed) < len(rest) {
			at, rest = at+len(byteOrderMark), trimmed
		}
	}
	for range n.Column - 1 {
		if len(rest) == 0 || rest[0] == '\n' {
			break
		}
		_, size := utf8.DecodeRune(rest)
		at, rest = at+size, rest[size:]
	}
	return at, true
}

const byteOrderMark = "\xef\xbb\xbf"

// yamlLines returns where the lines of YAML begin; nil for a file in UTF-16, the
// bytes of which are none of the values that are read from it.
func yamlLines(src []byte) []int {
	if bytes.HasPrefix(src, []byte("\xfe\xff")) || bytes.HasPrefix(src, []byte("\xff\xfe")) {
		return nil
	}
	starts := []int{0}
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		i += size
		switch {
		case r == '\r' && i < len(src) && src[i] == '\n':
		case r == '\r', r == '\n', r == '\u0085', r == '\u2028', r == '\u2029':
			starts = append(starts, i)
		}
	}
	return starts
}
