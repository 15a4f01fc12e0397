package trace

import (
	"encoding/binary"
	"errors"
	"unsafe"

	"github.com/matihlabs/propagate/internal/source"
)

// A Writer encodes values that hold texts, for a [Reader] of the same program. The
// path of Own is left out, so that what is said of its content holds wherever it lies.
// The lines of Own are written, and with AllLines those of all other files.
type Writer struct {
	Own      *Origin
	AllLines bool

	buf   []byte
	files []*Origin
	ids   map[*Origin]int
}

// Bytes returns what was written.
func (w *Writer) Bytes() []byte {
	w.file(w.Own)
	var head Writer
	head.Int(len(w.files))
	for _, f := range w.files {
		own := f == w.Own
		head.Bool(own || w.AllLines)
		if own {
			head.String("")
		} else {
			head.String(f.Path)
		}
		if own || w.AllLines {
			head.String(f.Lines.Pack())
		}
	}
	return append(head.buf, w.buf...)
}

// Int writes a number.
func (w *Writer) Int(n int) { w.buf = binary.AppendVarint(w.buf, int64(n)) }

// Bool writes a truth value.
func (w *Writer) Bool(b bool) {
	if b {
		w.buf = append(w.buf, 1)
	} else {
		w.buf = append(w.buf, 0)
	}
}

// String writes a string.
func (w *Writer) String(s string) {
	w.buf = binary.AppendUvarint(w.buf, uint64(len(s)))
	w.buf = append(w.buf, s...)
}

// Pos writes a position.
func (w *Writer) Pos(p source.Pos) {
	w.String(p.Path)
	w.Int(p.Line)
	w.Int(p.Col)
}

// Text writes a text: its string, then its pieces by file, offset and length; file 0
// is an unknown place.
func (w *Writer) Text(t Text) {
	w.String(t.S)
	if !t.Located() {
		w.Int(-1)
		return
	}
	pieces := t.Pieces()
	w.Int(len(pieces))
	for _, p := range pieces {
		w.Int(w.file(p.File))
		w.Int(p.Span.Start)
		w.Int(len(p.S))
	}
}

func (w *Writer) file(f *Origin) int {
	if f == nil {
		return 0
	}
	if w.ids == nil {
		w.ids = map[*Origin]int{}
	}
	id, ok := w.ids[f]
	if !ok {
		w.files = append(w.files, f)
		id = len(w.files)
		w.ids[f] = id
	}
	return id
}

// ErrCorrupt says that bytes are none that a Writer wrote.
var ErrCorrupt = errors.New("it is corrupt")

// A Reader reads what a Writer wrote. After an error all it returns is zero.
type Reader struct {
	rest  string
	files []*Origin // by id
	err   error
}

// NewReader returns a Reader of data, which must not change. file returns the file at
// a path, "" for the Writer's own, with its lines where these were written; where it
// returns nil the data is corrupt.
func NewReader(data []byte, file func(path string, lines source.Lines) *Origin) *Reader {
	// The strings of the result are parts of data, which saves an allocation for each.
	r := &Reader{rest: unsafe.String(unsafe.SliceData(data), len(data))} //nolint:gosec // as said above
	n := r.Count()
	r.files = make([]*Origin, 1, 1+n)
	for range n {
		var lines source.Lines
		hasLines, path := r.Bool(), r.String()
		if hasLines {
			lines = source.UnpackLines(r.String())
		}
		f := file(path, lines)
		if f == nil {
			r.fail()
			break
		}
		r.files = append(r.files, f)
	}
	return r
}

// Err returns what was wrong with the data, if anything was.
func (r *Reader) Err() error {
	if r.err == nil && r.rest != "" {
		return ErrCorrupt
	}
	return r.err
}

func (r *Reader) fail() {
	r.err, r.rest = ErrCorrupt, ""
}

func (r *Reader) uvarint() uint64 {
	var n uint64
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		c := r.rest[i]
		n |= uint64(c&0x7F) << (7 * i)
		if c < 0x80 {
			r.rest = r.rest[i+1:]
			return n
		}
	}
	r.fail()
	return 0
}

// Int reads a number.
func (r *Reader) Int() int {
	n := r.uvarint()
	return int(int64(n>>1) ^ -int64(n&1))
}

// Count reads a number of things that follow, each of at least a byte.
func (r *Reader) Count() int {
	n := r.Int()
	if n < 0 || n > len(r.rest) {
		r.fail()
		return 0
	}
	return n
}

func (r *Reader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.fail()
		return 0
	}
	return int(n) //nolint:gosec // less than the length of a string
}

// Bool reads a truth value.
func (r *Reader) Bool() bool {
	if r.rest == "" {
		r.fail()
		return false
	}
	b := r.rest[0] == 1
	r.rest = r.rest[1:]
	return b
}

// String reads a string.
func (r *Reader) String() string {
	n := r.count()
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

// Pos reads a position.
func (r *Reader) Pos() source.Pos {
	return source.Pos{Path: r.String(), Line: r.Int(), Col: r.Int()}
}

// Text reads a text.
func (r *Reader) Text() Text {
	t := Text{S: r.String()}
	n := r.Int()
	if n < 0 || r.err != nil {
		return t
	}
	if n > len(r.rest)/3 { // each has three numbers
		r.fail()
		return Text{}
	}
	if n > 1 {
		t.runs = make([]run, n)
	}
	at := 0
	for i := range n {
		id, start, length := r.Int(), r.Int(), r.Int()
		if id < 0 || id >= len(r.files) || length <= 0 || length > len(t.S)-at || start < 0 {
			r.fail()
			return Text{}
		}
		at += length
		from := Addr{r.files[id], start}
		if from.File == nil {
			from = Addr{}
		}
		if n > 1 {
			t.runs[i] = run{at, from}
		} else {
			t.from = from
		}
	}
	if at != len(t.S) {
		r.fail()
		return Text{}
	}
	return t
}
