package buildfile

import (
	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/trace"
)

// pair adds the values of a matrix that its include and exclude name again: an entry counts for
// the combinations whose values are its own, and with one of both alone edited it would be for
// none.
func (w *workflow) pair(matrix *yaml.Node) {
	for _, axis := range pairs(matrix) {
		if axis.key.Value == "include" || axis.key.Value == "exclude" || axis.value == nil || axis.value.Kind != yaml.SequenceNode {
			continue
		}
		for _, value := range items(axis.value) {
			var again []*yaml.Node
			for _, list := range []string{"include", "exclude"} {
				for _, entry := range items(get(matrix, list)) {
					if n := get(entry, axis.key.Value); same(n, value, 0) {
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
	value = resolve(value)
	if value == nil || len(again) == 0 || depth > maxDepth || !w.run.use(len(again)) {
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
			inner = append(inner, resolve(a).Content[i]) // it is the same value
		}
		w.group(n, inner, depth+1)
	}
}
