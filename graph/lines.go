package graph

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// A maker is a build that makes an image, and why that is said.
type maker struct {
	build   *Node
	claims  []Claim // by rule
	dropped bool    // it closed a circle that only a guess made
	anyTag  bool    // see repository.loosen
}

func (m *maker) rule() Rule { return m.claims[0].Rule }

// tags returns the tags that the build is known to give the image.
func (m *maker) tags() []string {
	var all []string
	for _, c := range m.claims {
		for _, tag := range c.Tags {
			if !slices.Contains(all, tag) {
				all = append(all, tag)
			}
		}
	}
	return all
}

// open reports whether the build may give the image any tag, as far as is known.
func (m *maker) open() bool {
	return m.anyTag || !slices.ContainsFunc(m.claims, func(c Claim) bool { return len(c.Tags)+len(c.Patterns)+len(c.parts) > 0 || c.plain })
}

// states says how exactly a claim says that its build makes a tag, 0 for not at all.
func (c Claim) states(tag string) int {
	if slices.Contains(c.Tags, tag) {
		return exactly
	}
	best := 0
	for _, pattern := range c.Patterns {
		if wildcard(pattern, tag) {
			best = max(best, len(pattern))
		}
	}
	if len(c.parts) > 0 && stands(c.parts, tag, false) || c.plain && imageref.LineOf(tag).Flavour == "" {
		best = max(best, 1)
	}
	return best
}

// exactly is what no pattern comes to.
const exactly = 1 << 10

// wildcard matches a tag against a pattern in which * stands for any run of characters. A tag
// that moves with those of the pattern is on it as well: 17 on 17.*.
func wildcard(pattern, tag string) bool {
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", "_"), tag)
	return err == nil && ok || strings.TrimSuffix(pattern, ".*") == tag
}

// hasVersion reports whether a claim says anything of versions.
func (m *maker) hasVersion() bool {
	return slices.ContainsFunc(m.claims, func(c Claim) bool {
		return len(c.Patterns)+len(c.parts) > 0 || slices.ContainsFunc(c.Tags, func(tag string) bool { return strings.ContainsAny(tag, "0123456789") })
	})
}

// line returns the line of a maker that is nearest to a wanted one: its newest tag of the
// same flavour, exactly or but for the numbers in that. What a path says are whole lines, of
// which none is near another.
func (m *maker) line(wanted imageref.Line, same func(a, b imageref.Line) bool) (newest imageref.Line, ok bool) {
	for _, c := range m.claims {
		for _, tag := range c.Tags {
			if l := imageref.LineOf(tag); c.Rule != Named && same(l, wanted) && (!ok || l.Compare(newest) > 0) {
				newest, ok = l, true
			}
		}
	}
	return newest, ok
}

func sameFlavour(a, b imageref.Line) bool  { return a.Flavour == b.Flavour }
func sameLiterals(a, b imageref.Line) bool { return a.Literals() == b.Literals() }

// A fit is how it is known which builds make what a reference names.
type fit uint8

const (
	fitsNone    fit = iota
	fitsOnly        // one build makes the repository
	fitsTag         // it makes the tag
	fitsLine        // the tag is on its line
	fitsUnknown     // it is the one whose tags are not known
	fitsNearest     // no build is on the line of the tag, and the next line above is this one's
	fitsLink        // the build file names the build
	fitsFormer      // it was on the line of the tag once
	fitsParts       // the known parts of the tag fit one of its tags
)

// Fits finds the builds that make what a reference with a tag names. They are several where
// several claim the tag, where a tag leaves out what tells them apart ("3" of 3.11 and
// 3.12), and where each makes it for another architecture.
//
//  1. the build with this very tag, the strongest rule first;
//  2. the builds of the same flavour that share as many leading numbers with it as tell
//     them apart: 17.0.4 is on the line of 17.0.3, beside 21.0.5;
//  3. the one build whose tags are not known;
//  4. the only build there is.
func fits(makers []*maker, tag string) ([]*maker, fit) {
	tag = cmp.Or(tag, "latest")
	if found := stating(makers, tag); len(found) > 0 {
		return found, fitsTag
	}
	if len(makers) == 1 && !makers[0].isPart() {
		return makers, fitsOnly
	}
	for _, rule := range rules {
		found := onLine(ofRule(makers, rule), tag)
		if rule == Similar {
			found = filter(found, func(m *maker) bool { return m.hasScheme(tag) })
		}
		if len(found) > 0 {
			return found, fitsLine
		}
	}
	for _, rule := range rules {
		if open := filter(ofRule(makers, rule), (*maker).open); len(open) > 0 {
			return likest(open, tag), fitsUnknown
		}
	}
	if found := nearest(filter(makers, func(m *maker) bool { return m.rule() != Similar || m.hasScheme(tag) }), tag); found != nil {
		return []*maker{found}, fitsNearest
	}
	return nil, fitsNone
}

