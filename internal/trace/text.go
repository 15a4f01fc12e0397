package trace

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"

	"github.com/matihlabs/propagate/internal/source"
)

// A File is a file as it was read. Neither its path nor its content changes.
type File struct {
	Path string // slash-separated, relative to the root of the repository
	src  func() []byte

	lines atomic.Pointer[source.Lines] // made when they are first asked for
}

// NewFile returns a file with this content.
func NewFile(path string, src []byte) *File {
	return &File{Path: path, src: func() []byte { return src }}
}

// LazyFile returns a file whose content is read when it is first asked for. A load
// that fails leaves it empty, and with that every text of it cannot be replaced.
func LazyFile(path string, load func() ([]byte, error)) *File {
	return &File{Path: path, src: sync.OnceValue(func() []byte {
		src, err := load()
		if err != nil {
			return nil
		}
		return src
	})}
}

// Lines returns the lines of the content.
func (f *File) Lines() *source.Lines {
	lines := f.lines.Load()
	if lines == nil {
		lines = source.NewLines(f.Src())
		f.lines.Store(lines)
	}
	return lines
}

// Src returns the content, which is not to be changed.
func (f *File) Src() []byte { return f.src() }

// An Addr is the place of one byte. The zero Addr is a place that is not known.
type Addr struct {
	File *File
	Off  int
}

// follows reports whether a is n bytes behind b in the same file.
func (a Addr) follows(b Addr, n int) bool {
	return a.File != nil && a.File == b.File && a.Off == b.Off+n
}

// A Text is a string with the places of its bytes.
type Text struct {
	S  string
	At []Addr // of each byte of S; nil where no place is known
}

// Plain returns a text of which no place is known.
func Plain(s string) Text { return Text{S: s} }

// Text returns the bytes of f from start up to but without end.
func (f *File) Text(start, end int) Text {
	t := Text{S: string(f.Src()[start:end]), At: make([]Addr, end-start)}
	for i := range t.At {
		t.At[i] = Addr{f, start + i}
	}
	return t
}

// Find returns the text s where it stands first in f at or behind offset from, and
// s without places where it does not.
func (f *File) Find(s string, from int) Text {
	if from < 0 || from > len(f.Src()) {
		return Plain(s)
	}
	i := bytes.Index(f.Src()[from:], []byte(s))
	if i < 0 {
		return Plain(s)
	}
	return f.Text(from+i, from+i+len(s))
}

// Slice returns the bytes of t from start up to but without end.
func (t Text) Slice(start, end int) Text {
	if t.At == nil {
		return Text{S: t.S[start:end]}
	}
	return Text{S: t.S[start:end], At: t.At[start:end]}
}

// TrimSpace returns t without the white space around it.
func (t Text) TrimSpace() Text {
	start := len(t.S) - len(strings.TrimLeftFunc(t.S, unicode.IsSpace))
	return t.Slice(start, start+len(strings.TrimSpace(t.S[start:])))
}

// Unquote returns t without the pair of quotes around it, if it has one.
func (t Text) Unquote() Text {
	if n := len(t.S); n >= 2 && (t.S[0] == '"' || t.S[0] == '\'') && t.S[n-1] == t.S[0] {
		return t.Slice(1, n-1)
	}
	return t
}

// Cut splits t around the first sep, as strings.Cut does.
func (t Text) Cut(sep string) (before, after Text, found bool) {
	i := strings.Index(t.S, sep)
	if i < 0 {
		return t, Text{}, false
	}
	return t.Slice(0, i), t.Slice(i+len(sep), len(t.S)), true
}

// Join returns the texts one after the other.
func Join(texts ...Text) Text {
	var s strings.Builder
	var at []Addr
	for _, t := range texts {
		s.WriteString(t.S)
		at = append(at, t.places()...)
	}
	return Text{S: s.String(), At: at}
}

// places returns At, or as many unknown places.
func (t Text) places() []Addr {
	if len(t.At) == len(t.S) {
		return t.At
	}
	return make([]Addr, len(t.S))
}

// Known reports whether the place of every byte is known.
func (t Text) Known() bool {
	return len(t.At) == len(t.S) && !slices.ContainsFunc(t.At, func(a Addr) bool { return a.File == nil })
}

// Shares reports whether a byte of t and one of u are the same one.
func (t Text) Shares(u Text) bool {
	return slices.ContainsFunc(t.At, func(a Addr) bool {
		return a.File != nil && slices.ContainsFunc(u.At, func(b Addr) bool { return a.Off == b.Off && a.path() == b.path() })
	})
}

// Touches reports whether t holds a byte that r replaces.
func (t Text) Touches(r Replacement) bool {
	return slices.ContainsFunc(t.At, func(a Addr) bool {
		return a.path() == r.File.Path && r.Span.Start <= a.Off && a.Off < r.Span.End
	})
}

// Pos returns the place of the first byte that has one; the zero Pos if none has.
func (t Text) Pos() source.Pos {
	for _, a := range t.At {
		if a.File != nil {
			line, col := a.File.Lines().Position(a.Off)
			return source.Pos{Path: a.File.Path, Line: line, Col: col}
		}
	}
	return source.Pos{}
}

// Line returns the 1-based line of a byte of f.
func (f *File) Line(off int) int { return 1 + bytes.Count(f.Src()[:off], []byte("\n")) }

// A Piece is a part of a text that stands in one place.
type Piece struct {
	S    string
	File *File       // nil where the place is not known
	Span source.Span // of File
}

// Pieces splits t by where it stands, in the order of the text.
func (t Text) Pieces() []Piece {
	if len(t.At) != len(t.S) {
		return []Piece{{S: t.S}}
	}
	var all []Piece
	for i := 0; i < len(t.S); {
		j := i + 1
		for j < len(t.S) && (t.At[j].follows(t.At[i], j-i) || t.At[i].File == nil && t.At[j].File == nil) {
			j++
		}
		p := Piece{S: t.S[i:j], File: t.At[i].File}
		if p.File != nil {
			p.Span = source.Span{Start: t.At[i].Off, End: t.At[i].Off + j - i}
		}
		all = append(all, p)
		i = j
	}
	return all
}

// A Replacement writes New over Old at a span of a file.
type Replacement struct {
	File     *File
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
		if r.Span.Start < at || r.Span.End > len(f.Src()) || r.Span.Start > r.Span.End {
			return nil, fmt.Errorf("%s: the edit of %q overlaps another or lies outside the file", f.Path, r.Old)
		}
		if found := r.Span.Of(f.Src()); string(found) != r.Old {
			return nil, fmt.Errorf("%s:%d: %q was to be replaced, but %q stands there", f.Path, f.Line(r.Span.Start), r.Old, found)
		}
		out.Write(f.Src()[at:r.Span.Start])
		out.WriteString(r.New)
		at = r.Span.End
	}
	out.Write(f.Src()[at:])
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

// After returns what t reads once the replacements are made.
func (t Text) After(replacements []Replacement) string {
	if len(t.At) != len(t.S) || len(replacements) == 0 {
		return t.S
	}
	var b strings.Builder
	var last *Replacement
	for i := range len(t.S) {
		var hit *Replacement
		for n := range replacements {
			if r := &replacements[n]; r.File.Path == t.At[i].path() && r.Span.Start <= t.At[i].Off && t.At[i].Off < r.Span.End {
				hit = r
			}
		}
		switch {
		case hit == nil:
			b.WriteByte(t.S[i])
		case hit != last:
			b.WriteString(hit.New)
		}
		last = hit
	}
	return b.String()
}

func (a Addr) path() string {
	if a.File == nil {
		return ""
	}
	return a.File.Path
}
