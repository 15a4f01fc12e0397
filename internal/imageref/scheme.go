package imageref

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A Scheme says which tag comes next where the tag itself does not: the zero Scheme is that of
// [Tag.Next].
type Scheme struct {
	kind    schemeKind
	pattern *regexp.Regexp // of a template: the groups are its base and its number
	text    string
}

type schemeKind uint8

const (
	byDate schemeKind = iota + 1
	byBuildNumber
	byTemplate
)

// schemeHint lists the schemes for people.
const schemeHint = "date, build-number, or a tag with {base} and {n}, such as {base}-{n}"

// ParseScheme reads a scheme: "date" (the day in the tag becomes today), "build-number" (the
// last number counts up, however long it is), or a template with {base}, the tag of the base,
// and {n}, which counts from 1 for each of these. The error says which there are.
func ParseScheme(text string) (Scheme, error) {
	switch text {
	case "date":
		return Scheme{kind: byDate, text: text}, nil
	case "build-number":
		return Scheme{kind: byBuildNumber, text: text}, nil
	}
	if strings.Count(text, "{base}") != 1 || strings.Count(text, "{n}") != 1 {
		return Scheme{}, fmt.Errorf("%q is no scheme: there are %s", text, schemeHint)
	}
	pattern := strings.NewReplacer(`\{base\}`, `(?P<base>.+)`, `\{n\}`, `(?P<n>\d+)`).Replace(regexp.QuoteMeta(text))
	expr, err := regexp.Compile("^" + pattern + "$")
	if err != nil {
		return Scheme{}, err
	}
	return Scheme{kind: byTemplate, pattern: expr, text: text}, nil
}

// String returns the scheme as it is written, "" for the zero Scheme.
func (s Scheme) String() string { return s.text }

// IsZero reports whether s is the zero Scheme.
func (s Scheme) IsZero() bool { return s.kind == 0 }

// IsDate reports whether the next tag has the date of the day.
func (s Scheme) IsDate() bool { return s.kind == byDate }

// dates are days in tags: 20261109, 2026-11-09, 2026.11.09.
var dates = regexp.MustCompile(`20\d\d([-.]?)(?:0[1-9]|1[0-2])([-.]?)(?:0[1-9]|[12]\d|3[01])`)

var lastNumber = regexp.MustCompile(`\d+(\D*)$`)

// Next returns the tag that comes after tag. base is the tag of the image that it is based on
// then, "" where that is not known; today is the day, as in 2026-11-09. ok is false where the tag is of
// another scheme, or has the date of today already, or a later one.
func (s Scheme) Next(tag, base, today string) (next string, ok bool) {
	switch s.kind {
	case byDate:
		return nextDate(tag, today)
	case byBuildNumber:
		at := lastNumber.FindStringSubmatchIndex(tag)
		if at == nil {
			return "", false
		}
		counted, ok := up(tag[at[0]:at[2]])
		return tag[:at[0]] + counted + tag[at[2]:], ok
	case byTemplate:
		m := s.pattern.FindStringSubmatch(tag)
		if m == nil {
			return "", false
		}
		now := m[s.pattern.SubexpIndex("base")]
		n, err := strconv.Atoi(m[s.pattern.SubexpIndex("n")])
		switch {
		case err != nil:
			return "", false
		case base == "" || base == now:
			base, n = now, n+1
		default:
			n = 1
		}
		return strings.NewReplacer("{base}", base, "{n}", strconv.Itoa(n)).Replace(s.text), true
	}
	return "", false
}

// Relate is [Relate] for tags that count up by the scheme: where nothing differs but the day or the
// number that it counts, the step is a patch, however large it is, and neither follows the other by itself.
// So 117 to 118 is a patch with "build-number", and 2026.09.30 to 2026.11.09 with "date".
func (s Scheme) Relate(current, target string) Step {
	from, rest, ok := s.counted(current)
	to, other, same := s.counted(target)
	switch {
	case !ok || !same || rest != other || from == to:
		return Relate(current, target)
	case len(from) < len(to) || len(from) == len(to) && from < to:
		return Patch
	}
	return Older
}

// Counts reports whether a tag has what the scheme counts up: it names one release, and moves with none.
func (s Scheme) Counts(tag string) bool {
	_, _, ok := s.counted(tag)
	return ok
}

// counted divides a tag into what a scheme counts up, without the zeros in front, and the rest, with a NUL in its place.
func (s Scheme) counted(tag string) (number, rest string, ok bool) {
	var at []int
	switch s.kind {
	case byDate:
		at, _ = dayIn(tag)
	case byBuildNumber:
		if at = lastNumber.FindStringSubmatchIndex(tag); at != nil {
			at = []int{at[0], at[2]}
		}
	case byTemplate:
		if m := s.pattern.FindStringSubmatchIndex(tag); m != nil {
			n := 2 * s.pattern.SubexpIndex("n")
			at = m[n : n+2]
		}
	}
	if at == nil {
		return "", "", false
	}
	return strings.TrimLeft(tag[at[0]:at[1]], "0"), tag[:at[0]] + "\x00" + tag[at[1]:], true
}

// nextDate puts today in the place of the day that a tag has.
func nextDate(tag, today string) (string, bool) {
	at, separator := dayIn(tag)
	if at == nil {
		return "", false
	}
	day := strings.ReplaceAll(today, "-", separator)
	if day <= tag[at[0]:at[1]] {
		return "", false
	}
	return tag[:at[0]] + day + tag[at[1]:], true
}

// dayIn returns where in a tag the first day is, nil for none, and what its numbers are separated by.
func dayIn(tag string) (at []int, separator string) {
	for _, at := range dates.FindAllStringSubmatchIndex(tag, -1) {
		first, second := tag[at[2]:at[3]], tag[at[4]:at[5]]
		if first == second && (at[0] == 0 || !isDigit(tag[at[0]-1])) {
			return at[:2], first
		}
	}
	return nil, ""
}
