package bumper

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

type planner struct {
	*Plan // of this round
	Options
	contents   Contents
	read       map[string][]byte             // the contents that were read, by path
	base       *Plan                         // without items
	left       map[*graph.Node]error         // why a build does not fit with the others
	held       map[*graph.Node]string        // by image, why it gets no new tag, as a clause
	still      map[*graph.Node]bool          // by image, whose tags get the version of a base and count nothing up beside it
	joined     map[*graph.Node][]*graph.Node // by image, those with the patch that get its next tag along with it
	agreed     map[agreement]string          // the tags that come next since another build of the tag gets them
	later      map[*graph.Node][]awaited     // what a build waits for since another does with which it shares a place
	bound      map[*graph.Node]string        // why another build of the same Dockerfile and target cannot move, and it with that
	versioned  bool                          // the bumps have versions: something is to be edited
	targets    map[*graph.Node]*target       // by image, but for references that are to leave one version
	moved      map[*graph.Node]*target       // by image, of those
	asked      map[string]answer             // what registries said, by reference
	found      map[*graph.Node]found         // versions, by image
	dependents map[*graph.Node]graph.Dependent
	relied     map[*Item][]*graph.Node   // the builds that have to be edited along with an item
	carried    map[*Item][]carried       // the references of other builds that an item moves along
	placed     map[string][]tagged       // what the files that are no build files say, by path; nil until it is needed
	defaults   map[string][]*scanner.Ref // that no build reads, by the path of their Dockerfile
	readers    map[string][]reader
	before     map[placed]bool // what isFromBefore has found
	tagged     map[string][]tagged
}

// newPlanner returns a planner with what is the same in every round.
func newPlanner(base *Plan, contents Contents, opts Options, dependents []graph.Dependent) *planner {
	p := &planner{
		Options: opts, contents: contents, read: map[string][]byte{}, base: base, asked: map[string]answer{}, found: map[*graph.Node]found{}, left: map[*graph.Node]error{}, bound: map[*graph.Node]string{}, later: map[*graph.Node][]awaited{}, held: map[*graph.Node]string{}, before: map[placed]bool{}, agreed: map[agreement]string{}, still: map[*graph.Node]bool{}, joined: map[*graph.Node][]*graph.Node{},
		dependents: map[*graph.Node]graph.Dependent{},
	}
	p.Plan = base
	for _, dependent := range dependents {
		p.dependents[dependent.Node] = dependent
	}
	p.index()
	return p
}

// A verdict is what becomes of one reference.
type verdict struct {
	ref         *scanner.Ref
	target      *target
	bump        Bump // the version that it should have
	action      Action
	reason      Reason
	detail      string
	step        imageref.Step // for ReasonLevel
	maker, tree string        // of the Skip that it comes to
	way         string        // likewise
	tag, digest string        // for ActionBump: what is to be written, "" to keep what is there
	along       bool          // a default that no build reads, at the place of one that moves: it moves along where it can
	follows     bool          // for ActionUpToDate: its tag moves, and does not say whether it has been built since
	pinned      bool          // its digest has to be that of bump
	adds        bool          // it has none, and gets one
	pins        []scanner.Pin // where that can be written, the best place first
	asks        bool          // the registry has to say that its tag is now what bump is
}

