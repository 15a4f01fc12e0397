package estate

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// addDepths counts builds by depth, each with an example.
func (c *collector) addDepths() {
	byDepth := map[int]*Depth{}
	for _, build := range c.builds {
		depth := c.depths[build]
		d := byDepth[depth]
		if d == nil {
			d = &Depth{Depth: depth, Chain: c.chain(build)}
			byDepth[depth] = d
		}
		d.Builds++
		if c.services[build] {
			d.Services++
			if c.isShorter(d.Chain, build) {
				d.Chain = c.chain(build)
			}
		}
		c.e.Totals.Deepest = max(c.e.Totals.Deepest, depth)
	}
	for _, d := range byDepth {
		c.e.Depths = append(c.e.Depths, *d)
	}
	slices.SortFunc(c.e.Depths, func(a, b Depth) int { return cmp.Compare(a.Depth, b.Depth) })
}

// isShorter reports whether the chain of a depth has fewer links than its depth says, as it has where builds are on
// a circle, and that of another build may have more.
func (c *collector) isShorter(chain []Link, build *graph.Node) bool {
	return len(chain) < c.depths[build] && len(c.chain(build)) > len(chain)
}

// chain follows a build down to an image from outside, along the longest way.
func (c *collector) chain(build *graph.Node) []Link {
	chain := []Link{}
	seen := map[*graph.Node]bool{}
	for build != nil && !seen[build] {
		seen[build] = true
		var via *scanner.Ref
		var next *graph.Node
		for _, ref := range build.File.Refs {
			if !counts(ref) {
				continue
			}
			deepest := c.deepestMaker(build, ref)
			if via == nil || deepest != nil && (next == nil || c.depths[deepest] > c.depths[next]) || deepest == nil && next == nil && ref.Exposure > via.Exposure {
				via, next = ref, deepest
			}
		}
		link := Link{Path: build.Key, Target: build.File.Target}
		if via != nil {
			link.Path, link.Line, link.Ref = via.Pos.Path, via.Pos.Line, shown(via)
		}
		chain = append(chain, link)
		build = next
	}
	return chain
}

// deepestMaker returns the deepest build that makes what a reference of another names, nil for an image from outside.
func (c *collector) deepestMaker(build *graph.Node, ref *scanner.Ref) *graph.Node {
	var deepest *graph.Node
	for _, maker := range c.g.MakersOf(ref) {
		if maker != build && (deepest == nil || c.depths[maker] > c.depths[deepest]) {
			deepest = maker
		}
	}
	return deepest
}

// shown is a reference as people write it: as it is in the file where it does not resolve.
func shown(ref *scanner.Ref) string {
	if isUnresolved(ref) || ref.Image.IsZero() {
		return ref.Written
	}
	return imageref.Familiar(ref.Image.String())
}

// addUnresolved lists what does not resolve, each place once.
func (c *collector) addUnresolved() {
	for _, build := range c.builds {
		for _, ref := range build.File.Refs {
			if !counts(ref) || !isUnresolved(ref) {
				continue
			}
			u := Unresolved{
				Path: ref.Pos.Path, Line: ref.Pos.Line, Column: ref.Pos.Col, Written: ref.Written, Image: optional(ref.Repository()),
				Dockerfile: build.File.Path, Target: build.File.Target, Reason: whyUnresolved(build.File, ref),
			}
			c.e.Unresolved = append(c.e.Unresolved, u)
		}
	}
	place := func(u Unresolved) source.Pos { return source.Pos{Path: u.Path, Line: u.Line, Col: u.Column} }
	slices.SortStableFunc(c.e.Unresolved, func(a, b Unresolved) int {
		return cmp.Or(place(a).Compare(place(b)), cmp.Compare(a.Written, b.Written), cmp.Compare(a.Dockerfile, b.Dockerfile), cmp.Compare(a.Target, b.Target))
	})
	c.e.Unresolved = slices.CompactFunc(c.e.Unresolved, func(a, b Unresolved) bool { return place(a) == place(b) && a.Written == b.Written })
	c.e.Totals.Unresolved = len(c.e.Unresolved)
}

