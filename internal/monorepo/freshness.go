package monorepo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/freshness"
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
				if !image.IsConsumed() {
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

// askedAtATime is how many builds the published images of which are looked at at a time; the client has limits of its own
// for each host.
const askedAtATime = 16

// published says of builds on a moving tag whether their published images stand on what the tag names now: it is [outdated.Options.Published].
func (d *drift) published(ctx context.Context, use outdated.Use, digest string) (outdated.Published, error) {
	base := imageref.Ref{Repository: use.Image, Digest: digest}.String()
	type answer struct {
		state freshness.State
		why   error
	}
	answers := map[buildKey]*answer{}
	var group errgroup.Group
	group.SetLimit(askedAtATime)
	for _, place := range use.Places {
		key := buildKey{place.Dockerfile, place.Target}
		if answers[key] == nil {
			a := &answer{}
			answers[key] = a
			group.Go(func() error {
				a.state, a.why = d.freshness(ctx, d.builds[key], use, base)
				return nil
			})
		}
	}
	_ = group.Wait() // no answer is an error of it
	var result outdated.Published
	for _, place := range use.Places {
		is := answers[buildKey{place.Dockerfile, place.Target}]
		if is.why != nil && result.Why == "" {
			result.Why = is.why.Error()
		}
		switch is.state {
		case freshness.Stale:
			result.Behind = append(result.Behind, place)
		case freshness.Unknown:
			result.Unknown = append(result.Unknown, place)
		}
	}
	return result, ctx.Err()
}

// freshness says whether what builds of a Dockerfile and target have published stands on their base: what
// one of them has not is stale, and all have to be known to be fresh. why says what is not known.
func (d *drift) freshness(ctx context.Context, builds []*graph.Node, use outdated.Use, base string) (state freshness.State, why error) {
	for _, build := range builds {
		references := publishedAs(d.Graph(), build, d.written)
		is, err := d.stands(ctx, references, base, ships(build.File, use))
		if errors.Is(err, registry.ErrNoTag) && is == freshness.Unknown { // the version that the repository says is still to come
			if before := usedOf(d.Graph(), build, references); len(before) > 0 {
				is, err = d.stands(ctx, before, base, ships(build.File, use))
			}
		}
		switch is {
		case freshness.Stale:
			return is, nil
		case freshness.Fresh:
			state = is
		case freshness.Unknown:
			why = err
		}
	}
	if why != nil {
		return freshness.Unknown, why
	}
	return state, nil
}

// stands says whether published images stand on their base, of which the layers are shipped or not: one that does not
// is enough, and all have to be known. What the registry does not have is of no account beside what it has. why
// says what is not known, of the last of them.
func (d *drift) stands(ctx context.Context, references []string, base string, ships bool) (state freshness.State, why error) {
	var absent error
	for _, reference := range references {
		verdict, err := freshness.Of(ctx, d.registries, reference, base, ships)
		switch {
		case errors.Is(err, registry.ErrNoTag):
			absent = fmt.Errorf("%s: %w", reference, err)
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
	switch {
	case why != nil:
		return freshness.Unknown, why
	case state == freshness.Fresh:
		return state, nil
	case absent != nil:
		return freshness.Unknown, absent
	}
	return freshness.Unknown, errors.New("no published image of the build is known")
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
