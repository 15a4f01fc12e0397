package bumper

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/internal/imageref"
)

// pin gives the references that are pinned to a digest that of the new version.
// That of a version that is awaited is looked up when it is published.
func (p *planner) pin(ctx context.Context, verdicts []verdict, awaited []string) error {
	for i := range verdicts {
		v := &verdicts[i]
		if !v.pinned {
			continue
		}
		digest := v.bump.Digest
		if digest == "" && slices.Contains(awaited, v.bump.String()) {
			v.action, v.tag = ActionBump, "" // what it will be pinned to is not known yet
			continue
		}
		if digest == "" {
			what := "is pinned to a digest"
			if v.adds {
				what = "is to be pinned to a digest"
			}
			if p.Digests == nil {
				return fmt.Errorf("%s: %s %s, and no registry is asked for that of %s", v.ref.Pos, v.ref.Written, what, v.bump)
			}
			found, err := p.Digests.Digest(ctx, v.bump.String())
			if err != nil {
				return &DigestError{fmt.Errorf("%s: %s %s: %w", v.ref.Pos, v.ref.Written, what, err)}
			}
			digest = found
		}
		switch {
		case digest != v.ref.Image.Digest:
			v.action, v.digest = ActionBump, digest
		case v.tag == "":
			v.action = ActionUpToDate
		}
	}
	return nil
}

// ask decides about a reference by what the registry now gives for its tag: a digest that
// comes without a tag, and a pin of a tag that moves, say nothing of versions themselves.
func (p *planner) ask(ctx context.Context, v *verdict) {
	image := v.ref.Image
	now := imageref.Ref{Repository: image.Repository, Tag: cmp.Or(image.Tag, "latest")}
	wanted, err := v.bump.Digest, error(nil)
	if wanted == "" {
		wanted, err = p.digestOf(ctx, v.bump.String())
	}
	given := wanted
	if err == nil && now.String() != v.bump.String() {
		given, err = p.digestOf(ctx, now.String())
	}
	switch {
	case err == nil && given == wanted && image.Digest == wanted: // it is pinned to it already
	case err == nil && given == wanted && image.Digest != "":
		v.action, v.digest = ActionBump, wanted
	case err == nil && given == wanted:
		v.action = ActionRebuild
	case err == nil:
		v.action, v.reason, v.detail = ActionSkip, ReasonUnresolved, fmt.Sprintf("%s is not %s now, and may be older or newer", now.Tag, v.bump.Version())
	case now.String() == v.bump.String():
		v.action, v.reason, v.detail = ActionSkip, ReasonUnresolved, fmt.Sprintf("what %s is now is not known: %v", now.Tag, err)
	default:
		v.action, v.reason, v.detail = ActionSkip, ReasonUnresolved, fmt.Sprintf("whether %s is %s now is not known: %v", now.Tag, v.bump.Version(), err)
	}
}

// digestOf asks the registry for the digest of a reference.
func (p *planner) digestOf(ctx context.Context, reference string) (string, error) {
	if p.Digests == nil {
		return "", errors.New("no registry is asked")
	}
	return p.Digests.Digest(ctx, reference)
}
