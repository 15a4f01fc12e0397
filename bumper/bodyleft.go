package bumper

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// left writes the section on what the group of a change leaves.
func (p *Plan) left(c Change, rows int) string {
	items := slices.Concat(c.Items, c.rest)
	slices.SortStableFunc(items, compareItems)
	skips, more := p.skips(items)
	if len(skips)+len(more) == 0 {
		return ""
	}
	var b strings.Builder
	if len(skips) > 0 {
		b.WriteString(table([]string{"place", "image", "version", "why"}, rows, skips, func(s Skip) []string {
			return []string{cell(s.Pos.String()), cell(s.Image), cell(cmp.Or(s.Current, "none")), why(s)}
		}))
	}
	for i, line := range more {
		if i == maxShown {
			fmt.Fprintf(&b, "\nAnd %d more such groups.\n", len(more)-maxShown)
			break
		}
		fmt.Fprintf(&b, "\n%s\n", line)
	}
	return folded("Left as they are, and why", b.String())
}

// maxOfOneMaker is how many references are listed that are left because the Dockerfile that makes
// their image is.
const maxOfOneMaker = 3

// skips returns what is left of items, one for each Dockerfile, image, version and reason: what a
// person has to settle first, and by place. What follows from one thing beyond the first of it,
// and what lies in vendored trees, is counted in lines of its own.
func (p *Plan) skips(items []*Item) (skips []Skip, more []string) {
	type cause struct{ maker, image string }
	follows := map[cause]int{}
	var causes []cause
	var kept int
	var trees []string
	for _, item := range items {
		var own []Skip
		for _, s := range item.Skips {
			if slices.ContainsFunc(own, func(o Skip) bool { return o.Image == s.Image && o.Current == s.Current && o.Reason == s.Reason }) {
				continue
			}
			own = append(own, s)
			c := cause{s.Maker, s.Image}
			switch {
			case s.Tree != "":
				kept++
				if !slices.Contains(trees, s.Tree) {
					trees = append(trees, s.Tree)
				}
				continue
			case s.Maker != "":
				if follows[c]++; follows[c] == maxOfOneMaker+1 {
					causes = append(causes, c)
				}
				if follows[c] > maxOfOneMaker {
					continue
				}
			}
			skips = append(skips, s)
		}
	}
	slices.SortStableFunc(skips, func(a, b Skip) int { return compareBools(!a.Reason.NeedsPerson(), !b.Reason.NeedsPerson()) })
	for _, c := range causes {
		more = append(more, fmt.Sprintf("%d more wait for %s, which is left with %s.", follows[c]-maxOfOneMaker, code(c.image), code(c.maker)))
	}
	if kept > 0 {
		slices.Sort(trees)
		for i := range trees {
			trees[i] = code(trees[i])
		}
		if n := len(trees) - maxOfOneMaker; n > 0 {
			trees = append(trees[:maxOfOneMaker], fmt.Sprintf("%d more", n))
		}
		more = append(more, fmt.Sprintf("%s in vendored trees that nothing outside builds: %s.", count(kept, "reference"), strings.Join(trees, ", ")))
	}
	return skips, more
}
