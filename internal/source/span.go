package source

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"sort"
)

// A Span is a half-open range of byte offsets in a file as it was read.
type Span struct{ Start, End int }

// Len returns the number of bytes in s.
func (s Span) Len() int { return s.End - s.Start }

// Empty reports whether s holds no byte.
func (s Span) Empty() bool { return s.End <= s.Start }

// Overlaps reports whether s and t share a byte.
func (s Span) Overlaps(t Span) bool { return s.Start < t.End && t.Start < s.End }

// Of returns the bytes of src that s covers, without copying.
func (s Span) Of(src []byte) []byte { return src[s.Start:s.End] }

// A Pos is a place in a file, for people and editors.
type Pos struct {
	Path string // slash-separated, relative to the root of the repository
	Line int    // 1-based; 0 when only the file is known
	Col  int    // 1-based, in bytes; 0 when only the line is known
}

// String returns "path:line:col", leaving out what is not known.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.Path
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.Path, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.Path, p.Line, p.Col)
}

// Compare orders places of one file from its begin to its end, and those of several
// by their paths.
func (p Pos) Compare(q Pos) int {
	return cmp.Or(cmp.Compare(p.Path, q.Path), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Col, q.Col))
}

// Lines maps byte offsets of one file to lines and columns. The zero Lines knows
// nothing of its file.
type Lines struct {
	starts []int
	packed string // instead of starts
}

// Pack returns the lines as bytes, for [UnpackLines].
func (l Lines) Pack() string {
	var packed []byte
	before := 0
	for _, start := range l.all() {
		packed = binary.AppendUvarint(packed, uint64(start-before)) //nolint:gosec // they are sorted
		before = start
	}
	return string(packed)
}

// UnpackLines returns the lines that [Lines.Pack] described. They stay packed until they
// are asked for: most never are.
func UnpackLines(packed string) Lines { return Lines{packed: packed} }

func (l Lines) all() []int {
	if l.packed == "" {
		return l.starts
	}
	var starts []int
	at := uint64(0)
	for rest := []byte(l.packed); len(rest) > 0; {
		length, n := binary.Uvarint(rest)
		if n <= 0 || length > math.MaxInt32 {
			break
		}
		at, rest = at+length, rest[n:]
		starts = append(starts, int(at)) //nolint:gosec // bounded
	}
	return starts
}

// NewLines indexes src. A line ends with its newline.
func NewLines(src []byte) Lines {
	starts := make([]int, 1, 1+bytes.Count(src, []byte("\n")))
	for off := 0; ; {
		i := bytes.IndexByte(src[off:], '\n')
		if i < 0 {
			break
		}
		off += i + 1
		starts = append(starts, off)
	}
	return Lines{starts: starts}
}

// Position returns the 1-based line and column, in bytes, of offset off; zeros where
// nothing is known of the file.
func (l Lines) Position(off int) (line, col int) {
	starts := l.all()
	i := sort.SearchInts(starts, off+1) - 1
	if i < 0 {
		return 0, 0
	}
	return i + 1, off - starts[i] + 1
}

// Start returns the offset of the first byte of a 1-based line.
func (l Lines) Start(line int) int { return l.all()[line-1] }

// Count returns the number of lines, counting one that has no newline.
func (l Lines) Count() int { return len(l.all()) }
