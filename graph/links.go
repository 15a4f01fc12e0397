package graph

import (
	"cmp"
	"slices"
)

// claimLinks gives the images that builds refer to by the name of another build to that one.
func (b *builder) claimLinks() {
	for i := range b.all {
		for _, ref := range b.all[i].File.Refs {
			if ref.Link == "" || ref.Image.IsZero() {
				continue
			}
			for _, build := range b.links[ref.Link] {
				r := b.repository(ref.Image.Repository)
				if slices.ContainsFunc(r.makers, func(m *maker) bool { return m.build == build }) {
					continue
				}
				r.claim(build, Claim{Image: r.name, Link: ref.Link, Rule: BuildFile, Where: ref.Build.String(), Tags: []string{cmp.Or(ref.Image.Tag, "latest")}})
			}
		}
	}
}

// madeBy returns the first image that the builds of a link make, nil for none.
func (b *builder) madeBy(builds []*Node) *Node {
	for _, build := range builds {
		for _, edge := range build.out {
			return edge.T
		}
	}
	return nil
}

// linked joins the images without a reference to the builds that are made with them.
func (b *builder) linked() {
	for i := range b.all {
		build := &b.all[i]
		for _, ref := range build.File.Refs {
			if ref.Link == "" || ref.Repository() != "" {
				continue
			}
			nodes := b.images[ref.Link]
			if made := b.madeBy(b.links[ref.Link]); made != nil {
				nodes = []*Node{made}
				b.lines[ref] = answer{nodes, fitsLink}
			}
			if nodes == nil {
				node := &Node{Kind: Image, Key: ref.Link, Nameless: true}
				if makers := b.links[ref.Link]; len(makers) > 0 {
					node.made(&maker{build: makers[0], claims: []Claim{{Link: ref.Link, Rule: BuildFile, Where: ref.Build.String()}}})
				}
				nodes = []*Node{node}
				b.images[ref.Link] = nodes
			}
			nodes[0].use(build, ref)
		}
	}
}
