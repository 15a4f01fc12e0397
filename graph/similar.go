package graph

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// similar finds images that are made here under another name than they are referred to.
type similar struct {
	*builder
	made   map[string][]*repository // by the last component, with and without a processor
	beside map[string][]*repository // likewise by registry and namespace
	ours   map[string]bool          // by registry and namespace, whether a related one is made here
	all    []string                 // registries and namespaces of what is made
	said   map[string]bool          // where notes were made, and of which Dockerfiles: an image has them once for all processors
}

// bySimilarName gives images that nothing makes under their own name to the builds that make one of a similar name:
// what is built for a staging registry, or for one that only stands for another, and referred to where it is published.
// The tags have to agree. It is a guess, which a note tells with the line of configuration that makes it sure.
func (b *builder) bySimilarName() {
	s := &similar{builder: b, made: map[string][]*repository{}, beside: map[string][]*repository{}, ours: map[string]bool{}, said: map[string]bool{}}
	for _, r := range slices.Concat(b.sorted(), b.unplaced()) {
		if len(r.makers) == 0 {
			continue
		}
		base, short := imageref.Base(r.name), withoutProcessor(r.name)
		s.made[base] = append(s.made[base], r)
		if short != base {
			s.made[short] = append(s.made[short], r)
		}
		prefix := prefixOf(r.name)
		if s.beside[prefix] == nil {
			s.all = append(s.all, prefix)
		}
		s.beside[prefix] = append(s.beside[prefix], r)
	}
	for _, r := range b.sorted() {
		if len(r.uses) > 0 && len(r.makers) == 0 && !isOfficial(r.name) && !scanner.LacksPlace(r.name) {
			s.find(r)
		}
	}
}

// unplaced returns the images that builds make of which the registry is not known, by name.
func (b *builder) unplaced() []*repository {
	var all []*repository
	for _, r := range b.partly {
		r.settle()
		all = append(all, r)
	}
	slices.SortFunc(all, func(x, y *repository) int { return cmp.Compare(x.name, y.name) })
	return all
}

// isOurs reports whether the registry and namespace of an image are those of the repository: no public registry, or
// one on which it makes something else.
func (s *similar) isOurs(name string) bool {
	prefix := prefixOf(name)
	ours, known := s.ours[prefix]
	if !known {
		ours = !isPublic(name) || slices.ContainsFunc(s.all, func(made string) bool {
			return made == prefix || relationOf(made+"/x", name) == related
		})
		s.ours[prefix] = ours
	}
	return ours
}

// An under is a name that an image may have where it is made, with those of its builds whose tags agree.
type under struct {
	like   *repository
	makers []*maker
	tag    string // that the configuration has to say, if it is only one of those that the builds of the image make
}

// besides returns the other builds of the Dockerfile that are on the line of a reference, at another patch: the reference
// may be to an older tag of one of them.
func (u under) besides(ref *scanner.Ref) []*maker {
	wanted, ok := imageref.ParseTag(ref.Image.Tag)
	return filter(u.like.makers, func(m *maker) bool {
		return ok && m.build.Key == u.makers[0].build.Key && slices.ContainsFunc(m.tags(), func(made string) bool {
			tag, ok := imageref.ParseTag(made)
			return ok && tag.SameScheme(wanted) && tag.SameLine(wanted)
		})
	})
}

// find looks for the builds that make an image under another name.
func (s *similar) find(r *repository) {
	likes := s.likes(r)
	var found []under
	var first *scanner.Ref
	for _, u := range r.uses {
		for _, ref := range u.refs {
			by := s.makersUnder(r, likes, ref)
			if !isOneDockerfile(by) {
				s.noteSimilar(r, by, ref, "and which of them makes it is not known")
				return
			}
			if first == nil && len(by) > 0 {
				first = ref
			}
			for _, u := range by {
				i := slices.IndexFunc(found, func(f under) bool { return f.like == u.like })
				if i < 0 {
					i = len(found)
					found = append(found, under{like: u.like})
				}
				for _, m := range slices.Concat(u.makers, u.besides(ref)) {
					if !slices.Contains(found[i].makers, m) {
						found[i].makers = append(found[i].makers, m)
					}
				}
			}
		}
	}
	for _, f := range found {
		for _, m := range f.makers {
			for _, c := range m.claims {
				c.Image, c.Rule, c.Like, c.Link = r.name, Similar, f.like.name, ""
				r.claim(m.build, c)
			}
		}
	}
	switch {
	case len(found) > 0:
		s.noteSimilar(r, found, first, "and is taken for it")
	case len(likes) > 0 && relationOf(likes[0].name, r.name) == related:
		s.noteSimilar(r, []under{{like: likes[0], makers: likes[0].makers}}, r.uses[0].refs[0], "with other tags or unknown ones, and is not taken for it")
	default:
		s.weigh(r, likes)
	}
}

