package graph

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// A candidate is a Dockerfile whose path holds the end of a repository:
//
//	bases/java/17/Dockerfile for reg/java, with the part 17 below it
//	docker/base-java.Dockerfile for reg/base-java
type candidate struct {
	build *Node
	run   int      // how many components of the path are the end of the repository
	root  string   // the path in front of these
	parts []string // the components behind them, which stand for parts of a tag
}

// byPath adds what the paths of Dockerfiles say of the images that nothing else says enough of.
func (b *builder) byPath() {
	p := &paths{builder: b, byComponent: map[string][]place{}, said: map[*Node][]string{}, tags: map[tagsOf][]string{}, ours: map[string]bool{}, known: map[string]bool{}}
	for _, r := range b.sorted() {
		for _, m := range r.makers {
			if !m.rule().IsGuess() {
				p.said[m.build] = append(p.said[m.build], r.name)
				p.tags[tagsOf{m.build, r.name}] = m.tags()
				p.known[prefixOf(r.name)] = true
			}
		}
	}
	for _, nodes := range b.paths {
		for _, n := range nodes {
			if n.File.Target == "" && n.File.IsDockerfile() && !n.File.IsInline() && !rejected(n.File) {
				p.index(n)
			}
		}
	}
	found := map[*repository][]candidate{}
	for _, r := range b.sorted() {
		if len(r.uses) > 0 {
			if all := p.candidates(r); len(all) > 0 {
				found[r] = all
			}
		}
	}
	p.roots = p.home(found)
	open := map[*Node][]*repository{} // who would make what by the name alone
	for _, r := range b.sorted() {
		if len(r.uses) == 0 {
			continue
		}
		p.byTag(r, found[r])
		named := p.byName(r, found[r])
		for _, c := range named {
			if claim, ok := besideLines(r, c, found[r]); ok {
				r.claim(c.build, claim)
			} else {
				open[c.build] = append(open[c.build], r)
			}
		}
	}
	for i := range b.all {
		for _, r := range mostUsed(open[&b.all[i]]) {
			r.claim(&b.all[i], Claim{Image: r.name, Rule: Named})
		}
	}
	for _, r := range b.sorted() {
		b.several(r)
		p.noteAlike(r)
	}
}

// paths knows the components of the paths of all Dockerfiles.
type paths struct {
	*builder
	byComponent map[string][]place
	byTail      map[string][]*Node  // builds by the last components of their paths, as a tag has them; nil until it is needed
	said        map[*Node][]string  // the repositories that a build makes by other rules
	tags        map[tagsOf][]string // what it is known to give them
	known       map[string]bool     // by registry and namespace, whether something better than a name says that an image of it is made here
	roots       map[string]string   // by registry and namespace, where the images of these are made
	idleOnes    []place             // see idle; nil until it is needed
	ours        map[string]bool     // by registry and namespace, whether a candidate is based on another image of it
}

// A place is a component of the path of a build.
type place struct {
	build      *Node
	components []string
	at         int
}

// components returns the directories of a Dockerfile, and what tells it from others in
// its own, in lower case.
func components(p string) []string {
	all := strings.Split(strings.ToLower(p), "/")
	all = all[:len(all)-1]
	if v := scanner.Variant(p); v != "" {
		all = append(all, strings.ToLower(v))
	}
	return all
}

func (p *paths) index(n *Node) {
	all := components(n.Key)
	for i, c := range all {
		p.byComponent[c] = append(p.byComponent[c], place{n, all, i})
	}
}

// rejected reports whether BuildKit would not build a file: it makes nothing.
func rejected(f *scanner.File) bool {
	if f.Unreadable || len(f.Stages) == 0 {
		return true
	}
	return slices.ContainsFunc(f.Diagnostics, func(d scanner.Diagnostic) bool {
		switch d.Code {
		case source.CodeUnknownInstruction, source.CodeBadFrom, source.CodeBeforeFrom, source.CodeNoFrom:
			return true
		}
		return false
	})
}

