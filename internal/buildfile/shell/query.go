package shell

import (
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// jq follows queries of a JSON file that are paths. Values keep their places.
func (s *Shell) jq(args []trace.Text) (trace.Text, bool) {
	f, ok := filterFlags(args, "", "rceMj")
	if !ok || len(f.rest) == 0 || f.has("j") {
		return trace.Text{}, false
	}
	return s.query(f.rest[0].S, f.rest[1:], queried{raw: f.has("r"), isCompact: f.has("c")})
}

// yq follows the same of a YAML file, as both programs of that name write it.
func (s *Shell) yq(args []trace.Text) (trace.Text, bool) {
	if len(args) > 0 && (args[0].S == "e" || args[0].S == "eval") {
		args = args[1:]
	}
	f, ok := filterFlags(args, "", "reMN")
	if !ok || len(f.rest) == 0 {
		return trace.Text{}, false
	}
	return s.query(f.rest[0].S, f.rest[1:], queried{raw: true})
}

// query prints what a query finds, one value a line.
func (s *Shell) query(query string, files []trace.Text, q queried) (trace.Text, bool) {
	t, ok := s.givenText(files)
	if !ok || len(files) > 1 || strings.Contains(query, reading.Unknown) {
		return trace.Text{}, false
	}
	nodes, ok := q.documents(t)
	if !ok {
		return trace.Text{}, false
	}
	var out []trace.Text
	stages := stagesOf(query)
	for i, stage := range stages {
		if !s.Run.Step(len(t.S)) {
			return trace.Text{}, false
		}
		if lines, ok := q.lines(nodes, stage, stages[i+1:]); ok {
			return output(lines), true
		}
		if nodes, ok = q.stage(nodes, stage); !ok || len(nodes) > reading.MaxText {
			return trace.Text{}, false
		}
	}
	for _, n := range nodes {
		value, ok := q.value(n)
		if !ok && q.isCompact {
			value, ok = q.compact(&s.Run.Fuel, n, 0)
		} else if !ok && !q.raw {
			value, ok = q.quoted(n)
		}
		if !ok {
			return trace.Text{}, false
		}
		out = append(out, value)
	}
	return output(out), true
}

// A queried is a file that is queried.
type queried struct {
	raw       bool // strings have no quotation marks
	isCompact bool // lists and mappings are printed, each in a line

	file *yamltext.File
	text trace.Text // of which the file holds a copy
}

// documents parses a text as YAML, which JSON is as well.
func (q *queried) documents(t trace.Text) ([]*yaml.Node, bool) {
	q.text = t
	var err error
	if q.file, err = yamltext.Parse(trace.NewFile("", []byte(t.S))); err != nil {
		return nil, false
	}
	return q.file.Docs, true
}

// value returns a scalar with its place.
func (q *queried) value(n *yaml.Node) (trace.Text, bool) {
	n = yamltext.Resolve(n)
	if n == nil {
		return trace.Plain("null"), true
	}
	if n.Kind != yaml.ScalarNode || !q.raw && n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		return trace.Text{}, false
	}
	t := q.file.Text(n)
	var parts []trace.Text
	for _, p := range t.Pieces() {
		if p.File == nil {
			parts = append(parts, trace.Plain(p.S))
			continue
		}
		parts = append(parts, q.text.Slice(p.Span.Start, p.Span.End))
	}
	return trace.Join(parts...), !strings.ContainsAny(t.S, "\n"+reading.RootDir+reading.StartDir)
}

// stagesOf splits a query at the bars between its stages.
func stagesOf(query string) []string {
	var all []string
	from, quoted, depth := 0, false, 0
	for i := 0; i < len(query); i++ {
		switch c := query[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case c == '|' && depth == 0:
			all = append(all, strings.TrimSpace(query[from:i]))
			from = i + 1
		}
	}
	return append(all, strings.TrimSpace(query[from:]))
}

var (
	queryStep    = regexp.MustCompile(`^(?:\.?"([^"\\]*)"|\.?\["([^"\\]*)"\]|\.?\[(\d*)\]|\.([A-Za-z_][\w-]*))\??`)
	interpolated = regexp.MustCompile(`\\\(([^()]*)\)`)
	selected     = regexp.MustCompile(`^select\(\s*(\.[^=!()]*?)\s*(==|!=)\s*"([^"\\]*)"\s*\)$`)
)

