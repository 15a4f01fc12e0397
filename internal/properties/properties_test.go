package properties

import (
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/scanner"
)

// check holds a run to the properties.
func (s *story) check(r *run) {
	before, after := s.newReading(r.before), s.newReading(r.after)
	items := map[*graph.Node]*bumper.Item{}
	for _, item := range r.plan.Items {
		if items[item.Node] != nil {
			s.fail(r, "P1", "%s has two fates", show(item.Node))
		}
		items[item.Node] = item
		s.count("fate: " + strings.TrimSpace(item.Action.String()+" "+string(item.Reason)))
		if item.Pending() {
			s.count("fate: waits")
		}
	}
	s.oneFate(r, before, items)
	s.nothingOldIsUpToDate(r, before, items)
	s.waitsForSomething(r, items)
	s.staysUntold(r)
	if r.after == r.before {
		return
	}
	pairs := pair(r)
	s.allPlaces(r, pairs, items)
	s.releasedIsPatched(r, pairs, after)
	s.namesSomething(r, pairs, items)
	s.neverDown(r, pairs, before)
}

// oneFate: P1.
func (s *story) oneFate(r *run, before *reading, items map[*graph.Node]*bumper.Item) {
	for _, build := range r.before.graph.Builds() {
		switch {
		case before.built[build] && items[build] == nil:
			s.fail(r, "P1", "%s is based on what is bumped, and has no fate", show(build))
		case !before.affected[build] && items[build] != nil:
			s.fail(r, "P1", "%s is not based on what is bumped, and has a fate: %s", show(build), items[build].Action)
		}
	}
	t := report.NewPlan(r.plan.Plan, publish.Result{}).Totals
	if t.StandOnIt != t.Bump+t.Rebuild+t.Pending+t.UpToDate+t.Skip || t.StandOnIt == 0 != (len(items) == 0) {
		s.fail(r, "P1", "the totals do not add up: %+v", t)
	}
	for _, item := range r.plan.Items {
		if item.Action < bumper.ActionBump || item.Action > bumper.ActionSkip || (item.Action == bumper.ActionSkip) != (item.Reason != "") {
			s.fail(r, "P1", "%s: the fate is %d with the reason %q", show(item.Node), item.Action, item.Reason)
		}
		if isEdited := item.Action == bumper.ActionBump; isEdited != (len(item.Edits) > 0) && (!isEdited || !item.Pending()) {
			s.fail(r, "P1", "%s: it is %s with %d edits", show(item.Node), item.Action, len(item.Edits))
		}
	}
}

// nothingOldIsUpToDate: P5. What is rebuilt as it is gets the patch by a tag that moves, and what
// else lacks it there is left.
func (s *story) nothingOldIsUpToDate(r *run, before *reading, items map[*graph.Node]*bumper.Item) {
	for _, item := range items {
		if item.Action != bumper.ActionUpToDate && item.Action != bumper.ActionRebuild {
			continue
		}
		for _, ref := range item.File.Refs {
			if ref.Exposure == scanner.Unreachable || before.ref(ref, item.Node) != lacks {
				continue
			}
			_, direct := s.bumped(r.before.graph, ref)
			comes := direct || ref.Link != "" || !ref.Image.IsZero() && ref.Image.Digest == "" && s.moves(ref.Image)
			isLeft := slices.ContainsFunc(item.Skips, func(skip bumper.Skip) bool { return skip.Pos == ref.Pos })
			switch {
			case s.isUntold(r.before, ref):
			case item.Action == bumper.ActionUpToDate:
				s.fail(r, "P5", "%s is up to date, and %s at %s lacks the patch", show(item.Node), ref.Image, ref.Pos)
			case !comes && !isLeft:
				s.fail(r, "P5", "%s is rebuilt, and %s at %s stays without the patch", show(item.Node), ref.Image, ref.Pos)
			}
		}
	}
}

// staysUntold notes what gets the patch without a new tag, since another build makes the tag as well
// and does not get it with this one, or since a tag that moves brings it in, while a tag that nobody is on yet is
// written already. Later, only a history tells that the tag is from before.
func (s *story) staysUntold(r *run) {
	for _, item := range r.plan.Items {
		if len(item.Releases) == 0 && slices.ContainsFunc(item.Makes, func(n *graph.Node) bool {
			return item.Action == bumper.ActionBump && len(r.before.graph.Partners(n)) > 0 || item.Action == bumper.ActionRebuild && r.before.isAhead(n)
		}) {
			s.untold[item.Node.Key] = true
		}
	}
}

// isAhead reports whether a build makes a tag of an image that is newer than all that others are on.
func (t *tree) isAhead(n *graph.Node) bool {
	var made []string
	for _, claim := range n.Claims {
		made = append(made, claim.Tags...)
	}
	for _, tag := range made {
		is, ok := imageref.ParseTag(tag)
		if !ok || moves(tag) {
			continue
		}
		var used []imageref.Tag
		for _, ref := range t.graph.References(n.Key) {
			if u, ok := imageref.ParseTag(ref.Image.Tag); ok && u.SameFlavour(is) {
				used = append(used, u)
			}
		}
		if len(used) > 0 && !slices.ContainsFunc(used, func(u imageref.Tag) bool { return u.Compare(is) >= 0 }) {
			return true
		}
	}
	return false
}

// isUntold reports whether only a history tells if what a reference names has the patch: that, or
// something that it stands on.
func (s *story) isUntold(t *tree, ref *scanner.Ref) bool {
	seen := map[*graph.Node]bool{}
	var find func(ref *scanner.Ref) bool
	find = func(ref *scanner.Ref) bool {
		return slices.ContainsFunc(t.graph.MakersOf(ref), func(n *graph.Node) bool {
			if seen[n] {
				return false
			}
			seen[n] = true
			return s.untold[n.Key] || slices.ContainsFunc(n.File.Refs, find)
		})
	}
	return len(s.untold) > 0 && find(ref)
}

// waitsForSomething: the first half of P4.
func (s *story) waitsForSomething(r *run, items map[*graph.Node]*bumper.Item) {
	for _, d := range r.plan.Derived {
		s.told[d.String()] = true
	}
	for _, item := range items {
		for _, reference := range item.WaitsFor {
			wanted, err := imageref.Parse(reference)
			if err != nil {
				s.fail(r, "P4", "%s waits for %q", show(item.Node), reference)
				continue
			}
			isOn, moves := false, false
			for _, ref := range item.File.Refs {
				if ref.Exposure > scanner.Unreachable && ref.Image.Repository == wanted.Repository {
					isOn = isOn || ref.Image.Tag == wanted.Tag && ref.Image.Digest == ""
					moves = moves || ref.Image.Tag != wanted.Tag
				}
			}
			if isOn && !moves {
				s.fail(r, "P4", "%s waits for %s, on which it is already", show(item.Node), reference)
			}
			if r.atomic {
				s.fail(r, "P4", "%s waits for %s, though all moves at once", show(item.Node), reference)
			}
			s.waited[reference] = r
			if !s.told[reference] && !r.before.makes(wanted.Repository, wanted.Tag) && !r.before.says(wanted.Tag) {
				s.fail(r, "P4", "%s waits for %s, which nobody is told to make", show(item.Node), reference)
			}
		}
	}
}
