package outdated

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
)

// handful is how many versions are asked for their age one by one, from the newest down.
const handful = 5

// choose says what is newer than the version of a use, which of it the policy takes, and why not
// the rest.
func (f *finder) choose(ctx context.Context, finding *Finding) {
	candidates := f.candidates(finding.Use)
	for _, c := range candidates {
		if newest := &finding.Newest[c.Step-imageref.Patch]; *newest == nil {
			v := c.Version
			*newest = &v
		}
	}
	take := f.take(ctx, finding.Use, candidates)
	if take >= 0 {
		v := candidates[take].Version
		finding.Take = &v
	}
	finding.Held = held(candidates, take)
	if len(candidates) == 0 {
		finding.Held = f.variant(finding.Use)
	}
	if f.All {
		finding.Candidates = candidates
	}
}

// candidates returns the tags that are newer than that of a use and of its scheme, the newest
// first, with why the policy does not take them whatever their age is.
func (f *finder) candidates(use Use) []Held {
	var all []Held
	for _, tag := range f.tags {
		step := imageref.Relate(use.Tag, tag)
		if step < imageref.Patch || use.OnLine != nil && !use.OnLine(tag) {
			continue
		}
		c := Held{Version: Version{Tag: tag, Step: step}}
		for _, skip := range use.Policy.Skip {
			if skip.Match(tag) {
				if c.Reason, c.Detail = Ignored, fmt.Sprintf("skip-versions has %s", skip.Text); skip.Reason != "" {
					c.Detail += ": " + skip.Reason
				}
				break
			}
		}
		switch {
		case use.Ignored != "":
			c.Reason, c.Detail = Ignored, use.Ignored
		case c.Reason == "" && step > max(use.Policy.Level, imageref.Patch):
			c.Reason, c.Detail = Level, fmt.Sprintf("it is a %s step", step)
		}
		all = append(all, c)
	}
	slices.SortFunc(all, compareVersions)
	return all
}

// take returns which of the candidates is taken: the newest that is old enough; -1 for none. It
// marks those that are too young.
func (f *finder) take(ctx context.Context, use Use, candidates []Held) int {
	var open []int
	for i := range candidates {
		if candidates[i].Reason == "" {
			open = append(open, i)
		}
	}
	if len(open) == 0 {
		return -1
	}
	if use.Policy.MinAge <= 0 || use.Made {
		return open[0]
	}
	isOld := func(n int) bool {
		c := &candidates[open[n]]
		made := f.age(ctx, c.Tag)
		passed := f.Now.Sub(made.time)
		switch {
		case made.err != nil:
			c.Detail = fmt.Sprintf("its age is not known: %v", made.err)
		case made.time.IsZero() || passed < 0:
			c.Detail = "its age is not known"
		case passed < use.Policy.MinAge:
			c.Detail = fmt.Sprintf("it is %s old, and min-age is %s", Days(passed), Days(use.Policy.MinAge))
		default:
			return true
		}
		c.Time, c.Reason = made.time, TooYoung
		return false
	}
	at := 0
	for at < min(handful, len(open)) && !isOld(at) {
		at++
	}
	if at == handful {
		at += sort.Search(len(open)-at, func(n int) bool { return isOld(at + n) })
	}
	for _, i := range open[:at] {
		if c := &candidates[i]; c.Reason == "" { // between two that were asked
			c.Reason, c.Detail = TooYoung, "it is newer than one that is too young"
		}
	}
	if at == len(open) {
		return -1
	}
	return open[at]
}

// held returns why those are not taken that are newer than what is: the newest of each reason
// and step.
func held(candidates []Held, take int) []Held {
	if take < 0 {
		take = len(candidates)
	}
	var all []Held
	for _, c := range candidates[:take] {
		if !slices.ContainsFunc(all, func(h Held) bool { return h.Reason == c.Reason && h.Step == c.Step }) {
			all = append(all, c)
		}
	}
	return all
}

// firstYear is the least number that is taken for the year of a date.
const firstYear = "1900"

// variant returns the newest tag that has a higher version than that of a use and is of another
// scheme; none where there is no such tag.
func (f *finder) variant(use Use) []Held {
	is, ok := imageref.ParseTag(use.Tag)
	line := imageref.LineOf(use.Tag)
	if !ok || len(line.Numbers) < 2 || is.CountsBuilds() {
		return nil
	}
	best := ""
	var newest imageref.Line
	for _, tag := range f.tags {
		t, ok := imageref.ParseTag(tag)
		other := imageref.LineOf(tag)
		if !ok || t.Pre != "" || t.CountsBuilds() || imageref.Relate(use.Tag, tag) != imageref.Variant || use.OnLine != nil && !use.OnLine(tag) {
			continue
		}
		if len(other.Numbers) != len(line.Numbers) || isYear(other.Numbers[0]) != isYear(line.Numbers[0]) || other.Compare(line) <= 0 {
			continue
		}
		if c := other.Compare(newest); best == "" || c > 0 || c == 0 && sharedWords(tag, use.Tag) > sharedWords(best, use.Tag) {
			best, newest = tag, other
		}
	}
	if best == "" {
		return nil
	}
	return []Held{{Version: Version{Tag: best, Step: imageref.Variant}, Reason: OtherVariant, Detail: imageref.WhyVariant(use.Tag, best)}}
}

// sharedWords counts the words of a tag that another has as well.
func sharedWords(a, b string) int {
	words, n := strings.Split(b, "-"), 0
	for _, word := range strings.Split(a, "-") {
		if slices.Contains(words, word) {
			n++
		}
	}
	return n
}

func isYear(number string) bool {
	number = strings.TrimLeft(number, "0")
	return len(number) > 4 || len(number) == 4 && number >= firstYear
}

// compareVersions orders the tags of one scheme, the newest first.
func compareVersions(a, b Held) int {
	s, _ := imageref.ParseTag(a.Tag)
	t, _ := imageref.ParseTag(b.Tag)
	return cmp.Or(t.Compare(s), cmp.Compare(b.Tag, a.Tag))
}
