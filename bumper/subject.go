package bumper

// Subjects returns what the plan is about, also where it comes to no change.
func (p *Plan) Subjects() []Subject { return p.subjects() }

// Stem returns what the branches of all changes of the plan begin with, without the
// prefix: what follows is their group, behind "--".
func (p *Plan) Stem(opts ChangeOptions) string {
	c := Change{Subjects: p.subjects()}
	if opts.By == "" || opts.By == AllInOne {
		c.Name = opts.Name
	}
	return p.branch(c, p.subjectNames(c.Subjects))
}

// Still returns the paths of the files that stay on what they have although it is not up
// to date: they wait, or are left for another reason than a newer version or the
// configuration. In the order of the items; a path may be there twice.
func (p *Plan) Still() []string {
	var all []string
	for _, item := range p.Items {
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
