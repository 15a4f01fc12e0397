package bumper

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// Recording says what becomes of the places that say which version a bumped base has
// itself, where the repository makes it: the tag in its build file, a VERSION file.
type Recording uint8

// The recordings.
const (
	RecordUnseen Recording = iota // nobody looks for them
	RecordNamed                   // a note names each that lags behind the bump
	RecordMoved                   // they move along; a note names each that cannot
)

// A lag is a place that says an older version of a bumped base than the bump.
type lag struct {
	Release
	bump  Bump
	line  *graph.Node
	doubt error // why it may not be about the version of the image; nil for none
}

// note says where the lag is, and what becomes of it.
func (l lag) note(what string) *source.Error {
	return &source.Error{
		Pos: l.Tag.Pos(), Code: source.CodeRecord,
		Err: fmt.Errorf("it says that %s is at %s (%s); %s", l.bump.Image, l.Tag.S, l.How, what),
	}
}

// record finds the places that say an older version of the bumped bases than the bumps. Those
// that are to move along make the records of the plan. What moves with an item already
// needs no record.
func (p *planner) record(ctx context.Context) {
	if p.Record == RecordUnseen || p.Releases == nil {
		return
	}
	var edits []Edit
	for _, item := range p.Items {
		edits = append(edits, item.Edits...)
	}
	moved := replacements(edits)
	records := map[*graph.Node]*Item{} // by maker
	var said []source.Pos
	for _, lag := range p.lags() {
		if slices.Contains(said, lag.Tag.Pos()) || lag.Tag.After(moved) == lag.bump.Tag {
			continue
		}
		said = append(said, lag.Tag.Pos())
		edit, err := p.recordEdit(ctx, lag, edits)
		switch {
		case err != nil:
			note := lag.note(fmt.Sprintf("it does not move to %s: %v", lag.bump.Tag, err))
			note.Hint = source.Hint(err)
			p.Notes = append(p.Notes, note)
		case p.Record == RecordNamed:
			p.Notes = append(p.Notes, lag.note("--record moves it to "+lag.bump.Tag))
		default:
			maker := lag.line.Maker()
			if records[maker] == nil {
				records[maker] = p.recordOf(maker)
				p.Records = append(p.Records, records[maker])
			}
			records[maker].Edits = append(records[maker].Edits, edit)
			edits = append(edits, edit)
			moved = replacements(edits)
		}
	}
	for _, record := range p.Records {
		record.sortEdits()
	}
	slices.SortFunc(p.Records, compareItems)
}

// recordOf returns a record without edits. It goes with the wave in which its Dockerfile is
// edited, the first where it is not.
func (p *planner) recordOf(maker *graph.Node) *Item {
	wave := 1
	if d, ok := p.dependents[maker]; ok {
		wave = d.Wave
	}
	return &Item{Record: true, Dependent: graph.Dependent{Node: maker, File: maker.File, Name: graph.Name(maker.Key), Base: true, Wave: wave}}
}

// lags returns the places that lag behind the bumps, by bump, line, trust and place.
func (p *planner) lags() []lag {
	var all []lag
	for _, bump := range p.Bumps {
		to, ok := imageref.ParseTag(bump.Tag)
		if bump.Tag == "" || bump.Pin || !ok && bump.From == "" {
			continue // it has no version that a place could say
		}
		for _, line := range p.linesOf(bump) {
			if line.Maker() == nil {
				continue
			}
			places, err := p.Releases(line)
			if err != nil {
				p.note(source.CodeRecord, "what says the version of %s itself is not known: %w", bump.Image, err)
				continue
			}
			if bump.From == "" {
				all = append(all, lagging(line, bump, to, places)...)
				continue
			}
			for _, place := range places {
				if place.Tag.S == bump.From && place.Trust < Guess {
					all = append(all, lag{Release: place, bump: bump, line: line})
				}
			}
		}
	}
	return all
}

