package workflow

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// maxCalls bounds how deep workflows and actions call one another. GitHub itself allows ten levels
// of workflows.
const maxCalls = 10

// mayCall reports whether a workflow may call another, or an action, of the repository.
func mayCall(t *reading.Tree, src []byte) bool {
	for {
		_, rest, ok := bytes.Cut(src, []byte("uses:"))
		if !ok {
			return false
		}
		used, _, _ := bytes.Cut(rest, []byte("\n"))
		if bytes.Contains(used, []byte("./")) || len(t.OwnNames()) == 0 && bytes.Contains(used, []byte("/.github/")) ||
			slices.ContainsFunc(t.OwnNames(), func(name string) bool { return bytes.Contains(bytes.ToLower(used), []byte(strings.ToLower(name))) }) {
			return true
		}
		src = rest
	}
}

// inputsOf returns the defaults of the inputs that a workflow or an action has for one way to start
// it: "workflow_dispatch", "workflow_call", or "" for an action. ok is false where it has none.
func (s *scope) inputsOf(doc *yaml.Node, start string) (inputs map[string]trace.Text, ok bool) {
	from := yamltext.Get(doc, "inputs")
	if start != "" {
		from = yamltext.Get(doc, "on", start, "inputs")
	}
	inputs = map[string]trace.Text{}
	for _, p := range yamltext.Pairs(from) {
		if d := yamltext.Get(p.Value, "default"); d != nil {
			inputs[strings.ToLower(p.Key.Value)] = s.value(d)
		}
	}
	return inputs, len(yamltext.Pairs(from)) > 0
}

// start reads a document as each of the ways to start it does, with the defaults of its inputs.
func (w *workflow) start(doc *yaml.Node) {
	started := false
	var passes []pass
	read := func(top *scope) {
		r := pass{builds: len(w.run.Builds), problems: len(w.run.Problems)}
		w.document(top, doc)
		passes = append(passes, r)
	}
	defer func() { w.settle(passes) }()
	for _, way := range []string{"", "workflow_dispatch", "workflow_call"} {
		top := &scope{workflow: w}
		inputs, ok := top.inputsOf(doc, way)
		if top.inputs = inputs; ok {
			top.isSent = way == "workflow_dispatch"
			w.choose(yamltext.Get(doc, "on", way, "inputs"))
			read(top)
			started = true
		}
	}
	if !started || startsAlone(doc) && bytes.Contains(w.Src, []byte("||")) {
		before := len(w.run.Builds)
		read(&scope{workflow: w})
		known := w.run.Builds[:before]
		w.run.Builds = append(known, slices.DeleteFunc(w.run.Builds[before:], func(b reading.Build) bool { return b.Lacks(known) })...)
	}
}

// A pass over a document begins behind so many builds and problems.
type pass struct{ builds, problems int }

// settle leaves out what could not be read of a step in one pass where another has read it: the step is
// for that.
func (w *workflow) settle(passes []pass) {
	if len(passes) < 2 {
		return
	}
	places := make([]map[source.Pos]bool, len(passes))
	part := func(n, all int, of func(pass) int) (from, to int) {
		from, to = of(passes[n]), all
		if n+1 < len(passes) {
			to = of(passes[n+1])
		}
		return min(from, all), min(to, all)
	}
	for i := range passes {
		places[i] = map[source.Pos]bool{}
		from, to := part(i, len(w.run.Builds), func(r pass) int { return r.builds })
		for _, b := range w.run.Builds[from:to] {
			places[i][b.Where] = true
		}
	}
	var kept []reading.Problem
	for i := range passes {
		from, to := part(i, len(w.run.Problems), func(r pass) int { return r.problems })
		for _, p := range w.run.Problems[from:to] {
			elsewhere := slices.ContainsFunc(places, func(of map[source.Pos]bool) bool { return of[p.Pos] })
			if p.Code != source.CodeNotUnderstood || places[i][p.Pos] || !elsewhere {
				kept = append(kept, p)
			}
		}
	}
	w.run.Problems = append(w.run.Problems[:min(passes[0].problems, len(w.run.Problems))], kept...)
}

// startsAlone reports whether a workflow has events that give no inputs: an alternative to one
// (inputs.X || 'text') counts then.
func startsAlone(doc *yaml.Node) bool {
	for _, event := range yamltext.Pairs(yamltext.Get(doc, "on")) {
		if name := event.Key.Value; name != "workflow_dispatch" && name != "workflow_call" {
			return true
		}
	}
	return false
}

