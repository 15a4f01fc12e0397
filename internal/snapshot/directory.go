package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/source"
)

// Directory returns the files of a plain directory as they are. now is the time: what
// has changed a moment ago may change again within the same tick of the clock.
func Directory(fsys fs.FS, now time.Time) Source { return directory{fsys, now} }

type directory struct {
	fsys fs.FS
	now  time.Time
}

// minAge is the age from which the times of a file system tell changes apart.
const minAge = 2 * time.Second

// identityOf returns the identity of a file, "" for one that is not to be remembered.
func (d directory) identityOf(p string, info fs.FileInfo) string {
	state := stat(info)
	if state == "" || d.now.Sub(info.ModTime()) < minAge {
		return ""
	}
	return p + "\x00" + state
}

// FS implements Source.
func (d directory) FS() fs.FS { return d.fsys }

func (d directory) prefetch(context.Context, []entry) error { return nil }

// read implements contents.
func (d directory) read(e entry, most int64) ([]byte, error) {
	return source.ReadUpTo(d.fsys, e.origin(), most)
}

// readAll implements contents.
func (d directory) readAll(entries []entry, most int64, got func(i int, data []byte, err error)) {
	for i, e := range entries {
		data, err := d.read(e, most)
		got(i, data, err)
	}
}

// view implements contents.
func (d directory) view() string { return "" }

// identify implements contents.
func (d directory) identify(_ *interest, _ []entry, p string) (identity string, lasting bool) {
	info, err := fs.Stat(d.fsys, p)
	if err == nil && !info.IsDir() && d.identityOf(p, info) == "" {
		return "", false
	}
	return content(d.fsys, p)
}

// lookUp implements links.
func (d directory) lookUp(p string) (fs.FileMode, string, error) {
	info, err := fs.Lstat(d.fsys, p)
	if err != nil {
		return 0, "", err
	}
	return info.Mode(), d.identityOf(p, info), nil
}

// readLink implements links.
func (d directory) readLink(p, _ string) (string, error) { return fs.ReadLink(d.fsys, p) }

func (d directory) list(ctx context.Context, in *interest, _ *cache.Store) (entries []entry, closed []*source.Error, err error) {
	states := map[string]state{".": anywhere}
	err = fs.WalkDir(d.fsys, ".", func(p string, dirEntry fs.DirEntry, err error) error {
		if err != nil && p != "." && errors.Is(err, fs.ErrNotExist) {
			return nil // it was removed meanwhile
		}
		if p != "." && dirEntry != nil && dirEntry.IsDir() && (errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrInvalid)) {
			closed = append(closed, unreadable(p, err))
			return fs.SkipDir
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", p, err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if p == "." {
			return nil
		}
		dir, name := path.Dir(p), path.Base(p)
		if dirEntry.IsDir() {
			next, ok := in.enter(states[dir], name)
			if !ok {
				return fs.SkipDir
			}
			states[p] = next
			return nil
		}
		class, ok := in.classify(states[dir], name)
		if dirEntry.Type() == fs.ModeSymlink {
			class = class.link()
		}
		if !ok && !buildfile.MayBeProgram(name, true) || !dirEntry.Type().IsRegular() && class&isLink == 0 {
			return nil
		}
		info, err := dirEntry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", p, err)
		}
		if info.Mode()&0o111 != 0 {
			class = class.run(name)
		}
		if !ok && class == 0 {
			return nil
		}
		entries = append(entries, entry{path: p, identity: d.identityOf(p, info), class: class})
		return nil
	})
	return entries, closed, err
}
