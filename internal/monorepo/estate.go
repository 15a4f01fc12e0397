package monorepo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/estate"
	"github.com/matihlabs/propagate/internal/freshness"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/scanner"
)

// Estate sums up the base images of the repository. It asks nobody.
func (r *Repository) Estate() *estate.Estate {
	curated := map[string]bool{}
	for _, base := range r.Curated() {
		curated[base.Image] = true
	}
	tree := r.vendored()
	return estate.New(r.Graph(), estate.Options{Curated: curated, Vendored: func(dockerfile string) bool {
		_, ok := tree(dockerfile)
		return ok
	}})
}

// FilePages returns the pages on which a forge shows the files of the commit that was read; ok is false where none is known. It asks nobody.
func (r *Repository) FilePages() (pages publish.Pages, ok bool) {
	if r.git == nil {
		return publish.Pages{}, false
	}
	to, err := r.destination()
	if err == nil {
		return publish.FilePages(publish.GitHub, to.Remote.String(), r.Revision.Commit)
	}
	origin, err := r.git.RemoteURL("origin")
	if err != nil {
		return publish.Pages{}, false
	}
	return publish.FilePages(publish.ServerOf(origin), origin, r.Revision.Commit)
}

// A PublishedBuild is what registries have of a build, and whether that is based on what the Dockerfile names now.
type PublishedBuild struct {
	Build     *graph.Node
	On        []imageref.Ref // what it ships, as its Dockerfile names it
	Published []Published
	Stands    freshness.Verdict // of all that is published
}

// IsAbsent reports whether no registry has what the build is to be published as.
func (b *PublishedBuild) IsAbsent() bool {
	return len(b.Published) > 0 && !slices.ContainsFunc(b.Published, func(p Published) bool { return !p.Absent })
}

// Published asks registries what is published of the builds that ship another image, and whether it is based on
// what they name as that now, by path and target: a tag that has moved since leaves it behind, and so does a version that was edited and not
// built. What registries did not say is among the builds as unknown, and summed up by registry. The error is that of ctx.
func (r *Repository) Published(ctx context.Context) ([]PublishedBuild, []Unasked, error) {
	asked := &asker{repo: r}
	tree := r.vendored()
	d := r.drift()
	var all []PublishedBuild
	for _, node := range r.Graph().Builds() {
		if _, vendored := tree(node.File.Path); vendored || !node.File.IsDockerfile() || node.File.Unreadable {
			continue
		}
		b := PublishedBuild{Build: node}
		known := true
		for _, ref := range node.File.Refs {
			if ref.Kind == scanner.From && ref.Exposure == scanner.Runtime {
				if ref.Image.IsZero() || ref.Link != "" || ref.Outside.Path != "" {
					known = false
					continue
				}
				b.On = append(b.On, ref.Image)
			}
		}
		if len(b.On) == 0 && known {
			continue // it ships nothing of another
		}
		for _, reference := range publishedAs(r.Graph(), node, d.written) {
			b.Published = append(b.Published, Published{Reference: reference})
		}
		if !known {
			b.On = nil
		}
		all = append(all, b)
	}
	one := r.options.counting(len(all), "build", "asking the registries what is published")
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(askedAtATime)
	for i := range all {
		group.Go(func() error {
			defer one()
			return asked.estateBuild(within, &all[i])
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(all, func(a, b PublishedBuild) int {
		return cmp.Or(cmp.Compare(a.Build.Key, b.Build.Key), cmp.Compare(a.Build.File.Target, b.Build.File.Target))
	})
	return all, asked.sorted(), nil
}

// estateBuild finds out what is published of a build, and whether it is based on what the build names now.
func (a *asker) estateBuild(ctx context.Context, b *PublishedBuild) error {
	err := a.published(ctx, b.Published, func(reference string) (freshness.Verdict, error) { return a.standsOnAll(ctx, reference, b.On) })
	if err == nil {
		b.Stands = together(b.Published)
	}
	return err
}

// standsOnAll compares what is published with each of the images that it may ship: several are those of several platforms. The error is that of ctx.
func (a *asker) standsOnAll(ctx context.Context, published string, on []imageref.Ref) (freshness.Verdict, error) {
	if len(on) == 0 {
		return freshness.Verdict{Reason: "it is not known what it is based on"}, nil
	}
	var all []Published
	for _, ref := range on {
		base := ref.String()
		if isReserved(base) {
			all = append(all, Published{Stands: freshness.Verdict{Reason: fmt.Sprintf("%s is not asked: %v", registryOf(base), errReserved)}})
			continue
		}
		if _, err := a.repo.registries.Image(ctx, base); ctx.Err() != nil {
			return freshness.Verdict{}, ctx.Err()
		} else if err != nil {
			reason := "its registry has no " + imageref.Familiar(base)
			if !errors.Is(err, registry.ErrNoTag) {
				reason = a.lacks(base, err)
			}
			all = append(all, Published{Stands: freshness.Verdict{Reason: reason}})
			continue
		}
		v, err := freshness.Of(ctx, a.repo.registries, published, base, true)
		if ctx.Err() != nil {
			return v, ctx.Err()
		} else if err != nil {
			v = freshness.Verdict{Reason: a.lacks(published, err)}
		}
		all = append(all, Published{Stands: v})
	}
	return together(all), nil
}
