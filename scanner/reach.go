package scanner

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/matihlabs/propagate/internal/source"
)

// connect decides what each use names, a stage or an image, now that all stages
// are known. It counts as BuildKit does: an image that COPY --from or a mount
// names takes the next free index, and a later COPY --from=N may mean it.
func (r *reader) connect() {
	next := len(r.Stages)
	images := map[int]*use{}
	for pass := range 2 {
		for i := range r.uses {
			u := &r.uses[i]
			if u.onbuild != (pass == 1) {
				continue
			}
			if r.connectUse(u, images) && u.kind != 0 {
				images[next] = u
				next++
			}
		}
	}
}

// connectUse resolves one use and reports whether it took an index of its own.
func (r *reader) connectUse(u *use, images map[int]*use) bool {
	name := u.name.S
	kind := u.kind
	if u.onbuild {
		kind = Onbuild
	}
	if strings.Contains(name, "$") && strings.IndexByte(name, '$') < len(name)-1 {
		hint := "BuildKit expands no variables here: name a stage that is FROM the ARG, and copy or mount from that stage"
		u.ref = r.unresolved(source.CodeNotExpanded, kind, u.stage, u.pos, name, "is not expanded", hint, false)
		return false
	}
	if u.kind == CopyFrom {
		if index, err := strconv.Atoi(name); err == nil {
			switch image, ok := images[index]; {
			case 0 <= index && index < len(r.Stages):
				u.from = index
			case ok:
				u.from, u.ref = image.from, image.ref
				return true // BuildKit gives the image another index each time
			default:
				u.ref = r.unresolved(source.CodeNoSuchStage, kind, u.stage, u.pos, name, fmt.Sprintf("is no stage: the stages are 0 to %d", len(r.Stages)-1), "", false)
			}
			return false
		}
	}
	if name == "" {
		name = scratch // what BuildKit takes for a mount without a source, even if a stage is called so
	}
	if i, ok := r.byName[strings.ToLower(name)]; ok {
		u.from = i
		return false
	}
	if c, ok := r.build.context(name); ok && name != scratch {
		u.ref = r.fromContext(kind, u.stage, u.pos, name, u.name, c)
		return true
	}
	if name != scratch {
		u.ref = r.image(kind, u.stage, u.pos, name, expansion{Text: u.name})
		r.keepWord(u.ref, u.name)
	}
	return true
}

// expose sets which stages a build of target builds, and with it the exposure of
// every reference.
func (r *reader) expose(target string) {
	if len(r.Stages) == 0 {
		return
	}
	shipped := r.shipped(target)
	if target != "" {
		if _, ok := r.byName[strings.ToLower(target)]; !ok {
			r.diagnose(source.CodeNoSuchTarget, Error, source.Pos{Path: r.Path}, fmt.Sprintf("it has no stage %q, the target that it is to be built with; the last stage is taken", target), "")
		}
	}
	r.reach(shipped)
	runtime := map[int]bool{}
	for i := shipped; i >= 0; i = r.Stages[i].BaseStage {
		runtime[i] = true
	}
	for _, ref := range r.Refs {
		switch {
		case ref.Kind == Syntax:
			ref.Exposure = Build
		case ref.Kind == From && runtime[ref.Stage]:
			ref.Exposure = Runtime
		case ref.Kind == From && r.Stages[ref.Stage].Reachable:
			ref.Exposure = Build
		}
	}
	for _, stage := range r.Stages {
		if !stage.Reachable {
			continue
		}
		for _, u := range r.runs(stage) {
			if u.ref != nil {
				u.ref.Exposure = Build
			}
		}
	}
}

// shipped returns the stage of a target: the last one where there is none of its name.
func (r *reader) shipped(target string) int {
	if i, ok := r.byName[strings.ToLower(target)]; ok && target != "" {
		return i
	}
	return len(r.Stages) - 1
}

// runs returns the uses in the instructions that a build of stage runs: its own,
// and the triggers of the stage that it stands on, and only of that one.
func (r *reader) runs(stage Stage) []use {
	if r.replaced[stage.Index] {
		return nil
	}
	var uses []use
	for _, u := range r.usesOf(stage.Index) {
		if !u.onbuild {
			uses = append(uses, u)
		}
	}
	for _, u := range r.usesOf(stage.BaseStage) {
		if u.onbuild {
			uses = append(uses, u)
		}
	}
	return uses
}

// keepTriggers takes out of the references what stands behind ONBUILD where the build runs no trigger of it: it
// names an image only in a stage FROM the one that it stands in. That of the stage which is shipped is kept apart, for
// the builds whose FROM is the image; where there are such, it is a reference.
func (r *reader) keepTriggers(build BuildConfig) {
	said := map[string]bool{}
	r.Refs = slices.DeleteFunc(r.Refs, func(ref *Ref) bool {
		switch {
		case ref.Kind != Onbuild || ref.Exposure > Unreachable:
			return false
		case ref.Image.IsZero() && ref.Link == "" || ref.Stage != r.shipped(build.Target):
		case build.Triggered:
			ref.Exposure = Build
			return false
		default:
			r.Triggers = append(r.Triggers, ref)
		}
		if ref.said != "" {
			said[ref.said] = true
		}
		return true
	})
	if len(said) > 0 {
		r.Diagnostics = slices.DeleteFunc(r.Diagnostics, func(d Diagnostic) bool { return said[d.Message] })
	}
}

// Trigger makes references of the Triggers, with the exposure [Build]: other builds are FROM the image. The file is
// read again in the same way from then on.
func (f *File) Trigger() {
	for _, ref := range f.Triggers {
		ref.Exposure = Build
	}
	f.Refs, f.Triggers = append(slices.Clip(f.Refs), f.Triggers...), nil
	f.sort()
	f.Builds = slices.Clone(f.Builds)
	for i := range f.Builds {
		f.Builds[i].Triggered = true
	}
}

// usesOf returns the uses that stand in a stage. They are in the order of the
// file, so those of one stage are together.
func (r *reader) usesOf(stage int) []use {
	first, _ := slices.BinarySearchFunc(r.uses, stage, func(u use, stage int) int { return cmp.Compare(u.stage, stage) })
	last, _ := slices.BinarySearchFunc(r.uses, stage+1, func(u use, stage int) int { return cmp.Compare(u.stage, stage) })
	return r.uses[first:last]
}

// reach marks stage and all that it is built from.
func (r *reader) reach(stage int) {
	s := &r.Stages[stage]
	if s.Reachable {
		return
	}
	s.Reachable = true
	if s.BaseStage >= 0 {
		r.reach(s.BaseStage)
	}
	for _, u := range r.runs(*s) {
		if u.from >= 0 {
			r.reach(u.from)
		}
	}
}

// sort orders references by stage, line and column and diagnostics by place.
func (f *File) sort() {
	slices.SortStableFunc(f.Refs, func(a, b *Ref) int {
		return cmp.Or(cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
	slices.SortStableFunc(f.Diagnostics, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
}
