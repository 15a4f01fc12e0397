package report

import (
	"cmp"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/scanner"
)

// Affected is the document of propagate affected.
type Affected struct {
	Schema      string         `json:"schema"`
	Bases       []Base         `json:"bases"`
	Dockerfiles []AffectedFile `json:"dockerfiles"`
	Totals      Totals         `json:"totals"`
	Since       *SinceRevision `json:"since,omitempty"` // what is compared with, where that was asked for
	jobs        []job          // by wave and path
	plan        *bumper.Plan
	source      BuildSource
	whole       bool // the text lists each row
}

// Unfold has the text list each row of those that follow from one cause.
func (a *Affected) Unfold() { a.whole = true }

// AffectedFile is a dependent in it: a build, or all builds of a Dockerfile where they fare
// the same.
type AffectedFile struct {
	Path     string    `json:"path"`
	InlineIn string    `json:"inline_in,omitempty"` // the file that holds the Dockerfile as a text
	Target   string    `json:"target"`              // "" is the last stage
	Name     string    `json:"name"`
	Role     string    `json:"role"` // "service" or "base"
	Exposure string    `json:"exposure"`
	Wave     int       `json:"wave"`
	Through  []string  `json:"through"` // from the patched base to the image that it names
	Current  string    `json:"current"`
	Action   string    `json:"action"`
	Reason   string    `json:"reason"`
	WaitsFor []string  `json:"waits_for"`
	Assumed  bool      `json:"assumed"`           // on a platform alone that nothing says it is built for, or by way of an image of a similar name
	Because  []Because `json:"because,omitempty"` // what has changed for it since a revision

	skip bumper.Skip // why it is left, for one that is
}

// A job is a build that has to be run again.
type job struct {
	*bumper.Item
	builds []monorepo.Build // the ways that come to it; one at least
	names  []string         // of these, for a bake file or a matrix
	inline string           // the Dockerfile once it is edited, of one that is a text inside another file
}

// NewAffected makes the document of a plan. builds returns how the Dockerfile of an item
// is built, see [monorepo.Repository.BuildsOf].
func NewAffected(p *bumper.Plan, builds func(p *bumper.Plan, item *bumper.Item) []monorepo.Build) *Affected {
	doc := &Affected{Schema: "propagate/affected/v1", Bases: bases(p.Bumps), Dockerfiles: notNil(rowsOf(p)), plan: p}
	doc.Totals = totals(doc.Dockerfiles)
	slices.SortStableFunc(doc.Dockerfiles, func(x, y AffectedFile) int {
		return cmp.Or(cmp.Compare(x.rank(), y.rank()), cmp.Compare(x.Wave, y.Wave))
	})
	for _, item := range p.Items {
		if item.File.IsDockerfile() && (item.Action == bumper.ActionBump || item.Action == bumper.ActionRebuild) {
			doc.jobs = append(doc.jobs, job{Item: item, builds: builds(p, item), inline: p.Inline(item)})
		}
	}
	slices.SortStableFunc(doc.jobs, func(x, y job) int { return cmp.Compare(x.Wave, y.Wave) })
	doc.name()
	return doc
}

// rowsOfOne returns the rows of one Dockerfile, which has so many builds: one for all if they
// fare the same, else one for each target and fate.
func rowsOfOne(items []*bumper.Item, builds int) []AffectedFile {
	if !items[0].File.IsDockerfile() {
		return nil // there is nothing to rebuild of it
	}
	same := func(x, y AffectedFile) bool {
		x.Target, y.Target = "", ""
		x.skip, y.skip = bumper.Skip{}, bumper.Skip{}
		return reflect.DeepEqual(x, y)
	}
	var rows []AffectedFile
	for _, item := range items {
		row := affectedFile(item)
		if !slices.ContainsFunc(rows, func(r AffectedFile) bool { return r.Target == row.Target && same(r, row) }) {
			rows = append(rows, row)
		}
	}
	differs := func(r AffectedFile) bool { return !same(r, rows[0]) }
	if len(items) == builds && !slices.ContainsFunc(rows, differs) {
		rows = rows[:1] // of the default target, if that is built
	}
	return rows
}

func affectedFile(item *bumper.Item) AffectedFile {
	row := AffectedFile{
		Path: item.File.Path, InlineIn: inlineIn(item.File), Target: item.File.Target, Name: item.Name, Role: item.Role(), Exposure: item.Exposure.String(), Wave: item.Wave,
		Through: []string{}, Current: item.Current, Action: item.Action.String(), Reason: string(item.Reason), WaitsFor: notNil(item.WaitsFor),
	}
	if i := slices.IndexFunc(item.Skips, func(s bumper.Skip) bool { return s.Reason == item.Reason }); i >= 0 && item.Action == bumper.ActionSkip {
		row.skip = item.Skips[i]
	}
	row.Assumed = item.Assumed()
	for _, image := range item.Through() {
		if !image.Nameless {
			row.Through = append(row.Through, image.Key)
		}
	}
	return row
}

