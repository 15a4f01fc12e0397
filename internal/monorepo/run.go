package monorepo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/outdated"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// A choice is what the bot does with each reference, by what registries have and policies take.
type choice struct {
	bumps   map[spot]bumper.Bump // where references go
	config  *config.Config
	current []bumper.Bump // what was judged, and stays
	ongoing []bumper.Bump // those of current that derived bases are based on: who waits for these is said again
	all     []bumper.Bump // of the plan

	bases  []outdated.Base   // that get their next version where that is asked for
	behind map[buildKey]bool // the builds whose published images are based on what a tag named before
}

// A spot is a reference at its place.
type spot struct {
	pos       source.Pos
	reference string
}

// Run plans what is newer: it asks registries, as [Repository.Outdated] does, and plans the versions
// that the policies take, all in one plan with changes for each line of an image, or for each
// group that a policy names. Of policy it takes everything but the bases.
// The errors are those of [Repository.Plan].
func (r *Repository) Run(ctx context.Context, o OutdatedOptions, policy Policy) (*Plan, *Outdated, error) {
	found, err := r.Outdated(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	c := &choice{bumps: map[spot]bumper.Bump{}, config: r.Config, behind: map[buildKey]bool{}}
	var bumps []bumper.Bump
	for i := range found.Images {
		if found.Images[i].Err != nil {
			continue
		}
		for _, finding := range found.Images[i].Findings {
			c.add(finding)
			if bump := c.take(finding); bump.Image != "" && !slices.Contains(bumps, bump) {
				bumps = append(bumps, bump)
			}
		}
	}
	r.addOngoing(c, bumps)
	policy.Level, policy.Check, policy.Flavours = imageref.Patch, false, false
	var outdone []bumper.Bump // by the next version of the same base
	if policy.RebuildBases {
		bumps, outdone = c.outdone(r.Graph(), bumps)
	}
	// What a derived base is built from is about to move: it gets its next version then, and
	// consumers go to that. Leaving out one base may be the reason to leave out another. A base
	// that nothing waits for any more is of no interest.
	for {
		said := r.hold()
		c.all = slices.Clone(bumps)
		for _, bump := range c.ongoing {
			if !slices.Contains(c.all, bump) {
				c.all = append(c.all, bump)
			}
		}
		policy.Bumps, policy.choice = c.all, c
		plan, err := r.Plan(ctx, policy)
		if err != nil {
			said(true)
			return nil, nil, err
		}
		left := slices.DeleteFunc(slices.Clone(bumps), func(b bumper.Bump) bool { return isEditedToo(plan.Plan, b) })
		unsettled := plan.Unsettled()
		ongoing := slices.DeleteFunc(slices.Clone(c.ongoing), func(b bumper.Bump) bool { return !slices.Contains(unsettled, b) })
		// A base that could not be renewed keeps the version that is published.
		again := slices.DeleteFunc(slices.Clone(outdone), func(b bumper.Bump) bool { return isEditedToo(plan.Plan, b) })
		if len(left) < len(bumps) {
			again = nil // what is left out may be the reason
		}
		final := len(left) == len(bumps) && len(ongoing) == len(c.ongoing) && len(again) == 0
		said(final)
		if final {
			plan.Looked, plan.withdrawn = found, r.withdrawnOf(o.Only)
			return plan, found, nil
		}
		if bumps, c.ongoing = append(left, again...), ongoing; len(again) > 0 {
			outdone = nil
		}
	}
}

// hold keeps back what there is to say, but for what is being done. The function that it returns
// ends that, and says what was kept or drops it.
func (r *Repository) hold() func(say bool) {
	listen, incomplete := r.options.Listen, r.incomplete
	if listen == nil {
		return func(bool) {}
	}
	var mu sync.Mutex
	var kept []Message
	r.options.Listen = func(m Message) {
		if m.Kind == Doing {
			listen(m)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		kept = append(kept, m)
	}
	return func(say bool) {
		r.options.Listen = listen
		if !say {
			r.incomplete = incomplete
			return
		}
		for _, m := range kept {
			listen(m)
		}
	}
}

// add notes what was judged and stays.
func (c *choice) add(f outdated.Finding) {
	if f.Take != nil || f.Unresolved || f.Ignored != "" || f.Tag == "" || f.Err != nil || f.Why != "" {
		return
	}
	if bump := (bumper.Bump{Image: f.Image, Tag: f.Tag, Digest: f.Digest}); !slices.Contains(c.current, bump) {
		c.current = append(c.current, bump)
	}
}

// take returns the bump that a finding comes to, the zero one for none, and notes which references
// go there.
func (c *choice) take(f outdated.Finding) bumper.Bump {
	var bump bumper.Bump
	places := f.Places
	switch {
	case f.Ignored != "" || f.Unresolved:
	case f.Take != nil:
		bump = bumper.Bump{Image: f.Image, Tag: f.Take.Tag}
	case f.Moved != nil:
		bump = bumper.Bump{Image: f.Image, Tag: f.Tag, Digest: f.Moved.Digest, Pin: f.Moved.Action == config.Pin}
		if f.Moved.Action == config.Rebuild {
			places = f.Moved.Behind
			for _, base := range f.Moved.Bases {
				if base.Next != "" {
					c.bases = append(c.bases, base)
				}
			}
			for _, place := range places {
				c.behind[buildKey{place.Dockerfile, place.Target}] = true
			}
		}
	}
	if bump.Image != "" {
		c.note(f.Use, places, bump)
	}
	return bump
}

// note notes that the references of a use at some places go to a version.
func (c *choice) note(use outdated.Use, places []outdated.Place, bump bumper.Bump) {
	reference := imageref.Ref{Repository: use.Image, Tag: use.Tag, Digest: use.Digest}.String()
	for _, place := range places {
		c.bumps[spot{source.Pos{Path: place.Path, Line: place.Line, Col: place.Col}, reference}] = bump
	}
}

// chosen is [bumper.Options.Chosen].
func (c *choice) chosen(ref *scanner.Ref) (bumper.Bump, bool) {
	image := ref.Image
	if image.Tag == "" && image.Digest == "" {
		image.Tag = "latest"
	}
	pos := source.Pos{Path: ref.Pos.Path, Line: ref.Pos.Line, Col: ref.Pos.Col}
	if bump, ok := c.bumps[spot{pos, image.String()}]; ok {
		return bump, true
	}
	// One that is on the version of a bump already is up to date, and what it makes may be waited for. That of
	// a tag that has moved is its digest: what is on the tag alone, under another policy, is not concerned.
	at := slices.IndexFunc(c.all, func(b bumper.Bump) bool {
		return b.Image == image.Repository && b.Tag == image.Tag && (b.Digest == "" || b.Digest == image.Digest)
	})
	if at < 0 {
		return bumper.Bump{}, false
	}
	return c.all[at], true
}

// outdone sets the bumps apart that are of bases which get their next version themselves.
func (c *choice) outdone(g *graph.Graph, bumps []bumper.Bump) (left, outdone []bumper.Bump) {
	for _, bump := range bumps {
		lines := g.LinesOf(bump.Image, bump.Tag)
		if slices.ContainsFunc(c.bases, func(base outdated.Base) bool {
			return base.Image == bump.Image && slices.ContainsFunc(g.LinesOf(base.Image, base.Version), func(n *graph.Node) bool { return slices.Contains(lines, n) })
		}) {
			outdone = append(outdone, bump)
		} else {
			left = append(left, bump)
		}
	}
	return left, outdone
}

// renew is [bumper.Options.Renew].
func (c *choice) renew(build *graph.Node) bool {
	return c.behind[buildKey{build.File.Path, build.File.Target}]
}

// group is [bumper.ChangeOptions.Apart].
func (c *choice) group(bump bumper.Bump, dockerfile string) string {
	if group := c.config.Policy(bump.Image, dockerfile).Group; group != "" {
		return group
	}
	return c.config.GroupName
}

// addOngoing finds the bases that derived bases are based on and that have the newest version: what
// is based on the derived bases may wait still.
func (r *Repository) addOngoing(c *choice, bumps []bumper.Bump) {
	for _, bump := range c.current {
		isBehind := func(o bumper.Bump) bool {
			return o.Image == bump.Image && imageref.Relate(bump.Tag, o.Tag) >= imageref.Patch
		}
		if imageref.Follows(bump.Tag) || bump.Digest != "" || slices.ContainsFunc(bumps, isBehind) || slices.ContainsFunc(c.current, isBehind) {
			continue
		}
		if slices.ContainsFunc(r.Graph().LinesOf(bump.Image, bump.Tag), hasDerived) {
			c.ongoing = append(c.ongoing, bump)
		}
	}
}

// hasDerived reports whether a build that is based on an image makes one that others are based on.
func hasDerived(image *graph.Node) bool {
	return slices.ContainsFunc(image.Uses(), func(use *graph.Edge) bool {
		return slices.ContainsFunc(use.T.Makes(), func(made *graph.Node) bool { return made != image && len(made.Uses()) > 0 })
	})
}

// isEditedToo reports whether a plan edits the build that makes what a bump is of.
func isEditedToo(p *bumper.Plan, bump bumper.Bump) bool {
	makers := map[*graph.Node]bool{}
	for _, line := range p.Graph.LinesOf(bump.Image, bump.Tag) {
		if line.Maker() != nil {
			makers[line.Maker()] = true
		}
	}
	return slices.ContainsFunc(p.Items, func(item *bumper.Item) bool {
		return item.Action == bumper.ActionBump && makers[item.Node.Whole()]
	})
}

// runCommand returns the command line that makes a change of the bot again.
func (p Policy) runCommand(c bumper.Change) string {
	words := []string{"propagate", "run"}
	if c.Name == "" {
		for _, s := range c.Subjects {
			if image := "--only " + s.Image; !slices.Contains(words, image) {
				words = append(words, image)
			}
		}
	}
	if p.RebuildBases && c.Renews() {
		words = append(words, "--rebuild-bases")
	}
	if p.Group != "" {
		words = append(words, fmt.Sprintf("--group %s", p.Group))
	}
	if p.Emergency {
		words = append(words, "--emergency")
	}
	return strings.Join(words, " ")
}
