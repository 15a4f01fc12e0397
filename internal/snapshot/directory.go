package snapshot

import (
	"context"
	"fmt"
	"io/fs"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/matihlabs/propagate/internal/cache"
)

// Directory returns the files of a plain directory as they are. now is the time: what
// has changed a moment ago may change again without looking other than it does.
func Directory(fsys fs.FS, now time.Time) Source { return directory{fsys, now} }

type directory struct {
	fsys fs.FS
	now  time.Time
}

// settled is the age from which the times of a file system tell changes apart.
const settled = 2 * time.Second

// FS implements Source.
func (d directory) FS() fs.FS { return d.fsys }

func (d directory) prefetch(context.Context, []entry) error { return nil }

func (d directory) list(ctx context.Context, in *interest, _ *cache.Store, found func(entry, func() ([]byte, error))) ([]entry, error) {
	var entries []entry
	states := map[string]state{".": anywhere}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	err := fs.WalkDir(d.fsys, ".", func(p string, dirEntry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("reading %s: %w", p, err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if p == "." {
			return nil
		}
		dir, name := parent(p)
		switch {
		case dirEntry.IsDir():
			next, ok := states[dir].enter(name)
			if !ok {
				return fs.SkipDir
			}
			states[p] = next
		case dirEntry.Type().IsRegular() && in.matters(states[dir], name):
			info, err := dirEntry.Info()
			if err != nil {
				return fmt.Errorf("reading %s: %w", p, err)
			}
			e := entry{p, p + "\x00" + stat(info)}
			if d.now.Sub(info.ModTime()) < settled {
				e.identity = "" // not to be remembered
			}
			entries = append(entries, e)
			group.Go(func() error {
				found(e, func() ([]byte, error) { return fs.ReadFile(d.fsys, p) })
				return nil
			})
		}
		return nil
	})
	_ = group.Wait() // found has no errors
	return entries, err
}

// parent splits a path; the directory of a file at the root is ".".
func parent(p string) (dir, name string) {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i] == '/' {
			return p[:i], p[i+1:]
		}
	}
	return ".", p
}
