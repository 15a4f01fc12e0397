package bumper

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
)

// facts is what the texts of a change are made of, as it is: nothing of it is inert.
type facts struct {
	bumps  []Bump // those of the plan that the change is about
	bases  []baseFact
	owners []string // of its files, without the sign that mentions them; sorted
	waves  int      // of the plan
	step   string   // the largest of the bases, as a word
}

// A baseFact is a base with what the change moves to it.
type baseFact struct {
	Bump
	line string
	from []string      // the versions that the change moves references from, sorted; none of a change that has only what is made of the base
	step imageref.Step // the largest from one of them

	renews bool // the tag names another image than before, and the change is for that alone
}

func (p *Plan) facts(c Change, o TextOptions) facts {
	f := facts{waves: max(1, c.Wave, c.waves)}
	f.bumps = p.About(c.Items)
	if len(f.bumps) == 0 { // nothing tells
		f.bumps = c.bumps
	}
	for _, bump := range f.bumps {
		f.bases = append(f.bases, p.baseFact(c, bump, p.line(bump)))
	}
	step := imageref.Variant
	for _, base := range f.bases {
		step = max(step, base.step)
	}
	if step >= imageref.Patch {
		f.step = step.String()
	}
	if o.Owners != nil {
		owners := map[string]bool{}
		for _, file := range c.Files {
			for _, owner := range o.Owners(file.Path) {
				owners[strings.TrimLeft(owner, "@")] = true
			}
		}
		f.owners = slices.Sorted(maps.Keys(owners))
	}
	return f
}

// About returns the bases that items are for, in the order of the plan: they move references to its
// version, or record it, or move what is made of it.
func (p *Plan) About(items []*Item) []Bump {
	byLine := p.byLine()
	is := map[Bump]bool{}
	for _, item := range items {
		for _, bump := range p.aboutOne(item, byLine) {
			is[bump] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(p.Bumps), func(b Bump) bool { return !is[b] })
}

// byLine returns the bumps of each line of an image.
func (p *Plan) byLine() map[*graph.Node][]Bump {
	all := map[*graph.Node][]Bump{}
	for _, bump := range p.Bumps {
		for _, line := range p.linesOf(bump) {
			all[line] = append(all[line], bump)
		}
	}
	return all
}

// aboutOne returns the bases that an item is for; some may be in it twice.
func (p *Plan) aboutOne(item *Item, byLine map[*graph.Node][]Bump) (all []Bump) {
	if len(item.renewed) > 0 {
		return item.renewed
	}
	if item.Record {
		for _, image := range item.Node.Makes() {
			all = append(all, byLine[image]...)
		}
		return all
	}
	direct := map[*graph.Node]bool{}
	for i, ref := range item.moved {
		for _, line := range p.Graph.ImagesOf(ref) {
			for _, bump := range byLine[line] {
				direct[line] = true
				if bump.gives(item.movedTo[i]) {
					all = append(all, bump)
				}
			}
		}
	}
	for _, line := range slices.Concat(item.Images, item.Through()) {
		if !direct[line] {
			all = append(all, byLine[line]...)
		}
	}
	return all
}

// gives reports whether a version that a reference moves to is that of the bump.
func (b Bump) gives(version string) bool {
	tag, digest, _ := strings.Cut(version, "@")
	if strings.HasPrefix(version, "sha256:") {
		tag, digest = "", version
	}
	return b.Tag == "" && b.Digest == digest || b.Tag != "" && b.Tag == tag
}

func (p *Plan) baseFact(c Change, bump Bump, line string) baseFact {
	f := baseFact{Bump: bump, line: line, renews: slices.ContainsFunc(c.Items, func(i *Item) bool { return slices.Contains(i.renewed, bump) })}
	from := map[string]bool{}
	add := func(version, to string) {
		from[shortVersion(version)] = true
		tag, _, _ := strings.Cut(version, "@")
		f.step = max(f.step, imageref.Relate(tag, to))
	}
	for _, item := range c.Items {
		for i, ref := range item.moved {
			if ref.Image.Repository == bump.Image && bump.gives(item.movedTo[i]) {
				add(ref.Image.Version(), bump.Tag)
			}
		}
		if item.Record && slices.ContainsFunc(item.Node.Makes(), func(n *graph.Node) bool { return n.Key == bump.Image }) {
			for _, e := range item.Edits {
				add(e.Old, bump.Tag)
			}
		}
	}
	f.from = slices.Sorted(maps.Keys(from))
	return f
}

// sentence says what a base is at, what the change moves from, and how large a step that is.
func (f baseFact) sentence() string {
	switch {
	case f.renews && len(f.from) == 0:
		tagged := imageref.Ref{Repository: f.Image, Tag: f.Tag}.String()
		return fmt.Sprintf("%s names another image than before, %s, and what is published is built on an older one.\n", code(tagged), code(shortVersion(f.Digest)))
	case len(f.from) == 0:
		return fmt.Sprintf("%s is out as %s.\n", code(f.Image), code(f.Version()))
	}
	var from []string
	for _, version := range f.from {
		from = append(from, code(version))
	}
	what := "another build of the same version"
	switch {
	case f.From != "":
		what = "as it was asked for"
	case f.Pin:
		what = "what the tag names now"
	case f.step >= imageref.Patch:
		what = "a " + f.step.String()
		if f.step != imageref.Patch {
			what += " step"
		}
	}
	return fmt.Sprintf("%s goes from %s to %s: %s.\n", code(f.Image), list(from), code(f.Version()), what)
}
