package bumper

import (
	"cmp"
	"slices"

	"github.com/matihlabs/propagate/scanner"
)

// conclude sums the verdicts on an item's references up.
func (i *Item) conclude(verdicts []verdict) {
	rank := []Action{ActionBump, ActionRebuild, ActionSkip, ActionUpToDate}
	best := -1
	for n, v := range verdicts {
		switch {
		case v.action == ActionBump:
			to := v.ref.Image
			to.Tag, to.Digest = cmp.Or(v.tag, to.Tag), cmp.Or(v.digest, to.Digest)
			i.moved, i.movedTo = append(i.moved, v.ref), append(i.movedTo, to.Version())
		case v.action == ActionSkip && (v.reason == ReasonShared || v.reason == ReasonUnresolved || v.reason == ReasonIgnored) && !v.ref.Image.IsZero() && v.ref.Outside.Path == "":
			i.stuck = append(i.stuck, stuck{v.ref, v.detail})
		}
		if v.action == ActionSkip {
			skip := Skip{Pos: v.ref.Pos, Image: v.ref.Repository(), Current: v.ref.Image.Version(), Reason: v.reason, Detail: v.detail, Maker: v.maker, Tree: v.tree, Way: v.way}
			if v.reason == ReasonLevel {
				skip.Step = v.step
			}
			i.Skips = append(i.Skips, skip)
		}
		if v.ref.Exposure == scanner.Unreachable && i.Exposure > scanner.Unreachable {
			continue // what is not built decides nothing about what is
		}
		i.has = i.has || v.action == ActionUpToDate
		i.proved = i.proved || v.action == ActionUpToDate && !v.follows
		if v.action == ActionSkip && v.reason.lacks() {
			i.atOnce = v.way == WayAtomic && (i.lacking == "" || i.atOnce)
			i.lacking = cmp.Or(i.lacking, v.reason)
		}
		if best < 0 || slices.Index(rank, v.action) < slices.Index(rank, verdicts[best].action) {
			best = n
		}
	}
	if best < 0 {
		best = slices.IndexFunc(verdicts, func(v verdict) bool { return v.action == ActionSkip })
	}
	if best < 0 {
		// Its wave comes from a derived base that another reference names.
		i.Action = ActionUpToDate
		return
	}
	v := verdicts[best]
	i.Action, i.Current = v.action, v.ref.Image.Version()
	if i.Current == "" && (!v.ref.Image.IsZero() || v.ref.Link != "") {
		i.Current = "latest"
	}
	if v.action == ActionSkip {
		i.Reason = v.reason
	}
	switch {
	case i.Action == ActionRebuild && len(i.renewed) > 0 && i.Err == nil:
		i.Action = ActionBump
	case i.Action != ActionBump:
		i.Edits, i.renewed = nil, nil
	}
}
