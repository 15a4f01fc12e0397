package buildfile

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/trace"
)

// compared is a comparison of a value of a matrix with a text, in an expression or, behind one, in
// a shell: matrix.X == '1.0', [ "${{ matrix.X }}" = "1.0" ].
var compared = regexp.MustCompile(`\b((?:matrix|inputs)\.[\w.-]+)(?:\s*\}\}["']?)?\s*[!=]?=\s*["']([^"'\s]+)["']`)

// comparisons returns the texts below a node that something is compared with, by "matrix.X=text".
func (w *workflow) comparisons(n *yaml.Node) map[string][]trace.Text {
	texts := map[string][]trace.Text{}
	var find func(n *yaml.Node, depth int)
	find = func(n *yaml.Node, depth int) {
		if n = resolve(n); n == nil || depth > maxDepth || !w.run.use(1) {
			return
		}
		if n.Kind == yaml.ScalarNode {
			t := w.text(n)
			for _, at := range compared.FindAllStringSubmatchIndex(t.S, -1) {
				key := comparedName(t.S[at[2]:at[3]]) + "=" + t.S[at[4]:at[5]]
				texts[key] = append(texts[key], t.Slice(at[4], at[5]))
			}
		}
		for _, inner := range n.Content {
			find(inner, depth+1)
		}
	}
	find(n, 0)
	return texts
}

// comparedName is the form of a name by which it is looked up: inputs are told without regard to case.
func comparedName(name string) string {
	if strings.HasPrefix(name, "inputs.") {
		return strings.ToLower(name)
	}
	return name
}

// given adds the inputs that something in a workflow or an action compares with a text.
func (s *scope) given(doc *yaml.Node) {
	if len(s.inputs) == 0 {
		return
	}
	texts := s.comparisons(doc)
	for _, name := range slices.Sorted(maps.Keys(s.inputs)) {
		value := s.inputs[name]
		if again := texts["inputs."+name+"="+value.S]; len(again) > 0 {
			s.twins = append(s.twins, append([]trace.Text{value}, again...))
		}
	}
}

// conditions adds the values of a job's matrix that something in the job compares with a text: with
// the value alone edited, the comparison would be for none.
func (w *workflow) conditions(job, matrix *yaml.Node) {
	texts := w.comparisons(job)
	var pair func(n *yaml.Node, at string, depth int)
	pair = func(n *yaml.Node, at string, depth int) {
		if n = resolve(n); n == nil || depth > maxDepth || !w.run.use(1) {
			return
		}
		if again := texts["matrix."+at+"="+n.Value]; n.Kind == yaml.ScalarNode && len(again) > 0 {
			w.twins = append(w.twins, append([]trace.Text{w.text(n)}, again...))
		}
		if n.Kind == yaml.SequenceNode {
			for _, item := range n.Content {
				pair(item, at, depth+1)
			}
		}
		for _, p := range pairs(n) {
			inner := p.key.Value
			if at != "" {
				inner = at + "." + inner
			} else if inner == "include" || inner == "exclude" {
				inner = ""
			}
			pair(p.value, inner, depth+1)
		}
	}
	if len(texts) > 0 {
		pair(matrix, "", 0)
	}
}
