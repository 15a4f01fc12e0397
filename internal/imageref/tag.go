package imageref

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// A Tag is a tag with numbers, taken apart.
type Tag struct {
	Text    string   // the whole tag
	Prefix  string   // what stands before the numbers: "v", "noble-"
	Numbers []string // of the version, as written, leading zeros kept: "2026", "01", "5"; of a tag without one, its date or its first other number
	Pre     string   // the mark of a pre-release behind the version: "-rc.2"
	parts   []part
	main    int // the part that is the version; -1 where there is none
}

// ParseTag takes a tag apart. ok is false for a tag without numbers ("latest", "stable",
// "bookworm") and for one that is the hash of a commit ("sha-3f2a9c1").
//
// A tag that begins with dotted numbers, or with "v" and numbers, has its version
// there, but for one or two numbers in front of a version of three: 17-1.0.0 is 1.0.0 for
// 17. In any other the longest run of dotted numbers is the version, of equals the
// first that no name stands right before: "go1.21-1.0.0".
func ParseTag(text string) (t Tag, ok bool) {
	t = parseTag(text)
	at := t.main
	for _, k := range []kind{stamp, revision, distribution} {
		if at < 0 {
			at = slices.IndexFunc(t.parts, func(p part) bool { return p.kind == k && strings.ContainsAny(p.text, "0123456789") })
		}
	}
	if at < 0 {
		return Tag{}, false
	}
	for _, p := range t.parts[:at] {
		t.Prefix += p.text
	}
	t.Prefix += t.parts[at].text[:strings.IndexAny(t.parts[at].text, "0123456789")]
	t.Numbers = t.parts[at].numbers
	return t, true
}

// taken are tags that were taken apart. A repository has few of them, and compares each with many.
var (
	taken      sync.Map
	takenCount atomic.Int32
)

func parseTag(text string) Tag {
	if known, ok := taken.Load(text); ok {
		return known.(Tag) //nolint:forcetypeassert // nothing else is stored
	}
	t := takeApart(strings.Clone(text)) // which may be a part of a long line
	if takenCount.Add(1) <= maxParsed {
		taken.Store(t.Text, t)
	}
	return t
}

func takeApart(text string) Tag {
	t := Tag{Text: text, parts: split(text), main: -1}
	first := 0
	if len(t.parts) > 1 && strings.EqualFold(t.parts[0].text, "v") {
		first = 1
	}
	for i, p := range t.parts {
		switch {
		case p.kind != version:
		case i == first:
			t.main = i
		case t.main < 0, len(p.numbers) > len(t.parts[t.main].numbers) && t.main != first, len(p.numbers) == len(t.parts[t.main].numbers) && t.main != first && t.parts[t.main].glued && !p.glued:
			t.main = i
		case t.main == first && i == first+2 && t.parts[first+1].text == "-" && len(p.numbers) >= 3 && len(t.parts[first].numbers) < 3:
			return t.withMain(i)
		}
	}
	return t.withMain(t.main)
}

// withMain settles which part is the version: a mark of a pre-release elsewhere is a text
// like others.
func (t Tag) withMain(main int) Tag {
	t.main = main
	for i := range t.parts {
		if p := &t.parts[i]; p.kind == pre && i == main+1 && main >= 0 {
			t.Pre = p.text
		} else if p.kind == pre {
			p.kind = literal
		}
	}
	for i := range t.parts {
		if p := &t.parts[i]; p.kind == version && i <= t.main {
			p.shape = p.seps // what is behind the version may have fewer numbers
		}
	}
	for i := len(t.parts) - 1; i > 0; i-- {
		if t.parts[i].kind == literal && t.parts[i-1].kind == literal {
			t.parts[i-1].text += t.parts[i].text
			t.parts = slices.Delete(t.parts, i, i+1)
			if t.main >= i {
				t.main--
			}
		}
	}
	return t
}

// String returns the tag as it is written.
func (t Tag) String() string { return join(t.parts) }

func join(parts []part) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.text)
	}
	return b.String()
}

// SameScheme reports whether t and u can be compared: what is no number is equal, and the
// version has as many numbers. A pre-release is of the scheme of its release, a hash of
// that of any other hash.
func (t Tag) SameScheme(u Tag) bool {
	return t.main == u.main && slices.EqualFunc(t.released(), u.released(), func(p, q part) bool {
		if p.kind == literal {
			return q.kind == literal && p.text == q.text
		}
		return p.kind == q.kind && p.shape == q.shape
	})
}

// released returns the parts of the release that a pre-release is before.
func (t Tag) released() []part {
	return slices.DeleteFunc(slices.Clone(t.parts), func(p part) bool { return p.kind == pre })
}

// SameFlavour reports whether t and u are tags of one scheme that differ in the version
// and its builds alone: 1.0.0-alpine3.19 and 1.0.0-alpine3.20 are two flavours of one
// scheme, and so are 17-1.0.0 and 21-1.0.0.
func (t Tag) SameFlavour(u Tag) bool {
	if !t.SameScheme(u) {
		return false
	}
	for _, d := range t.differences(u) {
		if d.weight == front || d.weight == others {
			return false
		}
	}
	return true
}

