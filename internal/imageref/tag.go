package imageref

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Tag is a version read from an image tag.
type Tag struct {
	Text    string   // the whole tag
	Prefix  string   // what stands before the numbers: "v", "noble-"
	Numbers []string // as written, leading zeros kept: "2026", "01", "5"
	Pre     string   // the pre-release mark between numbers and suffix: "-rc.2"
	Suffix  string   // what stands after: "-alpine", "-slim-bookworm"
	seps    string   // the separators between the numbers, in order
}

var (
	numbersPattern = regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]+(?:[._][0-9]+)*`)
	buildNumber    = regexp.MustCompile(`[0-9]{6}`)
	prePattern     = regexp.MustCompile(`^[-._]?(?:(?i:alpha|beta|rc|pre)(?:[-._]?[0-9]+)?|(?i:preview|dev|snapshot|ea|a|b|m)[-._]?[0-9]+)(?:$|[-._+])`)
	hashPattern    = regexp.MustCompile(`^(?:.*[-_.])?[0-9a-f]{7,64}$`)
	letterPattern  = regexp.MustCompile(`[a-f]`)
)

// ParseTag reads the version in a tag. ok is false for a tag without numbers
// ("latest", "stable") and for one that is the hash of a commit ("sha-3f2a9c1").
//
// A tag that begins with its numbers, or with "v" and numbers, has its version
// there, but for one or two numbers in front of a version of three: 17-1.0.0 is 1.0.0 for
// 17. In any other the longest run of dotted numbers is the version, the
// first of equals: "noble-20240904.1", "go1.21-1.0.0".
func ParseTag(text string) (t Tag, ok bool) {
	if isHash(text) {
		return Tag{}, false
	}
	runs := numbersPattern.FindAllStringIndex(text, -1)
	if len(runs) == 0 {
		return Tag{}, false
	}
	at := runs[0]
	if m := major().FindStringSubmatchIndex(text); m != nil && parts(text[m[2]:m[3]]) < 3 && parts(text[m[4]:m[5]]) >= 3 {
		at = m[4:6]
	} else if at[0] != 0 && !strings.EqualFold(text[:at[0]], "v") {
		for _, run := range runs[1:] {
			if parts(text[run[0]:run[1]]) > parts(text[at[0]:at[1]]) {
				at = run
			}
		}
	}
	numbers := text[at[0]:at[1]]
	t = Tag{Text: text, Prefix: text[:at[0]], Suffix: text[at[1]:]}
	for i := strings.IndexAny(numbers, "._-"); i >= 0; i = strings.IndexAny(numbers, "._-") {
		t.Numbers = append(t.Numbers, numbers[:i])
		t.seps += numbers[i : i+1]
		numbers = numbers[i+1:]
	}
	t.Numbers = append(t.Numbers, numbers)
	if pre := prePattern.FindString(t.Suffix); pre != "" {
		if strings.ContainsAny(pre[len(pre)-1:], "-._+") {
			pre = pre[:len(pre)-1]
		}
		t.Pre, t.Suffix = pre, t.Suffix[len(pre):]
	}
	return t, true
}

// isHash recognises an abbreviated or full commit id, alone or behind a prefix.
// A run of digits only is a number, not a hash.
func isHash(text string) bool {
	if !hashPattern.MatchString(text) {
		return false
	}
	last := text[strings.LastIndexAny(text, "-_.")+1:]
	return letterPattern.MatchString(last) && strings.ContainsAny(last, "0123456789")
}

func parts(numbers string) int {
	return 1 + strings.Count(numbers, ".") + strings.Count(numbers, "_") + strings.Count(numbers, "-")
}

// SameScheme reports whether t and u can be compared: equal prefix, suffix,
// count of numbers and separators between them. A pre-release is of the scheme
// of its release.
func (t Tag) SameScheme(u Tag) bool {
	return t.Prefix == u.Prefix && t.Suffix == u.Suffix && t.seps == u.seps
}

// SameLine reports whether t and u, of one scheme, are releases of one line: their
// first two numbers are equal.
func (t Tag) SameLine(u Tag) bool {
	for i := range min(2, len(t.Numbers), len(u.Numbers)) {
		if compareNumbers(t.Numbers[i], u.Numbers[i]) != 0 {
			return false
		}
	}
	return true
}

// Compare orders two tags of one scheme: negative when t is older than u. A
// pre-release is older than its release. Its result means nothing across schemes.
func (t Tag) Compare(u Tag) int {
	for i := range min(len(t.Numbers), len(u.Numbers)) {
		if c := compareNumbers(t.Numbers[i], u.Numbers[i]); c != 0 {
			return c
		}
	}
	switch {
	case t.Pre == u.Pre:
		return 0
	case t.Pre == "":
		return 1
	case u.Pre == "":
		return -1
	}
	if c := slices.Index(preKinds, preKind(t.Pre)) - slices.Index(preKinds, preKind(u.Pre)); c != 0 {
		return c
	}
	return compareNumbers(preNumber(t.Pre), preNumber(u.Pre))
}

// Next returns the tag of the next patch release: the last number one higher,
// with its width kept ("1.0.9" -> "1.0.10", "2026.11.09" -> "2026.11.10"). ok is
// false for a tag of fewer than three numbers, which moves with its line instead
// ("1.25-alpine"), for a pre-release, and for one whose suffix holds the number or
// the date of a build, or that is a date itself (2026-07-28): the next one will be of
// another day.
func (t Tag) Next() (next string, ok bool) {
	if len(t.Numbers) < 3 || t.Pre != "" || strings.Contains(t.seps, "-") || buildNumber.MatchString(t.Suffix) {
		return "", false
	}
	last := t.Numbers[len(t.Numbers)-1]
	n, err := strconv.ParseUint(last, 10, 63)
	if err != nil {
		return "", false
	}
	up := strconv.FormatUint(n+1, 10)
	if pad := len(last) - len(up); pad > 0 {
		up = strings.Repeat("0", pad) + up
	}
	var b strings.Builder
	b.WriteString(t.Prefix)
	for i, number := range t.Numbers[:len(t.Numbers)-1] {
		b.WriteString(number)
		b.WriteByte(t.seps[i])
	}
	b.WriteString(up)
	b.WriteString(t.Suffix)
	return b.String(), true
}

// compareNumbers compares decimal numbers of any length, whatever their width.
func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// preKinds orders the marks of pre-releases as projects use them.
var preKinds = []string{"snapshot", "dev", "ea", "a", "alpha", "b", "beta", "m", "pre", "preview", "rc"}

func preKind(pre string) string {
	return strings.ToLower(strings.Trim(pre, "-._0123456789"))
}

func preNumber(pre string) string { return pre[len(strings.TrimRight(pre, "0123456789")):] }
