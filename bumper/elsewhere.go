package bumper

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A tagged is a place that gives an image its version.
type tagged struct {
	image     *graph.Node
	text      trace.Text
	reference bool // the text is a reference, not the tag alone
}

// A reader is a reference of a build.
type reader struct {
	build *graph.Node
	ref   *scanner.Ref
}

// A carried reference is one of another build, which an edit moves along.
type carried struct {
	build *graph.Node
	ref   *scanner.Ref
	to    string // what it names then
}

// index finds out what the bytes of files feed that several builds read: build files,
// Dockerfiles of several builds, and the targets of symbolic links.
func (p *planner) index() {
	p.readers, p.tagged = map[string][]reader{}, map[string][]tagged{}
	builds := map[string]int{}
	p.defaults = map[string][]*scanner.Ref{}
	for _, node := range p.Graph.Builds() {
		builds[node.File.Origin.Path]++
		if len(node.File.Defaults) > 0 {
			p.defaults[node.Key] = append(p.defaults[node.Key], node.File.Defaults...)
		}
	}
	for _, whole := range p.Graph.Builds() {
		for _, node := range whole.Parts() {
			for _, ref := range node.File.Refs {
				sources := ref.Sources()
				for _, path := range sources {
					p.readers[path] = append(p.readers[path], reader{node, ref})
				}
				if own := node.File.Origin.Path; (builds[own] > 1 || !node.File.IsDockerfile()) && !slices.Contains(sources, own) {
					p.readers[own] = append(p.readers[own], reader{node, ref})
				}
			}
		}
	}
	for _, image := range slices.SortedFunc(maps.Keys(p.Tags), func(a, b *graph.Node) int { return cmp.Compare(a.ID(), b.ID()) }) {
		for _, text := range p.Tags[image] {
			seen := map[string]bool{}
			for _, piece := range text.Pieces() {
				if piece.File != nil && !seen[piece.File.Path] {
					seen[piece.File.Path] = true
					p.tagged[piece.File.Path] = append(p.tagged[piece.File.Path], tagged{image: image, text: text, reference: true})
				}
			}
		}
	}
}

// elsewhere looks for what the edits of an item change beyond its build: in other builds, also
// of the same Dockerfile or of a symbolic link to it, and in the versions of other images.
// What moves to the version that it should have as well is welcome; anything else is a clash. An
// edit that nothing which is built wants moves no version of what another build makes.
func (p *planner) elsewhere(item *Item, edits []Edit, verdicts []verdict, versions map[*graph.Node][]version) *clash {
	all := replacements(edits)
	for _, edit := range edits {
		change := edit.replacement()
		for _, reader := range p.readers[edit.Path] {
			ref := reader.ref
			if reader.build == item.Node || !edit.changes(reader) {
				continue
			}
			if why, ok := p.ignores(reader.build.File); ok {
				return &clash{edit: edit, ignored: reader.build.Key + ", which the configuration ignores" + because(why)}
			}
			after, ok := edit.read(ref, edits)
			if !ok || !p.welcome(ref, after) && (edit.pins != nil || isIdle(edit, verdicts) || !p.moveTogether(item, ref, all, versions)) {
				return &clash{edit: edit, other: fmt.Sprintf("%s at %s", ref.Written, ref.Pos), ref: ref, after: after}
			}
			if ref.Exposure > scanner.Unreachable && ref.Outside.Path == "" {
				p.carried[item] = append(p.carried[item], carried{reader.build, ref, after.String()})
			}
		}
		if item.isOwn(edit) {
			continue
		}
		for _, t := range slices.Concat(p.tagged[edit.Path], p.placesIn(edit.Path)) {
			if !t.text.Touches(change) {
				continue
			}
			after := t.text.After(all)
			switch {
			case after == t.text.S: // it is made of a part that stays: "20.1" of ${V%.*}
			case p.held[t.image] != "" && p.keepsTag(item, t.image):
				return &clash{edit: edit, other: fmt.Sprintf("the version of %s, %s", t.image.Key, p.held[t.image]), image: t.image}
			case versions == nil && p.keepsTag(item, t.image):
				return &clash{edit: edit, other: fmt.Sprintf("the version of %s, of which a part stays without the patch", t.image.Key), image: t.image}
			case edit.pins != nil || t.image.Maker() != item.Node && isIdle(edit, verdicts):
				return &clash{edit: edit, other: fmt.Sprintf("the version of %s", t.image.Key), image: t.image}
			case t.differs(after, versions[t.image]):
				return &clash{edit: edit, other: fmt.Sprintf("the tag of %s, whose next version is another", t.image.Key), image: t.image}
			case !p.madeOf(item, t.image, change) && !p.expected(item, t, after, versions):
				return &clash{edit: edit, other: fmt.Sprintf("the version of %s", t.image.Key), image: t.image}
			}
		}
	}
	return nil
}

