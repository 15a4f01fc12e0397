package properties

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// A twin is a build before and after the edits.
type twin struct{ before, after *graph.Node }

// pair finds the builds again. Two may have become one, so each is found by the entries of
// build files that come to it.
func pair(r *run) []twin {
	keys := func(n *graph.Node) []string {
		if len(n.File.Ways) == 0 {
			return []string{n.Key}
		}
		var all []string
		for _, way := range n.File.Ways {
			all = append(all, fmt.Sprintf("%s %d", n.Key, way))
		}
		return all
	}
	after := map[string]*graph.Node{}
	for _, build := range r.after.graph.Builds() {
		for _, key := range keys(build) {
			after[key] = build
		}
	}
	var twins []twin
	for _, build := range r.before.graph.Builds() {
		twins = append(twins, twin{build, after[keys(build)[0]]})
	}
	return twins
}

// each calls f for the references of the twins that can be compared.
func (s *story) each(r *run, twins []twin, f func(t twin, before, after *scanner.Ref)) {
	for _, t := range twins {
		if t.after == nil || len(t.before.File.Refs) != len(t.after.File.Refs) {
			s.fail(r, "P2", "%s: its references are others after the edits", show(t.before))
			continue
		}
		for n, ref := range t.before.File.Refs {
			f(t, ref, t.after.File.Refs[n])
		}
	}
}

// allPlaces: P2.
func (s *story) allPlaces(r *run, twins []twin, items map[*graph.Node]*bumper.Item) {
	type place struct{ path, target, at, image string }
	moved := map[place]map[string]bool{}
	readBy := map[string]bool{} // places of edits that some build reads
	to := map[place]imageref.Ref{}
	s.each(r, twins, func(t twin, before, after *scanner.Ref) {
		if before.Image.IsZero() || before.Exposure == scanner.Unreachable {
			return
		}
		p := place{t.before.Key, strings.ToLower(t.before.File.Target), before.Pos.String() + before.Kind.String(), before.Image.String()}
		if moved[p] == nil {
			moved[p] = map[string]bool{}
		}
		moved[p][after.Image.String()] = true
		if before.Image != after.Image {
			readBy[t.before.Key] = true
			p.target = ""
			to[p] = after.Image
		}
	})
	for _, p := range slices.SortedFunc(maps.Keys(moved), func(a, b place) int { return cmp.Compare(a.at+a.target+a.image, b.at+b.target+b.image) }) {
		if len(moved[p]) > 1 {
			s.fail(r, "P2", "%s at %s becomes %v in builds of one target", p.image, p.at, slices.Sorted(maps.Keys(moved[p])))
		}
	}
	for _, t := range twins {
		if item := items[t.before]; t.after != nil && item != nil && !item.Pending() { // what waits is moved along, and edited later
			s.defaultsMove(r, t, func(ref *scanner.Ref) imageref.Ref {
				return to[place{t.before.Key, "", ref.Pos.String() + ref.Kind.String(), ref.Image.String()}]
			})
		}
	}
	for _, item := range r.plan.Items {
		if len(item.Edits) > 0 && !item.Pending() && !readBy[item.Node.Key] {
			s.fail(r, "P2", "%s is edited, and no build of it reads anything else", show(item.Node))
		}
	}
}

// defaultsMove is P2 for defaults that every build overrides: one that says the same as what moves
// at its place moves along, if it says nothing else.
func (s *story) defaultsMove(r *run, t twin, movesTo func(ref *scanner.Ref) imageref.Ref) {
	was := t.before.File
	for _, d := range was.Defaults {
		to := movesTo(d)
		if to.IsZero() || slices.ContainsFunc(slices.Concat(was.Defaults, was.Refs), func(o *scanner.Ref) bool { return o.Pos != d.Pos && o.Text.Shares(d.Text) }) {
			continue
		}
		for _, is := range t.after.File.Defaults {
			if is.Pos == d.Pos && is.Kind == d.Kind && is.Image.String() != to.String() {
				s.fail(r, "P2", "%s: the default %s stays at %s, and what is handed in becomes %s", show(t.before), d.Image, d.Pos, to)
			}
		}
	}
}

// names reports whether a reference names a tag.
func (t *tree) names(repository, tag string) bool {
	return slices.ContainsFunc(t.graph.References(repository), func(ref *scanner.Ref) bool { return ref.Image.Tag == tag })
}

