package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/report"
)

// isHead reports whether the revision that was read is the one that is checked out.
func (s *checkout) isHead() bool {
	if s.repo == nil {
		return false
	}
	head, err := s.repo.Resolve("HEAD")
	return err == nil && head.Commit == s.revision.Commit
}

// lookForDirty looks, while other things are done, for uncommitted work: for what has
// changed of the files that were read. To look at all others would take longer than all
// that is done. The result waits for it, and says of what there is that it was neither
// read nor touched.
func (a *App) lookForDirty(ctx context.Context, s *checkout) (note func()) {
	const shown = 3
	ctx, stop := context.WithCancel(ctx)
	found := make(chan []string, 1)
	go func() {
		defer close(found)
		// The configuration has a note of its own.
		blobs := slices.DeleteFunc(s.files.Blobs(s.Snapshot), func(b gitrepo.Blob) bool { return b.Path == config.Name })
		if dirty, err := s.repo.Differing(ctx, blobs, shown+1); err == nil {
			found <- dirty
		}
	}()
	s.close = slices.Insert(s.close, 0, func() error {
		stop()
		for range found { // it uses the repository until then
		}
		return nil
	})
	return func() {
		dirty := <-found
		if len(dirty) == 0 {
			return
		}
		names := strings.Join(dirty[:min(shown, len(dirty))], ", ")
		if len(dirty) > shown {
			names += ", …"
		}
		a.notef("the work tree has uncommitted changes (%s): %s was read, and the work tree is left untouched", report.Clean(names), s.name())
	}
}
