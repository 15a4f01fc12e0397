package monorepo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/freshness"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/scanner"
)

// Unasked is what a registry did not say of some images, for one reason.
type Unasked struct {
	Registry string
	Err      error
	Images   int
}

// An asker asks registries what is published.
type asker struct {
	repo *Repository

	mu      sync.Mutex
	unasked []*Unasked
}

// base finds out when a version of a base was published, and what it cannot be compared for.
func (a *asker) base(ctx context.Context, base *StatusBase) error {
	reference := reference(base.Bump)
	if isReserved(base.Image) {
		base.Why = fmt.Sprintf("%s is not asked: %v", registryOf(base.Image), errReserved)
		return nil
	}
	image, err := a.repo.registries.Image(ctx, reference)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, registry.ErrNoTag):
		base.Why = "its registry has no " + reference
		a.repo.options.note("%s is not published: nothing can stand on it", reference)
	case err != nil:
		base.Why = a.lacks(base.Image, err)
	}
	base.Published = image.Time
	if base.Why == "" {
		base.above = a.above(ctx, base, image)
	}
	return ctx.Err()
}

// nearVersions is how many versions on either side of a base are looked at for such as have its layers, and more.
const nearVersions = 5

// above returns the other versions of a base whose lowest layers are all that the base has: what stands on one of them
// seems to stand on the base. They are those that builds are on and, where the registry lists them, those next to it.
func (a *asker) above(ctx context.Context, base *StatusBase, image registry.Image) (all []string) {
	tag, ok := imageref.ParseTag(base.Tag)
	if !ok {
		return nil
	}
	near := slices.Clone(base.inUse)
	listed, err := a.repo.registries.Tags(ctx, base.Image)
	if err == nil {
		var older, newer []imageref.Tag
		for _, text := range listed {
			switch other, _ := imageref.ParseTag(text); {
			case imageref.Relate(text, base.Tag) == imageref.Patch:
				older = append(older, other)
			case imageref.Relate(base.Tag, text) == imageref.Patch:
				newer = append(newer, other)
			}
		}
		slices.SortStableFunc(older, func(x, y imageref.Tag) int { return y.Compare(x) })
		slices.SortStableFunc(newer, imageref.Tag.Compare)
		for _, t := range slices.Concat(older[:min(nearVersions, len(older))], newer[:min(nearVersions, len(newer))]) {
			near = append(near, t.Text)
		}
	}
	slices.Sort(near)
	for _, version := range slices.Compact(near) {
		if version == tag.Text || version == "" {
			continue
		}
		other := imageref.Ref{Repository: base.Image, Tag: version}.String()
		if found, err := a.repo.registries.Image(ctx, other); err == nil && freshness.HasAbove(found, image) {
			all = append(all, other)
		}
	}
	return all
}

// build finds out what is published of a build, and whether it is based on its base.
func (a *asker) build(ctx context.Context, b *StatusBuild, base *StatusBase) error {
	err := a.published(ctx, b.Published, func(reference string) (freshness.Verdict, error) { return a.stands(ctx, b, reference, base) })
	if err != nil {
		return err
	}
	b.Stands = together(b.Published)
	if b.Stands.State == freshness.Stale {
		b.Exposed = base.Published
	}
	return nil
}

// published finds out which of the images of a build its registry has, and asks of each that is there what it is based on.
// The error is that of ctx, or of stands.
func (a *asker) published(ctx context.Context, all []Published, stands func(reference string) (freshness.Verdict, error)) error {
	for i := range all {
		p := &all[i]
		if isReserved(p.Reference) {
			p.Stands.Reason = fmt.Sprintf("%s is not asked: %v", registryOf(p.Reference), errReserved)
			continue
		}
		image, err := a.repo.registries.Image(ctx, p.Reference)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, registry.ErrNoTag):
			p.Absent, p.Stands.Reason = true, "its registry has no such image"
		case err != nil:
			p.Stands.Reason = a.lacks(p.Reference, err)
		default:
			p.Digest, p.Time = image.Digest, image.Time
			if p.Stands, err = stands(p.Reference); err != nil {
				return err
			}
		}
	}
	return nil
}

// stands compares what is published with the base and, where the build is on a newer version, with that.
func (a *asker) stands(ctx context.Context, b *StatusBuild, published string, base *StatusBase) (freshness.Verdict, error) {
	if base.Why != "" {
		return freshness.Verdict{Reason: base.Why}, nil
	}
	references := []string{reference(base.Bump)}
	if b.Action == bumper.ActionSkip && b.Reason == bumper.ReasonNewer && b.Wave == 1 {
		references = append(references, reference(bumper.Bump{Image: base.Image, Tag: b.Current}))
	}
	var first freshness.Verdict
	for i, on := range references {
		above := base.above
		if i > 0 {
			above = nil // those above the newer version are not known
		}
		v, err := freshness.Of(ctx, a.repo.registries, published, on, b.Exposure == scanner.Runtime, above...)
		switch {
		case ctx.Err() != nil:
			return v, ctx.Err()
		case err != nil:
			v = freshness.Verdict{Reason: a.lacks(published, err)}
		case v.State == freshness.Fresh && i > 0:
			v.Reason += fmt.Sprintf(" in the newer version %s", b.Current)
		}
		if v.State == freshness.Fresh {
			return v, nil
		}
		if i == 0 {
			first = v
		}
	}
	return first, nil
}

// together returns the verdict of all that is published of a build: one image that is behind is enough, and all have to
// be known. What the registry does not have is of no account beside what it has.
func together(published []Published) freshness.Verdict {
	if len(published) == 0 {
		return freshness.Verdict{Reason: "nothing says under which name its image is published"}
	}
	all := slices.DeleteFunc(slices.Clone(published), func(p Published) bool { return p.Absent })
	if len(all) == 0 {
		return published[0].Stands
	}
	for _, state := range []freshness.State{freshness.Stale, freshness.Unknown} {
		if i := slices.IndexFunc(all, func(p Published) bool { return p.Stands.State == state }); i >= 0 {
			return all[i].Stands
		}
	}
	return all[0].Stands
}

// lacks notes what a registry did not say, and returns the reason.
func (a *asker) lacks(image string, err error) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	host := registryOf(image)
	at := slices.IndexFunc(a.unasked, func(u *Unasked) bool { return u.Registry == host })
	if at < 0 {
		at = len(a.unasked)
		a.unasked = append(a.unasked, &Unasked{Registry: host, Err: err})
	}
	u := a.unasked[at]
	u.Images++
	if err.Error() < u.Err.Error() { // of several, the same one each time
		u.Err = err
	}
	return err.Error()
}

func (a *asker) sorted() []Unasked {
	var all []Unasked
	for _, u := range a.unasked {
		all = append(all, *u)
	}
	slices.SortFunc(all, func(x, y Unasked) int { return cmp.Compare(x.Registry, y.Registry) })
	return all
}
