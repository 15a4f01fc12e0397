package buildfile

import (
	"context"
	"errors"
	"path"
	"slices"
	"sync"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
)

// prefilter reads the files, and finds out which of the scripts among them build no images. It
// returns which of the programs are scripts.
func (t reader) prefilter(ctx context.Context, programs, paths []string) (scripts []string, err error) {
	all := map[string]*scriptWords{}
	var mu sync.Mutex
	take := func(p string, src []byte, kind reading.Kind) {
		words := wordsOf(kind, src)
		mu.Lock()
		defer mu.Unlock()
		all[p] = words
	}
	err = t.readTogether(ctx, paths, reading.MaxFileSize, func(p string, src []byte, err error) {
		kind := reading.KindOf(p)
		if kind == 0 {
			return
		}
		format := reading.FormatOf(p)
		if kind == reading.Pipeline && !format.IsSure() && err != nil {
			src, err = nil, nil // most likely none, such as a release of 5 MB
		}
		t.Put(p, src, err)
		if kind == reading.Pipeline && !format.Fits(src) {
			return
		}
		if kind.Heuristic() && err == nil && reading.MayRunOthers(kind, p) {
			take(p, src, kind)
		}
	})
	if err != nil {
		return nil, err
	}
	err = t.readTogether(ctx, programs, reading.MaxProgramSize, func(p string, src []byte, err error) {
		switch {
		case errors.Is(err, source.ErrUnreadable) && reading.MayBeProgram(path.Base(p), false):
			t.File(p, nil, err)
		case errors.Is(err, source.ErrUnreadable): // it may be anything
			t.LeaveOut()
		case err == nil && reading.IsShellProgram(src):
			t.Put(p, src, nil)
			take(p, src, reading.Shell)
		}
	})
	if err != nil {
		return nil, err
	}
	for _, p := range programs {
		if all[p] != nil {
			scripts = append(scripts, p)
		}
	}
	building := relevant(all)
	t.Building = func(p string) bool { return all[p] == nil || building[p] }
	t.Naming = func(p string) bool { return all[p] == nil || all[p].tool }
	return scripts, nil
}

// readTogether reads files, many at a time.
func (t reader) readTogether(ctx context.Context, paths []string, most int64, got func(p string, src []byte, err error)) error {
	const atOnce = 64 // so that git is not asked for one after the other
	return each(ctx, slices.Collect(slices.Chunk(paths, atOnce)), func(_ int, part []string) {
		source.ReadEachUpTo(t.Fsys, part, most, func(i int, src []byte, err error) { got(part[i], src, err) })
	})
}