// lagging returns those of the places of an image that say an older version than the bump.
//
// A tag in a build file always counts. A label or a guess counts if it says the same as a
// better place, or if there is none and it agrees with what was in use before the bump. Of
// several release lines that are made side by side, that of the bump is meant.
func lagging(line *graph.Node, bump Bump, to imageref.Tag, all []Release) []lag {
	var places []lag
	newest, agrees := inUse(line, to)
	byTrust := slices.Clone(all)
	slices.SortStableFunc(byTrust, func(a, b Release) int { return cmp.Compare(a.Trust, b.Trust) })
	for _, r := range withoutAliases(byTrust) {
		tag, ok := imageref.ParseTag(r.Tag.S)
		if !ok || tag.Pre != "" || !tag.SameFlavour(to) {
			continue
		}
		l := lag{Release: r, bump: bump, line: line, doubt: untrueAlias(r, bump, all)}
		same := slices.ContainsFunc(places, func(o lag) bool { return o.Tag.S == r.Tag.S })
		switch {
		case r.Trust == Certain, same:
		case r.Trust == Stated:
			if newest != nil && !agrees(tag) && !tag.SameLine(to) && l.doubt == nil {
				l.doubt = fmt.Errorf("%s uses %s", newest.ref.Pos, newest.tag.Text)
			}
		case len(places) > 0 || !agrees(tag):
			continue
		}
		places = append(places, l)
	}
	onLine := func(l lag) bool { tag, _ := imageref.ParseTag(l.Tag.S); return tag.SameLine(to) }
	if slices.ContainsFunc(places, onLine) {
		places = slices.DeleteFunc(places, func(l lag) bool { return !onLine(l) })
	} else if len(places) > 0 {
		first, _ := imageref.ParseTag(places[0].Tag.S)
		if slices.ContainsFunc(places, func(l lag) bool { tag, _ := imageref.ParseTag(l.Tag.S); return !tag.SameLine(first) }) {
			return nil // which of them goes to the new line is not known
		}
	}
	return slices.DeleteFunc(places, func(l lag) bool { return imageref.Relate(l.Tag.S, bump.Tag) < imageref.Patch })
}

// inUse returns the newest version of the scheme of a bump that is in use, nil for none, and
// whether a tag agrees with the newest from before the bump: it is the same or a patch after
// it. That the bump follows on a tag counts as well, for the references may have moved before.
func inUse(line *graph.Node, to imageref.Tag) (newest *use, agrees func(imageref.Tag) bool) {
	var before *use
	for _, ref := range references(line) {
		tag, ok := imageref.ParseTag(ref.Image.Tag)
		if !ok || tag.Pre != "" || !tag.SameFlavour(to) {
			continue
		}
		if newest == nil || tag.Compare(newest.tag) > 0 {
			newest = &use{tag: tag, ref: ref}
		}
		if tag.Compare(to) < 0 && (before == nil || tag.Compare(before.tag) > 0) {
			before = &use{tag: tag, ref: ref}
		}
	}
	return newest, func(tag imageref.Tag) bool {
		if next, _ := tag.Next(); next == to.Text {
			return true
		}
		if before == nil {
			return false
		}
		step := imageref.Relate(before.tag.Text, tag.Text)
		return step == imageref.Same || step == imageref.Patch
	}
}

// untrueAlias returns an error if a tag that moves along with a place would be untrue of
// the bump: the tag 1.0 beside 1.0.4 that becomes 1.1.0.
func untrueAlias(r Release, bump Bump, all []Release) error {
	for _, alias := range all {
		if alias.Tag.S != "latest" && imageref.Relate(alias.Tag.S, r.Tag.S) == imageref.Moving && imageref.Relate(alias.Tag.S, bump.Tag) != imageref.Moving {
			return fmt.Errorf("%s gives it the tag %s as well", alias.Tag.Pos(), alias.Tag.S)
		}
	}
	return nil
}

