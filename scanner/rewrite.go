package scanner

import (
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/trace"
)

// Rewrite returns the replacements that give r another tag, another digest, or
// both; "" keeps what is there. They are in the Dockerfile, or in the build file
// that hands the version in. What is not written is not added: a new tag for a
// reference without one, and a version that is not written in one place, are a
// *trace.FrozenError. A tag whose parts come from several places
// ("${VERSION}-alpine") is rewritten in the one that holds all that changes.
//
// The name of a context that puts another build in the place of the image moves along; where
// it cannot, neither does the reference.
//
// Whether the bytes feed another reference as well is for the caller to see:
// apply the replacements and scan again.
func (r *Ref) Rewrite(tag, digest string) ([]trace.Replacement, error) {
	var all []trace.Replacement
	for _, part := range []struct {
		name, old, new string
		at             func() (int, int, bool)
	}{
		{"tag", r.Image.Tag, tag, r.Image.TagAt},
		{"digest", r.Image.Digest, digest, r.Image.DigestAt},
	} {
		if part.new == "" || part.new == part.old {
			continue
		}
		start, end, ok := part.at()
		if !ok {
			return nil, &trace.FrozenError{Reason: fmt.Sprintf("%s has no %s", r.Written, part.name)}
		}
		replacement, err := r.Text.Slice(start, end).Replace(part.new)
		if err != nil {
			return nil, &trace.FrozenError{Reason: fmt.Sprintf("%s: %v", r.Written, err)}
		}
		all = append(all, replacement)
	}
	if r.Link == "" || len(all) == 0 {
		return all, nil
	}
	return r.withKey(all, tag, digest)
}

// withKey adds what moves the name of the context that stands for r.
func (r *Ref) withKey(all []trace.Replacement, tag, digest string) ([]trace.Replacement, error) {
	frozen := &trace.FrozenError{Reason: fmt.Sprintf("a context at %s replaces %s by this very name, which cannot be moved with it", r.Build, r.Image)}
	key, err := imageref.Parse(r.key.S)
	if err != nil {
		return nil, frozen
	}
	named := &Ref{Written: r.key.S, Image: key, Text: r.key}
	moved, err := named.Rewrite(tag, digest)
	if err != nil || len(moved) != len(all) {
		return nil, frozen
	}
	for _, m := range moved {
		if !slices.Contains(all, m) { // one variable may be both
			all = append(all, m)
		}
	}
	return all, nil
}

// Version returns the pieces of the tag and the digest of r whose places are
// known, in the order of the text.
func (r *Ref) Version() []trace.Piece {
	start, end, ok := r.Image.TagAt()
	if from, to, digest := r.Image.DigestAt(); digest {
		if !ok {
			start = from
		}
		end, ok = to, true
	}
	if !ok {
		return nil
	}
	return slices.DeleteFunc(r.Text.Slice(start, end).Pieces(), func(p trace.Piece) bool { return p.File == nil })
}
