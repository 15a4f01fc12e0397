package publish

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/imageref"
)

// A slot is one of the branches that a change may have: its own, and where a person holds
// that one and a newer version came, the same with -2, -3 and so on.
type slot struct {
	number int
	branch string
	pull   *ourPull // that is open for the branch; nil if there is none
	// versions are those that the pull request is known to carry; nil if they are not known.
	versions []bumper.Subject
}

// slots returns what there is of a change on the remote, the last one last.
func (p *Pulls) slots(s *survey, c Change) []slot {
	byNumber := map[int]slot{}
	for i := range s.ours {
		pull := &s.ours[i]
		n, versions, ok := p.matches(pull, c)
		if !ok {
			continue
		}
		// Of two for one slot the older is kept: it has what people said of it.
		if old := byNumber[n]; old.pull == nil || old.pull.Number > pull.Number {
			byNumber[n] = slot{number: n, branch: pull.Branch, pull: pull, versions: versions}
		}
	}
	// A branch alone is what is left of a run that ended before it opened the pull request. Its
	// number counts behind that of a pull request only: service-2 is a name as well.
	for n := 1; ; n++ {
		branch := numberedBranch(c, n)
		if _, has := byNumber[n]; has {
			continue
		}
		if n > 1 && byNumber[n-1].pull == nil || s.branches[branch] == "" || s.isOther(branch, c) {
			break
		}
		byNumber[n] = slot{number: n, branch: branch}
	}
	var all []slot
	for _, s := range byNumber {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b slot) int { return cmp.Compare(a.number, b.number) })
	return all
}

// numberedBranch returns the branch of a change in a slot.
func numberedBranch(c Change, n int) string {
	if n < 2 {
		return c.Branch
	}
	return fmt.Sprintf("%s-%d", c.Branch, n)
}

// isOther reports whether a branch is one of another change, or of a pull request that is
// none of propagate's.
func (s *survey) isOther(branch string, c Change) bool {
	return slices.ContainsFunc(s.changes, func(other Change) bool { return other.Branch == branch && c.Branch != branch }) ||
		slices.ContainsFunc(s.open, func(pull forge.Pull) bool { return pull.Branch == branch && c.Branch != branch })
}

