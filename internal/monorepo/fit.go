package monorepo

import (
	"cmp"
	"maps"
	"slices"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/imageref"
)

// A Build is a way in which a Dockerfile is built.
type Build struct {
	Context string // a directory, from the root; "" where it is not known
	Target  string // the stage that is shipped; "" is the last
	Args    map[string]string

	Platforms []string // as the build file has them; none where it does not say

	// Contexts are the named contexts, as bake reads them in the root of the
	// repository. Links are those that other builds make, with what these know their
	// images by.
	Contexts, Links map[string]string

	Images []imageref.Ref // what its image is known by; without a tag where that is not known
	Tags   []imageref.Ref // those that have a tag, once the edits of the plan are made: of the build file that counts most
	Names  []string       // what the other builds of its build files call it

	Settings buildfile.Settings // of the build file that counts most of those that say any
}

// same reports whether two builds make the same. A context that is not known may
// be any.
func (b Build) same(other Build) bool {
	return (b.Context == other.Context || b.Context == "" || other.Context == "") && b.Target == other.Target &&
		maps.Equal(b.Args, other.Args) && maps.Equal(b.Settings.Open, other.Settings.Open) && slices.Equal(b.Platforms, other.Platforms) && maps.Equal(b.Contexts, other.Contexts) && maps.Equal(b.Links, other.Links)
}

// How well an image fits a reference.
const (
	sameRepository = iota + 1
	sameScheme     // it is another version of the same flavour
	sameTag
)

// Makes says how well what the build makes fits a reference: 0 is not at all, and more
// is better.
func (b Build) Makes(ref imageref.Ref) int {
	best := 0
	for _, image := range b.Images {
		if image.Repository != ref.Repository {
			continue
		}
		fit := sameRepository
		if ref.Tag != "" && image.Tag == ref.Tag {
			fit = sameTag
		} else if is, ok := imageref.ParseTag(image.Tag); ok {
			if wanted, ok := imageref.ParseTag(ref.Tag); ok && is.SameFlavour(wanted) {
				fit = sameScheme
			}
		}
		best = max(best, fit)
	}
	return best
}

// Maker returns the index of the first of the builds that fit a reference best, -1 where
// none makes its image.
func Maker(builds []Build, ref imageref.Ref) int {
	found, best := -1, 0
	for i, b := range builds {
		if fit := b.Makes(ref); fit > best {
			found, best = i, fit
		}
	}
	return found
}

// BuildsOf returns how the Dockerfile of an item is built once the edits of its plan are made, the build that
// counts most first: each that is known once, or the one of its directory. There is one at least.
// All have a context, and every image that the Dockerfile makes has a build that makes it.
func (r *Repository) BuildsOf(p *bumper.Plan, item *bumper.Item) []Build {
	return waysOf(item, r.known(item.File, p.After))
}

func waysOf(item *bumper.Item, known []Build) []Build {
	var own []graph.Claim
	for _, image := range item.Makes {
		own = append(own, image.Claims...)
	}
	known = slices.Clone(known)
	for _, claim := range own {
		// What the configuration says overrules the build files.
		for i := range known {
			if claim.Rule == graph.Configured && claim.Context != "" {
				known[i].Context = claim.Context
			}
		}
	}
	builds := distinct(known)
	if len(builds) == 0 {
		b := Build{Context: item.Context}
		for _, claim := range own {
			b.Target = cmp.Or(b.Target, claim.Target)
		}
		builds = append(builds, b)
	}
	likely := item.Context
	if i := slices.IndexFunc(builds, func(b Build) bool { return b.Context != "" }); i >= 0 {
		likely = builds[i].Context
	}
	for i := range builds {
		builds[i].Context = cmp.Or(builds[i].Context, likely)
	}
	for _, claim := range own {
		if claim.Image == "" {
			continue
		}
		image := imageref.Ref{Repository: claim.Image}
		if Maker(builds, image) < 0 {
			i := max(slices.IndexFunc(builds, func(b Build) bool { return b.Target == claim.Target }), 0)
			builds[i].Images = append(builds[i].Images, image)
		}
	}
	return builds
}

// distinct returns the builds without those that are the same as one before, whose
// images that one makes as well.
func distinct(all []Build) []Build {
	var builds []Build
	for _, b := range all {
		i := slices.IndexFunc(builds, b.same)
		if i < 0 {
			b.Images = slices.Clone(b.Images) // the caller's is not added to
			builds = append(builds, b)
			continue
		}
		builds[i].Context = cmp.Or(builds[i].Context, b.Context)
		builds[i].Images = append(builds[i].Images, b.Images...)
		builds[i].Names = append(builds[i].Names, b.Names...)
		if builds[i].Tags == nil {
			builds[i].Tags = b.Tags
		}
		if s := &builds[i].Settings; s.Labels == nil && s.Secret == nil && s.SSH == nil {
			s.Labels, s.Secret, s.SSH = b.Settings.Labels, b.Settings.Secret, b.Settings.SSH
		}
	}
	return builds
}