// isIdle reports whether only references in stages that are not built want an edit.
func isIdle(edit Edit, verdicts []verdict) bool {
	wanted := func(isBuilt bool) bool {
		return slices.ContainsFunc(verdicts, func(v verdict) bool {
			if v.action != ActionBump || (v.ref.Exposure > scanner.Unreachable) != isBuilt {
				return false
			}
			return slices.Contains(v.rewrite(), edit.replacement())
		})
	}
	return wanted(false) && !wanted(true)
}

// differs reports whether an edit gives an image a tag that is none of its next versions, though it
// is of their flavour: what nothing but its use tells is ahead of what is made.
func (t tagged) differs(after string, versions []version) bool {
	text := after
	if t.reference {
		ref, err := imageref.Parse(after)
		if err != nil {
			return false // what else is wrong with it is found elsewhere
		}
		text = ref.Tag
	}
	tag, ok := imageref.ParseTag(text)
	alike := slices.DeleteFunc(slices.Clone(versions), func(v version) bool { return !ok || !v.now.SameFlavour(tag) })
	return len(alike) > 0 && !slices.ContainsFunc(alike, func(v version) bool { return v.next() == text })
}

// keepsTag reports whether an image that an item makes, and that others are based on, may get no
// new tag where a part of it stays without the patch: not even one that is made of its base's.
func (p *planner) keepsTag(item *Item, image *graph.Node) bool {
	t := p.targets[image]
	return image.Maker() == item.Node && image.IsConsumed() && (t == nil || t.maker != nil)
}

// moveTogether reports whether a reference is to an image of the repository that gets, with
// all waves at once, the version which the edits give the reference: one variable is the tag
// of a derived base and the argument of what is based on it. Wave after wave, that holds for what
// itself says the version. One that is pinned does not: nobody
// knows the digest of what is not made yet.
func (p *planner) moveTogether(item *Item, ref *scanner.Ref, all []trace.Replacement, versions map[*graph.Node][]version) bool {
	images := p.Graph.ImagesOf(ref)
	return ref.Image.Digest == "" && len(images) > 0 && !slices.ContainsFunc(images, func(image *graph.Node) bool {
		return !p.Atomic && !p.saysVersion(ref, image) || image.Maker() == nil || !p.expected(item, tagged{image: image, text: ref.Text, reference: true}, ref.Text.After(all), versions)
	})
}

// placesIn returns what a file that is no build file says of the versions of images.
func (p *planner) placesIn(path string) []tagged {
	if p.placed == nil {
		p.placed = map[string][]tagged{}
		for _, node := range p.Graph.Images() {
			if p.Releases == nil || len(node.Claims) == 0 || !node.IsConsumed() {
				continue
			}
			versions, err := p.versions(node)
			if err != nil {
				continue
			}
			for _, v := range versions {
				for _, place := range v.places {
					if pieces := place.Tag.Pieces(); len(pieces) == 1 && pieces[0].File != nil {
						p.placed[pieces[0].File.Path] = append(p.placed[pieces[0].File.Path], tagged{image: node, text: place.Tag})
					}
				}
			}
		}
	}
	return p.placed[path]
}

