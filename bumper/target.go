package bumper

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// A target is the version that references to an image should have, and for a
// derived base what becomes of the Dockerfile that makes it.
type target struct {
	Bump
	image *graph.Node
	maker *Item  // nil for a base that is bumped
	bumps []Bump // of a base that is bumped: one, or several for flavours of it and versions that they move from

	// tags are the versions that a derived base has or gets, one for each scheme;
	// none where its consumers follow it as they are. was has what each of them was before,
	// where that is known.
	tags []string
	was  map[string]imageref.Tag
	made []string // those of the tags that edits of something else make, such as of the version of its base

	scheme imageref.Scheme // by which the tags of a derived base count up, where a person has said it

	aliases []string // tags that builds give a derived base and that move with others

	ahead  bool  // its version is written and nobody is on it yet, while a moving tag brings it to be rebuilt again
	noNext error // why the next version of a derived base is not known; nil where it is, or none is needed
}

// follows is [imageref.Follows].
func follows(tag string) bool { return imageref.Follows(tag) }

// follows reports whether a tag moves with the image.
func (t *target) follows(tag string) bool { return t.moves(tag) || slices.Contains(t.aliases, tag) }

// moves reports whether a tag moves with the image as far as it says so itself. 117 does not where the tags are
// said to count builds.
func (t *target) moves(tag string) bool { return follows(tag) && !t.scheme.Counts(tag) }

// held returns why a reference with no version to go to stays without the patch; "" where it
// follows the image as it is: a tag that moves, or a build file that names the build. It is "" too for a digest alone
// of an image with a next version: the tag of the digest is what is missing then.
func (t *target) held(current imageref.Ref, level imageref.Step) string {
	if t.noNext == nil || current.IsZero() || current.Digest == "" && t.follows(current.Tag) {
		return ""
	}
	if current.Tag == "" && len(t.tags) > 0 {
		return ""
	}
	now, ok := imageref.ParseTag(current.Tag)
	if ok && slices.ContainsFunc(t.tags, func(tag string) bool { return t.replaces(now, tag, level) }) {
		return ""
	}
	if all := given(t.image); ok && len(t.tags) > 0 && all != nil && !slices.ContainsFunc(all, func(tag string) bool { return sameFlavour(now, tag) }) {
		if step := t.scheme.Relate(current.Tag, t.at(current.Tag).Tag); step == imageref.Variant || step > level {
			return "" // it is of another scheme than what is made, or before it
		}
	}
	why := "whose next version is not known"
	if none := (*NoVersionError)(nil); errors.As(t.noNext, &none) && none.Held {
		why = none.Why
	}
	return fmt.Sprintf("%s makes %s, %s", t.maker.File.Path, t.Image, why)
}

// replaces reports whether a version is one of the same flavour as the tag of a reference, or
// comes after one, or after the tag itself by a step up to level: 1.4.1-node20.1.3 after
// 1.4.0-node20.1.0.
func (t *target) replaces(now imageref.Tag, tag string, level imageref.Step) bool {
	to, ok := imageref.ParseTag(tag)
	was, known := t.was[tag]
	step := t.scheme.Relate(now.Text, tag)
	return ok && to.SameFlavour(now) || known && was.SameFlavour(now) || imageref.Patch <= step && step <= level
}

// onLine reports whether a version, or what it comes after, is on the line of a tag.
func (t *target) onLine(now imageref.Tag, tag string) bool {
	to, _ := imageref.ParseTag(tag)
	was, known := t.was[tag]
	return now.SameLine(to) || known && now.SameLine(was)
}

// rebuilt reports whether the image is one that is still to be made anew.
func (t *target) rebuilt() bool {
	return t.maker != nil && t.maker.lacking == "" && (t.maker.Action == ActionBump || t.maker.Action == ActionRebuild)
}

// left reports whether the image stays without the patch.
func (t *target) left() bool {
	return t.maker != nil && (t.maker.Action == ActionSkip && !t.maker.settled() || t.maker.lacking != "")
}

// settled reports whether the item has the patch, as far as it is to have it: a
// reference that is built has it, others may be left.
func (i *Item) settled() bool {
	return i.Action == ActionUpToDate || i.Action == ActionSkip && i.has && i.lacking == "" && i.Err == nil
}

// at returns the version that a reference with the tag current should have: that
// of its own scheme, or the first where there is none.
func (t *target) at(current string) Bump {
	if t.maker == nil {
		return t.given(imageref.Ref{Tag: current})
	}
	if len(t.tags) == 0 {
		return t.Bump
	}
	best := ""
	now, _ := imageref.ParseTag(current)
	for _, tag := range t.tags {
		if t.replaces(now, tag, imageref.Same) && t.onLine(now, tag) {
			return Bump{Image: t.Image, Tag: tag} // of several release lines its own
		}
		if best == "" && t.scheme.Relate(current, tag) != imageref.Variant || best != "" && later(current, best, tag) {
			best = tag
		}
	}
	if best != "" {
		return Bump{Image: t.Image, Tag: best}
	}
	return Bump{Image: t.Image, Tag: t.tags[0]}
}

