package bumper

import (
	"errors"
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/scanner"
)

// A laterError is about what could move at once and not wave after wave: --atomic moves it.
type laterError struct{ error }

// Unwrap returns what is said of it.
func (e *laterError) Unwrap() error { return e.error }

// movesAtOnce reports whether an item is left only since it would move in several waves, or since something is
// that it is built on.
func (p *planner) movesAtOnce(item *Item, items map[*graph.Node]*Item) bool {
	seen := map[*Item]bool{}
	var search func(item *Item) bool
	search = func(item *Item) bool {
		if item == nil || seen[item] {
			return false
		}
		seen[item] = true
		var later *laterError
		if errors.As(item.Err, &later) {
			return true
		}
		return item.Action == ActionSkip && slices.ContainsFunc(item.File.Refs, func(ref *scanner.Ref) bool {
			return ref.Exposure > scanner.Unreachable && slices.ContainsFunc(p.Graph.MakersOf(ref), func(maker *graph.Node) bool { return search(items[maker]) })
		})
	}
	return search(item)
}

// untie leaves an item that waits, by way of what it shares with others, for what waits for itself: it moves at once or
// not at all. The tag of a base is the argument of a build two levels above, say.
func (p *planner) untie() {
	makers := map[string][]*Item{}
	for _, item := range p.Items {
		for _, release := range item.Releases {
			makers[release.String()] = append(makers[release.String()], item)
		}
	}
	var tied []*Item
	for _, item := range p.Items {
		if len(p.later[item.Node]) > 0 && item.waitsForItself(makers) {
			tied = append(tied, item)
		}
	}
	for _, item := range tied {
		if all := p.carried[item]; len(all) > 0 { // what moves others along ties them, and a build of the same tag follows
			p.left[item.Node] = &laterError{apart(item, all[0].build, "moves later: --atomic moves both", nil)}
			return
		}
	}
	if len(tied) > 0 {
		item := tied[0]
		p.left[item.Node] = &laterError{fmt.Errorf("%s: it waits for %s, which waits for it: --atomic moves both", item.Node.Label, p.later[item.Node][0].reference)}
	}
}

// waitsForItself reports whether something that an item waits for is made by the item, or waits for it in turn. The makers
// are by the reference that they release.
func (i *Item) waitsForItself(makers map[string][]*Item) bool {
	seen := map[*Item]bool{}
	var search func(from *Item) bool
	search = func(from *Item) bool {
		for _, reference := range from.WaitsFor {
			for _, maker := range makers[reference] {
				if maker == i {
					return true
				}
				if !seen[maker] {
					seen[maker] = true
					if search(maker) {
						return true
					}
				}
			}
		}
		return false
	}
	return search(i)
}
