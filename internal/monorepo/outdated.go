package monorepo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/outdated"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// OutdatedOptions say what [Repository.Outdated] asks for.
type OutdatedOptions struct {
	Only []string // whole repositories; none is for all images that built references name
	Ages bool     // of the versions in use and the newest ones, where something is newer
	All  bool     // each newer version is in the result, with why it is not taken

	// Urgent takes what Only names whatever its age.
	Urgent bool

	// Wants reports whether a policy is looked at; nil looks at all.
	Wants func(config.Policy) bool
}

// Outdated is what registries say of the images that a repository uses.
type Outdated struct {
	Images     []outdated.Image
	Unresolved []outdated.Place // references of which not even the image is known
	Asked      []string         // the registries that were asked, sorted
}

// Outdated asks registries what is newer than the versions that built references name, and what
// tags name now, and says what the policies of the configuration take of it. It writes nothing.
// The error is that of ctx.
func (r *Repository) Outdated(ctx context.Context, o OutdatedOptions) (*Outdated, error) {
	uses, unresolved := r.uses(o)
	found := &Outdated{Unresolved: unresolved}
	for _, use := range uses {
		if host := registryOf(use.Image); use.Tag != "" && !isReserved(use.Image) && !slices.Contains(found.Asked, host) {
			found.Asked = append(found.Asked, host)
		}
	}
	slices.Sort(found.Asked)
	var one func()
	images := map[string]bool{}
	for _, use := range uses {
		images[use.Image] = true
	}
	if n := len(found.Asked); n == 1 {
		one = r.options.counting(len(images), "image", "asking the registry %s", found.Asked[0])
	} else if n > 1 {
		one = r.options.counting(len(images), "image", "asking %d registries", n)
	}
	drift := r.drift()
	var err error
	found.Images, err = outdated.Find(ctx, unreserved{r.registries}, uses, outdated.Options{Now: r.options.Now(), Ages: o.Ages, All: o.All, Published: drift.published, Found: one})
	for i := range found.Images {
		image := &found.Images[i]
		image.Optional = errors.Is(image.Err, errReserved) || r.registries.IsOptional(image.Image)
		for k := range image.Findings {
			if moved := image.Findings[k].Moved; moved != nil && moved.Action == config.Rebuild {
				moved.Bases = drift.bases(ctx, moved.Behind)
			}
		}
	}
	return found, err
}

// uses returns the versions of images that built references name, and the places of references of
// which not even the image is known.
func (r *Repository) uses(o OutdatedOptions) ([]outdated.Use, []outdated.Place) {
	c := &useCollector{repo: r, options: o, at: map[string]int{}, made: map[string]bool{}, vendored: r.vendored()}
	for _, node := range r.Graph().Builds() {
		for _, ref := range node.File.Refs {
			if ref.Exposure > scanner.Unreachable && ref.Link == "" {
				c.add(node, ref)
			}
		}
	}
	for i := range c.uses {
		c.uses[i].Places = sortedPlaces(c.uses[i].Places)
	}
	return c.uses, sortedPlaces(c.unresolved)
}

// A useCollector puts references with the same version and the same policy together.
type useCollector struct {
	repo       *Repository
	options    OutdatedOptions
	uses       []outdated.Use
	unresolved []outdated.Place
	at         map[string]int  // in uses, by what they have in common
	made       map[string]bool // by repository: whether a build makes it
	vendored   func(dockerfile string) (tree string, ok bool)
}

func (c *useCollector) add(node *graph.Node, ref *scanner.Ref) {
	place := outdated.Place{Path: ref.Pos.Path, Line: ref.Pos.Line, Col: ref.Pos.Col, Written: ref.Written, Dockerfile: node.File.Path, Target: node.File.Target, Shipped: ref.Exposure == scanner.Runtime}
	image := ref.Repository()
	if image == "" {
		if len(c.options.Only) == 0 {
			c.unresolved = append(c.unresolved, place)
		}
		return
	}
	if len(c.options.Only) > 0 && !slices.Contains(c.options.Only, image) {
		return
	}
	policy := c.repo.Config.Policy(image, policyPath(node.File))
	if c.options.Wants != nil && !c.options.Wants(policy) {
		return
	}
	if c.options.Urgent && len(c.options.Only) > 0 {
		policy.MinAge = 0
	}
	made, known := c.made[image]
	if !known {
		made = c.repo.makes(image)
		c.made[image] = made
	}
	use := outdated.Use{Image: image, Policy: policy, Made: made, Ignored: c.ignored(node, ref)}
	if ref.Image.IsZero() || ref.Outside.Path != "" {
		use.Unresolved = true
	} else if use.Tag, use.Digest = ref.Image.Tag, ref.Image.Digest; use.Digest == "" {
		use.Tag = cmp.Or(use.Tag, "latest")
	}
	use.OnLine = c.repo.onLine(ref)
	key := fmt.Sprintf("%q %q %q %t %q %v", use.Image, use.Tag, use.Digest, use.Unresolved, use.Ignored, policy)
	at, known := c.at[key]
	if !known {
		at = len(c.uses)
		c.at[key], c.uses = at, append(c.uses, use)
	}
	c.uses[at].Places = append(c.uses[at].Places, place)
}

// policyPath is what the configuration knows a Dockerfile by: one inside another file by that file.
func policyPath(file *scanner.File) string {
	if file.Inline.S != "" {
		return file.Origin.Path
	}
	return file.Path
}

// ignored says why a reference is never edited; "" where it may be.
func (c *useCollector) ignored(node *graph.Node, ref *scanner.Ref) string {
	r, file := c.repo, node.File
	for _, path := range []string{file.Path, file.Origin.Path} {
		if e, ok := r.Config.Exempts(path, r.options.Now()); ok {
			return cmp.Or(e.String(), "the configuration ignores it")
		}
	}
	if tree, ok := c.vendored(file.Path); ok && file.IsDockerfile() {
		return "vendored in " + tree
	}
	if slices.Contains(r.Graph().MakersOf(ref), node) {
		return "the build makes this image itself"
	}
	return ""
}

// onLine says which tags are on the line of a reference; it is nil where its image has one line.
func (r *Repository) onLine(ref *scanner.Ref) func(tag string) bool {
	g, image := r.Graph(), ref.Repository()
	if len(g.Lines(image)) < 2 || ref.Image.IsZero() {
		return nil
	}
	if len(g.MakersOf(ref)) == 0 {
		return func(tag string) bool { return g.SameLine(ref, tag) }
	}
	lines := g.ImagesOf(ref)
	return func(tag string) bool {
		return slices.ContainsFunc(g.LinesOf(image, tag), func(line *graph.Node) bool { return slices.Contains(lines, line) })
	}
}

// sortedPlaces sorts places, each once.
func sortedPlaces(places []outdated.Place) []outdated.Place {
	slices.SortFunc(places, func(a, b outdated.Place) int {
		return cmp.Or(source.Pos{Path: a.Path, Line: a.Line, Col: a.Col}.Compare(source.Pos{Path: b.Path, Line: b.Line, Col: b.Col}),
			cmp.Compare(a.Dockerfile, b.Dockerfile), cmp.Compare(a.Target, b.Target))
	})
	return slices.Compact(places)
}

// unreserved asks registries, but for those with names that are reserved for examples.
type unreserved struct{ outdated.Registry }

// Tags implements outdated.Registry. Nothing else is asked of an image whose tags are not known.
func (u unreserved) Tags(ctx context.Context, repository string) ([]string, error) {
	if isReserved(repository) {
		return nil, errReserved
	}
	return u.Registry.Tags(ctx, repository)
}

var _ outdated.Registry = unreserved{}
