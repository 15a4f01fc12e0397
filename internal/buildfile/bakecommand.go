package buildfile

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// A bakeCommand is what bake is told beside what its files say.
type bakeCommand struct {
	files   []string              // from the root; none for the default ones of dir
	dir     string                // from the root
	given   map[string]trace.Text // the values of variables
	sets    []trace.Text          // TARGET.KEY=VALUE, * for all targets
	targets []string              // none for all
	where   source.Pos
}

// bakeOptions are those of bake that take a value.
const bakeOptions = "-f --file --set --var --builder --metadata-file --progress --call --allow --list"

// bakeWords returns the arguments behind the words that run bake.
func bakeWords(args []trace.Text) (rest []trace.Text, ok bool) {
	inner := path.Base(args[0].S) == "docker-buildx" || path.Base(args[0].S) == "depot"
	if !inner && path.Base(args[0].S) != "docker" && args[0].S != anyTool {
		return nil, false
	}
	for rest = args[1:]; len(rest) > 0; {
		word := rest[0].S
		rest = rest[1:]
		switch {
		case strings.HasPrefix(word, "-"):
			if contains(programOptions, word) {
				rest = rest[min(1, len(rest)):]
			}
		case inner && (word == "bake" || word == "f"):
			return rest, true
		case !inner && word == "buildx":
			inner = true
		default:
			return nil, false
		}
	}
	return nil, false
}

// bake follows a command that runs bake with an environment or options of its own. What it builds
// without these is said where the bake file is read.
func (s *shell) bake(args []trace.Text, c command) bool {
	rest, ok := bakeWords(args)
	if !ok || s.run.quiet > 0 || s.over() {
		return ok
	}
	b := bakeCommand{given: s.environment(c), where: s.placeOf(c)}
	var files []trace.Text
	for len(rest) > 0 {
		word := rest[0]
		rest = rest[1:]
		if !strings.HasPrefix(word.S, "-") {
			if !hidden(word) {
				b.targets = append(b.targets, word.S)
			}
			continue
		}
		key, value, hasValue := word.Cut("=")
		if !hasValue && contains(bakeOptions, word.S) && len(rest) > 0 {
			value, rest = rest[0], rest[1:]
		}
		switch key.S {
		case "-f", "--file":
			files = append(files, value)
		case "--set":
			b.sets = append(b.sets, value)
		case "--var":
			if name, v, ok := value.Cut("="); ok {
				b.given[name.S] = v
			}
		}
	}
	for _, start := range s.place.starts {
		dir, ok := settle(enter(s.place.cwd, "."), start)
		if !ok {
			continue
		}
		b.dir, b.files = dir, s.settled(files, start)
		builds, found := b.builds(s.run.tree, &s.run.fuel)
		s.run.addAll(builds)
		if found {
			break
		}
	}
	return true
}

// environment returns the variables that a command sees.
func (s *shell) environment(c command) map[string]trace.Text {
	given := map[string]trace.Text{}
	for name, v := range s.vars {
		v = s.picked(v)
		_, isOwn := c.env[name]
		if (isOwn || s.export[name]) && len(v.words) == 1 && !v.array && s.run.use(1) {
			given[name] = v.words[0]
		}
	}
	return given
}

// placeOf returns the place of a command, that of its script where its own is not known.
func (s *shell) placeOf(c command) source.Pos {
	if c.at < len(s.src.S) && s.src.At(c.at).File != nil {
		return s.src.Slice(c.at, c.at+1).Pos()
	}
	return s.where
}