// later reports whether a tag that moves with two versions moves to the second one: it is
// the newer.
func later(moving, a, b string) bool {
	from, _ := imageref.ParseTag(a)
	to, ok := imageref.ParseTag(b)
	return ok && imageref.Relate(moving, b) == imageref.Moving && (imageref.Relate(moving, a) != imageref.Moving || to.SameScheme(from) && to.Compare(from) > 0)
}

// derive sets the targets that an item's images are for those that stand on them.
//
// A derived base that is edited gets the next version. One that has the patch is
// wanted in the version that the repository says it has. Where only its consumers
// say so, it is the one that followed those of the time when it got the patch, if
// the history tells; else it is not known, and the next one is wanted if that is
// published. One that a moving tag
// brings the patch to is rebuilt as it is: whether that has happened is not
// written anywhere, and running again on the own result must change nothing.
func (p *planner) derive(ctx context.Context, item *Item, versions map[*graph.Node][]version) {
	if item.Exposure == scanner.Unreachable || !item.File.IsDockerfile() {
		return
	}
	for _, image := range item.Makes {
		if p.targets[image] != nil {
			continue
		}
		t := &target{Bump: Bump{Image: image.Key}, image: image, maker: item, was: map[string]imageref.Tag{}}
		p.targets[image] = t
		if p.versioned && image.IsConsumed() {
			t.aliases, t.scheme = p.aliases(image), p.scheme(image)
		}
		switch {
		case !p.versioned || !image.IsConsumed():
		case p.joinedWith(image) != nil: // its tags go where those of the other image go; a named context follows the build
		case item.settled() && p.held[image] != "":
			t.noNext = p.withoutNext(t, p.held[image])
		case item.settled():
			if t.tags, t.noNext = p.standing(ctx, item, image); t.noNext == nil {
				t.noNext = p.withoutNext(t, p.whyNoNext(item, nil))
			}
		case item.Action == ActionRebuild:
			t.tags, t.ahead = p.upcoming(ctx, item, image)
			for _, v := range versions[image] {
				if v.stays && !slices.Contains(t.tags, v.now.Text) {
					t.tags, t.ahead = append(t.tags, v.now.Text), true
				}
			}
		}
		if item.Action == ActionBump && item.lacking == "" {
			for _, v := range versions[image] {
				if next := v.next(); next != "" {
					t.tags = append(t.tags, next)
					t.was[next] = v.now
					if v.becomes != "" {
						t.made = append(t.made, next)
					}
					item.Releases = append(item.Releases, Bump{Image: image.Key, Tag: next})
				}
			}
		}
		if t.rebuilt() && image.IsConsumed() && p.versioned {
			t.noNext = p.withoutNext(t, cmp.Or(p.held[image], p.whyNoNext(item, versions[image])))
		}
		if t.noNext != nil {
			p.remark(t.noNext)
		}
		for _, tag := range t.tags {
			if t.rebuilt() {
				p.Derived = append(p.Derived, Derived{Bump{Image: image.Key, Tag: tag}, item})
			}
		}
		if t.rebuilt() && len(t.tags) == 0 && !image.Nameless {
			p.Derived = append(p.Derived, Derived{t.Bump, item})
		}
	}
	slices.SortFunc(item.Releases, compareBumps)
}

// standing returns the versions in which a derived base has the patch.
func (p *planner) standing(ctx context.Context, item *Item, image *graph.Node) ([]string, error) {
	if !image.IsConsumed() {
		return nil, nil
	}
	versions, err := p.versions(image)
	if err != nil {
		return nil, err
	}
	var tags []string
	for _, v := range versions {
		isWritten, next := len(v.places) > 0, v.next()
		counts := next != "" || v.hasScheme()
		assumed := p.assumed(image, v.now)
		switch {
		case !item.proved: // a tag that moves brings the patch, and whether it was built since is written nowhere
		case p.isFromBefore(ctx, item, image, v), isWritten && counts && p.isCutOff(ctx, item, image, v):
			if assumed == "" {
				p.noteUnknown(item, image, v)
			} else {
				tags = append(tags, assumed)
			}
		case isWritten && !v.hasScheme() && follows(v.now.Text) && !p.isMadeOfBase(item.Node, v.places): // nobody goes from one tag that moves to another
		case isWritten && (counts || newerThanUsed(image, v.now) && (p.isMadeOfBase(item.Node, v.places) || p.movedSince(ctx, item, v))):
			tags = append(tags, v.now.Text)
		case assumed != "":
			tags = append(tags, assumed)
		default:
			then := ""
			if !isWritten { // what is written and does not count up is that of a program inside, or a date
				then = p.whenPatched(ctx, item, image, v.now)
			}
			if then != "" {
				tags = append(tags, then)
			} else if next != "" && p.published(ctx, Bump{Image: image.Key, Tag: next}) {
				tags = append(tags, next)
			} else if t := p.targets[image]; isWritten || v.hasScheme() || !t.moves(v.now.Text) || t.notGiven(v.now.Text) != "" { // else what is on it follows the image
				p.noteUnknown(item, image, v)
			}
		}
	}
	return p.withAssumed(image, tags), nil
}

