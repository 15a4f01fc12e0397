package buildfile

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// shown returns what an expression puts into the text around it.
func (v exprValue) shown() trace.Text {
	if v.state != isSet || v.node != nil {
		return trace.Plain(unknown)
	}
	return v.text
}

// lookUp returns the value of a name; one that nothing sets is not set.
func lookUp(values map[string]trace.Text, name string) exprValue {
	if v, ok := values[name]; ok {
		return textValue(v)
	}
	return exprValue{state: notSet}
}

// context returns the value of a context: env.X, inputs.X, matrix.X.Y, needs.X.outputs.Y.
func (s *scope) context(names []string, depth int) exprValue {
	if depth > maxDepth || len(names) < 2 && names[0] != "matrix" {
		return exprValue{}
	}
	switch names[0] {
	case "env":
		return s.envValue(names[1:], depth)
	case "inputs":
		return lookUp(s.inputs, strings.ToLower(strings.Join(names[1:], ".")))
	case "vars":
		return exprValue{state: notSet, from: strings.Join(names, ".")}
	case "matrix":
		return s.matrixValue(names[1:], depth)
	case "github":
		return s.githubValue(names[1:])
	case "steps":
		if len(names) == 4 && names[2] == "outputs" {
			return s.stepValue(names[1], names[3], depth)
		}
	case "needs", "jobs":
		if len(names) == 4 && names[2] == "outputs" {
			if v, ok := s.results[names[1]][names[3]]; ok {
				return textValue(v)
			}
		}
	}
	return exprValue{}
}

func (s *scope) envValue(names []string, depth int) exprValue {
	if len(names) != 1 {
		return exprValue{state: notSet}
	}
	name := names[0]
	for at := s; at != nil; at = at.outer {
		if v, ok := at.said.env[name]; ok && at == s.job {
			return textValue(v)
		}
		if n := get(at.env, name); n != nil {
			from := at
			if at.outer != nil && strings.Contains(n.Value, "env."+name) {
				from = at.outer // X: ${{ env.X }} is that of outside
			}
			return textValue(from.expand(n, depth+1))
		}
	}
	return exprValue{state: notSet}
}

// matrixValue returns a value of the combination that a job is read for, or all of them.
func (s *scope) matrixValue(names []string, depth int) exprValue {
	if len(names) == 0 {
		all := &yaml.Node{Kind: yaml.MappingNode}
		for _, name := range sortedKeys(s.matrix) {
			all.Content = append(all.Content, s.made(trace.Plain(name), "!!str"), s.matrix[name])
		}
		return exprValue{state: isSet, node: all}
	}
	n := s.matrix[names[0]]
	for name, value := range s.matrix {
		if n == nil && strings.EqualFold(name, names[0]) {
			n = value
		}
	}
	if n == nil {
		if s.isOpen {
			return exprValue{}
		}
		return exprValue{state: notSet}
	}
	return s.member(exprValue{state: isSet, node: n}, names[1:], depth)
}

func (s *scope) githubValue(names []string) exprValue {
	switch name := strings.Join(names, "."); name {
	case "workspace":
		return textValue(trace.Plain(rootDir))
	case "action_path":
		return textValue(trace.Plain(rootDir + "/" + path.Dir(s.Path)))
	case "repository", "repository_owner":
		if own, ok := ownName(s.run.tree); ok {
			if name == "repository_owner" {
				own, _, _ = strings.Cut(own, "/")
			}
			return textValue(trace.Plain(own))
		}
	default:
		if input, ok := strings.CutPrefix(name, "event.inputs."); ok && s.calls == 0 {
			if !s.isSent {
				return exprValue{state: notSet}
			}
			return lookUp(s.inputs, strings.ToLower(input))
		}
	}
	return exprValue{}
}

// stepValue returns an output of a step before this one.
func (s *scope) stepValue(id, name string, depth int) exprValue {
	for at := s; at != nil; at = at.outer {
		if v, ok := at.said.outputs[id+"."+name]; ok {
			return textValue(v)
		}
		if at.isAction {
			break
		}
	}
	step := s.ids[id]
	if uses := get(step, "uses"); uses != nil && strings.HasPrefix(uses.Value, "docker/metadata-action@") && depth < maxDepth {
		switch name {
		case "tags":
			return textValue(s.metadata(step, depth+1))
		case "version":
			return s.metadataVersion(step, depth+1)
		}
	}
	return exprValue{}
}

// jobsOf are the outputs of the jobs of a workflow.
type jobsOf map[string]map[string]trace.Text

