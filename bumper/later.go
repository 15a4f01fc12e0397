package bumper

import (
	"errors"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/scanner"
)

// What is awaited is a reference that a build waits for.
type awaited struct {
	reference string
	wave      int // of that build
}

// delay makes an item wait for what others wait for with which it shares a place.
func (i *Item) delay(all []awaited) {
	for _, a := range all {
		i.Wave = max(i.Wave, a.wave)
		if !slices.Contains(i.WaitsFor, a.reference) {
			i.WaitsFor = append(i.WaitsFor, a.reference)
		}
	}
	slices.Sort(i.WaitsFor)
}

// A laterError is about what could move at once and not wave after wave: --atomic moves it.
type laterError struct{ error }

// Unwrap returns what is said of it.
func (e *laterError) Unwrap() error { return e.error }

// movesLater reports whether an item is left only since it would move in several waves.
func movesLater(item *Item) bool {
	var later *laterError
	return errors.As(item.Err, &later)
}

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
		if movesLater(item) {
			return true
		}
		return item.Action == ActionSkip && slices.ContainsFunc(item.File.Refs, func(ref *scanner.Ref) bool {
			return ref.Exposure > scanner.Unreachable && slices.ContainsFunc(p.Graph.MakersOf(ref), func(maker *graph.Node) bool { return search(items[maker]) })
		})
	}
	return search(item)
}

// untie leaves an item that moves others along, and waits with them for what waits for it: it moves at once or not at all.
// The tag of a base is the argument of a build two levels above, say.
func (p *planner) untie() {
	makers := map[string][]*Item{}
	for _, item := range p.Items {
		for _, release := range item.Releases {
			makers[release.String()] = append(makers[release.String()], item)
		}
	}
	for _, item := range p.Items {
		if all := p.carried[item]; len(all) > 0 && len(p.later[item.Node]) > 0 && item.waitsForItself(makers) {
			p.left[item.Node] = &laterError{p.apart(item, all[0].build, "moves later: --atomic moves both", nil)}
			return
		}
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
