package gitrepo

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"path"
	"time"

	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// A dirEntry is an entry of a tree as fs.DirEntry.
type dirEntry struct {
	fsys  *treeFS
	path  string
	entry object.TreeEntry
}

func (t *treeFS) dirEntry(name string, entry object.TreeEntry) *dirEntry {
	return &dirEntry{fsys: t, path: name, entry: entry}
}

func (e *dirEntry) Name() string      { return path.Base(e.path) }
func (e *dirEntry) IsDir() bool       { return e.mode().IsDir() }
func (e *dirEntry) Type() fs.FileMode { return e.mode().Type() }

func (e *dirEntry) mode() fs.FileMode {
	switch e.entry.Mode {
	case filemode.Dir:
		return fs.ModeDir | 0o755
	case filemode.Symlink:
		return fs.ModeSymlink | 0o777
	case filemode.Submodule:
		return fs.ModeIrregular
	case filemode.Executable:
		return 0o755
	}
	return 0o644
}

// Info reads the size of the file, and so fails if it is missing.
func (e *dirEntry) Info() (fs.FileInfo, error) {
	var size int64
	if e.entry.Mode.IsFile() {
		var err error
		if size, err = e.fsys.repo.objects.size(e.entry.Hash); err != nil {
			return nil, &fs.PathError{Op: "stat", Path: e.path,
				Err: e.fsys.repo.missing(fmt.Errorf("reading blob %s: %w", e.entry.Hash, err))}
		}
	}
	return fileInfo{name: e.Name(), size: size, mode: e.mode(), when: e.fsys.when}, nil
}

type fileInfo struct {
	name string
	size int64
	mode fs.FileMode
	when time.Time
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return i.size }
func (i fileInfo) Mode() fs.FileMode  { return i.mode }
func (i fileInfo) ModTime() time.Time { return i.when }
func (i fileInfo) IsDir() bool        { return i.mode.IsDir() }
func (i fileInfo) Sys() any           { return nil }

// An openFile is a file of a tree that is being read.
type openFile struct {
	fsys   *treeFS
	entry  *dirEntry
	path   string
	reader *bytes.Reader
	closed bool
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.entry.Info() }

func (f *openFile) Read(p []byte) (int, error) {
	if f.closed {
		return 0, &fs.PathError{Op: "read", Path: f.path, Err: fs.ErrClosed}
	}
	if f.reader == nil {
		data, err := f.fsys.content(f.path, f.entry.entry)
		if err != nil {
			return 0, err
		}
		f.reader = bytes.NewReader(data)
	}
	return f.reader.Read(p)
}

func (f *openFile) Close() error {
	f.closed = true
	f.reader = nil
	return nil
}

// An openDir is a directory of a tree that is being read.
type openDir struct {
	entry *dirEntry
	path  string
	rest  []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.entry.Info() }
func (d *openDir) Close() error               { return nil }

func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.path, Err: errIsDir}
}

func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 || n > len(d.rest) {
		if n > 0 && len(d.rest) == 0 {
			return nil, io.EOF
		}
		n = len(d.rest)
	}
	list := d.rest[:n:n]
	d.rest = d.rest[n:]
	return list, nil
}
