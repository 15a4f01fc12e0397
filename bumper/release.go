package bumper

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A Release is a place that says which version an image of the repository has: the
// tag in the build file that makes it, a label, a file called VERSION.
type Release struct {
	Tag   trace.Text
	How   string // what kind of place it is, for people: "label", "VERSION file"
	Trust Trust
	Made  bool // for a Guess: a command gives the image this tag

	// Inside are the parts of Tag that are versions of what is in the image, such as those of a
	// build argument: 24.18.0 in the tag of a base with NODE_VERSION=24.18.0. They do not count up.
	Inside []trace.Text

	// Scheme says which tag comes next; the zero Scheme leaves that to the tag.
	Scheme imageref.Scheme
}

// next returns the tag that comes after that of the place; "" where it is not known.
func (r Release) next() string {
	tag, _ := imageref.ParseTag(r.Tag.S)
	if len(r.Inside) == 0 {
		next, _ := tag.Next()
		return next
	}
	isOwn := func(start, end int) bool {
		return !slices.ContainsFunc(r.Inside, r.Tag.Slice(start, end).Shares)
	}
	if start, end, up, ok := tag.NextOwn(isOwn); ok {
		return r.Tag.S[:start] + up + r.Tag.S[end:]
	}
	return ""
}

// Trust is how much a place is believed.
type Trust uint8

// The degrees of trust, the highest first.
const (
	Certain Trust = iota // the configuration, or the tag that a build file gives
	Stated               // a file that holds a version and nothing else
	Label                // a label, which may be the version of a program inside
	Guess                // found by its looks: an ARG, a line of a script
)

func (r Release) String() string { return fmt.Sprintf("%s says %s (%s)", r.Tag.Pos(), r.Tag.S, r.How) }

// A version is what the tags of one scheme of an image are at.
type version struct {
	now    imageref.Tag
	places []Release // where it is written; none for one that is known by its use alone

	// becomes is the tag that the edits of what it is made of make; "" where they do not
	// change it.
	becomes string

	// agreed is the tag that another build of the same tag gets; "" where none has to be the same.
	agreed string

	// scheduled is the tag that comes next by a scheme; "" where there is none, or it tells none.
	scheduled string

	still bool // the number of its own does not count up beside becomes
	stays bool // it is written and not published yet: it is the next one itself
}

// hasScheme reports whether a person has said which tag comes next.
func (v version) hasScheme() bool { return len(v.places) > 0 && !v.places[0].Scheme.IsZero() }

// schedule settles which tag comes next by a scheme, for an item with these verdicts.
func (p *planner) schedule(v *version, verdicts []verdict) {
	if !v.hasScheme() {
		return
	}
	base := ""
	for _, verdict := range verdicts {
		if verdict.action == ActionBump && verdict.ref.Exposure > scanner.Unreachable {
			base = cmp.Or(verdict.tag, verdict.ref.Image.Tag)
		}
	}
	scheme := v.places[0].Scheme
	if v.scheduled, _ = scheme.Next(v.now.Text, base, p.Today); scheme.IsDate() && p.Dated != nil {
		v.scheduled = cmp.Or(p.Dated(v.places[0], v.scheduled), v.scheduled)
	}
}

// scheme returns the scheme by which the tags of an image count up, the zero one where nobody has said one.
func (p *planner) scheme(image *graph.Node) imageref.Scheme {
	versions, _ := p.versions(image)
	for _, v := range versions {
		if v.hasScheme() {
			return v.places[0].Scheme
		}
	}
	return imageref.Scheme{}
}

// sameIn reports whether a tag is the version in another flavour: 1.0.0-debian for 1.0.0. What
// has another number in front is another line: 21-1.0.0 beside 17-1.0.0.
func (v version) sameIn(tag imageref.Tag) bool {
	isLine := func(t imageref.Tag) bool { return strings.ContainsAny(t.Prefix, "0123456789") }
	return slices.Equal(v.now.Numbers, tag.Numbers) && (v.now.Prefix == tag.Prefix || !isLine(v.now) && !isLine(tag))
}

// next returns the tag that it gets; "" for a tag that moves with its line.
func (v version) next() string {
	if v.stays {
		return v.now.Text
	}
	if v.becomes != "" {
		return v.becomes
	}
	if v.agreed != "" {
		return v.agreed
	}
	if v.hasScheme() {
		return v.scheduled
	}
	if len(v.places) > 0 {
		return v.places[0].next()
	}
	tag, _ := v.now.Next()
	return tag
}