// says reports whether a file says a tag as the version of something.
func (t *tree) says(tag string) bool {
	for path, content := range t.files {
		for line := range strings.Lines(content) {
			if strings.Contains(line, tag) && (strings.HasSuffix(path, "VERSION") || path == ".propagate.yaml" || strings.HasPrefix(line, "LABEL") || strings.HasPrefix(line, "ARG VERSION=")) {
				return true
			}
		}
	}
	return false
}

// makes reports whether a build file or a command says that a tag is made.
func (t *tree) makes(repository, tag string) bool {
	return slices.ContainsFunc(t.graph.Lines(repository), func(line *graph.Node) bool {
		return slices.ContainsFunc(line.Claims, func(claim graph.Claim) bool { return slices.Contains(claim.Tags, tag) })
	})
}

// claims returns the tags that builds are known to make of an image, with those that make them.
func claims(t *tree, repository string) map[string][]*graph.Node {
	all := map[string][]*graph.Node{}
	for _, line := range t.graph.Lines(repository) {
		for _, claim := range line.Claims {
			for _, tag := range claim.Tags {
				if claim.Rule == graph.Command && !t.names(repository, tag) {
					continue // what a script builds may be a test, or get its tag from outside
				}
				if !slices.Contains(all[tag], line.Maker()) {
					all[tag] = append(all[tag], line.Maker())
				}
			}
		}
	}
	return all
}

// isUsed reports whether another build is based on the line of an image that a build makes. The
// tag of what nobody is based on may move along.
func isUsed(t *tree, repository string, maker *graph.Node) bool {
	return slices.ContainsFunc(t.graph.Lines(repository), func(line *graph.Node) bool {
		return line.Maker() == maker && slices.ContainsFunc(line.Uses(), func(use *graph.Edge) bool { return use.T != maker })
	})
}

// releasedIsPatched: P3.
func (s *story) releasedIsPatched(r *run, twins []twin, after *reading) {
	seen := map[string]bool{}
	for _, line := range r.after.graph.Images() {
		if seen[line.Key] || line.Maker() == nil {
			continue
		}
		seen[line.Key] = true
		was := claims(r.before, line.Key)
		for tag, makers := range claims(r.after, line.Key) {
			if len(was[tag]) > 0 {
				continue
			}
			for _, maker := range makers {
				isUntold := slices.ContainsFunc(maker.File.Refs, func(ref *scanner.Ref) bool { return s.isUntold(r.after, ref) })
				if isUsed(r.after, line.Key, maker) && after.affected[maker] && after.build(maker) == lacks && !isUntold {
					s.fail(r, "P3", "%s:%s is made, and %s lacks the patch", line.Key, tag, show(maker))
				}
			}
		}
	}
	s.each(r, twins, func(t twin, was, is *scanner.Ref) {
		if was.Image == is.Image || was.Exposure == scanner.Unreachable {
			return
		}
		if _, direct := s.bumped(r.before.graph, was); direct {
			return
		}
		if after.ref(is, t.after) != has && !s.isUntold(r.before, was) {
			s.fail(r, "P3", "%s moves from %s to %s, which lacks the patch", show(t.before), was.Image, is.Image)
		}
	})
}

// namesSomething: the second half of P4.
func (s *story) namesSomething(r *run, twins []twin, items map[*graph.Node]*bumper.Item) {
	s.each(r, twins, func(t twin, was, is *scanner.Ref) {
		if was.Image.IsZero() || was.Exposure == scanner.Unreachable || was.Link != "" {
			return
		}
		tag := cmp.Or(is.Image.Tag, "latest")
		if len(claims(r.before, was.Image.Repository)[cmp.Or(was.Image.Tag, "latest")]) == 0 || len(claims(r.after, is.Image.Repository)[tag]) > 0 {
			return
		}
		item := items[t.before]
		isLeft := item != nil && (item.Pending() || slices.ContainsFunc(item.Skips, func(skip bumper.Skip) bool { return skip.Pos == was.Pos }))
		if !isLeft {
			s.fail(r, "P4", "%s names %s at %s, which no build makes any more", show(t.before), is.Image, is.Pos)
		}
	})
}

