package bake

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/matihlabs/propagate/internal/buildfile/compose"
	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// standardNames are the files that bake reads where it is given none, each merged
// over those before it (Docker, "Bake file reference").
var standardNames = []string{"docker-bake.json", "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl"}

// bakeBeside are names of files that are given to bake together with others.
var bakeBeside = []string{"variables.hcl", "vars.hcl", "versions.hcl"}

const maxBakeBeside = 20 // files of a directory that are searched for what one does not declare

// A definition is the reading of the files that are one definition of builds.
type definition struct {
	t         *reading.Tree
	leader    string
	dir       string // where a command runs bake, from the root; "" where none says so
	own       []*bakeFile
	beside    [][]*bakeFile // of [bakeBeside], and of the other bake files; nil before it is needed
	instances map[string][]*bakeInstance
	names     []string // of own targets, in the order of the files
	layers    map[string][]*bakeInstance
	tags      map[string][]trace.Text
	given     map[string]trace.Text               // the values that variables are given from outside
	keys      map[hclsyntax.Expression]trace.Text // of objects, that are texts without a variable

	run   *bakeRun
	plain *bakeRun
	steps int

	problems []reading.Problem
	seen     map[reading.Problem]bool
}

// Read reads a bake file, with those that are merged into it.
func Read(t *reading.Tree, f *trace.File) ([]reading.Build, []reading.Problem) {
	group := bakeGroup(t, f.Path)
	if group[0] != f.Path {
		return nil, nil // it is read with the first
	}
	s := bakeOf(t, group)
	if standard := t.FirstOf(path.Dir(f.Path), compose.StandardNames); standard != "" && slices.Contains(standardNames, path.Base(f.Path)) {
		if under, _ := compose.Parse(t.Read(standard)); under != nil {
			s.loadCompose(compose.NewProject(t, under))
		}
	}
	var builds []reading.Build
	all := s.all(nil)
	over, parts := s.laidOver()
	for _, b := range all {
		if !parts[b.target] {
			b.IsPart = !s.standsAlone(b.target, map[string]bool{})
			builds = append(builds, b.Build)
		}
	}
	for _, b := range over {
		builds = append(builds, b.Build)
	}
	if s.steps > maxBakeSteps {
		s.problems = append(s.problems, reading.Problem{Code: source.CodeBuildFileLimit, Pos: source.Pos{Path: s.leader}, Message: errBakeSteps.Error() + "; some of its builds are not known"})
	}
	return builds, s.problems
}

func newDefinition(t *reading.Tree, leader string) *definition {
	s := &definition{
		t: t, leader: leader, instances: map[string][]*bakeInstance{}, keys: map[hclsyntax.Expression]trace.Text{}, layers: map[string][]*bakeInstance{},
		tags: map[string][]trace.Text{}, seen: map[reading.Problem]bool{}, given: map[string]trace.Text{},
	}
	s.plain = newBakeRun(s, trace.Encoder{})
	s.run = s.plain
	return s
}

// load parses a file over those before it.
func (s *definition) load(p string) {
	f := s.t.Read(p)
	if f == nil {
		return
	}
	b, err := s.parse(f, s.leader)
	if err != nil {
		pos := source.Pos{Path: p}
		if e := (*bakeError)(nil); errors.As(err, &e) {
			pos.Line, pos.Col = e.line, e.col
		}
		s.problem(source.CodeBuildFileSyntax, pos, "the bake file cannot be read: "+bakeReason(err))
		return
	}
	s.own = append(s.own, b)
}

// all returns the builds of some targets, of all for none or where one is a group.
func (s *definition) all(targets []string) []targetBuild {
	for _, b := range s.own {
		s.instantiate(b, true)
	}
	isSome := len(targets) > 0 && !slices.ContainsFunc(targets, func(name string) bool { return !slices.Contains(s.names, name) })
	var builds []targetBuild
	isPart := func(string) bool { return false }
	if !isSome { // it evaluates all of them
		isPart = s.parts()
	}
	for _, name := range s.names {
		if isSome && !slices.Contains(targets, name) || isPart(name) {
			continue
		}
		if build, ok := s.build(name); ok {
			builds = append(builds, targetBuild{build, name})
		}
	}
	return builds
}

