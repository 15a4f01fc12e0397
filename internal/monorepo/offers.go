package monorepo

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/offers"
)

// Offered returns what a shell offers of the repository that the options name: what the last run
// found that read HEAD of it, or else what there is now. It says nothing, and asks no network: of
// a repository that is named by a URL nothing is offered.
func Offered(ctx context.Context, options Options) (offers.Offers, error) {
	options.Listen = nil
	if options.isURL() {
		return offers.Offers{}, nil
	}
	if path := options.offersPath(); path != "" {
		if known, ok := offers.Load(path); ok {
			return known, nil
		}
	}
	r, err := Open(ctx, options)
	if err != nil {
		return offers.Offers{}, err
	}
	return r.offers(), r.Close()
}

// offersPath is where the record for a repository or directory is; "" for nowhere.
func (o *Options) offersPath() string {
	git, err := gitrepo.Open(o.Dir)
	switch dir, absErr := filepath.Abs(o.Dir); {
	case err == nil:
		defer func() { _ = git.Close() }() // nothing was read
		return o.recordPath(git.Dir())
	case errors.Is(err, gitrepo.ErrNotRepository) && absErr == nil:
		return o.recordPath(dir)
	}
	return ""
}

func (o *Options) recordPath(dir string) string {
	if path := o.storePath(dir); path != "" {
		return path + ".offers"
	}
	return ""
}

// keepOffers leaves the record, for the revision that people work on. Of a repository that is named by a URL nothing is
// offered.
func (r *Repository) keepOffers() {
	if r.record == "" || r.clone != nil || r.options.Ref != "HEAD" {
		return
	}
	if err := r.offers().Save(r.record); err != nil {
		r.options.detail("what a shell completes cannot be kept: %v", err)
	}
}

// offers lists the images that builds depend on, and the Dockerfiles.
func (r *Repository) offers() offers.Offers {
	all := offers.Offers{Paths: r.AllDockerfiles()}
	versions := map[string]map[string]int{} // by repository and tag, with the number of references
	made := map[string]bool{}
	for _, image := range r.Graph().Images() {
		if image.Nameless {
			continue
		}
		if versions[image.Key] == nil {
			versions[image.Key] = map[string]int{}
		}
		made[image.Key] = made[image.Key] || image.Maker() != nil
		for _, use := range image.Uses() {
			for _, ref := range use.Refs {
				if ref.Image.Tag != "" {
					versions[image.Key][ref.Image.Tag]++
				}
			}
		}
	}
	for key, tags := range versions {
		image := offers.Image{Name: r.shortName(key), Made: made[key]}
		for tag := range tags {
			image.Versions = append(image.Versions, tag)
		}
		slices.SortFunc(image.Versions, func(a, b string) int { return cmp.Or(cmp.Compare(tags[b], tags[a]), cmp.Compare(a, b)) })
		all.Images = append(all.Images, image)
	}
	slices.SortFunc(all.Images, func(a, b offers.Image) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// shortName returns the last component of a repository where that names no other one, or else all
// of it.
func (r *Repository) shortName(repository string) string {
	if r.Graph().Namesakes(repository) == 1 {
		return imageref.Base(repository)
	}
	return repository
}
