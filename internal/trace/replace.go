package trace

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/matihlabs/propagate/internal/source"
)

// A Replacement writes New over Old at a span of a file.
type Replacement struct {
	File     *Origin
	Span     source.Span
	Old, New string
}

// Line returns the 1-based line of the first byte that is replaced.
func (r Replacement) Line() int { return r.File.Line(r.Span.Start) }

// After returns the bytes of f once the replacements are made, which must be ordered
// by place. It refuses those that overlap, lie outside of f, or whose Old is not what
// stands there. Without any it returns a copy.
func (f *File) After(replacements []Replacement) ([]byte, error) {
	var out bytes.Buffer
	at := 0
	for _, r := range replacements {
		if r.Span.Start < at || r.Span.End > len(f.Src) || r.Span.Start > r.Span.End {
			return nil, fmt.Errorf("%s: the edit of %q overlaps another or lies outside the file", f.Path, r.Old)
		}
		if found := r.Span.Of(f.Src); string(found) != r.Old {
			return nil, fmt.Errorf("%s:%d: %q was to be replaced, but %q stands there", f.Path, f.Line(r.Span.Start), r.Old, found)
		}
		out.Write(f.Src[at:r.Span.Start])
		out.WriteString(r.New)
		at = r.Span.End
	}
	out.Write(f.Src[at:])
	return out.Bytes(), nil
}

// A FrozenError says why a text cannot be replaced where it stands.
type FrozenError struct{ Reason string }

// Error returns the reason.
func (e *FrozenError) Error() string { return e.Reason }

// Replace finds the one place where t has to change to read want. A text whose
// bytes come from several places ("${VERSION}-alpine") is replaced in the one that
// holds all that changes; if there is none the error is a *FrozenError.
func (t Text) Replace(want string) (Replacement, error) {
	pieces := t.Pieces()
	before := 0
	for _, p := range pieces {
		prefix, suffix := t.S[:before], t.S[before+len(p.S):]
		before += len(p.S)
		if p.File == nil || len(want) < len(prefix)+len(suffix) || !strings.HasPrefix(want, prefix) || !strings.HasSuffix(want, suffix) {
			continue
		}
		return Replacement{File: p.File, Span: p.Span, Old: p.S, New: want[len(prefix) : len(want)-len(suffix)]}, nil
	}
	reason := "the version is put together from several places"
	if len(pieces) == 1 {
		reason = "the version is computed by a substitution"
	}
	return Replacement{}, &FrozenError{Reason: reason}
}

// After returns what t reads once the replacements are made. A text that holds a part of what is
// replaced changes where that part does: behind 20.1.0, of which "20.1" is made by ${V%.*},
// comes 20.1.3, and the part stays. For a part that is cut out of what changes nothing is known,
// and all of the new value stands.
func (t Text) After(replacements []Replacement) string {
	if len(replacements) == 0 {
		return t.S
	}
	var b strings.Builder
	var last *Replacement // that stands with all of its value
	for n := range t.count() {
		start, end, from := t.run(n)
		for i := start; i < end; {
			at := from.plus(i - start)
			var hit *Replacement
			for n := range replacements {
				if r := &replacements[n]; r.File.Path == at.path() && r.Span.Start <= at.Off && at.Off < r.Span.End {
					hit = r
				}
			}
			if hit == nil {
				b.WriteByte(t.S[i])
				last = nil
				i++
				continue
			}
			held := min(end-i, hit.Span.End-at.Off)
			part, ok := hit.part(at.Off-hit.Span.Start, held)
			switch {
			case ok:
				b.WriteString(part)
				last = nil
			case hit != last:
				b.WriteString(hit.New)
				last = hit
			}
			i += held
		}
	}
	return b.String()
}

// part returns what becomes of n bytes of Old from start on: all of New for the whole, and else
// what they read with the bytes in which New differs. It is false where they hold some of these.
func (r *Replacement) part(start, n int) (string, bool) {
	if n == len(r.Old) {
		return r.New, true
	}
	same := 0
	for same < min(len(r.Old), len(r.New)) && r.Old[same] == r.New[same] {
		same++
	}
	behind := 0 // bytes that are the same at the end
	for behind < min(len(r.Old), len(r.New))-same && r.Old[len(r.Old)-1-behind] == r.New[len(r.New)-1-behind] {
		behind++
	}
	from, to, end := same, len(r.Old)-behind, start+n
	switch {
	case end > len(r.Old):
		return "", false
	case start <= from && to <= end:
		return r.Old[start:from] + r.New[same:len(r.New)-behind] + r.Old[to:end], true
	case end <= from || to <= start:
		return r.Old[start:end], true
	}
	return "", false
}
