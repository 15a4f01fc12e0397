// Package yamltext reads YAML with the place of every value: [Parse] returns the
// documents of a file, [File.Text] the value of a scalar with the places of its bytes.
// JSON is read as well, for it is YAML.
//
// # Limitations
//
// The YAML library names no more than the line of what is no YAML. A file in UTF-16
// is read, but nothing in it has a place.
package yamltext

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// A File is a YAML file whose scalars know where they are written.
type File struct {
	*trace.File
	Docs []*yaml.Node // the roots of its documents, as far as they are read

	starts []int         // of its lines as yaml counts them
	marks  map[int][]int // of long lines, where every markEvery-th character begins
}

// New returns a file of which no document is read yet: what another reader makes of
// its content has the places that this one says.
func New(f *trace.File) *File {
	y := &File{File: f, starts: lineStarts(f.Src)}
	y.mark()
	return y
}

// Parse reads all documents of a file. What was read before an error is returned
// with it.
func Parse(f *trace.File) (*File, error) {
	y := New(f)
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
			return y, ErrTooLarge
		}
		y.Docs = append(y.Docs, document.Content[0])
	}
}

// Resolve follows an alias; nil stays nil.
func Resolve(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// Get returns the value of a key of a mapping, also of one that is merged into it
// (YAML, "Merge Key Language-Independent Type"); nil where there is none.
func Get(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		n = getOne(Resolve(n), key, map[*yaml.Node]bool{})
	}
	return Resolve(n)
}

// getOne is Get for one key. A mapping that was looked into has nothing to add when
// it is merged again, be it into itself.
func getOne(n *yaml.Node, key string, seen map[*yaml.Node]bool) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode || seen[n] {
		return nil
	}
	seen[n] = true
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := Resolve(n.Content[i]); k.Kind == yaml.ScalarNode && k.Value == key && !isMerge(k) {
			return n.Content[i+1]
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !isMerge(n.Content[i]) {
			continue
		}
		for _, from := range Items(n.Content[i+1]) {
			if v := getOne(from, key, seen); v != nil {
				return v
			}
		}
	}
	return nil
}

func isMerge(key *yaml.Node) bool { return key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge" }

// Items returns the entries of a sequence, or n itself where it is none.
func Items(n *yaml.Node) []*yaml.Node {
	n = Resolve(n)
	switch {
	case n == nil:
		return nil
	case n.Kind != yaml.SequenceNode:
		return []*yaml.Node{n}
	}
	all := make([]*yaml.Node, len(n.Content))
	for i, item := range n.Content {
		all[i] = Resolve(item)
	}
	return all
}

// A Pair is an entry of a mapping.
type Pair struct{ Key, Value *yaml.Node }

// Pairs returns the entries of a mapping in the order of the file, those that are
// merged into it behind its own, each key once.
func Pairs(n *yaml.Node) []Pair {
	return pairsOf(Resolve(n), map[string]bool{}, map[*yaml.Node]bool{})
}

func pairsOf(n *yaml.Node, names map[string]bool, seen map[*yaml.Node]bool) []Pair {
	if n == nil || n.Kind != yaml.MappingNode || seen[n] {
		return nil
	}
	seen[n] = true
	var all []Pair
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := Resolve(n.Content[i])
		switch {
		case key.Kind != yaml.ScalarNode:
		case isMerge(key):
			merged = append(merged, Items(n.Content[i+1])...)
		case !names[key.Value]:
			names[key.Value] = true
			all = append(all, Pair{key, Resolve(n.Content[i+1])})
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
	n = Resolve(n)
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

// Size returns how much a node stands for with its aliases written out, in values and
// their bytes, as far as that is no more than is read of a file.
func Size(n *yaml.Node) int { return expanded(n, map[*yaml.Node]int{}) }

// ErrTooLarge is the error of [Parse] for a file whose aliases stand for too much.
var ErrTooLarge = errors.New("its aliases stand for more than is read of a file")

// Problem returns what a person is told of an error of [Parse]: the line, 0 where the
// error names none, and what is wrong there.
func Problem(err error) (line int, message string) {
	message = strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(message, "line "); ok {
		number, text, _ := strings.Cut(rest, ": ")
		if n, err := strconv.Atoi(number); err == nil && n > 0 {
			line, message = n, text
		}
	}
	return line, source.Clean(message)
}

// Pos returns the place of a node; its column counts bytes, as everywhere.
func (y *File) Pos(n *yaml.Node) source.Pos {
	at, ok := y.Offset(n)
	if !ok {
		return source.Pos{Path: y.Path}
	}
	line, col := y.Lines.Position(at)
	return source.Pos{Path: y.Path, Line: line, Col: col}
}

// Offset returns where a node begins. yaml counts columns in characters, and lines
// by all line ends that YAML 1.1 knows.
func (y *File) Offset(n *yaml.Node) (at int, ok bool) {
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
	before := n.Column - 1
	if marks := y.marks[n.Line-1]; marks != nil {
		nearest := min(before/markEvery, len(marks)-1)
		at, rest, before = marks[nearest], y.Src[marks[nearest]:], before-nearest*markEvery
	}
	for range before {
		if len(rest) == 0 || rest[0] == '\n' {
			break
		}
		_, size := utf8.DecodeRune(rest)
		at, rest = at+size, rest[size:]
	}
	return at, true
}

// markEvery is how many characters lie between two marks of a line.
const markEvery = 256

// mark makes the marks, without which each value of a file of one line would be looked for from its start.
func (y *File) mark() {
	for i, start := range y.starts {
		end := len(y.Src)
		if i+1 < len(y.starts) {
			end = y.starts[i+1]
		}
		if end-start <= 8*markEvery {
			continue
		}
		if i == 0 && bytes.HasPrefix(y.Src, []byte(byteOrderMark)) {
			start += len(byteOrderMark)
		}
		if y.marks == nil {
			y.marks = map[int][]int{}
		}
		for at, n := start, 0; at < end; n++ {
			if n%markEvery == 0 {
				y.marks[i] = append(y.marks[i], at)
			}
			if y.Src[at] == '\n' {
				break
			}
			_, size := utf8.DecodeRune(y.Src[at:])
			at += size
		}
	}
}

const byteOrderMark = "\xef\xbb\xbf"

// lineStarts returns where the lines of YAML begin; nil for a file in UTF-16, the
// bytes of which are none of the values that are read from it.
func lineStarts(src []byte) []int {
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
