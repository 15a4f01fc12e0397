package bumper

import (
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
)

// reconcile looks whether the plan holds together: no two items edit the same bytes in
// two ways, and what an item relies on is edited. It reports whether there are items
// that have to be left, or to wait. What waits for others is found anew once one is left.
func (p *planner) reconcile() (again bool) {
	before, waiting := len(p.left)+len(p.bound)+len(p.held), len(p.later)
	defer func() {
		if len(p.left)+len(p.bound)+len(p.held) > before {
			clear(p.later)
			again = true
		}
	}()
	byBuild, byPath := map[*graph.Node]*Item{}, map[string][]*Item{}
	for _, item := range p.Items {
		byBuild[item.Node] = item
		byPath[item.File.Path] = append(byPath[item.File.Path], item)
	}
	p.bind(byPath)
	if p.agree(byBuild) || p.join(byBuild) {
		clear(p.later)
		return true
	}
	held := len(p.held) + len(p.left)
	if p.hold(byBuild); len(p.held)+len(p.left) > held {
		return true // what else does not fit may fit without these
	}
	p.unclear()
	edits := map[string][]Edit{} // by path
	for _, item := range p.Items {
		if len(item.Edits) == 0 {
			continue
		}
		for _, c := range p.carried[item] {
			other := byBuild[c.build]
			if other == nil || other.Action != ActionBump {
				p.left[item.Node] = p.apart(item, c.build, "does not move", other)
				continue
			}
			all := p.later[c.build]
			if slices.Contains(other.WaitsFor, c.to) {
				all = append(slices.Clip(all), awaited{c.to, other.Wave})
			}
			all = slices.Concat(all, other.linked, p.bindingWaits(item, c), p.releaseWaits(item, other))
			switch {
			case item.Pending() || len(all) == 0:
			case slices.ContainsFunc(all, item.makes):
				p.left[item.Node] = &laterError{p.apart(item, c.build, "moves later: --atomic moves both", nil)}
			default:
				p.later[item.Node] = append(p.later[item.Node], all...)
			}
		}
		switch all := p.siblingWaits(item, byPath[item.File.Path]); {
		case item.Pending() || len(all) == 0 || p.left[item.Node] != nil:
		case slices.ContainsFunc(all, item.makes):
			p.left[item.Node] = &laterError{fmt.Errorf("%s: another build that takes the same reference moves later: --atomic moves both", item.Node.Label)}
		default:
			p.later[item.Node] = append(p.later[item.Node], all...)
		}
		for _, build := range p.relied[item] {
			maker := byBuild[build]
			isStuck := maker == nil || maker.Action != ActionBump || maker.lacking != "" || maker.Pending() && !item.Pending()
			if isStuck && p.keepOwnOf(item) {
				clear(p.later)
				return true
			}
			switch {
			case maker == nil || maker.Action != ActionBump:
				p.left[item.Node] = p.apart(item, build, "does not move", maker)
			case maker.lacking != "" && slices.ContainsFunc(maker.Makes, (*graph.Node).IsConsumed):
				if maker.atOnce {
					p.left[item.Node] = &laterError{p.apart(item, build, "moves in part alone: --atomic moves both", nil)}
					break
				}
				p.left[item.Node] = p.apart(item, build, "stays without the patch in a part", nil)
			case maker.Pending() && !item.Pending():
				p.left[item.Node] = &laterError{p.apart(item, build, "moves later: --atomic moves both", nil)}
			}
		}
		for _, e := range item.Edits {
			if other, _ := find(edits[e.Path], e); other != nil {
				p.left[item.Node] = fmt.Errorf("%s:%d: %s is to become %s here and %s for another Dockerfile", e.Path, e.Line, e.Old, e.New, other.New)
				break
			}
			edits[e.Path] = append(edits[e.Path], e)
		}
	}
	if len(p.later) > waiting {
		return true
	}
	p.untie()
	return false
}

// makes reports whether what is waited for is an image of the item.
func (i *Item) makes(a awaited) bool {
	return slices.ContainsFunc(i.Makes, func(image *graph.Node) bool { return strings.HasPrefix(a.reference, image.Key+":") })
}

// bind leaves the builds that take the same reference as another of the same Dockerfile and
// target which cannot move: all of its places move, or none.
func (p *planner) bind(byPath map[string][]*Item) {
	for _, items := range byPath {
		for _, item := range items {
			for _, other := range items {
				if why := item.boundTo(other); why != "" && p.bound[item.Node] == "" {
					p.bound[item.Node] = why
				}
			}
		}
	}
}

// boundTo says why an item cannot move without another; "" where it can.
func (i *Item) boundTo(other *Item) string {
	if i == other || !i.isOf(other.File) {
		return ""
	}
	for _, ref := range i.moved {
		for _, s := range other.stuck {
			if sameRef(s.ref, ref) {
				at := s.ref.Pos
				if s.ref.Build.Path != "" {
					at = s.ref.Build
				}
				return fmt.Sprintf("the build at %s takes it too, and cannot move: %s", at, s.why)
			}
		}
	}
	return ""
}
