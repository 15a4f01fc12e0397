package snapshot

import (
	"encoding/binary"
	"unsafe"

	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/gitrepo"
)

// encode writes a branch: the number of files, then of directories, and of each the
// length of its name, the name and the id. Nothing stands for an empty one.
func (b branch) encode() []byte {
	if b.empty() {
		return nil
	}
	out := binary.AppendUvarint(nil, uint64(len(b.files)))
	out = binary.AppendUvarint(out, uint64(len(b.dirs)))
	add := func(name string, id gitrepo.ID) {
		out = binary.AppendUvarint(out, uint64(len(name)))
		out = append(append(out, name...), id[:]...)
	}
	for _, f := range b.files {
		add(f.name, f.id)
	}
	for _, d := range b.dirs {
		add(d.name, d.id)
	}
	return out
}

// remembered returns what the cache knows of a tree.
func (h *hand) remembered(key cache.Key) (b branch, ok bool) {
	data, ok := h.store.Get(key)
	if !ok || len(data) == 0 {
		return b, ok
	}
	files, data, ok := number(data)
	if !ok {
		return b, false
	}
	dirs, data, ok := number(data)
	if !ok {
		return b, false
	}
	for i := range files + dirs {
		name, id, rest, ok := nextName(data)
		if !ok {
			return branch{}, false
		}
		if data = rest; i < files {
			b.files = append(b.files, leaf{name, id})
		} else {
			b.dirs = append(b.dirs, limb{name, id})
		}
	}
	return b, len(data) == 0
}

func number(data []byte) (n int, rest []byte, ok bool) {
	u, size := binary.Uvarint(data)
	if size <= 0 || u > uint64(len(data)) {
		return 0, nil, false
	}
	return int(u), data[size:], true //nolint:gosec // less than the length of a slice
}

func nextName(data []byte) (name string, id gitrepo.ID, rest []byte, ok bool) {
	n, data, ok := number(data)
	if !ok || n == 0 || len(data) < n+len(id) {
		return "", id, nil, false
	}
	// The cache never changes a value, so the name may be a part of it.
	return unsafe.String(unsafe.SliceData(data), n), gitrepo.ID(data[n : n+len(id)]), data[n+len(id):], true
}
