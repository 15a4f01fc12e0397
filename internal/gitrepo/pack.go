package gitrepo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/matihlabs/propagate/internal/mapped"
)

// A pack is a pack file with its index. Both are opened when they are first
// needed, and then shared by all decoders: a file is read at offsets only,
// which any number of them may do at once.
type pack struct {
	base string // the path without .idx and .pack

	once  sync.Once
	err   error
	index *packIndex
	file  *os.File
}

const packHeader = 12

// open opens the files. An error is remembered: the pack is not tried again.
func (p *pack) open() error {
	p.once.Do(func() { p.err = p.openFiles() })
	return p.err
}

func (p *pack) openFiles() error {
	index, err := openIndex(p.base+".idx", mapped.Max)
	if err != nil {
		return err
	}
	file, err := os.Open(p.base + ".pack")
	if err != nil {
		return errors.Join(err, index.close())
	}
	info, err := file.Stat()
	head := make([]byte, packHeader)
	if err == nil {
		_, err = file.ReadAt(head, 0)
	}
	if errors.Is(err, io.EOF) {
		err = nil // and head is not that of a pack
	}
	version := binary.BigEndian.Uint32(head[4:])
	if err == nil && (!bytes.HasPrefix(head, []byte("PACK")) || version != 2 && version != 3 ||
		int64(binary.BigEndian.Uint32(head[8:])) != index.count) {
		err = withHint(fmt.Errorf("%s.pack: is no pack, or not the one of its index", p.base),
			"`git fsck` says more; a fresh clone has everything")
	}
	if err != nil {
		return errors.Join(err, file.Close(), index.close())
	}
	index.packed = info.Size()
	p.index, p.file = index, file
	return nil
}

// close closes what has been opened, and keeps it from being opened.
func (p *pack) close() error {
	p.once.Do(func() { p.err = os.ErrClosed })
	if p.err != nil {
		return nil
	}
	return errors.Join(p.file.Close(), p.index.close())
}

// corrupt says that what stands in the pack cannot be.
func (p *pack) corrupt(offset int64, what string) error {
	return fmt.Errorf("it is corrupt: %s.pack at %d: %s", p.base, offset, what)
}

// A packEntry is the header of an object in a pack.
type packEntry struct {
	kind kind
	size int64 // of the object, or of the delta that makes it out of another
	data int64 // the offset of what is compressed
	base int64 // the offset of the other object
}

// maxEntry bounds the header of an entry: a size, and an offset or an id.
const maxEntry = 10 + 20

// entry reads the header of an object.
func (d *decoder) entry(p *pack, offset int64) (packEntry, error) {
	raw, err := d.window(p, offset, maxEntry)
	if err != nil {
		return packEntry{}, err
	}
	cut := func() (packEntry, error) { return packEntry{}, p.corrupt(offset, "its header is cut off") }
	if len(raw) == 0 {
		return cut()
	}
	e := packEntry{kind: kind(raw[0] >> 4 & 7), size: int64(raw[0] & 15)}
	n := 1
	for shift := 4; raw[n-1]&0x80 != 0; shift += 7 {
		if n == len(raw) || shift > 56 {
			return cut()
		}
		e.size |= int64(raw[n]&0x7f) << shift
		n++
	}
	switch e.kind {
	case plumbing.OFSDeltaObject:
		distance := int64(-1)
		for more := true; more; n++ {
			if n == len(raw) || distance >= 1<<55 {
				return cut()
			}
			distance = (distance+1)<<7 | int64(raw[n]&0x7f)
			more = raw[n]&0x80 != 0
		}
		if e.base = offset - distance; e.base < packHeader || e.base >= offset {
			return e, p.corrupt(offset, "the base of its delta is outside of the pack")
		}
	case plumbing.REFDeltaObject:
		if len(raw) < n+20 {
			return cut()
		}
		base := ID(raw[n : n+20])
		n += 20
		var ok bool
		if e.base, ok, err = p.index.find(base, &d.names); err != nil {
			return e, err
		} else if !ok {
			return e, p.corrupt(offset, "the base of its delta, "+base.String()+", is not in the pack")
		}
	case plumbing.CommitObject, plumbing.TreeObject, plumbing.BlobObject, plumbing.TagObject:
	default:
		return e, p.corrupt(offset, "is no object")
	}
	e.data = offset + int64(n)
	return e, nil
}

// isDelta says whether the entry is to be made out of another.
func (e packEntry) isDelta() bool {
	return e.kind == plumbing.OFSDeltaObject || e.kind == plumbing.REFDeltaObject
}

// maxChain bounds the deltas that lead to an object. git makes 4095 at most.
const maxChain = 10_000

// unpack returns the object at an offset. The result is only valid until the
// next call, unless own is set.
func (d *decoder) unpack(p *pack, offset int64, own bool) (kind, []byte, error) {
	chain := d.chain[:0]
	defer func() { d.chain = chain[:0] }()
	var e packEntry
	var data []byte
	var what kind
	for at := offset; ; at = e.base {
		if len(chain) > 0 {
			if held, ok := d.bases.get(p, at); ok {
				what, data = held.kind, held.data
				break
			}
		}
		var err error
		if e, err = d.entry(p, at); err != nil {
			return 0, nil, err
		}
		if !e.isDelta() {
			into := &d.out
			if len(chain) > 0 || own {
				into = new([]byte)
			}
			if len(chain) == 0 && d.tooLarge(e.size) {
				return 0, nil, ErrTooLarge
			}
			if data, err = d.inflate(p, e, into); err != nil {
				return 0, nil, err
			}
			what = e.kind
			if len(chain) > 0 {
				d.bases.put(p, at, base{what, data})
			}
			break
		}
		if len(chain) == maxChain {
			return 0, nil, p.corrupt(offset, "its deltas do not end")
		}
		chain = append(chain, link{at, e})
	}
	for i := len(chain) - 1; i >= 0; i-- {
		delta, err := d.inflate(p, chain[i].entry, &d.delta)
		if err != nil {
			return 0, nil, err
		}
		into := &d.out
		if i > 0 || own {
			into = new([]byte)
		}
		var ok bool
		if data, ok = applyDelta(data, delta, into); !ok {
			return 0, nil, p.corrupt(chain[i].offset, "its delta does not fit its base")
		}
		if i > 0 {
			d.bases.put(p, chain[i].offset, base{what, data})
		}
	}
	if d.tooLarge(int64(len(data))) {
		return 0, nil, ErrTooLarge
	}
	return what, data, nil
}

// A link is one delta of a chain.
type link struct {
	offset int64
	entry  packEntry
}

// sizeAt returns the size of the object at an offset without unpacking it: a
// delta begins with the sizes of its base and of its result.
func (d *decoder) sizeAt(p *pack, offset int64) (int64, error) {
	e, err := d.entry(p, offset)
	if err != nil || !e.isDelta() {
		return e.size, err
	}
	head, err := d.inflateHead(p, e)
	if err != nil {
		return 0, err
	}
	_, rest, ok := deltaSize(head)
	size, _, ok2 := deltaSize(rest)
	if !ok || !ok2 {
		return 0, p.corrupt(offset, "its delta is cut off")
	}
	return size, nil
}
