package trace

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/matihlabs/propagate/internal/source"
)

// An Origin is a file that text comes from: its path, and where its lines begin. It
// has no content, so texts and their places can be kept without it.
type Origin struct {
	Path  string // slash-separated, relative to the root of the repository
	Lines source.Lines
}

// Line returns the 1-based line of an offset.
func (o *Origin) Line(off int) int {
	line, _ := o.Lines.Position(off)
	return line
}

// A File is a file with its content as it was read. Neither changes.
type File struct {
	*Origin
	Src []byte
}

// NewFile returns a file with this content.
func NewFile(path string, src []byte) *File {
	return &File{Origin: &Origin{Path: path, Lines: source.NewLines(src)}, Src: src}
}

// An Addr is the place of one byte. The zero Addr is a place that is not known.
type Addr struct {
	File *Origin
	Off  int
}

// follows reports whether a is n bytes behind b in the same file.
func (a Addr) follows(b Addr, n int) bool {
	return a.File != nil && a.File == b.File && a.Off == b.Off+n
}

// plus returns the place n bytes behind a, which is not known where a is not.
func (a Addr) plus(n int) Addr {
	if a.File == nil {
		return Addr{}
	}
	return Addr{a.File, a.Off + n}
}

func (a Addr) path() string {
	if a.File == nil {
		return ""
	}
	return a.File.Path
}

// A Text is a string with the places of its bytes.
type Text struct {
	S string

	// Most texts stand in one place as a whole: then that of the first byte is enough.
	// Others have runs; without either no place is known.
	from Addr
	runs []run
}

// A run is bytes of a text that follow one another in a file, or whose places are not
// known. It begins where the one before it ends.
type run struct {
	end  int // of the bytes of the text
	from Addr
}

// Plain returns a text of which no place is known.
func Plain(s string) Text { return Text{S: s} }

// Text returns the bytes of f from start up to but without end.
func (f *File) Text(start, end int) Text {
	return Text{S: string(f.Src[start:end]), from: Addr{f.Origin, start}}
}

// Placed returns the text s whose bytes stand at these offsets of f, one for each;
// those of which the place is not known have -1.
func (f *File) Placed(s string, offsets []int) Text {
	if len(offsets) != len(s) {
		return Plain(s)
	}
	var runs []run
	for i, off := range offsets {
		a := Addr{}
		if off >= 0 {
			a = Addr{f.Origin, off}
		}
		runs = appendRun(runs, i, i+1, a)
	}
	return Text{S: s}.with(runs)
}

// appendRun adds the bytes from start to end, of which the first stands at a.
func appendRun(runs []run, start, end int, a Addr) []run {
	if start == end {
		return runs
	}
	if n := len(runs); n > 0 {
		first := 0
		if n > 1 {
			first = runs[n-2].end
		}
		if last := &runs[n-1]; a.follows(last.from, start-first) || a.File == nil && last.from.File == nil {
			last.end = end
			return runs
		}
	}
	return append(runs, run{end, a})
}

// with returns t with these runs.
func (t Text) with(runs []run) Text {
	t.from, t.runs = Addr{}, nil
	switch {
	case len(runs) == 1:
		t.from = runs[0].from
	case len(runs) > 1:
		t.runs = runs
	}
	return t
}

// count returns the number of runs, and run the n-th.
func (t Text) count() int {
	if t.runs == nil && t.S != "" {
		return 1
	}
	return len(t.runs)
}

func (t Text) run(n int) (start, end int, from Addr) {
	if t.runs == nil {
		return 0, len(t.S), t.from
	}
	if n > 0 {
		start = t.runs[n-1].end
	}
	return start, t.runs[n].end, t.runs[n].from
}

// holding returns the run that holds the i-th byte.
func (t Text) holding(i int) int {
	if t.runs == nil {
		return 0
	}
	n, _ := slices.BinarySearchFunc(t.runs, i+1, func(r run, end int) int { return cmp.Compare(r.end, end) })
	return n
}

// At returns the place of the i-th byte.
func (t Text) At(i int) Addr {
	start, _, from := t.run(t.holding(i))
	return from.plus(i - start)
}

// First returns the place of the first byte; the zero Addr for the empty text.
func (t Text) First() Addr {
	if t.S == "" {
		return Addr{}
	}
	return t.At(0)
}

// Find returns the text s where it stands first in f at or behind offset from, and
// s without places where it does not.
func (f *File) Find(s string, from int) Text {
	if from < 0 || from > len(f.Src) {
		return Plain(s)
	}
	i := bytes.Index(f.Src[from:], []byte(s))
	if i < 0 {
		return Plain(s)
	}
	return f.Text(from+i, from+i+len(s))
}

