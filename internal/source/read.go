package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// The errors of [ReadUpTo] beside those of the file system.
var (
	// ErrTooLarge says that a file has more bytes than were asked for.
	ErrTooLarge = errors.New("the file is too large")
	// ErrNotRegular says that a path is that of a directory, a device or a pipe.
	ErrNotRegular = errors.New("it is no regular file")
	// ErrUnreadable says that a file is there, and its content cannot be had.
	ErrUnreadable = errors.New("it cannot be read")
)

// MaxFileSize is the size in bytes above which no file is read, whatever it is.
const MaxFileSize = 16 << 20

// ReadUpTo reads a regular file of at most most bytes, and never more of a larger one.
// A file system that implements ReadFileUpTo does it itself.
func ReadUpTo(fsys fs.FS, path string, most int64) ([]byte, error) {
	if fsys, ok := fsys.(interface {
		ReadFileUpTo(name string, most int64) ([]byte, error)
	}); ok {
		return fsys.ReadFileUpTo(path, most)
	}
	fail := func(err error) ([]byte, error) { return nil, &fs.PathError{Op: "read", Path: path, Err: err} }
	tooLarge := fmt.Errorf("%w: it has more than %d bytes", ErrTooLarge, most)
	// To open a pipe would wait for who writes into it.
	info, err := fs.Stat(fsys, path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return fail(ErrNotRegular)
	case info.Size() > most:
		return fail(tooLarge)
	}
	file, err := fsys.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(data)) > most {
		return fail(tooLarge) // it has grown
	}
	if err != nil {
		return nil, err
	}
	return data, nil
}

// ReadEachUpTo is [ReadUpTo] for each of several files. It calls got one after the other, in
// any order. A file system that implements ReadFilesUpTo does it itself.
func ReadEachUpTo(fsys fs.FS, paths []string, most int64, got func(i int, data []byte, err error)) {
	if fsys, ok := fsys.(interface {
		ReadFilesUpTo(names []string, most int64, got func(i int, data []byte, err error))
	}); ok {
		fsys.ReadFilesUpTo(paths, most, got)
		return
	}
	for i, p := range paths {
		data, err := ReadUpTo(fsys, p, most)
		got(i, data, err)
	}
}