// waitedIsMade holds what was waited for to what builds say in the end: where they say which
// tags of the flavour they make, it is one of these. What a build makes that was let go (see
// nothingChanges) gets no new tag: a part of it stays without the patch, and so do its consumers.
func (s *story) waitedIsMade(end *tree) {
	for _, reference := range slices.Sorted(maps.Keys(s.waited)) {
		ref, _ := imageref.Parse(reference)
		isLetGo := slices.ContainsFunc(end.graph.Lines(ref.Repository), func(line *graph.Node) bool { return line.Maker() != nil && s.letGo[line.Maker().Key] })
		if tag := end.insteadOf(ref); tag != "" && !isLetGo && !s.lastStaged().isLeft(ref.Repository) {
			s.fail(s.waited[reference], "P4", "%s is waited for, and %s is made in the end", reference, tag)
		}
	}
}

// insteadOf returns the tag that builds make on the line and in the flavour of one that none of them makes; "" where
// they make it, or nothing like it.
func (t *tree) insteadOf(image imageref.Ref) string {
	wanted, ok := imageref.ParseTag(image.Tag)
	made := claims(t, image.Repository)
	if !ok || len(made[image.Tag]) > 0 {
		return ""
	}
	for _, tag := range slices.Sorted(maps.Keys(made)) {
		if is, ok := imageref.ParseTag(tag); ok && is.SameFlavour(wanted) && is.SameLine(wanted) && !moves(tag) {
			return tag
		}
	}
	return ""
}

// isLeft reports whether a build that makes an image is left after all, or one of its references
// is: for a digest that nobody can look up, of what it is based on itself or through others.
func (r *run) isLeft(repository string) bool {
	return slices.ContainsFunc(r.plan.Items, func(item *bumper.Item) bool {
		isLeft := item.Action == bumper.ActionSkip || slices.ContainsFunc(item.Skips, func(skip bumper.Skip) bool { return skip.Reason.NeedsPerson() })
		return isLeft && slices.ContainsFunc(item.Makes, func(n *graph.Node) bool { return n.Key == repository })
	})
}

// neverDown: P6.
func (s *story) neverDown(r *run, twins []twin, before *reading) {
	from := slices.ContainsFunc(s.bumps, func(b bumper.Bump) bool { return b.From != "" })
	for _, item := range r.plan.Items {
		for _, e := range item.Edits {
			was, ok1 := imageref.ParseTag(e.Old)
			is, ok2 := imageref.ParseTag(e.New)
			if ok1 && ok2 && !from && was.SameScheme(is) && was.Compare(is) > 0 {
				s.fail(r, "P6", "%s:%d goes down from %s to %s", e.Path, e.Line, e.Old, e.New)
			}
		}
	}
	s.each(r, twins, func(_ twin, was, is *scanner.Ref) {
		if was.Image == is.Image {
			return
		}
		at := fmt.Sprintf("%s at %s becomes %s", was.Image, was.Pos, is.Image)
		meant, direct := s.bumped(r.before.graph, was)
		concerned := direct || slices.ContainsFunc(r.before.graph.ImagesOf(was), func(n *graph.Node) bool { return before.affected[n] })
		isFrom := slices.ContainsFunc(meant, func(b bumper.Bump) bool { return b.From != "" })
		step := imageref.Relate(was.Image.Tag, is.Image.Tag)
		switch {
		case was.Image.Repository != is.Image.Repository || !concerned:
			s.fail(r, "P6", "%s, and is not concerned", at)
		case was.Image.Tag != is.Image.Tag && !isFrom && step < imageref.Patch:
			s.fail(r, "P6", "%s: %s", at, step)
		case was.Image.Tag != is.Image.Tag && direct && !isFrom && step > s.level:
			s.fail(r, "P6", "%s: %s", at, step)
		case was.Image.Digest == "" && is.Image.Digest != "":
			s.fail(r, "P6", "%s, and was not pinned", at)
		case was.Image.Digest == "":
		case was.Image.Tag == "":
			s.fail(r, "P6", "%s: which version it was is not known", at)
		case was.Image.Digest == is.Image.Digest:
			s.fail(r, "P6", "%s: the digest is the old one", at)
		case is.Image.Digest != s.digestNow(is.Image.Repository+":"+is.Image.Tag) && !slices.ContainsFunc(meant, func(b bumper.Bump) bool { return b.Digest == is.Image.Digest }):
			s.fail(r, "P6", "%s: the registry gives another digest", at)
		}
	})
}
