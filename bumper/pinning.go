package bumper

import (
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// place finds where the new version of a reference can be written. The error says why it cannot.
func (p *planner) place(file *scanner.File, v *verdict) error {
	if !v.adds || v.digest == "" {
		_, err := v.ref.Rewrite(v.tag, v.digest)
		return err
	}
	src, err := p.content(file.Origin.Path)
	if err != nil {
		return err
	}
	pins, err := file.Pins(src, v.ref, v.digest)
	if err != nil {
		return err
	}
	if other := p.defaultBeside(file, v.ref); other != nil {
		pins = slices.DeleteFunc(pins, func(pin scanner.Pin) bool { return pin.Behind })
		err = fmt.Errorf("a digest behind %s would also be for %s, the default that a build without arguments has", v.ref.Written, other.Image)
	}
	if v.pins = pins; len(pins) == 0 {
		return err
	}
	return nil
}

// defaultBeside returns the default at the place of a reference that is of another image; nil for none.
func (p *planner) defaultBeside(file *scanner.File, ref *scanner.Ref) *scanner.Ref {
	for _, d := range p.defaults[file.Path] {
		if d.Kind == ref.Kind && d.Pos == ref.Pos && d.Image.String() != ref.Image.String() {
			return d
		}
	}
	return nil
}

// rewrite returns what writes the new version of a reference.
func (v *verdict) rewrite() []trace.Replacement {
	if len(v.pins) > 0 {
		return []trace.Replacement{v.pins[0].Replacement}
	}
	if v.adds {
		return nil // what it will be pinned to is not known yet
	}
	all, _ := v.ref.Rewrite(v.tag, v.digest)
	return all
}

// edits returns rewrite as edits.
func (v *verdict) edits() []Edit {
	var all []Edit
	for _, r := range v.rewrite() {
		edit := newEdit(r)
		if v.adds {
			edit.pins, edit.behind = v.ref, v.pins[0].Behind
		}
		all = append(all, edit)
	}
	return all
}

// placeElsewhere gives up the place of a digest for the next best one; false if there is none.
func (v *verdict) placeElsewhere() bool {
	if len(v.pins) < 2 {
		return false
	}
	v.pins = v.pins[1:]
	return true
}

// changes reports whether an edit may change what a reference of a build reads.
func (e Edit) changes(r reader) bool {
	if !e.behind {
		return r.ref.Reads(e.replacement())
	}
	return e.Path == r.build.File.Origin.Path && e.pins.Kind == r.ref.Kind && e.pins.Pos.Line == r.ref.Pos.Line && e.pins.Pos.Col == r.ref.Pos.Col
}

// read returns what a reference reads once all edits are made, of which e changes it. Where the place
// of that is not known, ok is false.
func (e Edit) read(ref *scanner.Ref, edits []Edit) (after imageref.Ref, ok bool) {
	behind := ""
	if e.behind {
		behind = strings.TrimPrefix(e.New, e.Old)
	} else if !ref.Text.Touches(e.replacement()) {
		return imageref.Ref{}, false
	}
	all := replacements(slices.DeleteFunc(slices.Clone(edits), func(e Edit) bool { return e.behind }))
	after, err := imageref.Parse(ref.Text.After(all) + behind)
	return after, err == nil
}

// pinned says for what a digest would be as well.
func (c clash) pinned() string {
	switch {
	case c.ref == nil || c.ref.Image.IsZero():
		return c.other
	case c.ref.Build.Path != "":
		return fmt.Sprintf("%s, which the build at %s has there", c.ref.Image, c.ref.Build)
	}
	return c.ref.Image.String()
}
