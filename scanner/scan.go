package scanner

import (
	"context"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/matihlabs/propagate/internal/trace"
)

// Options says which files matter beyond what their names say. Nil functions leave
// it at the names.
type Options struct {
	Include func(path string) bool // a file that is a Dockerfile whatever its name
	Ignore  func(path string) bool // a file or directory to pass over; wins over Include
	Also    func(path string) bool // other files to be listed
}

// A Listing is what of a tree matters, by path.
type Listing struct {
	Dockerfiles []string
	Templates   []string // files that would be Dockerfiles but for the ending of a template
	Others      []string // files that Options.Also holds for; a Dockerfile may be among them
}

// Find lists the Dockerfiles below the root of fsys: regular files only, symbolic
// links and submodules are not followed, and .git is passed over.
//
// The error is that of the walk (a directory or tree that cannot be read: its
// Dockerfiles would be missing from the answer) or of ctx.
func Find(ctx context.Context, fsys fs.FS, opts Options) (*Listing, error) {
	l := &Listing{}
	err := fs.WalkDir(fsys, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		ignored := opts.Ignore != nil && path != "." && opts.Ignore(path)
		switch {
		case entry.IsDir():
			if ignored || entry.Name() == ".git" {
				return fs.SkipDir
			}
			return nil
		case ignored || !entry.Type().IsRegular():
			return nil
		}
		l.add(path, opts)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(l.Dockerfiles)
	slices.Sort(l.Templates)
	slices.Sort(l.Others)
	return l, nil
}

// add lists a regular file if it matters.
func (l *Listing) add(path string, opts Options) {
	switch {
	case IsDockerfile(path) || opts.Include != nil && opts.Include(path):
		l.Dockerfiles = append(l.Dockerfiles, path)
	case IsTemplate(path):
		l.Templates = append(l.Templates, path)
	}
	if opts.Also != nil && opts.Also(path) {
		l.Others = append(l.Others, path)
	}
}

// Scan reads the Dockerfiles at paths, each as it is built in the ways that builds
// returns for it; a nil function knows of none. The files are in the order of the
// paths. One that cannot be read is marked so and the others go on; the error is
// that of ctx.
func Scan(ctx context.Context, fsys fs.FS, paths []string, builds func(path string) []BuildConfig) ([]*File, error) {
	files := make([]*File, len(paths))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, path := range paths {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			src, err := fs.ReadFile(fsys, path)
			if err != nil {
				files[i] = Unreadable(path, err)
				return nil
			}
			var ways []BuildConfig
			if builds != nil {
				ways = builds(path)
			}
			files[i] = ScanBuilds(path, src, ways)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return files, nil
}

// Unreadable returns a Dockerfile whose content could not be read.
func Unreadable(path string, err error) *File {
	f := &File{File: trace.NewFile(path, nil), Builds: []BuildConfig{{}}}
	f.unreadable(0, strings.TrimSpace(err.Error()), "")
	return f
}
