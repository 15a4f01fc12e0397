package bumper

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// isOfTag reports whether b is of a tag that is no version: latest, trixie-slim. The tag names
// another image than before, which is no newer version of anything: it concerns the
// references to that very tag. One that pins is of such a tag, whatever it looks like.
func (b Bump) isOfTag() bool {
	if b.Tag == "" || b.From != "" || b.Pin {
		return b.Pin
	}
	_, isVersion := imageref.ParseTag(b.Tag)
	return !isVersion
}

// isOn reports whether a reference names the tag of b.
func (b Bump) isOn(image imageref.Ref) bool {
	return !image.IsZero() && cmp.Or(image.Tag, "latest") == b.Tag && (image.Tag != "" || image.Digest == "")
}

// mayConcern reports whether b may be for a reference. A bump of a tag is for the references that
// name the tag and, unless it pins, for those whose tag nothing tells.
func (b Bump) mayConcern(image imageref.Ref) bool {
	return !b.isOfTag() || b.isOn(image) || !b.Pin && image.Tag == "" && (image.IsZero() || image.Digest != "")
}

// notGiven says why a tag that moves does not bring in what becomes of the image: its build gives it other
// versions, 1.4.2 and 1.4 and not 1.3, or another flavour alone, 1.4-alpine. It is "" where the build may give the
// tag: one without a number, or none like v1.4 beside it, or not all of its tags are known.
func (t *target) notGiven(tag string) string {
	now, ok := imageref.ParseTag(tag)
	if !ok || t.maker == nil {
		return ""
	}
	var others []string
	for _, text := range given(t.image) {
		other, ok := imageref.ParseTag(text)
		if !ok || other.Prefix != now.Prefix {
			continue
		}
		if n := min(len(other.Numbers), len(now.Numbers)); slices.Equal(other.Numbers[:n], now.Numbers[:n]) && imageref.LineOf(text).Literals() == imageref.LineOf(tag).Literals() {
			return ""
		}
		others = append(others, text)
	}
	if len(others) == 0 {
		return ""
	}
	return fmt.Sprintf("%s makes %s as %s now, and not as %s", t.maker.File.Path, t.Image, strings.Join(others, " and "), tag)
}

// withoutAliases drops the tags that move along with another one: "1.0" beside
// "1.0.4".
func withoutAliases(releases []Release) []Release {
	return slices.DeleteFunc(slices.Clone(releases), func(alias Release) bool {
		return slices.ContainsFunc(releases, func(r Release) bool {
			return imageref.Relate(alias.Tag.S, r.Tag.S) == imageref.Moving
		})
	})
}

// given returns the tags that its build gives an image, each once; none where not all of them are known, or where
// all of them are words such as "dev", which say nothing of versions. Tags for architectures are put together to one
// for all, by something that may not be read.
func given(image *graph.Node) (tags []string) {
	for _, claim := range image.Claims {
		if len(claim.Tags) == 0 || len(claim.Partly) > 0 || len(claim.Patterns) > 0 {
			return nil
		}
		for _, tag := range claim.Tags {
			if graph.IsArchitecture(tag[strings.LastIndexAny(tag, "-_")+1:]) {
				return nil
			}
			if !slices.Contains(tags, tag) {
				tags = append(tags, tag)
			}
		}
	}
	if !slices.ContainsFunc(tags, func(tag string) bool { _, ok := imageref.ParseTag(tag); return ok }) {
		return nil
	}
	return tags
}

// sameFlavour reports whether a text is a tag of the same flavour.
func sameFlavour(tag imageref.Tag, text string) bool {
	other, ok := imageref.ParseTag(text)
	return ok && tag.SameFlavour(other)
}

// isLinked reports whether a build file bases an item on another build that may be rebuilt, by no tag.
func (p *planner) isLinked(item *Item) bool {
	return slices.ContainsFunc(item.File.Refs, func(ref *scanner.Ref) bool {
		return ref.Exposure > scanner.Unreachable && ref.Link != "" && p.isRebuilt(ref)
	})
}

// preRelease returns a tag of a pre-release that an item is known to give to what it makes, "" for none.
func (p *planner) preRelease(item *Item) string {
	for _, image := range item.Makes {
		for _, claim := range image.Claims {
			for _, text := range claim.Tags {
				if tag, ok := imageref.ParseTag(text); ok && tag.Pre != "" {
					return text
				}
			}
		}
	}
	return ""
}

// decideTag decides about a reference to a tag that names another image than before.
func (v verdict) decideTag() verdict {
	image := v.ref.Image
	switch {
	case image.Digest == "" && v.bump.Pin && v.ref.Link == "":
		v.action, v.pinned, v.adds = ActionBump, true, true
		if image.Tag == "" {
			v.tag = v.bump.Tag
		}
	case image.Digest == "":
		v.action = ActionRebuild
	case image.Digest == v.bump.Digest: // it is up to date
	case image.Tag == "":
		v.action, v.reason, v.detail = ActionSkip, ReasonUnresolved, "a digest alone says no tag: write the tag beside it"
	case v.bump.Digest == "":
		v.asks = true
	default:
		v.pinned = true
	}
	return v
}

// noteUnused says which tags that name other images than before no reference is on.
func (p *Plan) noteUnused(bump Bump) {
	if bump.isOfTag() && !slices.ContainsFunc(p.Graph.References(bump.Image), func(ref *scanner.Ref) bool { return bump.isOn(ref.Image) }) {
		p.note(source.CodeNothingOn, "no reference to %s is on %s, so nothing is rebuilt for it", bump.Image, bump.Tag)
	}
}
