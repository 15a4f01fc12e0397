package bumper

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// edit turns the verdicts on an item into edits, and takes back those that cannot
// be written without changing something else. An item that is edited gets the
// edits of its images' versions as well.
func (p *planner) edit(ctx context.Context, item *Item, verdicts []verdict, versions map[*graph.Node][]version) {
	for n := range verdicts {
		v := &verdicts[n]
		if v.action != ActionBump {
			continue
		}
		if err := p.place(item.File, v); err != nil {
			v.action, v.reason, v.detail = ActionSkip, ReasonUnresolved, err.Error()
		}
	}
	if !moves(verdicts) {
		return
	}
	src, err := p.content(item.File.Origin.Path)
	if err != nil {
		item.Err = err
		return
	}
	for moves(verdicts) {
		edits, conflict := collect(verdicts)
		if conflict == nil {
			conflict = sideEffect(item.File, src, edits, verdicts)
		}
		if conflict == nil {
			if lacking(verdicts) {
				versions = nil
			}
			own := len(edits)
			if edits, item.Err = withReleases(edits, versions); item.Err != nil {
				return
			}
			if edits, item.Err = p.withTwins(edits); item.Err != nil {
				return
			}
			if conflict = releaseEffect(item.File, src, edits, own, verdicts); conflict == nil {
				conflict = p.elsewhere(item, edits, verdicts, versions)
			}
		}
		if conflict == nil {
			p.make(ctx, item, edits)
			return
		}
		switch {
		case conflict.edit.pins != nil:
		case conflict.ref != nil:
			conflict.way = p.way(item, conflict.ref, conflict.after, replacements(edits), versions)
		case conflict.image != nil:
			conflict.way = p.wayOfTag(item, edits, verdicts, versions)
		}
		if !takeBack(verdicts, *conflict) {
			if p.keepOwn(conflict.edit, versions) || p.keepShared(conflict.image, versions) {
				continue
			}
			if conflict.ignored != "" {
				for i := range verdicts {
					if verdicts[i].action == ActionBump {
						overrule(verdicts[i:i+1], ReasonIgnored, fmt.Sprintf("the version of what it makes stands at %s:%d, and is also that of %s", conflict.edit.Path, conflict.edit.Line, conflict.ignored))
					}
				}
				return
			}
			item.Err = fmt.Errorf("%s:%d: %s cannot become %s: it also feeds %s, which does not move with it", conflict.edit.Path, conflict.edit.Line, conflict.edit.Old, conflict.edit.New, conflict.other)
			if !p.Atomic && !conflict.own && p.mayMove(conflict) {
				item.Err = &laterError{fmt.Errorf("%w; --atomic moves what is rebuilt in several waves at once", item.Err)}
			}
			return
		}
	}
}

// mayMove reports whether what is in the way of an edit may move with all waves at once: what is based on none of
// the bumped bases never does, nor a reference to a tag that such a build gives as well.
func (p *planner) mayMove(c *clash) bool {
	switch {
	case c.ref != nil:
		return c.ref.Image.Digest == "" && p.isRebuilt(c.ref) && !slices.ContainsFunc(p.Graph.MakersOf(c.ref), func(maker *graph.Node) bool { return !p.isAffected(maker) })
	case c.image != nil && c.image.Maker() != nil:
		return p.isAffected(c.image.Maker())
	}
	return true
}

// versionOf names the version of an image for people, with its Dockerfile where several builds make the image.
func (p *planner) versionOf(image *graph.Node) string {
	if maker := image.Maker(); maker != nil && len(p.Graph.Lines(image.Key)) > 1 {
		return fmt.Sprintf("the version that %s gives %s", maker.Label, image.Key)
	}
	return "the version of " + image.Key
}

// isRebuilt reports whether what a reference names may be rebuilt by the plan.
func (p *planner) isRebuilt(ref *scanner.Ref) bool {
	return slices.ContainsFunc(p.Graph.MakersOf(ref), p.isAffected)
}

// isAffected reports whether a build depends on a bumped base.
func (p *planner) isAffected(build *graph.Node) bool {
	_, affected := p.dependents[build]
	return affected
}

// make makes edits those of an item, unless the build files that they change do not read back.
func (p *planner) make(ctx context.Context, item *Item, edits []Edit) {
	if item.Err = p.verify(ctx, item.File, edits); item.Err != nil {
		return
	}
	for i := range edits {
		if edits[i].src, item.Err = p.content(edits[i].Path); item.Err != nil {
			return
		}
	}
	item.Edits = edits
	item.sortEdits()
}

