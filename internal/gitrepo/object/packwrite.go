package object

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// Write adds the objects that the repository does not have yet, in the order given. hardens
// says which components wait for the disk, by git's names for them.
func (s *Store) Write(objs []Object, hardens func(component string) bool) error {
	ids := make([]ID, len(objs))
	for i, obj := range objs {
		ids[i] = obj.ID
	}
	absentIDs, err := s.Absent(ids)
	if err != nil {
		return err
	}
	wanted := map[ID]bool{}
	for _, id := range absentIDs {
		wanted[id] = true
	}
	var absent []Object
	size := 0
	for _, obj := range objs {
		if wanted[obj.ID] {
			delete(wanted, obj.ID)
			absent, size = append(absent, obj), size+len(obj.Data)
		}
	}
	if len(absent) >= manyObjects && size < maxPack {
		if err := s.writePack(absent, hardens); err != nil {
			return fmt.Errorf("writing a pack of %d objects into %s: %w", len(absent), s.dir(), err)
		}
		return nil
	}
	w, ok := s.writers.Get().(*looseWriter)
	if !ok {
		w = newLooseWriter(s.dir())
	}
	defer s.writers.Put(w)
	sync := hardens("loose-object")
	for _, obj := range absent {
		if err := w.write(obj, sync); err != nil {
			return fmt.Errorf("writing %s %s into %s: %w", obj.Kind, obj.ID, s.dir(), err)
		}
	}
	return nil
}

// writePack makes a pack of objects, with its index (git, "gitformat-pack"). They are
// there as soon as the index is, which comes last.
func (s *Store) writePack(objs []Object, hardens func(component string) bool) error {
	pack, packed, err := s.Format.makePack(objs)
	if err != nil {
		return err
	}
	checksum := pack[len(pack)-s.Format.Size:]
	dir := filepath.Join(s.dir(), "pack")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	base := filepath.Join(dir, fmt.Sprintf("pack-%x", checksum))
	if err := writeFile(base+".pack", "tmp_pack_", pack, hardens("pack")); err != nil {
		return err
	}
	return writeFile(base+".idx", "tmp_idx_", s.Format.makeIndex(packed, checksum), hardens("pack-metadata"))
}

// packNumber are the numbers of kinds in packs.
var packNumber = map[Kind]byte{Commit: 1, Tree: 2, Blob: 3, Tag: 4}

func (f Format) makePack(objs []Object) ([]byte, []packedObject, error) {
	var pack bytes.Buffer
	pack.WriteString("PACK")
	pack.Write(binary.BigEndian.AppendUint32([]byte{0, 0, 0, 2}, uint32(len(objs)))) //nolint:gosec // they are in memory
	w := zlib.NewWriter(&pack)
	var packed []packedObject
	for _, obj := range objs {
		start := pack.Len()
		// The type stands beside the lowest four bits of the size, the others follow.
		size := uint64(len(obj.Data))
		head := packNumber[obj.Kind]<<4 | byte(size&0xf)
		for size >>= 4; size > 0; size >>= 7 {
			pack.WriteByte(head | 0x80)
			head = byte(size & 0x7f)
		}
		pack.WriteByte(head)
		w.Reset(&pack)
		_, err := w.Write(obj.Data)
		if err = errors.Join(err, w.Close()); err != nil {
			return nil, nil, err
		}
		packed = append(packed, packedObject{obj.ID, uint32(start), crc32.ChecksumIEEE(pack.Bytes()[start:])}) //nolint:gosec // below maxPack
	}
	h := f.new()
	h.Write(pack.Bytes())
	pack.Write(h.Sum(nil))
	return pack.Bytes(), packed, nil
}

// makeIndex makes the index of a pack, in the format 2.
func (f Format) makeIndex(packed []packedObject, checksum []byte) []byte {
	slices.SortFunc(packed, func(a, b packedObject) int { return strings.Compare(string(a.id), string(b.id)) })
	out := []byte("\xfftOc\x00\x00\x00\x02")
	n := 0
	for first := range 256 {
		for n < len(packed) && int(packed[n].id[0]) == first {
			n++
		}
		out = binary.BigEndian.AppendUint32(out, uint32(n))
	}
	for _, p := range packed {
		out = append(out, p.id...)
	}
	for _, p := range packed {
		out = binary.BigEndian.AppendUint32(out, p.sum)
	}
	for _, p := range packed {
		out = binary.BigEndian.AppendUint32(out, p.offset)
	}
	out = append(out, checksum...)
	h := f.new()
	h.Write(out)
	return h.Sum(out)
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
