package buildfile

import (
	"regexp"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/trace"
)

// compared is a comparison of a value of a matrix with a text, in an expression or, behind one, in
// a shell: matrix.X == '1.0', [ "${{ matrix.X }}" = "1.0" ].
var compared = regexp.MustCompile(`\bmatrix\.([\w.-]+)(?:\s*\}\}["']?)?\s*[!=]?=\s*["']([^"'\s]+)["']`)

// conditions adds the values of a job's matrix that something in the job compares with a text: with
// the value alone edited, the comparison would be for none.
func (w *workflow) conditions(job *yaml.Node) {
	texts := map[string][]trace.Text{} // by the path in the matrix and the value
	var find func(n *yaml.Node, depth int)
	find = func(n *yaml.Node, depth int) {
		if n = resolve(n); n == nil || depth > maxDepth || !w.run.use(1) {
			return
		}
		if n.Kind == yaml.ScalarNode {
			t := w.text(n)
			for _, at := range compared.FindAllStringSubmatchIndex(t.S, -1) {
				key := t.S[at[2]:at[3]] + "=" + t.S[at[4]:at[5]]
				texts[key] = append(texts[key], t.Slice(at[4], at[5]))
			}
		}
		for _, inner := range n.Content {
			find(inner, depth+1)
		}
	}
	find(job, 0)
	var pair func(n *yaml.Node, at string, depth int)
	pair = func(n *yaml.Node, at string, depth int) {
		if n = resolve(n); n == nil || depth > maxDepth || !w.run.use(1) {
			return
		}
		if again := texts[at+"="+n.Value]; n.Kind == yaml.ScalarNode && len(again) > 0 {
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
		pair(get(job, "strategy", "matrix"), "", 0)
	}
}
