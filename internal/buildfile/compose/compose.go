package compose

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/envfile"
	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
	"github.com/matihlabs/propagate/scanner"
)

// Read returns the builds of the services of a compose file. The standard
// override file is read with the file that it is laid over, and not by itself. A service of
// another file that says how it is built without a context is what that file lays over the
// standard one, as docker compose -f compose.yaml -f compose.prod.yaml does. Those that
// COMPOSE_FILE in the .env beside it lists are one project, which is that of the first.
func Read(t *reading.Tree, f *trace.File) ([]reading.Build, []reading.Problem) {
	main, err := Parse(f)
	if err != nil {
		return nil, []reading.Problem{reading.YAMLProblem(f, err)}
	}
	standard, override := t.FirstOf(main.dir, StandardNames), t.FirstOf(main.dir, overrideNames)
	if f.Path == override && standard != "" {
		return nil, nil
	}
	p := NewProject(t, main)
	if f.Path == standard && override != "" {
		// Where it cannot be read, that is told of the file itself.
		if over, _ := Parse(t.Read(override)); over != nil {
			p.Over = []*File{over}
		}
	}
	if list := reading.Entries(p.Vars["COMPOSE_FILE"], ":;"); len(list) > 1 && reading.Within(main.dir, list[0].S) == f.Path {
		p.Over = nil
		for _, name := range list[1:] {
			file := t.Read(reading.Within(main.dir, name.S))
			if file == nil {
				continue
			}
			if over, _ := Parse(file); over != nil {
				over.dir = main.dir // paths are relative to the first
				p.Over = append(p.Over, over)
				t.MarkCalled(over.Path)
			}
		}
	}
	if f.Path != standard && len(p.Over) == 0 {
		p.bases = basesOf(t, main, standard)
	}
	builds, problems := p.Builds()
	return append(builds, p.uses()...), problems
}

// Builds returns the builds of all services, of those that are laid over another file with what
// that says of them.
func (p *Project) Builds() ([]reading.Build, []reading.Problem) {
	p.Include()
	var builds []reading.Build
	done := map[string]bool{}
	for _, name := range p.Names() {
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
			b.Where, b.Name, b.IsPart = p.Where(name), p.nameOf(name), project.isPart(name) || project.Main.dir != p.Main.dir
			b.Includes = p.origins(name)
			builds = append(builds, b)
		}
		if project.Left < 0 {
			return builds, []reading.Problem{{
				Code: source.CodeBuildFileLimit, Pos: p.Where(name),
				Message: "the services from here on are not read: with what they extend they stand for more than is read of a file",
			}}
		}
	}
	return builds, p.unread()
}

// Names returns those of the services, of the first file first.
func (p *Project) Names() []string {
	names := slices.Clone(p.Main.names)
	for _, other := range slices.Concat(p.Over, p.included) {
		names = append(names, other.names...)
	}
	return names
}

// isPart reports whether what the file says of how a service is built is not all of it: it has no
// context, which only a file that is laid over another leaves out.
func (p *Project) isPart(name string) bool {
	service := p.Service(name)
	builds := Fields(service, "build")
	for _, l := range builds {
		if l.node.Kind == yaml.ScalarNode {
			return false
		}
	}
	return len(builds) > 0 && len(Fields(builds, "context")) == 0 && len(Fields(service, "extends")) == 0
}

// NewProject returns the project of a compose file, with the variables of the .env beside it.
func NewProject(t *reading.Tree, main *File) *Project {
	p := &Project{tree: t, Main: main, files: map[string]*File{}, Left: maxLayers}
	p.Vars = envfile.Read(t.Read(path.Join(main.dir, ".env")))
	return p
}

// Where returns the place of a service's name, in the first file that has it.
func (p *Project) Where(name string) source.Pos {
	for _, f := range slices.Concat([]*File{p.Main}, p.Over, p.included) {
		if all := f.services[name]; len(all) > 0 {
			return f.Pos(all[0].Key)
		}
	}
	return source.Pos{Path: p.Main.Path}
}

