package bumper

import (
	"cmp"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/scanner"
)

// UrgentFirst orders changes for an emergency: those of builds that ship the base come first, and of
// these the ones whose images most builds depend on; what is alike in that is ordered by branch.
func UrgentFirst(changes []Change) {
	type urgency struct {
		ships      bool
		dependents int
	}
	all := map[string]urgency{}
	for _, c := range changes {
		var u urgency
		reached := map[*graph.Node]bool{}
		for _, item := range c.Items {
			if item.Record {
				continue
			}
			u.ships = u.ships || item.Exposure == scanner.Runtime
			addDependents(reached, item.Node)
		}
		u.dependents = len(reached)
		all[c.Branch] = u
	}
	slices.SortStableFunc(changes, func(a, b Change) int {
		x, y := all[a.Branch], all[b.Branch]
		if x.ships != y.ships {
			if x.ships {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(y.dependents, x.dependents), cmp.Compare(a.Branch, b.Branch))
	})
}

// addDependents adds the builds that depend on what a build makes, in however many steps.
func addDependents(reached map[*graph.Node]bool, build *graph.Node) {
	for _, image := range build.Makes() {
		for _, use := range image.Uses() {
			if user := use.T.Whole(); !reached[user] {
				reached[user] = true
				addDependents(reached, user)
			}
		}
	}
}

// Exposed reports whether what is built there has, or may have, a version older than the plan's in it.
func (i *Item) Exposed() bool {
	return !i.HasVersion() && i.Exposure > scanner.Unreachable
}

// HasVersion reports whether the item is on the version of the plan, or on a newer one.
func (i *Item) HasVersion() bool {
	return i.Action == ActionUpToDate || i.Action == ActionSkip && i.Reason == ReasonNewer
}
