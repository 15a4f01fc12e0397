package bumper

import (
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// WayAtomic is the Way of a Skip that moves with all waves at once.
const WayAtomic = "--atomic"

// way returns the flag with which a reference moves along with what shares its bytes, "" where
// none is known. after is what the edits make of it.
func (p *planner) way(item *Item, ref *scanner.Ref, after imageref.Ref, all []trace.Replacement, versions map[*graph.Node][]version) string {
	if !p.Atomic && p.atOnce(item, ref, all, versions) {
		return WayAtomic
	}
	if after.Tag == "" || after.Repository != ref.Repository() || len(p.Graph.MakersOf(ref)) > 0 {
		return ""
	}
	for _, image := range p.Graph.ImagesOf(ref) {
		if t := p.targetOf(image, ref.Image); t != nil && imageref.Relate(ref.Image.Tag, t.given(ref.Image).Tag) != imageref.Variant {
			return "" // it is named already, and left for another reason
		}
	}
	return "--base " + after.Repository + "@" + after.Tag
}

// atOnce reports whether a reference would move along if all waves went at once.
func (p *planner) atOnce(item *Item, ref *scanner.Ref, all []trace.Replacement, versions map[*graph.Node][]version) bool {
	relied := p.relied[item]
	p.Atomic = true
	defer func() { p.Atomic, p.relied[item] = false, relied }()
	return p.moveTogether(item, ref, all, versions)
}

// wayOfTag returns the flag with which a tag moves along that shares its bytes with edits: --atomic where nothing
// else is in the way then, else "".
func (p *planner) wayOfTag(item *Item, edits []Edit, verdicts []verdict, versions map[*graph.Node][]version) string {
	if p.Atomic {
		return ""
	}
	relied, carried := p.relied[item], p.carried[item]
	p.Atomic = true
	defer func() { p.Atomic, p.relied[item], p.carried[item] = false, relied, carried }()
	if p.elsewhere(item, edits, verdicts, versions) != nil {
		return ""
	}
	return WayAtomic
}
