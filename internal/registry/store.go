package registry

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxStoreSize is what a store may come to in bytes. When it has more, a quarter of that goes.
const maxStoreSize = 64 << 20

// A store keeps answers of registries between runs, each in a file of its own whose first line is
// the sum of the rest. The nil store keeps nothing. Several runs may use it at once, since files
// are replaced as a whole. What is damaged is not there.
type store struct {
	dir string
	max int64 // bytes

	mu   sync.Mutex
	size int64 // of all files; -1 if it has not been counted yet
}

func openStore(cacheDir string) *store {
	if cacheDir == "" {
		return nil
	}
	return &store{dir: filepath.Join(cacheDir, "registry"), max: maxStoreSize, size: -1}
}

func (s *store) path(key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(s.dir, hex.EncodeToString(sum[:]))
}

// get reads what is kept under a key, and reports whether there is anything.
func (s *store) get(key string, value any) bool {
	if s == nil {
		return false
	}
	path := s.path(key)
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > s.max {
		return false
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	sum, rest, ok := strings.Cut(string(text), "\n")
	if !ok || sum != sumOf(key, rest) || json.Unmarshal([]byte(rest), value) != nil {
		return false
	}
	if now := time.Now(); now.Sub(info.ModTime()) > 24*time.Hour {
		_ = os.Chtimes(path, now, now) // the oldest are those that were not used for longest
	}
	return true
}

// put keeps a value. That it cannot be kept costs the next run a question.
func (s *store) put(key string, value any) {
	if s == nil {
		return
	}
	text, err := json.Marshal(value)
	if err != nil {
		return
	}
	text = append([]byte(sumOf(key, string(text))+"\n"), text...)
	s.mu.Lock()
	defer s.mu.Unlock()
	if os.MkdirAll(s.dir, 0o700) != nil {
		return
	}
	file, err := os.CreateTemp(s.dir, "new-")
	if err != nil {
		return
	}
	_, err = file.Write(text)
	if err := cmp.Or(err, file.Close()); err != nil || os.Rename(file.Name(), s.path(key)) != nil {
		_ = os.Remove(file.Name())
		return
	}
	if s.size >= 0 {
		s.size += int64(len(text))
	}
	if s.size < 0 || s.size > s.max {
		s.cut()
	}
}

func sumOf(key, text string) string {
	sum := sha256.Sum256([]byte(key + "\n" + text))
	return hex.EncodeToString(sum[:])
}

// cut counts the files, and removes those that were not used for longest if they are too much.
func (s *store) cut() {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return
	}
	type kept struct {
		path string
		size int64
		used time.Time
	}
	var all []kept
	s.size = 0
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			all = append(all, kept{filepath.Join(s.dir, entry.Name()), info.Size(), info.ModTime()})
			s.size += info.Size()
		}
	}
	if s.size <= s.max {
		return
	}
	slices.SortFunc(all, func(a, b kept) int { return cmp.Or(a.used.Compare(b.used), cmp.Compare(a.path, b.path)) })
	for _, file := range all {
		if s.size <= s.max/4*3 {
			break
		}
		if os.Remove(file.path) == nil {
			s.size -= file.size
		}
	}
}
