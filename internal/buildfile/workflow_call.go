package buildfile

import (
	"bytes"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/trace"
)

// maxCalls bounds how deep workflows and actions call one another. GitHub itself allows ten levels
// of workflows.
const maxCalls = 10

// mayCall reports whether a workflow may call another, or an action, of the repository.
func mayCall(src []byte) bool {
	return bytes.Contains(src, []byte("uses:")) && bytes.Contains(src, []byte("./"))
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
			inputs[p.key.Value] = s.value(d)
		}
	}
	return inputs, len(pairs(from)) > 0
}

// start reads a document as each of the ways to start it does, with the defaults of its inputs.
func (w *workflow) start(doc *yaml.Node) {
	started := false
	for _, way := range []string{"", "workflow_dispatch", "workflow_call"} {
		top := &scope{workflow: w}
		inputs, ok := top.inputsOf(doc, way)
		if top.inputs = inputs; ok {
			top.isSent = way == "workflow_dispatch"
			w.choose(get(doc, "on", way, "inputs"))
			w.document(top, doc)
			started = true
		}
	}
	if !started || startsAlone(doc) && bytes.Contains(w.Src, []byte("||")) {
		before := len(w.run.builds)
		w.document(&scope{workflow: w}, doc)
		known := w.run.builds[:before]
		w.run.builds = append(known, slices.DeleteFunc(w.run.builds[before:], func(b Build) bool { return b.lacks(known) })...)
	}
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
// inputs that it is given. The workspace is where the repository is checked out.
func (s *scope) call(uses string, with *yaml.Node) {
	local, ok := strings.CutPrefix(uses, "./")
	if !ok || s.calls >= maxCalls || !s.run.use(1000) {
		return
	}
	if local, ok = s.inRepository(local); !ok {
		return // it is in a checkout of another repository
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
			return // it is said where the file itself is read
		}
		if p != s.Path {
			s.run.tree.markCalled(p)
		}
		callee := &workflow{yamlFile: y, run: s.run, calls: s.calls + 1}
		for _, doc := range y.docs {
			inner := &scope{workflow: callee}
			way := "workflow_call"
			if get(doc, "runs") != nil { // an action sees the environment of its step
				inner.outer, inner.job, way = s, s.job, ""
			}
			inner.inputs, _ = inner.inputsOf(doc, way)
			for _, p := range pairs(with) {
				inner.inputs[p.key.Value] = s.value(p.value)
			}
			callee.document(inner, doc)
		}
		s.twins = append(s.twins, callee.twins...)
		return
	}
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
