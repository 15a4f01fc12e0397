package buildfile

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// readCompose returns the builds of the services of a compose file. The standard
// override file is read with the file that it is laid over, and not by itself. A service of
// another file that says how it is built without a context is what that file lays over the
// standard one, as docker compose -f compose.yaml -f compose.prod.yaml does.
func readCompose(t *tree, f *trace.File) ([]Build, []Problem) {
	main, err := parseCompose(f)
	if err != nil {
		return nil, []Problem{yamlProblem(f, err)}
	}
	standard, override := t.firstOf(main.dir, composeNames), t.firstOf(main.dir, overrideNames)
	if f.Path == override && standard != "" {
		return nil, nil
	}
	p := newComposeProject(t, main)
	if f.Path == standard && override != "" {
		// Where it cannot be read, that is told of the file itself.
		if over, _ := parseCompose(t.read(override)); over != nil {
			p.over = []*composeFile{over}
		}
	}
	if list := entries(p.vars["COMPOSE_FILE"], ":;"); f.Path == standard && len(list) > 1 && within(main.dir, list[0].S) == standard {
		p.over = nil
		for _, name := range list[1:] {
			file := t.read(within(main.dir, name.S))
			if file == nil {
				continue
			}
			if over, _ := parseCompose(file); over != nil {
				over.dir = main.dir // paths are relative to the first
				p.over = append(p.over, over)
				t.markCalled(over.Path)
			}
		}
	}
	if f.Path != standard {
		p.bases = basesOf(t, main, standard)
	}
	builds, problems := p.builds()
	return append(builds, p.uses()...), problems
}

// builds returns the builds of all services, of those that are laid over another file with what
// that says of them.
func (p *composeProject) builds() ([]Build, []Problem) {
	p.include()
	var builds []Build
	done := map[string]bool{}
	for _, name := range p.names() {
		if done[name] {
			continue
		}
		done[name] = true
		project := p
		base := p.baseOf(name)
		if base != nil && p.isPart(name) {
			project = base
		}
		b, ok := project.build(name)
		if base != nil && project != base && (!ok || base.namesFile(name, b)) {
			project = base // the Dockerfile is said there
			b, ok = base.build(name)
		}
		if ok {
			b.Where, b.Name, b.isPart = p.where(name), p.nameOf(name), project.isPart(name) || project.main.dir != p.main.dir
			b.includes = p.origins(name)
			builds = append(builds, b)
		}
		if project.left < 0 {
			return builds, []Problem{{
				source.CodeBuildFileLimit, p.where(name),
				"the services from here on are not read: with what they extend they stand for more than is read of a file",
			}}
		}
	}
	return builds, p.unread()
}

// names returns those of the services, of the first file first.
func (p *composeProject) names() []string {
	names := slices.Clone(p.main.names)
	for _, other := range slices.Concat(p.over, p.included) {
		names = append(names, other.names...)
	}
	return names
}

// isPart reports whether what the file says of how a service is built is not all of it: it has no
// context, which only a file that is laid over another leaves out.
func (p *composeProject) isPart(name string) bool {
	service := p.service(name)
	builds := fields(service, "build")
	for _, l := range builds {
		if l.node.Kind == yaml.ScalarNode {
			return false
		}
	}
	return len(builds) > 0 && len(fields(builds, "context")) == 0 && len(fields(service, "extends")) == 0
}

// newComposeProject returns the project of a compose file, with the variables of the .env beside it.
func newComposeProject(t *tree, main *composeFile) *composeProject {
	p := &composeProject{tree: t, main: main, files: map[string]*composeFile{}, left: maxLayers}
	p.vars = readEnv(t.read(path.Join(main.dir, ".env")))
	return p
}

// where returns the place of a service's name, in the first file that has it.
func (p *composeProject) where(name string) source.Pos {
	for _, f := range slices.Concat([]*composeFile{p.main}, p.over, p.included) {
		if all := f.services[name]; len(all) > 0 {
			return f.pos(all[0].key)
		}
	}
	return source.Pos{Path: p.main.Path}
}

