package workflow

import (
	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// pair adds the values of a matrix that its include and exclude name again: an entry counts for
// the combinations whose values are its own, and with one of both alone edited it would be for
// none.
func (w *workflow) pair(matrix *yaml.Node) {
	for _, axis := range yamltext.Pairs(matrix) {
		if axis.Key.Value == "include" || axis.Key.Value == "exclude" || axis.Value == nil || axis.Value.Kind != yaml.SequenceNode {
			continue
		}
		for _, value := range yamltext.Items(axis.Value) {
			var again []*yaml.Node
			for _, list := range []string{"include", "exclude"} {
				for _, entry := range yamltext.Items(yamltext.Get(matrix, list)) {
					if n := yamltext.Get(entry, axis.Key.Value); same(n, value, 0) {
						again = append(again, n)
					}
				}
			}
			w.group(value, again, 0)
		}
	}
}

// group adds what is in a value of a matrix together with the same in other places.
func (w *workflow) group(value *yaml.Node, again []*yaml.Node, depth int) {
	value = yamltext.Resolve(value)
	if value == nil || len(again) == 0 || depth > reading.MaxDepth || !w.run.Use(len(again)) {
		return
	}
	if value.Kind == yaml.ScalarNode {
		group := []trace.Text{w.text(value)}
		for _, n := range again {
			group = append(group, w.text(n))
		}
		w.twins = append(w.twins, group)
		return
	}
	for i, n := range value.Content {
		var inner []*yaml.Node
		for _, a := range again {
			inner = append(inner, yamltext.Resolve(a).Content[i]) // it is the same value
		}
		w.group(n, inner, depth+1)
	}
}