// versions returns what the tags of an image are at, one for each scheme and release
// line, the one that most references use first.
//
// Places are taken in by trust. One that lies behind what is in use, or ahead of it by
// more than a patch, is not about the image, or is wrong: a label or a guess is then
// passed over, anything else is a *ContradictionError unless a better place agrees
// with the use, or a command gives the image that very tag.
func (p *planner) versions(image *graph.Node) ([]version, error) {
	if known, ok := p.found[image]; ok {
		return known.versions, known.err
	}
	versions, aliases, err := p.weighReleases(image)
	p.found[image] = found{versions, aliases, err}
	return versions, err
}

// aliases returns the tags that are given to an image and move along with others: "1.4.0"
// beside "1.4.0-20261101".
func (p *planner) aliases(image *graph.Node) []string {
	_, _ = p.versions(image)
	return p.found[image].aliases
}

type found struct {
	versions []version
	aliases  []string
	err      error
}

func (p *planner) weighReleases(image *graph.Node) (_ []version, aliases []string, _ error) {
	w := weighing{image: image.Key, used: used(image), given: given(image)}
	var places []Release
	if p.Releases != nil {
		all, err := p.Releases(image)
		if err != nil {
			return nil, nil, err
		}
		places = slices.DeleteFunc(slices.Clone(all), func(r Release) bool {
			tag, ok := imageref.ParseTag(r.Tag.S)
			if !ok && follows(r.Tag.S) {
				aliases = append(aliases, r.Tag.S) // stable
			}
			return !ok || tag.Pre != ""
		})
	}
	slices.SortStableFunc(places, func(a, b Release) int { return cmp.Compare(a.Trust, b.Trust) })
	kept := withoutAliases(places)
	for _, r := range places {
		if !slices.ContainsFunc(kept, func(k Release) bool { return k.Tag.S == r.Tag.S }) {
			aliases = append(aliases, r.Tag.S)
		}
	}
	w.used = slices.DeleteFunc(w.used, func(u use) bool {
		return slices.Contains(aliases, u.tag.Text) || slices.ContainsFunc(kept, func(k Release) bool {
			return (k.Trust == Certain || k.Made) && k.Scheme.Relate(u.tag.Text, k.Tag.S) == imageref.Moving // it is the version of nothing
		})
	})
	w.places = kept
	for _, r := range kept {
		isOfBase := r.Made && image.Maker() != nil && slices.ContainsFunc(image.Maker().File.Refs, func(ref *scanner.Ref) bool { return holdsVersion(ref, []Release{r}) })
		if err := w.take(r, isOfBase); err != nil {
			return nil, aliases, err
		}
	}
	w.dropUnusedLines()
	versions, err := w.withUses()
	return versions, aliases, err
}

// A weighing is what is known of an image's versions so far.
type weighing struct {
	image    string
	used     []use
	places   []Release // all of them, but for tags that move along with others
	versions []version
	given    []string // see given
}

// isMade reports whether a command gives the image a tag as well: what a file states is then no mistake, however far
// ahead it is of what is in use.
func (w *weighing) isMade(tag imageref.Tag) bool {
	return slices.ContainsFunc(w.places, func(r Release) bool { return r.Made && r.Tag.S == tag.Text })
}

// inUse returns the newest tag of the scheme that is in use.
func (w *weighing) inUse(tag imageref.Tag) *use {
	i := slices.IndexFunc(w.used, func(u use) bool { return u.tag.SameFlavour(tag) })
	if i < 0 {
		return nil
	}
	return &w.used[i]
}

// at returns the version that a tag belongs to, nil for none.
func (w *weighing) at(tag imageref.Tag) *version {
	for i := range w.versions {
		if v := &w.versions[i]; v.now.SameFlavour(tag) && !w.lines(v, tag) {
			return v
		}
	}
	return nil
}

// lines reports whether a version and a tag are two release lines that are made side
// by side: both are tags that build files give, and differ in more than the patch.
func (w *weighing) lines(v *version, tag imageref.Tag) bool {
	return v.places[0].Trust == Certain && !v.now.SameLine(tag)
}

