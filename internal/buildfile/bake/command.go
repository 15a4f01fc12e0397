package bake

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/matihlabs/propagate/internal/buildfile/compose"
	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A Command is what bake is told beside what its files say.
type Command struct {
	Files   []string              // from the root; none for the default ones of dir
	Dir     string                // from the root
	Given   map[string]trace.Text // the values of variables
	Sets    []trace.Text          // TARGET.KEY=VALUE, * for all targets
	Targets []string              // none for all
	Where   source.Pos
}

// BakeOptions are those of bake that take a value.
const BakeOptions = "-f --file --set --var --builder --metadata-file --progress --call --allow --list"

// Builds returns what a command makes bake build otherwise than its files say by themselves; found
// is false where there are no such files.
func (c Command) Builds(t *reading.Tree, f *reading.Fuel) (builds []reading.Build, found bool) {
	files := c.Files
	if len(files) == 0 {
		if p := t.FirstOf(c.Dir, compose.StandardNames); p != "" {
			files = append(files, p)
		}
		for _, name := range standardNames {
			if p := path.Join(c.Dir, name); t.Read(p) != nil {
				files = append(files, p)
			}
		}
	}
	var composed, baked []string
	for _, p := range files {
		switch path.Ext(p) { // others are not known
		case ".yml", ".yaml":
			composed = append(composed, p)
		case ".hcl", ".json":
			baked = append(baked, p)
		}
	}
	project, found := c.project(t, f, composed)
	if len(baked) == 0 || t.Read(baked[0]) == nil || !f.Use(20_000) {
		return c.services(t, project, nil), found
	}
	s := bakeOf(t, baked)
	s.dir = c.Dir
	if project != nil {
		s.loadCompose(project)
	}
	for name, value := range c.Given {
		if s.declares(name) {
			s.given[name] = reading.Whole(value)
		}
	}
	isGrouped := slices.ContainsFunc(s.own, func(b *bakeFile) bool { return len(b.groups) > 0 })
	if len(c.Targets) > 0 || !isGrouped { // a group is what bake builds by itself
		builds = c.services(t, project, s.own)
	}
	isOwn := len(s.given) > 0 || len(c.Sets) > 0 || project != nil && project.Given
	isElsewhere := c.Dir != path.Dir(baked[0])
	if !isOwn && c.Dir == "." && !isElsewhere && (len(c.Files) == 0 || !s.isOther(composed, baked)) {
		return builds, true
	}
	for _, p := range baked[1:] {
		t.MarkCalled(p)
	}
	all := s.all(c.Targets)
	for _, b := range all {
		if !b.IsOpen() {
			t.MarkCalled(reading.Filled + b.Name)
		}
		if isElsewhere {
			t.MarkCalled(b.Name) // by itself it would name other directories
		}
	}
	return append(builds, c.set(t, s.named(all))...), true
}

// named gives targets the names that the others of the command know them by: with the values that the command gives
// to variables, so that a target of one distribution is based on that of the same. Commands that give the same
// values build the same, as the jobs of a workflow do that build one group each.
func (s *definition) named(all []targetBuild) []targetBuild {
	var values []string
	for _, name := range slices.Sorted(maps.Keys(s.given)) {
		values = append(values, name+"="+scanner.Readable(s.given[name].S))
	}
	if len(values) == 0 {
		return all
	}
	suffix := reading.GivenName + strings.Join(values, " ")
	for i := range all {
		all[i].Name += suffix
		all[i].Contexts = slices.Clone(all[i].Contexts)
		for j, c := range all[i].Contexts {
			if c.Link != "" {
				all[i].Contexts[j].Link = c.Link + suffix
			}
		}
	}
	return all
}

// isOther reports whether the files that a command names are another definition than that which the
// first of them is read as by itself.
func (s *definition) isOther(composed, baked []string) bool {
	if len(composed) > 0 || !slices.Equal(baked, bakeGroup(s.t, s.leader)) {
		return true
	}
	over, _ := bakeOf(s.t, baked).laidOver()
	return len(over) > 0
}