// candidates returns the Dockerfiles whose paths hold the end of a repository, those with
// the longest run of components.
func (p *paths) candidates(r *repository) []candidate {
	name := strings.Split(r.name, "/")
	last := len(name) - 1
	longest := 0
	var all []candidate
	places := p.byComponent[name[last]]
	if last > 1 { // monitor-base for monitor/base
		places = slices.Concat(places, p.byComponent[name[last-1]+"-"+name[last]])
	}
	for _, at := range places {
		isSaid := p.elsewhere(at.build, r)
		if isSaid && !slices.Contains(p.said[at.build], r.name) {
			p.leave(r, at.build)
			continue
		}
		run := 1
		for run < last && run <= at.at && at.components[at.at-run] == name[last-run] {
			run++
		}
		root := at.at - run + 1
		if at.components[at.at] != name[last] {
			run, root = 2, at.at // two components of the name in one of the path
		}
		longest = max(longest, run)
		if isSaid {
			continue // it is known to make this very image, and no other build does whose path has less of the name
		}
		if i := len(all) - 1; i >= 0 && all[i].build == at.build {
			all = all[:i] // the component nearest to the file counts
		}
		all = append(all, candidate{build: at.build, run: run, root: strings.Join(at.components[:root], "/"), parts: at.components[at.at+1:]})
	}
	all = slices.DeleteFunc(all, func(c candidate) bool { return c.run < longest })
	slices.SortFunc(all, func(a, b candidate) int { return byID(a.build, b.build) })
	return all
}

// home finds out for each registry and namespace below which directory its images are made:
// where most of those with candidates have one.
func (p *paths) home(found map[*repository][]candidate) map[string]string {
	counts := map[string]map[string]int{}
	add := func(prefix, root string) {
		if counts[prefix] == nil {
			counts[prefix] = map[string]int{}
		}
		counts[prefix][root]++
	}
	for _, r := range p.sorted() {
		seen := map[string]bool{}
		for _, c := range found[r] {
			if prefix := prefixOf(r.name); refers(c.build, prefix) && !r.by(c.build) {
				p.ours[prefix] = true
			}
			if !seen[c.root] && !r.by(c.build) {
				seen[c.root] = true
				add(prefixOf(r.name), c.root)
			}
		}
	}
	roots := map[string]string{}
	for prefix, byRoot := range counts {
		best, rival := "", 0
		for _, root := range slices.Sorted(maps.Keys(byRoot)) {
			switch n := byRoot[root]; {
			case n > byRoot[best]:
				best, rival = root, byRoot[best]
			case root != best:
				rival = max(rival, n)
			}
		}
		if byRoot[best] > max(1, rival) {
			roots[prefix] = best
			p.ours[prefix] = p.ours[prefix] || 2*byRoot[best] > p.below(best)
		}
	}
	return roots
}

// below counts the directories with Dockerfiles that lie below one.
func (p *paths) below(root string) int {
	seen := map[string]bool{}
	for _, nodes := range p.byComponent {
		for _, at := range nodes {
			if at.at == 0 && root == "" {
				seen[at.components[0]] = true
			} else if at.at > 0 && strings.Join(at.components[:at.at], "/") == root {
				seen[at.components[at.at]] = true
			}
		}
	}
	return len(seen)
}

// byTag gives an image the builds whose paths stand for a tag of it that is referred to.
func (p *paths) byTag(r *repository, all []candidate) {
	parted := slices.DeleteFunc(slices.Clone(all), func(c candidate) bool { return len(withoutArch(c.parts)) == 0 })
	for _, tag := range r.tags() {
		if len(stating(r.makers, tag)) > 0 {
			continue
		}
		for _, c := range p.standing(r, parted, tag) {
			r.claimParts(c.build, tag, c.parts)
		}
		if len(all) == 0 {
			for _, n := range p.tail(r, tag) {
				r.claimParts(n, tag, nil)
			}
		}
	}
}

// standing returns the candidates whose parts stand for a tag, those of which the most is in
// it. If none has, a flavour may be written without its number, and is the newest then:
// 10.0-alpine for 10.0/alpine3.24.
func (p *paths) standing(r *repository, parted []candidate, tag string) []candidate {
	for _, loose := range []bool{false, true} {
		var best []candidate
		for _, c := range parted {
			switch {
			case !stands(c.parts, tag, loose) || uses(c.build, r.name, tag) || !p.likely(r, c):
			case len(best) > 0 && weight(best[0].parts) > weight(c.parts):
			case len(best) > 0 && weight(best[0].parts) < weight(c.parts):
				best = []candidate{c}
			default:
				best = append(best, c)
			}
		}
		if best = p.narrow(r, best); loose {
			best = newest(best)
		}
		if len(best) > 0 {
			return best
		}
	}
	return nil
}

