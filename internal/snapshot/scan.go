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
	builds []scanner.BuildConfig
	built  bool            // a build file says so
	record []byte          // nil if there is none
	files  []*scanner.File // nil if there is a record
	inline trace.Text      // all of one that is a text inside another file
}

// scanAll reads the Dockerfiles. Those of which nothing is known are read many at a time.
func (r *reader) scanAll(ctx context.Context) error {
	err := inParallel(ctx, len(r.scans), func(i int) {
		if s := r.scans[i]; s.inline.S != "" {
			s.files = scanner.ScanInline(s.path, s.inline, s.builds)
		} else if s.files == nil {
			s.record, _ = r.store(s.identity).Get(r.key(s))
		}
	})
	var unknown []*scan
	for _, s := range r.scans {
		if s.files == nil && s.record == nil {
			unknown = append(unknown, s)
		}
	}
	if err != nil || len(unknown) == 0 {
		return err
	}
	entries := make([]entry, len(unknown))
	for i, s := range unknown {
		entries[i] = s.entry
	}
	// What a partial clone has left at its remote comes in one request. Without it the answer
	// is incomplete, and each Dockerfile says so.
	absent := r.source.prefetch(ctx, entries)
	if err := ctx.Err(); err != nil {
		return err
	}
	one := func() {}
	if r.opts.Found != nil {
		one = r.opts.Found(len(unknown))
	}
	return inParts(ctx, len(unknown), func(from, to int) {
		r.source.readAll(entries[from:to], maxDockerfile, func(i int, src []byte, err error) {
			if absent != nil && errors.Is(err, gitrepo.ErrMissingObject) {
				err = absent
			}
			r.fill(unknown[from+i], src, err)
			one()
		})
	})
}

// key is where the record of a Dockerfile is kept.
func (r *reader) key(s *scan) cache.Key {
	if s.built {
		return cache.KeyOf("built", r.opts.Program, s.identity, s.path, string(scanner.EncodeBuilds(s.builds)))
	}
	return cache.KeyOf("dockerfile", r.opts.Program, s.identity, r.Config.Target(s.path))
}

// fill finds out what there is in a Dockerfile, given its content or the error of reading it.
func (r *reader) fill(s *scan, src []byte, err error) {
	switch {
	case errors.Is(err, source.ErrTooLarge):
		s.files = []*scanner.File{scanner.TooLarge(s.path)}
	case err != nil:
		s.unreadable(err)
		return
	default:
		s.files = scanner.ScanContent(s.path, trace.NewFile(s.origin(), src), s.builds)
	}
	if known := r.store(s.identity); known != nil {
		known.Put(r.key(s), scanner.Encode(s.files))
	}
}

// unreadable says why the content cannot be had.
func (s *scan) unreadable(err error) {
	why := unreadable(s.path, err)
	s.files = []*scanner.File{scanner.Unreadable(s.path, why.Err.Error(), why.Hint)}
}
