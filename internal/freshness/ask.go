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
// judges them as [Judge] does. others are further versions of the base, in the same form: an image that stands on one
// of them, of which the base is only the lowest layers, is [Stale], and so it is where its provenance names such a
// version. The error is that of a registry that could not be asked, or that has no such image; what cannot be asked about
// others leaves the verdict as it is.
func Of(ctx context.Context, r Registry, published, base string, shipped bool, others ...string) (Verdict, error) {
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
	v := Judge(known, stand, shipped)
	if v.State != Fresh || !shipped || isNamed(known, stand) {
		return v, nil
	}
	for _, other := range append(others, named(known, stand)...) {
		above, err := r.Image(ctx, other)
		if err != nil {
			continue
		}
		if above.Layers, err = layersOf(ctx, r, other, above, platformsOf(image)); err == nil && standsAbove(known, stand, above) {
			return Verdict{Stale, fmt.Sprintf("it stands on %s, of which the base is the lowest layers", other)}, nil
		}
	}
	return v, ctx.Err()
}

// isNamed reports whether the provenance of an image names its base for each platform that it speaks of: then it stands
// on no other version.
func isNamed(published Image, base Base) bool {
	for _, materials := range published.Provenance {
		if byProvenance(materials, base).State != Fresh {
			return false
		}
	}
	return len(published.Provenance) > 0
}

// named returns the other versions of the base that the provenance of an image names, by their digests.
func named(published Image, base Base) (all []string) {
	for _, materials := range published.Provenance {
		for _, m := range materials {
			reference := base.Repository + "@" + m.Digest
			if m.Image == base.Repository && m.Digest != "" && m.Digest != base.Digest && !slices.Contains(all, reference) {
				all = append(all, reference)
			}
		}
	}
	slices.Sort(all)
	return all
}

// standsAbove reports whether an image stands on another version that has layers above those of the base, on a platform
// that all three have.
func standsAbove(published Image, base Base, above registry.Image) bool {
	for platform := range platformsOf(published.Image) {
		has, lower, upper := on(published.Layers, platform), on(base.Layers, platform), on(above.Layers, platform)
		if len(lower) > 0 && len(upper) > len(lower) && byLayers(upper, lower).State == Fresh && byLayers(has, upper).State == Fresh {
			return true
		}
	}
	return false
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