// stage takes one stage of a query.
func (q *queried) stage(nodes []*yaml.Node, stage string) (all []*yaml.Node, ok bool) {
	name, rest, _ := strings.Cut(stage, "[")
	if name == "keys" || name == "keys_unsorted" || name == "to_entries" {
		for _, n := range nodes {
			all = append(all, entriesOf(n, name == "to_entries"))
		}
		if rest == "" {
			return all, true
		}
		return q.stage(all, ".["+rest)
	}
	if m := selected.FindStringSubmatch(stage); m != nil {
		for _, n := range nodes {
			found, ok := q.stage([]*yaml.Node{n}, m[1])
			if !ok || len(found) != 1 {
				return nil, false
			}
			if value := yamltext.Resolve(found[0]); (value != nil && value.Value == m[3]) == (m[2] == "==") {
				all = append(all, n)
			}
		}
		return all, true
	}
	query, alternative, hasAlternative := strings.Cut(stage, "//")
	query = strings.TrimSpace(query)
	if query == "." {
		return nodes, !hasAlternative
	}
	if !strings.HasPrefix(query, ".") {
		return nil, false
	}
	for query != "" {
		m := queryStep.FindStringSubmatchIndex(query)
		if m == nil {
			return nil, false
		}
		var next []*yaml.Node
		for _, n := range nodes {
			found, ok := step(yamltext.Resolve(n), query, m)
			if !ok {
				return nil, false
			}
			next = append(next, found...)
		}
		nodes, query = next, query[m[1]:]
	}
	if hasAlternative {
		literal := strings.TrimSpace(alternative)
		if len(literal) < 2 || literal[0] != '"' || literal[len(literal)-1] != '"' || strings.ContainsAny(literal[1:len(literal)-1], `"\`) {
			return nil, false
		}
		for i, n := range nodes {
			if n = yamltext.Resolve(n); n == nil || n.Tag == "!!null" || n.Value == "false" && n.Tag == "!!bool" {
				nodes[i] = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: literal[1 : len(literal)-1]}
			}
		}
	}
	return nodes, true
}

// step takes one step of a path. What is not there is null, which is nil.
func step(n *yaml.Node, query string, m []int) ([]*yaml.Node, bool) {
	for _, group := range []int{1, 2, 4} {
		if m[2*group] >= 0 {
			if n != nil && n.Kind != yaml.MappingNode && n.Tag != "!!null" {
				return nil, false
			}
			return []*yaml.Node{yamltext.Get(n, query[m[2*group]:m[2*group+1]])}, true
		}
	}
	index := query[m[6]:m[7]]
	switch {
	case n == nil:
		return nil, false
	case index == "" && n.Kind == yaml.MappingNode:
		var all []*yaml.Node
		for _, p := range yamltext.Pairs(n) {
			all = append(all, p.Value)
		}
		return all, true
	case n.Kind != yaml.SequenceNode:
		return nil, false
	case index == "":
		return n.Content, true
	}
	i, err := strconv.Atoi(index)
	if err != nil || i >= len(n.Content) {
		return []*yaml.Node{nil}, err == nil
	}
	return []*yaml.Node{n.Content[i]}, true
}

// entriesOf returns the keys of a mapping as a sequence, or its entries with key and value.
func entriesOf(n *yaml.Node, values bool) *yaml.Node {
	all := &yaml.Node{Kind: yaml.SequenceNode}
	for _, p := range yamltext.Pairs(yamltext.Resolve(n)) {
		entry := p.Key
		if values {
			key, value := &yaml.Node{Kind: yaml.ScalarNode, Value: "key"}, &yaml.Node{Kind: yaml.ScalarNode, Value: "value"}
			entry = &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{key, p.Key, value, p.Value}}
		}
		all.Content = append(all.Content, entry)
	}
	return all
}

// lines returns what a stage at the end of a query makes of each node: a text with values
// in it, "\(.name) \(.tag)", or a row of them, [.name, .tag] | @tsv.
func (q *queried) lines(nodes []*yaml.Node, stage string, rest []string) (all []trace.Text, ok bool) {
	var parts []string // texts, and between them paths
	switch {
	case len(rest) == 0 && len(stage) > 1 && stage[0] == '"' && stage[len(stage)-1] == '"':
		text := stage[1 : len(stage)-1]
		from := 0
		for _, at := range interpolated.FindAllStringSubmatchIndex(text, -1) {
			parts = append(parts, text[from:at[0]], strings.TrimSpace(text[at[2]:at[3]]))
			from = at[1]
		}
		parts = append(parts, text[from:])
	case len(rest) == 1 && rest[0] == "@tsv" && strings.HasPrefix(stage, "[") && strings.HasSuffix(stage, "]"):
		for i, p := range strings.Split(stage[1:len(stage)-1], ",") {
			parts = append(parts, map[bool]string{true: "", false: "\t"}[i == 0], strings.TrimSpace(p))
		}
		parts = append(parts, "")
	case len(rest) == 0 && strings.Contains(stage, "+"):
		parts = append(parts, "")
		for _, p := range strings.Split(stage, "+") {
			if p = strings.TrimSpace(p); len(p) > 1 && p[0] == '"' && p[len(p)-1] == '"' {
				parts[len(parts)-1] += p[1 : len(p)-1]
			} else {
				parts = append(parts, p, "")
			}
		}
	default:
		return nil, false
	}
	if !q.raw {
		return nil, false
	}
	for _, n := range nodes {
		var line []trace.Text
		for i, p := range parts {
			if i%2 == 0 {
				if strings.Contains(p, `\`) {
					return nil, false
				}
				line = append(line, trace.Plain(p))
				continue
			}
			found, ok := q.stage([]*yaml.Node{n}, p)
			if !ok || len(found) != 1 {
				return nil, false
			}
			value, ok := q.value(found[0])
			if !ok {
				return nil, false
			}
			line = append(line, value)
		}
		all = append(all, trace.Join(line...))
	}
	return all, true
}