// noteUnknown notes that it is not known which version of an image has the patch.
func (p *planner) noteUnknown(item *Item, image *graph.Node, v version) {
	what := fmt.Sprintf("which version of %s has it is written nowhere", image.Key)
	if len(v.places) > 0 {
		what = fmt.Sprintf("whether %s has it as %s, which %s says, is not known", image.Key, v.now.Text, v.places[0].Tag.Pos())
	}
	ways := fmt.Sprintf("--assume-published %s@VERSION says which", imageref.Base(image.Key))
	if p.Shallow {
		what += " in a shallow clone"
		ways += ", and git fetch --unshallow (fetch-depth: 0 of actions/checkout) may"
	}
	p.note(source.CodeUnknownRelease, "%s has the patch; %s, so what stands on it stays as it is: %s", item.File.Path, what, ways)
}

// withAssumed adds the tags in which an image is said to be published, for flavours that have none.
func (p *planner) withAssumed(image *graph.Node, tags []string) []string {
	for _, tag := range p.assumedTags(image) {
		assumed, ok := imageref.ParseTag(tag)
		if ok && !slices.ContainsFunc(tags, func(known string) bool { return sameFlavour(assumed, known) }) {
			tags = append(tags, tag)
		}
	}
	return tags
}

// whyNoNext says why a derived base that is rebuilt may have no next version.
func (p *planner) whyNoNext(item *Item, versions []version) string {
	switch {
	case item.Action == ActionRebuild && p.Renew != nil && p.Renew(item.Node.Whole()):
		return "whose version is written nowhere"
	case item.settled() && item.proved:
		return "and in which version it has the patch is not known"
	case item.Action == ActionRebuild && p.isLinked(item):
		return "which is rebuilt under the tag that it has, together with the build that its build file bases it on"
	case item.Action == ActionRebuild || item.settled():
		return "which is rebuilt under the tag that it has, since a moving tag brings the patch in"
	case len(versions) == 0:
		if tag := p.preRelease(item); tag != "" {
			return fmt.Sprintf("and which version comes after %s, a pre-release, is not known", tag)
		}
		return "which has no version that is known"
	}
	stays := slices.IndexFunc(versions, func(v version) bool { return v.next() == "" })
	if stays < 0 { // what these have is no version: a commit, or another name
		return "and which tag comes after theirs is not known"
	}
	return fmt.Sprintf("and which version comes after %s is not known", versions[stays].now.Text)
}

// newerThanUsed reports whether a version is newer than all that refer to its scheme.
func newerThanUsed(image *graph.Node, now imageref.Tag) bool {
	for _, u := range used(image) {
		if u.tag.SameFlavour(now) && u.tag.Compare(now) >= 0 {
			return false
		}
	}
	return true
}

// assumed returns the tag of the scheme of now in which the image is said to be
// published; "" if there is none.
func (p *planner) assumed(image *graph.Node, now imageref.Tag) string {
	for _, tag := range p.assumedTags(image) {
		if sameFlavour(now, tag) {
			return tag
		}
	}
	return ""
}

// assumedTags returns the tags in which it is said that an image is published.
func (p *planner) assumedTags(image *graph.Node) (tags []string) {
	for _, bump := range p.Assumed {
		if bump.Image == image.Key && slices.Contains(p.Graph.LinesOf(image.Key, bump.Tag), image) {
			tags = append(tags, bump.Tag)
		}
	}
	return tags
}

// ready reports whether references to a target can move now.
func (p *planner) ready(ctx context.Context, t *target, bump Bump) bool {
	switch {
	case t.maker == nil || p.Atomic || slices.Contains(p.Assumed, bump):
		return true
	case t.rebuilt() && !t.ahead:
		return false // what is published by that name now is something else
	}
	return p.published(ctx, bump)
}

// published asks once for each reference.
func (p *planner) published(ctx context.Context, bump Bump) bool {
	reference := bump.String()
	switch {
	case slices.Contains(p.Assumed, bump):
		return true
	case p.Published == nil:
		return false
	}
	answer, asked := p.asked[reference]
	if !asked {
		answer.published, answer.err = p.Published(ctx, reference)
		p.asked[reference] = answer
	}
	if answer.err != nil {
		// The plan may be another one than that for which it was asked.
		p.note(source.CodeUnknownPublished, "whether %s is published is not known, so nothing moves to it yet: %w", reference, answer.err)
	}
	return answer.published && answer.err == nil
}

// note adds what a person should know, once.
func (p *Plan) note(code source.Code, format string, args ...any) {
	p.remark(&source.Error{Err: fmt.Errorf(format, args...), Code: code})
}

// remark is note for an error.
func (p *Plan) remark(err error) {
	n := &source.Error{Err: err, Code: source.CodeOf(err), Hint: source.Hint(err)}
	if !slices.ContainsFunc(p.Notes, func(o *source.Error) bool { return o.Error() == n.Error() }) {
		p.Notes = append(p.Notes, n)
	}
}

// An answer is what a registry said of a reference.
type answer struct {
	published bool
	err       error
}
