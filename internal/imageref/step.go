package imageref

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Step is what it means to go from one tag to another.
type Step uint8

// The steps, from the smallest to the largest of those that go up. The ones
// before Patch never lead to an edit.
const (
	Variant Step = iota // another scheme: the two do not compare
	Older               // the target is older than what is there
	Same                // nothing to do
	Moving              // the tag that is there follows the target by itself: "1.25" for "1.25.3", "latest" for all
	Patch               // the third number or a later one differs, or a pre-release becomes its release
	Minor               // the second number differs
	Major               // the first number differs
)

// String returns the name of the step in lower case.
func (s Step) String() string {
	return [...]string{"variant", "older", "same", "moving", "patch", "minor", "major"}[s]
}

// ParseLevel reads "patch", "minor" or "major".
func ParseLevel(s string) (Step, bool) {
	for _, step := range []Step{Patch, Minor, Major} {
		if step.String() == s {
			return step, true
		}
	}
	return 0, false
}

// Relate says what the step from the tag current to the tag target is: the largest over all
// numbers that differ. An empty current is the tag "latest", as the reference rules have it.
//
// The target is older when the first number that differs, by [Tag.Compare], is lower. Where the
// version goes one way and that of another thing or a distribution the other way
// (8.0.301-alpine3.19 and 8.0.302-alpine3.18), neither is newer: the two are variants.
// Hashes have no order. Two versions or dates with hashes compare without them, and where
// nothing but a hash or a count of builds differs beside it, the two are variants.
func Relate(current, target string) Step {
	if current == target {
		return Same
	}
	to, ok := ParseTag(target)
	if current == "" || current == "latest" {
		// What moves with releases moves neither with what comes before them nor with a flavour.
		if ok && to.Pre == "" && to.plain() {
			return Moving
		}
		return Variant
	}
	from, to := parseTag(current), parseTag(target)
	switch {
	case from.moves(to):
		return Moving
	case !from.SameScheme(to), !from.ordered():
		return Variant
	}
	return from.step(to)
}

// Follows reports whether a tag moves with its image, as far as it says so itself: it has no
// number, or the first one or two of a version (1.4, v3, 20-alpine), and is no date; or it has the word
// "latest" at an end (ubi9-latest, latest-22). "" is "latest".
func Follows(tag string) bool {
	if !strings.ContainsAny(tag, "0123456789") || strings.HasPrefix(tag, "latest-") || strings.HasSuffix(tag, "-latest") {
		return true
	}
	t, ok := ParseTag(tag)
	isLong := func(number string) bool { return len(number) > 3 }
	return ok && !t.CountsBuilds() && len(t.Numbers) < 3 && (t.Prefix == "" || t.Prefix == "v") && t.Pre == "" && !slices.ContainsFunc(t.Numbers, isLong)
}

// WhyVariant says in a sentence why two tags are variants of each other to [Relate].
func WhyVariant(current, target string) string {
	from, to := parseTag(current), parseTag(target)
	switch {
	case current == "" || current == "latest":
		return "latest does not follow " + target
	case !from.ordered() || !from.SameScheme(to):
		return fmt.Sprintf("%s and %s are tags of two schemes", current, target)
	case to.Pre != "" && from.Pre == "":
		return fmt.Sprintf("%s is a pre-release, and %s is none", target, current)
	case !slices.EqualFunc(from.hashes(), to.hashes(), strings.EqualFold):
		return fmt.Sprintf("%s and %s have hashes, which have no order", current, target)
	}
	return fmt.Sprintf("of %s and %s neither is newer in all its numbers", current, target)
}

// ordered reports whether anything in a tag has an order.
func (t Tag) ordered() bool {
	return slices.ContainsFunc(t.parts, func(p part) bool { return len(p.numbers) > 0 })
}

// step is Relate for tags of one scheme.
func (t Tag) step(to Tag) Step {
	hashes := !slices.EqualFunc(t.hashes(), to.hashes(), strings.EqualFold)
	all := t.differences(to)
	if len(all) == 0 {
		if hashes {
			return Variant
		}
		return Same
	}
	lead, step := all[0], Patch
	if hashes && lead.weight == builds && !lead.dated {
		return Variant
	}
	for _, d := range all {
		if d.weight == others && d.sign != lead.sign {
			return Variant
		}
		step = max(step, d.step)
	}
	switch {
	case lead.sign > 0:
		return Older
	case to.Pre != "" && t.Pre == "":
		return Variant
	}
	return step
}

