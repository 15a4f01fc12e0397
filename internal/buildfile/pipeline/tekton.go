package pipeline

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// The parameters of a PipelineRun of Tekton which say what its pipeline builds, by the names that the pipelines of Konflux and the
// task buildah have for them. Several names of one count one after the other.
const (
	runFile      = "dockerfile"
	runContext   = "path-context context"
	runImage     = "output-image image"
	runTags      = "additional-tags"
	runArgs      = "build-args build_args"
	runArgFile   = "build-args-file build_args_file"
	runPlatforms = "build-platforms"
)

// runParams are the parameters of a run, by their names in lower case: the mapping of each, and its value.
type runParams map[string]struct{ param, value *yaml.Node }

// get returns the texts of a parameter, a text or a list of texts, with what is filled in.
func (p *pipeline) get(all runParams, names string) []trace.Text {
	for _, name := range strings.Fields(names) {
		if texts := p.commands(all[name].value); len(texts) > 0 {
			for i := range texts {
				texts[i] = p.filled(texts[i]).TrimSpace()
			}
			return texts
		}
	}
	return nil
}

// first is get for a parameter that has one text.
func (p *pipeline) first(all runParams, names string) trace.Text {
	if texts := p.get(all, names); len(texts) == 1 {
		return texts[0]
	}
	return trace.Text{}
}

// pipelineRun reads a PipelineRun of Tekton, whose pipeline is not followed, by the names of its parameters: a Dockerfile or a context, and
// the image. It is said that this is assumed. A Dockerfile is relative to the context or else to the root, as Konflux looks for it.
func (p *pipeline) pipelineRun(doc *yaml.Node) {
	if kind := yamltext.Get(doc, "kind"); kind == nil || kind.Value != "PipelineRun" {
		return
	}
	all := runParams{}
	for _, param := range yamltext.Items(yamltext.Get(doc, "spec", "params")) {
		if name, value := yamltext.Get(param, "name"), yamltext.Get(param, "value"); name != nil && value != nil {
			all[strings.ToLower(name.Value)] = struct{ param, value *yaml.Node }{yamltext.Resolve(param), value}
		}
	}
	file, context, image := p.first(all, runFile), p.first(all, runContext), p.first(all, runImage)
	if image.S == "" || file.S == "" && context.S == "" {
		return
	}
	at := yamltext.Get(doc, "spec", "params")
	if n := all[runFile].param; n != nil {
		at = n
	}
	dir, dockerfile := context.S, file.S
	if dir == "" {
		dir = "."
	}
	if dockerfile == "" {
		dockerfile = "Dockerfile"
	}
	b := reading.Build{}
	b.Where = p.Pos(at)
	place := reading.Workplace{Starts: p.starts, Cwd: reading.StartDir}
	var ok bool
	for _, name := range []string{path.Join(dir, dockerfile), dockerfile} {
		if b.Dockerfile, b.Context, ok = place.Find(p.run.Tree, dir, name, false); ok {
			break
		}
	}
	if !ok {
		return // the parameter is named like any step that is not read
	}
	if p.plugs == nil {
		p.plugs = map[*yaml.Node]bool{}
	}
	p.plugs[all[runFile].param] = true
	p.fillRun(&b, all, image, place)
	p.run.Add(b)
	p.run.Say(source.CodeAssumedValue, b.Where, "what the run builds is taken from its parameters, as the pipelines of Konflux have them: the pipeline is not followed")
}

// fillRun adds the image, the build arguments and the platforms of a run.
func (p *pipeline) fillRun(b *reading.Build, all runParams, image trace.Text, place reading.Workplace) {
	b.AddImage(image)
	name, _ := reading.CutTag(image)
	for _, tag := range p.get(all, runTags) {
		b.AddImage(trace.Join(name, trace.Plain(":"), tag))
	}
	var flags []trace.Text
	if file := p.first(all, runArgFile); file.S != "" {
		flags = append(flags, trace.Plain("--build-arg-file"), file)
	}
	for _, arg := range p.get(all, runArgs) {
		flags = append(flags, trace.Plain("--build-arg"), arg)
	}
	s := shell.New(p.run, "", place, nil)
	o := s.Options(shell.DockerFlags, flags)
	b.Args = o.Build.Args
	if o.Unfiled != "" {
		p.run.Problem(reading.Problem{Code: source.CodeNotUnderstood, Pos: p.Pos(all[strings.Fields(runArgFile)[0]].param), Message: "the build arguments in " + source.Clean(o.Unfiled) + " are not read: the file is not known, or not here"})
	}
	for _, text := range p.get(all, runPlatforms) {
		system, architecture, ok := strings.Cut(text.S, "/")
		if system, _, _ = strings.Cut(system, "-"); ok { // linux-mxlarge/arm64 is a larger machine
			b.Platforms = reading.AddPlatform(b.Platforms, system+"/"+architecture)
		}
	}
}

// isTekton reports whether the file is one of Tekton.
func (p *pipeline) isTekton() bool { return p.format.Name == reading.Tekton }

// params takes in parameters of Tekton, with their defaults and the values that they are given.
func (p *pipeline) params(n *yaml.Node) {
	for _, item := range yamltext.Items(n) {
		name := yamltext.Get(item, "name")
		for _, key := range []string{"default", "value"} {
			if value := yamltext.Get(item, key); name != nil && value != nil {
				p.value("params."+name.Value, value, false)
			}
		}
	}
}

// workspaces are where a pipeline of Tekton has the repository, as its tasks for git put it.
var workspaces = []string{"$(workspaces.source.path)", "$(workspaces.output.path)", "$(workspaces.shared-workspace.path)", "/workspace/source", "/workspace/output"}

// substituted replaces the parameters of Tekton whose values the file gives, and the directory that the repository is in.
func (p *pipeline) substituted(t trace.Text) trace.Text {
	for _, dir := range workspaces {
		t = p.replace(t, dir, "", func(trace.Text) trace.Text { return trace.Plain(reading.RootDir) })
	}
	return p.replace(t, "$(params.", ")", func(inner trace.Text) trace.Text {
		if v, ok := p.values["params."+inner.S]; ok {
			return v
		}
		return trace.Plain(reading.Unknown)
	})
}
