package workflow

import (
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// shown returns what an expression puts into the text around it.
func (v exprValue) shown() trace.Text {
	if v.state != isSet || v.node != nil {
		return trace.Plain(reading.Unknown)
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
	if depth > reading.MaxDepth || len(names) < 2 && names[0] != "matrix" {
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
		if n := yamltext.Get(at.env, name); n != nil {
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
		for _, name := range slices.Sorted(maps.Keys(s.matrix)) {
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
		return textValue(trace.Text{}) // what no entry of a matrix sets is empty: -debug in one row, and nothing in the others
	}
	return s.member(exprValue{state: isSet, node: n}, names[1:], depth)
}

func (s *scope) githubValue(names []string) exprValue {
	switch name := strings.Join(names, "."); name {
	case "workspace":
		return textValue(trace.Plain(reading.RootDir))
	case "action_path":
		return textValue(trace.Plain(reading.RootDir + "/" + path.Dir(s.Path)))
	case "repository", "repository_owner":
		if own, ok := ownName(s.run.Tree); ok {
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
	if uses := yamltext.Get(step, "uses"); uses != nil && strings.HasPrefix(uses.Value, "docker/metadata-action@") && depth < reading.MaxDepth {
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
			before[name] = trace.Plain(reading.Unknown)
		}
	}
}

// valuesOf returns the values of a mapping by name; those below a key of each where one is given.
func (s *scope) valuesOf(n *yaml.Node, key string) map[string]trace.Text {
	values := map[string]trace.Text{}
	for _, p := range yamltext.Pairs(n) {
		v := p.Value
		if key != "" {
			v = yamltext.Get(v, key)
		}
		if v != nil {
			values[p.Key.Value] = s.value(v)
		}
	}
	return values
}

// jobsInOrder returns the jobs of a workflow, each behind those that it needs.
func jobsInOrder(doc *yaml.Node) []yamltext.Pair {
	var order []yamltext.Pair
	jobs := map[string]yamltext.Pair{}
	for _, job := range yamltext.Pairs(yamltext.Get(doc, "jobs")) {
		jobs[job.Key.Value] = job
	}
	begun := map[string]bool{}
	var visit func(job yamltext.Pair)
	visit = func(job yamltext.Pair) {
		if begun[job.Key.Value] || len(begun) > reading.MaxBuilds {
			return
		}
		begun[job.Key.Value] = true
		for _, name := range yamltext.Items(yamltext.Get(job.Value, "needs")) {
			if needed, ok := jobs[name.Value]; ok {
				visit(needed)
			}
		}
		order = append(order, job)
	}
	for _, job := range yamltext.Pairs(yamltext.Get(doc, "jobs")) {
		visit(job)
	}
	return order
}

// matrixOf returns a matrix with its expressions replaced by what they come to. isOpen is set where it
// may have values that are not known.
func (s *scope) matrixOf(n *yaml.Node) (matrix *yaml.Node, isOpen bool) {
	n = yamltext.Resolve(n)
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
	for _, axis := range yamltext.Pairs(n) {
		value := axis.Value
		if value != nil && value.Kind == yaml.ScalarNode {
			switch v := s.whole(value); {
			case v.node != nil && v.node.Kind == yaml.SequenceNode:
				value = v.node
			case axis.Key.Value == "include" || axis.Key.Value == "exclude":
				isOpen = isOpen || axis.Key.Value == "include"
			default:
				value = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{s.made(trace.Plain(reading.Unknown), "!!str")}}
			}
		}
		matrix.Content = append(matrix.Content, axis.Key, value)
	}
	return matrix, isOpen
}

// whole returns the value of a scalar that is one expression.
func (s *scope) whole(n *yaml.Node) exprValue {
	t := s.text(n).TrimSpace()
	if !strings.HasPrefix(t.S, "${{") || expressionLength(t.S) != len(t.S) || !s.run.Step(len(t.S)) {
		return exprValue{}
	}
	return s.evaluate(t.Slice(3, len(t.S)-2), 0)
}

// never reports whether a step does not run for the combination of the matrix that its job is read for.
// What an event or a person says is not taken into account.
func (s *scope) never(condition *yaml.Node) bool {
	if condition == nil || !strings.Contains(condition.Value, "matrix.") || strings.Contains(condition.Value, "inputs") || !s.run.Step(len(condition.Value)) {
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
	if len(*w.assumed) < reading.MaxBuilds {
		*w.assumed = append(*w.assumed, assumption{t, name})
	}
}

// assumptions returns a problem for each that something is built with.
func (w *workflow) assumptions() []reading.Problem {
	var problems []reading.Problem
	for _, a := range *w.assumed {
		pos := a.text.Pos()
		if pos.Path == "" || slices.ContainsFunc(problems, func(p reading.Problem) bool { return p.Pos == pos }) {
			continue
		}
		for i := range w.run.Builds {
			if w.run.Use(len(w.run.Builds[i].Args)) && slices.ContainsFunc(w.run.Builds[i].Texts(), a.text.Shares) {
				problems = append(problems, reading.Problem{Code: source.CodeAssumedValue, Pos: pos, Message: "this is what is built with unless " + a.name + " is set: that stands in no file"})
				break
			}
		}
	}
	return problems
}
