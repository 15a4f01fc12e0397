package buildfile

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/trace"
)

// A scope is what expressions see.
type scope struct {
	*workflow
	outer     *scope
	env       *yaml.Node
	inputs    map[string]trace.Text
	isSent    bool // the inputs are those of the event, too
	matrix    map[string]*yaml.Node
	ids       map[string]*yaml.Node // steps
	shell     string                // of run steps; "" is that of the system
	directory *yaml.Node            // of run steps
	windows   bool
	job       *scope // that the step is of
	said      said   // by steps of it
	checkouts []checkout
}

// begin makes s the scope of a job, whose steps have said nothing.
func (s *scope) begin() {
	s.job = s
	s.said = said{env: map[string]trace.Text{}, outputs: map[string]trace.Text{}}
}

func (s *scope) inner() *scope {
	inner := *s
	inner.outer, inner.env = s, nil
	return &inner
}

// enter adds what a workflow, a job or a step says for all in it.
func (s *scope) enter(n *yaml.Node) {
	s.env = get(n, "env")
	if d := get(n, "defaults", "run", "working-directory"); d != nil {
		s.directory = d
	}
	if d := get(n, "defaults", "run", "shell"); d != nil {
		s.shell = d.Value
	}
}

// variables returns the environment of a run step.
func (s *scope) variables() map[string]variable {
	vars := map[string]variable{}
	for at := s; at != nil; at = at.outer {
		if at == s.job {
			for name, v := range at.said.env {
				if _, ok := vars[name]; !ok {
					vars[name] = oneWord(v)
				}
			}
		}
		for _, p := range pairs(at.env) {
			if _, ok := vars[p.key.Value]; !ok && isName(p.key.Value) {
				vars[p.key.Value] = oneWord(at.value(p.value))
			}
		}
	}
	return vars
}

// value returns a scalar with its expressions replaced.
func (s *scope) value(n *yaml.Node) trace.Text { return s.expand(n, 0) }

func (s *scope) expand(n *yaml.Node, depth int) trace.Text {
	n = resolve(n)
	if n == nil || n.Kind != yaml.ScalarNode {
		return trace.Text{}
	}
	if depth > maxDepth || !s.run.step(len(n.Value)) {
		return trace.Plain(unknown)
	}
	t := s.text(n)
	if f, err := strconv.ParseFloat(n.Value, 64); err == nil && n.ShortTag() == "!!float" {
		if number := strconv.FormatFloat(f, 'f', -1, 64); number != n.Value {
			t = trace.Plain(number) // GitHub reads 3.10 as the number 3.1
		}
	}
	var all []trace.Text
	size := 0
	for {
		start := strings.Index(t.S, "${{")
		if start < 0 {
			return joinWith("", append(all, t))
		}
		length := expressionLength(t.S[start:])
		if length < 0 {
			return trace.Join(append(all, t.Slice(0, start), trace.Plain(unknown))...)
		}
		v := s.expression(t.Slice(start+3, start+length-2), depth)
		if size += start + len(v.S); size > maxScript || !s.run.use(size) {
			return trace.Plain(unknown)
		}
		all = append(all, t.Slice(0, start), v)
		t = t.Slice(start+length, len(t.S))
	}
}

// expressionLength returns how long the expression is that s begins with; -1 where
// it does not end. Braces in quotes do not end one.
func expressionLength(s string) int {
	quoted := false
	for i := 3; i+1 < len(s); i++ {
		switch {
		case s[i] == '\'':
			quoted = !quoted
		case !quoted && s[i] == '}' && s[i+1] == '}':
			return i + 2
		}
	}
	return -1
}

// expression evaluates alternatives: the first that is set.
func (s *scope) expression(t trace.Text, depth int) trace.Text {
	for {
		i := indexUnquoted(t.S, "||")
		operand := t
		if i >= 0 {
			operand = t.Slice(0, i)
		}
		v, ok := s.operand(operand.TrimSpace(), depth)
		if ok && v.S != "" || i < 0 {
			if !ok {
				return trace.Plain(unknown)
			}
			return v
		}
		t = t.Slice(i+2, len(t.S))
	}
}

func indexUnquoted(s, sep string) int {
	quoted := false
	for i := range len(s) {
		if s[i] == '\'' {
			quoted = !quoted
		} else if !quoted && strings.HasPrefix(s[i:], sep) {
			return i
		}
	}
	return -1
}

// bracketed is the other form of .name in an expression.
var bracketed = regexp.MustCompile(`\['([\w-]+)'\]`)

