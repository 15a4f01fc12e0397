package compose

import (
	"path"
	"slices"
	"sync"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// MaxBases bounds the files beside one, or above it, that it may be laid over.
const MaxBases = 4

// basesOf returns what a compose file may be laid over, as docker compose -f compose.yaml -f
// compose.prod.yaml does: the standard file of its directory, a file beside it whose name is a part of
// its own, the standard file of a directory above. Each is read when it is asked for.
func basesOf(t *reading.Tree, main *File, standard string) []func() *Project {
	var all []func() *Project
	add := func(at string) {
		all = append(all, sync.OnceValue(func() *Project {
			file, _ := Parse(t.Read(at))
			if file == nil {
				return nil
			}
			base := NewProject(t, file)
			over := *main
			over.dir = file.dir // paths are relative to the first
			base.Over = []*File{&over}
			base.Include()
			return base
		}))
	}
	if standard != "" {
		add(standard)
	}
	if !main.hasParts() {
		return all
	}
	entries, _ := t.ReadDir(main.dir)
	for _, entry := range entries {
		p := path.Join(main.dir, entry.Name())
		if reading.KindOf(p) == reading.Compose && p != standard && !slices.Contains(overrideNames, entry.Name()) && reading.IsNamedOver(main.Path, p) && len(all) < MaxBases {
			add(p)
		}
	}
	for dir := main.dir; dir != "." && !reading.IsForeign(main.dir); {
		dir = path.Dir(dir)
		if above := t.FirstOf(dir, StandardNames); above != "" && len(all) < 2*MaxBases {
			add(above)
		}
	}
	return all
}

// hasParts reports whether a service says how it is built, and not from which context.
func (c *File) hasParts() bool {
	for _, said := range c.services {
		for _, service := range said {
			if build := yamltext.Get(service.Value, "build"); build != nil && build.Value == "" && yamltext.Get(build, "context") == nil {
				return true
			}
		}
	}
	return false
}

// baseOf returns the project that a service is laid over, nil where there is none.
func (p *Project) baseOf(service string) *Project {
	if len(p.bases) == 0 || len(Fields(p.Service(service), "build")) == 0 {
		return nil
	}
	for _, base := range p.bases {
		b := base()
		if b != nil && len(Fields(b.layers(append([]*File{b.Main}, b.included...), service, 0), "build")) > 0 {
			return b
		}
	}
	return nil
}

// namesFile reports whether the other file names the Dockerfile of a service for which a file that is laid
// over it names a context, as if it stood alone.
func (p *Project) namesFile(service string, alone reading.Build) bool {
	together, ok := p.build(service)
	return ok && p.Main.dir == p.Over[0].dir && together.Dockerfile != alone.Dockerfile
}