func (t Tag) hashes() []string {
	var all []string
	for _, p := range t.parts {
		if p.kind == unordered {
			all = append(all, p.text)
		}
	}
	return all
}

// plain reports whether t is a release without a flavour.
func (t Tag) plain() bool {
	flavour := t.line().Flavour
	return flavour == "" || strings.EqualFold(strings.Trim(flavour, "-."), "release")
}

// moves reports whether t follows to by itself: it is to without what counts builds
// (9.8 of 9.8-1785906690, trixie-slim of trixie-20260801-slim), without the last numbers of the
// version as well (1.25-alpine of 1.25.3-alpine), or without the version (alpine of
// 1.25.3-alpine). The word "latest" stands for what is left out: v1.34-latest.
func (t Tag) moves(to Tag) bool {
	if t.Pre != "" || to.main < 0 && !slices.ContainsFunc(to.parts, part.counts) {
		return false
	}
	text := strings.TrimPrefix(strings.TrimSuffix(t.Text, "-latest"), "latest-")
	if len(text) >= len(to.Text) && text == t.Text {
		return false
	}
	parts, main := slices.Clone(to.parts), to.main
	for i := len(parts) - 1; i >= 0; i-- {
		if parts[i].counts() {
			leave(parts, i)
			if join(parts) == text {
				return true
			}
		}
	}
	if main < 0 {
		return false
	}
	for n := len(parts[main].numbers) - 1; n > 0; n-- {
		parts[main].text = parts[main].text[:strings.LastIndexAny(parts[main].text, "._")]
		if join(parts) == text {
			return true
		}
	}
	if main > 0 && strings.EqualFold(parts[main-1].text, "v") {
		parts[main-1].text = ""
	}
	if parts[main].glued {
		return false
	}
	leave(parts, main)
	return join(parts) == text && text != ""
}

// counts reports whether a part tells the builds of one version apart.
func (p part) counts() bool { return p.kind == revision || p.kind == stamp || p.kind == unordered }

// leave empties a part, and takes a separator beside it along.
func leave(parts []part, i int) {
	parts[i].text = ""
	if i > 0 {
		if before := parts[i-1].text; before != "" && isSeparator(before[len(before)-1]) {
			parts[i-1].text = before[:len(before)-1]
			return
		}
	}
	if i+1 < len(parts) {
		if after := parts[i+1].text; after != "" && isSeparator(after[0]) {
			parts[i+1].text = after[1:]
		}
	}
}

// Distance says by how much the number differs that makes the step from the tag current to the tag target:
// 2 for 1.0.3 and 1.2.0, where the step is minor. n is 0 where the step is none upwards, or comes from another
// number than those of the version, such as the release of a distribution.
//
//	1.0.0            1.0.4            patch, 4
//	1.9.0-alpine     3.0.0-alpine     major, 2
//	3.12.1-trixie    3.12.4-forky     major, 0
//	8.8-860          8.8-1014         patch, 0
//
// How many versions were released between the two is another question, which only a registry can answer.
func Distance(current, target string) (n int, step Step) {
	step = Relate(current, target)
	if step < Patch {
		return 0, step
	}
	from, to := parseTag(current), parseTag(target)
	if from.differences(to)[0].weight != own {
		return 0, step
	}
	numbers, next := from.parts[from.main].numbers, to.parts[to.main].numbers
	i := 0
	for i < len(numbers)-1 && compareNumbers(numbers[i], next[i]) == 0 {
		i++
	}
	a, errA := strconv.Atoi(numbers[i])
	b, errB := strconv.Atoi(next[i])
	if errA == nil && errB == nil && stepAt(i) == step {
		return max(b-a, 0), step
	}
	return 0, step
}

// stepAt is the step that a difference in the number at an index of a version makes.
func stepAt(index int) Step {
	switch index {
	case 0:
		return Major
	case 1:
		return Minor
	}
	return Patch
}
