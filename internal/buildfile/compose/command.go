package compose

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/envfile"
	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// ComposeOptions are those of compose, and of its commands that build, that take a value.
const ComposeOptions = "-f --file -p --project-name --project-directory --profile --env-file --parallel --ansi --progress " +
	"--build-arg -m --memory --builder --ssh"

// A Command is what compose is told beside what its files say.
type Command struct {
	Dir      string          // of the project, from the root
	Paths    []string        // from the root; none for the standard ones of dir
	EnvFiles []string        // from the root; none for .env
	Names    map[string]bool // of services; none for all
	Handed   []trace.Text    // NAME=VALUE
	Given    map[string]trace.Text
	Moved    bool // dir is not that of the first file
	Where    source.Pos
}

// Builds returns what compose builds of files otherwise than they say by themselves; found is false
// where they are not there.
func (o Command) Builds(t *reading.Tree, fuel *reading.Fuel) (builds []reading.Build, found bool) {
	paths := o.Paths
	isOwn := len(paths) > 1 || len(o.EnvFiles) > 0 || o.Moved
	if len(paths) == 0 {
		for _, all := range [][]string{StandardNames, overrideNames} {
			if p := t.FirstOf(o.Dir, all); p != "" {
				paths = append(paths, p)
			}
		}
	}
	var all []*File
	var moved []string // of them
	vars := envfile.Variables{}
	for _, p := range paths {
		if ext := path.Ext(p); ext != ".yml" && ext != ".yaml" || !fuel.Use(20_000) {
			return nil, false
		}
		f := t.Read(p)
		if f == nil {
			return nil, false
		}
		file, err := Parse(f)
		if err != nil {
			return nil, true // it is said where the file is read
		}
		if o.Moved {
			file.dir = o.Dir
		}
		if len(all) > 0 {
			if file.dir != all[0].dir && !slices.Contains(StandardNames, path.Base(p)) {
				moved = append(moved, p)
			}
			file.dir = all[0].dir // paths are relative to the first
			t.MarkCalled(p)
		}
		all = append(all, file)
		isOwn = isOwn || reading.KindOf(p) != reading.Compose
		for name, value := range o.Given {
			if bytes.Contains(f.Src, []byte(name)) { // with $, or an argument that has no value
				vars[name] = reading.Whole(value)
			}
		}
	}
	if len(all) == 0 {
		return nil, false
	}
	if len(vars) == 0 && len(o.Handed) == 0 && !isOwn {
		return nil, true
	}
	p := NewProject(t, all[0])
	p.Over = all[1:]
	if len(o.EnvFiles) > 0 {
		p.Vars = envfile.Variables{}
	}
	for _, env := range o.EnvFiles {
		maps.Copy(p.Vars, envfile.Read(t.Read(env)))
	}
	maps.Copy(p.Vars, vars)
	services, _ := p.Builds()
	for _, b := range services {
		_, name, _ := strings.Cut(b.Name, "#")
		if len(o.Names) > 0 && !o.Names[name] {
			continue
		}
		own := b.Name
		for _, p := range moved {
			t.MarkCalled(p + "#" + name) // by itself it would name other directories
		}
		b.Where, b.Name = o.Where, ""
		for _, a := range o.Handed {
			if name, value, ok := a.Cut("="); ok && reading.IsName(name.S) {
				b.Override(name.S, value)
			}
		}
		if o.Moved && all[0].dir != path.Dir(all[0].Path) {
			t.MarkCalled(own) // by itself it would name other directories
		}
		if !b.IsOpen() {
			t.MarkCalled(reading.Filled + own)
		}
		builds = append(builds, b)
	}
	return builds, true
}
