package snapshot

import (
	"encoding/binary"

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

const dirTag = 1 // the bit of a tag that tells a directory; above it is its state, or the class of a file

// encode writes items: of each its tag, the length of its name, the name, the
// length of the id, and the id. A tag is a number; the lowest bit tells directories.
// Nothing stands for a tree with nothing that matters.
func encode(items []item) []byte {
	var out []byte
	for _, i := range items {
		tag := uint64(i.class) << 1
		if i.dir {
			tag = uint64(i.state)<<1 | dirTag
		}
		out = binary.AppendUvarint(binary.AppendUvarint(out, tag), uint64(len(i.name)))
		out = append(append(out, i.name...), byte(len(i.id))) //nolint:gosec // 20 or 32
		out = append(out, i.id...)
	}
	return out
}

// decode reads what encode wrote; ok is false for what another program wrote that calls
// itself the same.
func decode(data []byte) (items []item, ok bool) {
	for len(data) > 0 {
		tag, tagSize := binary.Uvarint(data)
		if tagSize <= 0 {
			return nil, false
		}
		n, size := binary.Uvarint(data[tagSize:])
		if size <= 0 || n == 0 || n > uint64(len(data)) {
			return nil, false
		}
		data = data[tagSize+size:]
		length := int(n) //nolint:gosec // less than the length of a slice
		if len(data) <= length {
			return nil, false
		}
		idSize := int(data[length])
		name := string(data[:length])
		if data = data[length+1:]; len(data) < idSize {
			return nil, false
		}
		i := item{name: name, id: gitrepo.ID(data[:idSize]), dir: tag&dirTag != 0}
		if i.dir {
			i.state = state(tag >> 1) //nolint:gosec // written from this type
		} else {
			i.class = class(tag >> 1) //nolint:gosec // written from this type
		}
		items, data = append(items, i), data[idSize:]
	}
	return items, true
}