// take takes a place in. One of a command that gives the image the version of a base as its tag is no mistake
// either, however far ahead it is.
func (w *weighing) take(r Release, isOfBase bool) error {
	tag, _ := imageref.ParseTag(r.Tag.S)
	use := w.inUse(tag)
	plausible := use == nil || isOfBase
	if use != nil {
		step := r.Scheme.Relate(use.tag.Text, tag.Text)
		plausible = plausible || step == imageref.Same || step == imageref.Patch
	}
	v := w.at(tag)
	switch {
	case v != nil && v.now.Compare(tag) == 0:
		v.places = append(v.places, r)
		return nil
	case r.Trust == Guess && r.Made && use != nil && tag.Compare(use.tag) < 0 && v == nil && use.has(tag):
		return &ContradictionError{Image: w.image, Places: []string{r.String(), fmt.Sprintf("%s uses %s", use.ref.Pos, use.tag.Text)}}
	case r.Trust == Guess && (use == nil || !plausible || v != nil || len(w.versions) > 0 && !r.Made):
		return nil
	case r.Trust == Label && (!plausible || len(w.used) > 0 && use == nil):
		return nil
	case r.Trust == Stated && !plausible && v == nil && !w.isMade(tag):
		return &ContradictionError{Image: w.image, Places: []string{r.String(), fmt.Sprintf("%s uses %s", use.ref.Pos, use.tag.Text)}}
	case v != nil && r.Trust == Certain && v.places[0].Trust == Certain:
		// One build gets both tags: in compose.yaml and in compose.prod.yaml. The next one is
		// behind both.
		if tag.Compare(v.now) > 0 {
			v.now = tag
		}
		v.places = append(v.places, r)
		return nil
	case v != nil && use != nil && v.now.Compare(use.tag) == 0 && !plausible:
		return nil // what agrees with the use wins
	case v != nil && r.Trust == Certain && use != nil && plausible && v.now.Compare(use.tag) < 0:
		*v = version{now: tag, places: []Release{r}}
		return nil
	case v != nil && use != nil && v.now.Compare(use.tag) >= 0 && tag.Compare(use.tag) < 0:
		return nil // an older one that is made too
	case v != nil:
		return &ContradictionError{Image: w.image, Places: []string{v.places[0].String(), r.String()}}
	}
	w.versions = append(w.versions, version{now: tag, places: []Release{r}})
	return nil
}

// dropUnusedLines forgets release lines that nobody is on, where others are in use.
func (w *weighing) dropUnusedLines() {
	onLine := func(v version) bool {
		return slices.ContainsFunc(w.used, func(u use) bool {
			return u.tag.SameFlavour(v.now) && slices.ContainsFunc(u.all, func(t imageref.Tag) bool { return t.SameLine(v.now) })
		})
	}
	if all := slices.Clone(w.versions); slices.ContainsFunc(all, onLine) {
		w.versions = slices.DeleteFunc(w.versions, func(v version) bool {
			rivals := slices.ContainsFunc(all, func(o version) bool { return o.now.SameFlavour(v.now) && o.now.Compare(v.now) != 0 && onLine(o) })
			return rivals && !onLine(v)
		})
	}
}

// withUses adds the schemes that are known by their use alone, and orders all by how
// many references there are.
func (w *weighing) withUses() ([]version, error) {
	placed := len(w.versions) > 0
	for _, u := range w.used {
		i := slices.IndexFunc(w.versions, func(v version) bool { return v.now.SameFlavour(u.tag) })
		switch {
		case i >= 0 && !slices.ContainsFunc(w.versions, func(v version) bool { return v.now.SameFlavour(u.tag) && v.now.Compare(u.tag) >= 0 }):
			return nil, &ContradictionError{Image: w.image, Places: []string{w.versions[i].places[0].String(), fmt.Sprintf("%s uses %s", u.ref.Pos, u.tag.Text)}}
		case i < 0 && (!placed || w.given == nil && slices.ContainsFunc(w.versions, func(v version) bool { return v.sameIn(u.tag) })):
			w.versions = append(w.versions, version{now: u.tag})
		}
	}
	rank := func(v version) int {
		return slices.IndexFunc(w.used, func(u use) bool { return u.tag.SameFlavour(v.now) })
	}
	slices.SortStableFunc(w.versions, func(a, b version) int { return cmp.Compare(uint(rank(a)), uint(rank(b))) })
	return w.versions, nil
}

// withoutNext returns the error for a derived base of which nothing tells the next version, nil
// where all its consumers follow it as it is or are on a version that has one.
func (p *planner) withoutNext(t *target, why string) error {
	err := &NoVersionError{Image: t.Image, Path: t.image.Maker().Key, Why: why, Held: p.held[t.image] != "", Renewable: len(t.maker.uncounted) > 0, Rebuilt: t.maker.Action == ActionRebuild && p.Renew == nil}
	t.noNext = err
	for _, use := range t.image.Uses() {
		if use.T == t.image.Maker() || p.keeps(use.T.File) {
			continue
		}
		for _, ref := range use.Refs {
			if ref.Exposure > scanner.Unreachable && t.held(ref.Image, p.Level) != "" {
				err.Uses = append(err.Uses, ref.Pos)
			}
		}
	}
	if len(err.Uses) == 0 {
		return nil
	}
	return err
}
