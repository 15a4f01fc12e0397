package pipeline

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// A pipeline is a file of pipelines or tasks. Of its format that much is understood: where
// commands stand, in which directory they run, and the variables that the file gives one value
// only. Whatever else a runner fills in is not known.
type pipeline struct {
	*yamltext.File
	file     *trace.File
	format   *reading.Format
	run      *shell.Run
	values   map[string]trace.Text // of variables; unknown where there are several
	starts   []string
	problems []reading.Problem
	plugs    map[*yaml.Node]bool // the inputs of steps of plugins, which are read
	all      []*recipe           // of a justfile
	nested   int                 // templates, tasks and recipes that use each other
}

// Read reads a file of pipelines or tasks. Of a format that is not read, the first
// command that builds is named.
func Read(t *reading.Tree, f *trace.File, o shell.Others) ([]reading.Build, []reading.Problem) {
	format := reading.FormatOf(f.Path)
	if format == nil {
		return nil, nil
	}
	if format.Style == reading.NotRead {
		return nil, namedOnly(f, format)
	}
	if t.Idle(f.Path) && !mayPlug(f.Src) && !bytes.Contains(bytes.ToLower(f.Src), []byte("dockerfile")) && !mayInclude(format, f.Src) {
		return nil, nil
	}
	if path.Base(f.Path) == "package.json" && !t.HasDockerfile(path.Dir(f.Path)) {
		return nil, nil
	}
	p := &pipeline{
		file: f, format: format, run: shell.NewRun(t, o),
		values: map[string]trace.Text{}, starts: format.Kind.Dirs(f.Path),
	}
	if format.Workspace {
		p.starts = []string{"."}
	}
	switch format.Style {
	case reading.AsYAML:
		p.readYAML()
	case reading.AsGitLab:
		p.readGitLab()
	case reading.AsCircleCI:
		p.readCircleCI()
	case reading.AsSteps:
		p.readSteps()
	case reading.AsRecipes:
		p.readRecipes()
	case reading.AsPackage:
		p.readPackage()
	}
	return p.run.Builds, append(p.problems, p.run.Problems...)
}

// mayInclude reports whether a pipeline may include another file of the repository, with what builds in it.
func mayInclude(format *reading.Format, src []byte) bool {
	return format.Style == reading.AsGitLab && bytes.Contains(src, []byte("include:")) ||
		format.Templates != "" && bytes.Contains(src, []byte(format.Templates+":"))
}

// parse reads the file as YAML.
func (p *pipeline) parse() bool {
	y, err := yamltext.Parse(p.file)
	if err != nil {
		if len(namedOnly(p.file, p.format)) > 0 {
			p.problems = append(p.problems, reading.YAMLProblem(p.file, err))
		}
		return false
	}
	p.File = y
	return true
}

// readYAML reads the commands in YAML, by the keys that the format has for them.
func (p *pipeline) readYAML() {
	if !p.parse() {
		return
	}
	if p.isAzure() {
		p.given(nil, p)
	}
	for _, doc := range p.Docs {
		p.collect(doc, 0)
	}
	for _, doc := range p.Docs {
		p.pipelineRun(doc)
		p.walk(doc, reading.StartDir, 0)
	}
}

// collect takes in the variables of the file. One that is set to several values is not known.
func (p *pipeline) collect(n *yaml.Node, depth int) {
	if depth > maxYAMLDepth || !p.run.Use(10) {
		return
	}
	if n = yamltext.Resolve(n); n == nil {
		return
	}
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			p.collect(item, depth+1)
		}
		return
	}
	for _, e := range yamltext.Pairs(n) {
		if key := e.Key.Value; reading.Contains(p.format.Variables, key) || key == "matrix" {
			for _, v := range yamltext.Pairs(e.Value) {
				p.value(v.Key.Value, v.Value, key == "matrix")
			}
			for _, item := range yamltext.Items(e.Value) { // of Azure
				if name := yamltext.Get(item, "name"); name != nil && yamltext.Get(item, "value") != nil {
					p.value(name.Value, item, key == "matrix")
				}
			}
		}
		if p.isTekton() && e.Key.Value == "params" {
			p.params(e.Value)
		}
		p.collect(e.Value, depth+1)
	}
}

