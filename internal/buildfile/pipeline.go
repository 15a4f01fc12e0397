package buildfile

import (
	"bytes"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// A pipeline is a file of pipelines or tasks. Of its format that much is understood: where
// commands stand, in which directory they run, and the variables that the file gives one value
// only. Whatever else a runner fills in is not known.
type pipeline struct {
	*yamlFile
	file     *trace.File
	format   *pipelineFormat
	run      *shellRun
	values   map[string]trace.Text // of variables; unknown where there are several
	starts   []string
	problems []Problem
}

// readPipeline reads a file of pipelines or tasks. Of a format that is not read, the first
// command that builds is named.
func readPipeline(t *tree, f *trace.File, o others) ([]Build, []Problem) {
	format := formatOf(f.Path)
	if format == nil {
		return nil, nil
	}
	if format.style == notRead {
		return nil, namedOnly(f, format)
	}
	if t.idle(f.Path) && !bytes.Contains(bytes.ToLower(f.Src), []byte("dockerfile")) {
		return nil, nil
	}
	if path.Base(f.Path) == "package.json" && !t.hasDockerfile(path.Dir(f.Path)) {
		return nil, nil
	}
	p := &pipeline{
		file: f, format: format, run: newShellRun(t, o),
		values: map[string]trace.Text{}, starts: []string{"."},
	}
	if format.kind == Tasks {
		p.starts = []string{path.Dir(f.Path), "."}
	}
	switch format.style {
	case asYAML:
		p.readYAML()
	case asSteps:
		p.readSteps()
	case asRecipes:
		p.readRecipes()
	case asPackage:
		p.readPackage()
	}
	return p.run.builds, append(p.problems, p.run.problems...)
}

// hasDockerfile reports whether there is a Dockerfile in or below a directory.
func (t *tree) hasDockerfile(dir string) bool {
	if dir == "." {
		return len(t.dockerfiles) > 0
	}
	for p := range t.dockerfiles {
		if strings.HasPrefix(p, dir+"/") {
			return true
		}
	}
	return false
}

// parse reads the file as YAML.
func (p *pipeline) parse() bool {
	y, err := parseYAML(p.file)
	if err != nil {
		if len(namedOnly(p.file, p.format)) > 0 {
			p.problems = append(p.problems, yamlProblem(p.file, err))
		}
		return false
	}
	p.yamlFile = y
	return true
}

// readYAML reads the commands in YAML, by the keys that the format has for them.
func (p *pipeline) readYAML() {
	if !p.parse() {
		return
	}
	for _, doc := range p.docs {
		p.collect(doc, 0)
	}
	for _, doc := range p.docs {
		p.walk(doc, startDir, 0)
	}
}

// collect takes in the variables of the file. One that is set to several values is not known.
func (p *pipeline) collect(n *yaml.Node, depth int) {
	if depth > maxYAMLDepth || !p.run.use(10) {
		return
	}
	if n = resolve(n); n == nil {
		return
	}
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			p.collect(item, depth+1)
		}
		return
	}
	for _, e := range pairs(n) {
		if key := e.key.Value; contains(p.format.variables, key) || key == "matrix" {
			for _, v := range pairs(e.value) {
				p.value(v.key.Value, v.value, key == "matrix")
			}
		}
		p.collect(e.value, depth+1)
	}
}

// maxYAMLDepth bounds how deep commands are looked for.
const maxYAMLDepth = 40

// value takes in one variable.
func (p *pipeline) value(name string, n *yaml.Node, several bool) {
	text := trace.Plain(unknown)
	if v := get(n, "value"); v != nil {
		n = v
	}
	if n = resolve(n); n != nil && n.Kind == yaml.ScalarNode && !several {
		text = p.filled(p.text(n))
		if strings.Contains(text.S, "$") {
			text = trace.Plain(unknown)
		}
	}
	if old, ok := p.values[name]; ok && old.S != text.S {
		text = trace.Plain(unknown)
	}
	p.values[name] = text
}

// walk looks for commands in a node, and follows them.
func (p *pipeline) walk(n *yaml.Node, dir string, depth int) {
	if depth > maxYAMLDepth || !p.run.use(100) {
		return
	}
	if n = resolve(n); n == nil {
		return
	}
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			p.walk(item, dir, depth+1)
		}
		return
	}
	all := pairs(n)
	for _, e := range all {
		if contains(p.format.dirs, e.key.Value) && e.value.Kind == yaml.ScalarNode {
			if text := p.filled(p.text(e.value)).S; strings.HasPrefix(text, "~") { // where the repository is checked out
				dir = startDir
			} else {
				dir = enter(dir, text)
			}
		}
	}
	built := len(p.run.builds)
	var script []trace.Text
	for _, key := range []string{"before_script", "script"} { // of GitLab, in one shell
		if contains(p.format.scripts, key) {
			script = append(script, p.commands(get(n, key))...)
		}
	}
	p.follow(script, dir)
	for _, e := range all {
		key := e.key.Value
		if contains(p.format.scripts, key) {
			if key != "script" && key != "before_script" {
				p.follow(p.commands(e.value), dir)
			}
			if e.value.Kind == yaml.ScalarNode {
				continue
			}
		}
		if contains(p.format.lists, key) {
			for _, task := range pairs(e.value) {
				p.follow(p.commands(task.value), dir)
			}
		}
		p.walk(e.value, dir, depth+1)
	}
	if len(p.run.builds) == built {
		p.unread(n, all)
	}
}