// build returns the build of a service; ok is false for a service that is not built,
// or from no Dockerfile of the repository.
func (p *composeProject) build(name string) (_ Build, ok bool) {
	service := p.service(name)
	builds := fields(service, "build")
	if len(builds) == 0 {
		return Build{}, false
	}
	b := Build{Inline: p.inline(builds)}
	dir, context := p.context(builds)
	file, _ := p.field(builds, "dockerfile")
	if b.Inline.S != "" {
		b.Context = within(dir, context)
	} else if b.Dockerfile, b.Context, ok = p.tree.dockerfile([]string{dir}, context, file.S, false); !ok {
		return Build{}, false
	}
	// A target that is not known is as good as none: the last stage is what is built
	// by everybody who says nothing.
	if target, _ := p.field(builds, "target"); !strings.Contains(target.S, unknown) {
		b.Target = target.S
	}
	for _, a := range p.arguments(builds) {
		b.hand(a.name, a.value)
	}
	for _, a := range p.contexts(builds) {
		b.Contexts = append(b.Contexts, p.namedContext(a))
	}
	b.Images = p.images(service, builds)
	b.Platforms = p.platforms(service, builds)
	return b, true
}

// context returns the build context, and the directory that it is relative to: that
// of the file which says so.
func (p *composeProject) context(builds []layer) (dir, context string) {
	for _, l := range builds {
		if l.node.Kind == yaml.ScalarNode {
			return l.file.dir, p.value(l).S
		}
		if all := fields([]layer{l}, "context"); len(all) > 0 {
			return l.file.dir, p.value(all[0]).S
		}
	}
	return builds[len(builds)-1].file.dir, "."
}

// images returns the references of a service's image: its own, and the tags of the
// build.
func (p *composeProject) images(service, builds []layer) []trace.Text {
	var all []trace.Text
	add := func(t trace.Text) {
		// The same in two places is one reference, and both places are edited.
		if ref, ok := image(t); ok && !slices.ContainsFunc(all, func(other trace.Text) bool {
			return other.S == ref.S && slices.EqualFunc(other.Pieces(), ref.Pieces(), samePiece)
		}) {
			all = append(all, ref)
		}
	}
	if own, ok := p.field(service, "image"); ok {
		add(own)
	}
	for _, said := range [][]layer{builds, fields(builds, xBake)} {
		for _, l := range slices.Backward(fields(said, "tags")) {
			for _, item := range items(l.node) {
				add(p.value(layer{l.file, item}))
			}
		}
	}
	return all
}

// platforms returns what the build is for; where it does not say, what the service is
// to run on.
func (p *composeProject) platforms(service, builds []layer) []string {
	var all []string
	for _, said := range [][]layer{builds, fields(builds, xBake)} {
		for _, l := range fields(said, "platforms") {
			for _, item := range items(l.node) {
				all = addPlatform(all, p.value(layer{l.file, item}).S)
			}
		}
	}
	if own, ok := p.field(service, "platform"); ok && len(all) == 0 {
		all = addPlatform(all, own.S)
	}
	return all
}

// nameOf returns what other builds know a service by.
func (p *composeProject) nameOf(service string) string { return p.main.Path + "#" + service }

// namedContext returns an additional context.
func (p *composeProject) namedContext(a assignment) scanner.Context {
	c := scanner.Context{Name: a.name, Key: a.key, Value: a.value}
	name, ok := strings.CutPrefix(a.value.S, "service:")
	if !ok {
		name, ok = strings.CutPrefix(a.value.S, "target:") // as bake calls it
	}
	if ok && !strings.Contains(name, unknown) {
		service := p.service(name)
		if len(fields(service, "build")) > 0 {
			c.Link = p.nameOf(name)
		} else if own, ok := p.field(service, "image"); ok {
			c.Value = trace.Join(trace.Plain("docker-image://"), own)
		}
		return c
	}
	c.Value = contextValue(a.value)
	return c
}