// bakeGroup returns the files that are merged with one, the first is the one they
// are known by.
func bakeGroup(t *reading.Tree, p string) []string {
	if !slices.Contains(standardNames, path.Base(p)) {
		return []string{p}
	}
	var group []string
	for _, name := range standardNames {
		if q := path.Join(path.Dir(p), name); q == p || t.Read(q) != nil {
			group = append(group, q)
		}
	}
	return group
}

// problem reports something, once.
func (s *definition) problem(code source.Code, pos source.Pos, message string) {
	p := reading.Problem{Code: code, Pos: pos, Message: message}
	if s.steps > maxBakeSteps || s.seen[p] {
		return
	}
	s.seen[p] = true
	s.problems = append(s.problems, p)
}

// lookup finds a variable or an attribute at the top of the files. value is nil
// where there is none, and then kind is what stands for it; else kind is an unknown
// value of the type that the variable has to have, or NilVal.
func (s *definition) lookup(name string) (value hclsyntax.Expression, kind cty.Value, found bool) {
	switch name {
	case "BAKE_CMD_CONTEXT":
		return nil, cty.StringVal("cwd://"), true
	case "BAKE_LOCAL_PLATFORM":
		return nil, cty.StringVal(reading.Unknown), true
	}
	get := func(b *bakeFile) (v bakeVar, ok bool) {
		if local, ok := b.locals[name]; ok {
			return bakeVar{value: local}, true
		}
		v, ok = b.vars[name]
		return v, ok
	}
	v, found, ambiguous := findBake(s, get)
	switch {
	case ambiguous:
		return nil, cty.DynamicVal, true
	case !found:
		return nil, cty.NilVal, false
	case v.value == nil && (v.kind == cty.NilType || v.kind == cty.String):
		return nil, cty.StringVal(reading.Unknown), true
	case v.value == nil:
		return nil, cty.UnknownVal(v.kind), true
	case v.kind == cty.NilType:
		return v.value, cty.NilVal, true
	}
	return v.value, cty.UnknownVal(v.kind), true
}

func (s *definition) lookupFunction(name string) (bakeFunc, bool) {
	f, found, ambiguous := findBake(s, func(b *bakeFile) (bakeFunc, bool) { f, ok := b.funcs[name]; return f, ok })
	return f, found && !ambiguous
}

// findBake finds a declaration in the own files, of which the last counts, or in
// those beside them. Which of these bake is given with the own ones nothing says:
// what several declare is ambiguous.
func findBake[T any](s *definition, get func(*bakeFile) (T, bool)) (v T, found, ambiguous bool) {
	for _, b := range slices.Backward(s.own) {
		if v, ok := get(b); ok {
			return v, true, false
		}
	}
	for _, group := range s.others() {
		n := 0
		for _, b := range group {
			if got, ok := get(b); ok {
				v = got
				n++
			}
		}
		if n > 0 {
			return v, true, n > 1
		}
	}
	return v, false, false
}

// others parses the files beside the own ones, when it is first asked.
func (s *definition) others() [][]*bakeFile {
	if s.beside != nil {
		return s.beside
	}
	s.beside = make([][]*bakeFile, 2)
	dir := path.Dir(s.leader)
	entries, err := s.t.ReadDir(dir)
	if err != nil {
		return s.beside
	}
	n := 0
	for _, entry := range entries {
		p := path.Join(dir, entry.Name())
		i := 1
		if slices.Contains(bakeBeside, entry.Name()) {
			i = 0
		} else if reading.KindOf(p) != reading.Bake || path.Ext(p) != ".hcl" || slices.ContainsFunc(s.own, func(b *bakeFile) bool { return b.Path == p }) {
			continue
		}
		f := s.t.Read(p)
		if f == nil || n == maxBakeBeside {
			continue
		}
		n++
		// What is wrong with the file is said where it is read for itself.
		if b, err := s.parse(f, bakeGroup(s.t, p)[0]); err == nil {
			s.beside[i] = append(s.beside[i], b)
		}
	}
	for _, group := range s.beside {
		for _, b := range group {
			s.instantiate(b, false)
		}
	}
	return s.beside
}

// A bakeInstance is a target: a block, or one combination of its matrix.
type bakeInstance struct {
	block *bakeBlock
	name  string
	pick  []bakePick
	memo  map[string]any // by attribute, what it says
}

// A bakePick is the element of a list of a matrix.
type bakePick struct {
	key   string
	index int
}