// maxYAMLDepth bounds how deep commands are looked for.
const maxYAMLDepth = 40

// value takes in one variable.
func (p *pipeline) value(name string, n *yaml.Node, several bool) {
	text := trace.Plain(reading.Unknown)
	if v := yamltext.Get(n, "value"); v != nil {
		n = v
	}
	if command := yamltext.Get(n, "sh"); command != nil && p.format.Kind == reading.Tasks && !several {
		if printed, ok := shell.PrintedBy(p.run.Tree, &p.run.Fuel, p.starts, p.filled(p.Text(command))); ok {
			text = printed
		}
	} else if n = yamltext.Resolve(n); n != nil && n.Kind == yaml.ScalarNode && !several {
		text = p.filled(p.Text(n))
		if strings.Contains(text.S, "$") {
			text = trace.Plain(reading.Unknown)
		}
	}
	if old, ok := p.values[name]; ok && old.S != text.S {
		text = trace.Plain(reading.Unknown)
	}
	p.values[name] = text
}

// walk looks for commands in a node, and follows them: once for each leg of a matrix.
func (p *pipeline) walk(n *yaml.Node, dir string, depth int) {
	if n = yamltext.Resolve(n); n == nil {
		return
	}
	legs := p.legs(n)
	if len(legs) == 0 {
		p.walkNode(n, dir, depth)
		return
	}
	outer := p.values
	for _, leg := range legs {
		p.values = maps.Clone(outer)
		maps.Copy(p.values, leg)
		p.walkNode(n, dir, depth)
	}
	p.values = outer
}

func (p *pipeline) walkNode(n *yaml.Node, dir string, depth int) {
	if depth > maxYAMLDepth || !p.run.Use(100) {
		return
	}
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			p.walk(item, dir, depth+1)
		}
		return
	}
	all := yamltext.Pairs(n)
	for _, e := range all {
		if reading.Contains(p.format.Dirs, e.Key.Value) && e.Value.Kind == yaml.ScalarNode {
			if text := p.filled(p.Text(e.Value)).S; strings.HasPrefix(text, "~") { // where the repository is checked out
				dir = reading.StartDir
			} else {
				dir = reading.ChangeDir(dir, text)
			}
		}
	}
	built := len(p.run.Builds)
	var script []trace.Text
	for _, key := range []string{"before_script", "script"} { // of GitLab, in one shell
		if reading.Contains(p.format.Scripts, key) {
			script = append(script, p.commands(yamltext.Get(n, key))...)
		}
	}
	p.follow(script, dir)
	if format := p.format; format.Kind == reading.Pipeline {
		p.plugged(all, dir)
	}
	switch {
	case p.isAzure():
		p.template(n, dir, depth)
	case p.isTaskfile():
		p.call(n, depth)
	}
	for _, e := range all {
		key := e.Key.Value
		if reading.Contains(p.format.Scripts, key) {
			if key != "script" && key != "before_script" {
				p.follow(p.commands(e.Value), dir)
			}
			if e.Value.Kind == yaml.ScalarNode {
				continue
			}
		}
		if reading.Contains(p.format.Lists, key) {
			for _, task := range yamltext.Pairs(e.Value) {
				p.follow(p.commands(task.Value), dir)
			}
		}
		p.walk(e.Value, dir, depth+1)
	}
	if len(p.run.Builds) == built && !p.plugs[n] {
		p.unread(n, all)
	}
}

// unread names a step that has a Dockerfile, of which nothing else is understood.
func (p *pipeline) unread(n *yaml.Node, all []yamltext.Pair) {
	for _, e := range all {
		if e.Value == nil || e.Value.Kind != yaml.ScalarNode {
			continue
		}
		isFile := strings.EqualFold(e.Key.Value, "dockerfile") || strings.EqualFold(e.Key.Value, "dockerfile_path")
		isNamed := e.Key.Value == "name" && strings.EqualFold(e.Value.Value, "dockerfile") && yamltext.Get(n, "value") != nil
		if isFile || isNamed {
			p.run.Problem(reading.Problem{Code: source.CodeNotRead, Pos: p.Pos(e.Key), Message: "a step that builds a Dockerfile is not read: " + p.format.Name + " is followed for its commands alone"})
		}
	}
}

