package monorepo

import (
	"context"
	"errors"
	"slices"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/source"
)

// ReadConfig reads the configuration of a revision or a directory, and nothing else of it. The errors are
// those of [Open].
func ReadConfig(ctx context.Context, options Options) (*config.Config, error) {
	r := &Repository{ctx: ctx, options: options}
	err := r.open()
	var c *config.Config
	if err == nil {
		c, err = r.readConfig(ctx)
	}
	return c, errors.Join(err, r.Close())
}

// ConfigNotes returns what of the configuration fits nothing, or counts no more, in the order of
// the file. The listener is told, too.
func (r *Repository) ConfigNotes() []*source.Error {
	other := func(n *source.Error) bool { return n.Pos.Path != r.Config.Path() }
	all := slices.Concat(slices.DeleteFunc(slices.Clone(r.Notes), other), r.Config.Ended(r.options.Now()), r.Config.UnusedImages(r.Graph(), r.Files))
	slices.SortStableFunc(all, func(a, b *source.Error) int { return a.Pos.Compare(b.Pos) })
	return all
}
