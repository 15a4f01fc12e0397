package bumper

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

type planner struct {
	*Plan
	Options
	targets map[string]target // by repository
}

// A verdict is what becomes of one reference.
type verdict struct {
	ref         *scanner.Ref
	action      Action
	reason      Reason
	detail      string
	tag, digest string // for ActionBump: what is to be written, "" to keep what is there
}

// item decides what becomes of one dependent.
func (p *planner) item(ctx context.Context, dependent graph.Dependent) Item {
	item := Item{Dependent: dependent}
	for _, image := range dependent.Images {
		if t := p.targets[image]; t.rebuilt() && builds(dependent.File, image) {
			p.wait(&item, t.Bump)
		}
	}
	var verdicts []verdict
	for _, ref := range dependent.File.Refs {
		t, ok := p.targets[ref.Repository()]
		if !ok || t.maker != nil && ref.Exposure == scanner.Unreachable && dependent.Exposure > scanner.Unreachable {
			continue // a stage that is not built waits for nobody
		}
		v, err := p.decide(ctx, ref, t, len(item.WaitsFor) == 0)
		if err != nil {
			item.Err = err
			v = verdict{ref: ref, action: ActionSkip, reason: ReasonUnresolved, detail: err.Error()}
		}
		verdicts = append(verdicts, v)
	}
	switch {
	case p.Ignored != nil && p.Ignored(dependent.File.Path):
		overrule(verdicts, ReasonIgnored, "the configuration says so")
	case dependent.Exposure == scanner.Unreachable:
		overrule(verdicts, ReasonUnreachable, notBuilt)
	case item.Err != nil:
		// Half an edit would leave a file that nobody asked for.
		overrule(verdicts, ReasonUnresolved, item.Err.Error())
	default:
		follow(verdicts)
		p.edit(&item, verdicts)
	}
	item.conclude(verdicts)
	return item
}

// builds reports whether a build of the file's target needs image.
func builds(file *scanner.File, image string) bool {
	return slices.ContainsFunc(file.Refs, func(ref *scanner.Ref) bool {
		return ref.Repository() == image && ref.Exposure > scanner.Unreachable
	})
}

// follow leaves the references in stages that are not built where they are,
// unless one that is built moves: then they move along.
func follow(verdicts []verdict) {
	if slices.ContainsFunc(verdicts, func(v verdict) bool { return v.action == ActionBump && v.ref.Exposure > scanner.Unreachable }) {
		return
	}
	for i := range verdicts {
		if v := &verdicts[i]; v.action == ActionBump {
			v.action, v.reason, v.detail = ActionSkip, ReasonUnreachable, notBuilt
		}
	}
}

const notBuilt = "it stands in a stage that the target does not build"

func (p *planner) wait(item *Item, bump Bump) {
	reference := bump.String()
	if bump.Version() == "" {
		for _, ref := range item.File.Refs {
			if ref.Image.Repository == bump.Image {
				reference = ref.Image.String()
				break
			}
		}
	}
	if p.Published == nil || !p.Published(reference) {
		item.WaitsFor = append(item.WaitsFor, reference)
	}
}

func overrule(verdicts []verdict, reason Reason, detail string) {
	for i := range verdicts {
		verdicts[i].action, verdicts[i].reason, verdicts[i].detail = ActionSkip, reason, detail
	}
}