// item decides what becomes of one dependent; nil for one that is not concerned.
func (p *planner) item(ctx context.Context, dependent graph.Dependent) *Item {
	if !slices.ContainsFunc(dependent.File.Refs, func(ref *scanner.Ref) bool { return ref.Exposure > scanner.Unreachable && p.concerns(ref) }) {
		dependent.Exposure = scanner.Unreachable // what it is built on is another version than those that move
	}
	item := &Item{Dependent: dependent}
	var verdicts []verdict
	for _, ref := range dependent.File.Refs {
		if v, ok := p.weigh(ref, dependent.Exposure); ok {
			if v.action == ActionBump && p.makes(dependent.Node, ref) {
				v.action, v.reason = ActionSkip, ReasonUnresolved
				v.detail = "it makes this image itself: on which of its own versions it is built is for a person to say"
			}
			verdicts = append(verdicts, v)
		}
	}
	isDerived := func(image *graph.Node) bool { return p.targets[image] != nil && p.targets[image].maker != nil }
	if len(verdicts) == 0 && !slices.ContainsFunc(dependent.Images, isDerived) {
		return nil // it refers to other versions than those that move
	}
	var versions map[*graph.Node][]version
	why, ignored := p.ignores(dependent.File)
	tree, vendored := p.vendors(dependent.File)
	switch {
	case ignored:
		overrule(verdicts, ReasonIgnored, cmp.Or(why, "the configuration says so"))
	case vendored:
		vendor(verdicts, tree)
	case dependent.Exposure == scanner.Unreachable:
		overrule(verdicts, ReasonUnreachable, notBuilt)
	case dependent.Circle != nil:
		item.Err = dependent.Circle
		overrule(verdicts, ReasonUnresolved, "it is on a circle of images that are made from each other")
	case p.left[dependent.Node] != nil:
		item.Err = p.left[dependent.Node]
	case p.bound[dependent.Node] != "":
		overrule(verdicts, ReasonShared, p.bound[dependent.Node])
	default:
		for i := range verdicts {
			if verdicts[i].asks {
				p.ask(ctx, &verdicts[i])
			}
		}
		follow(verdicts)
		p.wait(ctx, item, verdicts)
		item.renewed = p.renews(item, verdicts)
		if moves(verdicts) || len(item.renewed) > 0 {
			item.delay(p.later[item.Node])
		}
		if item.Err = p.pin(ctx, verdicts, item.WaitsFor); item.Err != nil {
			break
		}
		if versions, item.Err = p.releases(item, verdicts); item.Err != nil {
			break
		}
		if len(item.renewed) > 0 {
			p.renew(ctx, item, verdicts, versions)
			break
		}
		verdicts = p.along(item, verdicts)
		p.edit(ctx, item, verdicts, versions)
		verdicts = slices.DeleteFunc(verdicts, func(v verdict) bool { return v.along })
	}
	if item.Err != nil && dependent.Circle == nil {
		// Half an edit would leave a file that nobody asked for.
		overrule(verdicts, ReasonUnresolved, item.Err.Error())
	}
	item.conclude(verdicts)
	p.derive(ctx, item, versions)
	return item
}

// weigh decides about a reference; ok is false for one to nothing that the plan is about. Of
// several images that it may be to, the worst fate counts: what is left is not patched.
func (p *planner) weigh(ref *scanner.Ref, exposure scanner.Exposure) (worst verdict, ok bool) {
	for _, image := range p.Graph.ImagesOf(ref) {
		t := p.targetOf(image, ref.Image)
		if t == nil || t.maker != nil && ref.Exposure == scanner.Unreachable && exposure > scanner.Unreachable {
			continue // a stage that is not built waits for nobody
		}
		if !p.means(t, ref) {
			continue // it is on another line that nobody makes
		}
		v := p.claimed(p.decide(ref, t))
		worse := slices.Index(fates, v.action) - slices.Index(fates, worst.action)
		if !ok || worse < 0 || worse == 0 && later(ref.Image.Tag, worst.bump.Tag, v.bump.Tag) {
			worst, ok = v, true
		}
	}
	return worst, ok
}

// means reports whether a target is meant for a reference to its image: a bump of a tag is for those
// that name it, and of an image of several lines, a reference that no build makes may be on another one.
func (p *planner) means(t *target, ref *scanner.Ref) bool {
	if t.maker != nil {
		return true
	}
	if p.Chosen != nil {
		bump, ok := p.Chosen(ref)
		return ok && slices.Contains(t.bumps, bump)
	}
	bump := t.given(ref.Image)
	return bump.From != "" || bump.mayConcern(ref.Image) && p.Graph.SameLine(ref, bump.Tag)
}

// concerns reports whether the plan is about a reference.
func (p *planner) concerns(ref *scanner.Ref) bool {
	return slices.ContainsFunc(p.Graph.ImagesOf(ref), func(image *graph.Node) bool {
		t := p.targetOf(image, ref.Image)
		return t != nil && p.means(t, ref)
	})
}

// fates are the actions on a reference, the worst first.
var fates = []Action{ActionSkip, ActionBump, ActionRebuild, ActionUpToDate}

// along adds the defaults that no build of the Dockerfile reads, at the places of what moves or
// has moved, be it along with another build. One that cannot move blocks nothing.
func (p *planner) along(item *Item, verdicts []verdict) []verdict {
	for _, ref := range p.defaults[item.File.Path] {
		for _, v := range verdicts {
			if v.action != ActionBump && v.action != ActionUpToDate || v.ref.Kind != ref.Kind || v.ref.Stage != ref.Stage || v.ref.Pos != ref.Pos || v.ref.Repository() != ref.Repository() {
				continue
			}
			if d := p.decide(ref, v.target); d.action == ActionBump && !d.pinned {
				d.along = true
				verdicts = append(verdicts, d)
			}
			break
		}
	}
	return verdicts
}

