package snapshot

import (
	"encoding/binary"
	"unsafe"

	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/gitrepo"
)

// An item is a part of what is known of a tree: a file that matters, or a directory
// with a record of its own. A record holds all that lies below a tree in as few look-ups
// as that takes: a small directory is a part of the record of the one it lies in.
type item struct {
	name  string // its path below the tree
	id    gitrepo.ID
	class class // of a file
	state state // of a directory
	dir   bool
}

const (
	dirTag   = 0x80 // of a directory, with its state; other tags are the class of a file
	idSize   = len(gitrepo.ID{})
	itemSize = 1 + idSize // of an item beside its name
)

// encode writes items: of each its tag, the length of its name, the name and the id.
// Nothing stands for a tree with nothing that matters.
func encode(items []item) []byte {
	var out []byte
	for _, i := range items {
		tag := byte(i.class)
		if i.dir {
			tag = dirTag | byte(i.state)
		}
		out = binary.AppendUvarint(append(out, tag), uint64(len(i.name)))
		out = append(append(out, i.name...), i.id[:]...)
	}
	return out
}

// nextItem takes an item off a record. Its name is a part of the record, which never
// changes.
func nextItem(data []byte) (i item, rest []byte, ok bool) {
	if len(data) < itemSize {
		return i, nil, false
	}
	tag := data[0]
	n, size := binary.Uvarint(data[1:])
	data = data[1+max(size, 0):]
	if size <= 0 || n == 0 || n > uint64(len(data)) || len(data)-int(n) < idSize { //nolint:gosec // less than the length of a slice
		return i, nil, false
	}
	name := data[:n]
	i.name, i.id = unsafe.String(unsafe.SliceData(name), len(name)), gitrepo.ID(data[n:int(n)+idSize]) //nolint:gosec // likewise
	if i.dir = tag&dirTag != 0; i.dir {
		i.state = state(tag &^ dirTag)
	} else {
		i.class = class(tag)
	}
	return i, data[int(n)+idSize:], true //nolint:gosec // likewise
}

// remembered returns the record of a tree, and how many files there are in it and how
// long their names are together.
func (h *hand) remembered(key cache.Key) (data []byte, files, length int, ok bool) {
	data, ok = h.store.Get(key)
	if !ok {
		return nil, 0, 0, false
	}
	for rest := data; len(rest) > 0; {
		var i item
		if i, rest, ok = nextItem(rest); !ok {
			return nil, 0, 0, false // written by another program that calls itself the same
		}
		if !i.dir {
			files++
			length += len(i.name)
		}
	}
	return data, files, length, true
}
