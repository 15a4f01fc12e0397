package buildfile

import (
	"path"
	"slices"
	"sync"
)

const maxBases = 4 // files beside one, or above it, that it may be laid over

// basesOf returns what a compose file may be laid over, as docker compose -f compose.yaml -f
// compose.prod.yaml does: the standard file of its directory, a file beside it whose name is a part of
// its own, the standard file of a directory above. Each is read when it is asked for.
func basesOf(t *tree, main *composeFile, standard string) []func() *composeProject {
	var all []func() *composeProject
	add := func(at string) {
		all = append(all, sync.OnceValue(func() *composeProject {
			file, _ := parseCompose(t.read(at))
			if file == nil {
				return nil
			}
			base := newComposeProject(t, file)
			over := *main
			over.dir = file.dir // paths are relative to the first
			base.over = []*composeFile{&over}
			base.include()
			return base
		}))
	}
	if standard != "" {
		add(standard)
	}
	if !main.hasParts() {
		return all
	}
	entries, _ := t.readDir(main.dir)
	for _, entry := range entries {
		p := path.Join(main.dir, entry.Name())
		if KindOf(p) == Compose && p != standard && !slices.Contains(overrideNames, entry.Name()) && isNamedOver(main.Path, p) && len(all) < maxBases {
			add(p)
		}
	}
	for dir := main.dir; dir != "." && !isForeign(main.dir); {
		dir = path.Dir(dir)
		if above := t.firstOf(dir, composeNames); above != "" && len(all) < 2*maxBases {
			add(above)
		}
	}
	return all
}

// hasParts reports whether a service says how it is built, and not from which context.
func (c *composeFile) hasParts() bool {
	for _, said := range c.services {
		for _, service := range said {
			if build := get(service.value, "build"); build != nil && build.Value == "" && get(build, "context") == nil {
				return true
			}
		}
	}
	return false
}

// baseOf returns the project that a service is laid over, nil where there is none.
func (p *composeProject) baseOf(service string) *composeProject {
	if len(p.bases) == 0 || len(fields(p.service(service), "build")) == 0 {
		return nil
	}
	for _, base := range p.bases {
		b := base()
		if b != nil && len(fields(b.layers(append([]*composeFile{b.main}, b.included...), service, 0), "build")) > 0 {
			return b
		}
	}
	return nil
}

// namesFile reports whether the other file names the Dockerfile of a service for which a file that is laid
// over it names a context, as if it stood alone.
func (p *composeProject) namesFile(service string, alone Build) bool {
	together, ok := p.build(service)
	return ok && p.main.dir == p.over[0].dir && together.Dockerfile != alone.Dockerfile
}
