package bumper

import (
	"cmp"
	"fmt"

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
		if step := imageref.Relate(image.Tag, v.now.Text); imageref.Patch <= step && step <= p.Level {
			return v.now.Text
		}
	}
	return ""
}

// waitsAlong reports whether a reference is to what a build file names as a build of its own, which
// is built along with the item: it has no tag that could be waited for.
func (v *verdict) waitsAlong() bool {
	return v.target.maker != nil && v.target.maker.Pending() && v.ref.Link != "" && v.ref.Exposure > scanner.Unreachable && v.action == ActionRebuild
}

// waitWith makes an item wait for what another waits for. Nothing is edited for that: what moves
// another of its references along has to wait as well, or no edit of its own is left.
func (i *Item) waitWith(other *Item) {
	for _, reference := range other.WaitsFor {
		i.linked = append(i.linked, awaited{reference, other.Wave})
	}
	i.delay(i.linked)
}
