package outdated

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/registry"
)

// look finds out whether the tag of a use names another image than its pin, or than the one that
// builds were made of.
func (f *finder) look(ctx context.Context, finding *Finding) {
	use := finding.Use
	moves := f.moves(use.Tag)
	if use.Ignored != "" || use.Policy.Moving == config.Leave || use.Digest == "" && !moves {
		return
	}
	tag := cmp.Or(use.Tag, "latest")
	digest, err := f.digest(ctx, tag)
	switch {
	case errors.Is(err, registry.ErrNoTag):
		finding.Why = fmt.Sprintf("the registry has no %s", tag)
	case err != nil:
		finding.Err = err
	case use.Digest != "" && use.Digest != digest:
		finding.Moved = &Moved{Digest: digest, Was: use.Digest, Action: config.Pin, Repushed: !moves}
	case use.Digest != "": // it is what the tag names
	case use.Policy.Moving == config.Pin:
		finding.Moved = &Moved{Digest: digest, Action: config.Pin}
	default:
		f.basis(ctx, finding, digest)
	}
}

// basis finds out which builds have to be rebuilt since a tag names another image now.
func (f *finder) basis(ctx context.Context, finding *Finding, digest string) {
	if f.Published == nil {
		finding.Unsure = "no published image is known"
		return
	}
	says, err := f.Published(ctx, finding.Use, digest)
	if err != nil {
		finding.Err = err
		return
	}
	if len(says.Unknown) > 0 {
		finding.Unsure = says.Why
	}
	if len(says.Behind) > 0 {
		finding.Moved = &Moved{Digest: digest, Action: config.Rebuild, Behind: says.Behind}
	}
}

// moves reports whether a tag names other images over time: it is no full version, or the
// registry has versions that it follows.
func (f *finder) moves(tag string) bool {
	return imageref.Follows(tag) || slices.ContainsFunc(f.tags, func(other string) bool { return imageref.Relate(tag, other) == imageref.Moving })
}