// instantiate makes the targets of a file. Those of other files do not add to own
// ones of their name.
func (s *definition) instantiate(b *bakeFile, own bool) {
	made := map[string]bool{}
	for _, block := range b.targets {
		for _, in := range s.combine(block) {
			before := s.instances[in.name]
			switch {
			case !own && len(before) > 0 && !made[in.name]:
				continue
			case own && !b.composed && !slices.Contains(s.names, in.name):
				s.names = append(s.names, in.name)
			}
			made[in.name] = true
			s.instances[in.name] = append(before, in)
		}
	}
}

// combine returns the targets that a block makes.
func (s *definition) combine(block *bakeBlock) []*bakeInstance {
	single := &bakeInstance{block: block, name: block.label, memo: map[string]any{}}
	matrix := block.attrs["matrix"]
	if matrix == nil {
		return []*bakeInstance{single}
	}
	v, err := s.value(nil, matrix)
	if err == nil && (!v.IsWhollyKnown() || v.IsNull() || !v.Type().IsObjectType() && !v.Type().IsMapType()) {
		err = errors.New("it is no map of lists")
	}
	picks := [][]bakePick{nil}
	if err == nil {
		values := v.AsValueMap()
		for _, key := range slices.Sorted(maps.Keys(values)) {
			list := values[key]
			if list.IsNull() || !list.CanIterateElements() {
				err = fmt.Errorf("%s is no list", key)
				break
			}
			if list.LengthInt()*len(picks) > maxBakeMatrix {
				err = fmt.Errorf("it makes more than %d targets", maxBakeMatrix)
				break
			}
			var longer [][]bakePick
			for _, pick := range picks {
				for i := range list.LengthInt() {
					longer = append(longer, append(slices.Clone(pick), bakePick{key, i}))
				}
			}
			picks = longer
		}
	}
	if err != nil {
		s.problem(source.CodeNotEvaluated, block.at["matrix"], fmt.Sprintf("target %q: matrix cannot be evaluated: %s", block.label, bakeReason(err)))
		return nil
	}
	var all []*bakeInstance
	names := map[string]bool{}
	for _, pick := range picks {
		in := &bakeInstance{block: block, name: block.label, pick: pick, memo: map[string]any{}}
		if s.steps += 400; s.steps > maxBakeSteps {
			return nil
		}
		if name := block.attrs["name"]; name != nil {
			v, err := s.value(in, name)
			if err == nil {
				in.name, err = bakeString(v)
			}
			if err != nil {
				s.problem(source.CodeNotEvaluated, block.at["name"], fmt.Sprintf("target %q: name cannot be evaluated: %s", block.label, bakeReason(err)))
				return nil
			}
		}
		if names[in.name] {
			s.problem(source.CodeDuplicateTarget, block.pos, fmt.Sprintf("target %q: its matrix makes more than one target of the name %q", block.label, in.name))
			return nil
		}
		names[in.name] = true
		all = append(all, in)
	}
	return all
}

// inherited returns the targets that one is made of, in the order in which they
// count: a later one goes over an earlier one.
func (s *definition) inherited(name string) []*bakeInstance {
	if layers, ok := s.layers[name]; ok {
		return layers
	}
	s.layers[name] = nil // a target that inherits from itself ends here
	if len(s.instances[name]) == 0 {
		s.others()
	}
	own := s.instances[name]
	var all []*bakeInstance
	for _, in := range own {
		for _, parent := range s.elements(in, "inherits") {
			if !strings.Contains(parent.text.S, reading.Unknown) {
				if len(s.instances[parent.text.S]) == 0 {
					if s.others(); len(s.instances[parent.text.S]) == 0 {
						s.problem(source.CodeNoSuchParent, in.block.at["inherits"], fmt.Sprintf("target %q inherits from %q, which is not in the file", in.block.label, parent.text.S))
					}
				}
				all = append(all, s.inherited(parent.text.S)...)
			}
		}
	}
	all = append(all, own...)
	s.steps += len(all)
	// Of a target that is in it more than once only the last counts.
	last := map[*bakeInstance]int{}
	for i, in := range all {
		last[in] = i
	}
	var layers []*bakeInstance
	for i, in := range all {
		if last[in] == i {
			layers = append(layers, in)
		}
	}
	if len(layers) > maxBakeLayers {
		s.problem(source.CodeBuildFileLimit, own[0].block.at["inherits"], fmt.Sprintf("target %q inherits from more than %d others", own[0].block.label, maxBakeLayers))
		return nil
	}
	s.layers[name] = layers
	return layers
}