// weigh notes what speaks for a build that makes an image under another name where that is not enough. It may be the very
// tag for a registry that only stands for another. It may be a name and a tag that are known in part ($REGISTRY/tools:$VERSION),
// or a part of the tag for an image beside it (acme/tools-internal:…-base for acme/tools:base).
func (s *similar) weigh(r *repository, likes []*repository) {
	for _, u := range r.uses {
		for _, ref := range u.refs {
			tag := cmp.Or(ref.Image.Tag, "latest")
			for _, like := range likes {
				if makers := stating(like.makers, tag); len(makers) > 0 && strings.ContainsAny(tag, "0123456789") {
					s.noteSimilar(r, []under{{like: like, makers: makers}}, ref, "and is not taken for it, since nothing says that its registry is yours")
				} else if makers := filter(like.makers, func(m *maker) bool { return m.mayMake(tag) }); len(makers) > 0 && strings.Contains(like.name, scanner.Unknown) && !isVendor(r.name) {
					s.noteSimilar(r, []under{{like: like, makers: makers}}, ref, "and is not taken for it, since neither all of its name nor its tag is known")
				}
			}
			for _, like := range s.beside[prefixOf(r.name)] {
				x, y := imageref.Base(like.name)+"-", imageref.Base(r.name)+"-"
				if !strings.HasPrefix(x, y) && !strings.HasPrefix(y, x) {
					continue
				}
				for _, isPart := range []func(text string) bool{
					func(text string) bool { return strings.Join(knownParts(text), "-") == tag },
					func(text string) bool { return slices.Contains(knownParts(text), tag) },
				} {
					makers := filter(like.makers, func(m *maker) bool { return m.hasPartly(isPart) })
					if by := []under{{like, makers, tag}}; len(makers) > 0 && isOneDockerfile(by) {
						s.noteSimilar(r, by, ref, "with that in the tag, and is not taken for it")
					}
					if len(makers) > 0 {
						break
					}
				}
			}
		}
	}
}

// mayMake reports whether the build may give the image a tag: the build's own tag is unknown, or its known part fits.
func (m *maker) mayMake(tag string) bool {
	return slices.ContainsFunc(m.claims, func(c Claim) bool {
		return len(c.Tags)+len(c.Patterns)+len(c.parts) == 0 && !c.plain &&
			(len(c.Partly) == 0 || slices.ContainsFunc(c.Partly, func(text string) bool { return meet(text, tag) }))
	})
}

// hasPartly reports whether a test holds for a tag of which not all is known, of those that the build makes.
func (m *maker) hasPartly(test func(text string) bool) bool {
	return slices.ContainsFunc(m.claims, func(c Claim) bool { return slices.ContainsFunc(c.Partly, test) })
}

// knownParts returns what is known of a tag, but for the processor.
func knownParts(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "-"), func(part string) bool { return strings.Contains(part, scanner.Unknown) || architectures[part] })
}

// likes returns the images of which r may be another name, the nearest first.
func (s *similar) likes(r *repository) []*repository {
	base := imageref.Base(r.name)
	var all []*repository
	for _, like := range s.made[base] {
		if relationOf(like.name, r.name) > unrelated && !slices.ContainsFunc(like.makers, func(m *maker) bool { return s.refersTo(m, base) }) {
			all = append(all, like)
		}
	}
	slices.SortStableFunc(all, func(x, y *repository) int { return cmp.Compare(distance(x.name, r.name), distance(y.name, r.name)) })
	return all
}

// distance orders the names that an image is made under: those of a related registry first, then those without a processor.
func distance(made, used string) int {
	n := 0
	if relationOf(made, used) != related {
		n += 2
	}
	if imageref.Base(made) != imageref.Base(used) {
		n++
	}
	return n
}

// refersTo reports whether a build of the Dockerfile is based on an image of that name: it adds to that, or copies it.
func (s *similar) refersTo(m *maker, base string) bool {
	return slices.ContainsFunc(s.paths[m.build.Key], func(n *Node) bool {
		return slices.ContainsFunc(n.File.Refs, func(ref *scanner.Ref) bool { return imageref.Base(ref.Repository()) == base })
	})
}

// makersUnder returns the makers whose tags agree with that of a reference, of the nearest names for which there are any.
func (s *similar) makersUnder(r *repository, likes []*repository, ref *scanner.Ref) []under {
	if ref.Image.IsZero() || ref.Image.Tag == "" && ref.Image.Digest != "" {
		return nil
	}
	var all []under
	for _, like := range likes {
		if len(all) > 0 && distance(like.name, r.name) > distance(all[0].like.name, r.name) {
			break
		}
		if makers := s.agreeing(r, like, ref); len(makers) > 0 {
			all = append(all, under{like: like, makers: makers})
		}
	}
	return all
}