// whyUnresolved says why a reference does not resolve, in the words of the scan.
func whyUnresolved(file *scanner.File, ref *scanner.Ref) string {
	if ref.Outside.Path != "" {
		return fmt.Sprintf("its version comes from outside, through %s", ref.Outside)
	}
	var near string
	for _, d := range file.Diagnostics {
		switch {
		case d.Pos == ref.Pos:
			return d.Message
		case d.Pos.Path == ref.Pos.Path && d.Pos.Line == ref.Pos.Line && near == "":
			near = d.Message
		}
	}
	return cmp.Or(near, "a part of it has no value")
}

// addUncurated lists the services that ship no curated base.
func (c *collector) addUncurated() {
	if c.e.Totals.Curated == 0 {
		return // nothing tells which bases are meant to be used
	}
	uncurated, unsure := 0, 0
	type key struct{ path, target string }
	bases := map[key]bool{} // Dockerfiles that build a base in one way or another
	for _, build := range c.builds {
		if !c.services[build] {
			bases[key{build.Key, build.File.Target}] = true
		}
	}
	for _, build := range c.builds {
		if bases[key{build.Key, build.File.Target}] {
			continue
		}
		u := Uncurated{Path: build.Key, Target: build.File.Target, Name: graph.Name(build.Key), Builds: 1, Bases: []Reference{}}
		curated, unknown := false, false
		for _, ref := range build.File.Refs {
			if !counts(ref) {
				continue
			}
			isOn := slices.ContainsFunc(c.g.ImagesOf(ref), c.isCurated)
			switch {
			case ref.Exposure != scanner.Runtime:
				u.BuildsOn = u.BuildsOn || isOn
			case isOn:
				curated = true
			case isUnresolved(ref) && ref.Repository() == "":
				unknown = true
			default:
				u.Bases = append(u.Bases, Reference{shown(ref), ref.Pos.Path, ref.Pos.Line})
			}
		}
		switch {
		case curated:
		case unknown:
			unsure++
		default:
			uncurated++
			c.e.Uncurated = append(c.e.Uncurated, u)
		}
	}
	slices.SortStableFunc(c.e.Uncurated, func(a, b Uncurated) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Target, b.Target), slices.CompareFunc(a.Bases, b.Bases, func(x, y Reference) int {
			return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Ref, y.Ref))
		}))
	})
	all := c.e.Uncurated[:0]
	for _, u := range c.e.Uncurated {
		if k := len(all); k > 0 && all[k-1].isLike(u) {
			all[k-1].Builds++
			continue
		}
		all = append(all, u)
	}
	c.e.Uncurated = all
	c.e.Totals.Uncurated, c.e.Totals.UnsureBases = &uncurated, &unsure
}

// isLike reports whether two builds of a target are based on the same.
func (u Uncurated) isLike(other Uncurated) bool {
	return u.Path == other.Path && u.Target == other.Target && u.BuildsOn == other.BuildsOn && slices.Equal(u.Bases, other.Bases)
}

// addUnsaid lists the Dockerfiles that neither a build file, nor a command, nor the configuration names an image of.
func (c *collector) addUnsaid() {
	var last *Unsaid
	said := map[string]bool{}
	for _, build := range c.builds {
		if last == nil || last.Path != build.Key {
			c.e.Unsaid = append(c.e.Unsaid, Unsaid{Path: build.Key, Known: "nothing", Images: []string{}})
			last = &c.e.Unsaid[len(c.e.Unsaid)-1]
		}
		if len(build.File.Ways) > 0 && last.Known == "nothing" {
			last.Known = "unnamed"
		}
		for _, image := range build.Makes() {
			for _, claim := range image.Claims {
				switch {
				case !claim.Rule.IsGuess() && claim.Image != "":
					said[build.Key] = true
				case claim.Rule == graph.Named && last.Known == "nothing":
					last.Known = "name"
				}
			}
			if title := titleOf(image); !image.Nameless && !slices.Contains(last.Images, title) {
				last.Images = append(last.Images, title)
			}
		}
	}
	c.e.Unsaid = slices.DeleteFunc(c.e.Unsaid, func(u Unsaid) bool { return said[u.Path] })
	c.e.Totals.Unsaid = len(c.e.Unsaid)
}
