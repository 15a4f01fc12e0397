package gitrepo

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math"
	"path"
	"time"
)

// A dirEntry is an entry of a tree as fs.DirEntry.
type dirEntry struct {
	fsys  *treeFS
	dir   string // that it is in
	entry TreeEntry
}

func (e *dirEntry) Name() string      { return e.entry.Name }
func (e *dirEntry) IsDir() bool       { return e.entry.Mode.IsDir() }
func (e *dirEntry) Type() fs.FileMode { return e.entry.Mode.Type() }

func (e *dirEntry) path() string { return path.Join(e.dir, e.entry.Name) }

// Info reads the size of the file, and so fails if it is missing and cannot be fetched.
func (e *dirEntry) Info() (fs.FileInfo, error) {
	var size int64
	if e.Type() == 0 || e.Type() == fs.ModeSymlink {
		rd := e.fsys.repo.NewReader()
		defer func() { _ = rd.Close() }()
		var err error
		err = e.here(func() error { size, err = rd.size(e.entry.ID); return err })
		if err != nil {
			return nil, &fs.PathError{Op: "stat", Path: e.path(), Err: err}
		}
	}
	return fileInfo{name: e.Name(), size: size, mode: e.entry.Mode, when: e.fsys.when, id: e.entry.ID}, nil
}

// content reads what an entry holds, up to most bytes.
func (e *dirEntry) content(most int64) ([]byte, error) {
	switch e.Type() {
	case fs.ModeDir:
		return nil, &fs.PathError{Op: "read", Path: e.path(), Err: errIsDir}
	case fs.ModeSymlink:
		return nil, &fs.PathError{Op: "read", Path: e.path(), Err: errSymlink}
	case fs.ModeIrregular:
		return []byte{}, nil
	}
	return e.blob("read", most)
}

// blob reads the object of an entry, up to most bytes.
func (e *dirEntry) blob(op string, most int64) ([]byte, error) {
	rd := e.fsys.repo.NewReader()
	defer func() { _ = rd.Close() }()
	var data []byte
	err := e.here(func() (err error) { data, err = rd.BlobUpTo(e.entry.ID, most); return err })
	if err != nil {
		return nil, &fs.PathError{Op: op, Path: e.path(), Err: err}
	}
	return data, nil
}

// here reads the object of an entry, and fetches it if a partial clone has left it at
// its remote. Who wants many files asks [Repo.Prefetch] for them first.
func (e *dirEntry) here(read func() error) error {
	err := read()
	if !errors.Is(err, ErrMissingObject) || e.fsys.repo.promisor() == "" {
		return err
	}
	if err := e.fsys.repo.fetchOne(e.entry.ID); err != nil {
		return err
	}
	return read()
}

type fileInfo struct {
	name string
	size int64
	mode fs.FileMode
	when time.Time
	id   ID
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return i.size }
func (i fileInfo) Mode() fs.FileMode  { return i.mode }
func (i fileInfo) ModTime() time.Time { return i.when }
func (i fileInfo) IsDir() bool        { return i.mode.IsDir() }
func (i fileInfo) Sys() any           { return i.id }

// An openFile is a file of a tree that is being read.
type openFile struct {
	entry  *dirEntry
	reader *bytes.Reader
	closed bool
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.entry.Info() }

func (f *openFile) Read(p []byte) (int, error) {
	if f.closed {
		return 0, &fs.PathError{Op: "read", Path: f.entry.path(), Err: fs.ErrClosed}
	}
	if f.reader == nil {
		data, err := f.entry.content(math.MaxInt64)
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
	rest  []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.entry.Info() }
func (d *openDir) Close() error               { return nil }

func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.entry.path(), Err: errIsDir}
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