// rebuilt returns the rows of what has to be rebuilt, by wave and path.
func (a *Affected) rebuilt() []AffectedFile {
	var files []AffectedFile
	for _, f := range a.Dockerfiles {
		if f.Action == bumper.ActionBump.String() || f.Action == bumper.ActionRebuild.String() {
			files = append(files, f)
		}
	}
	slices.SortStableFunc(files, func(x, y AffectedFile) int { return cmp.Or(cmp.Compare(x.Wave, y.Wave), cmp.Compare(x.Path, y.Path)) })
	return files
}

// paths counts the Dockerfiles of rows.
func paths(rows []AffectedFile) int {
	seen := map[string]bool{}
	for _, r := range rows {
		seen[r.Path] = true
	}
	return len(seen)
}

// rank is when the row is of use to a person.
func (f AffectedFile) rank() int { return rank(f.Action, f.Reason, len(f.WaitsFor) > 0) }

// line is the row as a text has it, with its cause.
func (f AffectedFile) line() line {
	action := f.Action
	if f.Reason != "" {
		action += " (" + f.Reason + ")"
	}
	exposure := f.Exposure
	if f.Assumed {
		exposure += " (assumed)"
	}
	l := line{row: row(fmt.Sprint(f.Wave), action, exposure, f.Role, f.Current, f.Path+target(f.Target), because(f.Because))}
	switch {
	case f.rank() == rank(bumper.ActionBump.String(), "", true):
		l.cause = "waits for " + strings.Join(f.WaitsFor, " ")
		l.more = "more wait for " + strings.Join(shortReferences(f.WaitsFor), " and ")
	case f.Action == bumper.ActionSkip.String():
		l.cause, l.more = cause(f.skip.Image, f.Current, f.Reason, f.skip.Detail, f.skip.Maker)
	}
	return l
}

// WriteText writes a line for every dependent, what is to be rebuilt first, and wave after wave.
func (a *Affected) WriteText(w io.Writer) error {
	var lines []line
	var kept vendoredLine
	end := 0 // of what is not up to date
	for _, f := range a.Dockerfiles {
		if f.skip.Tree != "" && !a.whole {
			kept.add(f.Path, f.skip.Tree)
			continue
		}
		lines = append(lines, f.line())
		if f.Action != bumper.ActionUpToDate.String() {
			end = len(lines)
		}
	}
	if text := kept.text(); text != "" {
		lines = slices.Insert(lines, end, line{row: text})
	}
	rows, folded := fold(lines, a.whole)
	if len(a.Dockerfiles) > 0 {
		rows = slices.Insert(rows, 0, row("WAVE", "ACTION", "EXPOSURE", "ROLE", "CURRENT", "DOCKERFILE", a.Since.heading()))
	}
	b := newPage(w)
	b.table(rows, len(a.Dockerfiles) > 0)
	text := fmt.Sprintf("%s of %s to rebuild\n", Count(paths(a.rebuilt()), "Dockerfile"), Count(paths(a.Dockerfiles), "dependent"))
	if a.Since != nil {
		text = a.Since.sum(paths(a.rebuilt()))
	}
	if folded || len(kept.paths) > 0 {
		b.hint("", listsAll)
	}
	b.sum(strings.TrimSuffix(text, "\n"))
	return b.end()
}

// inlineIn returns the path of the file that holds a Dockerfile as a text; "" for a file of its own.
func inlineIn(file *scanner.File) string {
	if file.IsInline() {
		return file.Origin.Path
	}
	return ""
}

// WritePaths writes the paths of what has to be rebuilt, one a line, by wave: of a Dockerfile
// inside another file, that of the other file.
// quote is how a path stands on a line.
func (a *Affected) WritePaths(w io.Writer, quote func(path string) string) error {
	seen := map[string]bool{}
	for _, f := range a.rebuilt() {
		file := cmp.Or(f.InlineIn, f.Path)
		if seen[file] {
			continue
		}
		seen[file] = true
		if _, err := fmt.Fprintln(w, quote(file)); err != nil {
			return err
		}
	}
	return nil
}

// target says which target of a Dockerfile a row is about.
func target(name string) string {
	if name == "" {
		return ""
	}
	return " (" + name + ")"
}
