package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/outdated"
)

// mostNewer is how many versions are listed of which a policy leaves the newer ones, unless all are
// asked for.
const mostNewer = 40

// An outdatedRow is a version in use in the table, and what is said below it.
type outdatedRow struct {
	image   string
	version *OutdatedVersion
	cells   string
	below   []string
}

// WriteText writes a row for each version in use that has something newer, what is taken first,
// with a line below it where more is to be said.
func (o *Outdated) WriteText(w io.Writer) error {
	if o.explains {
		return o.writeExplained(w)
	}
	rows, hidden := o.rows()
	b := newPage(w)
	if len(rows) > 0 {
		table := []string{row("IMAGE", "IN USE", "AGE", "REFS", "PATCH", "MINOR", "MAJOR", "TAKES")}
		for _, r := range rows {
			table = append(table, r.cells)
			for _, below := range r.below {
				table = append(table, "  "+Clean(below))
			}
		}
		b.table(table, true)
	}
	folded := o.writeLeft(b)
	if hidden || folded || !o.whole && o.Totals.UpToDate > 0 {
		b.hint("", listsAll)
	}
	b.sum(o.Totals.String())
	return b.end()
}

// rows returns the rows of the table; hidden says that there are more.
func (o *Outdated) rows() (rows []outdatedRow, hidden bool) {
	ranks := []outdated.Result{outdated.Outdated, outdated.Newer, outdated.NotKnown, outdated.UpToDate}
	for i := range o.Images {
		for k := range o.Images[i].Versions {
			v := &o.Images[i].Versions[k]
			f := v.finding
			switch f.Result() {
			case outdated.LeftAlone:
				continue
			case outdated.UpToDate, outdated.NotKnown:
				if !o.whole {
					continue
				}
			case outdated.Outdated, outdated.Newer:
			}
			r := o.row(o.Images[i].Image, v)
			if isOneOfMany(o.Images[i].Versions, v) {
				r.below = slices.Insert(r.below, 0, "in "+pathsOf(v.Places))
			}
			rows = append(rows, r)
		}
	}
	rank := func(r outdatedRow) int { return slices.Index(ranks, r.version.finding.Result()) }
	slices.SortStableFunc(rows, func(a, b outdatedRow) int { return cmp.Compare(rank(a), rank(b)) })
	if most := o.Totals.Outdated + mostNewer; !o.whole && len(rows) > most+1 {
		return rows[:most], true
	}
	return rows, false
}

// isOneOfMany reports whether a version is listed several times, for each policy that it is under.
func isOneOfMany(all []OutdatedVersion, v *OutdatedVersion) bool {
	n := 0
	for i := range all {
		if all[i].Version == v.Version && all[i].finding.Ignored == "" {
			n++
		}
	}
	return n > 1
}

// pathsOf are the files of places in a few words.
func pathsOf(places []OutdatedPlace) string {
	var paths []string
	for _, p := range places {
		paths = append(paths, p.Path)
	}
	return Names(slices.Compact(paths))
}

func (o *Outdated) row(image string, v *OutdatedVersion) outdatedRow {
	f := v.finding
	tag := func(t *OutdatedTag) string {
		if t == nil {
			return "-"
		}
		return t.Tag
	}
	takes := "-"
	switch {
	case v.Take != nil:
		takes = v.Take.Tag
		if v.Take.Time != nil {
			takes += ", " + o.age(v.Take.Time) + " old"
		}
	case v.Moved != nil && f.Moved.Action == config.Rebuild:
		takes = "rebuild"
	case v.Moved != nil:
		takes = shortDigest(v.Moved.Digest)
	}
	r := outdatedRow{image: image, version: v}
	r.cells = row(imageref.Familiar(image), shortVersion(f), o.age(v.Time), strconv.Itoa(v.References), tag(v.Newest.Patch), tag(v.Newest.Minor), tag(v.Newest.Major), takes)
	for _, h := range v.Held {
		if h.Reason != string(outdated.Level) { // which the columns say
			r.below = append(r.below, fmt.Sprintf("not %s: %s", h.Tag, h.Detail))
		}
	}
	if m := f.Moved; m != nil {
		r.below = append(r.below, movedText(f.Tag, m))
		r.below = append(r.below, o.baseTexts(image, f.Tag, m)...)
	}
	if why := whyOf(f); why != "" && (o.whole || f.Result() != outdated.Newer) {
		r.below = append(r.below, why)
	}
	return r
}

