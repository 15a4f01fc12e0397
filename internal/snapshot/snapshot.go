package snapshot

import (
	"context"
	"io/fs"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// A Snapshot is what was read. It holds no content of files: [Files] have that.
type Snapshot struct {
	Config      *config.Config
	Dockerfiles []string // paths, sorted
	Inline      []string // what those are known by that are texts inside other files, sorted
	Templates   []string // files that would be Dockerfiles but for the ending of a template, sorted
	Others      []string // build files and files that the configuration names, sorted
	Builds      *buildfile.Result

	// Notes say which symbolic links are not followed, by path, and which patterns and files
	// of the configuration fit nothing.
	Notes []*source.Error

	// Texts are the files in which the configuration finds references, by path.
	Texts []*scanner.File

	// Files are the Dockerfiles by path, each as its builds read it in the order of
	// [scanner.ScanBuilds], then Texts.
	Files []*scanner.File

	// Excluded is the number of Dockerfiles that the configuration leaves out.
	Excluded int

	// Unreadable are directories that cannot be read, by path, then build files and what they
	// look at.
	Unreadable []*source.Error

	ways map[string][]way // how Dockerfiles are built, by path
}

// A Source is where the files are.
type Source interface {
	// FS returns the files.
	FS() fs.FS

	// list returns the regular files that matter, and the symbolic links that may be
	// Dockerfiles, in any order, and the directories that cannot be read.
	list(ctx context.Context, in *interest, store *cache.Store) ([]entry, []*source.Error, error)

	contents
	links
}

// contents are what a Source knows of the content of files.
type contents interface {
	// prefetch gets the content of entries that a partial clone has left at its remote.
	prefetch(ctx context.Context, entries []entry) error

	// read returns the content of an entry of at most most bytes; a larger one is an
	// error that wraps source.ErrTooLarge.
	read(e entry, most int64) ([]byte, error)

	// readAll is read for each of several entries; it calls got one after the other, in any
	// order.
	readAll(entries []entry, most int64, got func(i int, data []byte, err error))

	// view tells the content that an identity has here from that which it has elsewhere.
	view() string

	// identify names the content of what is at a path: a file, the names in a directory, or
	// nothing. entries are all of list, by path. lasting is false where the content may
	// change under that name.
	identify(in *interest, entries []entry, p string) (identity string, lasting bool)
}

// An entry is a regular file, or a symbolic link. Two with one identity have the same
// content; "" is that of a file whose content may change under any other.
type entry struct {
	path     string
	target   string // the path of the regular file that a link leads to; "" for any other
	identity string // of the content; of the link itself as long as it is not followed
	class    class
	scan     *scan // of a Dockerfile
}

// origin returns the path of the regular file that holds the content.
func (e entry) origin() string {
	if e.target != "" {
		return e.target
	}
	return e.path
}

// Options says how to read.
type Options struct {
	Config  *config.Config
	Cache   *cache.Store // nil for none
	Program string       // tells this program from all that may understand a file otherwise
	Names   []string     // of the repository on its forge, such as acme/platform

	// Found is told how many Dockerfiles are to be read, and what it returns is called when one of
	// them is, by several goroutines; nil is not.
	Found func(n int) (one func())
}

// Read reads a snapshot, and returns the files for who needs their content. The error is
// that of walking the files, of a file that the configuration names, or of ctx; a
// Dockerfile that cannot be read is marked so.
func Read(ctx context.Context, source Source, opts Options) (*Snapshot, *Files, error) {
	program := cache.KeyOf(opts.Program, source.view())
	opts.Program = string(program[:]) // it is a part of each key
	r := &reader{opts: opts, source: source, Snapshot: &Snapshot{Config: opts.Config}}
	if err := r.read(ctx); err != nil {
		return nil, nil, err
	}
	return r.Snapshot, r.files, nil
}

// inParallel calls f for all numbers below n, several at once. The error is that of ctx.
func inParallel(ctx context.Context, n int, f func(i int)) error {
	return inParts(ctx, n, func(from, to int) {
		for i := from; i < to; i++ {
			f(i)
		}
	})
}

// inParts calls f for parts of the numbers below n, several at once. The error is that of
// ctx.
func inParts(ctx context.Context, n int, f func(from, to int)) error {
	var group errgroup.Group
	var next atomic.Int64
	const atOnce = 64 // that lie side by side
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			for ctx.Err() == nil {
				from := int(next.Add(atOnce)) - atOnce
				if from >= n {
					return nil
				}
				f(from, min(from+atOnce, n))
			}
			return ctx.Err()
		})
	}
	return group.Wait()
}
