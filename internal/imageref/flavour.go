package imageref

import (
	"slices"
	"strings"
)

// InFlavour returns the tag that a release has in the flavour of another tag: the tag with
// the numbers of its version replaced by those of the release.
//
//	20.1.1      in that of  20.1.0-slim         20.1.1-slim
//	20.1.1      in that of  20-alpine3.20       20.1.1-alpine3.20
//	20.1.1      in that of  alpine              20.1.1-alpine
//	20.1.1      in that of  latest              20.1.1
//	17-1.0.1    in that of  17-jre              17-1.0.1-jre
//	1.4.0-13    in that of  1.4.0-12-minimal    1.4.0-13-minimal
//
// ok is false where it cannot be told: for a hash, for a release without a version, and where
// one of the two counts builds and the other does not. Whether there is such a tag only its
// registry knows.
func InFlavour(release, of string) (tag string, ok bool) {
	from := parseTag(release)
	if of == "" || of == "latest" {
		tag, ok = inFlavour(from, Tag{}, true)
		return tag, ok && parseTag(tag).plain()
	}
	if tag, ok = inFlavour(from, parseTag(of), false); !ok || LineOf(tag).Flavour != LineOf(of).Flavour {
		return "", false
	}
	again, ok := inFlavour(from, parseTag(tag), false)
	return tag, ok && again == tag
}

// inFlavour is InFlavour without the proof that the tag reads back as what is meant: letters
// right beside the numbers that are replaced may make others of them.
func inFlavour(from, to Tag, latest bool) (tag string, ok bool) {
	own := from.own()
	if len(own) == 0 || from.hasHash() || to.hasHash() {
		return "", false
	}
	switch {
	case latest && from.plain():
		return from.Text, true
	case latest:
		return from.front() + from.core(own), from.main >= 0 && from.joined(own)
	}
	theirs := to.own()
	parts := slices.DeleteFunc(slices.Clone(to.parts), func(p part) bool { return p.kind == pre })
	at := to.withoutPre(theirs)
	switch {
	case len(theirs) == len(own) && slices.EqualFunc(own, theirs, func(i, j int) bool { return from.alike(i, to, j) }):
		for n, i := range own {
			parts[at[n]].text = from.text(i)
		}
		return join(parts), true
	case len(theirs) == 0 && from.main >= 0 && from.joined(own):
		return from.front() + from.core(own) + "-" + to.Text, true
	case len(theirs) == 1 && theirs[0] == to.main && from.main >= 0 && from.joined(own):
		parts[at[0]].text = from.core(own)
		return join(parts), true
	}
	return "", false
}

// own returns the parts that tell one release from another: the version with the numbers in
// front of it, and what counts builds.
func (t Tag) own() []int {
	var own []int
	for i, p := range t.parts {
		if i == t.main || p.kind == version && i < t.main && t.leads(i) || p.kind == revision || p.kind == stamp {
			own = append(own, i)
		}
	}
	return own
}

// leads reports whether nothing but a "v" stands before a part.
func (t Tag) leads(i int) bool { return strings.Trim(join(t.parts[:i]), "vV") == "" }

// alike reports whether a part of t may take the place of one of u.
func (t Tag) alike(i int, u Tag, j int) bool {
	p, q := t.parts[i], u.parts[j]
	return p.kind == q.kind && (i == t.main) == (j == u.main) && (p.kind == version || p.shape == q.shape)
}

// text returns a part, the version with its mark of a pre-release.
func (t Tag) text(i int) string {
	if i == t.main {
		return t.parts[i].text + t.Pre
	}
	return t.parts[i].text
}

// joined reports whether only separators stand between own parts.
func (t Tag) joined(own []int) bool {
	for i := own[0]; i <= own[len(own)-1]; i++ {
		if p := t.parts[i]; !slices.Contains(own, i) && p.kind != pre && strings.Trim(p.text, ends) != "" {
			return false
		}
	}
	return true
}

// core is the text from the first of the own parts to the last.
func (t Tag) core(own []int) string {
	last := own[len(own)-1]
	if last == t.main && t.Pre != "" {
		last++
	}
	return join(t.parts[own[0] : last+1])
}

// front is the "v" that stands before a version; "" where there is none.
func (t Tag) front() string {
	if first := t.parts[0]; first.kind == literal && strings.EqualFold(first.text, "v") {
		return first.text
	}
	return ""
}

// withoutPre returns where parts are once the marks of pre-releases are left out.
func (t Tag) withoutPre(indexes []int) []int {
	at := make([]int, len(indexes))
	for n, i := range indexes {
		at[n] = i
		for _, p := range t.parts[:i] {
			if p.kind == pre {
				at[n]--
			}
		}
	}
	return at
}

func (t Tag) hasHash() bool { return len(t.hashes()) > 0 }
