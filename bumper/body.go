package bumper

import (
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/mermaid"
	"github.com/matihlabs/propagate/scanner"
)

// The body of a pull request says on its first screen what changes and why, which services, in which
// wave, and who owns them; the rest is folded. It is of its own change: what the plan does elsewhere is
// in it only as far as it is of the same group, or waits for what this change makes. So the pull requests
// of a plan do not change with each other.

// shown are the limits to which the graph is folded: one of more edges is a blot, and the
// tables need room as well.
func shown() mermaid.Limits { return mermaid.Limits{Edges: 150, Characters: 15000} }

// maxShown is how many edits of one Dockerfile, and how many bases, are spelt out.
const maxShown = 20

// Sections are the parts of the body of a pull request, in their order, each with a line end
// before and behind it; "" for what there is nothing to say of.
type Sections struct {
	Summary string // what, why, how much, and who owns it
	Table   string // the Dockerfiles, and what says the version of the base itself
	Graph   string // what is affected, as a drawing; folded, as the rest is
	Rebuilt string // what is rebuilt without an edit
	Waiting string // what waits for a derived base
	Left    string // what is left as it is, and why
	Again   string // how to run it again, and how people overrule it
}

// String returns the sections in their order.
func (s Sections) String() string {
	return s.Summary + s.Table + s.Graph + s.Rebuilt + s.Waiting + s.Left + s.Again
}

// sections writes the sections with tables of at most so many rows.
func (p *Plan) sections(c Change, o TextOptions, f facts, rows int, drawing string) Sections {
	return Sections{
		Summary: p.summary(c, o, f), Table: tables(c, rows), Graph: drawing, Rebuilt: rebuilt(c, rows),
		Waiting: waits(c, rows), Left: p.left(c, rows), Again: again(o.Command),
	}
}

func (p *Plan) summary(c Change, o TextOptions, f facts) string {
	var b strings.Builder
	if o.Emergency {
		b.WriteString("**Emergency:** this is to be rolled out at once.\n\n")
	}
	for i, base := range f.bases {
		if i == maxShown {
			fmt.Fprintf(&b, "And %d more.\n", len(f.bases)-maxShown)
			break
		}
		b.WriteString(base.sentence())
	}
	edits := 0
	for _, file := range c.Files {
		edits += len(file.Edits)
	}
	what := "what says the version of the base itself"
	if n := len(c.dockerfiles()); n > 0 {
		what = "the version in " + count(n, "Dockerfile")
	}
	if c.isRenewal() {
		what = "the version of " + count(len(c.Items), "base")
	}
	fmt.Fprintf(&b, "\nThis change edits %s (%s) and nothing else.\n\n", what, count(edits, "place"))
	fmt.Fprintf(&b, "* Wave %d of %d\n", c.Wave, f.waves)
	if c.Group != "" && c.parts > 1 {
		fmt.Fprintf(&b, "* Part %d of %d: %s\n", c.part, c.parts, code(c.Group))
	}
	if len(f.owners) > 0 {
		var names []string
		for _, owner := range f.owners {
			names = append(names, code(owner))
		}
		fmt.Fprintf(&b, "* Owned by %s\n", list(names))
	}
	return b.String()
}

// dockerfiles returns the items of a change that are moved, and are no records.
func (c Change) dockerfiles() []*Item {
	return slices.DeleteFunc(slices.Clone(c.Items), func(item *Item) bool { return item.Record })
}

// tables writes what is edited.
func tables(c Change, rows int) string {
	var b strings.Builder
	if items := c.dockerfiles(); len(items) > 0 {
		b.WriteString("\n" + table([]string{"service", "exposure", "change"}, rows, items, func(item *Item) []string {
			name := cell(item.File.Path)
			if role := item.Role(); role != "service" {
				name += " (" + role + ")"
			}
			return []string{name, item.Exposure.String(), changes(item)}
		}))
		b.WriteString("\n*runtime*: the base's layers are in the shipped image; *build*: it is only used to build it.\n")
	}
	records := slices.DeleteFunc(slices.Clone(c.Items), func(item *Item) bool { return !item.Record })
	if len(records) > 0 {
		b.WriteString("\nThese places said an older version of the base itself:\n\n")
		b.WriteString(table([]string{"Dockerfile that makes it", "change"}, rows, records, func(item *Item) []string {
			return []string{cell(item.File.Path), changes(item)}
		}))
	}
	return b.String()
}