// CountsBuilds reports whether t names one build of a version, by a revision, a date, an epoch
// or a hash: such a tag does not move.
func (t Tag) CountsBuilds() bool { return slices.ContainsFunc(t.parts, part.counts) }

// SameLine reports whether t and u, of one scheme, are releases of one line: the first two
// numbers of their versions are equal.
func (t Tag) SameLine(u Tag) bool {
	if t.main < 0 || u.main < 0 {
		return true
	}
	for i := range min(2, len(t.Numbers), len(u.Numbers)) {
		if compareNumbers(t.Numbers[i], u.Numbers[i]) != 0 {
			return false
		}
	}
	return true
}

// Compare orders two tags of one scheme: negative when t is older than u. What stands in
// front of the version counts first, then the version, the versions of other things and
// distributions, and last revisions and dates. A pre-release is older than its release;
// a hash has no say. Its result means nothing across schemes, and it takes [Relate] to
// know whether the newer of the two is newer in all that counts.
func (t Tag) Compare(u Tag) int {
	if all := t.differences(u); len(all) > 0 {
		return all[0].sign
	}
	return 0
}

// CompareVersion orders the version of t and a bound by the numbers that the bound has, whatever
// else is in t: 3.12.4-slim is equal to 3.12. Where it has all of them, a pre-release is
// older than its release. ok is false where one of the two has no version (two dates compare as well),
// and where t has fewer numbers that are all equal: 3 may be older or newer than 3.12.
func (t Tag) CompareVersion(bound Tag) (sign int, ok bool) {
	dated := func(t Tag) bool {
		return t.main < 0 && slices.ContainsFunc(t.parts, func(p part) bool { return p.kind == stamp && slices.Equal(p.numbers, t.Numbers) })
	}
	if (t.main < 0 || bound.main < 0) && (!dated(t) || !dated(bound)) {
		return 0, false
	}
	n := min(len(t.Numbers), len(bound.Numbers))
	switch _, sign = compareGroups(t.Numbers[:n], bound.Numbers[:n]); {
	case sign != 0:
		return sign, true
	case len(t.Numbers) < len(bound.Numbers):
		return 0, false
	case len(t.Numbers) == len(bound.Numbers):
		return comparePre(t.Pre, bound.Pre), true
	}
	return 0, true
}

// A weight says how early a number counts.
type weight uint8

const (
	front  weight = iota // before the version: the 17 of 17-1.0.0
	own                  // the version
	others               // versions of other things, releases of distributions
	builds               // revisions, dates, epochs
)

// A difference is a group of numbers in which two tags of one scheme differ.
type difference struct {
	weight weight
	sign   int  // of a comparison
	step   Step // from the one to the other, whichever is newer
	dated  bool // of builds: it is a stamp
}

// differences returns what differs, hashes left out, in the order in which it counts.
func (t Tag) differences(u Tag) []difference {
	var all []difference
	theirs := u.released()
	for i, p := range t.released() {
		q := theirs[i]
		d := difference{weight: others, dated: p.kind == stamp}
		var at int
		if at, d.sign = compareGroups(p.numbers, q.numbers); i == t.main && d.sign == 0 {
			at, d.sign = 2, comparePre(t.Pre, u.Pre)
		}
		if d.sign == 0 {
			continue
		}
		d.step = [...]Step{Major, Minor, Patch}[min(at, 2)]
		switch {
		case i == t.main:
			d.weight = own
		case p.kind == revision || p.kind == stamp:
			d.weight, d.step = builds, Patch
		case p.kind == distribution && at < p.release:
			d.step = Major
		case p.kind == distribution:
			d.step = Patch
		case i < t.main:
			d.weight = front
		}
		all = append(all, d)
	}
	slices.SortStableFunc(all, func(a, b difference) int { return cmp.Compare(a.weight, b.weight) })
	return all
}

// compareGroups compares groups of numbers, and returns where they differ. What is missing
// is less than any number.
func compareGroups(a, b []string) (at, sign int) {
	for at = range min(len(a), len(b)) {
		if sign = compareNumbers(a[at], b[at]); sign != 0 {
			return at, sign
		}
	}
	return min(len(a), len(b)), cmp.Compare(len(a), len(b))
}

// compareNumbers compares decimal numbers of any length, whatever their width.
func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// comparePre orders pre-releases of one version, of which none is the release itself.
func comparePre(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == "":
		return 1
	case b == "":
		return -1
	}
	return cmp.Or(cmp.Compare(slices.Index(preKinds, preKind(a)), slices.Index(preKinds, preKind(b))), compareNumbers(preNumber(a), preNumber(b)))
}

// preKinds orders the marks of pre-releases as projects use them.
var preKinds = []string{"snapshot", "dev", "ea", "a", "alpha", "b", "beta", "m", "pre", "preview", "rc"}

func preKind(pre string) string {
	return strings.ToLower(strings.Trim(pre, "-._0123456789"))
}

func preNumber(pre string) string { return pre[len(strings.TrimRight(pre, "0123456789")):] }
