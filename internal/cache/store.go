package cache

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const keySize = 16

// A Key names content, and what was made of it.
type Key [keySize]byte

// KeyOf returns the key of a sequence of parts; different sequences have different
// keys.
func KeyOf(parts ...string) Key {
	const few = 512 // bytes, for which no memory is asked
	size := 0
	for _, part := range parts {
		size += 8 + len(part)
	}
	if size > few {
		return keyOfMany(parts)
	}
	all := make([]byte, 0, few)
	for _, part := range parts {
		all = append(binary.LittleEndian.AppendUint64(all, uint64(len(part))), part...)
	}
	sum := sha256.Sum256(all)
	return Key(sum[:keySize])
}

// keyOfMany is KeyOf for what is not put together first.
func keyOfMany(parts []string) Key {
	h := sha256.New()
	buf := make([]byte, 0, 4096)
	for _, part := range parts {
		if len(buf)+8+len(part) > cap(buf) {
			h.Write(buf)
			buf = buf[:0]
		}
		buf = append(binary.LittleEndian.AppendUint64(buf, uint64(len(part))), part...)
	}
	h.Write(buf)
	return Key(h.Sum(nil)[:keySize])
}

// MaxSize is the size in bytes beyond which a store is made anew.
const MaxSize = 32 << 20

// maxSegments is the number of runs that may append before a store is put together
// anew: what is not in the first place that is looked at costs a look at the others.
const maxSegments = 32

// A Store holds values by key. The nil Store holds nothing and takes nothing. Its
// methods may be called from several goroutines.
type Store struct {
	path     string
	max      int64
	size     int64      // of the file as it was read
	segments []*segment // the largest first
	whole    bool       // the file is what was read, so that it may be appended to
	damaged  atomic.Bool

	mu    sync.RWMutex
	added map[Key][]byte
}

// Open reads the store in the file at path, which need not exist. A last segment that
// is not complete is what another run is writing, or what one that was killed left.
func Open(path string) *Store {
	s := open(path)
	for range 3 {
		if s.whole || len(s.segments) == 0 {
			break
		}
		time.Sleep(2 * time.Millisecond)
		s = open(path)
	}
	return s
}

func open(path string) *Store {
	s := &Store{path: path, max: MaxSize, added: map[Key][]byte{}}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || info.Size() > 2*MaxSize {
		return s // what is no file may block whoever opens it, and no store is as large
	}
	data, err := os.ReadFile(path)
	if err != nil || !bytes.HasPrefix(data, []byte(magic)) {
		return s
	}
	s.size, s.whole = int64(len(data)), true
	for rest := data[len(magic):]; len(rest) > 0; {
		segment, after, ok := nextSegment(rest)
		if !ok {
			s.whole = false
			break
		}
		s.segments, rest = append(s.segments, segment), after
	}
	slices.SortStableFunc(s.segments, func(a, b *segment) int { return cmp.Compare(b.len(), a.len()) })
	return s
}

// IsEmpty reports whether the store holds nothing yet, so that no key need be made to ask
// it.
func (s *Store) IsEmpty() bool {
	if s == nil {
		return true
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.segments) == 0 && len(s.added) == 0
}

// Get returns the value of a key, which is not to be changed.
func (s *Store) Get(key Key) ([]byte, bool) {
	if s == nil {
		return nil, false
	}
	if value, ok := s.read(&key); ok {
		return value, true
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	value, ok := s.added[key]
	return value, ok
}

// read looks for a key in the file.
func (s *Store) read(key *Key) ([]byte, bool) {
	for _, segment := range s.segments {
		i, ok := segment.find(key)
		if !ok {
			continue
		}
		value, ok := segment.value(i)
		if !ok {
			s.damaged.Store(true)
			continue
		}
		if word, bit := &segment.used[i/64], uint64(1)<<(i%64); word.Load()&bit == 0 {
			word.Or(bit)
		}
		return value, true
	}
	return nil, false
}

// maxValue is the size in bytes of the largest value that is held, so that the
// numbers in the file have 32 bits.
const maxValue = 16 << 20

// Put sets the value of a key, which is always the same: where the file has one
// already, that stays. A value of more than maxValue is not held.
func (s *Store) Put(key Key, value []byte) {
	if s == nil || len(value) > maxValue {
		return
	}
	if _, ok := s.read(&key); ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.added[key] = value
}

// Save writes what is new. What cannot be written is found out again by the next
// run, so the error is for whoever wants to know why that is slow.
func (s *Store) Save() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	whole := s.whole && !s.damaged.Load() && s.size <= s.max
	if whole && len(s.added) == 0 {
		return nil
	}
	var fresh []pair
	for key, value := range s.added {
		fresh = append(fresh, pair{key, value})
	}
	if whole {
		records := appendSegment(nil, fresh)
		switch {
		case s.size+int64(len(records)) > s.max:
			return s.replace(fresh, false)
		case len(s.segments) >= maxSegments:
			return s.replace(fresh, true)
		}
		return s.extend(records)
	}
	return s.replace(fresh, false)
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

// replace writes a store with what is new and with what there was, all of it or what
// this run used.
func (s *Store) replace(pairs []pair, all bool) error {
	seen := maps.Clone(s.added)
	for _, segment := range s.segments {
		for i := range segment.len() {
			key := Key(segment.index[i*entrySize : i*entrySize+keySize])
			if _, ok := seen[key]; ok || !all && segment.used[i/64].Load()&(1<<(i%64)) == 0 {
				continue
			}
			if value, ok := segment.value(i); ok {
				seen[key] = value
				pairs = append(pairs, pair{key, value})
			}
		}
	}
	out := appendSegment([]byte(magic), pairs)
	return ReplaceFile(s.path, out)
}

// ReplaceFile writes a file that only its owner may read, in one step: who reads it meanwhile sees
// the old content or the new one. A directory that is not there is made.
func ReplaceFile(path string, content []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(dir, filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		if removed := os.Remove(file.Name()); removed != nil && !errors.Is(removed, fs.ErrNotExist) {
			err = errors.Join(err, removed)
		}
	}
	return err
}