// choose adds the defaults of inputs that are a choice: GitHub takes none that is not an option.
func (w *workflow) choose(inputs *yaml.Node) {
	for _, input := range yamltext.Pairs(inputs) {
		value := yamltext.Resolve(yamltext.Get(input.Value, "default"))
		var named, others []trace.Text
		for _, option := range yamltext.Items(yamltext.Get(input.Value, "options")) {
			switch {
			case option == nil || option.Kind != yaml.ScalarNode || !w.run.Use(1):
			case same(option, value, 0):
				named = append(named, w.text(option))
			default:
				others = append(others, w.text(option))
			}
		}
		if len(named) > 0 && value.Kind == yaml.ScalarNode {
			w.choices = append(w.choices, slices.Concat([]trace.Text{w.text(value)}, named[:1], others))
		}
	}
}

// call reads a workflow or an action of the repository as a job or a step uses it, with the
// inputs that it is given, and returns its outputs. The workspace is where the repository is checked out.
func (s *scope) call(step, uses, with *yaml.Node) (outputs map[string]trace.Text) {
	local, ok := s.ownPath(uses)
	if !ok {
		s.stranger(step, uses, with)
	}
	if !ok || s.calls >= maxCalls || !s.run.Use(1000) {
		return nil
	}
	paths := []string{reading.Within(".", local)}
	if !strings.HasSuffix(local, ".yml") && !strings.HasSuffix(local, ".yaml") {
		paths = []string{reading.Within(paths[0], "action.yml"), reading.Within(paths[0], "action.yaml")}
	}
	for _, p := range paths {
		if p == "" {
			continue
		}
		f := s.run.Tree.Read(p)
		if f == nil {
			continue
		}
		y, err := yamltext.Parse(f)
		if err != nil {
			return nil // it is said where the file itself is read
		}
		if p != s.Path {
			s.run.Tree.MarkCalled(p)
		}
		callee := &workflow{File: y, run: s.run, calls: s.calls + 1, assumed: s.assumed, spare: s.spare}
		for _, doc := range y.Docs {
			inner, way := s.within(callee, doc)
			given := map[string]trace.Text{}
			for _, p := range yamltext.Pairs(with) {
				given[strings.ToLower(p.Key.Value)] = s.value(p.Value)
			}
			own, before := inner.inputs, len(s.run.Builds)
			inner.inputs = maps.Clone(own)
			maps.Copy(inner.inputs, given)
			callee.document(inner, doc)
			s.byDefault(callee, doc, own, given, s.run.Builds[before:])
			from := yamltext.Get(doc, "outputs")
			if way != "" {
				from = yamltext.Get(doc, "on", way, "outputs")
			}
			outputs = inner.valuesOf(from, "value")
		}
		s.twins, s.choices = append(s.twins, callee.twins...), append(s.choices, callee.choices...)
		return outputs
	}
	return nil
}

// within returns the scope in which a workflow or an action is read that s uses, with the defaults of its
// inputs, and how it is started.
func (s *scope) within(callee *workflow, doc *yaml.Node) (inner *scope, way string) {
	inner, way = &scope{workflow: callee}, "workflow_call"
	if yamltext.Get(doc, "runs") != nil { // an action sees the environment of its step
		inner.outer, inner.job, inner.isAction, way = s, s.job, true, ""
		inner.said.outputs = map[string]trace.Text{}
	}
	inner.inputs, _ = inner.inputsOf(doc, way)
	return inner, way
}

// IsCalledOnly reports whether a file is read by its callers alone: an action, or a workflow that
// nothing else starts.
func IsCalledOnly(f *trace.File) bool {
	y, err := yamltext.Parse(f)
	if err != nil {
		return false
	}
	for _, doc := range y.Docs {
		if yamltext.Get(doc, "runs") != nil {
			continue
		}
		switch on := yamltext.Resolve(yamltext.Get(doc, "on")); {
		case on == nil:
			return false
		case on.Kind == yaml.ScalarNode && on.Value == "workflow_call":
		case on.Kind == yaml.SequenceNode && len(on.Content) == 1 && on.Content[0].Value == "workflow_call":
		case on.Kind == yaml.MappingNode && len(yamltext.Pairs(on)) == 1 && yamltext.Pairs(on)[0].Key.Value == "workflow_call":
		default:
			return false
		}
	}
	return len(y.Docs) > 0
}
