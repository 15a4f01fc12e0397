package monorepo

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/freshness"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/publish"
)

// A Stage is how far the rollout of a base has come for a build.
type Stage string

// The stages.
const (
	Patched       Stage = "patched"         // what is published stands on the base
	Unpublished   Stage = "unpublished"     // it is merged, or there is nothing to merge, and what is published does not stand on the base
	Untold        Stage = "unknown"         // it is merged, and nothing tells what is published
	ChecksPending Stage = "checks-pending"  // of its open pull request
	ChecksFailed  Stage = "checks-failed"   // of its open pull request
	Unmerged      Stage = "unmerged"        // its pull request is open, and no check is in its way
	ClosedByHand  Stage = "closed"          // a person has closed its pull request
	Waits         Stage = "waiting"         // for a derived base
	NotBegun      Stage = "no-pull-request" // it is not merged, and no pull request of it is known
	Left          Stage = "left"            // it is not edited, for a reason
)

// Status is how far the rollout of bases has come.
type Status struct {
	Bases  []StatusBase
	Builds []StatusBuild  // by base, wave and path
	Plans  []*bumper.Plan // what depends on each of the bases
	// NoForge says why nothing is known of pull requests; "" where it is.
	NoForge string
	// Requests is how many the forge was asked, so that who asks again and again knows how often that may be.
	Requests int
	Unasked  []Unasked // the registries that did not answer
}

// A StatusBase is a base with its new version.
type StatusBase struct {
	bumper.Bump
	Published time.Time // when the version was published, or made; zero where that is not known
	Why       string    // why nothing can be compared with it; "" where it can

	inUse []string // the versions that builds are on
	above []string // versions of which this one is the lowest layers, as references
}

// A StatusBuild is a build that depends on a base.
type StatusBuild struct {
	*bumper.Item
	Base      int   // in Status.Bases
	Merged    *bool // the version is on the branch that is read, or its pull request is merged; nil where there is nothing to merge
	Pull      *Pull // nil where there is none, or none is known
	Published []Published
	Stands    freshness.Verdict // of all that is published
	// Exposed is when the version was published that what is published does not stand on; zero where that is
	// not known, or it does.
	Exposed time.Time
	Stage   Stage
}

// A Pull is a pull request with its checks, which are "" unless it is open.
type Pull struct {
	publish.Carrier
	Checks string
	Failed []string // the names of the checks that failed
}

// Published is an image of a build as its registry has it.
type Published struct {
	Reference string
	Digest    string    // "" where the registry has none, or cannot be asked
	Time      time.Time // zero where it is not known
	Absent    bool      // the registry has no such image
	Stands    freshness.Verdict
}

// IsExposed reports whether what is published does not stand on the base; known is false where nothing tells.
func (b *StatusBuild) IsExposed() (exposed, known bool) {
	return b.Stands.State == freshness.Stale, b.Stands.State != freshness.Unknown
}

// IsAsked reports whether a rollout is to reach the build: it is not left on purpose.
func (b *StatusBuild) IsAsked() bool {
	return b.Stage != Left || b.Reason != bumper.ReasonIgnored && b.Reason != bumper.ReasonVendored
}

// Status says how far the rollout of bases has come: what is merged, in which pull requests the rest is, and
// whether what is published stands on the bases. It asks the forge and registries, as far as they can be asked, and writes
// nothing. With publishedAlone the forge is not asked. Of policy it takes the bases and the level. The errors are those of [Repository.Affected], and that of a
// forge that did not answer.
func (r *Repository) Status(ctx context.Context, policy Policy, publishedAlone bool) (*Status, error) {
	status := &Status{}
	asked := &asker{repo: r}
	for _, bump := range policy.Bumps {
		plan, err := r.Affected(ctx, Policy{Bumps: []bumper.Bump{bump}, Level: policy.Level})
		if err != nil {
			return nil, err
		}
		status.Plans = append(status.Plans, plan)
		at := len(status.Bases)
		for _, item := range plan.Items {
			if item.File.IsDockerfile() && item.Reason != bumper.ReasonUnreachable {
				b := StatusBuild{Item: item, Base: at}
				for _, reference := range publishedAs(r.Graph(), item.Node.Whole(), nil) {
					b.Published = append(b.Published, Published{Reference: reference})
				}
				status.Builds = append(status.Builds, b)
			}
		}
		status.Bases = append(status.Bases, StatusBase{Bump: bump})
	}
	there := &rollout{}
	if status.NoForge = "--published asks registries alone"; !publishedAlone {
		var err error
		status.NoForge = ""
		if there, err = r.rollout(ctx, status); err != nil {
			return nil, err
		}
	}
	for _, b := range status.Builds {
		if base := &status.Bases[b.Base]; b.Wave == 1 {
			tag, _, _ := strings.Cut(b.Current, "@")
			base.inUse = append(base.inUse, tag)
		}
	}
	one := r.options.counting(len(status.Builds), "build", "asking the registries what is published")
	for i := range status.Bases {
		if err := asked.base(ctx, &status.Bases[i]); err != nil {
			return nil, err
		}
	}
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i := range status.Builds {
		group.Go(func() error {
			defer one()
			return asked.build(within, &status.Builds[i], &status.Bases[status.Builds[i].Base])
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i := range status.Builds {
		b := &status.Builds[i]
		there.find(b, status.Plans[b.Base])
		b.decide(there)
	}
	slices.SortStableFunc(status.Builds, func(a, b StatusBuild) int {
		return cmp.Or(cmp.Compare(a.Base, b.Base), cmp.Compare(a.Wave, b.Wave), cmp.Compare(a.File.Path, b.File.Path), cmp.Compare(a.File.Target, b.File.Target))
	})
	if err := there.check(ctx, status); err != nil {
		return nil, err
	}
	status.Unasked = asked.sorted()
	return status, nil
}

// decide says how far a build is.
func (b *StatusBuild) decide(f *rollout) {
	isOn := b.Action == bumper.ActionUpToDate || b.Action == bumper.ActionSkip && b.Reason == bumper.ReasonNewer
	if b.Pull != nil && b.Pull.State == forge.Merged && f.isBehind {
		isOn = true
	}
	edits := b.Action == bumper.ActionBump
	if isOn || edits || b.Action == bumper.ActionSkip {
		b.Merged = &isOn
	}
	switch {
	case b.Stands.State == freshness.Fresh:
		b.Stage = Patched
	case b.Action == bumper.ActionSkip && !isOn:
		b.Stage = Left
	case isOn || b.Action == bumper.ActionRebuild && !b.Pending():
		b.Stage = Unpublished
		if b.Stands.State == freshness.Unknown && !b.isAbsent() {
			b.Stage = Untold
		}
	case b.Pull != nil && b.Pull.State == forge.Open:
		b.Stage = Unmerged // until its checks are known
	case b.Pull != nil && b.Pull.State == forge.Closed:
		b.Stage = ClosedByHand
	case b.Pending():
		b.Stage = Waits
	default:
		b.Stage = NotBegun
	}
}

// isAbsent reports whether the registry has nothing of what the build is to be published as.
func (b *StatusBuild) isAbsent() bool {
	return len(b.Published) > 0 && !slices.ContainsFunc(b.Published, func(p Published) bool { return !p.Absent })
}

// reference is what a registry knows a version of a base by.
func reference(bump bumper.Bump) string {
	return imageref.Ref{Repository: bump.Image, Tag: bump.Tag, Digest: bump.Digest}.String()
}
