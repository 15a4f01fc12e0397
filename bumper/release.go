package bumper

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A Release is a place that says which version an image of the repository has: the
// tag in the build file that makes it, a label, a file called VERSION.
type Release struct {
	Tag trace.Text
	How string // what kind of place it is, for people: "label", "VERSION file"

	// Weak says that the place was found by its looks. It counts where no better
	// one says otherwise, and never with a version older than one that is in use.
	Weak bool
}

func (r Release) String() string { return fmt.Sprintf("%s says %s (%s)", r.Tag.Pos(), r.Tag.S, r.How) }

// A version is what the tags of one scheme of an image are at.
type version struct {
	now    imageref.Tag
	places []Release // where it is written; none for one that is known by its use alone
}

// next returns the tag of the next patch; "" for a tag that moves with its line.
func (v version) next() string {
	tag, _ := v.now.Next()
	return tag
}

// A ContradictionError says that two places give one image two versions.
type ContradictionError struct {
	Image  string
	Places []string // "path:line:col says 1.0.0 (label)"
}

// Error names the image and the places.
func (e *ContradictionError) Error() string {
	return fmt.Sprintf("%s: its version is not clear: %s", e.Image, strings.Join(e.Places, "; "))
}

// Hint says how to settle it.
func (e *ContradictionError) Hint() string {
	return "correct the place that is wrong, or say under versions: in the configuration which one counts"
}

// A NoVersionError says that nothing tells which version a derived base has next.
type NoVersionError struct {
	Image string
	Path  string       // the Dockerfile that makes it
	Uses  []source.Pos // of the references that would have to move
}

// Error names the image, its Dockerfile and who would have to move.
func (e *NoVersionError) Error() string {
	var uses []string
	for i, pos := range e.Uses {
		if i == 3 {
			uses = append(uses, fmt.Sprintf("and %d more", len(e.Uses)-i))
			break
		}
		uses = append(uses, pos.String())
	}
	return fmt.Sprintf("%s: it makes %s, which has no version that is known, so these cannot move: %s", e.Path, e.Image, strings.Join(uses, ", "))
}

// Hint says where a version can come from.
func (e *NoVersionError) Hint() string {
	return fmt.Sprintf("say it under versions: in the configuration, label the image with org.opencontainers.image.version, or give --base %s@VERSION once it is published", imageref.Base(e.Image))
}

// versions returns what the tags of an image are at, one for each scheme, the one
// that most references use first.
func (p *planner) versions(image string) ([]version, error) {
	used := p.used(image)
	var strong, weak []Release
	if p.Releases != nil {
		for _, r := range p.Releases(image) {
			switch tag, ok := imageref.ParseTag(r.Tag.S); {
			case !ok || tag.Pre != "":
			case r.Weak && older(tag, used):
			case r.Weak:
				weak = append(weak, r)
			default:
				strong = append(strong, r)
			}
		}
	}
	var versions []version
	if err := settle(&versions, image, withoutAliases(strong)); err != nil {
		return nil, err
	}
	// A weak place counts where the scheme has no better one, or none says otherwise.
	settled := slices.Clone(versions)
	weak = slices.DeleteFunc(weak, func(r Release) bool {
		tag, _ := imageref.ParseTag(r.Tag.S)
		i := slices.IndexFunc(settled, func(v version) bool { return v.now.SameScheme(tag) })
		return i >= 0 && settled[i].now.Compare(tag) != 0 || i < 0 && len(settled) > 0
	})
	if err := settle(&versions, image, weak); err != nil {
		return nil, err
	}
	for _, u := range used {
		i := slices.IndexFunc(versions, func(v version) bool { return v.now.SameScheme(u.tag) })
		switch {
		case i >= 0 && versions[i].now.Compare(u.tag) < 0:
			return nil, &ContradictionError{Image: image, Places: []string{versions[i].places[0].String(), fmt.Sprintf("%s uses %s", u.ref.Pos, u.tag.Text)}}
		case i < 0 && (len(settled) == 0 && len(weak) == 0 || slices.ContainsFunc(versions, func(v version) bool { return slices.Equal(v.now.Numbers, u.tag.Numbers) })):
			versions = append(versions, version{now: u.tag})
		}
	}
	rank := func(v version) int {
		return slices.IndexFunc(used, func(u use) bool { return u.tag.SameScheme(v.now) })
	}
	slices.SortStableFunc(versions, func(a, b version) int { return cmp.Compare(uint(rank(a)), uint(rank(b))) }) //nolint:gosec // -1 is to come last
	return versions, nil
}

