package compose

import (
	"fmt"
	"maps"
	"path"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/envfile"
	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/yamltext"
)

const (
	maxIncluded   = 64  // files of a project
	costOfInclude = 200 // beside the bytes of environments
	maxSpent      = 1 << 20
)

// Include adds the files that those of the project include, with what they include (Docker, "Use
// include to modularize Compose files"). A file that is included has a directory and an environment
// of its own, over which that of the project counts.
func (p *Project) Include() {
	if len(p.included) > 0 {
		return
	}
	for _, f := range append([]*File{p.Main}, p.Over...) {
		p.includeOf(f, p.Main.dir, p.Vars, []string{f.Path})
	}
}

func (p *Project) includeOf(f *File, dir string, vars envfile.Variables, above []string) {
	for _, doc := range f.Docs {
		for _, entry := range yamltext.Items(yamltext.Get(doc, "include")) {
			p.includeEntry(Layer{f, entry}, dir, vars, above)
		}
	}
}

// includeEntry adds the files of one entry: a path, or a path or several of them, the later over the
// earlier, with the directory and the environment that they get.
func (p *Project) includeEntry(entry Layer, dir string, vars envfile.Variables, above []string) {
	if p.spent += costOfInclude; p.spent > maxSpent {
		return
	}
	f := entry.file
	texts := func(n *yaml.Node) []string {
		var all []string
		for _, item := range yamltext.Items(n) {
			if item.Kind == yaml.ScalarNode {
				all = append(all, vars.Expand(f.Text(item)).S)
			}
		}
		return all
	}
	paths, envFiles, project := texts(entry.node), []string{".env"}, ""
	hasEnv := false
	if entry.node.Kind == yaml.MappingNode {
		paths = texts(yamltext.Get(entry.node, "path"))
		if all := texts(yamltext.Get(entry.node, "env_file")); len(all) > 0 {
			envFiles, hasEnv = all, true
		}
		if all := texts(yamltext.Get(entry.node, "project_directory")); len(all) > 0 {
			project = reading.Within(dir, all[0])
		}
	}
	var files []*File
	for _, at := range paths {
		at = reading.Within(dir, at)
		if slices.Contains(above, at) || len(p.included)+len(files) >= maxIncluded || len(above) > maxExtends {
			return
		}
		included := p.extended(at)
		if included == nil {
			return // of another repository, or one that is told of where it is read itself
		}
		if project == "" {
			project = path.Dir(at)
		}
		files = append(files, included)
	}
	own := envfile.Variables{}
	for _, env := range envFiles {
		from := dir
		if !hasEnv {
			from = project
		}
		if file := p.tree.Read(reading.Within(from, env)); file != nil {
			p.spent += len(file.Src)
			maps.Copy(own, envfile.Read(file))
		}
	}
	maps.Copy(own, vars)
	for _, included := range slices.Backward(files) {
		file := *included
		file.dir, file.vars, file.above = project, own, above[1:]
		p.included = append(p.included, &file)
	}
	for _, included := range files {
		p.includeOf(included, project, own, append(slices.Clip(above), included.Path))
	}
}

// unread tells of files that are included and were not read, for they were too many.
func (p *Project) unread() []reading.Problem {
	if p.spent <= maxSpent && len(p.included) < maxIncluded {
		return nil
	}
	return []reading.Problem{{Code: source.CodeBuildFileLimit, Pos: source.Pos{Path: p.Main.Path}, Message: "it includes more than is read of a project; some of its services are not known"}}
}

// all returns the files that say something of services, that which counts most first.
func (p *Project) all() []*File {
	files := slices.Clone(p.Over)
	slices.Reverse(files)
	return append(append(files, p.Main), p.included...)
}

// origins returns the names that a service of an included file has where that is read by itself, and
// where those are that include it; none for one that the project's own files have.
func (p *Project) origins(service string) []string {
	var all []string
	for _, f := range slices.Concat([]*File{p.Main}, p.Over, p.included) {
		if f.services[service] == nil {
			continue
		}
		if f.vars == nil {
			return nil
		}
		for _, at := range append([]string{f.Path}, f.above...) {
			all = append(all, at+"#"+service)
		}
	}
	return all
}

// Overruled adds the builds of files that others include, and that are other builds there, to what
// is called: with the environment of their own nobody builds them in that project.
func Overruled(t *reading.Tree, builds []reading.Build) []reading.Problem {
	included := map[string][]reading.Build{}
	for _, b := range builds {
		for _, name := range b.Includes {
			included[name] = append(included[name], b)
		}
	}
	var problems []reading.Problem
	for _, b := range builds {
		all := included[b.Name]
		if len(all) == 0 || slices.ContainsFunc(all, func(other reading.Build) bool { return sameValues(b, other) }) {
			continue
		}
		t.MarkCalled(b.Name)
		problems = append(problems, reading.Problem{Code: source.CodeIncluded, Pos: b.Where, Message: fmt.Sprintf("%s includes this service and gives it other values, with which alone it is read", all[0].File)})
	}
	return problems
}

// sameValues reports whether two builds read the same, wherever that is written.
func sameValues(a, b reading.Build) bool {
	texts, others := a.Texts(), b.Texts()
	for i, t := range texts {
		if i >= len(others) || t.S != others[i].S {
			return false
		}
	}
	return len(texts) == len(others) && a.Dockerfile == b.Dockerfile && a.Target == b.Target
}
