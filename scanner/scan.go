package scanner

import (
	"context"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Options says which files are Dockerfiles beyond what their names say. Nil
// functions leave it at the names.
type Options struct {
	Include func(path string) bool   // a file that is a Dockerfile whatever its name
	Ignore  func(path string) bool   // a file or directory to pass over; wins over Include
	Target  func(path string) string // the stage that is shipped; "" is the last
}

// A Result is what a scan found.
type Result struct {
	Files     []*File  // by path
	Templates []string // files that would be Dockerfiles but for the ending of a template; sorted
}

// Scan reads every Dockerfile below the root of fsys: regular files only,
// symbolic links and submodules are not followed, and .git is passed over.
//
// One file that cannot be read is marked so and the others go on. The error is
// that of the walk itself (a directory or tree that cannot be read: its
// Dockerfiles would be missing from the answer) or of ctx.
func Scan(ctx context.Context, fsys fs.FS, opts Options) (*Result, error) {
	result := &Result{}
	var paths []string
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
		case ignored || !entry.Type().IsRegular():
		case IsDockerfile(path) || opts.Include != nil && opts.Include(path):
			paths = append(paths, path)
		case IsTemplate(path):
			result.Templates = append(result.Templates, path)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(paths)
	slices.Sort(result.Templates)
	result.Files = make([]*File, len(paths))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, path := range paths {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			src, err := fs.ReadFile(fsys, path)
			if err != nil {
				result.Files[i] = &File{Path: path}
				result.Files[i].unreadable(0, strings.TrimSpace(err.Error()), "")
				return nil
			}
			target := ""
			if opts.Target != nil {
				target = opts.Target(path)
			}
			result.Files[i] = ScanFile(path, src, target)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return result, nil
}
