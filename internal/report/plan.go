package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/oserror"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/screen"
)

// Plan is the document of propagate plan, and of the main job after the fact.
type Plan struct {
	Schema  string    `json:"schema"`
	Bases   []Base    `json:"bases"`
	Derived []Derived `json:"derived"`
	Changes []Change  `json:"changes"`
	Pending []Pending `json:"pending"`
	Rebuilt []Rebuilt `json:"rebuilt"`
	Skipped []Skipped `json:"skipped"`
	Totals  Totals    `json:"totals"`

	Closed    []Closed `json:"closed"`    // pull requests whose changes are not wanted any more
	Kept      []Kept   `json:"kept"`      // pull requests for a withdrawn version that stay open
	Rivals    []Rival  `json:"rivals"`    // pull requests of other bots
	Postponed []string `json:"postponed"` // the branches of changes that a limit leaves for another run
	Stopped   *Stopped `json:"stopped"`   // null where the run was not stopped
	Cost      *Cost    `json:"cost"`      // null where no pull requests are asked for, and after the fact

	Looked *OutdatedTotals `json:"looked"` // what registries were asked about; null where a person named the bases

	rows  []AffectedFile
	whole bool // the text lists each row

	showsCost bool // in the text
}

// Unfold has the text list each row of those that follow from one cause.
func (p *Plan) Unfold() { p.whole = true }

// Change is a change in it.
type Change struct {
	Branch   string       `json:"branch"`
	Title    string       `json:"title"`
	Wave     int          `json:"wave"`
	State    string       `json:"state"`
	Services []string     `json:"services"` // the Dockerfiles
	Files    []ChangeFile `json:"files"`
	Commit   *string      `json:"commit"`
	Pull     *Pull        `json:"pull"`
	Link     *string      `json:"link"`    // the page where a person opens the pull request
	Error    *string      `json:"error"`   // why it failed
	Note     *string      `json:"note"`    // why it was left alone, or what else to know
	Lacking  *string      `json:"lacking"` // why the pull request lacks a part, its labels for example

	failures []string // the causes in Error, one by one
	loose    bool     // Commit is on no branch
	partial  bool     // some of its files are written, and not all
	hint     string   // what to do about Note
}

// ChangeFile is a file that a change edits.
type ChangeFile struct {
	Path    string `json:"path"`
	Edits   []Edit `json:"edits"`
	Written *bool  `json:"written"` // whether the file in the working tree holds the edits; null if it is not for the change to write it
}

