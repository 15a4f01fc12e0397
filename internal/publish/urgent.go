package publish

import (
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
)

// The pull requests of an emergency stay what they are until they are merged or closed: a run that is none,
// an hour later on its schedule, groups its changes otherwise, and would close them for its own.

// isUrgent reports whether an open pull request is that of an emergency.
func (p ourPull) isUrgent(base string) bool {
	return p.was.marked && p.was.mark.Urgent && p.was.mark.Closed == "" && p.was.mark.Base == base && p.Base == base
}

// urgentFor returns the open pull requests of an emergency that have what a change is for, or a newer version of it.
func (r *run) urgentFor(c Change) (all []ourPull) {
	if c.Urgent {
		return nil
	}
	for _, pull := range r.ours {
		m := pull.was.mark
		if pull.isUrgent(r.Base) && pull.Branch != c.Branch && hasLines(m.Of, c.Subjects) && isNotOlder(m.Of, c.Subjects) {
			all = append(all, pull)
		}
	}
	return all
}

func isNotOlder(there, wanted []bumper.Subject) bool {
	o := compareSubjects(there, wanted)
	return o == same || o == newer
}

// leaveToEmergency opens no pull request for a change all files of which are in open ones of an emergency.
func (r *run) leaveToEmergency() {
	for _, w := range r.works {
		if w.out.State != "" || w.pull != nil || w.all {
			continue
		}
		var has []string
		urgent := r.urgentFor(w.change)
		for _, file := range w.change.Files {
			at := slices.IndexFunc(urgent, func(pull ourPull) bool { return pull.was.mark.edits(file) })
			if at < 0 {
				has = nil
				break
			}
			if number := fmt.Sprintf("#%d", urgent[at].Number); !slices.Contains(has, number) {
				has = append(has, number)
			}
		}
		if len(has) > 0 {
			w.out.State, w.out.Note = Unchanged, "left to the pull requests of an emergency: "+enumerate(has)
		}
	}
}

// edits reports whether the pull request of a mark edits a file, as far as its places are known.
func (m mark) edits(file bumper.ChangedFile) bool {
	return slices.ContainsFunc(splitPlaces(m.Places), func(place []byte) bool { return isAt(place, file) })
}

// goesOn reports whether the pull request of an emergency has what a change of this run, which is none, is for:
// that one does not supersede it.
func (r *run) goesOn(pull ourPull, w *work) bool {
	return slices.ContainsFunc(r.urgentFor(w.change), func(urgent ourPull) bool { return urgent.Number == pull.Number })
}

// goesOn reports whether the pull request of a change is that of an emergency, and the run is none.
func (w *work) goesOn() bool {
	return w.pull != nil && w.was.marked && w.was.mark.Urgent && !w.change.Urgent && !w.all
}

// title returns the title that the pull request of a change is to have.
func (w *work) title() string {
	if w.goesOn() && w.change.UrgentTitle != "" {
		return w.change.UrgentTitle
	}
	return w.change.Title
}

// enumerate names up to maxNumbers of some pull requests.
func enumerate(names []string) string {
	if more := len(names) - maxNumbers; more > 0 {
		names = append(slices.Clone(names[:maxNumbers]), fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}