// decide compares one reference with the version that its image has now.
func (p *planner) decide(ctx context.Context, ref *scanner.Ref, t target, ready bool) (verdict, error) {
	v := verdict{ref: ref, action: ActionUpToDate}
	current, bump := ref.Image, t.Bump
	switch {
	case t.maker != nil && t.maker.Action == ActionSkip:
		v.action, v.reason, v.detail = ActionSkip, t.maker.Reason, fmt.Sprintf("%s, which makes %s, is left", t.maker.File.Path, t.Image)
		return v, nil
	case current.IsZero():
		v.action, v.reason, v.detail = ActionSkip, ReasonUnresolved, ref.Written+" has no version that is known"
		return v, nil
	case bump.Version() == "":
		switch tag, _ := imageref.ParseTag(current.Tag); {
		case t.maker == nil:
			v.action = ActionRebuild
		case t.rebuilt() && (current.Digest != "" || len(tag.Numbers) == 0 && current.Tag != "" && current.Tag != "latest"):
			v.action, v.reason, v.detail = ActionSkip, ReasonUnresolved, fmt.Sprintf("which version %s has next is not known", t.Image)
		case t.rebuilt():
			v.action = ActionRebuild
		}
		return v, nil
	case bump.Tag == "":
		if current.Digest == "" {
			v.action = ActionRebuild
		} else if current.Digest != bump.Digest {
			v.action, v.digest = ActionBump, bump.Digest
		}
		return v, nil
	}
	step := imageref.Relate(current.Tag, bump.Tag)
	if current.Digest != "" && (current.Tag == "" || step == imageref.Same || step == imageref.Moving) {
		// The digest alone says which image it is.
		return p.repin(ctx, v, bump, ready)
	}
	switch {
	case step == imageref.Variant:
		v.action, v.reason, v.detail = ActionSkip, ReasonVariant, fmt.Sprintf("%s and %s are tags of two schemes", current.Tag, bump.Tag)
	case step == imageref.Older:
		v.action, v.reason, v.detail = ActionSkip, ReasonNewer, fmt.Sprintf("%s is newer than %s", current.Tag, bump.Tag)
	case step == imageref.Moving:
		v.action = ActionRebuild
	case step > p.Level:
		v.action, v.reason, v.detail = ActionSkip, ReasonLevel, fmt.Sprintf("%s to %s is a %s step", current.Tag, bump.Tag, step)
	case step >= imageref.Patch:
		v.action, v.tag = ActionBump, bump.Tag
		if current.Digest != "" {
			return p.repin(ctx, v, bump, ready)
		}
	}
	return v, nil
}

// repin gives a reference that is pinned to a digest the digest of the new
// version. That of a version that is not published yet is looked up when it is.
func (p *planner) repin(ctx context.Context, v verdict, bump Bump, ready bool) (verdict, error) {
	digest := bump.Digest
	if digest == "" && !ready {
		v.action, v.tag = ActionBump, "" // what it will be pinned to is not known yet
		return v, nil
	}
	if digest == "" {
		if p.Digests == nil {
			return v, fmt.Errorf("%s: %s is pinned to a digest, and no registry is asked for that of %s", v.ref.Pos, v.ref.Written, bump)
		}
		found, err := p.Digests.Digest(ctx, bump.String())
		if err != nil {
			return v, fmt.Errorf("%s: %s is pinned to a digest: %w", v.ref.Pos, v.ref.Written, err)
		}
		digest = found
	}
	if digest != v.ref.Image.Digest {
		v.action, v.digest = ActionBump, digest
	}
	return v, nil
}

// conclude sums the verdicts on an item's references up.
func (i *Item) conclude(verdicts []verdict) {
	rank := []Action{ActionBump, ActionRebuild, ActionSkip, ActionUpToDate}
	best := -1
	for n, v := range verdicts {
		if v.action == ActionSkip {
			i.Skips = append(i.Skips, Skip{Pos: v.ref.Pos, Image: v.ref.Repository(), Current: v.ref.Image.Version(), Reason: v.reason, Detail: v.detail})
		}
		if v.ref.Exposure == scanner.Unreachable && i.Exposure > scanner.Unreachable {
			continue // what is not built decides nothing about what is
		}
		if best < 0 || slices.Index(rank, v.action) < slices.Index(rank, verdicts[best].action) {
			best = n
		}
	}
	if best < 0 {
		// Its wave comes from a derived base that another reference names.
		i.Action = ActionUpToDate
		return
	}
	v := verdicts[best]
	i.Action, i.Current = v.action, v.ref.Image.Version()
	if i.Current == "" && !v.ref.Image.IsZero() {
		i.Current = "latest"
	}
	if v.action == ActionSkip {
		i.Reason = v.reason
	}
	if i.Action != ActionBump {
		i.Edits, i.Content = nil, nil
	}
}

// edit writes the verdicts into a copy of the file, and takes back those that
// cannot be written without changing something else.
func (p *planner) edit(item *Item, verdicts []verdict) {
	file := item.File
	for n := range verdicts {
		v := &verdicts[n]
		if v.action != ActionBump {
			continue
		}
		if _, err := v.ref.Rewrite(v.tag, v.digest); err != nil {
			v.action, v.reason, v.detail = ActionSkip, ReasonUnresolved, err.Error()
		}
	}
	for {
		edits, conflict := collect(file, verdicts)
		if conflict == nil {
			conflict = sideEffect(file, edits, verdicts)
		}
		if conflict == nil {
			item.Edits = edits
			if len(edits) > 0 {
				item.Content, _ = Apply(file.Src, edits)
			}
			return
		}
		takeBack(verdicts, *conflict)
	}
}

