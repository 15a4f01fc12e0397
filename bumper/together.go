package bumper

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// together leaves the items whose edits of build files are right one by one, and not all at once:
// two values of one matrix that become the same make two targets of one name. Those that come
// later are among them, since they meet in the end. It reports whether there are any.
func (p *planner) together(ctx context.Context) bool {
	if p.Verify == nil {
		return false
	}
	var items []*Item
	for _, item := range p.Items {
		if len(item.outside()) > 0 {
			items = append(items, item)
		}
	}
	found := false
	for len(items) > 1 && ctx.Err() == nil {
		why := p.verifyAll(ctx, items)
		if why == nil {
			break
		}
		found = true
		clear(p.later) // it is found anew
		// The first items that are not right together end with one, and begin with another.
		last := sort.Search(len(items)-1, func(n int) bool { return p.verifyAll(ctx, items[:n+1]) != nil })
		first := sort.Search(last, func(n int) bool { return p.verifyAll(ctx, items[n+1:last+1]) == nil })
		a, b := items[first], items[last]
		if why = p.verifyAll(ctx, []*Item{a, b}); why == nil {
			why = p.verifyAll(ctx, items[first:last+1])
		}
		leave := []*Item{a, b}
		for _, c := range items {
			if c != a && c != b && c.sharesFile(a) && p.verifyAll(ctx, []*Item{a, c}) != nil {
				leave = append(leave, c) // a third value that becomes the same
			}
		}
		for _, item := range leave {
			other := a
			if item == a {
				other = b
			}
			p.left[item.Node] = fmt.Errorf("%s: it cannot move along with %s: %w", item.File.Path, other.Node.Label, why)
		}
		items = slices.DeleteFunc(items, func(item *Item) bool { return slices.Contains(leave, item) })
	}
	return found
}

// bindingWaits returns what those builds wait for which take a reference that an item carries as
// well, from a place that the item does not edit: all of its places move in one change.
func (p *planner) bindingWaits(item *Item, c carried) []awaited {
	var all []awaited
	for _, other := range p.Items {
		isBound := other != item && other.Node != c.build && other.isOf(c.build.File) && other.takes(c.ref)
		if isBound && !slices.ContainsFunc(p.carried[item], func(o carried) bool { return o.build == other.Node && o.ref.Pos == c.ref.Pos }) {
			all = append(all, other.awaited()...)
		}
	}
	return all
}

// siblingWaits returns what other builds of the Dockerfile and target of an item wait for, among the items that are of
// its Dockerfile, where they take a reference that it moves from a place that it does not edit: one of them may wait with
// what it moves along.
func (p *planner) siblingWaits(item *Item, items []*Item) []awaited {
	var all []awaited
	for _, other := range items {
		if other != item && other.isOf(item.File) && slices.ContainsFunc(item.moved, func(ref *scanner.Ref) bool {
			return other.takes(ref) && !slices.ContainsFunc(p.carried[item], func(c carried) bool { return c.build == other.Node && c.ref.Pos == ref.Pos })
		}) {
			all = append(all, other.awaited()...)
		}
	}
	return all
}

// isOf reports whether an item is a build of the same Dockerfile and target as another build.
func (i *Item) isOf(file *scanner.File) bool {
	return i.File.Path == file.Path && strings.EqualFold(i.File.Target, file.Target)
}

// takes reports whether an item moves the same reference of the Dockerfile.
func (i *Item) takes(ref *scanner.Ref) bool {
	return slices.ContainsFunc(i.moved, func(own *scanner.Ref) bool { return sameRef(own, ref) })
}

// sameRef reports whether references of two builds of one Dockerfile are one there, and name the same.
func sameRef(a, b *scanner.Ref) bool {
	return a.Kind == b.Kind && a.Pos == b.Pos && a.Image.String() == b.Image.String()
}

// awaited returns what an item waits for.
func (i *Item) awaited() (all []awaited) {
	if !i.Pending() {
		return nil
	}
	for _, reference := range i.WaitsFor {
		all = append(all, awaited{reference, i.Wave})
	}
	return all
}

// releaseWaits returns what a build waits for that gets its next tag later in the build file, where an item moves
// all of its references along that are built: nothing would be left to edit then, and the tag would never be made.
func (p *planner) releaseWaits(item, other *Item) []awaited {
	if !other.Pending() || !p.givesTag(other) || slices.ContainsFunc(other.moved, func(ref *scanner.Ref) bool {
		return ref.Exposure > scanner.Unreachable && !slices.ContainsFunc(p.carried[item], func(c carried) bool { return c.build == other.Node && c.ref == ref })
	}) {
		return nil
	}
	return other.awaited()
}

// givesTag reports whether an item edits the tag that a build file gives to what it makes.
func (p *planner) givesTag(item *Item) bool {
	return slices.ContainsFunc(item.Makes, func(image *graph.Node) bool {
		return slices.ContainsFunc(p.Tags[image], func(tag trace.Text) bool {
			return slices.ContainsFunc(item.Edits, func(e Edit) bool { return tag.Touches(e.replacement()) })
		})
	})
}

