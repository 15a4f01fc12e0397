package estatepage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/estate"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/scanner"
)

// mostLinks is how many places of a version stand in a cell; all stand with the image.
const mostLinks = 3

// behindSection lists the versions that are behind, those of most builds first.
func behindSection(e *report.Estate) Section {
	s := Section{
		ID: "behind", Title: "Who is behind", Lead: "Versions that are older than the newest one in use, those with most builds first. All places stand with the image below.",
		Table: Table{Columns: columnsOf("Image", "On", "Newest in use", "Behind by", "#Builds", "#Services", "Where")},
	}
	type late struct {
		image *estate.Image
		v     *estate.Version
	}
	var all []late
	for i := range e.Images {
		for k := range e.Images[i].Versions {
			if v := &e.Images[i].Versions[k]; v.State == estate.Behind {
				all = append(all, late{&e.Images[i], v})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b late) int { return cmp.Compare(b.v.Builds, a.v.Builds) })
	for _, l := range all {
		s.Table.Rows = append(s.Table.Rows, []Cell{
			{name(l.image.Title)}, {versionText(l.v.Version)}, {name(*l.v.Newest)}, {say("%s", Lag(l.v))}, number(l.v.Builds), number(l.v.Services), where(l.v.Places),
		})
	}
	s.Count = len(all)
	return s
}

// where is the first places of several.
func where(places []estate.Place) Cell {
	return some(linksOf(slices.DeleteFunc(slices.Clone(places), isUnreachable)))
}

// some are the first of several texts.
func some(all []Text) Cell {
	var cell Cell
	for i, l := range all {
		if i == mostLinks && len(all) > mostLinks+1 {
			return append(cell, say(" and %d more", len(all)-mostLinks))
		}
		if i > 0 {
			cell = append(cell, say(", "))
		}
		cell = append(cell, l)
	}
	return cell
}

// isUnreachable reports whether no build reaches a place.
func isUnreachable(p estate.Place) bool { return p.Exposure == scanner.Unreachable.String() }

// itemsOf are places as a list, each line once.
func itemsOf(places []estate.Place) []Cell {
	var all []Cell
	for i, p := range places {
		if i > 0 && p.Path == places[i-1].Path && p.Line == places[i-1].Line {
			continue
		}
		item := Cell{link(p.Path, p.Line)}
		if isUnreachable(p) {
			item = append(item, say(" in a stage that is not built"))
		}
		all = append(all, item)
	}
	return all
}

// linksOf links to places, each line once.
func linksOf(places []estate.Place) []Text {
	var all []Text
	for _, p := range places {
		if l := link(p.Path, p.Line); len(all) == 0 || all[len(all)-1] != l {
			all = append(all, l)
		}
	}
	return all
}

// unresolvedSection lists what does not resolve.
func unresolvedSection(e *report.Estate) Section {
	s := Section{
		ID: "unresolved", Title: "Unresolved references", Lead: "Of these it is not known which version a build gets, or which image.", Count: len(e.Unresolved),
		Table: Table{Columns: columnsOf("Where", "Written", "Image", "Why")},
	}
	for _, u := range e.Unresolved {
		image := Cell{say(notKnown)}
		if u.Image != nil {
			image = Cell{name(familiar(*u.Image))}
		}
		s.Table.Rows = append(s.Table.Rows, []Cell{{link(u.Path, u.Line)}, {name(u.Written)}, image, {name(u.Reason)}})
	}
	return s
}

// movingSection lists tags that move.
func movingSection(e *report.Estate) Section {
	s := Section{
		ID: "moving", Title: "Moving tags without a digest", Lead: "What these builds get may be another image tomorrow, without a change in the repository.",
		Table: Table{Columns: columnsOf("Image", "Tag", "#Builds", "#Services", "Where")},
	}
	for i := range e.Images {
		for k := range e.Images[i].Versions {
			v := &e.Images[i].Versions[k]
			if v.Moving {
				s.Table.Rows = append(s.Table.Rows, []Cell{{name(e.Images[i].Title)}, {versionText(v.Version)}, number(v.Builds), number(v.Services), where(v.Places)})
			}
		}
	}
	s.Count = len(s.Table.Rows)
	return s
}

// uncuratedSection lists services on no curated base.
func uncuratedSection(e *report.Estate) Section {
	s := Section{
		ID: "uncurated", Title: "Services on no curated base",
		Lead:  "What they ship comes from no image that a build of the repository makes, or that its configuration names.",
		Table: Table{Columns: columnsOf("Service", "#Builds", "Based on", "Note")},
	}
	if e.Totals.Uncurated == nil {
		s.Lead = "No build of the repository makes a base, and its configuration names none, so this cannot be told."
	}
	for _, u := range e.Uncurated {
		s.Count += u.Builds
		on, note := Cell{}, Cell{}
		for i, base := range u.Bases {
			if i > 0 {
				on = append(on, say(", "))
			}
			on = append(on, name(base.Ref), say(" at "), link(base.Path, base.Line))
		}
		if len(u.Bases) == 0 {
			on = Cell{say("scratch: it ships no other image")}
		}
		if u.BuildsOn {
			note = Cell{say("a curated base builds it, and is not shipped")}
		}
		s.Table.Rows = append(s.Table.Rows, []Cell{buildLink(u.Path, u.Target), number(u.Builds), on, note})
	}
	return s
}

// unsaidSection lists the Dockerfiles that nothing sure names an image of.
func unsaidSection(e *report.Estate) Section {
	s := Section{
		ID: "unsaid", Title: "Dockerfiles whose image nothing names for sure", Count: len(e.Unsaid),
		Lead:  "Neither a build file, nor a command, nor the configuration says under which name they are published. Only for those that others are based on does it matter which image they build: images: in the configuration says it.",
		Table: Table{Columns: columnsOf("Dockerfile", "What is known")},
	}
	for _, u := range e.Unsaid {
		known := Cell{say("nothing")}
		switch u.Known {
		case "name":
			known = Cell{say("by its path alone: ")}
			for i, image := range u.Images {
				if i > 0 {
					known = append(known, say(", "))
				}
				known = append(known, name(image))
			}
		case "unnamed":
			known = Cell{say("it is built, under no name that is known")}
		}
		s.Table.Rows = append(s.Table.Rows, []Cell{{link(u.Path, 0)}, known})
	}
	return s
}

// depthSection lists how long the chains are.
func depthSection(e *report.Estate) Section {
	s := Section{
		ID: "chains", Title: "Chains by depth", Lead: "A build of depth 1 is based on images from outside alone; each one more is a rebuild that has to wait for the one before.",
		Table: Table{Columns: columnsOf("#Depth", "#Builds", "#Services", "An example")}, Count: len(e.Depths),
	}
	for _, d := range e.Depths {
		var chain Cell
		for i, l := range d.Chain {
			if i > 0 {
				chain = append(chain, say(" ← "))
			}
			chain = append(chain, link(l.Path, l.Line))
			if i == len(d.Chain)-1 && l.Ref != "" {
				chain = append(chain, say(" ← "), name(l.Ref))
			}
		}
		s.Table.Rows = append(s.Table.Rows, []Cell{number(d.Depth), number(d.Builds), number(d.Services), chain})
	}
	return s
}

// imageSection lists the curated bases, or the images from outside, with all places.
func imageSection(e *report.Estate, curated bool) Section {
	s := Section{ID: "bases", Title: "Curated bases", Lead: "Images that builds of the repository make and others are based on, each line by itself, with every version in use and every place."}
	if !curated {
		s = Section{ID: "outside", Title: "Images from outside", Lead: "Images that no build of the repository makes, with every version in use and every place."}
	}
	for i := range e.Images {
		image := &e.Images[i]
		if image.Curated != curated {
			continue
		}
		g := Group{
			Title: Cell{name(image.Title), say(" · %s, %s", report.Count(len(image.Versions), "version"), report.Count(image.Builds, "build"))},
			Table: Table{Columns: columnsOf("Version", "Compared", "Moves", "#Builds", "#Services")},
		}
		if image.Frontend {
			g.Title = append(g.Title, say(", a frontend of BuildKit"))
		}
		if image.Behind > 0 {
			g.Title = append(g.Title, say(", %d behind", image.Behind))
		}
		if m := image.MadeBy; m != nil {
			g.Lists = append(g.Lists, List{Title: Cell{say("Built by")}, Items: []Cell{buildLink(m.Path, m.Target)}})
			if m.Where != nil {
				if path, line, ok := cutLine(*m.Where); ok {
					g.Lists = append(g.Lists, List{Title: Cell{say("Named at")}, Items: []Cell{{link(path, line)}}})
				}
			}
		}
		for k := range image.Versions {
			v := &image.Versions[k]
			g.Table.Rows = append(g.Table.Rows, []Cell{{versionText(v.Version)}, compared(v), {say("%s", moves(v))}, number(v.Builds), number(v.Services)})
			g.Lists = append(g.Lists, List{Title: Cell{versionText(v.Version)}, Items: itemsOf(v.Places)})
		}
		s.Groups = append(s.Groups, g)
	}
	s.Count = len(s.Groups)
	return s
}

// compared says how a version compares with the newest in use.
func compared(v *estate.Version) Cell {
	switch {
	case v.State == estate.Behind:
		return Cell{say("%s ", Lag(v)), name(*v.Newest)}
	case v.Reason != nil:
		return Cell{say("cannot be told: %s", *v.Reason)}
	}
	return Cell{say("the newest in use")}
}

func moves(v *estate.Version) string {
	if v.Moving {
		return "moves, no digest"
	}
	return ""
}

// cutLine takes a place path:line apart.
func cutLine(where string) (path string, line int, ok bool) {
	i := strings.LastIndexByte(where, ':')
	if i < 0 {
		return "", 0, false
	}
	if _, err := fmt.Sscanf(where[i+1:], "%d", &line); err != nil {
		return "", 0, false
	}
	return where[:i], line, true
}
