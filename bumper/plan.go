package bumper

import (
	"cmp"
	"context"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A Bump is an image and the version that it has now.
type Bump struct {
	Image  string // the repository, canonical
	Tag    string // "" when only the digest is given
	Digest string // "sha256:…", or ""

	// From is a tag or a digest: exactly the references that are on it move, whatever step
	// that is, also down and to another line. "" is for a patch: what it is the next version of.
	From string

	// Pin says that Tag names another image from time to time: references to that very tag get Digest, or
	// what the registry gives for it, also those that have none. No other references are concerned.
	Pin bool
}

// leaves reports whether a reference is on From.
func (b Bump) leaves(image imageref.Ref) bool {
	return b.From != "" && (image.Tag == b.From || image.Digest == b.From)
}

// arrived reports whether a reference is on what those on From go to: it may have been on
// From before.
func (b Bump) arrived(image imageref.Ref) bool {
	return b.From != "" && (b.Tag == "" || image.Tag == b.Tag) && (b.Digest == "" || image.Digest == b.Digest)
}

// Version returns tag, digest or tag@digest; "" when neither is given, which
// asks for all that depends on the image in any version.
func (b Bump) Version() string {
	return imageref.Ref{Repository: b.Image, Tag: b.Tag, Digest: b.Digest}.Version()
}

// String returns the reference of the image in its new version.
func (b Bump) String() string {
	if b.Version() == "" {
		return b.Image
	}
	return imageref.Ref{Repository: b.Image, Tag: b.Tag, Digest: b.Digest}.String()
}

// Action is what becomes of a dependent.
type Action uint8

// The actions.
const (
	ActionBump     Action = iota + 1 // its text is edited
	ActionRebuild                    // a moving tag or its derived base brings the patch in; no edit
	ActionUpToDate                   // it has the version already
	ActionSkip                       // it is left, for a Reason
)

// String returns the action as the JSON output has it.
func (a Action) String() string {
	return [...]string{"", "bump", "rebuild", "up-to-date", "skip"}[a]
}

// Reason is why a reference or a dependent is left.
type Reason string

// The reasons.
const (
	ReasonNewer       Reason = "newer"           // it is on a newer version
	ReasonLevel       Reason = "level"           // the step is larger than Options.Level
	ReasonVariant     Reason = "variant"         // its tag is of another scheme: another suffix
	ReasonUnresolved  Reason = "unresolved"      // its version is not known, or cannot be written where it stands
	ReasonShared      Reason = "shared-argument" // its ARG also feeds another image
	ReasonIgnored     Reason = "ignored"         // the configuration says so
	ReasonUnreachable Reason = "unreachable"     // only in stages that the target does not build
	ReasonNoNext      Reason = "no-next-version" // it is based on a derived base whose next tag nothing tells
	ReasonVendored    Reason = "vendored"        // it lies in a vendored tree, or is based on an image that is built in one
)

// lacks reports whether what is left for this reason should have the patch and does not:
// it is not another version that is left on purpose.
func (r Reason) lacks() bool { return r.NeedsPerson() || r == ReasonIgnored || r == ReasonVendored }

// NeedsPerson reports whether a skip for this reason stays until a person does
// something about the Dockerfile.
func (r Reason) NeedsPerson() bool {
	return r == ReasonUnresolved || r == ReasonShared || r == ReasonNoNext
}

// An Edit writes New over Old at a span of a file: of the Dockerfile itself, or of
// a build file that hands the version in or says which one its image has.
type Edit struct {
	Path     string
	Line     int // 1-based
	Span     source.Span
	Old, New string
	file     *trace.Origin
	src      []byte       // the content of the file, once the edit is proved
	pins     *scanner.Ref // that gets a digest which it had not; nil for any other edit
	behind   bool         // it gets it behind the reference itself, whatever its tag is made of
}

func newEdit(r trace.Replacement) Edit {
	return Edit{Path: r.File.Path, Line: r.Line(), Span: r.Span, Old: r.Old, New: r.New, file: r.File}
}

func (e Edit) replacement() trace.Replacement {
	return trace.Replacement{File: e.file, Span: e.Span, Old: e.Old, New: e.New}
}

// A Skip is a reference that is left as it is.
type Skip struct {
	Pos     source.Pos
	Image   string
	Current string
	Reason  Reason
	Detail  string        // for a person; may be empty
	Maker   string        // the Dockerfile that makes Image, where it is left because that is
	Tree    string        // the vendored tree that it lies in; "" where it is left for another reason
	Way     string        // for ReasonShared: the flag with which it moves (WayAtomic, "--base IMAGE@VERSION"); "" where none is known
	Step    imageref.Step // for ReasonLevel: the step, which is the smallest level that takes it
}

// An Item is a build that depends on a base, and what becomes of it.
type Item struct {
	graph.Dependent
	Action   Action
	Reason   Reason // for ActionSkip
	Current  string // the version it is on, of the reference that decided the action
	Edits    []Edit // by file, its own first, and place
	Skips    []Skip // its references that are left, by place
	Releases []Bump // the versions that the images it makes get, by image and version
	WaitsFor []string
	Err      error  // the file could not be planned; a *DigestError if a registry is the cause
	has      bool   // a reference that is built has the new version
	proved   bool   // likewise, and says so itself: it is no tag that moves
	lacking  Reason // why a reference that is built stays without the patch; "" where none does
	atOnce   bool   // all that stays so moves with all waves at once
	moved    []*scanner.Ref
	movedTo  []string  // the versions of moved
	stuck    []stuck   // references that cannot move
	linked   []awaited // what it waits for since builds do that it names as such

	renewed   []Bump   // the tags that name another image than before, for which what it makes gets its next version
	uncounted []string // the files that say a version which would count up for such a tag, if that were asked for

	// Contexts are the references to images that are rebuilt along with it, as it
	// names them now and will name them, with the item that makes each.
	Contexts map[string]*Item

	// Record says that its edits are of what says the version of the bumped base that the
	// build makes, and of nothing else.
	Record bool
}

// A stuck is a reference that should move, and why it cannot.
type stuck struct {
	ref *scanner.Ref
	why string
}

// Pending reports whether the item has to wait for a derived base.
func (i *Item) Pending() bool {
	return len(i.WaitsFor) > 0 && (i.Action == ActionBump || i.Action == ActionRebuild)
}

// Role returns "base" for a derived base and "service" for a Dockerfile whose image
// no other one depends on; "file" for a file that is no Dockerfile.
func (i *Item) Role() string {
	switch {
	case !i.File.IsDockerfile():
		return "file"
	case i.Base:
		return "base"
	}
	return "service"
}

// A Plan is what bumps come to in one repository.
type Plan struct {
	Graph   *graph.Graph
	Bumps   []Bump                         // by image
	Derived []Derived                      // the derived bases that have to be rebuilt, with the versions they get; by image
	Items   []*Item                        // by path and build
	Records []*Item                        // one for each build that makes a bumped base, by path and build: see Options.Record
	level   imageref.Step                  // the largest step that is taken
	edited  map[string][]trace.Replacement // all edits, by path; nil until After asks

	Notes []*source.Error // what a person should know of how it came about
}

// A Derived is the version that a derived base gets; without one it is rebuilt as it is.
type Derived struct {
	Bump
	Maker *Item
}

// Digester looks up the digest that a tag has in its registry.
type Digester interface {
	// Digest returns "sha256:…" for the reference repository:tag.
	Digest(ctx context.Context, reference string) (string, error)
}

// Options says how far a plan may go, and what is known beyond the graph. Nil
// functions know nothing.
type Options struct {
	Level    imageref.Step                              // the largest step that is taken; zero is imageref.Patch
	Ignored  func(path string) (why string, ok bool)    // Dockerfiles that are never edited, and what the configuration says about it; may be ""
	Vendored func(path string) (tree string, ok bool)   // Dockerfiles that are kept in a vendored tree
	Digests  Digester                                   // for references that are pinned to a digest
	Releases func(image *graph.Node) ([]Release, error) // the places that say which version an image has, by place
	Tags     map[*graph.Node][]trace.Text               // the tags that build files give to images, as references

	// Along returns what has to be replaced along with a change in a build file: values that
	// are to be the same. It may be nil.
	Along func(change trace.Replacement) []trace.Replacement

	// Verify reads the build files again as they are once the replacements are made, and
	// returns an error where they do not say what is meant.
	Verify func(ctx context.Context, replacements []trace.Replacement) error

	// Past looks for the newest revision at which match holds for the content of a file,
	// and returns how to read files of that revision; ok is false where that is not known.
	Past func(ctx context.Context, path string, match func(content []byte) bool) (read func(path string) ([]byte, error), ok bool)

	// InlineAt reads a Dockerfile that is a text inside another file as it is in another content of that file; nil where
	// it is not in there. It may be nil.
	InlineAt func(ctx context.Context, file *scanner.File, content []byte) *scanner.File

	// Today is the day for tags with a date, as in 2026-11-09. Dated returns the date that an open change gave a
	// place already, "" for none; next is the tag with that of today. It may be nil.
	Today string
	Dated func(place Release, next string) string

	// Chosen returns the bump that a reference to a base goes to, where more than versions decides, such as
	// policies; ok is false for one that stays. The level then counts for what is made here alone. It may be nil.
	Chosen func(ref *scanner.Ref) (bump Bump, ok bool)

	// Renew reports whether what a build makes gets its next version where a tag that the build is based on names
	// another image than before. Nil says it of none.
	Renew func(build *graph.Node) bool

	// Shallow says that the repository has only the newest part of its history.
	Shallow bool

	// Record says what becomes of the places that say the version of a bumped base itself.
	Record Recording

	// Atomic plans all waves as one change, for pipelines that build bases and
	// services together: nothing waits.
	Atomic bool

	// Assumed are derived bases of which it is said that they are published, whatever
	// is known of it. Published is asked about the others once nothing is left to be
	// done about the Dockerfile that makes them; an error counts as no.
	Assumed   []Bump
	Published func(ctx context.Context, reference string) (bool, error)
}

// Contents reads the files of the repository as they are before the edits.
type Contents interface {
	// Prefetch gets files that a partial clone has left at its remote, in one request.
	// What it does not get is an error of Read; its own is that of ctx.
	Prefetch(ctx context.Context, paths []string) error

	// Read returns the content of a file. The error names the file.
	Read(path string) ([]byte, error)
}

// NewPlan plans bumps. The bumps are the bases' new versions, one for each line of an
// image: of an image of several lines, that is meant which the version is on, or all where
// there is none. An image that the graph does not know has no dependents. Of the contents,
// those of the files that are to be edited are read.
//
// The error is that of ctx. What goes wrong with one build is in its Item.
func NewPlan(ctx context.Context, g *graph.Graph, contents Contents, bumps []Bump, opts Options) (*Plan, error) {
	opts.Level = max(opts.Level, imageref.Patch)
	base := Plan{Graph: g, Bumps: slices.Clone(bumps), level: opts.Level}
	slices.SortFunc(base.Bumps, compareBumps)
	dependents := g.Affected(base.Bases())
	dependents = makersFirst(g, dependents)
	if err := contents.Prefetch(ctx, sources(dependents)); err != nil {
		return nil, err
	}
	planner := newPlanner(&base, contents, opts, dependents)
	// An item that does not fit with the others once all are decided is left, and what
	// follows from that is decided anew. Each round leaves at least one more.
	for {
		plan, err := planner.plan(ctx, dependents)
		if err != nil {
			return nil, err
		}
		if !planner.reconcile() && !planner.together(ctx) {
			planner.defaultsNow(ctx)
			planner.record(ctx)
			return plan, ctx.Err()
		}
	}
}

// plan decides about all dependents.
func (p *planner) plan(ctx context.Context, dependents []graph.Dependent) (*Plan, error) {
	plan := *p.base
	p.Plan, p.targets, p.moved, p.relied = &plan, map[*graph.Node]*target{}, map[*graph.Node]*target{}, map[*Item][]*graph.Node{}
	p.carried = map[*Item][]carried{}
	for _, bump := range p.Bumps {
		for _, line := range p.linesOf(bump) {
			targets := p.targets
			if bump.From != "" {
				targets = p.moved
			}
			if targets[line] == nil {
				targets[line] = &target{Bump: bump, image: line}
			}
			targets[line].bumps = append(targets[line].bumps, bump)
		}
		if lines := p.Graph.Lines(bump.Image); bump.Tag != "" && bump.From == "" && len(lines) > 1 && !slices.ContainsFunc(p.linesOf(bump), func(n *graph.Node) bool { return n.Maker() != nil }) {
			plan.note(source.CodeNoLine, "no build makes the line of %s", bump)
		}
		p.versioned = p.versioned || bump.Version() != ""
		plan.noteUnused(bump)
		if bump.From != "" && !slices.ContainsFunc(p.Graph.References(bump.Image), func(ref *scanner.Ref) bool { return bump.leaves(ref.Image) }) {
			plan.note(source.CodeNothingOn, "no reference to %s is on %s, so nothing moves from it", bump.Image, bump.From)
		}
	}
	for _, dependent := range dependents {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if item := p.item(ctx, dependent); item != nil {
			plan.Items = append(plan.Items, item)
		}
	}
	slices.SortFunc(plan.Items, compareItems)
	slices.SortFunc(plan.Derived, func(a, b Derived) int { return cmp.Or(compareBumps(a.Bump, b.Bump), compareItems(a.Maker, b.Maker)) })
	return &plan, nil
}

func compareBumps(a, b Bump) int {
	return cmp.Or(cmp.Compare(a.Image, b.Image), cmp.Compare(a.Version(), b.Version()), cmp.Compare(a.From, b.From))
}

// compareItems orders items by path and build, and the parts of a file by place.
func compareItems(a, b *Item) int {
	if a.Node != b.Node && a.Node.Whole() == b.Node.Whole() {
		return a.File.Refs[0].Pos.Compare(b.File.Refs[0].Pos)
	}
	return cmp.Compare(a.Node.ID(), b.Node.ID())
}

// Bases returns the lines of images that are bumped, by image.
func (p *Plan) Bases() []*graph.Node {
	var bases []*graph.Node
	for _, bump := range p.Bumps {
		for _, line := range p.linesOf(bump) {
			if !slices.Contains(bases, line) {
				bases = append(bases, line)
			}
		}
	}
	return bases
}

// linesOf returns the lines of its image that a bump is meant for: that of its version, or
// all where it says which references move.
func (p *Plan) linesOf(bump Bump) []*graph.Node {
	if bump.From != "" {
		return p.Graph.Lines(bump.Image)
	}
	return p.Graph.LinesOf(bump.Image, bump.Tag)
}

// Needless returns those of the versions that are assumed to be published which are no
// version that the plan gives to a derived base or moves a reference to.
func (p *Plan) Needless(assumed []Bump) []Bump {
	return slices.DeleteFunc(slices.Clone(assumed), func(bump Bump) bool {
		if slices.ContainsFunc(p.Derived, func(d Derived) bool { return d.Bump == bump || d.Bump == Bump{Image: bump.Image} }) {
			return true
		}
		return slices.ContainsFunc(p.Graph.References(bump.Image), func(ref *scanner.Ref) bool { return ref.Image.Tag == bump.Tag }) ||
			slices.ContainsFunc(p.Items, func(i *Item) bool {
				return slices.ContainsFunc(i.Images, func(n *graph.Node) bool { return n.Key == bump.Image }) && slices.ContainsFunc(i.Edits, func(e Edit) bool { return e.New == bump.Tag })
			})
	})
}