var number = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^-([2-9]|[1-9][0-9]+)$`) })

// numbered returns which slot of the branch rest a branch is; both are without prefix.
func numbered(branch, rest string) (n int, ok bool) {
	tail, ok := strings.CutPrefix(branch, rest)
	if !ok || tail == "" {
		return 1, ok
	}
	at := number().FindStringSubmatch(tail)
	if at == nil {
		return 0, false
	}
	n, err := strconv.Atoi(at[1])
	return n, err == nil
}

// matches reports whether an open pull request is one of the change, and in which slot.
// A mark says so; without one the name of the branch does, also one of an earlier version of the
// program, which has the version in it.
func (p *Pulls) matches(pull *ourPull, c Change) (n int, versions []bumper.Subject, ok bool) {
	if pull.was.marked {
		m := pull.was.mark
		return max(m.Slot, 1), m.Of, m.Base == p.Base && m.Group == groupOf(c) && (c.Name != "" || sameLines(m.Of, c.Subjects))
	}
	if pull.Base != p.Base {
		return 0, nil, false
	}
	for _, prefix := range []string{p.Prefix, bumper.BranchPrefix} {
		branch, has := strings.CutPrefix(pull.Branch, prefix)
		if !has {
			continue
		}
		if n, ok := numbered(branch, strings.TrimPrefix(c.Branch, p.Prefix)); ok {
			return n, nil, true
		}
		if versions, ok := c.WasNamed(branch); ok {
			return 1, versions, true
		}
	}
	return 0, nil, false
}

// groupOf returns which group a change is, for its mark. A group that the configuration
// names is one change, whatever bases it holds.
func groupOf(c Change) string {
	if c.Name != "" {
		return "name " + c.Name
	}
	return c.GroupSlug
}

// sameLines reports whether two lists of bases are of the same lines, in any order, whatever
// the versions, and in however many of them.
func sameLines(a, b []bumper.Subject) bool { return hasLines(a, b) && hasLines(b, a) }

// hasLines reports whether the lines of some bases are all among those of others.
func hasLines(others, some []bumper.Subject) bool {
	return !slices.ContainsFunc(some, func(x bumper.Subject) bool {
		return !slices.ContainsFunc(others, func(y bumper.Subject) bool { return sameLine(x, y) })
	})
}

// sameLine reports whether two bases are of the same line. What a line is called depends on
// which others there are: one whose name differs is the same if the versions are a patch apart.
func sameLine(x, y bumper.Subject) bool {
	if x.Image != y.Image || x.From != y.From {
		return false
	}
	if x.Line == y.Line {
		return true
	}
	step := imageref.Relate(tagOf(x.Version), tagOf(y.Version))
	back := imageref.Relate(tagOf(y.Version), tagOf(x.Version))
	return step == imageref.Same || step == imageref.Patch || back == imageref.Patch
}

// calledAs returns the bases of a change with their lines called as they were in the mark
// of its pull request. What a line is called depends on which others are in use, and a
// service that uses another one is no reason to write to this pull request.
func calledAs(were, are []bumper.Subject) []bumper.Subject {
	called := slices.Clone(are)
	for i, is := range called {
		if at := slices.IndexFunc(were, func(was bumper.Subject) bool { return sameLine(was, is) }); at >= 0 {
			called[i].Line = were[at].Line
		}
	}
	return called
}

func tagOf(version string) string {
	tag, _, _ := strings.Cut(version, "@")
	return tag
}

// hasImages reports whether the images of some bases are all among those of others.
func hasImages(others, some []bumper.Subject) bool {
	return !slices.ContainsFunc(some, func(x bumper.Subject) bool {
		return !slices.ContainsFunc(others, func(y bumper.Subject) bool { return x.Image == y.Image })
	})
}

// An order is how the versions of what is there compare to those of a change.
type order uint8

const (
	unknown order = iota // they do not compare, or are not known
	older                // the change has newer ones
	same
	newer
)

// compareSubjects says how what is there relates to what the change has. A base that is not there
// makes it older.
func compareSubjects(there, wanted []bumper.Subject) order {
	if len(there) == 0 {
		return unknown
	}
	result := same
	for _, is := range wanted {
		o := older
		// Of an image in several versions, one that is nearer to another of them is that one's.
		if at := find(there, is); at >= 0 && !slices.ContainsFunc(wanted, func(other bumper.Subject) bool {
			return other.Image == is.Image && distance(there[at], other) < distance(there[at], is)
		}) {
			o = compareVersions(there[at].Version, is.Version)
		}
		switch {
		case o == same:
		case result == same:
			result = o
		case result != o:
			return unknown
		}
	}
	return result
}

// find returns where the base is among others. A commit names no lines: there the one of
// the image is it whose version is nearest.
func find(there []bumper.Subject, wanted bumper.Subject) int {
	if at := slices.IndexFunc(there, func(s bumper.Subject) bool { return s.Line != "" && sameLine(s, wanted) }); at >= 0 {
		return at
	}
	best, step := -1, imageref.Step(0)
	for i, s := range there {
		if s.Image != wanted.Image {
			continue
		}
		if up := distance(s, wanted); best < 0 || up < step {
			best, step = i, up
		}
	}
	return best
}

// distance is the step between two versions, whichever is newer. Variants are further apart than
// any versions.
func distance(a, b bumper.Subject) imageref.Step {
	up, down := imageref.Relate(tagOf(a.Version), tagOf(b.Version)), imageref.Relate(tagOf(b.Version), tagOf(a.Version))
	if up == imageref.Variant && down == imageref.Variant {
		return imageref.Major + 1
	}
	return max(up, down)
}

func compareVersions(was, is string) order {
	if was == is {
		return same
	}
	switch imageref.Relate(tagOf(was), tagOf(is)) {
	case imageref.Patch, imageref.Minor, imageref.Major:
		return older
	case imageref.Older:
		return newer
	case imageref.Same:
		return older // the digest has moved
	}
	if strings.HasPrefix(was, "sha256:") || strings.HasPrefix(is, "sha256:") {
		return older
	}
	return unknown
}

// text names versions for a person: "1.0.1", "base-java:17.0.4 and base-node:20.1".
func versionText(subjects []bumper.Subject) string {
	if len(subjects) == 1 {
		return subjects[0].Version
	}
	var all []string
	for _, s := range subjects {
		all = append(all, fmt.Sprintf("%s:%s", imageref.Base(s.Image), s.Version))
	}
	return strings.Join(all, " and ")
}
