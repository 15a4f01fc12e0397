package bumper

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// withReleases adds the edits that write the next versions where the ones of now stand, and
// settles which they are.
func withReleases(edits []Edit, versions map[*graph.Node][]version) ([]Edit, error) {
	moved := replacements(edits)
	for _, image := range slices.SortedFunc(maps.Keys(versions), func(a, b *graph.Node) int { return cmp.Compare(a.ID(), b.ID()) }) {
		for i := range versions[image] {
			v := &versions[image][i]
			v.settle(moved)
			for _, place := range v.places {
				r, err := place.move(v.next(), moved, v.still)
				if err != nil {
					return nil, fmt.Errorf("%s: the version %s (%s) cannot be edited: %w", place.Tag.Pos(), place.Tag.S, place.How, err)
				}
				if r == nil {
					continue
				}
				other, known := find(edits, newEdit(*r))
				if other != nil {
					return nil, fmt.Errorf("%s: the version %s (%s) cannot be edited: the same text is to become %s", place.Tag.Pos(), place.Tag.S, place.How, other.New)
				}
				if !known {
					edits = append(edits, newEdit(*r))
				}
			}
		}
	}
	return edits, nil
}

// settle says what a version becomes where the edits change a place of it: the tag of
// node:${NODE_VERSION} is what they make of it.
func (v *version) settle(moved []trace.Replacement) {
	v.becomes = ""
	for _, place := range v.places {
		if made := remake(place.Tag, moved, v.still); made.changed {
			v.becomes = made.tag
			return
		}
	}
}

// move returns what makes a place say want, beside the edits; nil where nothing has to be
// written.
func (r Release) move(want string, moved []trace.Replacement, still bool) (*trace.Replacement, error) {
	made := remake(r.Tag, moved, still)
	switch {
	case want == "" || made.tag == want && made.own.S == "":
		return nil, nil //nolint:nilnil // there is nothing to write, and nothing is wrong
	case made.changed && made.tag != want:
		return nil, fmt.Errorf("with the version of its base it becomes %s, and another place says %s", made.tag, want)
	case made.changed:
		edit, err := made.own.Replace(made.up)
		return &edit, err
	}
	edit, err := r.Tag.Replace(want)
	return &edit, err
}

// A remade is a tag once edits of something else are made, such as of the version of the base
// in 1.4.0-py3.12.1. The numbers of its own have counted up, unless they are to be still.
type remade struct {
	tag     string
	changed bool       // by the edits
	own     trace.Text // the number that counts up beside them; "" for none
	up      string     // what it becomes
}

func remake(tag trace.Text, moved []trace.Replacement, still bool) remade {
	isMoved := func(i int) bool {
		return slices.ContainsFunc(moved, tag.Slice(i, i+1).Touches)
	}
	var after strings.Builder
	var from []int // for each byte of what comes out its place in tag, -1 for one of an edit
	for start, end := 0, 0; start < len(tag.S); start = end {
		for end = start + 1; end < len(tag.S) && isMoved(end) == isMoved(start); {
			end++
		}
		piece := tag.Slice(start, end).After(moved)
		after.WriteString(piece)
		for i := range len(piece) {
			if isMoved(start) {
				from = append(from, -1)
			} else {
				from = append(from, start+i)
			}
		}
	}
	made := remade{tag: after.String(), changed: after.String() != tag.S}
	if !made.changed || still {
		return made
	}
	parsed, _ := imageref.ParseTag(made.tag)
	isOwn := func(start, end int) bool { return !slices.Contains(from[start:end], -1) }
	if start, end, up, ok := parsed.NextOwn(isOwn); ok {
		made.own, made.up = tag.Slice(from[start], from[end-1]+1), up
		made.tag = made.tag[:start] + up + made.tag[end:]
	}
	return made
}

// keepOwn lets the number of its own stay in a tag that is another one already by the version of its base, where
// that number cannot move: of ${NODE}-${REVISION} the revision is also that of what stays. It reports whether
// the edit is of such a number.
func (p *planner) keepOwn(edit Edit, versions map[*graph.Node][]version) (found bool) {
	for image, all := range versions {
		for i := range all {
			v := &all[i]
			if !v.still && v.becomes != "" && slices.ContainsFunc(v.places, func(r Release) bool { return r.Tag.Touches(edit.replacement()) }) {
				p.still[image], v.still, found = true, true, true
			}
		}
	}
	return found
}

// keepOwnOf is keepOwn for all that an item makes, where what it relies on does not move.
func (p *planner) keepOwnOf(item *Item) (found bool) {
	for _, image := range item.Makes {
		if t := p.targets[image]; t != nil && t.maker == item && len(t.made) > 0 && !p.still[image] {
			p.still[image], found = true, true
		}
	}
	return found
}

// isMadeOfBase reports whether one of the places of a version holds that of a base which has the patch:
// 20.1.3-20261101 on node:20.1.3, which is another version than the one that was made before. A part
// in front of it, 20.1, is the same after a patch as before.
func (p *planner) isMadeOfBase(build *graph.Node, places []Release) bool {
	return slices.ContainsFunc(build.File.Refs, func(ref *scanner.Ref) bool { return p.concerns(ref) && holdsVersion(ref, places) })
}

// holdsVersion reports whether one of the places of a version holds that of a reference that is built.
func holdsVersion(ref *scanner.Ref, places []Release) bool {
	if ref.Exposure == scanner.Unreachable {
		return false
	}
	end := 0
	for _, piece := range ref.Text.Pieces() {
		end += len(piece.S)
		last := strings.LastIndexAny(piece.S, "0123456789")
		if last < 0 {
			continue
		}
		at := end - len(piece.S) + last
		if slices.ContainsFunc(places, func(r Release) bool { return ref.Text.Slice(at, at+1).Shares(r.Tag) }) {
			return true
		}
	}
	return false
}
