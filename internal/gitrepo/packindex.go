package gitrepo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sort"
	"strings"

	"github.com/matihlabs/propagate/internal/mapped"
)

// A packIndex says where in a pack an object is. It is read only, and may be
// used by several goroutines.
type packIndex struct {
	path   string
	file   *os.File
	size   int64
	fanout [256]uint32
	count  int64
	packed int64 // the size of the pack, which offsets stay below

	data []byte // all of it; nil where it is read piece by piece
}

const (
	indexHeader = 8 + 256*4
	trailer     = 20 // the checksum at the end of packs and indexes
	maxProbe    = 64 // names that are read at once, and twice that
)

// openIndex opens an index, which is shown as memory if it has up to most bytes.
func openIndex(path string, most int64) (*packIndex, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	x := &packIndex{path: path, file: file}
	if err := x.readHead(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if x.size <= most {
		data, release, err := mapped.File(file, int(x.size))
		if err == nil { // else it is read all the same
			x.data = data
			runtime.AddCleanup(x, func(release func()) { release() }, release)
		}
	}
	return x, nil
}

func (x *packIndex) readHead() error {
	info, err := x.file.Stat()
	if err != nil {
		return err
	}
	x.size = info.Size()
	head := make([]byte, min(x.size, indexHeader))
	if _, err := x.file.ReadAt(head, 0); err != nil {
		return fmt.Errorf("%s: %w", x.path, err)
	}
	if !bytes.HasPrefix(head, []byte("\xfftOc\x00\x00\x00\x02")) {
		return withHint(fmt.Errorf("%s: is no index of a pack in the format 2", x.path),
			"`git index-pack %s.pack` makes it again", strings.TrimSuffix(x.path, ".idx"))
	}
	if len(head) < indexHeader {
		return x.corrupt()
	}
	for i := range x.fanout {
		x.fanout[i] = binary.BigEndian.Uint32(head[8+4*i:])
	}
	x.count = int64(x.fanout[255])
	if !slices.IsSorted(x.fanout[:]) || x.size < x.offsets()+4*x.count+2*trailer {
		return x.corrupt()
	}
	return nil
}

func (x *packIndex) corrupt() error {
	return withHint(fmt.Errorf("%s: is corrupt", x.path), "`git fsck` says more; `git index-pack %s.pack` makes it again",
		strings.TrimSuffix(x.path, ".idx"))
}

func (x *packIndex) close() error { return x.file.Close() }

// offsets is where the table of offsets begins, after names and checksums.
func (x *packIndex) offsets() int64 { return indexHeader + (20+4)*x.count }

// read returns n bytes at off: of the index itself, or in *buf.
func (x *packIndex) read(off int64, n int, buf *[]byte) ([]byte, error) {
	if off < 0 || off+int64(n) > x.size {
		return nil, x.corrupt()
	}
	if x.data != nil {
		return x.data[off : off+int64(n)], nil
	}
	*buf = slices.Grow((*buf)[:0], n)[:n]
	if _, err := x.file.ReadAt(*buf, off); err != nil {
		return nil, fmt.Errorf("%s: %w", x.path, err)
	}
	return *buf, nil
}

// bucket returns the places of the ids that begin with a byte.
func (x *packIndex) bucket(first byte) (lo, hi int64) {
	if first > 0 {
		lo = int64(x.fanout[first-1])
	}
	return lo, int64(x.fanout[first])
}

// find returns the offset of an object in the pack, and false if it is not in
// it. buf is used for what has to be read.
func (x *packIndex) find(id ID, buf *[]byte) (offset int64, ok bool, err error) {
	defer runtime.KeepAlive(x) // and its memory
	lo, hi := x.bucket(id[0])
	// Ids are spread evenly: the first guess is near the place.
	guess := lo + (hi-lo)*int64(binary.BigEndian.Uint32(id[1:5]))>>32
	for lo < hi {
		from, to := max(lo, guess-maxProbe), min(hi, guess+maxProbe)
		names, err := x.read(indexHeader+20*from, int(20*(to-from)), buf)
		if err != nil {
			return 0, false, err
		}
		switch n := len(names); {
		case bytes.Compare(id[:], names[:20]) < 0:
			hi = from
		case bytes.Compare(id[:], names[n-20:]) > 0:
			lo = to
		default:
			i, ok := sort.Find(n/20, func(i int) int { return bytes.Compare(id[:], names[20*i:20*i+20]) })
			if !ok {
				return 0, false, nil
			}
			offset, err := x.offset(from+int64(i), buf)
			return offset, err == nil, err
		}
		guess = (lo + hi) / 2
	}
	return 0, false, nil
}

// offset returns the offset of the i-th object. One beyond two gigabytes stands
// in a table of its own.
func (x *packIndex) offset(i int64, buf *[]byte) (int64, error) {
	raw, err := x.read(x.offsets()+4*i, 4, buf)
	if err != nil {
		return 0, err
	}
	short := binary.BigEndian.Uint32(raw)
	offset := int64(short)
	if short>>31 != 0 {
		if raw, err = x.read(x.offsets()+4*x.count+8*int64(short&^(1<<31)), 8, buf); err != nil {
			return 0, err
		}
		offset = int64(binary.BigEndian.Uint64(raw) &^ (1 << 63)) //nolint:gosec // has no sign bit
	}
	if offset < packHeader || offset >= x.packed-trailer {
		return 0, x.corrupt()
	}
	return offset, nil
}

// withPrefix calls found with the ids that begin with prefix, which has at
// least one byte.
func (x *packIndex) withPrefix(prefix []byte, found func(ID)) error {
	defer runtime.KeepAlive(x)
	var buf []byte
	lo, hi := x.bucket(prefix[0])
	for lo < hi {
		n := min(hi-lo, 4096)
		names, err := x.read(indexHeader+20*lo, int(20*n), &buf)
		if err != nil {
			return err
		}
		for i := range int(n) {
			if name := names[20*i : 20*i+20]; bytes.HasPrefix(name, prefix) {
				found(ID(name))
			}
		}
		lo += n
	}
	return nil
}
