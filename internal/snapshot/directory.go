package snapshot

import (
	"context"
	"fmt"
	"io/fs"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/matihlabs/propagate/internal/buildfile"
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

func (d directory) settled(info fs.FileInfo) bool {
	return stat(info) != "" && d.now.Sub(info.ModTime()) >= settled
}

// FS implements Source.
func (d directory) FS() fs.FS { return d.fsys }

func (d directory) prefetch(context.Context, []entry) error { return nil }

// read implements contents.
func (d directory) read(e entry, most int64) ([]byte, error) {
	return buildfile.ReadUpTo(d.fsys, e.path, most)
}

// look implements Source.
func (d directory) look(_ *interest, _ []entry, p string) (identity string, lasting bool) {
	info, err := fs.Stat(d.fsys, p)
	if err == nil && !info.IsDir() && !d.settled(info) {
		return "", false
	}
	return content(d.fsys, p), true
}

func (d directory) list(ctx context.Context, in *interest, _ *cache.Store, found found) ([]entry, error) {
	var entries []*entry
	states := map[string]state{".": anywhere}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	read := func(e entry) ([]byte, error) { return fs.ReadFile(d.fsys, e.path) }
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
		if dirEntry.IsDir() {
			next, ok := in.enter(states[dir], name)
			if !ok {
				return fs.SkipDir
			}
			states[p] = next
			return nil
		}
		class, ok := in.classify(states[dir], name)
		if !ok || !dirEntry.Type().IsRegular() {
			return nil
		}
		info, err := dirEntry.Info()
		if err != nil {
			return fmt.Errorf("reading %s: %w", p, err)
		}
		e := &entry{path: p, identity: p + "\x00" + stat(info), class: class}
		if !d.settled(info) {
			e.identity = "" // not to be remembered
		}
		entries = append(entries, e)
		group.Go(func() error {
			found(e, read)
			return nil
		})
		return nil
	})
	_ = group.Wait() // found has no errors
	all := make([]entry, len(entries))
	for i, e := range entries {
		all[i] = *e
	}
	return all, err
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
