package pipeline

import (
	"maps"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// maxCalls is how deep tasks and recipes call one another.
const maxCalls = 8

// isTaskfile reports whether the file has tasks that call one another.
func (p *pipeline) isTaskfile() bool { return p.format.Lists != "" }

// rounds returns the variables of each round of a command of a Taskfile that has a loop: for: [a, b], and for: {var: NAMES}
// for a variable that is a list, or a text of words. It is nil for any other, and where the rounds are not known.
func (p *pipeline) rounds(n *yaml.Node) (rounds []map[string]trace.Text) {
	loop := yamltext.Get(n, "for")
	if loop == nil {
		return nil
	}
	name := "ITEM"
	items := loop
	var values []trace.Text
	if loop.Kind == yaml.MappingNode {
		if as := yamltext.Get(loop, "as"); as != nil {
			name = as.Value
		}
		items = nil
		if variable := yamltext.Get(loop, "var"); variable != nil {
			items = p.list(variable.Value)
			if split := yamltext.Get(loop, "split"); items == nil && split == nil {
				values = reading.FieldsOf(p.values[variable.Value])
			}
		}
	}
	for _, item := range yamltext.Items(items) {
		values = append(values, p.scalar(item))
	}
	for _, value := range values {
		if !p.run.Use(100) || len(rounds) >= reading.MaxBuilds {
			break
		}
		rounds = append(rounds, map[string]trace.Text{name: value})
	}
	return rounds
}

// list returns the variable of the file that is a list, nil where there is none.
func (p *pipeline) list(name string) *yaml.Node {
	for _, doc := range p.Docs {
		if n := yamltext.Get(doc, "vars", name); n != nil && n.Kind == yaml.SequenceNode {
			return n
		}
	}
	return nil
}

// call follows the task that a command or a dependency of a Taskfile calls with variables. One without variables is followed
// where it stands.
func (p *pipeline) call(n *yaml.Node, depth int) {
	name, given := yamltext.Get(n, "task"), yamltext.Get(n, "vars")
	if name == nil || name.Kind != yaml.ScalarNode || given == nil || p.nested >= maxCalls || !p.run.Use(1000+len(p.values)) {
		return
	}
	for _, doc := range p.Docs {
		task := yamltext.Get(doc, "tasks", name.Value)
		if task == nil {
			continue
		}
		outer := p.values
		own := yamltext.Pairs(yamltext.Get(task, "vars"))
		p.values, p.nested = maps.Clone(outer), p.nested+1
		for _, e := range own {
			if yamltext.Get(doc, "vars", e.Key.Value) == nil {
				delete(p.values, e.Key.Value) // what another task has by that name
			}
		}
		for _, e := range yamltext.Pairs(given) {
			p.values[e.Key.Value] = p.scalarIn(outer, e.Value)
		}
		for _, e := range own { // each may be made of those before it
			p.values[e.Key.Value] = p.scalar(e.Value)
		}
		if task.Kind == yaml.MappingNode {
			p.walk(task, reading.StartDir, depth+1)
		} else {
			p.follow(p.commands(task), reading.StartDir)
		}
		p.values, p.nested = outer, p.nested-1
	}
}

// scalarIn is scalar with other variables.
func (p *pipeline) scalarIn(values map[string]trace.Text, n *yaml.Node) trace.Text {
	own := p.values
	p.values = values
	text := p.scalar(n)
	p.values = own
	return text
}

// defaulted returns what a template of a Taskfile gives that has a default: .TAG | default "1.0.0", and default "1.0.0" .TAG.
func (p *pipeline) defaulted(inner trace.Text) (text trace.Text, ok bool) {
	inner = inner.TrimSpace()
	variable, value := inner, inner
	if name, rest, isPiped := inner.Cut("|"); isPiped {
		rest = rest.TrimSpace()
		if !strings.HasPrefix(rest.S, "default ") {
			return text, false
		}
		variable, value = name.TrimSpace(), rest.Slice(len("default "), len(rest.S)).TrimSpace()
	} else {
		at := strings.LastIndexByte(inner.S, ' ')
		if !strings.HasPrefix(inner.S, "default ") || at <= len("default") {
			return text, false
		}
		variable, value = inner.Slice(at+1, len(inner.S)), inner.Slice(len("default "), at).TrimSpace()
	}
	name, isName := strings.CutPrefix(variable.S, ".")
	n := len(value.S)
	if !isName || !reading.IsName(name) || n < 2 || value.S[0] != value.S[n-1] || strings.IndexByte("\"'`", value.S[0]) < 0 {
		return text, false
	}
	if known, isSet := p.values[name]; isSet && known.S != "" {
		return known, true
	}
	return value.Slice(1, n-1), true
}
