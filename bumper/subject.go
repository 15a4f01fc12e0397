package bumper

import "slices"

// Subjects returns what a run is about, also where it comes to no change: the bases of the plan, and
// more that have no newer version.
func (p *Plan) Subjects(opts ChangeOptions, more ...Bump) []Subject {
	var all []Subject
	for _, set := range p.with(more).sets(opts).all {
		all = append(all, set.subjects...)
	}
	return all
}

// Stems returns what the branches of the changes begin with, without the prefix: what follows is
// their group, behind "--". Those of more bases are among them, as in [Plan.Subjects].
func (p *Plan) Stems(opts ChangeOptions, more ...Bump) []string {
	var all []string
	for _, set := range p.with(more).sets(opts).all {
		all = append(all, p.branch(Change{Name: set.name}, set.names))
	}
	return all
}

// Unsettled returns the bases that something is left to do for: an edit, a rebuild, something that
// waits or that a person has to settle.
func (p *Plan) Unsettled() []Bump {
	return p.About(slices.DeleteFunc(slices.Clone(p.Items), func(item *Item) bool {
		return item.Action == ActionUpToDate || item.Action == ActionSkip && !item.Reason.lacks() && item.Err == nil
	}))
}

// with returns the plan with more bases.
func (p *Plan) with(more []Bump) *Plan {
	if len(more) == 0 {
		return p
	}
	all := *p
	all.Bumps = slices.Concat(p.Bumps, more)
	return &all
}

// Still returns the paths of the files that stay on what they have although it is not up
// to date: they wait, or are left for another reason than a newer version or the
// configuration, or would get a next version for which nobody has asked. In the order of the items; a path
// may be there twice.
func (p *Plan) Still() []string {
	var all []string
	for _, item := range p.Items {
		all = append(all, item.uncounted...)
		left := item.Action == ActionSkip && item.Reason != ReasonNewer && item.Reason != ReasonIgnored && item.Reason != ReasonUnreachable
		if !left && !item.Pending() && item.Err == nil {
			continue
		}
		all = append(all, item.File.Path)
		for _, e := range item.Edits {
			all = append(all, e.Path)
		}
	}
	return all
}