// operand returns a value; ok is false for what nothing sets, such as an input
// without a default. What is set, but not known, is unknown.
func (s *scope) operand(t trace.Text, depth int) (v trace.Text, ok bool) {
	if n := len(t.S); n >= 2 && t.S[0] == '\'' && strings.IndexByte(t.S[1:], '\'') == n-2 {
		return t.Slice(1, n-1), true
	}
	if names := bracketed.ReplaceAllString(t.S, ".$1"); names != t.S {
		t = trace.Plain(names)
	}
	if strings.ContainsAny(t.S, " ()&!=<>'[]") {
		return trace.Plain(unknown), true
	}
	names := strings.Split(t.S, ".")
	switch names[0] {
	case "env":
		if len(names) != 2 {
			return trace.Text{}, false
		}
		for at := s; at != nil; at = at.outer {
			if v, ok := at.said.env[names[1]]; ok && at == s.job {
				return v, true
			}
			if n := get(at.env, names[1]); n != nil {
				from := at
				if at.outer != nil && strings.Contains(n.Value, t.S) {
					from = at.outer // X: ${{ env.X }} is that of outside
				}
				return from.expand(n, depth+1), true
			}
		}
		return trace.Text{}, false
	case "inputs":
		v, ok := s.inputs[strings.Join(names[1:], ".")]
		return v, ok
	case "vars":
		return trace.Text{}, false
	case "matrix":
		n := s.matrix[strings.Join(names[1:min(2, len(names))], "")]
		for _, name := range names[min(2, len(names)):] {
			n = get(n, name)
		}
		if n = resolve(n); n == nil || n.Kind != yaml.ScalarNode {
			return trace.Text{}, false
		}
		return s.expand(n, depth+1), true
	case "github":
		if name, ok := strings.CutPrefix(t.S, "github.event.inputs."); ok && s.calls == 0 {
			v, ok := s.inputs[name]
			return v, ok && s.isSent
		}
		switch t.S {
		case "github.workspace":
			return trace.Plain(rootDir), true
		case "github.action_path":
			return trace.Plain(rootDir + "/" + path.Dir(s.Path)), true
		}
	case "steps":
		if len(names) == 4 && names[2] == "outputs" {
			for at := s; at != nil; at = at.outer {
				if v, ok := at.said.outputs[names[1]+"."+names[3]]; ok {
					return v, true
				}
			}
		}
		if len(names) == 4 && names[2] == "outputs" && names[3] == "tags" {
			step := s.ids[names[1]]
			if uses := get(step, "uses"); uses != nil && strings.HasPrefix(uses.Value, "docker/metadata-action@") && depth < maxDepth {
				return s.metadata(step, depth+1), true
			}
		}
	}
	return trace.Plain(unknown), true
}

// maxCombinations is how many jobs GitHub makes of a matrix at most.
const maxCombinations = 256

// combinations returns those of a matrix: one without any value for none.
func (w *workflow) combinations(matrix *yaml.Node) []map[string]*yaml.Node {
	all := []map[string]*yaml.Node{{}}
	axes := map[string]bool{}
	for _, axis := range pairs(matrix) {
		name := axis.key.Value
		if name == "include" || name == "exclude" || axis.value == nil || axis.value.Kind != yaml.SequenceNode || len(axis.value.Content) == 0 {
			continue // of an expression nothing is known
		}
		axes[name] = true
		var more []map[string]*yaml.Node
		for _, c := range all {
			for _, value := range items(axis.value) {
				if len(more) == maxCombinations {
					break
				}
				more = append(more, with(c, map[string]*yaml.Node{name: value}))
			}
		}
		all = more
	}
	for _, exclude := range items(get(matrix, "exclude")) {
		all = slices.DeleteFunc(all, func(c map[string]*yaml.Node) bool {
			return len(axes) > 0 && len(pairs(exclude)) > 0 && agrees(c, exclude, nil)
		})
	}
	include := get(matrix, "include")
	if include == nil || include.Kind != yaml.SequenceNode {
		return all
	}
	if len(axes) == 0 {
		all = nil
	}
	made := len(all)
	for _, entry := range items(include) {
		values := map[string]*yaml.Node{}
		for _, p := range pairs(entry) {
			values[p.key.Value] = p.value
		}
		added := false
		for i := range all[:made] {
			if agrees(all[i], entry, axes) {
				all[i] = with(all[i], values)
				added = true
			}
		}
		if !added && len(all) < maxCombinations {
			all = append(all, values)
		}
	}
	return all
}

func with(c, more map[string]*yaml.Node) map[string]*yaml.Node {
	all := make(map[string]*yaml.Node, len(c)+len(more))
	for name, n := range c {
		all[name] = n
	}
	for name, n := range more {
		all[name] = n
	}
	return all
}

// agrees reports whether a combination has the values of an entry: all of them, or
// where axes are given those of the axes.
func agrees(c map[string]*yaml.Node, entry *yaml.Node, axes map[string]bool) bool {
	for _, p := range pairs(entry) {
		if axes != nil && !axes[p.key.Value] {
			continue
		}
		if !same(c[p.key.Value], p.value, 0) {
			return false
		}
	}
	return true
}

func same(a, b *yaml.Node, depth int) bool {
	a, b = resolve(a), resolve(b)
	if a == nil || b == nil || a.Kind != b.Kind || a.Value != b.Value || len(a.Content) != len(b.Content) || depth > maxDepth {
		return false
	}
	for i := range a.Content {
		if !same(a.Content[i], b.Content[i], depth+1) {
			return false
		}
	}
	return true
}