// releases returns the versions of the images that the item makes and others
// depend on, if it is edited or renewed.
func (p *planner) releases(item *Item, verdicts []verdict) (map[*graph.Node][]version, error) {
	if !moves(verdicts) && len(item.renewed) == 0 || lacking(verdicts) {
		return nil, nil
	}
	all := map[*graph.Node][]version{}
	for _, image := range item.Makes {
		if t := p.targets[image]; t != nil && t.maker == nil || !image.IsConsumed() || p.held[image] != "" {
			continue
		}
		versions, err := p.versions(image)
		if err != nil {
			return nil, err
		}
		if why := p.taken(image, versions); why != "" {
			p.held[image] = why
			continue
		}
		if len(versions) > 0 {
			all[image] = p.withJoined(image, versions)
			for i := range all[image] {
				p.schedule(&all[image][i], verdicts)
				all[image][i].still = p.still[image]
				all[image][i].agreed = p.agreed[agreement{image, versions[i].now.Text}]
			}
		}
	}
	return all, contradiction(all)
}

// lacking reports whether a reference that is built stays without the patch: what the item
// makes is then not released as patched.
func lacking(verdicts []verdict) bool {
	return slices.ContainsFunc(verdicts, func(v verdict) bool {
		return v.action == ActionSkip && v.reason.lacks() && v.ref.Exposure > scanner.Unreachable
	})
}

// moves reports whether a reference that is built is edited.
func moves(verdicts []verdict) bool {
	return slices.ContainsFunc(verdicts, func(v verdict) bool {
		return v.action == ActionBump && !v.along && v.ref.Exposure > scanner.Unreachable
	})
}

// follow leaves the references in stages that are not built where they are,
// unless one that is built moves: then they move along.
func follow(verdicts []verdict) {
	if moves(verdicts) {
		return
	}
	for i := range verdicts {
		if v := &verdicts[i]; v.action == ActionBump {
			v.action, v.reason, v.detail = ActionSkip, ReasonUnreachable, notBuilt
		}
	}
}

const notBuilt = "it stands in a stage that the target does not build"

// wait finds out which derived bases the item has to wait for, and which are
// rebuilt along with it.
func (p *planner) wait(ctx context.Context, item *Item, verdicts []verdict) {
	for _, v := range verdicts {
		if v.waitsAlong(moves(verdicts)) {
			item.waitWith(v.target.maker)
		}
		if v.action == ActionBump && p.saysVersion(v.ref, v.target.image) {
			item.waitWith(v.target.maker)
			if len(verdicts) == 1 {
				item.Wave = v.target.maker.Wave
			}
			continue
		}
		if v.target.maker == nil || v.ref.Image.IsZero() || v.ref.Exposure == scanner.Unreachable || v.action != ActionBump && v.action != ActionRebuild {
			continue
		}
		bump := v.bump
		if bump.Version() == "" {
			bump.Tag, bump.Digest = v.ref.Image.Tag, v.ref.Image.Digest
			if bump.Version() == "" {
				bump.Tag = "latest"
			}
		}
		reference := bump.String()
		if v.target.rebuilt() {
			if item.Contexts == nil {
				item.Contexts = map[string]*Item{}
			}
			item.Contexts[v.ref.Image.String()] = v.target.maker
			item.Contexts[reference] = v.target.maker
			item.Wave = max(item.Wave, v.target.maker.Wave+1)
		}
		switch {
		case v.bump.Version() == "" && p.versioned && v.target.maker.Action == ActionRebuild: // it is rebuilt as it is
		case reference == v.ref.Image.String(): // what is there already is no sign that it has been
		case v.target.rebuilt() || v.action == ActionBump || v.bump.Version() != "":
			if !slices.Contains(item.WaitsFor, reference) && !p.ready(ctx, v.target, bump) {
				item.WaitsFor = append(item.WaitsFor, reference)
			}
		}
	}
	slices.Sort(item.WaitsFor)
}

