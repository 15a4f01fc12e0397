package pipeline

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// maxTemplates is how deep templates of Azure use one another.
const maxTemplates = 8

// isAzure reports whether the file is a pipeline of Azure.
func (p *pipeline) isAzure() bool { return p.format.Templates != "" }

// given takes in the parameters of an Azure pipeline, or of a template: their defaults, and
// over these what values says, which stands in the file of user.
func (p *pipeline) given(values *yaml.Node, user *pipeline) {
	set := func(name string, text trace.Text) { p.values["parameters."+name] = text }
	for _, doc := range p.Docs {
		declared := yamltext.Resolve(yamltext.Get(doc, "parameters"))
		if declared == nil {
			continue
		}
		for _, item := range yamltext.Items(declared) {
			if name := yamltext.Get(item, "name"); name != nil && yamltext.Get(item, "default") != nil {
				set(name.Value, p.scalar(yamltext.Get(item, "default")))
			}
		}
		for _, e := range yamltext.Pairs(declared) {
			set(e.Key.Value, p.scalar(e.Value))
		}
	}
	for _, e := range yamltext.Pairs(values) {
		set(e.Key.Value, user.scalar(e.Value))
	}
}

// scalar returns a value with what the runner fills in, unknown for anything but a text.
func (p *pipeline) scalar(n *yaml.Node) trace.Text {
	if n = yamltext.Resolve(n); n == nil || n.Kind != yaml.ScalarNode {
		return trace.Plain(reading.Unknown)
	}
	return p.filled(p.Text(n))
}

// template follows the commands of a template that a step, a job or a stage of Azure uses, with
// the parameters that it is given. One of another repository (build.yml@shared) is not there.
func (p *pipeline) template(n *yaml.Node, dir string, depth int) {
	named := yamltext.Resolve(yamltext.Get(n, p.format.Templates))
	if named == nil || named.Kind != yaml.ScalarNode || p.nested >= maxTemplates || !p.run.Use(1000) {
		return
	}
	name, isOther := strings.CutSuffix(strings.TrimSpace(named.Value), "@self")
	if strings.Contains(name, "@") && !isOther {
		return
	}
	from := path.Dir(p.file.Path)
	if strings.HasPrefix(name, "/") {
		name, from = strings.TrimLeft(name, "/"), "."
	}
	at := reading.Within(from, name)
	if at == "" || at == p.file.Path {
		return
	}
	f := p.run.Tree.Read(at)
	if f == nil {
		return
	}
	y, err := yamltext.Parse(f)
	if err != nil {
		return
	}
	p.run.Tree.MarkCalled(at)
	if p.plugs == nil {
		p.plugs = map[*yaml.Node]bool{}
	}
	inner := *p
	inner.File, inner.file, inner.nested = y, f, p.nested+1
	inner.values = map[string]trace.Text{}
	for key, value := range p.values {
		if !strings.HasPrefix(key, "parameters.") {
			inner.values[key] = value
		}
	}
	inner.given(yamltext.Get(n, "parameters"), p)
	for _, doc := range y.Docs {
		inner.collect(doc, 0)
	}
	for _, doc := range y.Docs {
		inner.walk(doc, dir, depth+1)
	}
}

// macros replaces the variables of Azure whose values the file gives: $(name).
func (p *pipeline) macros(t trace.Text) trace.Text {
	for _, root := range []string{"Build.SourcesDirectory", "System.DefaultWorkingDirectory", "Build.Repository.LocalPath"} {
		t = p.replace(t, "$("+root+")", "", func(trace.Text) trace.Text { return trace.Plain(reading.RootDir) })
	}
	return p.replace(t, "$(", ")", func(inner trace.Text) trace.Text {
		if v, ok := p.values[inner.S]; ok {
			return v
		}
		return trace.Join(trace.Plain("$("), inner, trace.Plain(")"))
	})
}

// legs returns the variables of each run of a job that has a matrix, or of a command that has a loop, none for any other node.
func (p *pipeline) legs(n *yaml.Node) []map[string]trace.Text {
	switch {
	case p.isTaskfile():
		return p.rounds(n)
	case !p.isAzure():
		return nil
	}
	matrix := yamltext.Get(n, "strategy", "matrix")
	var legs []map[string]trace.Text
	for _, e := range yamltext.Pairs(matrix) {
		if !p.run.Use(100) || len(legs) >= reading.MaxBuilds {
			break
		}
		leg := map[string]trace.Text{}
		for _, v := range yamltext.Pairs(e.Value) {
			leg[v.Key.Value] = p.scalar(v.Value)
		}
		if len(leg) > 0 {
			legs = append(legs, leg)
		}
	}
	return legs
}
