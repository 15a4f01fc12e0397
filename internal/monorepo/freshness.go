package monorepo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/outdated"
	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/scanner"
)

// A buildKey is what a place knows of a build.
type buildKey struct{ dockerfile, target string }

// A drift knows what bases of the repository are published as, for the tags that they are based on.
type drift struct {
	*Repository
	mu      sync.Mutex // of written
	options bumper.Options
	known   map[*graph.Node][]bumper.Written
	builds  map[buildKey][]*graph.Node
}

func (r *Repository) drift() *drift {
	d := &drift{Repository: r, known: map[*graph.Node][]bumper.Written{}, builds: map[buildKey][]*graph.Node{}}
	r.inform(&d.options, r.Graph()) // what is wrong with the versions of the configuration is an error of the plan
	for _, node := range r.Graph().Builds() {
		key := buildKey{node.File.Path, node.File.Target}
		d.builds[key] = append(d.builds[key], node)
	}
	return d
}

// written returns what the repository says of the version of an image that builds are based on.
func (d *drift) written(image *graph.Node) []bumper.Written {
	d.mu.Lock()
	defer d.mu.Unlock()
	all, ok := d.known[image]
	if !ok {
		all = bumper.WrittenVersions(image, d.options)
		d.known[image] = all
	}
	return all
}

// bases returns what builds make that other builds are based on: by place, image and version.
func (d *drift) bases(ctx context.Context, places []outdated.Place) []outdated.Base {
	var all []outdated.Base
	for _, place := range places {
		for _, build := range d.builds[buildKey{place.Dockerfile, place.Target}] {
			for _, image := range build.Makes() {
				if !isConsumed(image) {
					continue
				}
				base := outdated.Base{Image: image.Key, Dockerfile: place.Dockerfile, Target: place.Target}
				written := d.written(image)
				for _, w := range written {
					base.Version, base.Next, base.Unpublished = w.Tag, w.Next, false
					if exists, err := d.registries.Exists(ctx, w.Reference(image)); w.Next != "" && err == nil && !exists {
						base.Next, base.Unpublished = "", true
					}
					all = append(all, base)
				}
				if len(written) == 0 {
					all = append(all, base)
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b outdated.Base) int {
		return cmp.Or(cmp.Compare(a.Image, b.Image), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Dockerfile, b.Dockerfile), cmp.Compare(a.Target, b.Target))
	})
	return slices.Compact(all)
}

// isConsumed reports whether a build that does not make an image is based on it.
func isConsumed(image *graph.Node) bool {
	return slices.ContainsFunc(image.Uses(), func(use *graph.Edge) bool { return use.T != image.Maker() })
}

// published returns what says of builds on a moving tag whether their published images stand on what
// the tag names now: it is [outdated.Options.Published].
func (d *drift) published() func(ctx context.Context, use outdated.Use, digest string) (outdated.Published, error) {
	return func(ctx context.Context, use outdated.Use, digest string) (outdated.Published, error) {
		var result outdated.Published
		base := imageref.Ref{Repository: use.Image, Digest: digest}.String()
		known := map[buildKey]outdated.Freshness{}
		for _, place := range use.Places {
			key := buildKey{place.Dockerfile, place.Target}
			state, asked := known[key]
			if !asked {
				var why error
				state, why = d.freshness(ctx, d.builds[key], use, base)
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
func (d *drift) freshness(ctx context.Context, builds []*graph.Node, use outdated.Use, base string) (state outdated.Freshness, why error) {
	for _, build := range builds {
		if !ships(build.File, use) {
			why = errors.New("its layers are in no image: it is only used to build one")
			continue
		}
		references := publishedAs(d.Graph(), build, d.written)
		if len(references) == 0 {
			why = errors.New("no published image of the build is known")
		}
		is, err := d.stands(ctx, references, base)
		if errors.Is(err, registry.ErrNoTag) && is == outdated.Untold { // the version that the repository says is still to come
			if before := usedOf(d.Graph(), build, references); len(before) > 0 {
				is, err = d.stands(ctx, before, base)
			}
		}
		if err != nil {
			why = err
		}
		switch is {
		case outdated.Stale:
			return is, nil
		case outdated.Fresh:
			state = is
		case outdated.Untold:
		}
	}
	if state == outdated.Fresh {
		why = nil
	}
	return state, why
}

// stands says whether published images stand on their base. why says what is not known, of the last of them.
func (d *drift) stands(ctx context.Context, references []string, base string) (state outdated.Freshness, why error) {
	for _, reference := range references {
		image, base, err := d.layers(ctx, reference, base)
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
