package monorepo

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// withoutNext plans a next version of what the bases are based on, and returns the derived bases that cannot
// follow since nothing tells their own. No registry is asked, and nothing of the plans is kept.
func (r *Repository) withoutNext(ctx context.Context) ([]NoNext, error) {
	found := map[string]string{}
	// Bases that come from elsewhere, and those made here: what is bumped itself is no derived base in the same plan.
	for _, isMade := range []bool{false, true} {
		bumps := r.foreseen(isMade)
		if len(bumps) == 0 {
			continue
		}
		options := bumper.Options{Level: imageref.Major, Digests: anyDigest{}}
		failed := r.inform(&options, r.Graph())
		p, err := bumper.NewPlan(ctx, r.Graph(), contents{r.files}, bumps, options)
		if err := errors.Join(failed(), err); err != nil {
			return nil, err
		}
		for _, note := range p.Notes {
			if none := (*bumper.NoVersionError)(nil); errors.As(note, &none) && !none.Held && found[none.Image] == "" {
				found[none.Image] = none.Path + ": it makes the image, " + none.Why
			}
		}
	}
	var all []NoNext
	for image, why := range found {
		all = append(all, NoNext{image, why})
	}
	slices.SortFunc(all, func(a, b NoNext) int { return cmp.Compare(a.Image, b.Image) })
	return all, nil
}

// foreseen returns a next version for each line of the images that bases made here are based on: of those from
// elsewhere, or of those made here that are based on no other one made here.
func (r *Repository) foreseen(isMade bool) []bumper.Bump {
	g := r.Graph()
	var bumps []bumper.Bump
	for _, image := range g.Images() {
		if image.Nameless || (image.Maker() != nil) != isMade || isMade && r.isDerived(image.Maker()) {
			continue
		}
		concerns := isMade && image.IsConsumed() || slices.ContainsFunc(image.Uses(), func(use *graph.Edge) bool { return use.T.Dependent().Base })
		if next := nextOf(image); concerns && next != "" {
			bump := bumper.Bump{Image: image.Key, Tag: next}
			if !slices.Contains(bumps, bump) {
				bumps = append(bumps, bump)
			}
		}
	}
	return bumps
}

// newest returns the newest tag in use, of the flavour of the first reference with a version.
func newest(image *graph.Node) (best imageref.Tag, ok bool) {
	for _, use := range image.Uses() {
		for _, ref := range use.Refs {
			tag, valid := imageref.ParseTag(ref.Image.Tag)
			if !valid || tag.Pre != "" || ref.Exposure == scanner.Unreachable {
				continue
			}
			if !ok || tag.SameFlavour(best) && tag.Compare(best) > 0 {
				best, ok = tag, true
			}
		}
	}
	return best, ok
}

// number is the first version in a tag.
var number = regexp.MustCompile(`[0-9]+(\.[0-9]+)*`)

// nextOf returns a tag that may come after the newest one in use, "" where none does.
func nextOf(image *graph.Node) string {
	tag, ok := newest(image)
	if !ok {
		return ""
	}
	if next, ok := tag.Next(); ok {
		return next
	}
	at := number.FindStringIndex(tag.Text)
	if at == nil {
		return ""
	}
	start := at[0] + strings.LastIndexByte(tag.Text[at[0]:at[1]], '.') + 1
	n, err := strconv.Atoi(tag.Text[start:at[1]])
	if err != nil {
		return ""
	}
	return tag.Text[:start] + strconv.Itoa(n+1) + tag.Text[at[1]:]
}

// suggestion returns IMAGE@VERSION of the base that most builds depend on and whose next version can be told
// from those in use.
func (r *Repository) suggestion(bases []Base) string {
	best, text := 0, ""
	consider := func(image *graph.Node, dependents int) {
		tag, ok := newest(image)
		if !ok || dependents <= best {
			return
		}
		if next, ok := tag.Next(); ok {
			best, text = dependents, r.shortName(image.Key)+"@"+next
		}
	}
	for _, base := range bases {
		for _, line := range r.Graph().Lines(base.Image) {
			consider(line, len(line.Uses()))
		}
	}
	for _, image := range r.Graph().Images() {
		if len(bases) == 0 && !image.Nameless {
			consider(image, len(image.Uses()))
		}
	}
	return text
}

// anyDigest stands in for registries where nothing is written: each tag has some digest.
type anyDigest struct{}

// Digest implements [bumper.Digester].
func (anyDigest) Digest(context.Context, string) (string, error) {
	return "sha256:" + strings.Repeat("0", 64), nil
}
