package bumper

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/mermaid"
	"github.com/matihlabs/propagate/scanner"
)

// maxBody is the length in bytes up to which a body is written. GitHub takes
// 65,536 characters; the rest is for what the publisher adds.
const maxBody = 60000

// shown are the limits to which the graph is folded: one of more edges is a blot, and the
// tables need room as well.
func shown() mermaid.Limits { return mermaid.Limits{Edges: 150, Characters: 15000} }

// Body returns the text of a change's pull request in GitHub's Markdown: what
// changes and why, the Dockerfiles, the graph of what is affected, what waits,
// what was left and why, and how to run it again. command is the command line
// that made it. A body that would be too long has its tables cut, and says so.
func (p *Plan) Body(c Change, command string) string {
	drawing := p.drawing(c)
	for _, rows := range []int{1 << 30, 200, 60, 20} {
		if body := p.body(c, command, rows, drawing); len(body) <= maxBody {
			return body
		}
	}
	body := p.body(c, command, 5, "")
	return strings.ToValidUTF8(body[:min(len(body), maxBody)], "")
}

// maxShown is how many edits of one Dockerfile, and how many bases, are spelt out.
const maxShown = 20

func (p *Plan) body(c Change, command string, rows int, drawing string) string {
	var b strings.Builder
	for i, bump := range p.Bumps {
		if i == maxShown {
			fmt.Fprintf(&b, "And %d more.\n", len(p.Bumps)-maxShown)
			break
		}
		fmt.Fprintf(&b, "%s is out as %s.\n", code(bump.Image), code(bump.Version()))
	}
	edits := 0
	for _, file := range c.Files {
		edits += len(file.Edits)
	}
	var items, records []*Item
	for _, item := range c.Items {
		if item.Record {
			records = append(records, item)
		} else {
			items = append(items, item)
		}
	}
	what := "what says its version here"
	if len(items) > 0 {
		what = count(len(items), "Dockerfile")
	}
	fmt.Fprintf(&b, "\nThis change moves %s to it%s. It edits the version and nothing else: %s.\n\n", what, scope(c.Group), count(edits, "place"))
	if len(items) > 0 {
		b.WriteString(table([]string{"Dockerfile", "role", "exposure", "change"}, rows, items, func(item *Item) []string {
			return []string{code(item.File.Path), item.Role(), item.Exposure.String(), changes(item)}
		}))
		b.WriteString("\n*runtime*: the base's layers are in the shipped image; *build*: it is only used to build it.\n")
	}
	if len(records) > 0 {
		b.WriteString("\n### The version of the base itself\n\nThese places said an older one.\n\n")
		b.WriteString(table([]string{"Dockerfile that makes it", "change"}, rows, records, func(item *Item) []string {
			return []string{code(item.File.Path), changes(item)}
		}))
	}

	b.WriteString(drawing)
	b.WriteString(p.others(rows))
	b.WriteString(p.left(rows))
	fmt.Fprintf(&b, "\n### Run it again\n\n```sh\n%s\n```\n\nIt brings this branch up to date, and changes nothing if nothing has changed. A commit of yours on this branch, or closing this pull request, makes it leave the branch alone.\n", command)
	return b.String()
}

// keep remembers a section that all bodies share, by its bound.
func (p *Plan) keep(key int, text string) {
	if p.sections == nil {
		p.sections = map[int]string{}
	}
	p.sections[key] = text
}

// others writes the sections on what this plan does without an edit here and now.
func (p *Plan) others(rows int) string {
	if text, ok := p.sections[-rows]; ok {
		return text
	}
	var b strings.Builder
	var rebuilt, pending []*Item
	for _, item := range p.Items {
		switch {
		case item.Pending():
			pending = append(pending, item)
		case item.Action == ActionRebuild:
			rebuilt = append(rebuilt, item)
		}
	}
	if len(rebuilt) > 0 {
		b.WriteString("\n### To be rebuilt without an edit\n\nTheir tags move with the base.\n\n")
		b.WriteString(table([]string{"Dockerfile", "on"}, rows, rebuilt, func(item *Item) []string {
			return []string{code(item.File.Path), code(item.Current)}
		}))
	}
	if len(pending) > 0 {
		b.WriteString("\n### Waiting for a derived base\n\n")
		b.WriteString(table([]string{"Dockerfile", "wave", "waits for"}, rows, pending, func(item *Item) []string {
			return []string{code(item.File.Path), fmt.Sprint(item.Wave), code(strings.Join(item.WaitsFor, ", "))}
		}))
	}
	p.keep(-rows, b.String())
	return b.String()
}

