package properties

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// A fact is what is known of whether something has the patch.
type fact uint8

const (
	unconcerned fact = iota // the bumps are not meant for it
	has
	lacks
)

// A reading is what the text of a tree says of the patch, without any planner.
type reading struct {
	s        *story
	tree     *tree
	affected map[*graph.Node]bool // builds and images
	built    map[*graph.Node]bool // builds that are affected in a stage that is built
	known    map[*graph.Node]fact // builds
}

// bumped returns the bumps that are meant for a reference: those that it is to move from, else
// those of its flavour, else all of its image.
func (s *story) bumped(g *graph.Graph, ref *scanner.Ref) (meant []bumper.Bump, concerned bool) {
	var others []bumper.Bump
	for _, b := range s.bumps {
		if b.Image != ref.Repository() {
			continue
		}
		lines := g.Lines(b.Image)
		if b.From == "" {
			lines = g.LinesOf(b.Image, b.Tag)
		}
		if !slices.ContainsFunc(g.ImagesOf(ref), func(n *graph.Node) bool { return slices.Contains(lines, n) }) {
			continue
		}
		image := ref.Image
		switch {
		case b.From != "":
			if image.IsZero() || image.Tag == b.From || image.Digest == b.From || image.Tag == b.Tag {
				return []bumper.Bump{b}, true
			}
		case image.IsZero() || imageref.Relate(image.Tag, b.Tag) != imageref.Variant:
			meant = append(meant, b)
		default:
			others = append(others, b)
		}
	}
	return meant, len(meant)+len(others) > 0
}

// newReading finds what the bumps concern, by a walk of its own over the edges.
func (s *story) newReading(t *tree) *reading {
	r := &reading{s, t, map[*graph.Node]bool{}, map[*graph.Node]bool{}, map[*graph.Node]fact{}}
	bumped := func(n *graph.Node) bool {
		return slices.ContainsFunc(s.bumps, func(b bumper.Bump) bool {
			return b.Image == n.Key && (b.From != "" || slices.Contains(t.graph.LinesOf(b.Image, b.Tag), n))
		})
	}
	for again := true; again; {
		again = false
		for _, build := range t.graph.Builds() {
			built := false
			concerned := false
			for _, ref := range build.File.Refs {
				_, direct := s.bumped(t.graph, ref)
				if direct || slices.ContainsFunc(t.graph.ImagesOf(ref), func(n *graph.Node) bool { return r.affected[n] && n.Maker() != build }) {
					concerned = true
					built = built || ref.Exposure > scanner.Unreachable
				}
			}
			if concerned && !r.affected[build] {
				r.affected[build], again = true, true
			}
			r.built[build] = built
			for _, image := range build.Makes() {
				if built && !bumped(image) && !r.affected[image] {
					r.affected[image], again = true, true
				}
			}
		}
	}
	return r
}

// build says whether a build has the patch: each of its references that is built and concerned
// has it.
func (r *reading) build(build *graph.Node) fact {
	if known, ok := r.known[build]; ok {
		return known
	}
	r.known[build] = unconcerned // on a circle, what else there is decides
	f := unconcerned
	for _, ref := range build.File.Refs {
		if ref.Exposure > scanner.Unreachable {
			f = max(f, r.ref(ref, build))
		}
	}
	r.known[build] = f
	return f
}

// ref says whether what a reference names has the patch.
func (r *reading) ref(ref *scanner.Ref, of *graph.Node) fact {
	if meant, direct := r.s.bumped(r.tree.graph, ref); direct {
		return r.s.direct(ref.Image, meant)
	}
	f := unconcerned
	for _, image := range r.tree.graph.ImagesOf(ref) {
		if !r.affected[image] || image.Maker() == of {
			continue
		}
		made := r.build(image.Maker())
		switch {
		case made == unconcerned:
		case made == lacks:
			f = lacks
		case r.isVariant(ref.Image, image): // latest beside 1.0.3-slim
		case ref.Link != "" || !ref.Image.IsZero() && ref.Image.Digest == "" && r.s.moves(ref.Image):
			f = max(f, has)
		case !ref.Image.IsZero() && r.s.old[ref.Image.Repository+":"+ref.Image.Tag] && r.isFar(ref.Image, image): // it is left for that
		case ref.Image.IsZero() || r.s.old[ref.Image.Repository+":"+ref.Image.Tag]:
			f = lacks
		default:
			f = max(f, has)
		}
	}
	return f
}

// made reports whether the builds that make a tag have the patch: it can be built and published. Where they say
// which tags of its flavour they make, it is one of these.
func (r *reading) made(image imageref.Ref) bool {
	if r.tree.insteadOf(image) != "" {
		return false
	}
	lines := r.tree.graph.LinesOf(image.Repository, image.Tag)
	return len(lines) > 0 && !slices.ContainsFunc(lines, func(n *graph.Node) bool {
		return n.Maker() == nil || r.affected[n] && r.build(n.Maker()) != has
	})
}

// direct is ref for a base that is bumped.
func (s *story) direct(image imageref.Ref, meant []bumper.Bump) fact {
	if image.IsZero() {
		return lacks
	}
	for _, b := range meant {
		if b.From != "" {
			if image.Tag == b.From || image.Digest == b.From {
				return lacks
			}
			return has
		}
		switch step := imageref.Relate(image.Tag, b.Tag); {
		case step == imageref.Moving && image.Digest == "", step == imageref.Older:
			return has
		case step == imageref.Same || step == imageref.Moving:
			if image.Digest == "" || image.Digest == digestOf(b.Image+":"+b.Tag) {
				return has
			}
			return lacks
		case step >= imageref.Patch && step <= s.level:
			return lacks
		}
	}
	return unconcerned
}

