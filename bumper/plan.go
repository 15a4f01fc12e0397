package bumper

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// A Bump is an image and the version that it has now.
type Bump struct {
	Image  string // the repository, canonical
	Tag    string // "" when only the digest is given
	Digest string // "sha256:…", or ""
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
)

// NeedsPerson reports whether a skip for this reason stays until a person does
// something about the Dockerfile.
func (r Reason) NeedsPerson() bool { return r == ReasonUnresolved || r == ReasonShared }

// An Edit writes New over Old at a span of a file.
type Edit struct {
	Path     string
	Line     int // 1-based
	Span     source.Span
	Old, New string
}

// A Skip is a reference that is left as it is.
type Skip struct {
	Pos     source.Pos
	Image   string
	Current string
	Reason  Reason
	Detail  string // for a person; may be empty
}

// An Item is a dependent and what becomes of it.
type Item struct {
	graph.Dependent
	Action   Action
	Reason   Reason // for ActionSkip
	Current  string // the version it is on, of the reference that decided the action
	Edits    []Edit // by place
	Content  []byte // the file with the edits applied; nil without edits
	Skips    []Skip // its references that are left, by place
	WaitsFor []string
	Err      error // the file could not be planned: a digest could not be looked up
}

// Pending reports whether the item has to wait for a derived base.
func (i *Item) Pending() bool {
	return len(i.WaitsFor) > 0 && (i.Action == ActionBump || i.Action == ActionRebuild)
}

// A Plan is what bumps come to in one repository.
type Plan struct {
	Graph   *graph.Graph
	Bumps   []Bump // by image
	Derived []Bump // the derived bases that have to be rebuilt, with the version they get; by image
	Items   []Item // by path
}

// Digester looks up the digest that a tag has in its registry.
type Digester interface {
	// Digest returns "sha256:…" for the reference repository:tag.
	Digest(ctx context.Context, reference string) (string, error)
}

// Options says how far a plan may go.
type Options struct {
	Level     imageref.Step               // the largest step that is taken; zero is imageref.Patch
	Ignored   func(path string) bool      // Dockerfiles that are never edited; nil ignores none
	Digests   Digester                    // for references that are pinned to a digest
	Published func(reference string) bool // whether a derived base has been published in a version; nil means none has
}

// NewPlan plans bumps. The bumps are the bases' new versions, one for each image;
// an image that the graph does not know has no dependents.
//
// The error is that of [graph.Graph.Affected], or of ctx. What goes wrong with one
// file is in its Item.
func NewPlan(ctx context.Context, g *graph.Graph, bumps []Bump, opts Options) (*Plan, error) {
	opts.Level = max(opts.Level, imageref.Patch)
	p := &Plan{Graph: g, Bumps: slices.Clone(bumps)}
	slices.SortFunc(p.Bumps, func(a, b Bump) int { return cmp.Compare(a.Image, b.Image) })
	dependents, err := g.Affected(p.Images())
	if err != nil {
		return nil, err
	}
	planner := planner{Plan: p, Options: opts, targets: map[string]target{}}
	for _, bump := range p.Bumps {
		planner.targets[bump.Image] = target{Bump: bump}
	}
	// Makers before consumers: what becomes of a derived base decides what its
	// consumers need.
	slices.SortStableFunc(dependents, func(a, b graph.Dependent) int { return cmp.Compare(a.Wave, b.Wave) })
	for _, dependent := range dependents {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		item := planner.item(ctx, dependent)
		p.Items = append(p.Items, item)
		planner.derive(&item)
	}
	slices.SortFunc(p.Items, func(a, b Item) int { return cmp.Compare(a.File.Path, b.File.Path) })
	slices.SortFunc(p.Derived, func(a, b Bump) int { return cmp.Compare(a.Image, b.Image) })
	return p, nil
}

// Images returns the repositories that are bumped, sorted.
func (p *Plan) Images() []string {
	images := make([]string, len(p.Bumps))
	for i, bump := range p.Bumps {
		images[i] = bump.Image
	}
	return images
}

// A target is the version that references to an image should have, and for a
// derived base what becomes of the Dockerfile that makes it.
type target struct {
	Bump
	maker *Item // nil for a base that is bumped
}

// rebuilt reports whether the version is one that is still to be made.
func (t target) rebuilt() bool {
	return t.maker != nil && (t.maker.Action == ActionBump || t.maker.Action == ActionRebuild)
}

// derive sets the targets that an item's images are for those that stand on
// them. The image of a Dockerfile that has the patch already is wanted in no other
// version: which one was the first to have it is not known, and running again on
// the own result must change nothing.
func (p *planner) derive(item *Item) {
	if item.Exposure == scanner.Unreachable {
		return
	}
	for _, image := range item.Makes {
		if slices.Contains(p.Images(), image) {
			continue
		}
		t := target{Bump: Bump{Image: image}, maker: item}
		if t.rebuilt() && slices.ContainsFunc(p.Bumps, func(b Bump) bool { return b.Version() != "" }) {
			t.Tag, _ = p.newestTag(image).Next()
		}
		p.targets[image] = t
		if t.rebuilt() {
			p.Derived = append(p.Derived, t.Bump)
		}
	}
}

// newestTag returns the newest version of image that is referred to, in the
// scheme that most references use; the zero Tag when none is a version.
func (p *Plan) newestTag(image string) imageref.Tag {
	uses := map[string]int{} // of each tag
	for _, ref := range p.Graph.References(image) {
		uses[ref.Image.Tag]++
	}
	var tags []imageref.Tag // of releases, by text
	for _, text := range slices.Sorted(maps.Keys(uses)) {
		if tag, ok := imageref.ParseTag(text); ok && tag.Pre == "" {
			tags = append(tags, tag)
		}
	}
	most, newest := 0, imageref.Tag{}
	for _, tag := range tags {
		count, best := 0, tag
		for _, other := range tags {
			if tag.SameScheme(other) {
				count += uses[other.Text]
				if other.Compare(best) > 0 {
					best = other
				}
			}
		}
		if count > most {
			most, newest = count, best
		}
	}
	return newest
}