// project reads the compose files that a command hands to bake; found is false where they are not
// there.
func (c Command) project(t *reading.Tree, fuel *reading.Fuel, paths []string) (p *compose.Project, found bool) {
	var all []*compose.File
	for _, at := range paths {
		f := t.Read(at)
		if f == nil || !fuel.Use(20_000) {
			return nil, false
		}
		if file, err := compose.Parse(f); err == nil {
			all = append(all, file)
		}
	}
	if len(all) == 0 {
		return nil, false
	}
	p = compose.NewProject(t, all[0])
	p.Over = all[1:]
	for name, value := range c.Given {
		if slices.ContainsFunc(all, func(file *compose.File) bool { return bytes.Contains(file.Src, []byte(name)) }) {
			p.Vars[name] = reading.Whole(value)
			p.Given = true
		}
	}
	return p, true
}

// services returns the builds of a compose project that a command hands to bake, where it says more
// of them than the files do: a service is a target. Those that bake files have as well are not among them.
func (c Command) services(t *reading.Tree, p *compose.Project, baked []*bakeFile) []reading.Build {
	if p == nil || len(c.Sets) == 0 && !p.Given {
		return nil
	}
	builds, _ := p.Builds()
	var targets []targetBuild
	for _, b := range builds {
		_, service, _ := strings.Cut(b.Name, "#")
		isBaked := slices.ContainsFunc(baked, func(f *bakeFile) bool { return !f.composed && f.has(service) })
		if (len(c.Targets) == 0 || slices.Contains(c.Targets, service)) && !isBaked {
			b.Name = ""
			targets = append(targets, targetBuild{b, service})
		}
	}
	return c.set(t, targets)
}

// set returns builds with what --set says of them.
func (c Command) set(t *reading.Tree, targets []targetBuild) []reading.Build {
	var all []reading.Build
	for _, b := range targets {
		b.Where = c.Where
		for _, set := range c.Sets {
			b.set(set, c.Dir)
		}
		if t.Dockerfiles[b.Dockerfile] {
			all = append(all, b.Build)
		}
	}
	return all
}

// declares reports whether the files declare a variable.
func (s *definition) declares(name string) bool {
	return slices.ContainsFunc(s.own, func(b *bakeFile) bool { _, ok := b.vars[name]; return ok })
}

// isGiven sets a variable to the value that it is given, if it is one of the type that it has to
// have.
func (r *bakeRun) isGiven(name string, kind cty.Value) bool {
	text, ok := r.s.given[name]
	if !ok {
		return false
	}
	v := cty.StringVal(r.encode(text))
	if kind != cty.NilVal && kind.Type() != cty.String && kind.Type() != cty.DynamicPseudoType {
		var err error
		if v, err = convert.Convert(cty.StringVal(text.S), kind.Type()); err != nil {
			return false
		}
	}
	r.root.Variables[name] = v
	return true
}

// A targetBuild is a build with the name of its target.
type targetBuild struct {
	reading.Build
	target string
}

// set changes what --set names: the arguments, the tags, the stage and the files of a target. A
// context is relative to dir.
func (b *targetBuild) set(t trace.Text, dir string) {
	key, value, ok := t.Cut("=")
	target, key, dotted := key.Cut(".")
	if matched, err := path.Match(target.S, b.target); !ok || !dotted || err != nil || !matched {
		return
	}
	switch name, found := strings.CutPrefix(key.S, "args."); {
	case found:
		b.Override(name, value)
	case key.S == "tags":
		b.Images, b.Partly = nil, nil
		b.AddImage(value)
	case key.S == "target" && !reading.Hidden(value):
		b.Target = value.S
	case key.S == "dockerfile":
		b.Dockerfile = reading.Within(b.Context, value.S)
	case key.S == "context":
		below := strings.TrimPrefix(b.Dockerfile, b.Context+"/")
		b.Context = reading.Within(dir, value.S)
		b.Dockerfile = reading.Within(b.Context, below)
	}
}
