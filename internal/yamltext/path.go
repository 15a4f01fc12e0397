package yamltext

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Path says where values stand in a document: "$" is its root, ".key" or "['key']" the value
// of a key, ".*" and "[*]" all values of a mapping or a sequence, "[0]" the first of a sequence.
// "..key" is that of the key at any depth.
type Path struct {
	text  string
	steps []step
}

type step struct {
	deep bool   // at any depth
	all  bool   // all values
	key  string // of a mapping, where it is no index
	at   int    // in a sequence, -1 for a key
}

// A PathError says where and why a text is no path.
type PathError struct {
	At  int // in bytes
	Why string
}

// Error returns what is wrong.
func (e *PathError) Error() string { return e.Why }

// String returns the path as it is written.
func (p Path) String() string { return p.text }

// ParsePath reads a path. The error is a *PathError.
func ParsePath(text string) (Path, error) {
	p := Path{text: text}
	wrong := func(at int, format string, args ...any) (Path, error) {
		return Path{}, &PathError{at, fmt.Sprintf(format, args...)}
	}
	if !strings.HasPrefix(text, "$") {
		return wrong(0, "it does not begin with $")
	}
	for at := 1; at < len(text); {
		s, n := step{at: -1}, 0
		switch rest := text[at:]; {
		case strings.HasPrefix(rest, "..["):
			s.deep, n = true, len("..")
		case strings.HasPrefix(rest, ".."):
			s.deep, n = true, len("..")
			n += s.readName(rest[n:])
		case rest[0] == '.':
			n = 1 + s.readName(rest[1:])
		case rest[0] != '[':
			return wrong(at, "a . or a [ is missing before %q", rest)
		}
		if rest := text[at+n:]; strings.HasPrefix(rest, "[") && s.key == "" && !s.all {
			length, why := s.readBrackets(rest)
			if why != "" {
				return wrong(at+n, "%s", why)
			}
			n += length
		}
		if s.key == "" && !s.all && s.at < 0 {
			return wrong(at, "a key is missing behind the .")
		}
		p.steps = append(p.steps, s)
		at += n
	}
	if len(p.steps) == 0 {
		return wrong(0, "it names the whole file")
	}
	const most = 50
	if len(p.steps) > most {
		return wrong(0, "it has more than %d steps", most)
	}
	return p, nil
}

// readName reads a key, or "*" for all, and returns its length.
func (s *step) readName(text string) int {
	n := strings.IndexAny(text, ".[")
	if n < 0 {
		n = len(text)
	}
	s.key = text[:n]
	if s.key == "*" {
		s.key, s.all = "", true
	}
	return n
}

// readBrackets reads what stands in brackets, and returns the length with them.
func (s *step) readBrackets(text string) (n int, why string) {
	if quote := text[1:min(2, len(text))]; quote == "'" || quote == `"` {
		key, rest, ok := strings.Cut(text[2:], quote)
		if !ok || !strings.HasPrefix(rest, "]") || key == "" {
			return 0, "a key in quotes and brackets ends with the quote and ]"
		}
		s.key = key
		return len(text) - len(rest) + 1, ""
	}
	inside, _, ok := strings.Cut(text[1:], "]")
	if !ok {
		return 0, "a [ is not closed"
	}
	n = len(inside) + len("[]")
	if inside == "*" {
		s.all = true
		return n, ""
	}
	at, err := strconv.Atoi(inside)
	if err != nil || at < 0 || inside != strconv.Itoa(at) {
		return 0, fmt.Sprintf("[%s] is neither a number, * nor a key in quotes", inside)
	}
	s.at = at
	return n, ""
}

// A Match is a value that a path names.
type Match struct {
	Value *yaml.Node
	Key   string     // the nearest one above it
	In    *yaml.Node // the mapping that it is a value of, nil for none
	Twice bool       // the key stands there more than once, so that nobody knows which counts
}

// maxSteps bounds how many values are looked at for a path.
const maxSteps = 1 << 20

// Find returns the values that a path names in all documents of a file, each once, in
// their order. The error is [ErrTooLarge].
func (y *File) Find(p Path) ([]Match, error) {
	var all []Match
	f := finder{left: maxSteps}
	for _, doc := range y.Docs {
		found := []Match{{Value: Resolve(doc)}}
		for _, s := range p.steps {
			var next []Match
			f.seen = map[*yaml.Node]bool{}
			for _, m := range found {
				next = f.step(next, s, m)
			}
			found = next
		}
		all = append(all, found...)
	}
	if f.left < 0 {
		return nil, ErrTooLarge
	}
	seen := map[*yaml.Node]bool{}
	return slices.DeleteFunc(all, func(m Match) bool {
		again := seen[m.Value]
		seen[m.Value] = true
		return again
	}), nil
}

type finder struct {
	left int
	seen map[*yaml.Node]bool // by the step
}

// step adds what a step leads to from a value.
func (f *finder) step(found []Match, s step, from Match) []Match {
	if f.left--; f.left < 0 || from.Value == nil {
		return found
	}
	if s.deep && f.seen[from.Value] {
		return found
	}
	f.seen[from.Value] = true
	children := f.children(from)
	for i, child := range children {
		isMapping := child.In != nil
		if s.all || isMapping && s.at < 0 && child.Key == s.key || !isMapping && s.at == i {
			found = append(found, child)
		}
	}
	if s.deep {
		for _, child := range children {
			found = f.step(found, s, child)
		}
	}
	return found
}

// children returns the values in a mapping or a sequence.
func (f *finder) children(from Match) (all []Match) {
	switch n := from.Value; n.Kind {
	case yaml.MappingNode:
		count := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			count[n.Content[i].Value]++
		}
		for _, p := range Pairs(n) {
			all = append(all, Match{Value: p.Value, Key: p.Key.Value, In: n, Twice: count[p.Key.Value] > 1})
		}
	case yaml.SequenceNode:
		for _, item := range Items(n) {
			all = append(all, Match{Value: item, Key: from.Key})
		}
	default:
	}
	f.left -= len(all)
	return slices.DeleteFunc(all, func(m Match) bool { return m.Value == nil })
}
