package scanner

import (
	"fmt"
	"strings"

	"github.com/matihlabs/propagate/internal/source"
)

// A Replacement writes New over Old at a span of a file.
type Replacement struct {
	Span     source.Span
	Old, New string
}

// A FrozenError says why the version of a reference cannot be written where it
// stands.
type FrozenError struct{ Reason string }

// Error returns the reason.
func (e *FrozenError) Error() string { return e.Reason }

// Rewrite returns the replacements in the file that give r another tag, another
// digest, or both; "" keeps what is there. What is not written is not added: a
// new tag for a reference without one, and a version that is not written in one
// place, are a *FrozenError. A tag whose parts come from several places
// ("${VERSION}-alpine") is rewritten in the one that holds all that changes.
//
// Whether the bytes feed another reference as well is for the caller to see:
// apply the replacements and scan again.
func (r *Ref) Rewrite(tag, digest string) ([]Replacement, error) {
	var all []Replacement
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
			return nil, &FrozenError{Reason: fmt.Sprintf("%s has no %s", r.Written, part.name)}
		}
		replacement, err := r.replace(start, end, part.new)
		if err != nil {
			return nil, err
		}
		all = append(all, replacement)
	}
	return all, nil
}

// A piece is a part of an expanded reference that stands in one place of the
// file; span is empty where that place is not known.
type piece struct {
	text string
	span source.Span
}

// pieces splits r.Image.Written[start:end] by where it stands in the file.
func (r *Ref) pieces(start, end int) []piece {
	text := r.Image.Written
	if len(r.at) != len(text) {
		return []piece{{text: text[start:end]}}
	}
	var all []piece
	for i := start; i < end; {
		j := i + 1
		for j < end && (r.at[i] >= 0 && r.at[j] == r.at[i]+j-i || r.at[i] < 0 && r.at[j] < 0) {
			j++
		}
		p := piece{text: text[i:j]}
		if r.at[i] >= 0 {
			p.span = source.Span{Start: r.at[i], End: r.at[i] + j - i}
		}
		all = append(all, p)
		i = j
	}
	return all
}

// replace finds the one piece of Written[start:end] that has to change for the
// whole to read want.
func (r *Ref) replace(start, end int, want string) (Replacement, error) {
	old := r.Image.Written[start:end]
	pieces := r.pieces(start, end)
	before := 0
	for _, p := range pieces {
		prefix, suffix := old[:before], old[before+len(p.text):]
		before += len(p.text)
		if p.span.Empty() || len(want) < len(prefix)+len(suffix) || !strings.HasPrefix(want, prefix) || !strings.HasSuffix(want, suffix) {
			continue
		}
		return Replacement{Span: p.span, Old: p.text, New: want[len(prefix) : len(want)-len(suffix)]}, nil
	}
	reason := "the version is put together from several places"
	if len(pieces) == 1 {
		reason = "the version is computed by a substitution"
	}
	return Replacement{}, &FrozenError{Reason: fmt.Sprintf("%s: %s", r.Written, reason)}
}

// Version returns the spans of the file where the tag and the digest of r are
// written, in the order of the text; none where that is not known.
func (r *Ref) Version() []source.Span {
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
	var spans []source.Span
	for _, p := range r.pieces(start, end) {
		if !p.span.Empty() {
			spans = append(spans, p.span)
		}
	}
	return spans
}