// build returns the build of a service; ok is false for a service that is not built,
// or from no Dockerfile of the repository.
func (p *Project) build(name string) (_ reading.Build, ok bool) {
	service := p.Service(name)
	builds := Fields(service, "build")
	if len(builds) == 0 {
		return reading.Build{}, false
	}
	b := reading.Build{Inline: p.inline(builds)}
	dir, context := p.Context(builds)
	file, _ := p.Field(builds, "dockerfile")
	if b.Inline.S != "" {
		b.Context = reading.Within(dir, context)
	} else if b.Dockerfile, b.Context, ok = p.tree.Dockerfile([]string{dir}, context, file.S, false); !ok {
		return reading.Build{}, false
	}
	// A target that is not known is as good as none: the last stage is what is built
	// by everybody who says nothing.
	if target, _ := p.Field(builds, "target"); !strings.Contains(target.S, reading.Unknown) {
		b.Target = target.S
	}
	for _, a := range p.Arguments(builds) {
		b.Pass(a.Name, a.Value)
	}
	for _, a := range p.Contexts(builds) {
		b.Contexts = append(b.Contexts, p.namedContext(a))
	}
	for _, image := range p.Images(service, builds) {
		b.AddImage(image)
	}
	b.Platforms = p.Platforms(service, builds)
	b.Settings = p.settings(builds)
	return b, true
}

// Context returns the build context, and the directory that it is relative to: that
// of the file which says so.
func (p *Project) Context(builds []Layer) (dir, context string) {
	for _, l := range builds {
		if l.node.Kind == yaml.ScalarNode {
			return l.file.dir, p.value(l).S
		}
		if all := Fields([]Layer{l}, "context"); len(all) > 0 {
			return l.file.dir, p.value(all[0]).S
		}
	}
	return builds[len(builds)-1].file.dir, "."
}

// Images returns the references of a service's image, as they are written: its own, and the tags of the
// build. Of some not all may be known.
func (p *Project) Images(service, builds []Layer) []trace.Text {
	var all []trace.Text
	add := func(t trace.Text) {
		// The same in two places is one reference, and both places are edited.
		if !slices.ContainsFunc(all, func(other trace.Text) bool {
			return other.S == t.S && slices.EqualFunc(other.Pieces(), t.Pieces(), reading.SamePiece)
		}) {
			all = append(all, t)
		}
	}
	if own, ok := p.Field(service, "image"); ok {
		add(own)
	}
	for _, said := range [][]Layer{builds, Fields(builds, xBake)} {
		for _, l := range slices.Backward(Fields(said, "tags")) {
			for _, item := range yamltext.Items(l.node) {
				add(p.value(Layer{l.file, item}))
			}
		}
	}
	return all
}

// Platforms returns what the build is for; where it does not say, what the service is
// to run on.
func (p *Project) Platforms(service, builds []Layer) []string {
	var all []string
	for _, said := range [][]Layer{builds, Fields(builds, xBake)} {
		for _, l := range Fields(said, "platforms") {
			for _, item := range yamltext.Items(l.node) {
				all = reading.AddPlatform(all, p.value(Layer{l.file, item}).S)
			}
		}
	}
	if own, ok := p.Field(service, "platform"); ok && len(all) == 0 {
		all = reading.AddPlatform(all, own.S)
	}
	return all
}

// nameOf returns what other builds know a service by.
func (p *Project) nameOf(service string) string { return p.Main.Path + "#" + service }

// namedContext returns an additional context.
func (p *Project) namedContext(a Assignment) scanner.Context {
	c := scanner.Context{Name: a.Name, Key: a.Key, Value: a.Value}
	name, ok := strings.CutPrefix(a.Value.S, "service:")
	if !ok {
		name, ok = strings.CutPrefix(a.Value.S, "target:") // as bake calls it
	}
	if ok && !strings.Contains(name, reading.Unknown) {
		service := p.Service(name)
		if len(Fields(service, "build")) > 0 {
			c.Link = p.nameOf(name)
		} else if own, ok := p.Field(service, "image"); ok {
			c.Value = trace.Join(trace.Plain("docker-image://"), own)
		}
		return c
	}
	c.Value = reading.ContextValue(a.Value)
	return c
}
