package monorepo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/agext/levenshtein"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/internal/source"
)

// checkTime bounds what it costs to ask registries for the versions that are given, in all.
const checkTime = 5 * time.Second

// An inquiry asks registries about references, each once.
type inquiry struct {
	client  *registry.Client
	answers map[string]*answer
}

// An answer is what a registry says of a reference.
type answer struct {
	image registry.Image
	err   error
}

// missing reports whether the registry says that there is no such tag or digest.
func (a *answer) missing() bool { return errors.Is(a.err, registry.ErrNoTag) }

// errLate is for a registry that has not answered when the time is over.
var errLate = errors.New("it does not answer in time")

// ask asks about references that were not asked about yet, all at once. When the time of ctx
// is over, it does not wait for those that do not heed it, as the programs that know
// credentials.
func (q *inquiry) ask(ctx context.Context, references []string) {
	var mu sync.Mutex
	var all sync.WaitGroup
	open := map[string]*answer{}
	for _, reference := range references {
		if q.answers[reference] == nil {
			open[reference] = &answer{err: errLate}
		}
	}
	for _, reference := range slices.Sorted(maps.Keys(open)) {
		all.Go(func() {
			image, err := q.client.Look(ctx, reference)
			mu.Lock()
			defer mu.Unlock()
			open[reference] = &answer{image, err}
		})
	}
	done := make(chan struct{})
	go func() {
		all.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	mu.Lock()
	defer mu.Unlock()
	for reference, a := range open {
		q.answers[reference] = a
	}
}

// inquire asks registries about the bumps of a policy, and returns them with those of other
// flavours. The error is an [*InputError] for a version that is not there, or that of ctx.
func (r *Repository) inquire(ctx context.Context, policy Policy, made bool) ([]bumper.Bump, error) {
	q := &inquiry{client: r.registries, answers: map[string]*answer{}}
	var typed []bumper.Bump
	if policy.Check {
		typed = slices.DeleteFunc(slices.Clone(policy.Bumps), func(b bumper.Bump) bool {
			return b.Version() == "" || isReserved(b.Image) || made && r.makes(b.Image)
		})
	}
	var others []flavour
	if policy.Flavours {
		others = r.flavours(policy.Bumps, policy.Level)
	}
	if len(typed)+len(others) == 0 {
		return policy.Bumps, nil
	}
	r.options.doing("asking the registries")
	limited, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	var references []string
	for _, bump := range typed {
		references = append(references, asked(bump)...)
	}
	for _, f := range others {
		if !isReserved(f.bump.Image) {
			references = append(references, f.bump.String())
		}
	}
	q.ask(limited, references)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := q.absent(limited, typed); err != nil {
		return nil, err
	}
	bumps, notes := q.take(policy.Bumps, others)
	r.options.notes(r.Config.Reported(append(q.unasked(typed, others), notes...)))
	if policy.Check {
		for _, bump := range bumps {
			if err := r.checkPlatforms(limited, q, bump, policy.Level); err != nil {
				return nil, err
			}
		}
	}
	return bumps, ctx.Err()
}

// makes reports whether a build of the repository makes an image.
func (r *Repository) makes(image string) bool {
	for _, line := range r.Graph().Lines(image) {
		if line.Maker() != nil {
			return true
		}
	}
	return false
}

// isReserved reports whether the registry of an image has a name that is reserved for
// examples: there is none to ask.
func isReserved(repository string) bool {
	host := registryOf(repository)
	return strings.HasSuffix(host, ".example") || strings.HasSuffix(host, ".invalid")
}

func registryOf(repository string) string {
	host, _, _ := strings.Cut(repository, "/")
	return host
}

// asked returns what is asked about a bump: its tag, and its digest.
func asked(bump bumper.Bump) []string {
	var all []string
	if bump.Tag != "" {
		all = append(all, imageref.Ref{Repository: bump.Image, Tag: bump.Tag}.String())
	}
	if bump.Digest != "" {
		all = append(all, imageref.Ref{Repository: bump.Image, Digest: bump.Digest}.String())
	}
	return all
}

// absent returns one error for all versions that are not there.
func (q *inquiry) absent(ctx context.Context, typed []bumper.Bump) error {
	var lacking, near []string
	for _, bump := range typed {
		for _, reference := range asked(bump) {
			if !q.answers[reference].missing() || slices.Contains(lacking, reference) {
				continue
			}
			lacking = append(lacking, reference)
			if strings.Contains(reference, "@") {
				continue
			}
			for _, tag := range q.near(ctx, bump) {
				if !slices.Contains(near, tag) {
					near = append(near, tag)
				}
			}
		}
	}
	if len(lacking) == 0 {
		return nil
	}
	hint := "look for a typing error; --unchecked goes on without asking the registry"
	if len(near) > 0 {
		hint = fmt.Sprintf("the nearest tags are %s; --unchecked goes on without asking the registry", strings.Join(near, ", "))
	}
	what := "has no " + lacking[0]
	if len(lacking) > 1 {
		what = "has none of " + strings.Join(lacking, ", ")
	}
	return invalid(errors.New("--base: the registry "+what), hint)
}

// near returns up to three tags of an image that look like the one of bump.
func (q *inquiry) near(ctx context.Context, bump bumper.Bump) []string {
	tags, err := q.client.Tags(ctx, bump.Image)
	if err != nil {
		return nil // a hint less
	}
	distance := func(tag string) int { return levenshtein.Distance(bump.Tag, tag, nil) }
	tags = slices.DeleteFunc(tags, func(tag string) bool { return distance(tag) > max(1, len(bump.Tag)/3) })
	slices.SortFunc(tags, func(a, b string) int { return cmp.Or(cmp.Compare(distance(a), distance(b)), cmp.Compare(b, a)) })
	return tags[:min(3, len(tags))]
}

// errReserved is for a registry that is never asked.
var errReserved = errors.New("its name is reserved for examples")

// A silence is what is not known since a registry cannot be asked.
type silence struct {
	registry string
	why      error
	typed    []string // versions that are given
	others   []string // tags of other flavours, as --base takes them
}

// silent adds to the silence of the registry of an image.
func silent(all []*silence, image string, why error) ([]*silence, *silence) {
	for _, s := range all {
		if s.registry == registryOf(image) {
			return all, s
		}
	}
	s := &silence{registry: registryOf(image), why: why}
	return append(all, s), s
}

// unasked returns a note for each registry that could not be asked.
func (q *inquiry) unasked(typed []bumper.Bump, others []flavour) []*source.Error {
	var all []*silence
	var s *silence
	for _, bump := range typed {
		for _, reference := range asked(bump) {
			if a := q.answers[reference]; a.err != nil && !a.missing() {
				all, s = silent(all, bump.Image, a.err)
				s.typed = append(s.typed, reference)
			}
		}
	}
	for _, f := range others {
		why := errReserved
		if a := q.answers[f.bump.String()]; a != nil {
			why = a.err
		}
		if why != nil && !errors.Is(why, registry.ErrNoTag) {
			all, s = silent(all, f.bump.Image, why)
			s.others = append(s.others, f.bump.Image+"@"+f.bump.Tag)
		}
	}
	var notes []*source.Error
	for _, s := range all {
		notes = append(notes, s.note())
	}
	return notes
}

func (s *silence) note() *source.Error {
	text := fmt.Sprintf("%s cannot be asked, %v: ", s.registry, s.why)
	n := &source.Error{Code: source.CodeUncheckedBase}
	if len(s.typed) > 0 {
		text += fmt.Sprintf("whether there is %s is not known", strings.Join(s.typed, ", "))
	} else {
		n.Code = source.CodeNoFlavour
	}
	if len(s.typed) > 0 && len(s.others) > 0 {
		text += ", and "
	}
	if len(s.others) > 0 {
		text += fmt.Sprintf("of other flavours these are not taken: %s", strings.Join(s.others, ", "))
		n.Hint = "with a --base of its own a flavour is taken without asking: --base " + s.others[0]
	}
	n.Err = errors.New(text)
	return n
}
