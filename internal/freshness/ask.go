package freshness

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/registry"
)

// A Registry is what is asked of registries; [registry.Client] is one.
type Registry interface {
	Image(ctx context.Context, reference string) (registry.Image, error)
	Layers(ctx context.Context, reference string, platforms []string) (map[string][]string, error)
	Provenance(ctx context.Context, reference string) (map[string][]registry.Material, error)
}

var _ Registry = (*registry.Client)(nil)

// Of asks registries for a published image and for its base, both as repository:tag or repository@digest, and
// judges them as [Judge] does. The error is that of a registry that could not be asked, or
// that has no such image.
func Of(ctx context.Context, r Registry, published, base string, shipped bool) (Verdict, error) {
	image, err := r.Image(ctx, published)
	if err != nil {
		return Verdict{}, err
	}
	below, err := r.Image(ctx, base)
	if err != nil {
		return Verdict{}, err
	}
	ref, err := imageref.Parse(base)
	if err != nil {
		return Verdict{}, fmt.Errorf("%s: %w", base, err)
	}
	known := Image{Image: image}
	stand := Base{Repository: ref.Repository, Tag: ref.Tag, Image: below}
	if shipped {
		if known.Layers, err = layersOf(ctx, r, published, image, platformsOf(below)); err == nil {
			stand.Layers, err = layersOf(ctx, r, base, below, platformsOf(image))
		}
		if err != nil {
			return Verdict{}, err
		}
	}
	if known.Provenance, err = r.Provenance(ctx, published); err != nil {
		return Verdict{}, err
	}
	return Judge(known, stand, shipped), nil
}

// layersOf returns the layers of an image for the platforms that another one has too.
func layersOf(ctx context.Context, r Registry, reference string, image registry.Image, others map[string]bool) (map[string][]string, error) {
	wanted := slices.DeleteFunc(slices.Clone(image.Platforms), func(p string) bool { return !others[plain(p)] })
	missing := slices.DeleteFunc(slices.Clone(wanted), func(p string) bool { return len(image.Layers[p]) > 0 })
	if len(missing) == 0 {
		return image.Layers, nil
	}
	more, err := r.Layers(ctx, reference, missing)
	if err != nil {
		return nil, err
	}
	maps.Copy(more, image.Layers)
	return more, nil
}
