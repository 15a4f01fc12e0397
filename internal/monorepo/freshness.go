package monorepo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/outdated"
	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/scanner"
)

// A buildKey is what a place knows of a build.
type buildKey struct{ dockerfile, target string }

// published returns what says of builds on a moving tag whether their published images stand on what
// the tag names now: it is [outdated.Options.Published].
func (r *Repository) published() func(ctx context.Context, use outdated.Use, digest string) (outdated.Published, error) {
	builds := map[buildKey][]*graph.Node{}
	for _, node := range r.Graph().Builds() {
		key := buildKey{node.File.Path, node.File.Target}
		builds[key] = append(builds[key], node)
	}
	return func(ctx context.Context, use outdated.Use, digest string) (outdated.Published, error) {
		var result outdated.Published
		base := imageref.Ref{Repository: use.Image, Digest: digest}.String()
		known := map[buildKey]outdated.Freshness{}
		for _, place := range use.Places {
			key := buildKey{place.Dockerfile, place.Target}
			state, asked := known[key]
			if !asked {
				var why error
				state, why = r.freshness(ctx, builds[key], use, base)
				known[key] = state
				if why != nil && result.Why == "" {
					result.Why = why.Error()
				}
			}
			switch state {
			case outdated.Stale:
				result.Behind = append(result.Behind, place)
			case outdated.Untold:
				result.Unknown = append(result.Unknown, place)
			}
		}
		return result, ctx.Err()
	}
}

// freshness says whether what builds of a Dockerfile and target have published stands on their base: what
// one of them has not is stale. why says what is not known.
func (r *Repository) freshness(ctx context.Context, builds []*graph.Node, use outdated.Use, base string) (state outdated.Freshness, why error) {
	for _, build := range builds {
		if !ships(build.File, use) {
			why = errors.New("its layers are in no image: it is only used to build one")
			continue
		}
		references := publishedAs(r.Graph(), build)
		if len(references) == 0 {
			why = errors.New("no published image of the build is known")
		}
		for _, reference := range references {
			image, base, err := r.layers(ctx, reference, base)
			if err != nil {
				why = fmt.Errorf("%s: %w", reference, err)
				continue
			}
			switch outdated.Stands(image, base) {
			case outdated.Stale:
				return outdated.Stale, nil
			case outdated.Fresh:
				state = outdated.Fresh
			case outdated.Untold:
				why = fmt.Errorf("%s does not say which layers it has", reference)
			}
		}
	}
	if state == outdated.Fresh {
		why = nil
	}
	return state, why
}

// layers returns two images with their layers for all platforms that both have.
func (r *Repository) layers(ctx context.Context, one, other string) (a, b registry.Image, err error) {
	if a, err = r.registries.Image(ctx, one); err != nil {
		return a, b, err
	}
	if b, err = r.registries.Image(ctx, other); err != nil {
		return a, b, err
	}
	both := slices.DeleteFunc(slices.Clone(a.Platforms), func(p string) bool { return !slices.Contains(b.Platforms, p) })
	if len(both) < 2 && len(a.Platforms) < 2 && len(b.Platforms) < 2 {
		return a, b, nil // each has what its only platform has
	}
	if a.Layers, err = r.registries.Layers(ctx, one, both); err != nil {
		return a, b, err
	}
	b.Layers, err = r.registries.Layers(ctx, other, both)
	return a, b, err
}

// ships reports whether the layers of an image are in what a build ships.
func ships(file *scanner.File, use outdated.Use) bool {
	for _, ref := range file.Refs {
		if ref.Exposure == scanner.Runtime && ref.Repository() == use.Image && cmp.Or(ref.Image.Tag, "latest") == use.Tag {
			return true
		}
	}
	return false
}
