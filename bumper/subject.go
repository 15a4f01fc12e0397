package bumper

// A Subject is a base of a change: one line of an image, and the version that it moves to.
type Subject struct {
	Image   string // the whole repository
	Line    string // what tells the line from the others of the image: "17", "20-alpine"; "" where it has one line
	Version string // a tag, a digest, or both as "tag@digest"
}

// Subjects returns the bases of the plan, in the order of the branch names.
func (p *Plan) Subjects() []Subject {
	var all []Subject
	for _, bump := range p.Bumps {
		all = append(all, Subject{Image: bump.Image, Version: bump.Version()})
	}
	return all
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
