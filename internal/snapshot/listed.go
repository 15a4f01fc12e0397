package snapshot

import (
	"cmp"
	"io/fs"
	"math"
	"slices"

	"github.com/matihlabs/propagate/internal/buildfile"
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

// search returns the place of a path among entries, which are sorted.
func search(entries []entry, p string) (int, bool) {
	return slices.BinarySearchFunc(entries, p, func(e entry, p string) int { return cmp.Compare(e.path, p) })
}
