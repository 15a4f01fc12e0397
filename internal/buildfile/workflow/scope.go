package workflow

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
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

	isAction bool   // steps of it alone are seen
	isOpen   bool   // the matrix has values that are not known
	results  jobsOf // of a workflow: its jobs so far
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
	s.env = yamltext.Get(n, "env")
	if d := yamltext.Get(n, "defaults", "run", "working-directory"); d != nil {
		s.directory = d
	}
	if d := yamltext.Get(n, "defaults", "run", "shell"); d != nil {
		s.shell = d.Value
	}
}

// variables returns the environment of a run step.
func (s *scope) variables() map[string]shell.Variable {
	vars := map[string]shell.Variable{}
	for at := s; at != nil; at = at.outer {
		if at == s.job {
			for name, v := range at.said.env {
				if _, ok := vars[name]; !ok {
					vars[name] = shell.OneWord(v)
				}
			}
		}
		for _, p := range yamltext.Pairs(at.env) {
			if _, ok := vars[p.Key.Value]; !ok && reading.IsName(p.Key.Value) {
				vars[p.Key.Value] = shell.OneWord(at.value(p.Value))
			}
		}
	}
	return vars
}

// value returns a scalar with its expressions replaced.
func (s *scope) value(n *yaml.Node) trace.Text { return s.expand(n, 0) }

func (s *scope) expand(n *yaml.Node, depth int) trace.Text {
	n = yamltext.Resolve(n)
	if n == nil || n.Kind != yaml.ScalarNode {
		return trace.Text{}
	}
	if depth > reading.MaxDepth || !s.run.Step(len(n.Value)) {
		return trace.Plain(reading.Unknown)
	}
	t := s.text(n)
	if _, isMade := s.texts[n]; isMade && n.ShortTag() != "!!float" {
		return t // of a value, which may hold what looks like an expression
	}
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
			return reading.JoinWith("", append(all, t))
		}
		length := expressionLength(t.S[start:])
		if length < 0 {
			return trace.Join(append(all, t.Slice(0, start), trace.Plain(reading.Unknown))...)
		}
		v := s.evaluate(t.Slice(start+3, start+length-2), depth).shown()
		if size += start + len(v.S); size > reading.MaxScript || !s.run.Use(size) {
			return trace.Plain(reading.Unknown)
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

// maxCombinations is how many jobs GitHub makes of a matrix at most.
const maxCombinations = 256

// combinations returns those of a matrix: one without any value for none.
func (w *workflow) combinations(matrix *yaml.Node) []map[string]*yaml.Node {
	all := []map[string]*yaml.Node{{}}
	axes := map[string]bool{}
	for _, axis := range yamltext.Pairs(matrix) {
		name := axis.Key.Value
		if name == "include" || name == "exclude" || axis.Value == nil || axis.Value.Kind != yaml.SequenceNode || len(axis.Value.Content) == 0 {
			continue // of an expression nothing is known
		}
		axes[name] = true
		var more []map[string]*yaml.Node
		for _, c := range all {
			for _, value := range yamltext.Items(axis.Value) {
				if len(more) == maxCombinations {
					break
				}
				more = append(more, with(c, map[string]*yaml.Node{name: value}))
			}
		}
		all = more
	}
	for _, exclude := range yamltext.Items(yamltext.Get(matrix, "exclude")) {
		all = slices.DeleteFunc(all, func(c map[string]*yaml.Node) bool {
			return len(axes) > 0 && len(yamltext.Pairs(exclude)) > 0 && agrees(c, exclude, nil)
		})
	}
	include := yamltext.Get(matrix, "include")
	if include == nil || include.Kind != yaml.SequenceNode {
		return all
	}
	if len(axes) == 0 {
		all = nil
	}
	made := len(all)
	for _, entry := range yamltext.Items(include) {
		values := map[string]*yaml.Node{}
		for _, p := range yamltext.Pairs(entry) {
			values[p.Key.Value] = p.Value
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
	for _, p := range yamltext.Pairs(entry) {
		if axes != nil && !axes[p.Key.Value] {
			continue
		}
		if !same(c[p.Key.Value], p.Value, 0) {
			return false
		}
	}
	return true
}

func same(a, b *yaml.Node, depth int) bool {
	a, b = yamltext.Resolve(a), yamltext.Resolve(b)
	if a == nil || b == nil || a.Kind != b.Kind || a.Value != b.Value || len(a.Content) != len(b.Content) || depth > reading.MaxDepth {
		return false
	}
	for i := range a.Content {
		if !same(a.Content[i], b.Content[i], depth+1) {
			return false
		}
	}
	return true
}