// A clash is an edit that cannot be made because of a reference that it would
// change as well.
type clash struct {
	edit   Edit
	other  *scanner.Ref
	reason error
}

// takeBack turns the verdicts that want the clashing edit into skips.
func takeBack(verdicts []verdict, c clash) {
	for n := range verdicts {
		v := &verdicts[n]
		if v.action != ActionBump {
			continue
		}
		replacements, _ := v.ref.Rewrite(v.tag, v.digest)
		for _, r := range replacements {
			if r.Span.Overlaps(c.edit.Span) {
				v.action, v.reason = ActionSkip, ReasonShared
				v.detail = fmt.Sprintf("what is written at line %d also feeds %s", c.edit.Line, c.other.Written)
				if c.reason != nil {
					v.reason, v.detail = ReasonUnresolved, c.reason.Error()
				}
			}
		}
	}
}

// collect returns the edits of all verdicts, by place. Equal edits of one span
// are one; different edits of it clash.
func collect(file *scanner.File, verdicts []verdict) ([]Edit, *clash) {
	var edits []Edit
	from := map[int]*scanner.Ref{}
	for _, v := range verdicts {
		if v.action != ActionBump {
			continue
		}
		replacements, _ := v.ref.Rewrite(v.tag, v.digest)
		for _, r := range replacements {
			edit := Edit{Path: file.Path, Span: r.Span, Line: 1 + bytes.Count(file.Src[:r.Span.Start], []byte("\n")), Old: r.Old, New: r.New}
			if slices.Contains(edits, edit) {
				continue
			}
			for _, other := range edits {
				if other.Span.Overlaps(edit.Span) {
					return nil, &clash{edit: edit, other: from[other.Span.Start]}
				}
			}
			from[edit.Span.Start] = v.ref
			edits = append(edits, edit)
		}
	}
	slices.SortFunc(edits, func(a, b Edit) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	return edits, nil
}

// sideEffect applies the edits and reads the file again. If exactly the references
// that were meant have changed, to what was meant, it returns nil; else an edit that
// has to go: the first that changes a reference that is not to change, or any where
// the result is not what was meant.
func sideEffect(file *scanner.File, edits []Edit, verdicts []verdict) *clash {
	if len(edits) == 0 {
		return nil
	}
	want := make(map[*scanner.Ref]string, len(verdicts))
	for _, v := range verdicts {
		if v.action == ActionBump {
			image := v.ref.Image
			image.Tag, image.Digest = cmp.Or(v.tag, image.Tag), cmp.Or(v.digest, image.Digest)
			want[v.ref] = image.String()
		}
	}
	odd := differing(file, edits, want)
	if odd == nil {
		return nil
	}
	for _, edit := range edits[:min(len(edits), maxSearched)] {
		for n, now := range rescan(file, []Edit{edit}) {
			if old := file.Refs[n]; now.Image.String() != old.Image.String() && want[old] == "" {
				return &clash{edit: edit, other: old}
			}
		}
	}
	return &clash{edit: edits[0], other: odd, reason: errors.New("the edit does not read back as it was meant")}
}

// maxSearched bounds how many edits of one file are tried one by one, each with a
// scan of its own.
const maxSearched = 100

// differing returns the first reference that is not as wanted after the edits;
// those that nothing is wanted of have to stay as they are.
func differing(file *scanner.File, edits []Edit, want map[*scanner.Ref]string) *scanner.Ref {
	refs := rescan(file, edits)
	for n, old := range file.Refs {
		if n >= len(refs) || refs[n].Image.String() != cmp.Or(want[old], old.Image.String()) {
			return old
		}
	}
	return nil
}

// rescan reads the file with the edits applied. The order and number of its
// references stay, since an edit changes nothing but versions.
func rescan(file *scanner.File, edits []Edit) []*scanner.Ref {
	content, err := Apply(file.Src, edits)
	if err != nil {
		return nil
	}
	refs := scanner.ScanFile(file.Path, content, file.Target).Refs
	if len(refs) != len(file.Refs) {
		return nil
	}
	return refs
}
