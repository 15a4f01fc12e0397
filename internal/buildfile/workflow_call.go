package buildfile

import (
	"bytes"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// maxCalls bounds how deep workflows and actions call one another. GitHub itself allows ten levels
// of workflows.
const maxCalls = 10

// mayCall reports whether a workflow may call another, or an action, of the repository.
func mayCall(t *tree, src []byte) bool {
	if !bytes.Contains(src, []byte("uses:")) {
		return false
	}
	return bytes.Contains(src, []byte("./")) || len(t.ownNames()) == 0 && bytes.Contains(src, []byte("/.github/")) ||
		slices.ContainsFunc(t.ownNames(), func(name string) bool { return bytes.Contains(bytes.ToLower(src), []byte(strings.ToLower(name))) })
}

// inputsOf returns the defaults of the inputs that a workflow or an action has for one way to start
// it: "workflow_dispatch", "workflow_call", or "" for an action. ok is false where it has none.
func (s *scope) inputsOf(doc *yaml.Node, start string) (inputs map[string]trace.Text, ok bool) {
	from := get(doc, "inputs")
	if start != "" {
		from = get(doc, "on", start, "inputs")
	}
	inputs = map[string]trace.Text{}
	for _, p := range pairs(from) {
		if d := get(p.value, "default"); d != nil {
			inputs[strings.ToLower(p.key.Value)] = s.value(d)
		}
	}
	return inputs, len(pairs(from)) > 0
}

// start reads a document as each of the ways to start it does, with the defaults of its inputs.
func (w *workflow) start(doc *yaml.Node) {
	started := false
	var readings []reading
	read := func(top *scope) {
		r := reading{builds: len(w.run.builds), problems: len(w.run.problems)}
		w.document(top, doc)
		readings = append(readings, r)
	}
	defer func() { w.settle(readings) }()
	for _, way := range []string{"", "workflow_dispatch", "workflow_call"} {
		top := &scope{workflow: w}
		inputs, ok := top.inputsOf(doc, way)
		if top.inputs = inputs; ok {
			top.isSent = way == "workflow_dispatch"
			w.choose(get(doc, "on", way, "inputs"))
			read(top)
			started = true
		}
	}
	if !started || startsAlone(doc) && bytes.Contains(w.Src, []byte("||")) {
		before := len(w.run.builds)
		read(&scope{workflow: w})
		known := w.run.builds[:before]
		w.run.builds = append(known, slices.DeleteFunc(w.run.builds[before:], func(b Build) bool { return b.lacks(known) })...)
	}
}

// A reading of a document begins behind so many builds and problems.
type reading struct{ builds, problems int }

// settle leaves out what could not be read of a step in one reading where another has read it: the step is
// for that.
func (w *workflow) settle(readings []reading) {
	if len(readings) < 2 {
		return
	}
	places := make([]map[source.Pos]bool, len(readings))
	part := func(n, all int, of func(reading) int) (from, to int) {
		from, to = of(readings[n]), all
		if n+1 < len(readings) {
			to = of(readings[n+1])
		}
		return min(from, all), min(to, all)
	}
	for i := range readings {
		places[i] = map[source.Pos]bool{}
		from, to := part(i, len(w.run.builds), func(r reading) int { return r.builds })
		for _, b := range w.run.builds[from:to] {
			places[i][b.Where] = true
		}
	}
	var kept []Problem
	for i := range readings {
		from, to := part(i, len(w.run.problems), func(r reading) int { return r.problems })
		for _, p := range w.run.problems[from:to] {
			elsewhere := slices.ContainsFunc(places, func(of map[source.Pos]bool) bool { return of[p.Pos] })
			if p.Code != source.CodeNotUnderstood || places[i][p.Pos] || !elsewhere {
				kept = append(kept, p)
			}
		}
	}
	w.run.problems = append(w.run.problems[:min(readings[0].problems, len(w.run.problems))], kept...)
}

// startsAlone reports whether a workflow has events that give no inputs: an alternative to one
// (inputs.X || 'text') counts then.
func startsAlone(doc *yaml.Node) bool {
	for _, event := range pairs(get(doc, "on")) {
		if name := event.key.Value; name != "workflow_dispatch" && name != "workflow_call" {
			return true
		}
	}
	return false
}

// choose adds the defaults of inputs that are a choice: GitHub takes none that is not an option.
func (w *workflow) choose(inputs *yaml.Node) {
	for _, input := range pairs(inputs) {
		var again []*yaml.Node
		for _, option := range items(get(input.value, "options")) {
			if same(option, get(input.value, "default"), 0) {
				again = append(again, option)
			}
		}
		w.group(get(input.value, "default"), again, 0)
	}
}

// call reads a workflow or an action of the repository as a job or a step uses it, with the
// inputs that it is given, and returns its outputs. The workspace is where the repository is checked out.
func (s *scope) call(uses, with *yaml.Node) (outputs map[string]trace.Text) {
	local, ok := s.ownPath(uses)
	if !ok {
		s.stranger(uses, with)
	}
	if !ok || s.calls >= maxCalls || !s.run.use(1000) {
		return nil
	}
	paths := []string{within(".", local)}
	if !strings.HasSuffix(local, ".yml") && !strings.HasSuffix(local, ".yaml") {
		paths = []string{within(paths[0], "action.yml"), within(paths[0], "action.yaml")}
	}
	for _, p := range paths {
		if p == "" {
			continue
		}
		f := s.run.tree.read(p)
		if f == nil {
			continue
		}
		y, err := parseYAML(f)
		if err != nil {
			return nil // it is said where the file itself is read
		}
		if p != s.Path {
			s.run.tree.markCalled(p)
		}
		callee := &workflow{yamlFile: y, run: s.run, calls: s.calls + 1, assumed: s.assumed}
		for _, doc := range y.docs {
			inner := &scope{workflow: callee}
			way := "workflow_call"
			if get(doc, "runs") != nil { // an action sees the environment of its step
				inner.outer, inner.job, inner.isAction, way = s, s.job, true, ""
				inner.said.outputs = map[string]trace.Text{}
			}
			inner.inputs, _ = inner.inputsOf(doc, way)
			for _, p := range pairs(with) {
				inner.inputs[strings.ToLower(p.key.Value)] = s.value(p.value)
			}
			callee.document(inner, doc)
			from := get(doc, "outputs")
			if way != "" {
				from = get(doc, "on", way, "outputs")
			}
			outputs = inner.valuesOf(from, "value")
		}
		s.twins = append(s.twins, callee.twins...)
		return outputs
	}
	return nil
}

// isCalledOnly reports whether a file is read by its callers alone: an action, or a workflow that
// nothing else starts.
func isCalledOnly(f *trace.File) bool {
	y, err := parseYAML(f)
	if err != nil {
		return false
	}
	for _, doc := range y.docs {
		if get(doc, "runs") != nil {
			continue
		}
		switch on := resolve(get(doc, "on")); {
		case on == nil:
			return false
		case on.Kind == yaml.ScalarNode && on.Value == "workflow_call":
		case on.Kind == yaml.SequenceNode && len(on.Content) == 1 && on.Content[0].Value == "workflow_call":
		case on.Kind == yaml.MappingNode && len(pairs(on)) == 1 && pairs(on)[0].key.Value == "workflow_call":
		default:
			return false
		}
	}
	return len(y.docs) > 0
}
