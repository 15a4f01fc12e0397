package estatepage

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/matihlabs/propagate/internal/estate"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/report"
)

// A View is an estate as it is laid out for people: the numbers first, then sections of tables. Markdown and the
// page are two ways of writing it. Its texts are plain; what comes from the repository is marked, so that each writer can
// quote it in its own way.
type View struct {
	About    []Text // what was read
	Figures  []Figure
	Notes    []string // what the numbers mean
	Sections []Section
}

// A Figure is a number that comes first.
type Figure struct {
	Label, Value string
	Note         string // what the number is made of; "" for nothing
	Warns        bool   // somebody should look at it
}

// A Section is a part of the report.
type Section struct {
	ID, Title string
	Lead      string // a sentence on what it lists
	Count     int    // how many things it lists
	Table     Table
	Groups    []Group
}

// A Table has rows of as many cells as it has columns.
type Table struct {
	Columns []Column
	Rows    [][]Cell
}

// A Column is one of a table.
type Column struct {
	Title  string
	Number bool // its cells are numbers
}

// A Cell is the texts of a cell, one after the other.
type Cell []Text

// A Text is a run of text.
type Text struct {
	Text string
	Code bool   // it comes from the repository, or from a registry
	Path string // of the file that it links to, which the text names, with the line if there is one; "" for none
	Line int    // in this file; 0 for none
}

// A Group is a list below a title that is unfolded when somebody asks for it.
type Group struct {
	Title Cell
	Table Table
	Lists []List
}

// A List is what one version of an image is used by.
type List struct {
	Title Cell
	Items []Cell
}

func say(format string, args ...any) Text { return Text{Text: fmt.Sprintf(format, args...)} }
func name(s string) Text                  { return Text{Text: s, Code: true} }
func number(n int) Cell                   { return Cell{say("%d", n)} }

// link is a place as a text that links to it.
func link(path string, line int) Text {
	text := path
	if line > 0 {
		text += ":" + strconv.Itoa(line)
	}
	return Text{Text: text, Code: true, Path: path, Line: line}
}

// columnsOf makes columns of their titles; those that begin with "#" are numbers.
func columnsOf(titles ...string) []Column {
	var all []Column
	for _, title := range titles {
		plain, isNumber := strings.CutPrefix(title, "#")
		all = append(all, Column{plain, isNumber})
	}
	return all
}

// NewView lays the document out.
func NewView(e *report.Estate) *View {
	v := &View{Figures: figures(e)}
	if e.Revision != "" {
		v.About = append(v.About, say("commit "), name(e.Revision))
	} else {
		v.About = append(v.About, say("a plain directory, as it is"))
	}
	v.Notes = []string{
		"The newest version is the newest that the repository itself uses or builds of an image or of its line; nobody was asked whether there is a newer one elsewhere.",
		"A build is behind if one of its references is. It cannot be told of a build that names a digest alone, a tag without a number, or a version that is not known.",
	}
	v.Sections = append(v.Sections, behindSection(e))
	if r := e.Registries; r != nil {
		v.About = append(v.About, say(" · registries asked at %s", r.At.Format("2006-01-02 15:04 UTC")))
		v.Notes[0] = "Behind is measured by the newest version that the repository itself uses or builds of an image or of its line; what registries have beyond that is counted apart."
		v.Sections = append(v.Sections, newerSection(r), publishedSection(r))
		if len(r.Unasked) > 0 {
			v.Sections = append(v.Sections, unaskedSection(r))
		}
	}
	v.Sections = append(v.Sections, unresolvedSection(e), movingSection(e), uncuratedSection(e), unsaidSection(e), depthSection(e))
	for _, curated := range []bool{true, false} {
		v.Sections = append(v.Sections, imageSection(e, curated))
	}
	return v
}

