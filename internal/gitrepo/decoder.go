package gitrepo

import (
	"bufio"
	"bytes"
	"crypto/sha1" //nolint:gosec // git's own
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zlib"
)

// A decoder reads objects for one goroutine at a time. What it shares with
// others is only read; the rest are buffers, so that an object costs no
// allocations but its own.
type decoder struct {
	objects *objects
	packs   *packList // where objects were looked for last
	last    *pack     // where the last object was found

	most int64  // the size above which an object is not read, 0 for any
	from *pack  // of what buf holds
	at   int64  // the offset of buf in it
	buf  []byte // what was read last

	names  []byte // of an index that is not in memory
	out    []byte // the last result
	delta  []byte
	chain  []link
	bases  bases
	source bytes.Reader
	zlib   io.ReadCloser
	hash   hash.Hash
}

const (
	// readAhead is what is read of a pack at once: objects that are used
	// together mostly lie together.
	readAhead = 8 << 10
	// maxAtOnce is the size up to which an object is given its memory before
	// it is known that the size is true.
	maxAtOnce = 1 << 20
)

// object returns an object, which is checked against its id. The result is only
// valid until the next call, unless own is set.
func (d *decoder) object(id ID, own bool) (kind, []byte, error) {
	what, data, err := d.read(id, own)
	if err != nil {
		return what, nil, err
	}
	if got := d.idOf(what, data); got != id {
		return what, nil, fmt.Errorf("it is corrupt: its content has the id %s", got)
	}
	return what, data, nil
}

// typed is object for one that must be of a type.
func (d *decoder) typed(id ID, want kind, own bool) ([]byte, error) {
	what, data, err := d.object(id, own)
	if err == nil && what != want {
		err = fmt.Errorf("it is a %s, not a %s", what, want)
	}
	return data, err
}

// idOf computes the id of an object.
func (d *decoder) idOf(what kind, data []byte) (id ID) {
	if d.hash == nil {
		d.hash = sha1.New() //nolint:gosec // git's own
	}
	d.hash.Reset()
	var head [32]byte
	h := append(head[:0], what.Bytes()...)
	h = strconv.AppendInt(append(h, ' '), int64(len(data)), 10)
	d.hash.Write(append(h, 0))
	d.hash.Write(data)
	d.hash.Sum(id[:0])
	return id
}

// read looks into packs first, then at loose objects, and then whether packs
// have come since.
func (d *decoder) read(id ID, own bool) (what kind, data []byte, err error) {
	err = d.search(func() (bool, error) {
		p, offset, err := d.inPacks(id)
		if p != nil {
			what, data, err = d.unpack(p, offset, own)
		}
		return p != nil, err
	}, func(path string) error {
		what, data, err = d.loose(path)
		return err
	}, id)
	return what, data, err
}

// size returns the size of an object without reading all of it.
func (d *decoder) size(id ID) (size int64, err error) {
	err = d.search(func() (bool, error) {
		p, offset, err := d.inPacks(id)
		if p != nil {
			size, err = d.sizeAt(p, offset)
		}
		return p != nil, err
	}, func(path string) error {
		return d.openLoose(path, func(_ kind, n int64, _ io.Reader) error {
			size = n
			return nil
		})
	}, id)
	return size, err
}

// has says whether an object is here, without reading it.
func (d *decoder) has(id ID) (bool, error) {
	for {
		seen := d.objects.packs.Load()
		if ok, err := d.hasNow(id); ok || err != nil || !d.objects.reload(seen) {
			return ok, err
		}
	}
}

// hasNow is has without a look at packs that have come since.
func (d *decoder) hasNow(id ID) (bool, error) {
	d.packs = d.objects.packs.Load()
	if p, _, err := d.inPacks(id); p != nil || err != nil {
		return p != nil, err
	}
	name := id.String()
	for _, dir := range d.objects.dirs {
		if _, err := os.Lstat(filepath.Join(dir, name[:2], name[2:])); !errors.Is(err, fs.ErrNotExist) {
			return err == nil, err
		}
	}
	return false, nil
}