// unread names a step that has a Dockerfile, of which nothing else is understood.
func (p *pipeline) unread(n *yaml.Node, all []pair) {
	for _, e := range all {
		if e.value == nil || e.value.Kind != yaml.ScalarNode {
			continue
		}
		isFile := strings.EqualFold(e.key.Value, "dockerfile") || strings.EqualFold(e.key.Value, "dockerfile_path")
		isNamed := e.key.Value == "name" && strings.EqualFold(e.value.Value, "dockerfile") && get(n, "value") != nil
		if isFile || isNamed {
			p.run.problem(Problem{source.CodeNotRead, p.pos(e.key), "a step that builds a Dockerfile is not read: " + p.format.name + " is followed for its commands alone"})
		}
	}
}

// commands returns the lines of a script: a text, or a list of texts.
func (p *pipeline) commands(n *yaml.Node) []trace.Text {
	n = resolve(n)
	var all []trace.Text
	switch {
	case n == nil:
	case n.Kind == yaml.ScalarNode:
		all = append(all, p.text(n))
	case n.Kind == yaml.SequenceNode:
		for _, item := range items(n) {
			switch {
			case item == nil:
			case item.Kind == yaml.ScalarNode:
				all = append(all, p.text(item))
			case item.Kind == yaml.SequenceNode:
				for _, inner := range items(item) {
					if inner != nil && inner.Kind == yaml.ScalarNode {
						all = append(all, p.text(inner))
					}
				}
			}
		}
	}
	return all
}

// follow follows the commands of one shell.
func (p *pipeline) follow(commands []trace.Text, dir string) {
	if len(commands) == 0 || !p.run.use(200) {
		return
	}
	p.script(joinWith("\n", commands), dir)
}

// script follows a text of commands.
func (p *pipeline) script(text trace.Text, dir string) {
	text = p.filled(text)
	s := newShell(p.run, "", workplace{starts: p.starts, cwd: dir}, p.variables())
	s.where = source.Pos{Path: p.file.Path, Line: 1, Col: 1}
	if len(text.S) > 0 {
		s.where = text.Slice(0, 1).Pos()
	}
	if err := s.read(text); err != nil {
		if command := commandIn(text.S); command != "" {
			p.run.problem(Problem{source.CodeNotUnderstood, s.where, command + " is not understood: the commands do not parse: " + reason(err)})
		}
	}
}

// variables are those that a shell gets.
func (p *pipeline) variables() map[string]variable {
	vars := map[string]variable{}
	for name, value := range p.values {
		if isName(name) && p.run.use(1) {
			vars[name] = oneWord(value)
		}
	}
	return vars
}

// filled returns a text with what the runner fills in.
func (p *pipeline) filled(t trace.Text) trace.Text {
	before, after, ok := strings.Cut(p.format.marks, " ")
	if ok {
		t = p.replace(t, before, after, func(inner trace.Text) trace.Text {
			name := strings.TrimPrefix(strings.TrimSpace(inner.S), ".")
			if v, ok := p.values[name]; ok {
				return v
			}
			return trace.Plain(unknown)
		})
	}
	if p.format.dollars != "" {
		t = p.replace(t, p.format.dollars, "", func(trace.Text) trace.Text { return trace.Plain("$") })
	}
	if p.format.kind == Pipeline && p.format.marks == "${{ }}" { // the macros of Azure
		for _, root := range []string{"$(Build.SourcesDirectory)", "$(System.DefaultWorkingDirectory)", "$(Build.Repository.LocalPath)"} {
			t = p.replace(t, root, "", func(trace.Text) trace.Text { return trace.Plain(rootDir) })
		}
	}
	return t
}

// replace replaces what stands between marks.
func (p *pipeline) replace(t trace.Text, before, after string, value func(inner trace.Text) trace.Text) trace.Text {
	if !strings.Contains(t.S, before) {
		return t
	}
	var all []trace.Text
	for p.run.step(0) {
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
	return joinWith("", append(all, t))
}