// figures are the numbers that a manager asks for.
func figures(e *report.Estate) []Figure {
	t := e.Totals
	share, note := notKnown, "no build depends on an image"
	if based := t.Newest + t.Behind + t.Unknown; based > 0 {
		// What cannot be told is not on the newest version as far as anybody knows. It is 100 only if all are.
		share = fmt.Sprintf("%d %%", 100*t.Newest/based)
		note = fmt.Sprintf("%d of %s", t.Newest, builds(based))
	}
	if t.Unknown > 0 {
		note += fmt.Sprintf("; of %d it cannot be told", t.Unknown)
	}
	all := []Figure{
		{Label: "Builds on the newest versions in use", Value: share, Note: note, Warns: t.Behind+t.Unknown > 0},
		{Label: "Builds behind", Value: strconv.Itoa(t.Behind), Note: fmt.Sprintf("of %s%s", builds(t.Builds), stepsOf(t)), Warns: t.Behind > 0},
		{Label: "Dockerfiles", Value: strconv.Itoa(t.Dockerfiles), Note: dockerfileNote(e)},
		{Label: "Services", Value: strconv.Itoa(t.Services), Note: fmt.Sprintf("of %s: no other build depends on their images", builds(t.Builds))},
		{Label: "Curated bases", Value: strconv.Itoa(t.Curated), Note: fmt.Sprintf("%s; %s from outside", report.Count(t.Derived, "derived base"), report.Count(t.Images-t.Curated, "image"))},
		{Label: "Longest chain", Value: builds(t.Deepest), Note: "that are rebuilt one after the other"},
		{Label: "Unresolved references", Value: strconv.Itoa(t.Unresolved), Note: fmt.Sprintf("of %s", report.Count(t.References, "reference")), Warns: t.Unresolved > 0},
		{Label: "Moving tags without a digest", Value: strconv.Itoa(t.Moving), Note: fmt.Sprintf("of %s", report.Count(t.References, "reference")), Warns: t.Moving > 0},
	}
	uncurated := Figure{Label: "Services on no curated base", Value: notKnown, Note: "no build of the repository makes a base"}
	if t.Uncurated != nil {
		uncurated = Figure{Label: uncurated.Label, Value: strconv.Itoa(*t.Uncurated), Note: fmt.Sprintf("of %s", report.Count(t.Services, "service")), Warns: *t.Uncurated > 0}
		if *t.UnsureBases > 0 {
			uncurated.Note += fmt.Sprintf("; of %d it cannot be told", *t.UnsureBases)
		}
	}
	all = append(all, uncurated, Figure{Label: "Dockerfiles whose image nothing names for sure", Value: strconv.Itoa(t.Unsaid), Note: "no build file, no command and no configuration names it"})
	return append(all, registryFigures(e.Registries)...)
}

// stepsOf says by which steps builds are behind.
func stepsOf(t estate.Totals) string {
	var all []string
	for _, step := range []struct {
		n    int
		name string
	}{{t.Patch, "patch"}, {t.Minor, "minor"}, {t.Major, "major"}} {
		if step.n > 0 {
			all = append(all, fmt.Sprintf("%d by a %s step", step.n, step.name))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return ": " + strings.Join(all, ", ")
}

func dockerfileNote(e *report.Estate) string {
	var notes []string
	if n := e.Totals.Unreadable; n > 0 {
		notes = append(notes, fmt.Sprintf("%d cannot be read, or build nothing", n))
	}
	if n := e.Totals.Vendored; n > 0 {
		notes = append(notes, fmt.Sprintf("%d more in vendored trees", n))
	}
	return strings.Join(notes, "; ")
}

// Lag says how far a version is behind: "2 minor behind", or "a major step behind" where no number tells how many.
func Lag(v *estate.Version) string {
	switch {
	case v.State != estate.Behind:
		return ""
	case v.Distance > 0:
		return fmt.Sprintf("%d %s behind", v.Distance, *v.Step)
	}
	return fmt.Sprintf("a %s step behind", *v.Step)
}

// versionText is a version as people read it: a digest in short.
func versionText(version string) Text {
	if version == "" {
		return say(notKnown)
	}
	if i := strings.Index(version, "sha256:"); i >= 0 && len(version) > i+19 {
		version = version[:i+19] + "…"
	}
	return name(version)
}

// What stands where there is no number.
const (
	notKnown = "not known"
	notAsked = "not asked"
)

func builds(n int) string { return report.Count(n, "build") }

// buildLink is a build: its Dockerfile, with its target behind it where it has one.
func buildLink(path, target string) Cell {
	cell := Cell{link(path, 0)}
	if target != "" {
		cell = append(cell, say(" target "), name(target))
	}
	return cell
}

// familiar is an image as people write it.
func familiar(image string) string { return imageref.Familiar(image) }
