package publish

import (
	"bytes"
	"slices"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/forge"
)

// A Carrier is a pull request that propagate made, in whatever state it is, with what it carries.
type Carrier struct {
	forge.Pull
	// Abandoned says that propagate closed it itself, since it was not needed any more.
	Abandoned bool

	was description
}

// Carriers returns those of some pull requests into a base branch that propagate made and marked, the highest
// number first.
func Carriers(pulls []forge.Pull, base string) []Carrier {
	var all []Carrier
	for _, pull := range pulls {
		if was := describePull(pull); was.marked && pull.Base == base {
			all = append(all, Carrier{Pull: pull, Abandoned: pull.State == forge.Closed && was.mark.Closed != "", was: was})
		}
	}
	slices.SortFunc(all, func(a, b Carrier) int { return b.Number - a.Number })
	return all
}

// Carries reports whether the pull request moves a line of an image to a version, or to a newer one.
func (c Carrier) Carries(base bumper.Subject) bool {
	return slices.ContainsFunc(c.was.mark.Of, func(of bumper.Subject) bool {
		if !sameLine(of, base) {
			return false
		}
		o := compareVersions(of.Version, base.Version)
		return o == same || o == newer
	})
}

// MovesOn reports whether the pull request moves an image to a newer version than one or, if told so, to that one.
func (c Carrier) MovesOn(image, version string, orTo bool) bool {
	return slices.ContainsFunc(c.was.mark.Of, func(of bumper.Subject) bool {
		o := compareVersions(of.Version, version)
		return of.Image == image && (o == newer || orTo && o == same)
	})
}

// Edits reports whether the pull request edits a file. One that edits very many does not say which: it may be
// any.
func (c Carrier) Edits(path string) bool {
	of := pathPlace(path)
	return len(c.was.mark.Places) == 0 || slices.ContainsFunc(splitPlaces(c.was.mark.Places), func(place []byte) bool { return bytes.HasPrefix(place, of) })
}
