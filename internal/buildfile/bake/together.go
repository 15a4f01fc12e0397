package bake

import (
	"path"
	"slices"

	"github.com/matihlabs/propagate/internal/buildfile/compose"
	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// bakeOf reads the files that are one definition.
func bakeOf(t *reading.Tree, files []string) *definition {
	s := newDefinition(t, files[0])
	for _, p := range files {
		s.load(p)
	}
	return s
}

// other reads files within the bounds of the definition.
func (s *definition) other(files []string) *definition {
	other := bakeOf(s.t, files)
	other.steps = s.steps
	return other
}

// standsAlone reports whether the files say by themselves what a target builds: where its
// Dockerfile is, in its own blocks or in those that it inherits from.
func (s *definition) standsAlone(name string, seen map[string]bool) bool {
	if seen[name] {
		return false
	}
	seen[name] = true
	for _, in := range s.instances[name] {
		if !slices.Contains(s.own, in.block.file) {
			continue
		}
		for _, attr := range []string{"context", "dockerfile", "dockerfile-inline"} {
			if in.block.attrs[attr] != nil {
				return true
			}
		}
		for _, parent := range s.elements(in, "inherits") {
			if s.standsAlone(parent.text.S, seen) {
				return true
			}
		}
	}
	return false
}

// laidOver returns what a bake file says of a definition beside it that it is laid over, as bake
// -f docker-bake.hcl -f prod.bake.hcl does, and the targets that it says this of. That is one which
// declares targets of the definition again without what they are built from, or nothing but
// variables of it.
func (s *definition) laidOver() (builds []targetBuild, parts map[string]bool) {
	if len(s.own) != 1 || slices.Contains(standardNames, path.Base(s.leader)) {
		return nil, nil
	}
	parts = map[string]bool{}
	for _, name := range s.names {
		if !s.standsAlone(name, map[string]bool{}) {
			parts[name] = true
		}
	}
	if len(parts) == 0 && (len(s.names) > 0 || len(s.own[0].vars) == 0) {
		return nil, nil
	}
	var under []string
	for _, group := range s.definitionsBeside() {
		base := s.other(group)
		for _, b := range base.own {
			base.instantiate(b, true)
		}
		isUnder := base.isUnder(s, parts)
		if s.steps = base.steps; isUnder {
			under = group // those that bake reads by itself are the first
			break
		}
	}
	if under == nil {
		return nil, nil
	}
	base := s.other(under)
	before := map[string]reading.Build{}
	for _, b := range base.all(nil) {
		before[b.target] = b.Build
	}
	s.steps = base.steps
	for name := range parts {
		if !slices.Contains(base.names, name) {
			delete(parts, name) // nothing that is laid over another
		}
	}
	together := s.other(append(slices.Clone(under), s.leader))
	defer func() { s.steps = together.steps }()
	for _, b := range together.all(nil) {
		was, known := before[b.target]
		if s.instances[b.target] != nil && !parts[b.target] || known && sameBuild(was, b.Build) {
			continue
		}
		for _, in := range s.instances[b.target] {
			b.Where = in.block.pos
		}
		b.Name, b.IsPart = s.leader+"#"+b.target, true
		builds = append(builds, b)
	}
	return builds, parts
}

// isUnder reports whether another file may be laid over the definition.
func (s *definition) isUnder(over *definition, parts map[string]bool) bool {
	for name := range parts {
		if slices.Contains(s.names, name) {
			return true
		}
	}
	if len(parts) > 0 {
		return false
	}
	for name := range over.own[0].vars {
		if s.declares(name) {
			return true
		}
	}
	return false
}

// definitionsBeside returns the files beside the own one, those together that bake reads together,
// these first, and those of the directories above.
func (s *definition) definitionsBeside() [][]string {
	dir := path.Dir(s.leader)
	var all [][]string
	for _, name := range standardNames {
		if p := path.Join(dir, name); s.t.Read(p) != nil {
			all = append(all, bakeGroup(s.t, p))
			break
		}
	}
	entries, err := s.t.ReadDir(dir)
	if err != nil {
		return all
	}
	for _, entry := range entries {
		p := path.Join(dir, entry.Name())
		if reading.KindOf(p) == reading.Bake && p != s.leader && !slices.Contains(standardNames, entry.Name()) && len(all) < compose.MaxBases && reading.IsNamedOver(s.leader, p) {
			all = append(all, []string{p})
		}
	}
	for !reading.IsForeign(dir) && dir != "." {
		dir = path.Dir(dir)
		for _, name := range standardNames {
			if p := path.Join(dir, name); s.t.Read(p) != nil {
				all = append(all, bakeGroup(s.t, p))
				break
			}
		}
	}
	return all
}

// sameBuild reports whether two builds of a target read the same values.
func sameBuild(a, b reading.Build) bool {
	texts, others := a.Texts(), b.Texts()
	return a.Dockerfile == b.Dockerfile && a.Context == b.Context && a.Target == b.Target && slices.Equal(a.Platforms, b.Platforms) &&
		slices.EqualFunc(texts, others, func(t, u trace.Text) bool {
			return t.S == u.S && slices.EqualFunc(t.Pieces(), u.Pieces(), reading.SamePiece)
		})
}