// commands returns the lines of a script: a text, or a list of texts.
func (p *pipeline) commands(n *yaml.Node) []trace.Text {
	n = yamltext.Resolve(n)
	var all []trace.Text
	switch {
	case n == nil:
	case n.Kind == yaml.ScalarNode:
		all = append(all, p.Text(n))
	case n.Kind == yaml.SequenceNode:
		for _, item := range yamltext.Items(n) {
			switch {
			case item == nil:
			case item.Kind == yaml.ScalarNode:
				all = append(all, p.Text(item))
			case item.Kind == yaml.SequenceNode:
				for _, inner := range yamltext.Items(item) {
					if inner != nil && inner.Kind == yaml.ScalarNode {
						all = append(all, p.Text(inner))
					}
				}
			}
		}
	}
	return all
}

// follow follows the commands of one shell.
func (p *pipeline) follow(commands []trace.Text, dir string) {
	if len(commands) == 0 || !p.run.Use(200) {
		return
	}
	p.script(reading.JoinWith("\n", commands), dir)
}

// script follows a text of commands.
func (p *pipeline) script(text trace.Text, dir string) {
	at := source.Pos{Path: p.file.Path, Line: 1, Col: 1}
	if text = p.filled(text); len(text.S) > 0 {
		at = text.Slice(0, 1).Pos()
	}
	p.scriptAt(text, dir, at)
}

// scriptAt is script for a filled text that stands for what is at a place.
func (p *pipeline) scriptAt(text trace.Text, dir string, at source.Pos) {
	s := shell.New(p.run, "", reading.Workplace{Starts: p.starts, Cwd: dir}, p.variables())
	s.Where = at
	if err := s.Read(text); err != nil {
		if command := shell.CommandIn(text.S); command != "" {
			p.run.Problem(reading.Problem{Code: source.CodeNotUnderstood, Pos: s.Where, Message: command + " is not understood: the commands do not parse: " + shell.Reason(err)})
		}
	}
}

// variables are those that a shell gets.
func (p *pipeline) variables() map[string]shell.Variable {
	vars := map[string]shell.Variable{}
	for _, name := range slices.Sorted(maps.Keys(p.values)) {
		if reading.IsName(name) && p.run.Use(1) {
			vars[name] = shell.OneWord(p.values[name])
		}
	}
	return vars
}

// filled returns a text with what the runner fills in.
func (p *pipeline) filled(t trace.Text) trace.Text {
	before, after, ok := strings.Cut(p.format.Marks, " ")
	if ok {
		t = p.replace(t, before, after, func(inner trace.Text) trace.Text {
			name := strings.TrimPrefix(strings.TrimSpace(inner.S), ".")
			if p.isAzure() {
				name = strings.TrimPrefix(name, "variables.")
			}
			if v, ok := p.values[name]; ok {
				return v
			}
			if v, ok := p.defaulted(inner); ok && p.isTaskfile() {
				return v
			}
			return trace.Plain(reading.Unknown)
		})
	}
	if p.format.Workspace {
		t = p.replace(t, "{workspaceRoot}", "", func(trace.Text) trace.Text { return trace.Plain(reading.RootDir) })
		t = p.replace(t, "{projectRoot}", "", func(trace.Text) trace.Text { return trace.Plain(path.Dir(p.file.Path)) })
	}
	if p.format.Dollars != "" {
		t = p.replace(t, p.format.Dollars, "", func(trace.Text) trace.Text { return trace.Plain("$") })
	}
	switch {
	case p.isAzure():
		t = p.macros(t)
	case p.isTekton():
		t = p.substituted(t)
	}
	return t
}

// replace replaces what stands between marks.
func (p *pipeline) replace(t trace.Text, before, after string, value func(inner trace.Text) trace.Text) trace.Text {
	if !strings.Contains(t.S, before) {
		return t
	}
	var all []trace.Text
	for p.run.Step(0) {
		i := strings.Index(t.S, before)
		if i < 0 {
			break
		}
		from := i + len(before)
		n := 0
		if after != "" {
			if n = strings.Index(t.S[from:], after); n < 0 {
				break
			}
		}
		all = append(all, t.Slice(0, i), value(t.Slice(from, from+n)))
		t = t.Slice(from+n+len(after), len(t.S))
	}
	return reading.JoinWith("", append(all, t))
}
