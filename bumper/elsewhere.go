package bumper

import (
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// elsewhere looks for what the edits of an item change beyond its build: in other builds, also
// of the same Dockerfile or of a symbolic link to it, and in the versions of other images.
// What moves to the version that it should have as well is welcome; anything else is a clash. An
// edit that nothing which is built wants moves no version of what another build makes.
func (p *planner) elsewhere(item *Item, edits []Edit, verdicts []verdict, versions map[*graph.Node][]version) *clash {
	all := replacements(edits)
	for _, edit := range edits {
		change := edit.replacement()
		for _, reader := range p.readers[edit.Path] {
			ref := reader.ref
			if reader.build == item.Node || !edit.changes(reader) {
				continue
			}
			if why, ok := p.ignores(reader.build.File); ok {
				return &clash{edit: edit, ignored: reader.build.Key + ", which the configuration ignores" + because(why)}
			}
			after, ok := edit.read(ref, edits)
			if !ok || !p.welcome(ref, after) && (edit.pins != nil || isIdle(edit, verdicts) || !p.moveTogether(item, ref, all, versions)) {
				return &clash{edit: edit, other: fmt.Sprintf("%s at %s", ref.Written, ref.Pos), ref: ref, after: after}
			}
			if ref.Exposure > scanner.Unreachable && ref.Outside.Path == "" {
				p.carried[item] = append(p.carried[item], carried{reader.build, ref, after.String()})
			}
		}
		if item.isOwn(edit) {
			continue
		}
		for _, t := range p.versionsAt(edit.Path) {
			if !t.text.Touches(change) {
				continue
			}
			after := t.text.After(all)
			switch {
			case after == t.text.S: // it is made of a part that stays: "20.1" of ${V%.*}
			case p.held[t.image] != "" && p.keepsTag(item, t.image):
				return &clash{edit: edit, other: p.versionOf(t.image) + ", " + p.held[t.image], image: t.image}
			case versions == nil && p.keepsTag(item, t.image):
				return &clash{edit: edit, other: p.versionOf(t.image) + ", of which a part stays without the patch", image: t.image}
			case edit.pins != nil || t.image.Maker() != item.Node && isIdle(edit, verdicts):
				return &clash{edit: edit, other: p.versionOf(t.image), image: t.image}
			case t.differs(after, versions[t.image]):
				return &clash{edit: edit, other: fmt.Sprintf("the tag of %s, whose next version is another", t.image.Key), image: t.image}
			case !p.madeOf(item, t.image, change) && !p.expected(item, t, after, versions):
				return &clash{edit: edit, other: p.versionOf(t.image), image: t.image}
			}
		}
	}
	return nil
}

// isIdle reports whether only references in stages that are not built want an edit.
func isIdle(edit Edit, verdicts []verdict) bool {
	wanted := func(isBuilt bool) bool {
		return slices.ContainsFunc(verdicts, func(v verdict) bool {
			if v.action != ActionBump || (v.ref.Exposure > scanner.Unreachable) != isBuilt {
				return false
			}
			return slices.Contains(v.rewrite(), edit.replacement())
		})
	}
	return wanted(false) && !wanted(true)
}

// differs reports whether an edit gives an image a tag that is none of its next versions, though it
// is of their flavour: what nothing but its use tells is ahead of what is made.
func (t tagged) differs(after string, versions []version) bool {
	text := after
	if t.reference {
		ref, err := imageref.Parse(after)
		if err != nil {
			return false // what else is wrong with it is found elsewhere
		}
		text = ref.Tag
	}
	tag, ok := imageref.ParseTag(text)
	alike := slices.DeleteFunc(slices.Clone(versions), func(v version) bool { return !ok || !v.now.SameFlavour(tag) })
	return len(alike) > 0 && !slices.ContainsFunc(alike, func(v version) bool { return v.next() == text })
}

// keepsTag reports whether an image that an item makes, and that others are based on, may get no
// new tag where a part of it stays without the patch: not even one that is made of its base's.
func (p *planner) keepsTag(item *Item, image *graph.Node) bool {
	t := p.targets[image]
	return image.Maker() == item.Node && image.IsConsumed() && (t == nil || t.maker != nil)
}

// moveTogether reports whether a reference is to an image of the repository that gets, with
// all waves at once, the version which the edits give the reference: one variable is the tag
// of a derived base and the argument of what is based on it. Wave after wave, that holds for what
// itself says the version. One that is pinned does not: nobody
// knows the digest of what is not made yet.
func (p *planner) moveTogether(item *Item, ref *scanner.Ref, all []trace.Replacement, versions map[*graph.Node][]version) bool {
	images := p.Graph.ImagesOf(ref)
	return ref.Image.Digest == "" && len(images) > 0 && !slices.ContainsFunc(images, func(image *graph.Node) bool {
		return !p.Atomic && !p.saysVersion(ref, image) || image.Maker() == nil || !p.expected(item, tagged{image: image, text: ref.Text, reference: true}, ref.Text.After(all), versions)
	})
}

// welcome reports whether a reference should read after. One that is pinned needs another digest
// for another tag.
func (p *planner) welcome(ref *scanner.Ref, after imageref.Ref) bool {
	if after.Repository != ref.Repository() {
		return false
	}
	for _, image := range p.Graph.ImagesOf(ref) {
		if t := p.targetOf(image, ref.Image); t != nil {
			bump := t.at(ref.Image.Tag)
			if t.maker == nil {
				bump = t.given(ref.Image)
			}
			if bump.Digest == "" && ref.Image.Digest != "" {
				return after.Tag == bump.Tag && (after.Tag == ref.Image.Tag || after.Digest != ref.Image.Digest)
			}
			return after.Tag == bump.Tag && (bump.Digest == "" || after.Digest == bump.Digest)
		}
	}
	return false
}

// madeOf reports whether the version of an image is made of that of its base, at the place of a
// change: several images have a tag of ${NODE_VERSION}. The build that makes it moves by the
// same change, and counts up what is of its own. It may have the version in a stage alone that it does not build.
func (p *planner) madeOf(item *Item, image *graph.Node, change trace.Replacement) bool {
	maker, affected := p.dependents[image.Maker()]
	if image.Maker() == nil || !affected || maker.Exposure == scanner.Unreachable || maker.Wave > item.Wave && !p.Atomic {
		return false
	}
	isBase := func(r reader) bool {
		return r.build == image.Maker() && (r.ref.Exposure > scanner.Unreachable || image.IsConsumed()) && r.ref.Text.Touches(change)
	}
	if !slices.ContainsFunc(p.readers[change.File.Path], isBase) {
		return false
	}
	if image.Maker() != item.Node {
		p.relied[item] = append(p.relied[item], image.Maker())
	}
	return true
}

// expected reports whether an image is to have the version that an edit gives it: one
// of the item's own, or one that is rebuilt no later than the item. That of an image
// which nobody stands on may move along.
func (p *planner) expected(item *Item, t tagged, after string, versions map[*graph.Node][]version) bool {
	tag := after
	if t.reference {
		ref, err := imageref.Parse(after)
		if err != nil || ref.Repository != t.image.Key {
			return false
		}
		tag = ref.Tag
	}
	isNext := func(v version) bool { return v.next() == tag }
	if with := p.joinedWith(t.image); with != nil {
		t.image = with
	}
	if slices.ContainsFunc(versions[t.image], isNext) || !t.image.IsConsumed() {
		return true
	}
	if len(versions[t.image]) > 0 && t.image.Maker() == item.Node && !t.differs(after, versions[t.image]) {
		return true // another flavour of what it makes, that nobody is on: 1.0.1-amd64 beside 1.0.1
	}
	if given := p.targets[t.image]; given != nil && given.maker == nil {
		return given.at(tag).Tag == tag
	} else if given == nil || !slices.Contains(given.tags, tag) {
		other, err := p.versions(t.image)
		if err != nil || !slices.ContainsFunc(other, isNext) {
			return false
		}
	}
	if t.image.Maker() == nil {
		return true
	}
	maker, affected := p.dependents[t.image.Maker()]
	if !affected || maker.Exposure == scanner.Unreachable || maker.Wave > item.Wave && !p.Atomic {
		return false
	}
	p.relied[item] = append(p.relied[item], t.image.Maker())
	return true
}