// likely reports whether a tag that is in the path may be taken for a sign that an image is
// made here: one of a registry that everybody uses needs two parts or a namespace that is
// made here, and no path says so of an official one.
func (p *paths) likely(r *repository, c candidate) bool {
	prefix := prefixOf(r.name)
	several := weight(c.parts) > 1 && len(withoutArch(c.parts)) > 1
	switch {
	case isOfficial(r.name):
		return false
	case isPublic(r.name):
		return several || p.known[prefix] || p.ours[prefix] && !isVendor(r.name)
	}
	return true
}

// newest returns the candidates with the highest numbers in their parts.
func newest(all []candidate) []candidate {
	line := func(c candidate) imageref.Line {
		return imageref.Line{Numbers: strings.FieldsFunc(strings.Join(withoutArch(c.parts), "."), func(r rune) bool { return r < '0' || r > '9' })}
	}
	var best []candidate
	for _, c := range all {
		switch {
		case len(best) > 0 && line(c).Compare(line(best[0])) < 0:
		case len(best) > 0 && line(c).Compare(line(best[0])) == 0:
			best = append(best, c)
		default:
			best = []candidate{c}
		}
	}
	return best
}

// uses reports whether a build refers to a tag of an image.
func uses(n *Node, repository, tag string) bool {
	return slices.ContainsFunc(n.File.Refs, func(ref *scanner.Ref) bool {
		return ref.Repository() == repository && cmp.Or(ref.Image.Tag, "latest") == tag
	})
}

func weight(parts []string) int { return len(tokens(strings.Join(withoutArch(parts), "-"))) }

func withoutArch(parts []string) []string {
	return slices.DeleteFunc(slices.Clone(parts), func(s string) bool { return architectures[s] })
}

// claimParts adds the claim that the parts of a path stand for tags of the image.
func (r *repository) claimParts(build *Node, tag string, parts []string) {
	for _, m := range r.makers {
		for i := range m.claims {
			if c := &m.claims[i]; m.build == build && c.Rule == Named && slices.Equal(c.parts, parts) {
				c.Tags = append(c.Tags, tag)
				return
			}
		}
	}
	r.claim(build, Claim{Image: r.name, Rule: Named, Tags: []string{tag}, parts: parts})
}

// tags returns the tags that are referred to, sorted.
func (r *repository) tags() []string {
	seen := map[string]bool{}
	for _, u := range r.uses {
		for _, ref := range u.refs {
			if !ref.Image.IsZero() && (ref.Image.Tag != "" || ref.Image.Digest == "") {
				seen[cmp.Or(ref.Image.Tag, "latest")] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// tail returns the build whose last three components or more are a tag, part for part, one
// for each architecture; none where others are called so as well.
func (p *paths) tail(r *repository, tag string) []*Node {
	if strings.Count(tag, "-")+1 < minTail {
		return nil
	}
	if p.byTail == nil {
		p.byTail = map[string][]*Node{}
		for i := range p.all {
			n := &p.all[i]
			if n.File.Target != "" || !n.File.IsDockerfile() || rejected(n.File) {
				continue
			}
			all := components(n.Key)
			for from := range all {
				for _, name := range tailNames(all[from:]) {
					p.byTail[name] = append(p.byTail[name], n)
				}
			}
		}
	}
	tag = strings.ToLower(tag)
	named := p.byTail[tag]
	if i := strings.LastIndexByte(tag, '-'); len(named) == 0 && i > 0 && architectures[tag[i+1:]] {
		// The path may leave out the processor.
		named = slices.DeleteFunc(slices.Clone(p.byTail[tag[:i]]), func(n *Node) bool { return withoutArchitecture(n.Key) != strings.Join(pathTokens(n.Key), "/") })
	}
	var found []*Node
	for _, n := range named {
		switch {
		case slices.Contains(found, n) || p.elsewhere(n, r) || uses(n, r.name, tag):
		case len(found) > 0 && withoutArchitecture(found[0].Key) != withoutArchitecture(n.Key):
			return nil
		default:
			found = append(found, n)
		}
	}
	return found
}

// minTail is how many parts of a tag have to agree with a path where no directory is called
// like the image.
const minTail = 3

// tailNames returns the tags that the last components of a path are: with and without the
// processor, where enough of them is left.
func tailNames(all []string) []string {
	full, short := strings.Join(all, "-"), strings.Join(withoutArch(all), "-")
	switch {
	case strings.Count(full, "-")+1 < minTail:
		return nil
	case short == full || strings.Count(short, "-")+1 < minTail:
		return []string{full}
	}
	return []string{full, short}
}