// add adds the outputs of a job. Of one that runs several times with different outputs, the last
// one to end counts, and nobody knows which that is.
func (all jobsOf) add(job string, outputs map[string]trace.Text) {
	before, again := all[job]
	if !again {
		all[job] = outputs
		return
	}
	for name, v := range outputs {
		if old, ok := before[name]; !ok || old.S != v.S {
			before[name] = trace.Plain(unknown)
		}
	}
}

// valuesOf returns the values of a mapping by name; those below a key of each where one is given.
func (s *scope) valuesOf(n *yaml.Node, key string) map[string]trace.Text {
	values := map[string]trace.Text{}
	for _, p := range pairs(n) {
		v := p.value
		if key != "" {
			v = get(v, key)
		}
		if v != nil {
			values[p.key.Value] = s.value(v)
		}
	}
	return values
}

// jobsInOrder returns the jobs of a workflow, each behind those that it needs.
func jobsInOrder(doc *yaml.Node) []pair {
	var order []pair
	jobs := map[string]pair{}
	for _, job := range pairs(get(doc, "jobs")) {
		jobs[job.key.Value] = job
	}
	begun := map[string]bool{}
	var visit func(job pair)
	visit = func(job pair) {
		if begun[job.key.Value] || len(begun) > maxBuilds {
			return
		}
		begun[job.key.Value] = true
		for _, name := range items(get(job.value, "needs")) {
			if needed, ok := jobs[name.Value]; ok {
				visit(needed)
			}
		}
		order = append(order, job)
	}
	for _, job := range pairs(get(doc, "jobs")) {
		visit(job)
	}
	return order
}

// matrixOf returns a matrix with its expressions replaced by what they come to. isOpen is set where it
// may have values that are not known.
func (s *scope) matrixOf(n *yaml.Node) (matrix *yaml.Node, isOpen bool) {
	n = resolve(n)
	if n == nil {
		return nil, false
	}
	if n.Kind == yaml.ScalarNode {
		v := s.whole(n)
		if v.node == nil {
			return nil, true
		}
		n = v.node
	}
	matrix = &yaml.Node{Kind: yaml.MappingNode}
	for _, axis := range pairs(n) {
		value := axis.value
		if value != nil && value.Kind == yaml.ScalarNode {
			switch v := s.whole(value); {
			case v.node != nil && v.node.Kind == yaml.SequenceNode:
				value = v.node
			case axis.key.Value == "include" || axis.key.Value == "exclude":
				isOpen = isOpen || axis.key.Value == "include"
			default:
				value = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{s.made(trace.Plain(unknown), "!!str")}}
			}
		}
		matrix.Content = append(matrix.Content, axis.key, value)
	}
	return matrix, isOpen
}

// whole returns the value of a scalar that is one expression.
func (s *scope) whole(n *yaml.Node) exprValue {
	t := s.text(n).TrimSpace()
	if !strings.HasPrefix(t.S, "${{") || expressionLength(t.S) != len(t.S) || !s.run.step(len(t.S)) {
		return exprValue{}
	}
	return s.evaluate(t.Slice(3, len(t.S)-2), 0)
}

// never reports whether a step does not run for the combination of the matrix that its job is read for.
// What an event or a person says is not taken into account.
func (s *scope) never(condition *yaml.Node) bool {
	if condition == nil || !strings.Contains(condition.Value, "matrix.") || strings.Contains(condition.Value, "inputs") || !s.run.step(len(condition.Value)) {
		return false
	}
	v := s.whole(condition)
	if !strings.Contains(condition.Value, "${{") {
		v = s.evaluate(s.text(condition), 0)
	}
	is, known := v.truth()
	return known && !is && v.from == ""
}

// An assumption is a value that counts where a variable of the repository or its organization is
// not set: whether it is, nothing here says.
type assumption struct {
	text trace.Text
	name string
}

// assume notes one.
func (w *workflow) assume(t trace.Text, name string) {
	if len(*w.assumed) < maxBuilds {
		*w.assumed = append(*w.assumed, assumption{t, name})
	}
}

// assumptions returns a problem for each that something is built with.
func (w *workflow) assumptions() []Problem {
	var problems []Problem
	for _, a := range *w.assumed {
		pos := a.text.Pos()
		if pos.Path == "" || slices.ContainsFunc(problems, func(p Problem) bool { return p.Pos == pos }) {
			continue
		}
		for i := range w.run.builds {
			if w.run.use(len(w.run.builds[i].Args)) && slices.ContainsFunc(w.run.builds[i].texts(), a.text.Shares) {
				problems = append(problems, Problem{source.CodeAssumedValue, pos, "this is what is built with unless " + a.name + " is set: that stands in no file"})
				break
			}
		}
	}
	return problems
}
