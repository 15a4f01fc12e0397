package snapshot

import (
	"cmp"
	"context"
	"io/fs"
	"slices"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/config"
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

	// Files are the Dockerfiles by path, then the files in which the configuration
	// finds references.
	Files []*scanner.File

	keys []cache.Key // of what was found of each Dockerfile
}

// A Source is where the files are.
type Source interface {
	// FS returns the files.
	FS() fs.FS

	// list returns the regular files that matter, in any order, and calls found for
	// each, from several goroutines at once, with what reads it.
	list(ctx context.Context, in *interest, store *cache.Store, found func(e entry, read func() ([]byte, error))) ([]entry, error)

	// prefetch gets the content of entries that a partial clone has left at its remote.
	prefetch(ctx context.Context, entries []entry) error
}

// An entry is a regular file. Two with one identity have the same content.
type entry struct {
	path     string
	identity string
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
	program := cache.KeyOf(opts.Program)
	opts.Program = string(program[:]) // it is a part of each key
	r := &reader{
		opts: opts, source: source, Snapshot: &Snapshot{Config: opts.Config},
		scans: map[string]*scan{}, lazy: map[string]*trace.File{},
	}
	in := newInterest(opts.Config, opts.Program)
	entries, err := source.list(ctx, in, opts.Cache, func(e entry, read func() ([]byte, error)) {
		if r.isDockerfile(e.path) && !r.Config.Excluded(e.path) {
			r.scan(e, read)
		}
	})
	if err != nil {
		return nil, err
	}
	r.sortOut(entries)
	if err := r.fetchMissing(ctx); err != nil {
		return nil, err
	}
	if err := r.readBuilds(ctx, entries); err != nil {
		return nil, err
	}
	if err := r.build(ctx); err != nil {
		return nil, err
	}
	return r.Snapshot, r.readTexts()
}

// sortOut finds out which of the entries matter, now that the paths are known.
func (r *reader) sortOut(entries []entry) {
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.path, b.path) })
	for _, e := range entries {
		if r.Config.Excluded(e.path) {
			continue
		}
		switch {
		case r.isDockerfile(e.path):
			r.Dockerfiles = append(r.Dockerfiles, e.path)
		case scanner.IsTemplate(e.path):
			r.Templates = append(r.Templates, e.path)
		}
		if buildfile.KindOf(e.path) != 0 || r.Config.HoldsArguments(e.path) || len(r.Config.Patterns(e.path)) > 0 {
			r.Others = append(r.Others, e.path)
		}
	}
}

func (r *reader) isDockerfile(p string) bool {
	return scanner.MayMatter(p) && scanner.IsDockerfile(p) || r.Config.Includes(p)
}
