package snapshot

import (
	"cmp"
	"context"
	"io/fs"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A Snapshot is what was read.
type Snapshot struct {
	Config      *config.Config
	Dockerfiles []string // paths, sorted
	Templates   []string // files that would be Dockerfiles but for the ending of a template, sorted
	Others      []string // build files and files that the configuration names, sorted
	Builds      *buildfile.Result

	// Notes say which patterns and files of the configuration fit nothing.
	Notes []*source.Error

	// Texts are the files in which the configuration finds references, by path.
	Texts []*scanner.File

	// Files are the Dockerfiles by path, then Texts; there are none before [Snapshot.Load].
	Files []*scanner.File

	reader *reader
}

// A Source is where the files are.
type Source interface {
	// FS returns the files.
	FS() fs.FS

	// list returns the regular files that matter, in any order, and calls found for
	// each, from several goroutines at once.
	list(ctx context.Context, in *interest, store *cache.Store, found found) ([]entry, error)

	contents
}

// contents are what a Source knows of the content of files.
type contents interface {
	// prefetch gets the content of entries that a partial clone has left at its remote.
	prefetch(ctx context.Context, entries []entry) error

	// read returns the content of an entry of at most most bytes.
	read(e entry, most int64) ([]byte, error)

	// look names the content of what is at a path: a file, the names in a directory, or
	// nothing. entries are all of list, by path. lasting is false where the content may
	// change under that name.
	look(in *interest, entries []entry, p string) (identity string, lasting bool)
}

// found is called with each entry, whose scan it may set, and with what reads it.
type found func(e *entry, read func(entry) ([]byte, error))

// An entry is a regular file. Two with one identity have the same content; "" is that
// of a file whose content may change under any other.
type entry struct {
	path     string
	identity string
	class    class
	scan     *scan // of a Dockerfile
}

// Options says how to read.
type Options struct {
	Config  *config.Config
	Cache   *cache.Store // nil for none
	Program string       // tells this program from all that may understand a file otherwise
}

// Read reads a snapshot. The error is that of walking the files, of a file that the
// configuration names, or of ctx; a Dockerfile that cannot be read is marked so.
func Read(ctx context.Context, source Source, opts Options) (*Snapshot, error) {
	s, err := Open(ctx, source, opts)
	if err != nil {
		return nil, err
	}
	return s, s.Load(ctx)
}

// Load makes what [Open] returns what [Read] would have. The error is that of ctx.
func (s *Snapshot) Load(ctx context.Context) error {
	s.Files = make([]*scanner.File, len(s.Dockerfiles), len(s.Dockerfiles)+len(s.Texts))
	if err := inParallel(ctx, len(s.Files), func(i int) { s.Files[i] = s.File(i, nil) }); err != nil {
		return err
	}
	s.Files = append(s.Files, s.Texts...)
	return nil
}

// inParallel calls f for all numbers below n, several at once. The error is that of ctx.
func inParallel(ctx context.Context, n int, f func(i int)) error {
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
				for i := from; i < min(from+atOnce, n); i++ {
					f(i)
				}
			}
			return ctx.Err()
		})
	}
	return group.Wait()
}

// Open is Read for who wants to see one Dockerfile after the other, see
// [Snapshot.File]: what is known of them stays where it lies.
func Open(ctx context.Context, source Source, opts Options) (*Snapshot, error) {
	program := cache.KeyOf(opts.Program)
	opts.Program = string(program[:]) // it is a part of each key
	r := &reader{opts: opts, source: source, Snapshot: &Snapshot{Config: opts.Config}, lazy: map[string]*trace.File{}}
	r.reader = r
	in := newInterest(opts.Config, opts.Program)
	entries, err := source.list(ctx, in, opts.Cache, func(e *entry, read func(entry) ([]byte, error)) {
		if r.isDockerfile(e) && !r.Config.Excludes(e.path) {
			e.scan = r.scan(*e, read)
		}
	})
	if err != nil {
		return nil, err
	}
	byPath := func(a, b entry) int { return cmp.Compare(a.path, b.path) }
	if !slices.IsSortedFunc(entries, byPath) {
		slices.SortFunc(entries, byPath)
	}
	r.files = listed{source.FS(), source, entries}
	r.sortOut(entries)
	r.noteUnused(entries)
	r.sources = trace.LazyFiles(r.Dockerfiles, r.files.ReadFile)
	if err := r.fetchMissing(ctx); err != nil {
		return nil, err
	}
	if err := r.readBuilds(ctx, in, entries); err != nil {
		return nil, err
	}
	if err := r.build(ctx); err != nil {
		return nil, err
	}
	return r.Snapshot, r.readTexts()
}

// sortOut finds out which of the entries matter, now that the paths are known.
func (r *reader) sortOut(entries []entry) {
	dockerfiles := 0
	for i := range entries {
		if entries[i].scan != nil {
			dockerfiles++
		}
	}
	r.Dockerfiles, r.scans = make([]string, 0, dockerfiles), make([]*scan, 0, dockerfiles)
	for i := range entries {
		e := &entries[i]
		if r.Config.Excludes(e.path) {
			continue
		}
		switch {
		case e.scan != nil:
			r.Dockerfiles, r.scans = append(r.Dockerfiles, e.path), append(r.scans, e.scan)
		case e.class&isTemplate != 0:
			r.Templates = append(r.Templates, e.path)
		}
		named := e.class&isNamed != 0 && (r.Config.HoldsArguments(e.path) || len(r.Config.Patterns(e.path)) > 0)
		if e.class.kind() != 0 || named {
			r.Others = append(r.Others, e.path)
			r.buildFiles = append(r.buildFiles, e)
		}
	}
}

// noteUnused notes what of the configuration fits nothing.
func (r *reader) noteUnused(entries []entry) {
	files := config.Files{FS: r.files.FS, All: make([]string, len(entries)), Dockerfiles: r.Dockerfiles, Others: r.Others}
	for i, e := range entries {
		files.All[i] = e.path
	}
	r.Notes = r.Config.UnusedFiles(files)
}

func (r *reader) isDockerfile(e *entry) bool {
	return e.class&isDockerfile != 0 || e.class&isNamed != 0 && r.Config.Includes(e.path)
}
