package graph

import (
	"cmp"
	"slices"
)

// An Explanation says which builds make an image, or a tag of it, and which others were weighed.
type Explanation struct {
	Makers []Weighed // by repository, path and build
	Others []Weighed // that claim the image and do not make it, or not this tag
	Rule   string    // for a tag: how its makers are known; "" without one
}

// A Weighed is a claim of a build on an image.
type Weighed struct {
	Build *Node
	Claim Claim
	Why   string // it does not count; "" for a maker
}

// fitNames say how the makers of a tag are known.
var fitNames = map[fit]string{
	fitsNone: "no build is on the line of the tag", fitsOnly: "one build makes the image", fitsTag: "the build makes this tag", fitsLine: "the tag is on the line of the build",
	fitsUnknown: "the tags of the build are not known", fitsNearest: "the next line above it is that of the build", fitsLink: "a build file names the build",
	fitsFormer: "the build was on the line of the tag once", fitsParts: "what is known of the tag is known of one of the build",
}

// Explain says who makes an image, or a tag of it where one is given.
func (g *Graph) Explain(name, tag string) Explanation {
	var e Explanation
	r := g.repositories[name]
	if r == nil {
		return e
	}
	makers := r.makers
	if tag != "" {
		var how fit
		makers, how = g.makersOf(r, tag)
		e.Rule = fitNames[how]
	}
	for _, m := range r.makers {
		w := Weighed{Build: m.build, Claim: m.claim()}
		switch {
		case m.dropped:
			w.Why = "it closes a circle"
			e.Others = append(e.Others, w)
		case slices.Contains(makers, m):
			e.Makers = append(e.Makers, w)
		default:
			w.Why = "it is another line"
			e.Others = append(e.Others, w)
		}
	}
	for _, m := range r.weaker {
		e.Others = append(e.Others, Weighed{Build: m.build, Claim: m.claim(), Why: "a stronger rule says otherwise"})
	}
	for _, build := range r.passed {
		e.Others = append(e.Others, Weighed{Build: build, Claim: Claim{Image: name, Rule: Named, Path: build.Key}, Why: "others are called like it as well"})
	}
	for _, build := range r.foreign {
		e.Others = append(e.Others, Weighed{Build: build, Claim: Claim{Image: name, Rule: Named, Path: build.Key}, Why: "the name alone says nothing of an image of a public registry"})
	}
	byBuild := func(a, b Weighed) int { return cmp.Compare(a.Build.id, b.Build.id) }
	slices.SortStableFunc(e.Makers, byBuild)
	slices.SortStableFunc(e.Others, byBuild)
	return e
}

// makersOf returns who makes a tag: what the graph has for a reference to it, which may come from the
// history, else what fits.
func (g *Graph) makersOf(r *repository, tag string) ([]*maker, fit) {
	for _, u := range r.uses {
		for _, ref := range u.refs {
			a, ok := g.lines[ref]
			if !ok || ref.Image.Tag != tag || ref.Link != "" {
				continue
			}
			return filter(r.makers, func(m *maker) bool {
				return slices.ContainsFunc(a.images, func(image *Node) bool { return image.maker == m.build })
			}), a.fit
		}
	}
	return fits(r.makers, tag)
}

// claim returns the strongest claim of a maker, with all of its tags.
func (m *maker) claim() Claim {
	c := m.claims[0]
	c.Path, c.Target, c.File, c.Tags = m.build.Key, m.build.File.Target, m.build.File, m.tags()
	return c
}

// Claim returns why an image is made by its maker: the strongest claim, with all tags.
func (n *Node) Claim() (c Claim, ok bool) {
	if n.maker == nil {
		return Claim{}, false
	}
	return (&maker{build: n.maker, claims: n.Claims}).claim(), true
}
