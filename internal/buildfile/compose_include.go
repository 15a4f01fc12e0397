package buildfile

import (
	"fmt"
	"maps"
	"path"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
)

const (
	maxIncluded   = 64  // files of a project
	costOfInclude = 200 // beside the bytes of environments
	maxSpent      = 1 << 20
)

// include adds the files that those of the project include, with what they include (Docker, "Use
// include to modularize Compose files"). A file that is included has a directory and an environment
// of its own, over which that of the project counts.
func (p *composeProject) include() {
	if len(p.included) > 0 {
		return
	}
	for _, f := range append([]*composeFile{p.main}, p.over...) {
		p.includeOf(f, p.main.dir, p.vars, []string{f.Path})
	}
}

func (p *composeProject) includeOf(f *composeFile, dir string, vars variables, above []string) {
	for _, doc := range f.docs {
		for _, entry := range items(get(doc, "include")) {
			p.includeEntry(layer{f, entry}, dir, vars, above)
		}
	}
}

// includeEntry adds the files of one entry: a path, or a path or several of them, the later over the
// earlier, with the directory and the environment that they get.
func (p *composeProject) includeEntry(entry layer, dir string, vars variables, above []string) {
	if p.spent += costOfInclude; p.spent > maxSpent {
		return
	}
	f := entry.file
	texts := func(n *yaml.Node) []string {
		var all []string
		for _, item := range items(n) {
			if item.Kind == yaml.ScalarNode {
				all = append(all, vars.expand(f.text(item)).S)
			}
		}
		return all
	}
	paths, envFiles, project := texts(entry.node), []string{".env"}, ""
	hasEnv := false
	if entry.node.Kind == yaml.MappingNode {
		paths = texts(get(entry.node, "path"))
		if all := texts(get(entry.node, "env_file")); len(all) > 0 {
			envFiles, hasEnv = all, true
		}
		if all := texts(get(entry.node, "project_directory")); len(all) > 0 {
			project = within(dir, all[0])
		}
	}
	var files []*composeFile
	for _, at := range paths {
		at = within(dir, at)
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
	own := variables{}
	for _, env := range envFiles {
		from := dir
		if !hasEnv {
			from = project
		}
		if file := p.tree.read(within(from, env)); file != nil {
			p.spent += len(file.Src)
			maps.Copy(own, readEnv(file))
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
func (p *composeProject) unread() []Problem {
	if p.spent <= maxSpent && len(p.included) < maxIncluded {
		return nil
	}
	return []Problem{{source.CodeBuildFileLimit, source.Pos{Path: p.main.Path}, "it includes more than is read of a project; some of its services are not known"}}
}

// all returns the files that say something of services, that which counts most first.
func (p *composeProject) all() []*composeFile {
	files := slices.Clone(p.over)
	slices.Reverse(files)
	return append(append(files, p.main), p.included...)
}

// origins returns the names that a service of an included file has where that is read by itself, and
// where those are that include it; none for one that the project's own files have.
func (p *composeProject) origins(service string) []string {
	var all []string
	for _, f := range slices.Concat([]*composeFile{p.main}, p.over, p.included) {
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

// overruled adds the builds of files that others include, and that are other builds there, to what
// is called: with the environment of their own nobody builds them in that project.
func overruled(t *tree, builds []Build) []Problem {
	included := map[string][]Build{}
	for _, b := range builds {
		for _, name := range b.includes {
			included[name] = append(included[name], b)
		}
	}
	var problems []Problem
	for _, b := range builds {
		all := included[b.Name]
		if len(all) == 0 || slices.ContainsFunc(all, func(other Build) bool { return sameValues(b, other) }) {
			continue
		}
		t.markCalled(b.Name)
		problems = append(problems, Problem{source.CodeIncluded, b.Where, fmt.Sprintf("%s includes this service and gives it other values, with which alone it is read", all[0].File)})
	}
	return problems
}

// sameValues reports whether two builds read the same, wherever that is written.
func sameValues(a, b Build) bool {
	texts, others := a.texts(), b.texts()
	for i, t := range texts {
		if i >= len(others) || t.S != others[i].S {
			return false
		}
	}
	return len(texts) == len(others) && a.Dockerfile == b.Dockerfile && a.Target == b.Target
}