// movingTag are tags that move with what is published: a word, or the first numbers of a version.
var movingTag = regexp.MustCompile(`^$|^[^0-9]*$|^v?[0-9]{1,3}(\.[0-9]{1,3})?(-(slim|gpu|alpine3\.20))?$`)

func moves(tag string) bool { return movingTag.MatchString(tag) }

// moves is moves for a reference: a build may give an image a tag that moves with another.
func (s *story) moves(image imageref.Ref) bool {
	return moves(image.Tag) || s.aliases[image.Repository+":"+image.Tag]
}

// knowOld finds the references that stand for images without the patch in the beginning: all
// tags that builds make which lack it, and all by which they are referred to.
func (s *story) knowOld(t *tree) {
	for before := -1; len(s.old) > before; { // what stands on one of them is old as well
		before = len(s.old)
		s.findOld(t)
	}
}

func (s *story) findOld(t *tree) {
	r := s.newReading(t)
	for _, image := range t.graph.Images() {
		var made []string
		for _, claim := range image.Claims {
			made = append(made, claim.Tags...)
		}
		for _, tag := range made {
			if slices.ContainsFunc(made, func(other string) bool { return imageref.Relate(tag, other) == imageref.Moving }) {
				s.aliases[image.Key+":"+tag] = true
			}
		}
	}
	for _, build := range t.graph.Builds() {
		for _, image := range build.Makes() {
			for _, claim := range image.Claims {
				for _, tag := range claim.Tags {
					if r.affected[image] && r.build(build) == lacks && !s.moves(imageref.Ref{Repository: image.Key, Tag: tag}) {
						s.old[image.Key+":"+tag] = true
					}
				}
			}
		}
		for _, ref := range build.File.Refs {
			for _, image := range t.graph.ImagesOf(ref) {
				if r.affected[image] && (r.build(image.Maker()) == lacks || t.isBehind(image, ref.Image.Tag)) && !ref.Image.IsZero() && !s.moves(ref.Image) {
					s.old[ref.Image.Repository+":"+ref.Image.Tag] = true
				}
			}
		}
	}
}

// isBehind reports whether a build makes a later version than a tag and not the tag itself, or a
// later one is said to be the version of its image.
func (t *tree) isBehind(image *graph.Node, tag string) bool {
	made := []string{t.said(image)}
	for _, c := range image.Claims {
		made = append(made, c.Tags...)
	}
	if slices.Max(append(made, "")) == "" && image.Maker() != nil {
		made = t.beside(image.Maker(), tag)
	}
	return !slices.Contains(made, tag) && slices.ContainsFunc(made, func(m string) bool { return m != "" && imageref.Relate(tag, m) >= imageref.Patch })
}

// beside returns the versions in the directory of a build, where they come next after a tag.
func (t *tree) beside(build *graph.Node, tag string) []string {
	dir := strings.TrimSuffix(build.File.Path, "Dockerfile")
	found := []string{strings.TrimSpace(t.files[dir+"VERSION"])}
	for line := range strings.Lines(t.files[build.File.Path]) {
		if label, ok := strings.CutPrefix(strings.TrimSpace(line), "LABEL org.opencontainers.image.version="); ok {
			found = append(found, strings.Trim(label, `"`))
		}
	}
	return slices.DeleteFunc(found, func(v string) bool { return v == "" || imageref.Relate(tag, v) != imageref.Patch })
}

// said returns the version that the configuration gives an image; "" for none.
func (t *tree) said(image *graph.Node) string {
	for line := range strings.Lines(t.files[".propagate.yaml"]) {
		if version, ok := strings.CutPrefix(line, "  "+image.Key+": \""); ok {
			return strings.TrimSuffix(version, "\"\n")
		}
	}
	return ""
}

// isVariant reports whether a word without numbers follows none of the versions that are known of a
// line: they are of another flavour.
func (r *reading) isVariant(image imageref.Ref, line *graph.Node) bool {
	if image.IsZero() || strings.ContainsAny(image.Tag, "0123456789") {
		return false
	}
	var known []string
	for _, c := range line.Claims {
		known = append(known, c.Tags...)
	}
	for _, use := range line.Uses() {
		for _, ref := range use.Refs {
			known = append(known, ref.Image.Tag)
		}
	}
	known = slices.DeleteFunc(known, func(tag string) bool { return !strings.ContainsAny(tag, "0123456789") })
	return len(known) > 0 && !slices.ContainsFunc(known, func(tag string) bool { return imageref.Relate(image.Tag, tag) != imageref.Variant })
}

// isFar reports whether a later version of a line is named or made, and the step to it is larger
// than what is asked for. Of a line with several versions, that holds where none of those that are
// made is nearer: 1.0.4 beside 2.0.0 is what 1.0.3 moves to.
func (r *reading) isFar(image imageref.Ref, line *graph.Node) bool {
	makes := func(f func(imageref.Step) bool) bool {
		return slices.ContainsFunc(line.Claims, func(c graph.Claim) bool {
			return slices.ContainsFunc(c.Tags, func(tag string) bool { return f(imageref.Relate(image.Tag, tag)) })
		})
	}
	far := func(step imageref.Step) bool { return step > r.s.level }
	near := func(step imageref.Step) bool { return imageref.Patch <= step && !far(step) }
	return !makes(near) && (makes(far) || slices.ContainsFunc(line.Uses(), func(use *graph.Edge) bool {
		return slices.ContainsFunc(use.Refs, func(ref *scanner.Ref) bool { return far(imageref.Relate(image.Tag, ref.Image.Tag)) })
	}))
}

// show names a build.
func show(n *graph.Node) string {
	if n.File.Target == "" {
		return n.Label
	}
	return fmt.Sprintf("%s (target %s)", n.Label, n.File.Target)
}
