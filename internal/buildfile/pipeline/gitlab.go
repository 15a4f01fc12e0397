package pipeline

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// A gitlab is a pipeline of GitLab ("CI/CD YAML syntax reference"): its jobs with what they extend, the files of the
// repository that it includes, and the variables of each. Which rules let a job run is not looked at.
type gitlab struct {
	*pipeline
	entries map[string][]entry // of the top level, by name: those of included files first
	order   []string           // the names
	used    map[string]bool    // hidden entries that jobs extend or refer to
	files   map[string]bool    // that were included
	inputs  map[string]trace.Text
}

// An entry is a node with the file that it stands in.
type entry struct {
	file *yamltext.File
	node *yaml.Node
}

// maxExtends is how deep jobs extend one another at GitLab, and files include others here.
const maxExtends = 11

// reserved are the entries of the top level that are no jobs.
var reserved = strings.Fields("default include stages variables workflow image services before_script after_script cache spec types")

// readGitLab reads each job once for each combination of its matrix. What is no job is read for its commands, as in
// any other pipeline.
func (p *pipeline) readGitLab() {
	if !p.parse() {
		return
	}
	g := &gitlab{pipeline: p, entries: map[string][]entry{}, used: map[string]bool{}, files: map[string]bool{}, inputs: map[string]trace.Text{}}
	g.load(p.File, 0)
	for _, doc := range p.Docs {
		p.collect(doc, 0)
	}
	jobs := map[string]bool{}
	for _, name := range g.order {
		if layers := g.layers(name, 0); !strings.HasPrefix(name, ".") && !slices.Contains(reserved, name) && g.last(layers, "script").node != nil {
			jobs[name] = true
			g.job(name, layers)
		}
	}
	if len(jobs) == 0 {
		for _, doc := range p.Docs {
			p.walk(doc, reading.StartDir, 0)
		}
		return
	}
	for _, name := range g.order {
		all := g.entries[name]
		if own := all[len(all)-1]; own.file == p.File && !jobs[name] && !g.used[name] && !slices.Contains(reserved, name) && !g.isAlias(own) {
			p.walk(own.node, reading.StartDir, 0)
		}
	}
}

// isAlias reports whether other entries have the content of one by its anchor.
func (g *gitlab) isAlias(e entry) bool {
	return e.node != nil && e.node.Anchor != "" && bytes.Contains(g.file.Src, []byte("*"+e.node.Anchor))
}

// load takes in the entries of a file behind those of the files that it includes.
func (g *gitlab) load(y *yamltext.File, depth int) {
	for _, doc := range y.Docs {
		for _, include := range included(yamltext.Get(doc, "include")) {
			at := reading.Within(".", strings.TrimPrefix(include.path, "/"))
			if at != "" && at != g.file.Path {
				g.given(y, include.inputs)
			}
			if at == "" || at == g.file.Path || g.files[at] || depth >= maxExtends || !g.run.Use(1000) {
				continue
			}
			g.files[at] = true
			if f := g.run.Tree.Read(at); f != nil {
				if inner, err := yamltext.Parse(f); err == nil {
					g.run.Tree.MarkCalled(at)
					g.load(inner, depth+1)
					g.defaults(inner, include.inputs)
				}
			}
		}
		for _, e := range yamltext.Pairs(doc) {
			name := e.Key.Value
			if g.entries[name] == nil {
				g.order = append(g.order, name)
			}
			g.entries[name] = append(g.entries[name], entry{y, e.Value})
		}
	}
}

// An inclusion is a file of the repository that a pipeline includes, and the inputs that it gets.
type inclusion struct {
	path   string
	inputs *yaml.Node
}

// included returns the files of the repository that a pipeline includes.
func included(n *yaml.Node) []inclusion {
	n = yamltext.Resolve(n)
	items := []*yaml.Node{n}
	if n != nil && n.Kind == yaml.SequenceNode {
		items = yamltext.Items(n)
	}
	var all []inclusion
	for _, item := range items {
		inputs := yamltext.Get(item, "inputs")
		if local := yamltext.Get(item, "local"); local != nil {
			item = local
		}
		if item = yamltext.Resolve(item); item != nil && item.Kind == yaml.ScalarNode && item.Value != "" && !strings.Contains(item.Value, "://") {
			all = append(all, inclusion{item.Value, inputs})
		}
	}
	return all
}

// given takes in the inputs that an included file gets.
func (g *gitlab) given(y *yamltext.File, inputs *yaml.Node) {
	for _, e := range yamltext.Pairs(inputs) {
		g.input(e.Key.Value, y, e.Value)
	}
}