// search calls packed, and loose with each file that the object may be in,
// until one of them has it.
func (d *decoder) search(packed func() (bool, error), loose func(path string) error, id ID) error {
	for {
		d.packs = d.objects.packs.Load()
		if ok, err := packed(); ok || err != nil {
			return err
		}
		name := id.String()
		for _, dir := range d.objects.dirs {
			if err := loose(filepath.Join(dir, name[:2], name[2:])); !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		if !d.objects.reload(d.packs) {
			return ErrMissingObject
		}
	}
}

// inPacks returns the pack that has an object, nil if there is none.
func (d *decoder) inPacks(id ID) (*pack, int64, error) {
	look := func(p *pack) (int64, bool, error) {
		// A pack that is gone was replaced by another, which is found when the
		// object is in no other.
		if err := p.open(); errors.Is(err, fs.ErrNotExist) {
			return 0, false, nil
		} else if err != nil {
			return 0, false, err
		}
		return p.index.find(id, &d.names)
	}
	if d.last != nil {
		if offset, ok, err := look(d.last); err != nil {
			return nil, 0, err
		} else if ok {
			return d.last, offset, nil
		}
	}
	for _, p := range d.packs.packs {
		if p == d.last {
			continue
		}
		if offset, ok, err := look(p); err != nil {
			return nil, 0, err
		} else if ok {
			d.last = p
			return p, offset, nil
		}
	}
	return nil, 0, nil
}

// window returns n bytes of a pack, or less at its end. They are only valid
// until the next call.
func (d *decoder) window(p *pack, offset int64, n int64) ([]byte, error) {
	end := p.index.packed - trailer
	n = max(0, min(n, end-offset))
	if d.from != p || offset < d.at || offset+n > d.at+int64(len(d.buf)) {
		size := int(min(max(n, readAhead), max(0, end-offset)))
		d.from = nil
		d.buf = slices.Grow(d.buf[:0], size)[:size]
		if _, err := p.file.ReadAt(d.buf, offset); err != nil {
			return nil, fmt.Errorf("%s.pack at %d: %w", p.base, offset, err)
		}
		d.from, d.at = p, offset
	}
	return d.buf[offset-d.at:][:n], nil
}

// tooLarge reports whether an object of that size is not to be read.
func (d *decoder) tooLarge(size int64) bool { return d.most > 0 && size > d.most }

// inflate returns what is compressed in an entry, in *into.
func (d *decoder) inflate(p *pack, e packEntry, into *[]byte) ([]byte, error) {
	if e.size <= maxAtOnce {
		// More than that no program needs for what it compresses.
		src, err := d.window(p, e.data, e.size+e.size>>8+64)
		if err != nil {
			return nil, err
		}
		*into = slices.Grow((*into)[:0], int(e.size))[:e.size]
		if d.inflateAll(*into, src) {
			return *into, nil
		}
	}
	data, err := d.inflateStream(io.NewSectionReader(p.file, e.data, max(0, p.index.packed-trailer-e.data)), e.size)
	if err != nil {
		return nil, p.corrupt(e.data, err.Error())
	}
	*into = data
	return data, nil
}

// inflateAll fills dst from the beginning of src. It reports false if that does
// not end there, or more of src would be needed.
func (d *decoder) inflateAll(dst, src []byte) bool {
	d.source.Reset(src)
	r, err := d.unzip(&d.source)
	if err != nil {
		return false
	}
	if _, err := io.ReadFull(r, dst); err != nil {
		return false
	}
	var more [1]byte
	n, err := r.Read(more[:])
	return n == 0 && errors.Is(err, io.EOF)
}

// inflateStream is for what is large, or not as it should be.
func (d *decoder) inflateStream(src io.Reader, size int64) ([]byte, error) {
	r, err := d.unzip(bufio.NewReader(src))
	if err != nil {
		return nil, err
	}
	return readExactly(r, size)
}

// readExactly reads all of r, which must be size bytes.
func readExactly(r io.Reader, size int64) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(int(min(max(size, 0), maxAtOnce)) + bytes.MinRead)
	n, err := out.ReadFrom(io.LimitReader(r, size+1))
	if err == nil && n != size {
		err = errors.New("its length is not what is written of it")
	}
	return out.Bytes(), err
}

// inflateHead returns the first bytes of what is compressed in an entry.
func (d *decoder) inflateHead(p *pack, e packEntry) ([]byte, error) {
	r, err := d.unzip(bufio.NewReader(io.NewSectionReader(p.file, e.data, max(0, p.index.packed-trailer-e.data))))
	head := make([]byte, min(20, e.size))
	if err == nil {
		_, err = io.ReadFull(r, head)
	}
	if err != nil {
		return nil, p.corrupt(e.data, err.Error())
	}
	return head, nil
}

// unzip returns the decoder's own zlib reader.
func (d *decoder) unzip(src io.Reader) (io.Reader, error) {
	if d.zlib == nil {
		var err error
		d.zlib, err = zlib.NewReader(src)
		return d.zlib, err
	}
	return d.zlib, d.zlib.(zlib.Resetter).Reset(src, nil)
}

// loose reads an object that is in a file of its own.
func (d *decoder) loose(path string) (what kind, data []byte, err error) {
	err = d.openLoose(path, func(k kind, size int64, r io.Reader) error {
		what = k
		if d.tooLarge(size) {
			return ErrTooLarge
		}
		data, err = readExactly(r, size)
		return err
	})
	return what, data, err
}

// openLoose calls use with the header of a loose object and a reader of its
// content.
func (d *decoder) openLoose(path string, use func(what kind, size int64, r io.Reader) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	err = func() error {
		r, err := d.unzip(bufio.NewReader(file))
		if err != nil {
			return err
		}
		content := bufio.NewReader(r)
		head, err := content.Peek(32)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		text, _, ok := bytes.Cut(head, []byte{0})
		name, length, ok2 := strings.Cut(string(text), " ")
		what, err := parseKind(name)
		size, err2 := strconv.ParseInt(length, 10, 64)
		if !ok || !ok2 || err != nil || err2 != nil || size < 0 {
			return errors.New("its header is not one of an object")
		}
		if _, err := content.Discard(len(text) + 1); err != nil {
			return err
		}
		return use(what, size, content)
	}()
	if err != nil {
		return fmt.Errorf("it is corrupt: %s: %w", path, err)
	}
	return nil
}
