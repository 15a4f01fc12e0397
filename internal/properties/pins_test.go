package properties

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/scanner"
)

// pinnedOf says how many monorepos TestPinsOfRandomMonorepos takes, as a part of those of the other properties: each
// of them is planned twice there, and many times here.
const pinnedOf = 10

// TestPinsOfRandomMonorepos pins every tag of every image from outside at once: each reference that is built gets the
// digest of its own tag and nothing else, or is left with a reason, and no other reference to an image from outside
// changes. So it is in a second run, which finds the digests.
func TestPinsOfRandomMonorepos(t *testing.T) {
	t.Parallel()
	most := *monorepos / pinnedOf
	if testing.Short() {
		most = min(most, shortMonorepos/pinnedOf)
	}
	var pinned, left atomic.Int64
	shown := map[string]bool{}
	for n := range most {
		r := generate(*firstSeed + uint64(n))
		s, err := tellPins(t.Context(), r, &pinned, &left)
		if err != nil && !errors.Is(err, errUnreadable) {
			t.Errorf("seed %d: %v", r.seed, err)
		}
		for _, f := range s.failures {
			if shown[f.property] {
				continue
			}
			shown[f.property] = true
			t.Errorf("seed %d: %s", r.seed, f)
			small := shrink(r, func(r *repo) bool {
				s, err := tellPins(t.Context(), r, new(atomic.Int64), new(atomic.Int64))
				return err == nil && slices.ContainsFunc(s.failures, func(other *failure) bool { return other.property == f.property })
			})
			t.Error(small)
		}
	}
	if most > 100 && (pinned.Load() < int64(most) || left.Load() == 0) {
		t.Errorf("of %d monorepos, %d references are pinned and %d left: the generator makes too little", most, pinned.Load(), left.Load())
	}
	t.Logf("%d monorepos: %d references are pinned, %d left", most, pinned.Load(), left.Load())
}

// tellPins pins the tags of a monorepo, twice.
func tellPins(ctx context.Context, r *repo, pinned, left *atomic.Int64) (*story, error) {
	s := &story{repo: r, ctx: ctx, count: func(string) {}}
	at, err := s.read(r.files)
	if err != nil {
		return s, err
	}
	pins := map[string]bumper.Bump{} // by reference
	for _, image := range at.graph.Images() {
		for _, ref := range at.graph.References(image.Key) {
			if isOutside(at, ref) && ref.Image.Digest == "" {
				now := ref.Image.String()
				parsed, _ := imageref.Parse(now)
				pins[now] = bumper.Bump{Image: parsed.Repository, Tag: parsed.Tag, Digest: digestOf(now), Pin: true}
			}
		}
	}
	bumps := slices.SortedFunc(maps.Values(pins), func(a, b bumper.Bump) int { return strings.Compare(a.String(), b.String()) })
	plan := func(at *tree) (*run, error) {
		p, err := at.repo.Plan(ctx, monorepo.Policy{Bumps: bumps})
		if err != nil {
			return nil, errors.Join(errUnreadable, err)
		}
		files := maps.Clone(at.files)
		for _, change := range p.Changes {
			for _, file := range change.Files {
				files[file.Path] = string(file.Content)
			}
		}
		after, err := s.read(files)
		return &run{name: "pins", before: at, after: after, plan: p}, err
	}
	first, err := plan(at)
	if err != nil {
		return s, err
	}
	s.pinsAreMeant(first, pins, pinned, left)
	again, err := plan(first.after)
	if err != nil {
		return s, err
	}
	s.pinsAreMeant(again, pins, new(atomic.Int64), new(atomic.Int64)) // what waited or was left may move now
	return s, nil
}

// isOutside reports whether a reference is known, and to an image that is not made here.
func isOutside(at *tree, ref *scanner.Ref) bool {
	return !ref.Image.IsZero() && ref.Link == "" && ref.Outside.Path == "" && len(at.graph.MakersOf(ref)) == 0
}

// pinsAreMeant compares the references before with those after.
func (s *story) pinsAreMeant(r *run, pins map[string]bumper.Bump, pinned, left *atomic.Int64) {
	reasons := map[string]bool{}
	for _, item := range r.plan.Items {
		for _, ref := range item.File.Refs {
			if item.Err != nil || item.Pending() {
				reasons[item.Node.Label+ref.Pos.String()] = true
			}
		}
		for _, skip := range item.Skips {
			reasons[item.Node.Label+skip.Pos.String()] = true
		}
	}
	s.each(r, pair(r), func(t twin, before, after *scanner.Ref) {
		now := before.Image
		now.Digest = ""
		pin, known := pins[now.String()]
		known = known && (before.Image.Digest == "" || before.Image.Tag != "")
		isPinned := known && after.Image.Repository == pin.Image && after.Image.Tag == pin.Tag && after.Image.Digest == pin.Digest
		switch {
		case isPinned:
			pinned.Add(1)
		case len(r.before.graph.MakersOf(before)) > 0 || before.Link != "": // its version is that of a release
		case before.Image.String() != after.Image.String():
			s.fail(r, "pinned to another", "%s at %s becomes %s", before.Image, before.Pos, after.Image)
		case known && isOutside(r.before, before) && before.Exposure > scanner.Unreachable && !reasons[t.before.Label+before.Pos.String()]:
			s.fail(r, "not pinned", "%s at %s of %s stays, and nothing says why", before.Image, before.Pos, show(t.before))
		case known:
			left.Add(1)
		}
	})
}