// defaults takes in the defaults of the inputs of a file that are not given to it.
func (g *gitlab) defaults(y *yamltext.File, given *yaml.Node) {
	for _, doc := range y.Docs {
		for _, e := range yamltext.Pairs(yamltext.Get(yamltext.Get(doc, "spec"), "inputs")) {
			if yamltext.Get(given, e.Key.Value) == nil {
				g.input(e.Key.Value, y, yamltext.Get(e.Value, "default"))
			}
		}
	}
}

// input takes in the value of an input. One that two files, or two inclusions of one, give different
// values is not known.
func (g *gitlab) input(name string, y *yamltext.File, n *yaml.Node) {
	value := trace.Plain(reading.Unknown)
	if n = yamltext.Resolve(n); n != nil && n.Kind == yaml.ScalarNode && !strings.Contains(n.Value, "$[[") {
		value = y.Text(n)
	}
	if old, ok := g.inputs["inputs."+name]; ok && old.S != value.S {
		value = trace.Plain(reading.Unknown)
	}
	g.inputs["inputs."+name] = value
}

// layers returns what a job is made of: what it extends, and then itself.
func (g *gitlab) layers(name string, depth int) []entry {
	own := g.entries[name]
	if depth > maxExtends || !g.run.Use(10) {
		return nil
	}
	var all []entry
	if extends := yamltext.Resolve(g.last(own, "extends").node); extends != nil {
		names := yamltext.Items(extends)
		if extends.Kind == yaml.ScalarNode {
			names = []*yaml.Node{extends}
		}
		for _, n := range names {
			g.used[n.Value] = true
			all = append(all, g.layers(n.Value, depth+1)...)
		}
	}
	return append(all, own...)
}

// last returns the value of a key in the last layer that has it.
func (g *gitlab) last(layers []entry, key string) entry {
	for i := len(layers) - 1; i >= 0; i-- {
		if n := yamltext.Get(layers[i].node, key); n != nil {
			return entry{layers[i].file, n}
		}
	}
	return entry{}
}

// setting returns a key of a job, or what all jobs have by default.
func (g *gitlab) setting(layers []entry, key string) entry {
	for _, found := range []entry{g.last(layers, key), g.last(g.entries["default"], key)} {
		if found.node != nil {
			return found
		}
	}
	if all := g.entries[key]; len(all) > 0 {
		return all[len(all)-1]
	}
	return entry{}
}

// job follows the commands of a job. CI_JOB_NAME is its name, but for one of a matrix, whose name has the values as well.
func (g *gitlab) job(name string, layers []entry) {
	script := append(g.scripts(g.setting(layers, "before_script"), 0), g.scripts(g.last(layers, "script"), 0)...)
	after := g.scripts(g.setting(layers, "after_script"), 0)
	own := layers[len(layers)-1]
	built := len(g.run.Builds)
	for _, combination := range g.matrix(g.last(layers, "parallel")) {
		if len(g.run.Builds) >= reading.MaxBuilds || !g.run.Use(100) {
			return
		}
		inner := *g.pipeline
		inner.values = g.variables(name, layers, combination)
		inner.follow(script, reading.StartDir)
		inner.follow(after, reading.StartDir)
	}
	if len(g.run.Builds) == built && own.file == g.File {
		g.unread(own.node, yamltext.Pairs(own.node))
	}
}

// scripts returns the lines of a script, with those that it refers to: !reference [.setup, script].
func (g *gitlab) scripts(e entry, depth int) []trace.Text {
	n := yamltext.Resolve(e.node)
	if n == nil || depth > maxExtends || !g.run.Use(10) {
		return nil
	}
	if n.Kind == yaml.ScalarNode {
		return []trace.Text{e.file.Text(n)}
	}
	if n.Tag == "!reference" {
		path := yamltext.Items(n)
		if len(path) != 2 {
			return nil
		}
		g.used[path[0].Value] = true
		return g.scripts(g.last(g.layers(path[0].Value, depth+1), path[1].Value), depth+1)
	}
	var all []trace.Text
	for _, item := range yamltext.Items(n) {
		all = append(all, g.scripts(entry{e.file, item}, depth+1)...)
	}
	return all
}

