package bake

import (
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
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
// there for that. Where groups say what is built, one without tags is a part as well, if an heir with tags takes all of it over.
func (s *definition) parts() func(name string) bool {
	inherited, built := map[string]bool{}, map[string]bool{bakeDefault: true}
	lends := map[string]bool{} // its tags to a target with a Dockerfile of its own
	heirs := map[string][]string{}
	for _, name := range s.names {
		for _, in := range s.instances[name] {
			attrs := in.block.attrs
			for _, parent := range s.elements(in, "inherits") {
				inherited[parent.text.S] = true
				heirs[parent.text.S] = append(heirs[parent.text.S], name)
				if attrs["tags"] == nil && (attrs["dockerfile"] != nil || attrs["context"] != nil) {
					lends[parent.text.S] = true
				}
			}
		}
	}
	if len(inherited) == 0 {
		return func(string) bool { return false }
	}
	read := map[*bakeInstance]bool{}
	for _, name := range s.names {
		for _, in := range s.inherited(name) {
			if read[in] {
				continue
			}
			read[in] = true
			for _, context := range s.texts(in, "contexts") {
				if target, ok := strings.CutPrefix(context, "target:"); ok {
					built[target] = true
				}
			}
		}
	}
	grouped := false
	for _, b := range s.own {
		for _, expr := range b.groups {
			grouped = true
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
		all := below(heirs, name)
		isTakenOver := func(heir string) bool { return s.isTagged(heir) && s.takesOver(heir, name) }
		if grouped && !s.isTagged(name) && slices.ContainsFunc(all, isTakenOver) &&
			!slices.ContainsFunc(all, func(heir string) bool { return !s.isTagged(heir) && !inherited[heir] }) {
			return !slices.ContainsFunc(s.instances[name], func(in *bakeInstance) bool { return built[in.block.label] })
		}
		return !slices.ContainsFunc(s.instances[name], func(in *bakeInstance) bool {
			isOwn := func(attr string) bool { return in.block.attrs[attr] != nil && (attr != "tags" || !lends[name]) }
			// A block with a matrix is a group of what it makes.
			return built[in.block.label] || !strings.HasPrefix(name, "_") && slices.ContainsFunc(ownParts, isOwn)
		})
	}
}

// below returns the heirs of a target and theirs, each once.
func below(heirs map[string][]string, name string) []string {
	all, seen := slices.Clone(heirs[name]), map[string]bool{name: true}
	for i := 0; i < len(all); i++ {
		if !seen[all[i]] {
			seen[all[i]] = true
			all = append(all, heirs[all[i]]...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// isTagged reports whether a target has tags, of its own or inherited.
func (s *definition) isTagged(name string) bool {
	return slices.ContainsFunc(s.inherited(name), func(in *bakeInstance) bool { return in.block.attrs["tags"] != nil })
}

// takesOver reports whether a target builds what one that it inherits from builds, with all that this one says:
// no value of that one is replaced.
func (s *definition) takesOver(heir, parent string) bool {
	of, in := s.inherited(parent), s.inherited(heir)
	for _, attr := range []string{"dockerfile", "dockerfile-inline", "context", "target"} {
		before, _ := s.scalar(of, attr)
		if after, _ := s.scalar(in, attr); after.S != before.S {
			return false
		}
	}
	for _, attr := range []string{"args", "contexts"} {
		all := s.merged(in, attr)
		for _, e := range s.merged(of, attr) {
			isSame := func(other bakeElement) bool {
				return other.key == e.key && other.text.S == e.text.S && slices.EqualFunc(other.text.Pieces(), e.text.Pieces(), reading.SamePiece)
			}
			if !slices.ContainsFunc(all, isSame) {
				return false
			}
		}
	}
	return true
}
