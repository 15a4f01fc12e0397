package bumper

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// leftWith leaves a reference to a derived base that is left. Where that is on something newer, a
// version before the one that is made may be from before it was: whether it has the patch is not
// known, and what is built on it is not released as patched.
func (p *planner) leftWith(v verdict) verdict {
	t, maker := v.target, v.target.maker
	v.action, v.reason, v.maker = ActionSkip, cmp.Or(maker.lacking, maker.Reason), maker.File.Path
	v.detail = fmt.Sprintf("%s, which makes %s, is left", maker.File.Path, t.Image)
	if made := p.madeSince(t, v.ref.Image); v.reason == ReasonNewer && made != "" {
		v.reason, v.maker = ReasonUnresolved, ""
		v.detail = fmt.Sprintf("%s makes %s on a newer version; whether %s was made on one too is not known", maker.File.Path, made, v.ref.Image.Tag)
	}
	return v
}

// madeSince returns a version of a derived base that comes after the tag of a reference, by a step
// that may be taken; "" where none does.
func (p *planner) madeSince(t *target, image imageref.Ref) string {
	versions, err := p.versions(t.image)
	if err != nil {
		return ""
	}
	for _, v := range versions {
		if step := t.scheme.Relate(image.Tag, v.now.Text); imageref.Patch <= step && step <= p.Level {
			return v.now.Text
		}
	}
	return ""
}

// waitsAlong reports whether a reference has no tag that could be waited for, while its maker waits: it is to
// what a build file names as a build of its own, which is built along with the item, or by a tag that moves.
// The latter counts for an item that is edited, and may get a new version for that: another reference of it is
// on the patched base itself, say, and acme/mid:latest is not rebuilt yet.
func (v *verdict) waitsAlong(isEdited bool) bool {
	if v.target.maker == nil || !v.target.maker.Pending() || v.ref.Exposure == scanner.Unreachable || v.action != ActionRebuild {
		return false
	}
	return v.ref.Link != "" || isEdited && !v.ref.Image.IsZero() && v.ref.Image.Digest == "" && v.target.follows(v.ref.Image.Tag)
}

// waitWith makes an item wait for what another waits for. Nothing is edited for that: what moves
// another of its references along has to wait as well, or no edit of its own is left. It never waits for
// what it is on already.
func (i *Item) waitWith(other *Item) {
	for _, reference := range other.WaitsFor {
		if !i.isOn(reference) {
			i.linked = append(i.linked, awaited{reference, other.Wave})
		}
	}
	i.delay(i.linked)
}

// isOn reports whether a reference of an item is this one.
func (i *Item) isOn(reference string) bool {
	return slices.ContainsFunc(i.File.Refs, func(ref *scanner.Ref) bool {
		return ref.Exposure > scanner.Unreachable && ref.Image.String() == reference
	})
}

// saysVersion reports whether a reference in a text is the very place that says which version an image of
// the repository has. It moves with that, and waits for nothing that is made of it.
func (p *planner) saysVersion(ref *scanner.Ref, image *graph.Node) bool {
	if ref.Kind != scanner.InText || image.Maker() == nil {
		return false
	}
	if t := p.targets[image]; t != nil && t.maker == nil {
		return false
	}
	versions, err := p.versions(image)
	return err == nil && slices.ContainsFunc(versions, func(v version) bool {
		return slices.ContainsFunc(v.places, func(r Release) bool { return r.Tag.Shares(ref.Text) })
	})
}