// Edit is one edit of a file.
type Edit struct {
	Line int    `json:"line"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// Pull is a pull request.
type Pull struct {
	Number int    `json:"number"`
	URL    string `json:"url"`
}

// Derived is a derived base that is to be rebuilt.
type Derived struct {
	Image   string  `json:"image"`
	Version *string `json:"version"` // the one it gets; null where it is rebuilt as it is
	Path    string  `json:"path"`    // the Dockerfile that makes it
	Target  string  `json:"target"`  // the stage that is shipped as it; "" is the last
}

func derived(d bumper.Derived) Derived {
	return Derived{Image: d.Image, Version: optional(d.Version()), Path: d.Maker.File.Path, Target: d.Maker.File.Target}
}

// Pending is a Dockerfile that waits for derived bases.
type Pending struct {
	Path     string       `json:"path"`
	Target   string       `json:"target"` // "" is the last stage
	Wave     int          `json:"wave"`
	WaitsFor []string     `json:"waits_for"`
	Edits    []PlacedEdit `json:"edits"` // what will be edited then
}

// PlacedEdit is an edit with the file that it is in.
type PlacedEdit struct {
	Path string `json:"path"`
	Edit
}

func placed(edits []bumper.Edit) []PlacedEdit {
	all := make([]PlacedEdit, len(edits))
	for i, e := range edits {
		all[i] = PlacedEdit{e.Path, Edit{e.Line, e.Old, e.New}}
	}
	return all
}

// Rebuilt is a Dockerfile that a rebuild alone brings up to date.
type Rebuilt struct {
	Path    string `json:"path"`
	Target  string `json:"target"`
	Wave    int    `json:"wave"`
	Current string `json:"current"`
}

// Skipped is a reference that is left as it is.
type Skipped struct {
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Image   string `json:"image"`
	Current string `json:"current"`
	Reason  string `json:"reason"`
	Detail  string `json:"detail"`

	level imageref.Step // for the reason "level": the smallest --level that includes it
	maker string        // the Dockerfile that makes the image, where it is left because that is
	tree  string        // the vendored tree that it lies in
	way   string        // the flag with which it moves
	said  bool          // Detail is an error that is reported as well
}

// NewPlan makes the document of a plan and what became of its changes.
func NewPlan(p *bumper.Plan, r publish.Result) *Plan {
	doc := &Plan{Schema: "propagate/plan/v1", Bases: bases(p.Bumps), Derived: []Derived{}, Changes: []Change{}, Pending: []Pending{}, Rebuilt: []Rebuilt{}, Skipped: []Skipped{}, Closed: []Closed{}, Kept: []Kept{}, Rivals: []Rival{}, Postponed: []string{}}
	doc.rows = rowsOf(p)
	doc.Totals = totals(doc.rows)
	doc.addResult(r)
	for _, bump := range p.Derived {
		doc.Derived = append(doc.Derived, derived(bump))
	}
	type line struct {
		path   string
		number int
	}
	moved := map[line]bool{} // of a Dockerfile, for another build of it
	for _, item := range p.Items {
		for _, e := range item.Edits {
			moved[line{e.Path, e.Line}] = true
		}
	}
	for _, item := range p.Items {
		switch {
		case item.Pending():
			doc.Pending = append(doc.Pending, Pending{Path: item.File.Path, Target: item.File.Target, Wave: item.Wave, WaitsFor: item.WaitsFor, Edits: placed(item.Edits)})
		case item.Action == bumper.ActionRebuild:
			doc.Rebuilt = append(doc.Rebuilt, Rebuilt{Path: item.File.Path, Target: item.File.Target, Wave: item.Wave, Current: item.Current})
		}
		for _, s := range item.Skips {
			skipped := Skipped{Path: s.Pos.Path, Line: s.Pos.Line, Image: s.Image, Current: s.Current, Reason: string(s.Reason), Detail: s.Detail, level: s.Step, maker: s.Maker, tree: s.Tree, way: s.Way}
			skipped.said = item.Err != nil && s.Detail == item.Err.Error()
			if s.Reason == bumper.ReasonUnreachable && moved[line{s.Pos.Path, s.Pos.Line}] {
				skipped.Detail = "it stands in a stage that other targets do not build"
			}
			if !slices.Contains(doc.Skipped, skipped) { // another build of the Dockerfile says the same
				doc.Skipped = append(doc.Skipped, skipped)
			}
		}
	}
	doc.sort()
	return doc
}

// sort brings what is listed in the order in which it is of use: what goes earlier before what
// goes later, and what a person has to settle before what is left for good. It was by build.
func (p *Plan) sort() {
	slices.SortStableFunc(p.Pending, func(a, b Pending) int { return cmp.Compare(a.Wave, b.Wave) })
	slices.SortStableFunc(p.Rebuilt, func(a, b Rebuilt) int { return cmp.Compare(a.Wave, b.Wave) })
	slices.SortStableFunc(p.Skipped, func(a, b Skipped) int {
		skip := bumper.ActionSkip.String()
		return cmp.Compare(rank(skip, a.Reason, false), rank(skip, b.Reason, false))
	})
}

func change(o publish.Outcome) Change {
	c := Change{loose: o.Loose, partial: o.Partial && o.Written != nil, hint: o.Hint, Branch: o.Change.Branch, Title: o.Change.Title, Wave: o.Change.Wave, State: string(o.State), Services: []string{}, Files: []ChangeFile{}, Commit: optional(o.Commit), Note: optional(o.Note), Link: optional(o.Link)}
	for _, item := range o.Change.Items {
		c.Services = append(c.Services, item.File.Path)
	}
	c.Services = slices.Compact(c.Services) // they are by path
	for _, f := range o.Change.Files {
		file := ChangeFile{Path: f.Path}
		if written, ok := o.Written[f.Path]; ok {
			file.Written = &written
		}
		for _, e := range f.Edits {
			file.Edits = append(file.Edits, Edit{Line: e.Line, Old: e.Old, New: e.New})
		}
		c.Files = append(c.Files, file)
	}
	if o.Pull != nil {
		c.Pull = &Pull{Number: o.Pull.Number, URL: o.Pull.URL}
	}
	for _, err := range o.Failures() {
		c.failures = append(c.failures, oserror.Text(err))
	}
	c.Error = optional(strings.Join(c.failures, "\n"))
	if o.Lacking != nil {
		c.Lacking = optional(oserror.Text(o.Lacking))
	}
	return c
}

// WriteText writes the changes with their edits, and what waits or is left.
func (p *Plan) WriteText(w io.Writer) error {
	b := newPage(w)
	p.begin(b)
	for _, base := range p.Bases {
		if base.From != "" {
			b.printf("%s goes from %s to %s\n", base.Image, base.From, base.Version)
			continue
		}
		b.printf("%s is at %s\n", base.Image, base.Version)
	}
	for i, d := range p.Derived {
		isSame := func(o Derived) bool { return o.Image == d.Image && *o.Version == *d.Version && o.Path == d.Path }
		if d.Version != nil && (i == 0 || p.Derived[i-1].Version == nil || !isSame(p.Derived[i-1])) {
			b.printf("%s becomes %s (%s)\n", d.Image, *d.Version, Clean(d.Path))
		}
	}
	p.writeChanges(b)
	p.writeResult(b)
	p.writeOthers(b)
	if len(p.Changes) == 0 {
		b.printf("\n%s\n", p.nothing())
		for _, hint := range p.hints() {
			b.hint("", hint)
		}
	}
	if p.showsCost {
		b.printf("\n%s\n", p.Cost)
	}
	b.add("\n")
	b.sum(p.spoken(p.rows))
	return b.end()
}

func (c Change) writeText(b *page) {
	state := c.became()
	b.printf("\n%s %s\n", b.on.Paint(styleOf(c.State), state+":"), b.on.Paint(screen.Strong, Clean(c.Title)))
	switch {
	case len(c.Files) > 0 && c.Files[0].Written != nil: // there is no branch
	case c.Pull != nil:
		b.printf("  pull request #%d  %s\n", c.Pull.Number, c.Pull.URL)
	case c.loose:
		b.printf("  commit %s, on no branch yet\n", *c.Commit)
	case c.State != string(publish.Planned) && c.Commit != nil:
		b.printf("  branch %s at %.12s\n", c.Branch, *c.Commit)
	default:
		b.printf("  branch %s\n", c.Branch)
	}
	if c.Link != nil {
		b.printf("  to open a pull request: %s\n", Clean(*c.Link))
	}
	for _, failure := range c.failures {
		b.printf("  %s %s\n", b.on.Paint(screen.Bad, "error:"), Clean(failure))
	}
	if c.Lacking != nil {
		b.printf("  not done yet: %s\n", Clean(*c.Lacking))
	}
	if c.Note != nil {
		b.printf("  %s\n", Clean(*c.Note))
	}
	if c.hint != "" {
		b.hint("  ", Clean(c.hint))
	}
	var rows []string
	for _, file := range c.Files {
		for _, e := range file.Edits {
			rows = append(rows, row(fmt.Sprintf("  %s:%d", file.Path, e.Line), e.Old+" -> "+e.New, c.wrote(file)))
		}
	}
	b.table(rows, false)
}

// doneInPart is what a person is told of a change of which some files are written, and not all.
const doneInPart = "done in part"

// became says in a word or two what became of the change.
func (c Change) became() string {
	if c.partial {
		return doneInPart
	}
	return c.State
}

// wrote says whether a file holds its edits, where not all files of the change do.
func (c Change) wrote(file ChangeFile) string {
	switch {
	case c.State != string(publish.Failed) || file.Written == nil:
		return ""
	case *file.Written:
		return "written"
	}
	return "not written"
}

// nothing says why there is no change.
func (p *Plan) nothing() string {
	switch {
	case len(p.Skipped) > 0 && len(p.Rebuilt) > 0:
		return "nothing to edit: a rebuild brings the patch in, and the rest is left for the reasons above"
	case len(p.Skipped) > 0:
		return "nothing to do: what depends on it is left for the reasons above"
	case len(p.Pending) > 0:
		return "nothing to do before the derived bases are published"
	case len(p.Rebuilt) > 0:
		return "nothing to edit: a rebuild brings the patch in"
	case p.Looked != nil && p.Looked.Unknown > 0:
		return fmt.Sprintf("nothing to do, as far as it is known: propagate outdated says why %s not", was(p.Looked.Unknown))
	case p.Looked != nil && p.Looked.Newer > 0:
		return "nothing to do: the policies take nothing that is newer"
	}
	if len(p.Bases) > 0 && p.Totals.StandOnIt == 0 {
		return "nothing to do: no build depends on this line or version" // such as a version on a line of its own, or --from one that none is on
	}
	return "nothing to do: all that depends on it is up to date"
}

// hints say what would make changes, where nothing is left but skips.
func (p *Plan) hints() []string {
	if len(p.Skipped) == 0 || len(p.Rebuilt) > 0 {
		return nil
	}
	var hints []string
	if hint := p.levelHint(); hint != "" {
		hints = append(hints, hint)
	}
	return append(hints, p.wayHints()...)
}

// wayHints say which flags move what is written in one place for several images.
func (p *Plan) wayHints() []string {
	var hints, bases []string
	for _, s := range p.Skipped {
		switch {
		case s.way == bumper.WayAtomic && len(hints) == 0:
			hints = append(hints, s.way+" moves what is rebuilt in several waves at once")
		case strings.HasPrefix(s.way, "--base ") && !slices.Contains(bases, s.way) && len(bases) < maxBases:
			bases = append(bases, s.way)
		}
	}
	if len(bases) > 0 {
		hints = append(hints, "with "+strings.Join(bases, " ")+" as well, what is written in one place can move")
	}
	return hints
}

// maxBases is how many further bases a hint names.
const maxBases = 3

// levelHint says which --level includes the references that are left for their level.
func (p *Plan) levelHint() string {
	minor, major := 0, 0
	for _, s := range p.Skipped {
		switch s.level {
		case imageref.Minor:
			minor++
		case imageref.Major:
			major++
		}
	}
	all := "it"
	if minor+major > 1 {
		all = fmt.Sprintf("all %d larger steps", minor+major)
	}
	switch {
	case minor+major == 0:
		return ""
	case major == 0:
		return "--level minor includes " + all
	case minor == 0:
		return "--level major includes " + all
	}
	return fmt.Sprintf("--level minor includes %d of %d larger steps, --level major includes all", minor, minor+major)
}