// withTwins adds the edits of values that are to be the same as one that is edited.
func (p *planner) withTwins(edits []Edit) ([]Edit, error) {
	if p.Along == nil {
		return edits, nil
	}
	for _, edit := range slices.Clone(edits) {
		for _, twin := range p.Along(edit.replacement()) {
			other, known := find(edits, newEdit(twin))
			if other != nil {
				return nil, fmt.Errorf("%s:%d: %s is to become %s, as at line %d, and %s", edit.Path, twin.Line(), twin.Old, twin.New, edit.Line, other.New)
			}
			if !known {
				edits = append(edits, newEdit(twin))
			}
		}
	}
	return edits, nil
}

// sortEdits orders the edits: those of the Dockerfile first, then by file and place.
func (i *Item) sortEdits() {
	slices.SortFunc(i.Edits, func(a, b Edit) int {
		own := i.File.Origin.Path
		return cmp.Or(compareBools(a.Path != own, b.Path != own), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Span.Start, b.Span.Start))
	})
}

// verify reads the build files that are edited again.
func (p *planner) verify(ctx context.Context, file *scanner.File, edits []Edit) error {
	outside := file.IsInline() || slices.ContainsFunc(edits, func(e Edit) bool { return e.Path != file.Origin.Path })
	if p.Verify == nil || !outside {
		return nil
	}
	return p.Verify(ctx, replacements(edits))
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// A clash is an edit that cannot be made because of what it would change as well.
type clash struct {
	edit   Edit
	other  string // the reference, as it is written
	second string // one that wants another edit of the same bytes than other does
	reason error

	own     bool         // it is the item's own, and is not to move at all
	ignored string       // a Dockerfile that is never edited and reads the same bytes, and why
	ref     *scanner.Ref // that other is, nil for what is none
	after   imageref.Ref // what ref becomes by the edit
	image   *graph.Node  // whose tag other is; nil for none
	way     string       // the flag with which ref moves as well, or that tag
}

// takeBack turns the verdicts that want the clashing edit into skips; false if
// there are none.
func takeBack(verdicts []verdict, c clash) bool {
	found := false
	for n := range verdicts {
		v := &verdicts[n]
		if v.action != ActionBump {
			continue
		}
		for _, r := range v.rewrite() {
			if r.File.Path == c.edit.Path && r.Span.Overlaps(c.edit.Span) {
				found = true
				if v.placeElsewhere() {
					break
				}
				v.action, v.reason, v.way = ActionSkip, ReasonShared, c.way
				other := c.other
				if c.second != "" && v.ref.Written == other {
					other = c.second
				}
				v.detail = fmt.Sprintf("what is written at line %d also feeds %s", c.edit.Line, other)
				if c.edit.Path != v.ref.Pos.Path {
					v.detail = fmt.Sprintf("what is written at %s:%d also feeds %s", c.edit.Path, c.edit.Line, other)
				}
				if v.adds {
					v.detail = "a digest behind it would also be for " + c.pinned()
				}
				if c.ignored != "" {
					v.reason, v.detail = ReasonIgnored, fmt.Sprintf("what is written at %s:%d is also that of %s", c.edit.Path, c.edit.Line, c.ignored)
				}
				if c.reason != nil {
					v.reason, v.detail = ReasonUnresolved, c.reason.Error()
				}
			}
		}
	}
	return found
}

// collect returns the edits of all verdicts. Equal edits of one span are one;
// different edits of it clash.
func collect(verdicts []verdict) ([]Edit, *clash) {
	var edits []Edit
	type place struct {
		path string
		at   int
	}
	from := map[place]*scanner.Ref{}
	for _, v := range verdicts {
		if v.action != ActionBump {
			continue
		}
		for _, edit := range v.edits() {
			other, known := find(edits, edit)
			switch {
			case known:
			case other != nil:
				return nil, &clash{edit: edit, other: from[place{other.Path, other.Span.Start}].Written, second: v.ref.Written}
			default:
				from[place{edit.Path, edit.Span.Start}] = v.ref
				edits = append(edits, edit)
			}
		}
	}
	return edits, nil
}

// find looks for an edit among others: known says that it is there, other is one
// that changes the same bytes in another way.
func find(edits []Edit, edit Edit) (other *Edit, known bool) {
	for i := range edits {
		e := &edits[i]
		if e.Path != edit.Path || !e.Span.Overlaps(edit.Span) {
			continue
		}
		if e.Span == edit.Span && e.New == edit.New {
			return nil, true
		}
		other = e
	}
	return other, false
}

// sideEffect applies the edits to src and reads the file again. If exactly the references
// that were meant have changed, to what was meant, it returns nil; else an edit that
// has to go: the first that changes a reference that is not to change, or any where
// the result is not what was meant.
func sideEffect(file *scanner.File, src []byte, edits []Edit, verdicts []verdict) *clash {
	if len(edits) == 0 {
		return nil
	}
	want := wanted(verdicts)
	odd := differing(file, src, edits, want)
	if odd == nil {
		return nil
	}
	for _, edit := range edits[:min(len(edits), maxSearched)] {
		refs := rescan(file, src, []Edit{edit})
		if refs == nil {
			return &clash{edit: edit, other: odd.Written, reason: errMisread}
		}
		for n, now := range refs {
			if old := file.Refs[n]; now.Image.String() != old.Image.String() && want[old] == "" {
				return &clash{edit: edit, other: old.Written, ref: old, after: now.Image}
			}
		}
	}
	culprit := edits[0]
	if i := slices.IndexFunc(edits, func(e Edit) bool { return odd.Reads(e.replacement()) }); i >= 0 {
		culprit = edits[i]
	}
	reason := errMisread
	if n := slices.Index(file.Refs, odd); odd.Kind == scanner.InText {
		if refs := rescan(file, src, edits); n < len(refs) {
			reason = fmt.Errorf("it would read %s: put the value in quotes", cmp.Or(refs[n].Image.Tag, refs[n].Image.Digest))
		}
	}
	return &clash{edit: culprit, other: odd.Written, reason: reason}
}

var errMisread = errors.New("the edit does not read back as it was meant")

// releaseEffect is sideEffect for the edits of the versions of what the item makes, which are
// behind the first own edits: they change none of its references.
func releaseEffect(file *scanner.File, src []byte, edits []Edit, own int, verdicts []verdict) *clash {
	if len(edits) == own {
		return nil
	}
	odd := differing(file, src, edits, wanted(verdicts))
	if odd == nil {
		return nil
	}
	at := own
	if i := slices.IndexFunc(edits[own:], func(e Edit) bool { return odd.Reads(e.replacement()) }); i > 0 {
		at += i
	}
	return &clash{edit: edits[at], other: fmt.Sprintf("%s at %s", odd.Written, odd.Pos), own: true}
}

// wanted returns what the references that move are to read.
func wanted(verdicts []verdict) map[*scanner.Ref]string {
	want := make(map[*scanner.Ref]string, len(verdicts))
	for _, v := range verdicts {
		if v.action == ActionBump {
			image := v.ref.Image
			image.Tag, image.Digest = cmp.Or(v.tag, image.Tag), cmp.Or(v.digest, image.Digest)
			want[v.ref] = image.String()
		}
	}
	return want
}

// maxSearched bounds how many edits of one file are tried one by one, each with a
// scan of its own.
const maxSearched = 100

// differing returns the first reference that is not as wanted after the edits;
// those that nothing is wanted of have to stay as they are.
func differing(file *scanner.File, src []byte, edits []Edit, want map[*scanner.Ref]string) *scanner.Ref {
	refs := rescan(file, src, edits)
	for n, old := range file.Refs {
		if n >= len(refs) || refs[n].Image.String() != cmp.Or(want[old], old.Image.String()) {
			return old
		}
	}
	return nil
}

// rescan reads the file with the edits applied. The order and number of its
// references stay, since an edit changes nothing but versions; nil if they do not.
func rescan(file *scanner.File, src []byte, edits []Edit) []*scanner.Ref {
	after, err := file.After(src, replacements(edits))
	if err != nil || len(after.Refs) != len(file.Refs) {
		return nil
	}
	return after.Refs
}

// replacements returns the edits as replacements, by place.
func replacements(edits []Edit) []trace.Replacement {
	all := make([]trace.Replacement, len(edits))
	for i, e := range edits {
		all[i] = e.replacement()
	}
	slices.SortFunc(all, func(a, b trace.Replacement) int {
		return cmp.Or(cmp.Compare(a.File.Path, b.File.Path), cmp.Compare(a.Span.Start, b.Span.Start))
	})
	return all
}

// content returns the content of a file, the same one each time.
func (p *planner) content(path string) ([]byte, error) {
	if src, ok := p.read[path]; ok {
		return src, nil
	}
	src, err := p.contents.Read(path)
	if err == nil {
		p.read[path] = src
	}
	return src, err
}