// agreeing returns the makers of an image under another name whose tags agree with that of a reference: which make the very
// tag, or one of its scheme where the registries are related. What a registry says that only stands for another counts for
// the numbered tags of images which are the repository's own.
func (s *similar) agreeing(r, like *repository, ref *scanner.Ref) []*maker {
	tag := cmp.Or(ref.Image.Tag, "latest")
	isNumbered := strings.ContainsAny(tag, "0123456789")
	isRelated := relationOf(like.name, r.name) == related
	if exact := stating(like.makers, tag); len(exact) > 0 {
		if isRelated || isNumbered && (s.isOurs(r.name) || handsIn(exact, ref)) {
			return exact
		}
		return nil
	}
	if on := filter(onLine(like.makers, tag), func(m *maker) bool { return m.hasScheme(tag) }); len(on) > 0 && (isRelated || s.isOurs(r.name) && isPublic(r.name)) {
		return on
	}
	if !isRelated {
		return nil
	}
	return filter(like.makers, func(m *maker) bool { return m.open() && (!isNumbered || m.likeness(tag) >= likely) })
}

// hasScheme reports whether a tag has the form of one that the build makes.
func (m *maker) hasScheme(tag string) bool {
	t, ok := imageref.ParseTag(tag)
	return ok && slices.ContainsFunc(m.tags(), func(made string) bool {
		u, ok := imageref.ParseTag(made)
		return ok && t.SameScheme(u)
	})
}

// handsIn reports whether the build file that makes an image is the one that hands a reference to it in.
func handsIn(makers []*maker, ref *scanner.Ref) bool {
	at := ref.Text.First()
	if _, end, ok := ref.Image.TagAt(); ok {
		at = ref.Text.Slice(end-1, end).First()
	}
	if at.File == nil || at.File.Path == ref.Pos.Path || ref.Build.Path == "" {
		return false
	}
	return slices.ContainsFunc(makers, func(m *maker) bool {
		return slices.ContainsFunc(m.claims, func(c Claim) bool { return strings.HasPrefix(c.Where, ref.Build.Path+":") })
	})
}

// isOneDockerfile reports whether makers are builds of one Dockerfile, but for the processor.
func isOneDockerfile(all []under) bool {
	for _, u := range all {
		for _, m := range u.makers {
			if withoutArchitecture(m.build.Key) != withoutArchitecture(all[0].makers[0].build.Key) {
				return false
			}
		}
	}
	return true
}

// noteSimilar says that an image looks like one that is made here, once for all processors.
func (s *similar) noteSimilar(r *repository, all []under, ref *scanner.Ref, counts string) {
	var paths []string
	var builds []*Node
	for _, u := range all {
		for _, m := range u.makers {
			builds = append(builds, m.build)
			if !slices.Contains(paths, m.build.Key) {
				paths = append(paths, m.build.Key)
			}
		}
	}
	r.isNoted = true
	key := fmt.Sprint(ref.Pos, withoutProcessor(r.name), paths)
	if s.said[key] {
		return
	}
	s.said[key] = true
	entry := all[0].makers[0].entry(r.name)
	if tag := all[0].tag; tag != "" {
		entry = fmt.Sprintf("{%s: {image: %s, tags: %q}}", paths[0], r.name, tag)
	}
	s.note(source.CodeSimilarName, r.name, fmt.Sprint(paths), ref.Pos, fmt.Sprintf("%s%s looks like what %s builds as %s, %s", ref.Image, alsoAt(r, ref), strings.Join(paths, " and "), scanner.Readable(all[0].like.name), counts),
		"if it makes it, say so in the configuration: images: "+entry, builds...)
}

// alsoAt names the other places of a reference, since what is said of it is said once: " (also at b/Dockerfile:2:6)".
func alsoAt(r *repository, ref *scanner.Ref) string {
	const most = 5
	var places []string
	for _, u := range r.uses {
		for _, other := range u.refs {
			if at := other.Pos.String(); other.Image == ref.Image && other.Pos != ref.Pos && !slices.Contains(places, at) {
				places = append(places, at)
			}
		}
	}
	if len(places) == 0 {
		return ""
	}
	slices.Sort(places)
	if n := len(places); n > most {
		places = append(places[:most:most], fmt.Sprintf("%d more places", n-most))
	}
	return " (also at " + strings.Join(places, ", ") + ")"
}