// rebuilt writes the section on what is brought up to date without an edit.
func rebuilt(c Change, rows int) string {
	items := slices.DeleteFunc(slices.Clone(c.rest), func(item *Item) bool { return item.Pending() || item.Action != ActionRebuild })
	if len(items) == 0 {
		return ""
	}
	return folded(fmt.Sprintf("To be rebuilt without an edit: %d", len(items)), "Their tags move with the base.\n\n"+
		table([]string{"Dockerfile", "on"}, rows, items, func(item *Item) []string {
			return []string{cell(item.File.Path), cell(item.Current)}
		}))
}

// waits writes the section on what waits: of the group, and for what the change makes.
func waits(c Change, rows int) string {
	items := slices.DeleteFunc(slices.Concat(c.rest, c.after), func(item *Item) bool { return !item.Pending() })
	slices.SortStableFunc(items, compareItems)
	items = slices.Compact(items)
	if len(items) == 0 {
		return ""
	}
	return folded(fmt.Sprintf("Waiting for a derived base: %d", len(items)),
		table([]string{"Dockerfile", "wave", "waits for"}, rows, items, func(item *Item) []string {
			return []string{cell(item.File.Path), fmt.Sprint(item.Wave), cell(strings.Join(item.WaitsFor, ", "))}
		}))
}

func again(command string) string {
	return folded("Run it again, or overrule it", "```sh\n"+inertCode(command)+"\n```\n\n"+`It brings this branch up to date, and changes nothing if nothing has changed.

* Close this pull request, and this version is left out; a newer one comes as a new pull request.
* Commit to this branch, and the branch is yours: nothing is pushed to it any more.
* Write above this text, and your lines stay. A title or a text that you change stays as well.
* `+"`--recreate`"+` with the name of this branch makes all of it anew.
`)
}

// drawing writes the section with the graph.
func (p *Plan) drawing(c Change, bases []Bump) string {
	var b strings.Builder
	b.WriteString("```mermaid\n")
	view := p.view(c, bases)
	if len(view.Edges) == 0 {
		return ""
	}
	_ = mermaid.WriteWithin(&b, view, shown()) // a strings.Builder takes everything
	b.WriteString("```\n")
	return folded("What is affected", b.String())
}

// view returns the part of the graph that the body shows: what the change is based on, the rest
// of its group, and what waits for it.
func (p *Plan) view(c Change, bases []Bump) graph.View {
	items := slices.Concat(c.Items, c.rest, c.after)
	var dependents []graph.Dependent
	for _, item := range items {
		if item.Action == ActionBump {
			dependents = append(dependents, item.Dependent)
		}
	}
	var lines []*graph.Node
	for _, bump := range bases {
		lines = append(lines, p.linesOf(bump)...)
	}
	v := p.Graph.AffectedView(lines, dependents)
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
			at = cell(m.path + ":" + all[0])
		case other:
			at = cell(m.path) + ", " + at
		}
		parts = append(parts, fmt.Sprintf("%s → %s (%s)", cell(m.from), cell(m.to), at))
	}
	return strings.Join(parts, "<br>")
}

func why(s Skip) string {
	if s.Detail == "" {
		return string(s.Reason)
	}
	return fmt.Sprintf("%s: %s", s.Reason, cell(s.Detail))
}

// body puts the sections together, with as many rows as there is room for.
func (p *Plan) body(c Change, o TextOptions, f facts, compose func(Sections) (string, error)) (string, error) {
	drawing := p.drawing(c, f.bumps)
	for _, rows := range []int{1 << 30, 500, 200, 60, 20} {
		text, err := compose(p.sections(c, o, f, rows, drawing))
		if err != nil || len(text) <= maxBody {
			return text, err
		}
	}
	text, err := compose(p.sections(c, o, f, 5, ""))
	return cut(text), err
}
