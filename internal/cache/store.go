package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// A Key names content, and what was made of it.
type Key [16]byte

// KeyOf returns the key of a sequence of parts; different sequences have different
// keys.
func KeyOf(parts ...string) Key {
	h := sha256.New()
	var length [8]byte
	for _, part := range parts {
		binary.LittleEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:])
		h.Write([]byte(part))
	}
	return Key(h.Sum(nil)[:16])
}

// The form of the file: the magic, then records. A record is its length, its
// checksum, the key and the value; both numbers are 32 bits, little-endian, and are
// of key and value together.
const (
	magic      = "propagate cache 1\n"
	headerSize = 8
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// MaxSize is the size in bytes beyond which a store is made anew.
const MaxSize = 64 << 20

// A Store holds values by key. The nil Store holds nothing and takes nothing. Its
// methods may be called from several goroutines.
type Store struct {
	path string
	max  int64

	mu    sync.Mutex
	data  []byte
	known map[Key][]byte
	used  map[Key]bool
	added []Key
	whole bool // the file is what was read, so that it may be appended to
}

// Open reads the store in the file at path, which need not exist.
func Open(path string) *Store {
	s := &Store{path: path, max: MaxSize, known: map[Key][]byte{}, used: map[Key]bool{}}
	data, err := os.ReadFile(path)
	if err != nil || !bytes.HasPrefix(data, []byte(magic)) {
		return s
	}
	s.known = make(map[Key][]byte, len(data)/400)
	s.data, s.whole = data, true
	for rest := data[len(magic):]; len(rest) > 0; {
		if len(rest) < headerSize {
			s.whole = false
			break
		}
		n := int(binary.LittleEndian.Uint32(rest))
		if n < len(Key{}) || n > len(rest)-headerSize {
			s.whole = false
			break
		}
		record := rest[headerSize : headerSize+n]
		if crc32.Checksum(record, castagnoli) != binary.LittleEndian.Uint32(rest[4:]) {
			s.whole = false
			break
		}
		s.known[Key(record[:len(Key{})])] = record[len(Key{}):]
		rest = rest[headerSize+n:]
	}
	return s
}

// Get returns the value of a key, which is not to be changed.
func (s *Store) Get(key Key) ([]byte, bool) {
	if s == nil {
		return nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	value, ok := s.known[key]
	if ok {
		s.used[key] = true
	}
	return value, ok
}

// Put sets the value of a key.
func (s *Store) Put(key Key, value []byte) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.known[key]; !ok {
		s.added = append(s.added, key)
	}
	s.known[key], s.used[key] = value, true
}

// Save writes what is new. What cannot be written is found out again by the next
// run, so the error is for whoever wants to know why that is slow.
func (s *Store) Save() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.added) == 0 && s.whole && int64(len(s.data)) <= s.max {
		return nil
	}
	var fresh []byte
	for _, key := range s.added {
		fresh = appendRecord(fresh, key, s.known[key])
	}
	if s.whole && int64(len(s.data)+len(fresh)) <= s.max {
		return s.extend(fresh)
	}
	return s.replace()
}

func appendRecord(to []byte, key Key, value []byte) []byte {
	at := len(to)
	to = append(to, make([]byte, headerSize)...)
	to = append(append(to, key[:]...), value...)
	record := to[at+headerSize:]
	binary.LittleEndian.PutUint32(to[at:], uint32(len(record))) //nolint:gosec // a value is a few megabytes at most
	binary.LittleEndian.PutUint32(to[at+4:], crc32.Checksum(record, castagnoli))
	return to
}

// extend appends records in one write, so that those of other runs stay whole.
func (s *Store) extend(records []byte) error {
	file, err := os.OpenFile(s.path, os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(records)
	return errors.Join(err, file.Close())
}

// replace writes a store with what this run used.
func (s *Store) replace() error {
	out := []byte(magic)
	for key := range s.used {
		out = appendRecord(out, key, s.known[key])
	}
	dir := filepath.Dir(s.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(dir, filepath.Base(s.path)+".*")
	if err != nil {
		return err
	}
	_, err = file.Write(out)
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), s.path)
	}
	if err != nil {
		if removed := os.Remove(file.Name()); removed != nil && !errors.Is(removed, fs.ErrNotExist) {
			err = errors.Join(err, removed)
		}
	}
	return err
}
