package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/screen"
)

// Totals say what becomes of the builds that depend on the bases, a row of propagate
// affected each. The others add up to the first.
type Totals struct {
	StandOnIt int `json:"stand_on_it"`
	Bump      int `json:"bump"`    // without those that wait
	Rebuild   int `json:"rebuild"` // likewise
	Pending   int `json:"pending"` // that wait for a derived base
	UpToDate  int `json:"up_to_date"`
	Skip      int `json:"skip"`
}

// rowsOf returns what becomes of each build that depends on the bases, by path.
func rowsOf(p *bumper.Plan) []AffectedFile {
	all := map[string]int{} // builds, by path
	for _, build := range p.Graph.Builds() {
		all[build.Key]++
	}
	var rows []AffectedFile
	for first := 0; first < len(p.Items); {
		last := first + 1
		for last < len(p.Items) && p.Items[last].File.Path == p.Items[first].File.Path {
			last++
		}
		rows = append(rows, rowsOfOne(p.Items[first:last], all[p.Items[first].File.Path])...)
		first = last
	}
	return rows
}

// totals counts rows.
func totals(rows []AffectedFile) Totals {
	t := Totals{StandOnIt: len(rows)}
	for _, r := range rows {
		switch isEdited := r.Action == bumper.ActionBump.String(); {
		case (isEdited || r.Action == bumper.ActionRebuild.String()) && len(r.WaitsFor) > 0:
			t.Pending++
		case isEdited:
			t.Bump++
		case r.Action == bumper.ActionRebuild.String():
			t.Rebuild++
		case r.Action == bumper.ActionUpToDate.String():
			t.UpToDate++
		default:
			t.Skip++
		}
	}
	return t
}

// sum says in one line what a plan comes to, which the text begins with: "1 change: 11 builds, 14 places; 2 wait for
// base-gpu:1.0.1; 2 are left; 1 has it already".
func (p *Plan) sum(rows []AffectedFile) string {
	var parts []string
	if len(p.Changes) > 0 {
		places, _ := p.places()
		parts = append(parts, fmt.Sprintf("%s: %s, %s", Count(len(p.Changes), "change"), Count(p.Totals.Bump, "build"), Count(places, "place")))
	}
	return strings.Join(append(parts, p.others(rows)...), "; ")
}

// begin writes what a run has looked at, and the sum.
func (p *Plan) begin(b *page) {
	if p.Looked != nil {
		b.printf("%s\n", p.Looked)
	}
	if sum := p.sum(p.rows); sum != "" {
		if p.Looked != nil {
			b.add("\n")
		}
		b.printf("%s\n\n", sum)
	}
}

// spoken says the same as sentences do, which the text ends with: "11 builds move to base-java 1.0.1 in 14 places, in 1
// change; 2 wait for base-gpu:1.0.1; 2 are left; 1 has it already".
func (p *Plan) spoken(rows []AffectedFile) string {
	return strings.Join(append([]string{p.moved()}, p.others(rows)...), "; ")
}

// places counts what the changes edit, and those of them that are pull requests.
func (p *Plan) places() (places, pulls int) {
	for _, c := range p.Changes {
		for _, f := range c.Files {
			places += len(f.Edits)
		}
		if c.Pull != nil {
			pulls++
		}
	}
	return places, pulls
}

// others says what becomes of the builds that no change moves.
func (p *Plan) others(rows []AffectedFile) []string {
	var parts []string
	add := func(n int, one, several string) {
		if n == 1 {
			parts = append(parts, "1 "+one)
		} else if n > 1 {
			parts = append(parts, fmt.Sprintf("%d %s", n, several))
		}
	}
	add(p.Totals.Rebuild, "is rebuilt without an edit", "are rebuilt without an edit")
	waiting := map[string]int{}
	for _, r := range rows {
		if len(r.WaitsFor) > 0 && r.Action != bumper.ActionSkip.String() { // what is left waits for nothing, though a reference of it would
			waiting[strings.Join(shortReferences(r.WaitsFor), " and ")]++
		}
	}
	for _, on := range slices.SortedFunc(maps.Keys(waiting), func(a, b string) int { return cmp.Or(cmp.Compare(waiting[b], waiting[a]), cmp.Compare(a, b)) }) {
		if len(waiting) > mostWaiting {
			add(p.Totals.Pending, "waits for a derived base", fmt.Sprintf("wait for %d derived bases", len(waiting)))
			break
		}
		add(waiting[on], "waits for "+on, "wait for "+on)
	}
	add(p.Totals.Skip, "is left", "are left")
	add(p.Totals.UpToDate, "has it already", "have it already")
	return parts
}

// moved says how many builds move, to what, and in which changes.
func (p *Plan) moved() string {
	if len(p.Changes) == 0 {
		return strings.TrimRight("no build moves to "+p.versions(), " ")
	}
	places, pulls := p.places()
	states := map[string]int{}
	for _, c := range p.Changes {
		states[c.became()]++
	}
	kind := "change"
	if pulls == len(p.Changes) {
		kind = "pull request"
	}
	in := Count(len(p.Changes), kind)
	text := fmt.Sprintf("%d builds move to %s in %s, in %s", p.Totals.Bump, p.versions(), Count(places, "place"), in)
	switch p.Totals.Bump {
	case 0:
		text = fmt.Sprintf("no build moves to %s, %s in %s", p.versions(), Count(places, "other edit"), in)
	case 1:
		text = fmt.Sprintf("1 build moves to %s in %s, in %s", p.versions(), Count(places, "place"), in)
	}
	var became []string
	for _, state := range []string{string(publish.Created), string(publish.Updated), string(publish.Unchanged), string(publish.LeftAlone), doneInPart, string(publish.Failed), string(publish.Planned)} {
		n := states[state]
		switch {
		case n == 0 || state == string(publish.Planned) && n == len(p.Changes):
		case len(p.Changes) == n:
			became = append(became, state)
		default:
			became = append(became, fmt.Sprintf("%d %s", n, state))
		}
	}
	if len(became) > 0 {
		text += " (" + strings.Join(became, ", ") + ")"
	}
	return text
}

// versions names what the bases move to: "base-java 1.0.1".
func (p *Plan) versions() string {
	const most = 2
	if n := len(p.Bases); n > most {
		return fmt.Sprintf("new versions of %d bases", n)
	}
	var all []string
	for _, base := range p.Bases {
		all = append(all, Clean(strings.TrimSpace(imageref.Base(base.Image)+" "+shortDigest(base.Version))))
	}
	if len(all) == 0 {
		return "a newer version"
	}
	return strings.Join(all, " and ")
}

// styleOf is how the state of a change looks.
func styleOf(state string) screen.Style {
	switch publish.State(state) {
	case publish.Created, publish.Updated:
		return screen.Good
	case publish.Failed:
		return screen.Bad
	case publish.LeftAlone:
		return screen.Careful
	case publish.Planned, publish.Unchanged:
	}
	return screen.Advice
}

// mostWaiting is up to how many derived bases that builds wait for are named.
const mostWaiting = 3

// shortReferences leaves out the registries and namespaces of references.
func shortReferences(all []string) []string {
	short := make([]string, len(all))
	for i, ref := range all {
		short[i] = ref[strings.LastIndexByte(strings.Split(ref, "@")[0], '/')+1:]
	}
	return short
}
