package monorepo

import (
	"context"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/source"
)

// isHead reports whether the revision that was read is the one that is checked out.
func (r *Repository) isHead() bool {
	if r.git == nil {
		return false
	}
	head, err := r.git.Resolve("HEAD")
	return err == nil && head.Commit == r.Revision.Commit
}

// shownChanges bounds how many files of the work tree are named as changed.
const shownChanges = 3

// LookForChanges begins to look, while other things are done, for uncommitted work: for
// what has changed of the files that were read. To look at all others would take longer
// than all that is done. [Repository.Publish] says of what was found that it was
// neither read nor touched.
func (r *Repository) LookForChanges(ctx context.Context) {
	if !r.isHead() {
		return
	}
	ctx, stop := context.WithCancel(ctx)
	found := make(chan []string, 1)
	go func() {
		defer close(found)
		// The configuration has a note of its own.
		blobs := slices.DeleteFunc(r.files.Blobs(r.Snapshot), func(b gitrepo.Blob) bool { return b.Path == config.Name })
		if changed, err := r.git.Differing(ctx, blobs, shownChanges+1); err == nil {
			found <- changed
		}
	}()
	r.changed = found
	r.close = slices.Insert(r.close, 0, func() error {
		stop()
		for range found { // it uses the repository until then
		}
		return nil
	})
}

// noteChanges waits for what LookForChanges finds, and says it.
func (r *Repository) noteChanges() {
	if names := r.differing(); names != "" {
		r.options.remark("the work tree has uncommitted changes (%s): %s was read, and the work tree is left untouched", names, r.Name())
	}
}

// differing waits for what LookForChanges finds, and returns it as a text; "" is nothing.
func (r *Repository) differing() string {
	if r.changed == nil {
		return ""
	}
	changed := <-r.changed
	if len(changed) == 0 {
		return ""
	}
	names := strings.Join(changed[:min(shownChanges, len(changed))], ", ")
	if len(changed) > shownChanges {
		names += ", …"
	}
	return source.Clean(names)
}
