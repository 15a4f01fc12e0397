package pipeline

import (
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// readCircleCI reads a pipeline of CircleCI ("Configuration reference"): each job and command once for each way in which
// workflows and steps pass it parameters, and with their defaults where nothing passes any.
func (p *pipeline) readCircleCI() {
	if !p.parse() {
		return
	}
	p.plugs = map[*yaml.Node]bool{}
	for _, doc := range p.Docs {
		p.collect(doc, 0)
		p.parameters("pipeline.parameters.", yamltext.Get(doc, "parameters"), nil)
		if yamltext.Get(doc, "jobs") == nil && yamltext.Get(doc, "commands") == nil {
			p.walk(doc, reading.StartDir, 0)
			continue
		}
		all := map[*yaml.Node][]map[string]*yaml.Node{} // first, so that what is passed is known for that wherever it stands
		for _, kind := range []string{"jobs", "commands"} {
			for _, job := range yamltext.Pairs(yamltext.Get(doc, kind)) {
				if len(yamltext.Pairs(yamltext.Get(job.Value, "parameters"))) > 0 {
					all[job.Value] = p.calls(doc, job.Key.Value, nil, 0)
				}
			}
		}
		for _, e := range yamltext.Pairs(doc) {
			if e.Key.Value != "jobs" && e.Key.Value != "commands" {
				p.walk(e.Value, reading.StartDir, 0)
				continue
			}
			for _, job := range yamltext.Pairs(e.Value) {
				declared, calls := yamltext.Get(job.Value, "parameters"), all[job.Value]
				if len(calls) == 0 {
					calls = append(calls, nil)
				}
				for _, passed := range calls {
					if len(p.run.Builds) >= reading.MaxBuilds || !p.run.Use(100) {
						return
					}
					inner := *p
					inner.values = maps.Clone(p.values)
					inner.parameters("parameters.", declared, passed)
					inner.walk(job.Value, reading.StartDir, 0)
				}
			}
		}
	}
}

// parameters sets those that are declared: to what is passed, or by default.
func (p *pipeline) parameters(prefix string, declared *yaml.Node, passed map[string]*yaml.Node) {
	values := map[string]trace.Text{}
	for _, e := range yamltext.Pairs(declared) {
		n := passed[e.Key.Value]
		if n == nil {
			n = yamltext.Get(e.Value, "default")
		}
		value := trace.Plain(reading.Unknown)
		if n = yamltext.Resolve(n); n != nil && n.Kind == yaml.ScalarNode {
			value = p.filled(p.Text(n))
		}
		values[prefix+e.Key.Value] = value
	}
	maps.Copy(p.values, values) // at once: what is passed may name parameters of the caller
}

// calls returns what is passed to a job or a command by its name, once for each combination of a matrix.
func (p *pipeline) calls(n *yaml.Node, name string, all []map[string]*yaml.Node, depth int) []map[string]*yaml.Node {
	n = yamltext.Resolve(n)
	if n == nil || depth > maxYAMLDepth || len(all) >= maxMatrix || !p.run.Use(1) {
		return all
	}
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			item = yamltext.Resolve(item)
			if item != nil && item.Kind == yaml.ScalarNode && item.Value == name {
				all = append(all, map[string]*yaml.Node{})
			}
			for _, e := range yamltext.Pairs(item) {
				if e.Key.Value == name {
					p.plugs[yamltext.Resolve(e.Value)] = true // it is read with the job or command
					all = append(all, p.combinations(e.Value)...)
				}
			}
			all = p.calls(item, name, all, depth+1)
		}
		return all
	}
	for _, e := range yamltext.Pairs(n) {
		all = p.calls(e.Value, name, all, depth+1)
	}
	return all
}

// combinations returns what one entry of a workflow, or one step, passes.
func (p *pipeline) combinations(call *yaml.Node) []map[string]*yaml.Node {
	one := map[string]*yaml.Node{}
	for _, e := range yamltext.Pairs(call) {
		one[e.Key.Value] = e.Value
	}
	all := []map[string]*yaml.Node{one}
	for _, axis := range yamltext.Pairs(yamltext.Get(call, "matrix", "parameters")) {
		var next []map[string]*yaml.Node
		for _, before := range all {
			for _, value := range yamltext.Items(axis.Value) {
				if len(next) >= maxMatrix || !p.run.Use(10) {
					break
				}
				with := maps.Clone(before)
				with[axis.Key.Value] = value
				next = append(next, with)
			}
		}
		all = next
	}
	return slices.Clip(all)
}
