package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/outdated"
)

// mostExplained is how many candidates and places are listed one by one, unless all are asked for.
const mostExplained = 12

// writeExplained writes for each version in use where it is, what the policy is and which entry
// says so, and each newer version with what becomes of it.
func (o *Outdated) writeExplained(w io.Writer) error {
	b := newPage(w)
	folded := false
	for _, image := range o.Images {
		b.add(Clean(imageref.Familiar(image.Image)))
		if image.Made {
			b.add(", made here")
		}
		if image.Error != nil {
			b.add(": its registry cannot be asked: " + Clean(*image.Error))
		}
		b.add("\n")
		for i := range image.Versions {
			if o.explain(b, &image.Versions[i]) {
				folded = true
			}
		}
	}
	if len(o.Images) == 0 {
		b.add("no reference that is built names it\n")
	}
	if folded {
		b.hint("", listsAll)
	}
	return b.end()
}

func (o *Outdated) explain(b *page, v *OutdatedVersion) (folded bool) {
	f := v.finding
	b.printf("\n%s, %s", Clean(cmp.Or(shortVersion(f), "?")), Count(v.References, "reference"))
	if v.Time != nil {
		b.printf(", %s old", o.age(v.Time))
	}
	b.printf(": %s\n", map[outdated.Result]string{
		outdated.Outdated: "outdated", outdated.Newer: "nothing newer is taken", outdated.UpToDate: "up to date", outdated.NotKnown: "not known", outdated.LeftAlone: "never edited",
	}[f.Result()])
	if why := whyOf(f); why != "" {
		b.printf("  %s\n", Clean(why))
	}
	if f.Moved != nil {
		b.printf("  %s\n", Clean(movedText(f.Tag, f.Moved)))
	}
	b.table(v.Policy.rows(), false)
	rows := o.candidates(v)
	if n := len(rows); n > mostExplained+1 && !o.whole {
		folded = true
		rows = append(rows[:mostExplained], fmt.Sprintf("    %d more", n-mostExplained))
	}
	if len(rows) > 0 {
		b.add("  newer:\n")
	}
	b.table(rows, false)
	b.add("  in:\n")
	var places []string
	for _, p := range v.Places {
		places = append(places, Clean(fmt.Sprintf("    %s:%d:%d", p.Path, p.Line, p.Column)))
	}
	places = slices.Compact(places)
	if n := len(places); n > mostExplained+1 && !o.whole {
		folded = true
		places = append(places[:mostExplained], fmt.Sprintf("    %d more", n-mostExplained))
	}
	b.add(strings.Join(places, "\n") + "\n")
	return folded
}

// candidates are the rows of newer versions.
func (o *Outdated) candidates(v *OutdatedVersion) []string {
	var rows []string
	for _, c := range v.Candidates {
		verdict := "older than what is taken"
		switch {
		case c.Taken:
			verdict = "taken"
		case c.Reason != nil:
			verdict = *c.Reason + ": " + deref(c.Detail)
		}
		rows = append(rows, row("    "+c.Tag, c.Step, o.age(c.Time), verdict))
	}
	if len(v.Candidates) == 0 {
		for _, h := range v.Held {
			rows = append(rows, row("    "+h.Tag, h.Step, o.age(h.Time), h.Reason+": "+h.Detail))
		}
	}
	return rows
}

// rows say what the policy is, key by key, and which entry of the configuration each is from.
func (p OutdatedPolicy) rows() []string {
	values := map[string]string{
		"level": p.Level, "skip-versions": strings.Join(p.Skip, ", "), "moving": p.Moving, "group": deref(p.Group), "min-age": "0",
	}
	if p.MinAge > 0 {
		values["min-age"] = outdated.Days(time.Duration(p.MinAge) * time.Second)
	}
	var rows []string
	for _, key := range []string{"level", "skip-versions", "min-age", "moving", "group"} {
		from := "the default"
		entry, said := p.From[key]
		if said {
			from = entry.String()
		} else if values[key] == "" {
			continue
		}
		rows = append(rows, row("  "+key, cmp.Or(values[key], "none"), from))
	}
	for _, key := range []string{"labels", "reviewers", "assignees", "schedule", "automerge", "max-open"} {
		if entry, said := p.From[key]; said {
			rows = append(rows, row("  "+key, "set", entry.String()))
		}
	}
	return rows
}

// String says which entry of the configuration it is.
func (e OutdatedEntry) String() string {
	text := e.Where
	if e.Images != nil {
		text += ", images " + *e.Images
	}
	if e.Paths != nil {
		text += ", paths " + *e.Paths
	}
	return text
}
