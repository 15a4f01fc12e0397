package snapshot

import (
	"cmp"
	"io/fs"
	"math"
	"slices"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/gitrepo"
)

// listed is a Source's files. Those that were listed are read by what names their
// content, which spares the way through the directories to each of them.
type listed struct {
	fs.FS
	contents
	entries []entry // by path
}

// ReadFile implements fs.ReadFileFS.
func (l listed) ReadFile(p string) ([]byte, error) { return l.ReadFileUpTo(p, math.MaxInt64) }

// ReadFileUpTo reads a file of at most most bytes; a larger one is an error.
func (l listed) ReadFileUpTo(p string, most int64) ([]byte, error) {
	if i, ok := search(l.entries, p); ok {
		return l.read(l.entries[i], most)
	}
	return buildfile.ReadUpTo(l.FS, p, most)
}

// Blobs returns the files of a commit that were read, by path: Dockerfiles, build files
// and what they look at. There are none of a directory.
func (s *Snapshot) Blobs() []gitrepo.Blob {
	if _, ok := s.reader.source.(commit); !ok {
		return nil
	}
	paths := slices.Concat(s.Dockerfiles, s.Others, s.Builds.Looked)
	slices.Sort(paths)
	paths = slices.Compact(paths)
	blobs := make([]gitrepo.Blob, 0, len(paths))
	files := s.reader.files
	for _, p := range paths {
		if i, ok := search(files.entries, p); ok {
			blobs = append(blobs, gitrepo.Blob{Path: p, ID: gitrepo.ID([]byte(files.entries[i].identity))})
		} else if info, err := fs.Stat(files.FS, p); err == nil && info.Mode()&(fs.ModeDir|fs.ModeIrregular) == 0 {
			if id, ok := info.Sys().(gitrepo.ID); ok {
				blobs = append(blobs, gitrepo.Blob{Path: p, ID: id})
			}
		}
	}
	return blobs
}

// search returns the place of a path among entries, which are sorted.
func search(entries []entry, p string) (int, bool) {
	return slices.BinarySearchFunc(entries, p, func(e entry, p string) int { return cmp.Compare(e.path, p) })
}
