package estatepage

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/matihlabs/propagate/internal/report"
)

// registryFigures are the numbers of what registries say; r is nil where they were not asked.
func registryFigures(r *report.EstateRegistries) []Figure {
	const newer, moved, stale = "Versions with a newer one at their registry", "Tags that name another image now", "Builds whose published image is stale"
	if r == nil {
		const hint = "--registries asks them"
		return []Figure{{Label: newer, Value: notAsked, Note: hint}, {Label: moved, Value: notAsked, Note: hint}, {Label: stale, Value: notAsked, Note: hint}}
	}
	t := r.Totals
	figure := func(label string, n, of int, what string, unknown int) Figure {
		f := Figure{Label: label, Value: strconv.Itoa(n), Note: fmt.Sprintf("of %d %s", of, what), Warns: n > 0}
		switch {
		case unknown > 0 && unknown == of:
			f.Value = notKnown // of none of them
			f.Note += ", of which nothing can be told"
		case unknown > 0:
			f.Note += fmt.Sprintf("; of %d it cannot be told", unknown)
		}
		return f
	}
	last := figure(stale, t.Stale, t.Published, "that ship another image", t.Untold)
	if t.Absent > 0 {
		last.Note += fmt.Sprintf("; of %d nothing is published", t.Absent)
	}
	return []Figure{
		figure(newer, t.Newer, t.Versions, "in use", t.NotKnown),
		figure(moved, t.Moved, t.Tags, "that move or are pinned", t.Untraced),
		last,
	}
}

// newerSection lists the versions in use as registries see them.
func newerSection(r *report.EstateRegistries) Section {
	s := Section{
		ID: "registries", Title: "Newer versions at registries, and tags that have moved",
		Lead:  "Versions in use with what their registries have beyond them, of the same scheme. What a registry did not say is named with its reason.",
		Table: Table{Columns: columnsOf("Image", "In use", "Newest patch", "Newest minor", "Newest major", "Drift", "Where")},
	}
	for i := range r.Versions {
		v := &r.Versions[i]
		if v.State == "up-to-date" && v.Moved == nil {
			continue
		}
		newest := func(tag *report.OutdatedTag) Cell {
			switch {
			case tag != nil && tag.Time != nil:
				return Cell{name(tag.Tag), say(" of %s", day(*tag.Time))}
			case tag != nil:
				return Cell{name(tag.Tag)}
			}
			return Cell{}
		}
		row := []Cell{{name(familiar(v.Image))}, {versionText(v.Version)}, newest(v.Newest.Patch), newest(v.Newest.Minor), newest(v.Newest.Major), drift(v), places(v.Places)}
		if v.State == "unknown" {
			row[2] = Cell{say("unknown")}
			if v.Reason != nil {
				row[2] = append(row[2], say(": "), name(*v.Reason))
			}
		}
		s.Table.Rows = append(s.Table.Rows, row)
	}
	s.Count = len(s.Table.Rows)
	return s
}

// drift says what a tag names now, where that is another image.
func drift(v *report.EstateVersion) Cell {
	switch m := v.Moved; {
	case m == nil:
		return Cell{}
	case m.Was != nil:
		return Cell{say("pinned "), versionText(*m.Was), say(", the tag names "), versionText(m.Digest)}
	default:
		return Cell{say("the tag names "), versionText(m.Digest), say("; %s based on what it named before", areBuilds(m.Behind))}
	}
}

// areBuilds says how many builds are.
func areBuilds(n int) string {
	if n == 1 {
		return "1 build is"
	}
	return builds(n) + " are"
}

// places links to the places of a version in use.
func places(all []report.OutdatedPlace) Cell {
	var links []Text
	for _, p := range all {
		if l := link(p.Path, p.Line); len(links) == 0 || links[len(links)-1] != l {
			links = append(links, l)
		}
	}
	return some(links)
}

// publishedSection lists what is published and stale, the oldest first, and the rest of it together by state and reason.
func publishedSection(r *report.EstateRegistries) Section {
	s := Section{
		ID: "published", Title: "Published images", Count: len(r.Published),
		Lead:  "Whether what is published of a build is based on what its Dockerfile names now, by layers or provenance. An image is stale if its base was edited or has moved, and it was not built since. The rest is summed up by reason; -o json has each.",
		Table: Table{Columns: columnsOf("State", "#Builds", "Published", "On", "Based on", "Why", "Where")},
	}
	rank := map[string]int{"stale": 0, "absent": 1, "unknown": 2, "fresh": 3}
	all := slices.Clone(r.Published)
	slices.SortStableFunc(all, func(a, b report.EstatePublished) int {
		return cmp.Or(cmp.Compare(rank[a.State], rank[b.State]), published(r, a).Compare(published(r, b)))
	})
	type group struct {
		state, reason string
		builds        []Text
	}
	var rest []*group
	for _, p := range all {
		if p.State == "stale" {
			s.Table.Rows = append(s.Table.Rows, staleRow(p))
			continue
		}
		at := slices.IndexFunc(rest, func(g *group) bool { return g.state == p.State && g.reason == p.Reason })
		if at < 0 {
			at, rest = len(rest), append(rest, &group{state: p.State, reason: p.Reason})
		}
		rest[at].builds = append(rest[at].builds, link(p.Path, 0))
	}
	for _, g := range rest {
		s.Table.Rows = append(s.Table.Rows, []Cell{{say("%s", g.state)}, number(len(g.builds)), {}, {}, {}, {name(g.reason)}, some(g.builds)})
	}
	return s
}

// published is when what is published of a build was; the time of the report where that is not known.
func published(r *report.EstateRegistries, p report.EstatePublished) time.Time {
	for _, image := range p.Images {
		if image.Time != nil {
			return *image.Time
		}
	}
	return r.At
}

// staleRow is the row of a build whose published image is stale.
func staleRow(p report.EstatePublished) []Cell {
	images, when, on := Cell{}, Cell{}, Cell{}
	for i, image := range p.Images {
		if i > 0 {
			images, when = append(images, say(", ")), append(when, say(", "))
		}
		images = append(images, name(familiar(image.Reference)))
		if image.Time == nil {
			when = append(when, say(notKnown))
		} else {
			when = append(when, say("%s", day(*image.Time)))
		}
	}
	for i, base := range p.On {
		if i > 0 {
			on = append(on, say(", "))
		}
		on = append(on, name(familiar(base)))
	}
	return []Cell{{say("%s", p.State)}, number(1), images, when, on, {name(p.Reason)}, buildLink(p.Path, p.Target)}
}

// unaskedSection lists what registries did not say.
func unaskedSection(r *report.EstateRegistries) Section {
	s := Section{
		ID: "unasked", Title: "What could not be asked", Count: len(r.Unasked), Lead: "Nothing of these is known, and nothing of it is counted as up to date.",
		Table: Table{Columns: columnsOf("Registry", "#Images", "Why")},
	}
	for _, u := range r.Unasked {
		s.Table.Rows = append(s.Table.Rows, []Cell{{name(u.Registry)}, number(u.Images), {name(u.Reason)}})
	}
	return s
}

// day is the date of a time.
func day(t time.Time) string { return t.Format("2006-01-02") }
