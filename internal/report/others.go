package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/screen"
)

// A section is a part of a text with a title.
type section struct {
	title string
	lines []line
}

// writeOthers writes what is no part of a change: what is rebuilt without an edit, what a person
// has to settle, what waits, and what is left.
func (p *Plan) writeOthers(b *page) {
	rebuilt, waiting := section{title: "rebuilt without an edit, their tags move"}, section{title: "waiting for a derived base"}
	unsettled, left := section{title: "left until a person settles it"}, section{title: "left as they are"}
	said := map[string]bool{} // a Dockerfile on one version: its builds are one row, as they are counted
	for _, r := range p.Rebuilt {
		if text := row("  "+r.Path, r.Current); !said[text] {
			rebuilt.lines = append(rebuilt.lines, line{row: text})
			said[text] = true
		}
	}
	for _, r := range p.Pending {
		if l := r.line(p.whole); !said[l.row] {
			waiting.lines = append(waiting.lines, l)
			said[l.row] = true
		}
	}
	var kept vendoredLine
	for _, s := range p.Skipped {
		switch {
		case bumper.Reason(s.Reason).NeedsPerson():
			unsettled.lines = append(unsettled.lines, s.line(p.whole))
		case s.tree != "" && !p.whole:
			kept.add(s.Path, s.tree)
		default:
			left.lines = append(left.lines, s.line(p.whole))
		}
	}
	if text := kept.text(); text != "" {
		left.lines = append(left.lines, line{row: text})
	}
	hint := len(kept.paths) > 0
	for _, s := range []section{rebuilt, unsettled, waiting, left} {
		rows, folded := fold(s.lines, p.whole)
		hint = hint || folded
		if len(rows) > 0 {
			b.printf("\n%s\n", b.on.Paint(screen.Strong, s.title))
			b.table(rows, false)
		}
	}
	if hint {
		b.hint("", listsAll)
	}
}

// line is the row of what waits, with its cause.
func (r Pending) line(whole bool) line {
	all := strings.Join(r.WaitsFor, ", ")
	if !whole {
		all = shorten(all)
	}
	return line{
		row:   row("  "+r.Path, fmt.Sprintf("wave %d", r.Wave), all),
		cause: strings.Join(r.WaitsFor, " "), more: "more wait for " + strings.Join(shortReferences(r.WaitsFor), " and "),
	}
}

// line is the row of what is left, with its cause.
func (s Skipped) line(whole bool) line {
	detail := s.Detail
	switch {
	case s.said:
		detail = "its error says why"
		if about, _, ok := strings.Cut(s.Detail, ": "); ok && about == shorten(about) {
			detail += " (" + about + ")"
		}
	case !whole:
		detail = shorten(detail)
	}
	l := line{row: row(fmt.Sprintf("  %s:%d", s.Path, s.Line), cmp.Or(s.Current, "-"), s.Reason, detail)}
	l.cause, l.more = cause(s.Image, s.Current, s.Reason, s.Detail, s.maker)
	return l
}

// cause tells apart why references are left, and says it for several of them: they are on an image
// whose Dockerfile is left, or on one version of one image for one reason.
func cause(image, current, reason, detail, maker string) (key, more string) {
	name := strings.Join(shortReferences([]string{image}), "")
	if maker != "" {
		return strings.Join([]string{maker, image, reason}, " "), fmt.Sprintf("more wait for %s, which is left: %s", name, reason)
	}
	if current != "" {
		name += " " + current
	}
	return strings.Join([]string{image, current, reason, detail}, " "), fmt.Sprintf("more on %s: %s", name, reason)
}
