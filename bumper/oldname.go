package bumper

import (
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
)

// Earlier versions of the program named the branch of a change after the version as well:
// "base-java-1.0.1--wave-1". Their pull requests are found again by the functions here.

// WasNamed reports whether an earlier version of the program may have named a branch so
// that has an older or the same version of the change; branch is without the prefix. It
// returns the bases with the versions in the name.
func (c Change) WasNamed(branch string) (versions []Subject, ok bool) {
	name, group, _ := strings.Cut(branch, "--")
	if group != c.GroupSlug {
		return nil, false
	}
	return c.named(name)
}

func (c Change) named(name string) (versions []Subject, ok bool) {
	parts := strings.Split(name, "+")
	if len(parts) != len(c.Subjects) {
		return nil, false
	}
	rest := slices.Clone(c.Subjects)
	for _, part := range parts {
		at := slices.IndexFunc(rest, func(s Subject) bool {
			_, fits := s.oldVersion(part)
			return fits
		})
		if at < 0 {
			return nil, false
		}
		s := rest[at]
		s.Version, _ = s.oldVersion(part)
		versions = append(versions, s)
		rest = slices.Delete(rest, at, at+1)
	}
	slices.SortStableFunc(versions, func(a, b Subject) int { return c.at(a) - c.at(b) })
	return versions, true
}

// at returns which of the bases of c a base is.
func (c Change) at(s Subject) int {
	return slices.IndexFunc(c.Subjects, func(t Subject) bool { return t.Image == s.Image && t.Line == s.Line })
}

// oldVersion returns the version in the old name of a base. It is a tag of the line of s.
func (s Subject) oldVersion(name string) (version string, ok bool) {
	for _, image := range []string{imageref.Base(s.Image), s.Image} {
		rest, has := strings.CutPrefix(name, slug(image)+"-")
		if !has {
			continue
		}
		for _, version := range []string{rest, unhashed(rest)} {
			switch imageref.Relate(version, s.tag()) {
			case imageref.Same, imageref.Patch, imageref.Minor, imageref.Major, imageref.Older:
				return version, true
			}
		}
	}
	return "", false
}

// unhashed returns a name without the hash at its end that tells it from others.
func unhashed(name string) string {
	if i := strings.LastIndexByte(name, '-'); i > 0 && len(name)-i == 9 {
		return name[:i]
	}
	return name
}

func (s Subject) tag() string {
	tag, _, _ := strings.Cut(s.Version, "@")
	return tag
}

// OldBranch returns the name that an earlier version of the program gave the branch of a
// change, with the prefix.
func (c Change) OldBranch(prefix string) string {
	var names []string
	for _, s := range c.Subjects {
		names = append(names, slug(imageref.Base(s.Image))+"-"+slug(shortVersion(s.Version)))
	}
	name := prefix + strings.Join(names, "+")
	if c.GroupSlug != "" {
		name += "--" + c.GroupSlug
	}
	return name
}

// WasNamedFor reports whether an earlier version of the program may have named a branch so
// for a change of these bases, of any group; branch is without the prefix. It returns the
// bases with the versions in the name.
func WasNamedFor(subjects []Subject, branch string) (versions []Subject, ok bool) {
	name, _, _ := strings.Cut(branch, "--")
	return Change{Subjects: subjects}.named(name)
}
