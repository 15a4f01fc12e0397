package snapshot

import (
	"context"
	"errors"

	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A scan is what is known of a Dockerfile: what was found in it, or the record of that
// from an earlier run.
type scan struct {
	entry
	builds  []scanner.BuildConfig
	record  []byte          // nil if there is none
	files   []*scanner.File // nil if there is a record
	missing bool            // its content is not here
}

// scanAll reads the Dockerfiles among the entries that are no links. Those of which nothing
// is known are read many at a time.
func (r *reader) scanAll(ctx context.Context, entries []entry) error {
	err := inParallel(ctx, len(entries), func(i int) {
		if e := &entries[i]; e.class&isLink == 0 && r.isDockerfile(e) {
			e.scan = r.known(*e)
		}
	})
	var unknown []entry
	for _, e := range entries {
		if e.scan != nil && e.scan.record == nil {
			unknown = append(unknown, e)
		}
	}
	if err != nil || len(unknown) == 0 {
		return err
	}
	return inParts(ctx, len(unknown), func(from, to int) {
		part := unknown[from:to]
		r.source.readAll(part, maxDockerfile, func(i int, src []byte, err error) { r.fill(part[i].scan, src, err) })
	})
}

// scan reads one Dockerfile.
func (r *reader) scan(e entry) *scan {
	s := r.known(e)
	if s.record == nil {
		src, err := r.source.read(e, maxDockerfile)
		r.fill(s, src, err)
	}
	return s
}

// known returns what is known of a Dockerfile, with the target that the configuration
// gives it: there is no record if nothing is.
func (r *reader) known(e entry) *scan {
	s := &scan{entry: e}
	if target := r.Config.Target(e.path); target != "" {
		s.builds = []scanner.BuildConfig{{Target: target, Fixed: true}}
	}
	s.record, _ = r.store(e.identity).Get(r.key(s))
	return s
}

// key is where the record of a Dockerfile is kept.
func (r *reader) key(s *scan) cache.Key {
	return cache.KeyOf("dockerfile", r.opts.Program, s.identity, r.Config.Target(s.path))
}

// fill finds out what there is in a Dockerfile of which nothing is known, given its content
// or the error of reading it.
func (r *reader) fill(s *scan, src []byte, err error) {
	switch {
	case errors.Is(err, source.ErrTooLarge):
		s.files = []*scanner.File{scanner.TooLarge(s.path)}
	case err != nil:
		*s = *unreadableScan(s.entry, err)
		return
	default:
		s.files = scanner.ScanContent(s.path, trace.NewFile(s.origin(), src), s.builds)
	}
	if known := r.store(s.identity); known != nil {
		known.Put(r.key(s), scanner.Encode(s.files))
	}
}

func unreadableScan(e entry, err error) *scan {
	why := unreadable(e.path, err)
	return &scan{entry: e, files: []*scanner.File{scanner.Unreadable(e.path, why.Err.Error(), why.Hint)}, missing: errors.Is(err, gitrepo.ErrMissingObject)}
}
