package changes

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"

	"github.com/matihlabs/propagate/scanner"
)

// patterns are those of a .dockerignore, or of a flag that has the same. The zero value matches nothing.
type patterns struct{ *patternmatcher.PatternMatcher }

// newPatterns returns patterns, and none where one of them is wrong: BuildKit builds nothing then.
func newPatterns(all []string) patterns {
	if len(all) == 0 {
		return patterns{}
	}
	matcher, err := patternmatcher.New(all)
	if err != nil {
		return patterns{}
	}
	return patterns{matcher}
}

// matches reports whether the patterns match a path, as they do for who walks to it from the root.
func (p patterns) matches(name string) bool {
	if p.PatternMatcher == nil {
		return false
	}
	var info patternmatcher.MatchInfo
	matched := false
	for i := 0; i < len(name); {
		end := len(name)
		if next := strings.IndexByte(name[i:], '/'); next >= 0 {
			end = i + next
		}
		var err error
		if matched, info, err = p.MatchesUsingParentResults(name[:end], info); err != nil {
			return false
		}
		i = end + 1
	}
	return matched
}

// A matcher says which paths of a context an instruction takes.
type matcher struct {
	plain   []string // paths; what lies below them, and what leads to them
	roots   []string // of wild
	wild    []string // the components of a pattern
	isWhole bool     // of what is below there is no choice
	include patterns
	exclude patterns
}

// matcherOf reads out of the trees which links an instruction follows.
func (c *Changes) matcherOf(take scanner.Take, dir string) *matcher {
	m := &matcher{isWhole: len(take.Include) == 0, include: newPatterns(take.Include), exclude: newPatterns(take.Exclude)}
	if len(take.Include) > 0 && m.include.PatternMatcher == nil {
		m.isWhole = true
	}
	if !take.IsPattern {
		for _, r := range []*revision{&c.was, &c.now} {
			m.plain = append(m.plain, r.resolve(dir, take.Source)...)
		}
		m.plain = distinct(m.plain)
		return m
	}
	fixed, wild := split(take.Source)
	m.wild = strings.Split(wild, "/")
	for _, r := range []*revision{&c.was, &c.now} {
		roots := r.resolve(dir, fixed)
		m.roots = append(m.roots, roots[len(roots)-1])
		m.plain = append(m.plain, roots[:len(roots)-1]...) // the links themselves
		for _, link := range r.links(dir, roots[len(roots)-1], m.wild) {
			m.plain = append(m.plain, r.resolve(dir, link)...)
		}
	}
	m.plain, m.roots = distinct(m.plain), distinct(m.roots)
	return m
}

func distinct(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}

// split cuts a pattern in front of the first component that has a wildcard.
func split(pattern string) (fixed, wild string) {
	parts := strings.Split(pattern, "/")
	i := slices.IndexFunc(parts, func(part string) bool { return strings.ContainsAny(part, `*?[\`) })
	return path.Join(append([]string{"."}, parts[:i]...)...), strings.Join(parts[i:], "/")
}

// takes reports whether the instruction takes what is at a path of the context.
func (m *matcher) takes(name string) bool {
	for _, root := range m.plain {
		if strings.HasPrefix(root, name+"/") {
			return true // a link, or a submodule, that the path leads through
		}
		if below, ok := under(name, root); ok && m.chooses(below) {
			return true
		}
	}
	for _, root := range m.roots {
		if strings.HasPrefix(root, name+"/") {
			return true
		}
		below, ok := under(name, root)
		if !ok || below == "" {
			continue
		}
		parts := strings.Split(below, "/")
		if len(parts) < len(m.wild) {
			continue
		}
		isMatch := true
		for i, pattern := range m.wild {
			ok, err := path.Match(pattern, parts[i])
			isMatch = isMatch && (ok || err != nil)
		}
		if isMatch && m.chooses(strings.Join(parts[len(m.wild):], "/")) {
			return true
		}
	}
	return false
}

// chooses reports whether a path counts that lies below what is copied; "" is that itself, to which
// patterns do not apply.
func (m *matcher) chooses(below string) bool {
	if below == "" {
		return true
	}
	return (m.isWhole || m.include.matches(below)) && !m.exclude.matches(below)
}

// under returns the path of what lies in a directory, from there; "" is the directory itself.
func under(name, dir string) (string, bool) {
	if dir == "." {
		return name, true
	}
	if name == dir {
		return "", true
	}
	return strings.CutPrefix(name, dir+"/")
}