// decide compares one reference with the version that its image has now.
func (p *planner) decide(ref *scanner.Ref, t *target) verdict {
	current := ref.Image
	v := verdict{ref: ref, target: t, bump: t.at(current.Tag), action: ActionUpToDate}
	if t.maker == nil {
		v.bump = p.chosen(ref, t)
	}
	switch {
	case p.versioned && ref.Outside.Path != "":
		v.action, v.reason = ActionSkip, ReasonUnresolved
		v.detail = fmt.Sprintf("the build at %s hands in a version that is not known here", ref.Outside)
		if version := current.Version(); version != "" {
			v.detail += fmt.Sprintf(", and not %s, which the file says", version)
		}
		return v
	case p.versioned && t.maker != nil && !t.left() && t.held(current, p.Level) != "":
		v.action, v.reason, v.detail = ActionSkip, ReasonNoNext, t.held(current, p.Level)
		return v
	case t.left():
		return p.leftWith(v)
	case current.IsZero() && ref.Link == "" && (v.bump.Version() != "" || p.versioned && t.maker != nil):
		v.action, v.reason, v.detail = ActionSkip, ReasonUnresolved, unresolved(ref)
		return v
	case v.bump.Version() == "" || current.IsZero():
		switch {
		case t.maker != nil && current.Digest != "":
			v.action, v.reason, v.detail = ActionSkip, ReasonUnresolved, fmt.Sprintf("it is pinned to a digest, and which one %s has next is not known", t.Image)
		default:
			v.action = ActionRebuild
			if why := t.notGiven(current.Tag); p.versioned && why != "" && p.joinedWith(t.image) == nil {
				v.action, v.reason, v.detail = ActionSkip, ReasonVariant, why
			}
		}
		return v
	case v.bump.From != "":
		if v.bump.Tag != "" && v.bump.Tag != current.Tag && current.Tag != "" {
			v.action, v.tag = ActionBump, v.bump.Tag
		}
		v.pinned = current.Digest != "" && v.bump.leaves(current)
		return v
	case v.bump.isOfTag() && t.maker == nil:
		return v.decideTag()
	case v.bump.Tag == "":
		v.asks = current.Digest != v.bump.Digest
		return v
	case current.Digest != "" && current.Tag == "" && current.Digest != v.bump.Digest:
		v.action, v.reason, v.detail = ActionSkip, ReasonUnresolved, "a digest alone says no version: write the tag beside it"
		return v
	}
	step := t.scheme.Relate(current.Tag, v.bump.Tag)
	switch {
	case current.Digest != "" && step == imageref.Same && t.maker != nil && !t.rebuilt() && !t.moves(current.Tag):
	case current.Digest != "" && step == imageref.Moving && t.maker == nil:
		v.asks = current.Digest != v.bump.Digest
	case current.Digest != "" && (step == imageref.Same || step == imageref.Moving):
		v.pinned = true // the digest alone says which image it is
	case step == imageref.Same && v.bump.Digest != "" && current.Digest == "" && t.maker == nil && follows(current.Tag):
		v.action = ActionRebuild // its tag names another image than before
	case step == imageref.Variant && current.Digest == "" && slices.Contains(t.aliases, current.Tag):
		v.action = ActionRebuild // its build gives it anew, as "stable"
	case step == imageref.Variant:
		v.action, v.reason, v.detail = ActionSkip, ReasonVariant, imageref.WhyVariant(current.Tag, v.bump.Tag)
	case step == imageref.Older && t.maker != nil && !t.rebuilt(): // it had the patch before
	case step == imageref.Older:
		v.action, v.reason, v.detail = ActionSkip, ReasonNewer, fmt.Sprintf("%s is newer than %s", current.Tag, v.bump.Tag)
	case step == imageref.Moving: // whether that has been done is not written anywhere
		v.action = ActionRebuild
	case step > p.Level && (t.maker != nil || p.Chosen == nil):
		v.step = step
		v.action, v.reason, v.detail = ActionSkip, ReasonLevel, fmt.Sprintf("%s to %s is a %s step", current.Tag, v.bump.Tag, step)
	case step >= imageref.Patch:
		v.action, v.tag, v.pinned = ActionBump, v.bump.Tag, current.Digest != ""
	}
	if v.pinned && t.maker != nil {
		v.action = ActionBump // whatever its digest will be
	}
	v.follows = v.action == ActionUpToDate && t.maker != nil && current.Digest == "" && t.follows(current.Tag)
	return v
}
