package cli

import (
	"slices"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/report"
)

// hintFlavours says, where nothing has the version or gets it, that what is left is on other
// flavours, and which flag takes them.
func (a *App) hintFlavours(plan *monorepo.Plan, flags *planFlags) {
	if flags.flavours || slices.ContainsFunc(plan.Items, func(i *bumper.Item) bool { return i.Action != bumper.ActionSkip }) {
		return
	}
	n := 0
	for _, item := range plan.Items {
		for _, s := range item.Skips {
			if s.Reason == bumper.ReasonVariant && isOtherFlavour(plan.Bumps, s) {
				n++
			}
		}
	}
	if n > 0 {
		a.notef("note: left on other flavours: %s; --flavours takes those that the registry has in the version of --base", report.Count(n, "reference"))
	}
}

// isOtherFlavour reports whether one of bumps may be the release of the flavour that a
// reference is on.
func isOtherFlavour(bumps []bumper.Bump, s bumper.Skip) bool {
	for _, bump := range bumps {
		if bump.Image != s.Image || bump.From != "" {
			continue
		}
		current, err := imageref.Parse(s.Image + ":" + s.Current)
		if err != nil {
			continue
		}
		tag, ok := imageref.InFlavour(bump.Tag, current.Tag)
		if step := imageref.Relate(current.Tag, tag); ok && step != imageref.Variant && step != imageref.Older {
			return true
		}
	}
	return false
}
