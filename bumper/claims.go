package bumper

import (
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/scanner"
)

// makes reports whether a reference of a build is to an image that the build makes.
func (p *planner) makes(build *graph.Node, ref *scanner.Ref) bool {
	return slices.ContainsFunc(p.Graph.ImagesOf(ref), func(image *graph.Node) bool { return image.Maker() == build })
}

// claimed leaves a reference to a derived base whose tag several builds claim, where not all of
// them get the patch: which of them makes the next tag is not known.
func (p *planner) claimed(v verdict) verdict {
	if v.target.maker == nil || v.action != ActionBump && v.action != ActionRebuild {
		return v
	}
	for _, build := range p.Graph.Claimants(v.ref) {
		if !p.isAffected(build) {
			v.action, v.reason, v.detail = ActionSkip, ReasonUnresolved, fmt.Sprintf("%s claims %s too, and does not get the patch: say under images: which of them makes it", build.Key, v.ref.Image.String())
		}
	}
	return v
}

// hold keeps the tags of derived bases that another build makes as well, unless all of them
// move together or have the patch: a new tag says that what it names has it. One that could move now
// waits for what another waits for, and is left with another that moves by --atomic alone.
func (p *planner) hold(items map[*graph.Node]*Item) {
	for _, item := range p.Items {
		for _, image := range item.Makes {
			if p.held[image] != "" || item.Action != ActionBump && !item.settled() || p.joinedWith(image) != nil || item.settled() && len(p.assumedTags(image)) > 0 {
				continue
			}
			for _, build := range p.Graph.Partners(image) {
				other := items[build]
				if slices.ContainsFunc(p.joined[image], func(theirs *graph.Node) bool { return theirs.Maker() == build }) {
					continue
				}
				if other != nil && item.Action == ActionBump && other.Action == ActionBump && p.meet(item, other, items) {
					continue
				}
				if item.Action == ActionBump && p.movesAtOnce(other, items) {
					p.left[item.Node] = &laterError{fmt.Errorf("%s: %s makes %s too, and moves later: --atomic moves both", item.Node.Label, build.Label, image.Key)}
					break
				}
				if other == nil || !item.settled() || !other.hasIt() {
					p.held[image] = withoutPatch(build)
					break
				}
			}
		}
	}
}

// meet makes an item wait for what another waits for. It reports whether both move together then.
func (p *planner) meet(item, other *Item, items map[*graph.Node]*Item) bool {
	waits, others := p.waits(item, items), p.waits(other, items)
	switch {
	case len(waits) > 0 && len(others) > 0 || len(waits)+len(others) == 0:
		return true
	case len(waits) > 0:
		return !slices.ContainsFunc(waits, other.makes) // it is the other that waits
	case slices.ContainsFunc(others, item.makes):
		return false
	}
	p.later[item.Node] = others
	return true
}

// waits returns what an item waits for, or will with what it moves along.
func (p *planner) waits(item *Item, items map[*graph.Node]*Item) []awaited {
	all := item.awaited()
	for _, c := range p.carried[item] {
		if other := items[c.build]; other != nil {
			all = append(all, other.linked...)
		}
	}
	return all
}

// hasIt reports whether the item has the patch, though a tag that moves may bring it once more.
func (i *Item) hasIt() bool {
	return i.settled() || i.Action == ActionRebuild && i.proved && i.lacking == "" && !i.Pending()
}

// keepShared holds the tag of an image that another build makes too and does not get the patch, where both tags are
// written in one place. It reports whether there is one among the versions.
func (p *planner) keepShared(other *graph.Node, versions map[*graph.Node][]version) bool {
	if other == nil || other.Maker() == nil || p.isAffected(other.Maker()) {
		return false
	}
	for image := range versions {
		if image != other && image.Key == other.Key && slices.Contains(p.Graph.Partners(image), other.Maker()) {
			p.held[image] = withoutPatch(other.Maker())
			delete(versions, image)
			return true
		}
	}
	return false
}

// withoutPatch says of a tag that another build makes as well why it stays.
func withoutPatch(build *graph.Node) string {
	return fmt.Sprintf("which %s makes too, and that does not get the patch with it", build.Label)
}

// taken says why an image gets no new tag where another build makes that one already: it names an
// image without the patch. "" where none does.
func (p *planner) taken(image *graph.Node, versions []version) string {
	for _, line := range p.Graph.Lines(image.Key) {
		for _, v := range versions {
			if next := v.next(); line.Maker() != nil && line.Maker() != image.Maker() && slices.ContainsFunc(line.Claims, func(c graph.Claim) bool { return slices.Contains(c.Tags, next) }) {
				return fmt.Sprintf("whose next version, %s, is what %s makes already", next, line.Maker().Label)
			}
		}
	}
	return ""
}

// An agreement is about the next tag of an image that is at one now.
type agreement struct {
	image *graph.Node
	now   string
}

// agree lets the builds of one tag have one next tag: where it holds the version of a base in one of them
// (node:${NODE_VERSION}), the others get what comes of that, and count nothing up. It reports whether there are
// any that did not.
func (p *planner) agree(items map[*graph.Node]*Item) (found bool) {
	for _, item := range p.Items {
		for _, image := range item.Makes {
			t := p.targets[image]
			if t == nil || t.maker != item || len(t.made) == 0 {
				continue
			}
			for _, build := range p.Graph.Partners(image) {
				if other := items[build]; other != nil && other != item && p.agreeOn(t, other) {
					found = true
				}
			}
		}
	}
	return found
}

// agreeOn lets another build of the tags of an image have the next ones that edits make of them.
func (p *planner) agreeOn(t *target, other *Item) (found bool) {
	for _, image := range other.Makes {
		with := p.targets[image]
		if with == nil || with.maker != other || image.Key != t.image.Key {
			continue
		}
		versions, _ := p.versions(image) // that of a tag that moves has no next one of its own
		for _, v := range versions {
			key := agreement{image, v.now.Text}
			i := slices.IndexFunc(t.made, func(made string) bool { return t.was[made].Text == key.now })
			isMade := slices.ContainsFunc(with.made, func(made string) bool { return with.was[made].Text == key.now })
			if i >= 0 && !isMade && p.agreed[key] == "" && !slices.Contains(with.tags, t.made[i]) {
				p.agreed[key], found = t.made[i], true
			}
		}
	}
	return found
}
