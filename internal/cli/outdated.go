package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/outdated"
	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/source"
)

// onlyUsage is the help of --only.
const onlyUsage = "look at this `image` alone: a repository or its last path components (repeatable)"

// outdatedOptions are what propagate outdated needs.
type outdatedOptions struct {
	*App
	lookFlags
	explain string
	check   bool
}

func newOutdated(a *App) *cobra.Command {
	o := &outdatedOptions{App: a}
	cmd := &cobra.Command{
		Use: "outdated", Short: "Ask the registries what is newer, and write nothing", Args: noArguments,
		Long: `Ask the registries of all images that built references name: which newer versions
of the same scheme there are, what tags name now, and what the policies in the
configuration take of it. That is what propagate run would do. Nothing is written.`,
		Example: `  propagate outdated
  propagate outdated --only base-java --only nginx
  propagate outdated --explain nginx
  propagate outdated --check     exit with status 3 where something is outdated`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("explain") {
				return o.runExplain(cmd.Context())
			}
			return o.run(cmd.Context())
		},
	}
	o.addFlags(cmd)
	cmd.Flags().StringVar(&o.explain, "explain", "", "say of an `image` which policy it has, and of each newer version what becomes of it")
	cmd.Flags().BoolVar(&o.check, "check", false, "exit with status 3 where something is outdated")
	return cmd
}

func (o *outdatedOptions) run(ctx context.Context) error {
	if err := o.lookFlags.check(); err != nil {
		return err
	}
	return o.look(ctx, func(repo *monorepo.Repository) (monorepo.OutdatedOptions, error) { return o.options(o.App, repo) })
}

// runExplain looks at one image, due or not.
func (o *outdatedOptions) runExplain(ctx context.Context) error {
	if o.explain == "" {
		return usage(errors.New("--explain: it names no image"), "a repository, or its last path components, for example base-java")
	}
	if err := checkOnly("--explain", []string{o.explain}); err != nil {
		return err
	}
	return o.look(ctx, func(repo *monorepo.Repository) (monorepo.OutdatedOptions, error) {
		only, err := onlyImages(repo, "--explain", []string{o.explain})
		return monorepo.OutdatedOptions{Only: only, All: true}, err
	})
}

// look asks the registries, and reports what they say.
func (o *outdatedOptions) look(ctx context.Context, options func(*monorepo.Repository) (monorepo.OutdatedOptions, error)) error {
	repo, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer repo.Close()
	if err := repo.CheckDockerfiles(); err != nil {
		return err
	}
	look, err := options(repo)
	if err != nil {
		return err
	}
	look.Ages = true
	found, err := repo.Outdated(ctx, look)
	if err != nil {
		return err
	}
	doc := report.NewOutdated(repo.Revision.Commit, found, o.Now(), look.All)
	o.checkPlaces(doc)
	o.sayUnasked(found)
	if o.check && doc.Totals.Outdated > 0 {
		o.left.outdated = true
	}
	return o.report(doc)
}

// checkPlaces notes the paths that JSON cannot say.
func (o *outdatedOptions) checkPlaces(doc *report.Outdated) {
	var paths []string
	add := func(places []report.OutdatedPlace) {
		for _, p := range places {
			paths = append(paths, p.Path, p.Dockerfile)
		}
	}
	add(doc.Unresolved)
	for _, image := range doc.Images {
		for i := range image.Versions {
			add(image.Versions[i].Places)
		}
	}
	slices.Sort(paths)
	o.checkPaths(slices.Compact(paths)...)
}

// checkOnly refuses, before anything is read, what names no image.
func checkOnly(flag string, typed []string) error {
	for _, s := range typed {
		_, bump, err := parseImage(flag, s, false)
		if err == nil && bump.Version() != "" {
			err = fmt.Errorf("%s %s: it names a version, and all versions in use are looked at", flag, s)
		}
		if err != nil {
			return usage(err, "a repository, or its last path components, for example base-java")
		}
	}
	return nil
}

// onlyImages finds the images that a flag names; none are all.
func onlyImages(repo *monorepo.Repository, flag string, typed []string) ([]string, error) {
	var all []string
	for _, name := range typed {
		images, err := findImages(repo, flag+" "+name, name)
		if err != nil {
			return nil, err
		}
		for _, image := range images {
			if !slices.Contains(all, image) {
				all = append(all, image)
			}
		}
	}
	return all, nil
}

// A silence is what a registry does not say of images, for one reason.
type silence struct {
	registry  string
	why, hint string
	images    []string
	optional  bool
	passes    bool
}

// sayUnasked names the registries that could not be asked, with the reason. Where one of them is
// not optional, what is in use could not be judged: exit status 3.
func (a *App) sayUnasked(found *monorepo.Outdated) {
	for _, s := range silences(found.Images) {
		what := fmt.Sprintf("%s cannot be asked about %s: %s", s.registry, report.Names(s.images), oneLine(s.why))
		if s.optional {
			a.notef("note: %s", what)
			continue
		}
		a.leave(s.passes)
		a.warnf("propagate: %s", what)
		hint := fmt.Sprintf("in the configuration, registries: {%s: {optional: true}} makes a note of it", s.registry)
		if s.hint != "" {
			hint = oneLine(s.hint) + "; or " + hint
		}
		a.warnf("hint: %s", hint)
	}
}

// silences puts together what one registry does not say for one reason, in the order of the images.
func silences(images []outdated.Image) []*silence {
	var all []*silence
	for i := range images {
		image := &images[i]
		err := image.Err
		for k := range image.Findings {
			if f := &image.Findings[k]; err == nil && f.Ignored == "" {
				err = f.Err
			}
		}
		if err == nil {
			continue
		}
		host, _, _ := strings.Cut(image.Image, "/")
		s := silence{registry: host, why: withoutImage(err.Error(), image.Image), hint: source.Hint(err), optional: !image.Failed()}
		s.passes = !errors.Is(err, registry.ErrNoTag) && !errors.Is(err, registry.ErrRefused)
		at := slices.IndexFunc(all, func(o *silence) bool { return o.registry == s.registry && o.why == s.why && o.optional == s.optional })
		if at < 0 {
			at, all = len(all), append(all, &s)
		}
		all[at].images = append(all[at].images, image.Image)
	}
	slices.SortStableFunc(all, func(a, b *silence) int { return cmp.Compare(a.registry, b.registry) })
	return all
}

// withoutImage is what an error says of a registry, without the image that it was asked about.
func withoutImage(text, image string) string {
	doing, why, ok := strings.Cut(text, ": ")
	if !ok || !strings.Contains(doing, image) {
		return text
	}
	if _, at, ok := strings.Cut(doing, " at its mirror, "); ok {
		mirror, _, _ := strings.Cut(at, "/")
		return "its mirror " + mirror + ": " + why
	}
	return why
}