var rules = []Rule{Configured, BuildFile, Command, Similar, Named}

func ofRule(makers []*maker, rule Rule) []*maker {
	return filter(makers, func(m *maker) bool { return m.rule() == rule })
}

func filter[T any](all []T, keep func(T) bool) []T {
	var kept []T
	for _, x := range all {
		if keep(x) {
			kept = append(kept, x)
		}
	}
	return kept
}

// isPart reports whether a path alone says that the build makes the image, and parts of it
// say which tags, or a similar name alone, and the tags of that are known: it makes no others.
func (m *maker) isPart() bool {
	return !slices.ContainsFunc(m.claims, func(c Claim) bool {
		return !c.Rule.IsGuess() || c.Rule == Named && len(c.parts) == 0 && !c.plain || c.Rule == Similar && m.open()
	})
}

// stating returns the makers that say that they make a tag, by the strongest rule of any; of
// one rule those with the tag itself or the longest pattern.
func stating(makers []*maker, tag string) []*maker {
	for _, rule := range rules {
		var found []*maker
		best := 0
		for _, m := range makers {
			exact := 0
			for _, c := range m.claims {
				if c.Rule == rule {
					exact = max(exact, c.states(tag))
				}
			}
			switch {
			case exact == 0 || exact < best:
			case exact > best:
				found, best = []*maker{m}, exact
			default:
				found = append(found, m)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// onLine returns the makers on whose line a tag is.
func onLine(makers []*maker, tag string) []*maker {
	wanted := imageref.LineOf(tag)
	for _, same := range []func(a, b imageref.Line) bool{sameFlavour, sameLiterals} {
		var on []*maker
		var lines []imageref.Line
		for _, m := range makers {
			if l, ok := m.line(wanted, same); ok {
				on, lines = append(on, m), append(lines, l)
			}
		}
		if len(on) == 0 {
			continue
		}
		at := telling(lines, wanted)
		if len(at) > 1 { // 1.0.0-py3.11 beside 1.0.0-py3.12: the numbers in the flavour tell them apart
			var within []imageref.Line
			for _, i := range at {
				within = append(within, lines[i].Within())
			}
			if closer := telling(within, wanted.Within()); len(closer) > 0 {
				for i, n := range closer {
					closer[i] = at[n]
				}
				at = closer
			}
		}
		var found []*maker
		for _, i := range at {
			found = append(found, on[i])
		}
		return found
	}
	return nil
}

// telling returns the indices of the lines that share as many leading numbers with a wanted one as tell them from
// the others. "latest" and "alpine" name no line of several.
func telling(lines []imageref.Line, wanted imageref.Line) (found []int) {
	for i, line := range lines {
		needed := 0
		for j, other := range lines {
			if shared := line.Shared(other); j != i && shared < max(len(line.Numbers), len(other.Numbers)) {
				needed = max(needed, shared+1)
			}
		}
		if (len(wanted.Numbers) > 0 || needed == 0) && line.Shared(wanted) >= min(needed, len(wanted.Numbers)) {
			found = append(found, i)
		}
	}
	return found
}

// nearest returns the build whose line is the next above that of a tag, where one below it
// is made as well: 3.13 for a reference to 3.12 beside 3.11. That build has most likely
// moved on.
func nearest(makers []*maker, tag string) (above *maker) {
	wanted := imageref.LineOf(tag)
	var at imageref.Line
	below := false
	for _, m := range makers {
		l, ok := m.line(wanted, sameFlavour)
		switch {
		case !ok || len(wanted.Numbers) == 0:
		case l.Compare(wanted) < 0:
			below = true
		case above == nil || l.Compare(at) < 0:
			above, at = m, l
		}
	}
	if !below {
		return nil
	}
	return above
}

// An imageUse is a build with its references to a repository.
type imageUse struct {
	build *Node
	refs  []*scanner.Ref
}

// A repository is what is known of one image: who refers to it and who makes it.
type repository struct {
	name    string
	uses    []*imageUse // by build
	makers  []*maker    // by rule, path and place
	weaker  []*maker    // that claim it, and do not count
	passed  []*Node     // builds of Dockerfiles called like it, of which none was taken
	foreign []*Node     // likewise, of an image that is most likely made elsewhere
	isNoted bool        // that it looks like an image which is made here under another name
}

// by reports whether a build refers to the image.
func (r *repository) by(build *Node) bool {
	_, ok := slices.BinarySearchFunc(r.uses, build, func(u *imageUse, build *Node) int { return byID(u.build, build) })
	return ok
}

// claim adds a claim of a build.
func (r *repository) claim(build *Node, c Claim) {
	i := slices.IndexFunc(r.makers, func(m *maker) bool { return m.build == build })
	if i < 0 {
		r.makers = append(r.makers, &maker{build: build, claims: []Claim{c}})
		return
	}
	r.makers[i].claims = append(r.makers[i].claims, c)
}

// settle drops the claims that do not count, and orders the others.
//
// A command that builds a flavour or a test of an image, with a tag that nobody refers to,
// counts only where nothing else makes the image; and what the configuration says without
// tags of a build whose tags nobody knows is all of the image.
func (r *repository) settle() {
	all := r.makers
	defer func() {
		for _, m := range all {
			if !slices.Contains(r.makers, m) {
				r.weaker = append(r.weaker, m)
			}
		}
	}()
	for _, m := range r.makers {
		slices.SortStableFunc(m.claims, func(a, b Claim) int { return cmp.Compare(a.Rule, b.Rule) })
		// Who says that a build makes the image means the tags that it is known to have.
		if first := &m.claims[0]; first.Rule == Configured && len(first.Tags)+len(first.Patterns) == 0 {
			first.Tags = m.tags()
		}
	}
	slices.SortStableFunc(r.makers, func(a, b *maker) int {
		return cmp.Or(cmp.Compare(a.rule(), b.rule()), cmp.Compare(a.build.id, b.build.id))
	})
	if configured := filter(r.makers, func(m *maker) bool { return m.rule() == Configured && m.open() }); len(configured) > 0 {
		r.makers = ofRule(r.makers, Configured)
		return
	}
	for n := range rules {
		weaker := filter(r.makers, func(m *maker) bool { return m.rule() > rules[n] })
		stronger := filter(r.makers, func(m *maker) bool { return m.rule() <= rules[n] })
		if len(weaker) == 0 || len(stronger) == 0 || !r.inUse(stronger) && rules[n] > Configured {
			continue
		}
		// What a stronger rule leaves over is for those that say which tags they make, and for
		// other builds of the same Dockerfile.
		same := func(m *maker) bool {
			return slices.ContainsFunc(stronger, func(s *maker) bool { return s.build.Key == m.build.Key })
		}
		keep := filter(weaker, func(m *maker) bool {
			return m.open() && same(m) || !m.open() && (m.rule() == BuildFile || r.inUse([]*maker{m}))
		})
		r.makers = append(stronger, keep...)
	}
	// What a script builds on an image and calls like it is mostly a test of it.
	unlikely := func(m *maker) bool {
		return m.rule() == Command && r.by(m.build) && (m.open() || !r.inUse([]*maker{m}))
	}
	if kept := filter(r.makers, func(m *maker) bool { return !unlikely(m) }); len(kept) > 0 || len(r.uses) > 0 {
		r.makers = kept
	}
}

// loosen lets the makers make any tag, where all tags that are known are words for a state
// ("dev", "local") that nobody refers to: they say nothing of the versions in use.
func (r *repository) loosen() {
	says := func(m *maker) bool { return m.open() || m.hasVersion() || r.inUse([]*maker{m}) }
	if len(r.uses) == 0 || slices.ContainsFunc(r.makers, says) {
		return
	}
	for _, m := range r.makers {
		m.anyTag = true
	}
}

// inUse reports whether a reference is to a tag that the makers make, or that is on a line
// of theirs; one whose tags are not known may make any. Without references all count.
func (r *repository) inUse(makers []*maker) bool {
	if len(r.uses) == 0 || slices.ContainsFunc(makers, (*maker).open) {
		return true
	}
	for _, u := range r.uses {
		for _, ref := range u.refs {
			if tag := cmp.Or(ref.Image.Tag, "latest"); len(stating(makers, tag)) > 0 || len(onLine(makers, tag)) > 0 {
				return true
			}
		}
	}
	return false
}
