package gitrepo

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1" //nolint:gosec // git's own
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
)

// manyObjects is the number of objects from which on they are written as a pack: to
// make a file for each takes longer than all else about a commit. It is git's own for
// objects that come in a pack (git-config, "transfer.unpackLimit").
const manyObjects = 100

// maxPack bounds what is put together in memory, and keeps offsets to 31 bits.
const maxPack = 512 << 20

// A packed object is one of a pack that is being made.
type packedObject struct {
	id     ID
	offset uint32
	sum    uint32 // of what stands in the pack
}

// writePack makes a pack of objects, with its index (git, "gitformat-pack"). They are
// there as soon as the index is, which comes last. hardens says of which of the files
// to wait for the disk.
func (o *objects) writePack(objs []plumbing.EncodedObject, hardens func(component string) bool) error {
	pack, packed, err := makePack(objs)
	if err != nil {
		return err
	}
	checksum := pack[len(pack)-trailer:]
	dir := filepath.Join(o.dirs[0], "pack")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	base := filepath.Join(dir, fmt.Sprintf("pack-%x", checksum))
	if err := writeFile(base+".pack", "tmp_pack_", pack, hardens("pack")); err != nil {
		return err
	}
	if err := writeFile(base+".idx", "tmp_idx_", makeIndex(packed, checksum), hardens("pack-metadata")); err != nil {
		return err
	}
	// Its directory may look as it did when it was listed a moment ago.
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.down {
		o.relist(o.stamps())
	}
	return nil
}

func makePack(objs []plumbing.EncodedObject) ([]byte, []packedObject, error) {
	var pack bytes.Buffer
	pack.WriteString("PACK")
	pack.Write(binary.BigEndian.AppendUint32([]byte{0, 0, 0, 2}, uint32(len(objs)))) //nolint:gosec // they are in memory
	w := zlib.NewWriter(&pack)
	var packed []packedObject
	for _, obj := range objs {
		start := pack.Len()
		// The type stands beside the lowest four bits of the size, the others follow.
		size := uint64(obj.Size())                   //nolint:gosec // a size
		head := byte(obj.Type())<<4 | byte(size&0xf) //nolint:gosec // three bits
		for size >>= 4; size > 0; size >>= 7 {
			pack.WriteByte(head | 0x80)
			head = byte(size & 0x7f)
		}
		pack.WriteByte(head)
		w.Reset(&pack)
		content, err := obj.Reader()
		if err != nil {
			return nil, nil, err
		}
		_, err = io.Copy(w, content)
		if err = errors.Join(err, w.Close(), content.Close()); err != nil {
			return nil, nil, err
		}
		packed = append(packed, packedObject{ID(obj.Hash()), uint32(start), crc32.ChecksumIEEE(pack.Bytes()[start:])}) //nolint:gosec // below maxPack
	}
	sum := sha1.Sum(pack.Bytes()) //nolint:gosec // git's own
	pack.Write(sum[:])
	return pack.Bytes(), packed, nil
}

// makeIndex makes the index of a pack, in the format 2.
func makeIndex(packed []packedObject, checksum []byte) []byte {
	slices.SortFunc(packed, func(a, b packedObject) int { return bytes.Compare(a.id[:], b.id[:]) })
	out := []byte("\xfftOc\x00\x00\x00\x02")
	n := 0
	for first := range 256 {
		for n < len(packed) && int(packed[n].id[0]) == first {
			n++
		}
		out = binary.BigEndian.AppendUint32(out, uint32(n))
	}
	for _, p := range packed {
		out = append(out, p.id[:]...)
	}
	for _, p := range packed {
		out = binary.BigEndian.AppendUint32(out, p.sum)
	}
	for _, p := range packed {
		out = binary.BigEndian.AppendUint32(out, p.offset)
	}
	out = append(out, checksum...)
	sum := sha1.Sum(out) //nolint:gosec // git's own
	return append(out, sum[:]...)
}

// writeFile writes a file under another name first, which git removes in time if it
// stays.
func writeFile(path, prefix string, data []byte, sync bool) error {
	temp := filepath.Join(filepath.Dir(path), fmt.Sprintf("%s%d_%x", prefix, os.Getpid(), rand.Uint64())) //nolint:gosec // only a name
	file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o444)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err == nil && sync {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
	}
	return err
}
