package snapshot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"unicode/utf8"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/source"
)

// Files are the files of a Source, as an [fs.FS]. Those that [Read] has listed are read
// by what identifies their content, without going through the directories to them.
type Files struct {
	fs.FS
	contents contents
	entries  []entry // by path
}

// All returns the files of a source, before any are listed.
func All(source Source) *Files { return &Files{FS: source.FS(), contents: source} }

// ReadFileUpTo implements what [source.ReadUpTo] asks for. The error for a file that is
// there, and whose content cannot be had, wraps source.ErrUnreadable.
func (f *Files) ReadFileUpTo(p string, most int64) (data []byte, err error) {
	i, listed := search(f.entries, p)
	if listed {
		data, err = f.contents.read(f.entries[i], most)
	} else {
		data, err = source.ReadUpTo(f.FS, p, most)
	}
	_, committed := f.contents.(*commit) // of a directory, a path may also lead out of it
	switch {
	case err == nil, errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrInvalid), errors.Is(err, source.ErrTooLarge), errors.Is(err, source.ErrNotRegular):
	case listed, committed, errors.Is(err, fs.ErrPermission):
		err = &unreadableError{err}
	}
	return data, err
}

// ReadFilesUpTo implements what [source.ReadEachUpTo] asks for: git is asked for all of the
// files at once.
func (f *Files) ReadFilesUpTo(paths []string, most int64, got func(i int, data []byte, err error)) {
	var listed []entry
	var at []int
	for i, p := range paths {
		if e, ok := search(f.entries, p); ok {
			listed, at = append(listed, f.entries[e]), append(at, i)
		} else {
			data, err := f.ReadFileUpTo(p, most)
			got(i, data, err)
		}
	}
	var again []int // once nothing else is asked for: git would be started once more
	f.contents.readAll(listed, most, func(i int, data []byte, err error) {
		if err != nil && !errors.Is(err, source.ErrTooLarge) {
			again = append(again, i)
			return
		}
		got(at[i], data, err)
	})
	for _, i := range again {
		data, err := f.ReadFileUpTo(listed[i].path, most) // which tries more, and says why it cannot be had
		got(at[i], data, err)
	}
}

// Stat implements fs.StatFS, so that nothing is opened for it.
func (f *Files) Stat(p string) (fs.FileInfo, error) { return fs.Stat(f.FS, p) }

// ReadDir implements fs.ReadDirFS.
func (f *Files) ReadDir(p string) ([]fs.DirEntry, error) { return fs.ReadDir(f.FS, p) }

// Lstat implements fs.ReadLinkFS.
func (f *Files) Lstat(p string) (fs.FileInfo, error) { return fs.Lstat(f.FS, p) }

// ReadLink implements fs.ReadLinkFS.
func (f *Files) ReadLink(p string) (string, error) { return fs.ReadLink(f.FS, p) }

// Read returns the content of a file. The error is a *source.Error that names it and
// says why it cannot be read.
func (f *Files) Read(p string) ([]byte, error) {
	data, err := source.ReadUpTo(f, p, source.MaxFileSize)
	if err != nil {
		return nil, unreadable(p, err)
	}
	return data, nil
}

// Prefetch gets those of the files that a partial clone has left at its remote, in one
// request. What is not there is left out, and what it cannot get is an error of [Files.Read];
// its own is that of ctx.
func (f *Files) Prefetch(ctx context.Context, paths []string) error {
	c, ok := f.contents.(*commit)
	if !ok || !c.repo.Partial() {
		return nil
	}
	var entries []entry
	for _, p := range paths {
		if i, ok := search(f.entries, p); ok {
			entries = append(entries, f.entries[i])
		} else if mode, identity, err := c.lookUp(p); err == nil && mode.IsRegular() {
			entries = append(entries, entry{path: p, identity: identity})
		}
	}
	if err := f.contents.prefetch(ctx, entries); err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return nil
}

// Blobs returns the files of a commit that were read for a snapshot, by path: Dockerfiles,
// build files and what they look at. There are none of a directory.
func (f *Files) Blobs(s *Snapshot) []gitrepo.Blob {
	if _, ok := f.contents.(*commit); !ok {
		return nil
	}
	paths := slices.Concat(s.Dockerfiles, s.Others, s.Builds.Looked)
	blobs := make([]gitrepo.Blob, 0, len(paths))
	for _, p := range paths {
		if i, ok := search(f.entries, p); ok {
			blobs = append(blobs, gitrepo.Blob{Path: f.entries[i].origin(), ID: idOf(f.entries[i].identity)})
		} else if info, err := fs.Stat(f.FS, p); err == nil && info.Mode()&(fs.ModeDir|fs.ModeIrregular) == 0 {
			if id, ok := info.Sys().(gitrepo.ID); ok {
				blobs = append(blobs, gitrepo.Blob{Path: p, ID: id})
			}
		}
	}
	slices.SortFunc(blobs, func(a, b gitrepo.Blob) int { return cmp.Compare(a.Path, b.Path) })
	return slices.CompactFunc(blobs, func(a, b gitrepo.Blob) bool { return a.Path == b.Path })
}

// An unreadableError is an error for a file whose content cannot be had.
type unreadableError struct{ err error }

func (e *unreadableError) Error() string   { return e.err.Error() }
func (e *unreadableError) Unwrap() []error { return []error{source.ErrUnreadable, e.err} }

// unreadable returns the error for a file that cannot be read, with what to do.
func unreadable(p string, err error) *source.Error {
	cause := err
	var at *fs.PathError
	for errors.As(cause, &at) {
		cause = at.Err
	}
	hint := source.Hint(err)
	switch {
	case hint != "":
	case errors.Is(err, fs.ErrInvalid) && !utf8.ValidString(p): // as the file system has it, and package fs has not
		cause = errors.New("its path is not valid UTF-8")
		hint = "rename it, or commit it: of a repository it is read"
	case errors.Is(err, fs.ErrPermission):
		hint = "check the permissions of the file and of its directories"
	case errors.Is(err, fs.ErrNotExist):
		hint = "it was removed meanwhile: run it again"
	}
	return &source.Error{Pos: source.Pos{Path: p}, Err: fmt.Errorf("cannot be read: %w", cause), Hint: hint, Code: source.CodeUnreadable}
}

// search returns the place of a path among entries, which are sorted.
func search(entries []entry, p string) (int, bool) {
	return slices.BinarySearchFunc(entries, p, func(e entry, p string) int { return cmp.Compare(e.path, p) })
}