// defaultsNow adds, to what is edited now, the defaults over the references of builds that it moves
// along and that are edited later themselves: once such a reference has moved, its default may be
// all that is left there, and that moves alone never.
func (p *planner) defaultsNow(ctx context.Context) {
	byBuild := map[*graph.Node]*Item{}
	for _, item := range p.Items {
		byBuild[item.Node] = item
	}
	for _, item := range p.Items {
		if len(item.Edits) == 0 || item.Pending() {
			continue
		}
		for _, c := range p.carried[item] {
			if other := byBuild[c.build]; other != nil && other.Pending() {
				item.Edits = append(item.Edits, p.defaultsOf(ctx, other, c, item.Edits)...)
			}
		}
		item.sortEdits()
	}
}

// defaultsOf returns those edits of an item which move the defaults at the place of a reference
// and nothing else.
func (p *planner) defaultsOf(ctx context.Context, item *Item, c carried, known []Edit) []Edit {
	var defaults []Edit
	for _, d := range p.defaults[item.File.Path] {
		if d.Kind != c.ref.Kind || d.Stage != c.ref.Stage || d.Pos != c.ref.Pos || d.Repository() != c.ref.Repository() {
			continue
		}
		for _, e := range item.Edits {
			all := slices.Concat(known, defaults)
			other, isKnown := find(all, e)
			after, err := imageref.Parse(d.Text.After(replacements([]Edit{e})))
			isMeant := err == nil && after != d.Image && after.String() == c.to
			if other == nil && !isKnown && isMeant && p.movesNothingElse(e) && p.verify(ctx, item.File, append(all, e)) == nil {
				defaults = append(defaults, e)
			}
		}
	}
	return defaults
}

// movesNothingElse reports whether an edit of a default changes no reference of a build, and no
// version of an image.
func (p *planner) movesNothingElse(e Edit) bool {
	return !slices.ContainsFunc(p.Graph.Builds(), func(build *graph.Node) bool {
		return build.File.Origin.Path == e.Path && sideEffect(build.File, e.src, []Edit{e}, nil) != nil
	}) && !slices.ContainsFunc(p.versionsAt(e.Path), func(t tagged) bool { return t.text.Touches(e.replacement()) })
}

// unclear leaves the items that edit what says the version of an image of another item which is
// not clear: once it is edited, it says something else.
func (p *planner) unclear() {
	for _, item := range p.Items {
		var contradiction *ContradictionError
		if !errors.As(item.Err, &contradiction) || p.Releases == nil {
			continue
		}
		for _, image := range item.Makes {
			places, _ := p.Releases(image)
			for _, other := range p.Items {
				if slices.ContainsFunc(places, func(r Release) bool {
					return slices.ContainsFunc(other.Edits, func(e Edit) bool { return r.Tag.Touches(e.replacement()) })
				}) {
					p.left[other.Node] = p.apart(other, item.Node, "is not clear", nil)
				}
			}
		}
	}
}

// outside returns the edits of an item in other files than its Dockerfile.
func (i *Item) outside() []Edit { return slices.DeleteFunc(slices.Clone(i.Edits), i.isOwn) }

// isOwn reports whether an edit is in the Dockerfile of an item, which is a file of its own: what
// holds one as a text is a build file.
func (i *Item) isOwn(e Edit) bool { return e.Path == i.File.Origin.Path && !i.File.IsInline() }

// Inline returns the Dockerfile of an item that is a text inside another file, as it is once all
// edits of the plan are made; "" for a file of its own.
func (p *Plan) Inline(item *Item) string {
	if !item.File.IsInline() {
		return ""
	}
	return p.After(item.File.Inline)
}

// After returns what a text reads once all edits of the plan are made.
func (p *Plan) After(text trace.Text) string {
	if p.edited == nil {
		p.edited = map[string][]trace.Replacement{}
		for _, item := range p.Items {
			for _, r := range replacements(item.Edits) {
				p.edited[r.File.Path] = append(p.edited[r.File.Path], r)
			}
		}
	}
	var all []trace.Replacement
	seen := map[string]bool{}
	for _, piece := range text.Pieces() {
		if piece.File != nil && !seen[piece.File.Path] {
			seen[piece.File.Path] = true
			all = append(all, p.edited[piece.File.Path]...)
		}
	}
	return text.After(all)
}

// sharesFile reports whether two items edit a file besides their Dockerfiles.
func (i *Item) sharesFile(other *Item) bool {
	return slices.ContainsFunc(i.outside(), func(e Edit) bool {
		return slices.ContainsFunc(other.outside(), func(o Edit) bool { return o.Path == e.Path })
	})
}

// verifyAll is verify for the edits of several items.
func (p *planner) verifyAll(ctx context.Context, items []*Item) error {
	var edits []Edit
	for _, item := range items {
		for _, e := range item.outside() {
			if _, known := find(edits, e); !known {
				edits = append(edits, e)
			}
		}
	}
	return p.Verify(ctx, replacements(edits))
}