// builds returns what a command makes bake build otherwise than its files say by themselves; found
// is false where there are no such files.
func (c bakeCommand) builds(t *tree, f *fuel) (builds []Build, found bool) {
	files := c.files
	if len(files) == 0 {
		if p := t.firstOf(c.dir, composeNames); p != "" {
			files = append(files, p)
		}
		for _, name := range bakeDefaults {
			if p := path.Join(c.dir, name); t.read(p) != nil {
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
	if len(baked) == 0 || t.read(baked[0]) == nil || !f.use(20_000) {
		return c.services(t, project, nil), found
	}
	s := bakeOf(t, baked)
	s.dir = c.dir
	if project != nil {
		s.loadCompose(project)
	}
	for name, value := range c.given {
		if s.declares(name) {
			s.given[name] = whole(value)
		}
	}
	isGrouped := slices.ContainsFunc(s.own, func(b *bakeFile) bool { return len(b.groups) > 0 })
	if len(c.targets) > 0 || !isGrouped { // a group is what bake builds by itself
		builds = c.services(t, project, s.own)
	}
	isOwn := len(s.given) > 0 || len(c.sets) > 0 || project != nil && project.given
	isElsewhere := c.dir != path.Dir(baked[0])
	if !isOwn && c.dir == "." && !isElsewhere && (len(c.files) == 0 || !s.isOther(composed, baked)) {
		return builds, true
	}
	for _, p := range baked[1:] {
		t.markCalled(p)
	}
	all := s.all(c.targets)
	for _, b := range all {
		if !b.isOpen() {
			t.markCalled(filled + b.Name)
		}
		if isElsewhere {
			t.markCalled(b.Name) // by itself it would name other directories
		}
	}
	return append(builds, c.set(t, all)...), true
}

// isOther reports whether the files that a command names are another definition than that which the
// first of them is read as by itself.
func (s *bakeState) isOther(composed, baked []string) bool {
	if len(composed) > 0 || !slices.Equal(baked, bakeGroup(s.t, s.leader)) {
		return true
	}
	over, _ := bakeOf(s.t, baked).laidOver()
	return len(over) > 0
}

// project reads the compose files that a command hands to bake; found is false where they are not
// there.
func (c bakeCommand) project(t *tree, fuel *fuel, paths []string) (p *composeProject, found bool) {
	var all []*composeFile
	for _, at := range paths {
		f := t.read(at)
		if f == nil || !fuel.use(20_000) {
			return nil, false
		}
		if file, err := parseCompose(f); err == nil {
			all = append(all, file)
		}
	}
	if len(all) == 0 {
		return nil, false
	}
	p = newComposeProject(t, all[0])
	p.over = all[1:]
	for name, value := range c.given {
		if slices.ContainsFunc(all, func(file *composeFile) bool { return bytes.Contains(file.Src, []byte(name)) }) {
			p.vars[name] = whole(value)
			p.given = true
		}
	}
	return p, true
}

// services returns the builds of a compose project that a command hands to bake, where it says more
// of them than the files do: a service is a target. Those that bake files have as well are not among them.
func (c bakeCommand) services(t *tree, p *composeProject, baked []*bakeFile) []Build {
	if p == nil || len(c.sets) == 0 && !p.given {
		return nil
	}
	builds, _ := p.builds()
	var targets []bakeBuild
	for _, b := range builds {
		_, service, _ := strings.Cut(b.Name, "#")
		isBaked := slices.ContainsFunc(baked, func(f *bakeFile) bool { return !f.composed && f.has(service) })
		if (len(c.targets) == 0 || slices.Contains(c.targets, service)) && !isBaked {
			targets = append(targets, bakeBuild{b, service})
		}
	}
	return c.set(t, targets)
}

// set returns builds with what --set says of them.
func (c bakeCommand) set(t *tree, targets []bakeBuild) []Build {
	var all []Build
	for _, b := range targets {
		b.Where, b.Name = c.where, ""
		for _, set := range c.sets {
			b.set(set, c.dir)
		}
		if t.dockerfiles[b.Dockerfile] {
			all = append(all, b.Build)
		}
	}
	return all
}

// declares reports whether the files declare a variable.
func (s *bakeState) declares(name string) bool {
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

// A bakeBuild is a build with the name of its target.
type bakeBuild struct {
	Build
	target string
}

// set changes what --set names: the arguments, the tags, the stage and the files of a target. A
// context is relative to dir.
func (b *bakeBuild) set(t trace.Text, dir string) {
	key, value, ok := t.Cut("=")
	target, key, dotted := key.Cut(".")
	if matched, err := path.Match(target.S, b.target); !ok || !dotted || err != nil || !matched {
		return
	}
	switch name, found := strings.CutPrefix(key.S, "args."); {
	case found:
		b.override(name, value)
	case key.S == "tags":
		b.Images = nil
		b.addImage(value)
	case key.S == "target" && !hidden(value):
		b.Target = value.S
	case key.S == "dockerfile":
		b.Dockerfile = within(b.Context, value.S)
	case key.S == "context":
		below := strings.TrimPrefix(b.Dockerfile, b.Context+"/")
		b.Context = within(dir, value.S)
		b.Dockerfile = within(b.Context, below)
	}
}

// bakeAction reads a step that uses docker/bake-action, with its environment and what it sets.
func (w *workflow) bakeAction(s *scope, step *yaml.Node) {
	with := get(step, "with")
	dir := s.value(get(with, "workdir")).TrimSpace().S
	if n := get(with, "source"); n != nil {
		if from := s.value(n).TrimSpace().S; strings.HasPrefix(from, ".") {
			dir = path.Join(dir, from)
		} else {
			dir = strings.TrimPrefix(strings.TrimPrefix(from, "{{defaultContext}}"), ":")
		}
	}
	dir, ok := s.inRepository(dir)
	if own, isOwn := ownURL(w.run.tree, dir); isOwn {
		dir = own
	}
	if !ok {
		s.isElsewhere(step)
	}
	if !ok || isURL(dir) { // of another repository
		return
	}
	c := bakeCommand{given: map[string]trace.Text{}, where: w.pos(step)}
	if c.dir, ok = settle(enter(rootDir, path.Clean(dir)), "."); !ok {
		return
	}
	for name, v := range s.variables() {
		c.given[name] = v.words[0]
	}
	for _, t := range entries(s.value(get(with, "vars")), "\n") {
		if name, value, ok := t.Cut("="); ok {
			c.given[name.S] = value
		}
	}
	for _, t := range entries(s.value(get(with, "files")), "\n,") {
		if p, ok := settle(enter(rootDir, path.Join(c.dir, t.S)), "."); ok {
			c.files = append(c.files, p)
		}
	}
	for _, t := range entries(s.value(get(with, "targets")), "\n,") {
		c.targets = append(c.targets, t.S)
	}
	c.sets = entries(s.value(get(with, "set")), "\n")
	builds, _ := c.builds(w.run.tree, &w.run.fuel)
	w.run.addAll(builds)
}
