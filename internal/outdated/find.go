package outdated

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/registry"
)

// parallel is how many images are asked about at a time by default.
const parallel = 16

// Find asks a registry about the images of uses, and returns what it found about each image, by
// name. What a registry does not say is in the result; the error is that of ctx.
func Find(ctx context.Context, r Registry, uses []Use, o Options) ([]Image, error) {
	if o.Parallel <= 0 {
		o.Parallel = parallel
	}
	images := byImage(uses)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(o.Parallel)
	for i := range images {
		group.Go(func() error {
			f := &finder{Options: o, registry: r, image: &images[i], ages: map[string]age{}, digests: map[string]answer{}}
			f.find(ctx)
			if o.Found != nil {
				o.Found()
			}
			return ctx.Err()
		})
	}
	return images, group.Wait()
}

// byImage puts uses below their images.
func byImage(uses []Use) []Image {
	uses = slices.Clone(uses)
	slices.SortStableFunc(uses, func(a, b Use) int {
		return cmp.Or(cmp.Compare(a.Image, b.Image), imageref.LineOf(a.Tag).Compare(imageref.LineOf(b.Tag)), cmp.Compare(a.Tag, b.Tag), cmp.Compare(a.Digest, b.Digest), cmp.Compare(a.Ignored, b.Ignored))
	})
	var images []Image
	for _, use := range uses {
		if n := len(images); n == 0 || images[n-1].Image != use.Image {
			images = append(images, Image{Image: use.Image})
		}
		image := &images[len(images)-1]
		image.Made = image.Made || use.Made
		image.Findings = append(image.Findings, Finding{Use: use})
	}
	return images
}

// A finder finds out about one image. What it has asked once it does not ask again.
type finder struct {
	Options
	registry Registry
	image    *Image
	tags     []string
	ages     map[string]age // by tag
	digests  map[string]answer
}

// An age is when a version was made, or why that is not known.
type age struct {
	time time.Time
	err  error
}

// An answer is the digest of a tag, or why it is not known.
type answer struct {
	digest string
	err    error
}

// digestAlone is why a reference without a tag is not judged.
const digestAlone = "a digest alone says no version: write the tag beside it"

func (f *finder) find(ctx context.Context) {
	judged := false
	for i := range f.image.Findings {
		finding := &f.image.Findings[i]
		switch {
		case finding.Unresolved:
			finding.Why = "its tag is not known"
		case finding.Tag == "" && finding.Digest != "":
			finding.Why = digestAlone
		default:
			judged = true
		}
	}
	if !judged {
		return // nothing is asked for nothing
	}
	tags, err := f.registry.Tags(ctx, f.image.Image)
	if err != nil && f.image.Made && errors.Is(err, registry.ErrNoTag) {
		err = nil // what the repository makes need not be published yet
		for i := range f.image.Findings {
			finding := &f.image.Findings[i]
			finding.Why = cmp.Or(finding.Why, "it is not published")
		}
	} else if err == nil {
		f.tags = slices.Sorted(slices.Values(tags))
	}
	f.image.Err = err
	for i := range f.image.Findings {
		switch finding := &f.image.Findings[i]; {
		case finding.Why != "" || ctx.Err() != nil:
		case err != nil:
			finding.Err = err
		default:
			f.judge(ctx, finding)
		}
	}
}

// judge finds what is newer than the version of a use, and what its tag names.
func (f *finder) judge(ctx context.Context, finding *Finding) {
	f.choose(ctx, finding)
	f.look(ctx, finding)
	if !f.Ages {
		return
	}
	if finding.Take == nil && finding.Newest == [3]*Version{} && finding.Moved == nil {
		return // the age of what is up to date is of no use
	}
	finding.Time = f.age(ctx, cmp.Or(finding.Tag, "latest")).time
	known := func(v *Version) { v.Time = f.age(ctx, v.Tag).time }
	for _, newest := range finding.Newest {
		if newest != nil {
			known(newest)
		}
	}
	if finding.Take != nil {
		known(finding.Take)
	}
	for i := range finding.Held {
		if a, ok := f.ages[finding.Held[i].Tag]; ok {
			finding.Held[i].Time = a.time
		}
	}
	for i := range finding.Candidates {
		if a, ok := f.ages[finding.Candidates[i].Tag]; ok {
			finding.Candidates[i].Time = a.time
		}
	}
}

// age returns when a version was made.
func (f *finder) age(ctx context.Context, tag string) age {
	known, ok := f.ages[tag]
	if !ok {
		image, err := f.registry.Image(ctx, f.reference(tag))
		known = age{image.Time, err}
		f.ages[tag] = known
	}
	return known
}

// digest returns the digest that a tag has now.
func (f *finder) digest(ctx context.Context, tag string) (string, error) {
	known, ok := f.digests[tag]
	if !ok {
		known.digest, known.err = f.registry.Digest(ctx, f.reference(tag))
		f.digests[tag] = known
	}
	return known.digest, known.err
}

func (f *finder) reference(tag string) string {
	return imageref.Ref{Repository: f.image.Image, Tag: tag}.String()
}

// Days says an age in words: in days, below two of them in hours, and below one hour in minutes.
func Days(d time.Duration) string {
	unit, n := "day", int(d/(24*time.Hour))
	if n < 2 {
		unit, n = "hour", int(d/time.Hour)
	}
	if n < 1 {
		unit, n = "minute", int(d/time.Minute)
	}
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