// drawing writes the section with the graph.
func (p *Plan) drawing(c Change) string {
	var b strings.Builder
	b.WriteString("\n### What is affected\n\n```mermaid\n")
	_ = mermaid.WriteWithin(&b, p.view(c), shown()) // a strings.Builder takes everything
	b.WriteString("```\n")
	return b.String()
}

// view is what of the graph the body shows: all that the plan reaches, or for a
// change of a part of it what that part stands on.
func (p *Plan) view(c Change) graph.View {
	var dependents []graph.Dependent
	items := c.Items
	if c.Group == "" {
		items = p.Items
	}
	for _, item := range items {
		if item.Action == ActionBump {
			dependents = append(dependents, item.Dependent)
		}
	}
	v := p.Graph.AffectedView(p.Bases(), dependents)
	v.Moves = map[*scanner.Ref]string{}
	for _, item := range items {
		for i, ref := range item.moved {
			v.Moves[ref] = item.movedTo[i]
		}
	}
	return v
}

// changes says what is edited for an item, the lines of one file together that say the same.
func changes(item *Item) string {
	type move struct{ path, from, to string }
	lines := map[move][]string{}
	var moves []move
	for _, e := range item.Edits {
		m := move{e.Path, shortVersion(e.Old), shortVersion(e.New)}
		if lines[m] == nil {
			moves = append(moves, m)
		}
		if line := fmt.Sprint(e.Line); !slices.Contains(lines[m], line) {
			lines[m] = append(lines[m], line)
		}
	}
	var parts []string
	for i, m := range moves {
		if i == maxShown {
			parts = append(parts, fmt.Sprintf("and %d more", len(moves)-maxShown))
			break
		}
		all := lines[m]
		at := "line " + all[0]
		if n := len(all) - maxShown; n > 0 {
			all = append(slices.Clone(all[:maxShown]), fmt.Sprintf("and %d more", n))
		}
		if len(all) > 1 {
			at = "lines " + strings.Join(all, ", ")
		}
		switch other := m.path != item.File.Path; {
		case other && len(all) == 1:
			at = code(m.path + ":" + all[0])
		case other:
			at = code(m.path) + ", " + at
		}
		parts = append(parts, fmt.Sprintf("%s → %s (%s)", code(m.from), code(m.to), at))
	}
	return strings.Join(parts, "<br>")
}

func why(s Skip) string {
	if s.Detail == "" {
		return string(s.Reason)
	}
	return fmt.Sprintf("%s: %s", s.Reason, code(s.Detail))
}

func scope(group string) string {
	if group == "" {
		return ""
	}
	return ", " + code(group)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// table writes a Markdown table of at most limit rows.
func table[T any](header []string, limit int, items []T, row func(T) []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(header, " | "), strings.Repeat(" --- |", len(header)))
	for i, item := range items {
		if i == limit {
			fmt.Fprintf(&b, "\n… and %d more.\n", len(items)-limit)
			break
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row(item), " | "))
	}
	return b.String()
}

// code sets text from the repository in a code span, where it can neither mention
// anybody nor be markup, and keeps it inside a cell of a table.
func code(s string) string {
	s = inertCode(strings.Map(func(r rune) rune {
		switch {
		case r < ' ' || r == 0x7F:
			return ' '
		case !unicode.IsPrint(r):
			return '?'
		}
		return r
	}, s))
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		s = " " + s + " "
	}
	return fence + strings.ReplaceAll(s, "|", `\|`) + fence
}