// matrix returns the variables of each run of a job; once none where it runs once.
func (g *gitlab) matrix(parallel entry) []map[string]entry {
	var all []map[string]entry
	for _, row := range yamltext.Items(yamltext.Get(parallel.node, "matrix")) {
		combinations := []map[string]entry{{}}
		for _, axis := range yamltext.Pairs(row) {
			values := []*yaml.Node{axis.Value}
			if n := yamltext.Resolve(axis.Value); n != nil && n.Kind == yaml.SequenceNode {
				values = yamltext.Items(n)
			}
			var next []map[string]entry
			for _, before := range combinations {
				for _, value := range values {
					if len(next) >= maxMatrix || !g.run.Use(10) {
						break
					}
					one := maps.Clone(before)
					one[axis.Key.Value] = entry{parallel.file, value}
					next = append(next, one)
				}
			}
			combinations = next
		}
		all = append(all, combinations...)
	}
	if len(all) == 0 {
		return []map[string]entry{nil}
	}
	return all[:min(len(all), maxMatrix)]
}

// maxMatrix is how often GitLab runs a job at most.
const maxMatrix = 200

// variables returns those of a job: those of the pipeline, of what it extends, its own, and those of its matrix, each over
// the ones before.
func (g *gitlab) variables(name string, layers []entry, combination map[string]entry) map[string]trace.Text {
	raw := map[string]trace.Text{}
	if len(combination) == 0 {
		raw["CI_JOB_NAME"] = trace.Plain(name)
	}
	put := func(name string, file *yamltext.File, n *yaml.Node) {
		if !g.run.Use(20) {
			return
		}
		if v := yamltext.Get(n, "value"); v != nil {
			n = v
		}
		raw[name] = trace.Plain(reading.Unknown)
		if n = yamltext.Resolve(n); n != nil && n.Kind == yaml.ScalarNode {
			raw[name] = g.withInputs(file.Text(n))
		}
	}
	for _, e := range g.entries["variables"] {
		for _, v := range yamltext.Pairs(e.node) {
			put(v.Key.Value, e.file, v.Value)
		}
	}
	for _, layer := range layers {
		for _, v := range yamltext.Pairs(yamltext.Get(layer.node, "variables")) {
			put(v.Key.Value, layer.file, v.Value)
		}
	}
	for name, e := range combination {
		put(name, e.file, e.node)
	}
	for _, layer := range layers { // what a rule sets counts where it holds
		for _, rule := range yamltext.Items(yamltext.Get(layer.node, "rules")) {
			for _, v := range yamltext.Pairs(yamltext.Get(rule, "variables")) {
				if n := yamltext.Resolve(v.Value); n == nil || raw[v.Key.Value].S != n.Value {
					raw[v.Key.Value] = trace.Plain(reading.Unknown)
				}
			}
		}
	}
	values := make(map[string]trace.Text, len(raw))
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		values[name] = g.expanded(name, raw, values)
	}
	maps.Copy(values, g.inputs)
	return values
}

// withInputs returns a text with the inputs of included files.
func (g *gitlab) withInputs(t trace.Text) trace.Text {
	inner := *g.pipeline
	inner.values = g.inputs
	return inner.filled(t)
}

// expanded returns the value of a variable, and keeps it; of one that is made of itself nothing is known.
func (g *gitlab) expanded(name string, raw, values map[string]trace.Text) trace.Text {
	if value, ok := values[name]; ok {
		return value
	}
	values[name] = trace.Plain(reading.Unknown)
	if g.run.Use(50) {
		values[name] = g.expand(raw[name], raw, values)
	}
	return values[name]
}

// variable is what GitLab replaces in the value of another.
var variable = regexp.MustCompile(`\$\$|\$([A-Za-z_][A-Za-z0-9_]*)|\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// expand replaces the variables in the value of one.
func (g *gitlab) expand(t trace.Text, raw, values map[string]trace.Text) trace.Text {
	if !strings.Contains(t.S, "$") {
		return t
	}
	var all []trace.Text
	done, size := 0, len(t.S)
	for _, m := range variable.FindAllStringIndex(t.S, -1) {
		all = append(all, t.Slice(done, m[0]))
		done = m[1]
		name := strings.Trim(t.S[m[0]:m[1]], "${}")
		value, ok := raw[name]
		switch {
		case name == "":
			value = t.Slice(m[0], m[0]+1)
		case name == "CI_PROJECT_DIR" && !ok:
			value = trace.Plain(reading.RootDir)
		case !ok || !g.run.Use(10):
			value = trace.Plain(reading.Unknown)
		default:
			value = g.expanded(name, raw, values)
		}
		if size += len(value.S); size > reading.MaxScript || !g.run.Use(len(value.S)) {
			value = trace.Plain(reading.Unknown)
		}
		all = append(all, value)
	}
	return reading.JoinWith("", append(all, t.Slice(done, len(t.S))))
}
