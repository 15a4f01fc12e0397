package cache

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"sort"
	"sync/atomic"
)

// The form of the file: the magic, then segments, one for each run that wrote. A
// segment is
//
//	head     the number of entries and of bytes of the values, and the checksum of
//	         these two and the index
//	index    for each entry, sorted by key: the key, and the offset of its value
//	values   for each: its length, the checksum of key and value, the value
//
// All numbers have 32 bits, little-endian. The checksum of a value is compared when
// it is asked for.
const (
	magic     = "propagate cache 2\n"
	headSize  = 4 + 4 + 4
	entrySize = keySize + 4
	valueHead = 4 + 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A segment is what one run wrote, where it lies in the file.
type segment struct {
	index, values []byte
	used          []atomic.Uint64 // a bit for each entry
}

// nextSegment takes a segment off the rest of a file. ok is false where there is
// none that is whole.
func nextSegment(rest []byte) (s *segment, after []byte, ok bool) {
	if len(rest) < headSize {
		return nil, nil, false
	}
	count, size := int64(binary.LittleEndian.Uint32(rest)), int64(binary.LittleEndian.Uint32(rest[4:]))
	if headSize+count*entrySize+size > int64(len(rest)) {
		return nil, nil, false
	}
	index := rest[headSize : headSize+count*entrySize]
	if headSum(rest[:8], index) != binary.LittleEndian.Uint32(rest[8:]) {
		return nil, nil, false
	}
	rest = rest[headSize+len(index):]
	return &segment{index: index, values: rest[:size:size], used: make([]atomic.Uint64, (count+63)/64)}, rest[size:], true
}

func headSum(numbers, index []byte) uint32 {
	return crc32.Update(crc32.Checksum(numbers, castagnoli), castagnoli, index)
}

func (s *segment) len() int { return len(s.index) / entrySize }

// find returns the place of a key.
func (s *segment) find(key *Key) (int, bool) {
	return sort.Find(s.len(), func(i int) int {
		return bytes.Compare(key[:], s.index[i*entrySize:i*entrySize+keySize])
	})
}

// value returns the value of the i-th entry; ok is false for one that is damaged.
func (s *segment) value(i int) (value []byte, ok bool) {
	entry := s.index[i*entrySize : (i+1)*entrySize]
	at := int64(binary.LittleEndian.Uint32(entry[keySize:]))
	if at+valueHead > int64(len(s.values)) {
		return nil, false
	}
	head := s.values[at : at+valueHead]
	n := int64(binary.LittleEndian.Uint32(head))
	if n > int64(len(s.values))-at-valueHead {
		return nil, false
	}
	value = s.values[at+valueHead : at+valueHead+n : at+valueHead+n]
	return value, valueSum(entry[:keySize], value) == binary.LittleEndian.Uint32(head[4:])
}

func valueSum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
}

// A pair is a key with its value.
type pair struct {
	key   Key
	value []byte
}

// appendSegment writes a segment of pairs, which it sorts.
func appendSegment(to []byte, pairs []pair) []byte {
	slices.SortFunc(pairs, func(a, b pair) int { return bytes.Compare(a.key[:], b.key[:]) })
	size := 0
	for _, p := range pairs {
		size += valueHead + len(p.value)
	}
	to = slices.Grow(to, headSize+len(pairs)*entrySize+size)
	at := len(to)
	to = binary.LittleEndian.AppendUint32(to, uint32(len(pairs))) //nolint:gosec // each takes part of a file that is bounded
	to = binary.LittleEndian.AppendUint32(to, uint32(size))
	to = append(to, 0, 0, 0, 0)
	offset := uint32(0)
	for _, p := range pairs {
		to = append(to, p.key[:]...)
		to = binary.LittleEndian.AppendUint32(to, offset)
		offset += uint32(valueHead + len(p.value)) //nolint:gosec // likewise
	}
	binary.LittleEndian.PutUint32(to[at+8:], headSum(to[at:at+8], to[at+headSize:]))
	for _, p := range pairs {
		to = binary.LittleEndian.AppendUint32(to, uint32(len(p.value))) //nolint:gosec // likewise
		to = binary.LittleEndian.AppendUint32(to, valueSum(p.key[:], p.value))
		to = append(to, p.value...)
	}
	return to
}