// welcome reports whether a reference should read after. One that is pinned needs another digest
// for another tag.
func (p *planner) welcome(ref *scanner.Ref, after imageref.Ref) bool {
	if after.Repository != ref.Repository() {
		return false
	}
	for _, image := range p.Graph.ImagesOf(ref) {
		if t := p.targetOf(image, ref.Image); t != nil {
			bump := t.at(ref.Image.Tag)
			if t.maker == nil {
				bump = t.given(ref.Image)
			}
			if bump.Digest == "" && ref.Image.Digest != "" {
				return after.Tag == bump.Tag && (after.Tag == ref.Image.Tag || after.Digest != ref.Image.Digest)
			}
			return after.Tag == bump.Tag && (bump.Digest == "" || after.Digest == bump.Digest)
		}
	}
	return false
}

// madeOf reports whether the version of an image is made of that of its base, at the place of a
// change: several images have a tag of ${NODE_VERSION}. The build that makes it moves by the
// same change, and counts up what is of its own.
func (p *planner) madeOf(item *Item, image *graph.Node, change trace.Replacement) bool {
	maker, affected := p.dependents[image.Maker()]
	if image.Maker() == nil || !affected || maker.Exposure == scanner.Unreachable || maker.Wave > item.Wave && !p.Atomic {
		return false
	}
	isBase := func(r reader) bool {
		return r.build == image.Maker() && r.ref.Exposure > scanner.Unreachable && r.ref.Text.Touches(change)
	}
	if !slices.ContainsFunc(p.readers[change.File.Path], isBase) {
		return false
	}
	if image.Maker() != item.Node {
		p.relied[item] = append(p.relied[item], image.Maker())
	}
	return true
}

// expected reports whether an image is to have the version that an edit gives it: one
// of the item's own, or one that is rebuilt no later than the item. That of an image
// which nobody stands on may move along.
func (p *planner) expected(item *Item, t tagged, after string, versions map[*graph.Node][]version) bool {
	tag := after
	if t.reference {
		ref, err := imageref.Parse(after)
		if err != nil || ref.Repository != t.image.Key {
			return false
		}
		tag = ref.Tag
	}
	isNext := func(v version) bool { return v.next() == tag }
	if with := p.joinedWith(t.image); with != nil {
		t.image = with
	}
	if slices.ContainsFunc(versions[t.image], isNext) || !t.image.IsConsumed() {
		return true
	}
	if len(versions[t.image]) > 0 && t.image.Maker() == item.Node && !t.differs(after, versions[t.image]) {
		return true // another flavour of what it makes, that nobody is on: 1.0.1-amd64 beside 1.0.1
	}
	if given := p.targets[t.image]; given != nil && given.maker == nil {
		return given.at(tag).Tag == tag
	} else if given == nil || !slices.Contains(given.tags, tag) {
		other, err := p.versions(t.image)
		if err != nil || !slices.ContainsFunc(other, isNext) {
			return false
		}
	}
	if t.image.Maker() == nil {
		return true
	}
	maker, affected := p.dependents[t.image.Maker()]
	if !affected || maker.Exposure == scanner.Unreachable || maker.Wave > item.Wave && !p.Atomic {
		return false
	}
	p.relied[item] = append(p.relied[item], t.image.Maker())
	return true
}

