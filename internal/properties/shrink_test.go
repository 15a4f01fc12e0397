package properties

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
)

// shrink returns the smallest monorepo that it finds for which fails holds: without files, lines
// and words that are not needed for it.
func shrink(r *repo, fails func(*repo) bool) *repo {
	best := *r
	try := func(change func(*repo)) bool {
		next := best
		next.files, next.bumps = maps.Clone(best.files), slices.Clone(best.bumps)
		change(&next)
		if maps.Equal(next.files, best.files) && len(next.bumps) == len(best.bumps) && next.answers == best.answers && next.level == best.level || !fails(&next) {
			return false
		}
		best = next
		return true
	}
	for again := true; again; {
		again = false
		for _, path := range slices.Sorted(maps.Keys(best.files)) {
			again = try(func(n *repo) { delete(n.files, path) }) || again
		}
		for i := len(best.bumps) - 1; i >= 0 && len(best.bumps) > 1; i-- {
			again = try(func(n *repo) { n.bumps = slices.Delete(n.bumps, i, i+1) }) || again
		}
		for _, path := range slices.Sorted(maps.Keys(best.files)) {
			for size := 16; size > 0; size /= 2 {
				for from := 0; ; {
					lines := strings.SplitAfter(best.files[path], "\n")
					if from >= len(lines) {
						break
					}
					if try(func(n *repo) {
						n.files[path] = strings.Join(slices.Delete(slices.Clone(lines), from, min(from+size, len(lines))), "")
					}) {
						again = true
					} else {
						from++
					}
				}
			}
		}
		if best.answers {
			again = try(func(n *repo) { n.answers = false }) || again
		}
		if best.level > imageref.Patch {
			again = try(func(n *repo) { n.level-- }) || again
		}
	}
	return &best
}

// String prints a monorepo as files and a command line.
func (r *repo) String() string {
	var b strings.Builder
	for _, path := range slices.Sorted(maps.Keys(r.files)) {
		fmt.Fprintf(&b, "--- %s\n%s\n", path, strings.TrimSuffix(r.files[path], "\n"))
	}
	fmt.Fprint(&b, "propagate")
	for _, bump := range r.bumps {
		fmt.Fprintf(&b, " --base %s@%s", bump.Image, bump.Version())
		if bump.From != "" {
			fmt.Fprintf(&b, " --from %s", bump.From)
		}
	}
	if r.level > imageref.Patch {
		fmt.Fprintf(&b, " --level %s", r.level)
	}
	fmt.Fprintf(&b, "   # %s; -seed %d -monorepos 1\n", map[bool]string{true: "the registry answers", false: "no registry"}[r.answers], r.seed)
	return b.String()
}

// kind is what tells failures apart while a monorepo is made smaller: the property and the words,
// without names.
func (f *failure) kind() string {
	line, _, _ := strings.Cut(f.text, "\n")
	words := strings.FieldsFunc(line, func(c rune) bool { return c == ' ' })
	words = slices.DeleteFunc(words, func(w string) bool { return strings.ContainsAny(w, "/:0123456789@[(") || strings.HasSuffix(w, ")") })
	return cmp.Or(f.property+" "+strings.Join(words, " "), f.property)
}