// settle adds the releases to the versions, those of one scheme together; a
// *ContradictionError where two of a scheme differ.
func settle(versions *[]version, image string, releases []Release) error {
	for _, r := range releases {
		tag, _ := imageref.ParseTag(r.Tag.S)
		i := slices.IndexFunc(*versions, func(v version) bool { return v.now.SameScheme(tag) })
		if i < 0 {
			*versions = append(*versions, version{now: tag, places: []Release{r}})
			continue
		}
		v := &(*versions)[i]
		if v.now.Compare(tag) != 0 {
			return &ContradictionError{Image: image, Places: []string{v.places[0].String(), r.String()}}
		}
		v.places = append(v.places, r)
	}
	return nil
}

// withoutAliases drops the tags that move along with another one: "1.0" beside
// "1.0.4".
func withoutAliases(releases []Release) []Release {
	return slices.DeleteFunc(slices.Clone(releases), func(alias Release) bool {
		return slices.ContainsFunc(releases, func(r Release) bool {
			return imageref.Relate(alias.Tag.S, r.Tag.S) == imageref.Moving
		})
	})
}

// older reports whether a newer tag of the scheme is in use.
func older(tag imageref.Tag, used []use) bool {
	return slices.ContainsFunc(used, func(u use) bool { return u.tag.SameScheme(tag) && tag.Compare(u.tag) < 0 })
}

// A use is the newest tag of one scheme that is referred to.
type use struct {
	tag   imageref.Tag
	ref   *scanner.Ref
	count int // of the references in the scheme
}

// used returns the newest releases of image that are referred to, the scheme that
// most references use first.
func (p *Plan) used(image string) []use {
	byTag := map[string]*use{}
	for _, ref := range p.Graph.References(image) {
		if known := byTag[ref.Image.Tag]; known != nil {
			known.count++
			continue
		}
		if tag, ok := imageref.ParseTag(ref.Image.Tag); ok && tag.Pre == "" {
			byTag[ref.Image.Tag] = &use{tag, ref, 1}
		}
	}
	var schemes []use
	for _, text := range slices.Sorted(maps.Keys(byTag)) {
		u := *byTag[text]
		i := slices.IndexFunc(schemes, func(s use) bool { return s.tag.SameScheme(u.tag) })
		if i < 0 {
			schemes = append(schemes, u)
			continue
		}
		u.count += schemes[i].count
		if u.tag.Compare(schemes[i].tag) <= 0 {
			u.tag, u.ref = schemes[i].tag, schemes[i].ref
		}
		schemes[i] = u
	}
	slices.SortStableFunc(schemes, func(a, b use) int { return cmp.Compare(b.count, a.count) })
	return schemes
}

// unversioned returns the error for a derived base without any version that is
// known, nil where all its consumers follow a moving tag.
func (p *planner) unversioned(image, maker string) error {
	err := &NoVersionError{Image: image, Path: maker}
	for _, ref := range p.Graph.References(image) {
		moves := ref.Linked || ref.Image.Digest == "" && (ref.Image.Tag == "" || ref.Image.Tag == "latest")
		if moves || ref.Image.IsZero() || ref.Exposure == scanner.Unreachable || ref.Pos.Path == maker || p.Ignored != nil && p.Ignored(ref.Pos.Path) {
			continue
		}
		err.Uses = append(err.Uses, ref.Pos)
	}
	if len(err.Uses) == 0 {
		return nil
	}
	return err
}