// recordEdit returns the edit that moves a place along. The error says why it cannot be made:
// most often what is written there also feeds something that does not move.
func (p *planner) recordEdit(ctx context.Context, l lag, edits []Edit) (Edit, error) {
	file := l.line.Maker().File
	if why, ok := p.ignores(file); ok {
		return Edit{}, fmt.Errorf("the configuration says that %s is ignored%s", file.Path, because(why))
	}
	if tree, ok := p.vendors(file); ok {
		return Edit{}, fmt.Errorf("the Dockerfile that makes it is vendored: %s", whyVendored(tree))
	}
	if l.doubt != nil {
		return Edit{}, l.doubt
	}
	r, err := l.Tag.Replace(l.bump.Tag)
	if err != nil {
		return Edit{}, err
	}
	edit := newEdit(r)
	if edit.src, err = p.content(edit.Path); err != nil {
		return Edit{}, err
	}
	if other, _ := find(edits, edit); other != nil {
		return Edit{}, fmt.Errorf("the same text is to become %s", other.New)
	}
	if fed := p.fed(l, edit); fed != "" {
		return Edit{}, fmt.Errorf("what is written there also feeds %s", fed)
	}
	for _, build := range p.Graph.Builds() {
		if build.File.Origin.Path != edit.Path {
			continue
		}
		if c := sideEffect(build.File, edit.src, []Edit{edit}, nil); c != nil {
			return Edit{}, fmt.Errorf("what is written there also feeds %s", c.other)
		}
	}
	if p.Verify != nil {
		if err := p.Verify(ctx, []trace.Replacement{r}); err != nil {
			return Edit{}, err
		}
	}
	return edit, nil
}

// fed returns what the bytes of a record feed besides the version of its image: a reference,
// the version of an image that is made by another build, or what another build is handed.
func (p *planner) fed(l lag, edit Edit) string {
	change := edit.replacement()
	maker := l.line.Maker()
	for _, reader := range p.readers[edit.Path] {
		if reader.ref.Reads(change) {
			return fmt.Sprintf("%s at %s", reader.ref.Written, reader.ref.Pos)
		}
	}
	for _, t := range slices.Concat(p.versionsAt(edit.Path), p.neighbours(l.line, edit.Path)) {
		if t.image != l.line && t.image.Maker() != maker && t.text.Touches(change) && !p.bumpedTo(t, t.text.After([]trace.Replacement{change})) {
			return "the version of " + t.image.Label
		}
	}
	for _, build := range p.Graph.Builds() {
		for _, b := range build.File.Builds {
			for _, arg := range b.Args {
				if build != maker && arg.Value.Touches(change) {
					return fmt.Sprintf("the argument %s of %s", arg.Name, build.Label)
				}
			}
		}
	}
	return ""
}

// neighbours returns what may say in a file the versions of images that nobody depends on as
// well: those of the same name as an image, and those that are made beside the file.
func (p *planner) neighbours(line *graph.Node, file string) []tagged {
	var all []tagged
	for _, image := range p.Graph.Images() {
		if image == line || image.Maker() == nil || imageref.Base(image.Key) != imageref.Base(line.Key) && !besideFile(image, path.Dir(file)) {
			continue
		}
		places, err := p.Releases(image)
		if err != nil {
			continue // what cannot be read says nothing
		}
		for _, place := range places {
			all = append(all, tagged{image: image, text: place.Tag})
		}
	}
	return all
}

// besideFile reports whether an image is made in a directory, or of it.
func besideFile(image *graph.Node, dir string) bool {
	return path.Dir(image.Maker().File.Path) == dir || slices.ContainsFunc(image.Claims, func(c graph.Claim) bool { return c.Context == dir })
}

// bumpedTo reports whether a bump gives an image the version that a place will say.
func (p *planner) bumpedTo(t tagged, after string) bool {
	if t.reference {
		ref, err := imageref.Parse(after)
		if err != nil || ref.Repository != t.image.Key {
			return false
		}
		after = ref.Tag
	}
	return slices.ContainsFunc(p.Bumps, func(bump Bump) bool {
		return bump.Tag == after && slices.Contains(p.Graph.LinesOf(bump.Image, bump.Tag), t.image)
	})
}