// reconcile looks whether the plan holds together: no two items edit the same bytes in
// two ways, and what an item relies on is edited. It reports whether there are items
// that have to be left, or to wait. What waits for others is found anew once one is left.
func (p *planner) reconcile() (again bool) {
	before, waiting := len(p.left)+len(p.bound)+len(p.held), len(p.later)
	defer func() {
		if len(p.left)+len(p.bound)+len(p.held) > before {
			clear(p.later)
			again = true
		}
	}()
	p.bind()
	byBuild := map[*graph.Node]*Item{}
	for _, item := range p.Items {
		byBuild[item.Node] = item
	}
	if p.agree(byBuild) || p.join(byBuild) {
		clear(p.later)
		return true
	}
	held := len(p.held) + len(p.left)
	if p.hold(byBuild); len(p.held)+len(p.left) > held {
		return true // what else does not fit may fit without these
	}
	p.unclear()
	edits := map[string][]Edit{} // by path
	for _, item := range p.Items {
		if len(item.Edits) == 0 {
			continue
		}
		for _, c := range p.carried[item] {
			other := byBuild[c.build]
			if other == nil || other.Action != ActionBump {
				p.left[item.Node] = p.apart(item, c.build, "does not move", other)
				continue
			}
			all := p.later[c.build]
			if slices.Contains(other.WaitsFor, c.to) {
				all = append(slices.Clip(all), awaited{c.to, other.Wave})
			}
			all = slices.Concat(all, other.linked, p.bindingWaits(item, c), p.releaseWaits(item, other))
			switch {
			case item.Pending() || len(all) == 0:
			case slices.ContainsFunc(all, item.makes):
				p.left[item.Node] = &laterError{p.apart(item, c.build, "moves later: --atomic moves both", nil)}
			default:
				p.later[item.Node] = append(p.later[item.Node], all...)
			}
		}
		for _, build := range p.relied[item] {
			maker := byBuild[build]
			isStuck := maker == nil || maker.Action != ActionBump || maker.lacking != "" || maker.Pending() && !item.Pending()
			if isStuck && p.keepOwnOf(item) {
				clear(p.later)
				return true
			}
			switch {
			case maker == nil || maker.Action != ActionBump:
				p.left[item.Node] = p.apart(item, build, "does not move", maker)
			case maker.lacking != "" && slices.ContainsFunc(maker.Makes, (*graph.Node).IsConsumed):
				p.left[item.Node] = p.apart(item, build, "stays without the patch in a part", nil)
			case maker.Pending() && !item.Pending():
				p.left[item.Node] = &laterError{p.apart(item, build, "moves later: --atomic moves both", nil)}
			}
		}
		for _, e := range item.Edits {
			if other, _ := find(edits[e.Path], e); other != nil {
				p.left[item.Node] = fmt.Errorf("%s:%d: %s is to become %s here and %s for another Dockerfile", e.Path, e.Line, e.Old, e.New, other.New)
				break
			}
			edits[e.Path] = append(edits[e.Path], e)
		}
	}
	if len(p.later) > waiting {
		return true
	}
	p.untie()
	return false
}

// makes reports whether what is waited for is an image of the item.
func (i *Item) makes(a awaited) bool {
	return slices.ContainsFunc(i.Makes, func(image *graph.Node) bool { return strings.HasPrefix(a.reference, image.Key+":") })
}

// bind leaves the builds that take the same reference as another of the same Dockerfile and
// target which cannot move: all of its places move, or none.
func (p *planner) bind() {
	for first := 0; first < len(p.Items); {
		last := first + 1
		for last < len(p.Items) && p.Items[last].File.Path == p.Items[first].File.Path {
			last++
		}
		for _, item := range p.Items[first:last] {
			for _, other := range p.Items[first:last] {
				if why := item.boundTo(other); why != "" && p.bound[item.Node] == "" {
					p.bound[item.Node] = why
				}
			}
		}
		first = last
	}
}

// boundTo says why an item cannot move without another; "" where it can.
func (i *Item) boundTo(other *Item) string {
	if i == other || !strings.EqualFold(i.File.Target, other.File.Target) {
		return ""
	}
	for _, ref := range i.moved {
		for _, s := range other.stuck {
			if s.ref.Kind == ref.Kind && s.ref.Pos == ref.Pos && s.ref.Image.String() == ref.Image.String() {
				at := s.ref.Pos
				if s.ref.Build.Path != "" {
					at = s.ref.Build
				}
				return fmt.Sprintf("the build at %s takes it too, and cannot move: %s", at, s.why)
			}
		}
	}
	return ""
}