// Slice returns the bytes of t from start up to but without end.
func (t Text) Slice(start, end int) Text {
	part := Text{S: t.S[start:end]}
	if start == end {
		return part
	}
	first, last := t.holding(start), t.holding(end-1)
	if first == last {
		part.from = t.At(start)
		return part
	}
	part.runs = make([]run, last-first+1)
	for i := range part.runs {
		at, to, from := t.run(first + i)
		skipped := max(0, start-at)
		part.runs[i] = run{min(to, end) - start, from.plus(skipped)}
	}
	return part
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

// Lower returns t with A to Z in lower case. The place of a letter that changes is not known: what is written there is another one.
func (t Text) Lower() Text {
	var all []Text
	start := 0
	for i := range len(t.S) {
		if c := t.S[i]; 'A' <= c && c <= 'Z' {
			all = append(all, t.Slice(start, i), Plain(string(c-'A'+'a')))
			start = i + 1
		}
	}
	return Join(append(all, t.Slice(start, len(t.S)))...)
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
	var runs []run
	for _, t := range texts {
		for n := range t.count() {
			start, end, from := t.run(n)
			runs = appendRun(runs, s.Len()+start, s.Len()+end, from)
		}
		s.WriteString(t.S)
	}
	return Text{S: s.String()}.with(runs)
}

// Through returns t with other places for what stands in f, a file whose content is that of
// text: those of text.
func (t Text) Through(f *Origin, text Text) Text {
	var runs []run
	for n := range t.count() {
		start, end, from := t.run(n)
		if from.File != f || f == nil || from.Off+end-start > len(text.S) {
			runs = appendRun(runs, start, end, from)
			continue
		}
		part := text.Slice(from.Off, from.Off+end-start)
		for m := range part.count() {
			first, last, at := part.run(m)
			runs = appendRun(runs, start+first, start+last, at)
		}
	}
	return Text{S: t.S}.with(runs)
}

// Known reports whether the place of every byte is known, but for slashes: Marks leave them out (the one of
// ${REGISTRY}/app comes back without a place), and no version has one.
func (t Text) Known() bool {
	for n := range t.count() {
		if start, end, from := t.run(n); from.File == nil && strings.Trim(t.S[start:end], "/") != "" {
			return false
		}
	}
	return true
}

// Located reports whether the place of any byte is known.
func (t Text) Located() bool {
	for n := range t.count() {
		if _, _, from := t.run(n); from.File != nil {
			return true
		}
	}
	return false
}

// Beside reports whether the bytes of t and u stand in the same places.
func (t Text) Beside(u Text) bool {
	if !t.Located() && !u.Located() {
		return true
	}
	return len(t.S) == len(u.S) && t.from == u.from && slices.Equal(t.runs, u.runs)
}

// Shares reports whether a byte of t and one of u are the same one.
func (t Text) Shares(u Text) bool {
	for n := range t.count() {
		start, end, from := t.run(n)
		if from.File != nil && u.touches(from.File.Path, source.Span{Start: from.Off, End: from.Off + end - start}) {
			return true
		}
	}
	return false
}

// Touches reports whether t holds a byte that r replaces.
func (t Text) Touches(r Replacement) bool { return t.touches(r.File.Path, r.Span) }

func (t Text) touches(path string, span source.Span) bool {
	for n := range t.count() {
		start, end, from := t.run(n)
		if from.path() == path && from.Off < span.End && span.Start < from.Off+end-start {
			return true
		}
	}
	return false
}

// Pos returns the place of the first byte that has one; the zero Pos if none has.
func (t Text) Pos() source.Pos {
	for n := range t.count() {
		if _, _, from := t.run(n); from.File != nil {
			line, col := from.File.Lines.Position(from.Off)
			return source.Pos{Path: from.File.Path, Line: line, Col: col}
		}
	}
	return source.Pos{}
}

// A Piece is a part of a text that stands in one place.
type Piece struct {
	S    string
	File *Origin     // nil where the place is not known
	Span source.Span // of File
}

// Pieces splits t by where it stands, in the order of the text.
func (t Text) Pieces() []Piece {
	all := make([]Piece, t.count())
	for n := range all {
		start, end, from := t.run(n)
		all[n] = Piece{S: t.S[start:end], File: from.File}
		if from.File != nil {
			all[n].Span = source.Span{Start: from.Off, End: from.Off + end - start}
		}
	}
	return all
}
