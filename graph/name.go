package graph

import (
	"maps"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/scanner"
)

// byName returns who makes an image by the name alone: the one candidate, where its
// neighbours are made if there are several.
func (p *paths) byName(r *repository, all []candidate) []candidate {
	bare := slices.DeleteFunc(slices.Clone(all), func(c candidate) bool { return len(withoutArch(c.parts)) > 0 || r.by(c.build) })
	if len(bare) == 0 {
		return nil
	}
	if isOfficial(r.name) {
		r.pass(&r.foreign, bare)
		return nil
	}
	bare = p.narrow(r, bare)
	if lines := ofRule(r.makers, Named); len(lines) > 0 {
		// Beside those that stand for tags it makes the others, if it lies where they do.
		bare = slices.DeleteFunc(bare, func(c candidate) bool {
			return !slices.ContainsFunc(all, func(o candidate) bool {
				return o.root == c.root && slices.ContainsFunc(lines, func(m *maker) bool { return m.build == o.build })
			})
		})
	} else if prefix := prefixOf(r.name); isPublic(r.name) && !p.known[prefix] && (isVendor(r.name) || bare[0].run < 2 && !p.ours[prefix]) {
		r.pass(&r.foreign, bare)
		return nil
	}
	if len(bare) > 1 && slices.ContainsFunc(bare, func(c candidate) bool {
		return withoutArchitecture(c.build.Key) != withoutArchitecture(bare[0].build.Key)
	}) {
		r.pass(&r.passed, bare)
		return nil
	}
	return bare
}

// besideLines returns what a Dockerfile makes that lies beside others which stand for tags of
// the image: the tags without a flavour beside flavours (Dockerfile.slim), and beside lines
// (17/Dockerfile) what is not tagged. ok is false for one that lies beside none.
func besideLines(r *repository, c candidate, all []candidate) (claim Claim, ok bool) {
	claim = Claim{Image: r.name, Rule: Named, plain: true}
	for _, o := range all {
		if o.root != c.root || o.build == c.build || len(withoutArch(o.parts)) == 0 || !slices.ContainsFunc(r.makers, func(m *maker) bool { return m.build == o.build }) {
			continue
		}
		ok = true
		if first := tokens(o.parts[0]); len(first) > 0 && isNumber(first[0]) {
			claim.plain, claim.Tags = false, []string{"latest"}
		}
	}
	return claim, ok
}

// pass remembers candidates that were not taken.
func (r *repository) pass(to *[]*Node, all []candidate) {
	for _, c := range all {
		*to = append(*to, c.build)
	}
}

// narrow keeps the candidates that lie where the neighbours of an image are made.
func (p *paths) narrow(r *repository, all []candidate) []candidate {
	if len(all) < 2 {
		return all
	}
	root, ok := p.roots[prefixOf(r.name)]
	if !ok {
		return all
	}
	if at := slices.DeleteFunc(slices.Clone(all), func(c candidate) bool { return c.root != root }); len(at) > 0 {
		return at
	}
	return all
}

// refers reports whether a build refers to an image of a registry and namespace.
func refers(n *Node, prefix string) bool {
	return slices.ContainsFunc(n.File.Refs, func(ref *scanner.Ref) bool {
		return prefixOf(ref.Repository()) == prefix && !isOfficial(ref.Repository())
	})
}

// mostUsed returns the repositories that a build makes by its name: all registries of the
// path that is referred to by far the most.
func mostUsed(all []*repository) []*repository {
	if len(all) < 2 {
		return all
	}
	counts := map[string]int{}
	below := func(r *repository) string { _, rest, _ := strings.Cut(r.name, "/"); return rest }
	for _, r := range all {
		counts[below(r)] += len(r.uses)
	}
	best, second := "", 0
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		switch n := counts[name]; {
		case n > counts[best]:
			best, second = name, counts[best]
		case name != best:
			second = max(second, n)
		}
	}
	if counts[best] < 3*second {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(all), func(r *repository) bool { return below(r) != best })
}
