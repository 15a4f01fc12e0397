package monorepo

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/freshness"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/outdated"
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
		known := map[buildKey]freshness.State{}
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
			case freshness.Stale:
				result.Behind = append(result.Behind, place)
			case freshness.Unknown:
				result.Unknown = append(result.Unknown, place)
			}
		}
		return result, ctx.Err()
	}
}

// freshness says whether what builds of a Dockerfile and target have published stands on their base: what
// one of them has not is stale. why says what is not known.
func (r *Repository) freshness(ctx context.Context, builds []*graph.Node, use outdated.Use, base string) (state freshness.State, why error) {
	for _, build := range builds {
		references := publishedAs(r.Graph(), build)
		if len(references) == 0 {
			why = errors.New("no published image of the build is known")
		}
		for _, reference := range references {
			verdict, err := freshness.Of(ctx, r.registries, reference, base, ships(build.File, use))
			switch {
			case err != nil:
				why = fmt.Errorf("%s: %w", reference, err)
			case verdict.State == freshness.Stale:
				return freshness.Stale, nil
			case verdict.State == freshness.Fresh:
				state = freshness.Fresh
			default:
				why = fmt.Errorf("%s: %s", reference, verdict.Reason)
			}
		}
	}
	if state == freshness.Fresh {
		why = nil
	}
	return state, why
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
