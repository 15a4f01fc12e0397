package gittest

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A Saved is what a bare repository held at one time, in memory. It is for small ones.
type Saved struct {
	dir   string
	files map[string][]byte // by path; objects are not among them
	kept  map[string]bool   // the objects, which never change, by path
}

// Save returns what the bare repository in dir holds.
func Save(t testing.TB, dir string) *Saved {
	t.Helper()
	s := &Saved{dir: dir, files: map[string][]byte{}, kept: map[string]bool{}}
	err := s.walk(func(path string) error {
		if strings.HasPrefix(path, "objects"+string(filepath.Separator)) {
			s.kept[path] = true
			return nil
		}
		data, err := os.ReadFile(filepath.Join(dir, path))
		s.files[path] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Restore makes the repository hold again what it held when this was saved. Objects that were there
// then have to be there still.
func (s *Saved) Restore(t testing.TB) {
	t.Helper()
	err := s.walk(func(path string) error {
		if _, known := s.files[path]; known || s.kept[path] {
			return nil
		}
		return os.Remove(filepath.Join(s.dir, path))
	})
	for path, data := range s.files {
		name := filepath.Join(s.dir, path)
		if now, readErr := os.ReadFile(name); readErr == nil && bytes.Equal(now, data) {
			continue
		}
		err = errors.Join(err, os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, data, 0o644))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// walk calls f with the path of every file, from dir.
func (s *Saved) walk(f func(path string) error) error {
	return filepath.WalkDir(s.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(s.dir, path)
		if err != nil {
			return err
		}
		return f(name)
	})
}
