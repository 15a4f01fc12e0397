package graph

import (
	"cmp"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// references are the edges to the Dockerfiles that refer to each image.
type references map[string][]*Edge

// add adds references of one Dockerfile to an image, after those that it has already.
func (r references) add(image, file *Node, refs []*scanner.Ref) {
	edges := r[image.Key]
	if n := len(edges); n > 0 && edges[n-1].T == file {
		edges[n-1].Refs = append(edges[n-1].Refs, refs...)
		return
	}
	r[image.Key] = append(edges, &Edge{F: image, T: file, Refs: refs})
}

func byFile(a, b *Edge) int { return cmp.Compare(a.T.Key, b.T.Key) }

// sort brings the edges of each image into the order of the paths.
func (r references) sort() {
	for _, edges := range r {
		if !slices.IsSortedFunc(edges, byFile) {
			slices.SortFunc(edges, byFile)
		}
	}
}

// by reports whether the Dockerfile at a path refers to an image.
func (r references) by(image, path string) bool {
	_, ok := slices.BinarySearchFunc(r[image], path, func(e *Edge, path string) int { return cmp.Compare(e.T.Key, path) })
	return ok
}

// settle finds out which claims count for each image, by path: those of the strongest
// rule that has any, one for each Dockerfile. More than one that is left is a
// contradiction.
func settle(claims []Claim, uses references) map[string][]Claim {
	byImage := map[string][]Claim{}
	for _, claim := range claims {
		byImage[claim.Image] = append(byImage[claim.Image], claim)
	}
	for image, all := range byImage {
		slices.SortStableFunc(all, func(a, b Claim) int { return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Path, b.Path)) })
		// What is built on an image is a flavour or a test of it, made elsewhere.
		all = slices.DeleteFunc(all, func(c Claim) bool { return c.Rule == Command && uses.by(image, c.Path) })
		if len(all) > 0 {
			all = slices.DeleteFunc(all, func(c Claim) bool { return c.Rule != all[0].Rule })
		}
		// One repository may hold several images, told apart by their tags; and the one
		// that is tagged "dev" is not the one that others stand on by a version.
		all = narrow(all, func(c Claim) bool { return inUse(c.Tag, uses[image]) })
		all = narrow(all, func(c Claim) bool { return !uses.by(image, c.Path) })
		if len(all) > 0 && all[0].Rule == Command {
			all = narrow(all, func(c Claim) bool { return plainName(Name(c.Path)) == plainName(imageref.Base(image)) })
		}
		byImage[image] = slices.CompactFunc(all, func(a, b Claim) bool { return a.Path == b.Path })
	}
	return byImage
}

// narrow keeps the claims that ok holds for, where several Dockerfiles have claims and
// it holds for any of them.
func narrow(claims []Claim, ok func(Claim) bool) []Claim {
	if len(claims) < 2 || claims[0].Path == claims[len(claims)-1].Path || !slices.ContainsFunc(claims, ok) {
		return claims
	}
	return slices.DeleteFunc(claims, func(c Claim) bool { return !ok(c) })
}

// inUse reports whether a tag is one that references are on, or are to be on.
func inUse(tag string, uses []*Edge) bool {
	if tag == "" {
		return false
	}
	for _, edge := range uses {
		for _, ref := range edge.Refs {
			if ref.Image.Tag == tag || ref.Image.Tag != "" && ref.Image.Tag != "latest" && imageref.Relate(ref.Image.Tag, tag) != imageref.Variant {
				return true
			}
		}
	}
	return false
}

// plainName is a name without what sets its words apart: "NodeChrome" and
// "node-chrome" are one.
func plainName(name string) string {
	return strings.NewReplacer("-", "", "_", "", ".", "").Replace(strings.ToLower(name))
}

// named returns the claims that names make. A Dockerfile of which it is said
// in the configuration or a build file what it makes makes nothing else by its name.
func named(files []*scanner.File, uses references, said []Claim) []Claim {
	known := map[string]bool{}
	for _, claim := range said {
		known[claim.Path] = known[claim.Path] || claim.Rule < Named
	}
	byName := map[string][]string{}
	for repository := range uses {
		if isOfficial(repository) {
			continue
		}
		name := imageref.Base(repository)
		byName[name] = append(byName[name], repository)
	}
	var claims []Claim
	variants := map[string]int{} // how many claim an image by what sets them off in their directory
	for _, file := range files {
		if known[file.Path] || !file.IsDockerfile() {
			continue
		}
		name := scanner.Variant(file.Path)
		variant := name != ""
		if !variant {
			if dir, _, ok := cutLast(file.Path); ok {
				name = dir[strings.LastIndexByte(dir, '/')+1:]
			}
		}
		if repositories := byName[name]; len(repositories) == 1 && !uses.by(repositories[0], file.Path) {
			if variant {
				variants[repositories[0]]++
			}
			claims = append(claims, Claim{Image: repositories[0], Path: file.Path, Rule: Named})
		}
	}
	return slices.DeleteFunc(claims, func(c Claim) bool { return variants[c.Image] > 1 && scanner.Variant(c.Path) != "" })
}
