package imageref

import (
	"slices"
	"strconv"
	"strings"
)

// Next returns the tag of the next patch release. A revision at the end counts up
// ("1.4.0-12" -> "1.4.0-13"), else the last number of a version of three or more, with its
// width kept ("1.0.9-alpine" -> "1.0.10-alpine"). ok is
// false where nothing can be said: for a version of fewer numbers, which moves with its line
// instead ("1.25-alpine"), for a pre-release, and for a tag with a date, an epoch, the
// long number of a build or a hash, which the next one will have another of.
func (t Tag) Next() (next string, ok bool) {
	if t.Pre != "" || slices.ContainsFunc(t.parts, func(p part) bool {
		return p.kind == stamp || p.kind == unordered || p.kind == revision && len(p.numbers) > 1
	}) {
		return "", false
	}
	start, end, up, ok := t.NextOwn(func(int, int) bool { return true })
	if !ok {
		return "", false
	}
	return t.Text[:start] + up + t.Text[end:], true
}

// NextOwn returns what counts up when a tag holds numbers of something else as well, such
// as the version of its base (1.4.0-py3.12.1): the bytes of the number and what it becomes. own
// says which bytes of the tag are its own. A revision at the end counts up, else the version, else
// the first version of three numbers or more that no word stands right before. ok is false where
// there is none of these among the own ones.
func (t Tag) NextOwn(own func(start, end int) bool) (start, end int, next string, ok bool) {
	isOwn := func(i int) bool {
		start, end := t.lastNumber(i)
		return start < end && own(start, end)
	}
	at := len(t.parts) - 1
	if at < 0 {
		return 0, 0, "", false
	}
	if t.parts[at].kind != revision || !isOwn(at) {
		at = t.main
		if at >= 0 && !isOwn(at) {
			at = -1
			for i, p := range t.parts {
				if at < 0 && p.kind == version && len(p.numbers) >= 3 && !p.glued && isOwn(i) {
					at = i
				}
			}
		}
		if at < 0 || len(t.parts[at].numbers) < 3 || isDay(t.parts[at].numbers) {
			return 0, 0, "", false
		}
	}
	start, end = t.lastNumber(at)
	next, ok = up(t.Text[start:end])
	if t.parts[at].kind == revision && len(next) > maxRevision {
		return 0, 0, "", false
	}
	if first := end - len(t.parts[at].numbersText()); own(first, end) {
		start, next = first, t.Text[first:start]+next // the whole of 1.0.9
	}
	return start, end, next, ok
}

// isDay reports whether the numbers of a version are a day: 2026.11.09, but not 2026.11.3, the
// fourth release of a month.
func isDay(numbers []string) bool {
	return len(numbers) == 3 && dates.FindString(strings.Join(numbers, ".")) == strings.Join(numbers, ".")
}

// numbersText is a part from its first number on.
func (p part) numbersText() string { return p.text[strings.IndexAny(p.text, "0123456789"):] }

// lastNumber returns where the last number of a part stands in the tag.
func (t Tag) lastNumber(i int) (start, end int) {
	for _, p := range t.parts[:i+1] {
		end += len(p.text)
	}
	return len(strings.TrimRight(t.Text[:end], "0123456789")), end
}

// up returns a number and one, in the same width.
func up(number string) (string, bool) {
	n, err := strconv.ParseUint(number, 10, 63)
	if err != nil {
		return "", false
	}
	next := strconv.FormatUint(n+1, 10)
	if pad := len(number) - len(next); pad > 0 {
		next = strings.Repeat("0", pad) + next
	}
	return next, true
}
