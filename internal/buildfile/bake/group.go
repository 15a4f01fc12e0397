package bake

import (
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// bakeDefault is the target, or the group, that bake builds where it is given none.
const bakeDefault = "default"

// ownParts are attributes that make a build of a target: one that has none of them only
// holds what others share.
var ownParts = []string{"dockerfile", "dockerfile-inline", "context", "target", "tags"}

// parts tells the targets that others inherit from and that nobody builds: those that
// are in no group, whose image no other target takes, and that have nothing to make a
// build of but tags for others, or a name that says so (Docker, "Bake: Inheritance": an underscore in front).
// bake builds any target that it is given by name: one that no other inherits from is
// there for that.
func (s *definition) parts() func(name string) bool {
	inherited, built := map[string]bool{}, map[string]bool{bakeDefault: true}
	lends := map[string]bool{} // its tags to a target with a Dockerfile of its own
	for _, name := range s.names {
		for _, in := range s.instances[name] {
			attrs := in.block.attrs
			for _, parent := range s.elements(in, "inherits") {
				inherited[parent.text.S] = true
				if attrs["tags"] == nil && (attrs["dockerfile"] != nil || attrs["context"] != nil) {
					lends[parent.text.S] = true
				}
			}
		}
	}
	if len(inherited) == 0 {
		return func(string) bool { return false }
	}
	for _, name := range s.names {
		for _, c := range s.merged(s.inherited(name), "contexts") {
			if target, ok := strings.CutPrefix(c.text.S, "target:"); ok {
				built[target] = true
			}
		}
	}
	for _, b := range s.own {
		for _, expr := range b.groups {
			v, err := s.value(nil, expr)
			if err != nil || !v.IsWhollyKnown() || v.IsNull() || !v.CanIterateElements() {
				return func(string) bool { return false } // any may be in it
			}
			for it := v.ElementIterator(); it.Next(); {
				if _, e := it.Element(); e.Type() == cty.String && !e.IsNull() {
					built[e.AsString()] = true
				}
			}
		}
	}
	return func(name string) bool {
		if !inherited[name] || built[name] {
			return false
		}
		return !slices.ContainsFunc(s.instances[name], func(in *bakeInstance) bool {
			isOwn := func(attr string) bool { return in.block.attrs[attr] != nil && (attr != "tags" || !lends[name]) }
			// A block with a matrix is a group of what it makes.
			return built[in.block.label] || !strings.HasPrefix(name, "_") && slices.ContainsFunc(ownParts, isOwn)
		})
	}
}