// movedText says what became of a tag.
func movedText(tag string, m *outdated.Moved) string {
	tag = cmp.Or(tag, "latest")
	switch {
	case m.Action == config.Rebuild:
		return fmt.Sprintf("%s names %s now; to be rebuilt for it: %s", tag, shortDigest(m.Digest), Count(len(m.Behind), "build"))
	case m.Was == "":
		return fmt.Sprintf("%s moves, and is to be pinned to what it names now", tag)
	case m.Repushed:
		return fmt.Sprintf("%s was pushed again: it was %s", tag, shortDigest(m.Was))
	}
	return fmt.Sprintf("%s has moved: it was %s", tag, shortDigest(m.Was))
}

// mostBases is how many bases are spelt out that are built on one tag.
const mostBases = 20

// baseTexts says what becomes of the bases that were published on what a tag named before.
func (o *Outdated) baseTexts(image, tag string, m *outdated.Moved) (all []string) {
	upstream := imageref.Familiar(image) + ":" + cmp.Or(tag, "latest")
	for i, b := range m.Bases {
		if i == mostBases && len(m.Bases) > mostBases+1 && !o.whole {
			return append(all, Count(len(m.Bases)-mostBases, "more base"))
		}
		name := strings.TrimSpace(imageref.Base(b.Image) + " " + b.Version)
		switch {
		case b.Unpublished:
			all = append(all, fmt.Sprintf("%s is to be published: what is published of it is built on an older %s", name, upstream))
		case b.Next != "":
			all = append(all, fmt.Sprintf("%s: its upstream %s has moved; run --rebuild-bases plans %s", name, upstream, b.Next))
		case b.Version == "":
			all = append(all, fmt.Sprintf("%s: its upstream %s has moved; its version is written nowhere", name, upstream))
		default:
			all = append(all, fmt.Sprintf("%s: its upstream %s has moved; build and publish it again", name, upstream))
		}
	}
	return all
}

// age says how old a version is; "-" where that is not known.
func (o *Outdated) age(t *time.Time) string {
	if t == nil || o.now.Before(*t) {
		return "-"
	}
	return outdated.Days(o.now.Sub(*t))
}

// shortVersion is the version in use with the first digits of a digest.
func shortVersion(f *outdated.Finding) string {
	switch {
	case f.Unresolved:
		return "?"
	case f.Digest == "":
		return f.Version()
	case f.Tag == "":
		return shortDigest(f.Digest)
	}
	return f.Tag + "@" + shortDigest(f.Digest)
}

// shortDigest is a digest with its first digits alone.
func shortDigest(digest string) string {
	const digits = 12
	kind, hex, ok := strings.Cut(digest, ":")
	if !ok || len(hex) <= digits {
		return digest
	}
	return kind + ":" + hex[:digits]
}

// writeLeft writes what was not judged, and what is left.
func (o *Outdated) writeLeft(b *page) (folded bool) {
	var left, lost []line
	for _, image := range o.Images {
		for _, v := range image.Versions {
			f := v.finding
			switch what := imageref.Familiar(image.Image) + " " + shortVersion(f); {
			case f.Result() == outdated.LeftAlone && len(f.Held) > 0:
				left = append(left, line{Clean(fmt.Sprintf("  %s: %s, %s newer", what, f.Ignored, f.Held[0].Tag)), "left " + f.Ignored, "more: " + f.Ignored})
			case f.Result() == outdated.NotKnown && f.Err == nil && !o.whole: // standard error names the registries
				why := whyOf(f)
				lost = append(lost, line{Clean(fmt.Sprintf("  %s: %s", what, why)), "lost " + why, "more: " + why})
			}
		}
	}
	for _, p := range o.Unresolved {
		lost = append(lost, line{Clean(fmt.Sprintf("  %s:%d:%d: %s names no image that is known", p.Path, p.Line, p.Column, p.Written)), "unresolved", "more name no image that is known"})
	}
	for _, part := range []struct {
		title string
		lines []line
	}{{"left, since these are never edited:", left}, {"not known:", lost}} {
		if len(part.lines) == 0 {
			continue
		}
		rows, more := fold(part.lines, o.whole)
		folded = folded || more
		b.add(part.title + "\n" + strings.Join(rows, "\n") + "\n")
	}
	return folded
}

// String says the totals in a line.
func (t OutdatedTotals) String() string {
	parts := []string{fmt.Sprintf("%d outdated", t.Outdated)}
	for _, p := range []struct {
		n    int
		text string
	}{{t.Newer, "with newer versions that are not taken"}, {t.UpToDate, "up to date"}, {t.Unknown, "not known"}, {t.Ignored, "never edited"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.text))
		}
	}
	return fmt.Sprintf("%s in %s: %s", Count(t.Images, "image"), Count(t.Versions, "version"), strings.Join(parts, ", "))
}
