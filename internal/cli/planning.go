package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/hmarr/codeowners"
	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/internal/report"
)

// planOptions are the flags of all that makes a plan.
type planOptions struct {
	bases     []string
	level     string
	group     string
	strict    bool
	emergency bool
	atomic    bool
	assumed   []string
}

func (o *planOptions) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&o.bases, "base", nil, "patched base as `IMAGE@VERSION`; the image is a repository or its last path components (repeatable)")
	flags.StringVar(&o.level, "level", "patch", "largest `step` that is taken: patch, minor or major")
	flags.StringVar(&o.group, "group", "", "one change for each `unit`: service, directory, team, wave or all (default all)")
	flags.BoolVar(&o.strict, "strict", false, "exit with status 3 if anything is unresolved or needs a person")
	flags.BoolVar(&o.atomic, "atomic", false, "make one change of all waves, for pipelines that build bases and services together")
	flags.StringArrayVar(&o.assumed, "assume-published", nil, "take a derived base as published, as `IMAGE@VERSION`, without asking its registry (repeatable)")
	flags.BoolVar(&o.emergency, "emergency", false, "mark the changes as an emergency")
}

// A planned is a plan with the changes it comes to.
type planned struct {
	plan    *bumper.Plan
	changes []publish.Change
}

// plan reads nothing but the snapshot, and registries for pinned digests.
func (a *App) plan(ctx context.Context, s *checkout, o *planOptions) (*planned, error) {
	level, ok := imageref.ParseLevel(o.level)
	if !ok {
		return nil, usage(fmt.Errorf("--level %s: there is no such step", o.level), "patch, minor or major")
	}
	group := s.Config.Group
	if o.group != "" {
		group = bumper.Grouping(o.group)
	}
	if group != "" && !slices.Contains(bumper.Groupings(), group) {
		return nil, usage(fmt.Errorf("--group %s: there is no such unit", group), "service, directory, team, wave or all")
	}
	if len(o.bases) > 0 && len(s.Files) == 0 {
		return nil, noDockerfiles(s)
	}
	g := s.graph()
	bumps, err := resolveBases(g, o.bases, true)
	if err != nil {
		return nil, err
	}
	if o.atomic && group != "" && group != bumper.AllInOne && o.group != "" {
		return nil, usage(fmt.Errorf("--atomic, --group %s: they exclude each other", o.group), "--atomic makes one change of everything")
	}
	options, failure := s.knowledge(g)
	client := &registry.Client{Transport: a.Transport}
	options.Level, options.Atomic, options.Lenient, options.Digests, options.Published = level, o.atomic, o.emergency, client, client.Exists
	if options.Assumed, err = assumed(g, o.assumed); err != nil {
		return nil, err
	}
	p, err := bumper.NewPlan(ctx, g, bumps, options)
	if err := errors.Join(failure(), err); err != nil {
		return nil, err
	}
	for _, bump := range p.Needless(options.Assumed) {
		a.notef("note: nothing waits for %s, which is assumed to be published", bump)
	}
	for _, note := range p.Notes {
		a.notef("note: %s", oneLine(note))
	}
	grouping := bumper.ChangeOptions{By: group}
	if group == bumper.ByTeam && !o.atomic {
		if grouping.Owners, err = owners(s.files); err != nil {
			return nil, err
		}
	}
	for _, item := range p.Items {
		if item.Err != nil {
			a.unfinished = true
			a.warnf("propagate: %s", oneLine(item.Err.Error()))
			continue
		}
		for _, s := range item.Skips {
			if o.strict && s.Reason.NeedsPerson() {
				a.unfinished = true
				a.warnf("propagate: %s: left as it is, %s: %s", report.Clean(s.Pos.String()), s.Reason, oneLine(s.Detail))
			}
		}
	}
	result := &planned{plan: p}
	labels := s.Config.Labels
	if labels == nil {
		labels = []string{"dependencies", "propagate"}
	}
	if o.emergency {
		labels = append(slices.Clone(labels), "emergency")
	}
	for _, change := range p.Changes(grouping) {
		if o.emergency {
			change.Title = "[emergency] " + change.Title
		}
		result.changes = append(result.changes, publish.Change{Change: change, Body: p.Body(change, o.command(p, group)), Labels: labels})
	}
	return result, nil
}

func noDockerfiles(s *checkout) error {
	return &hinted{
		err:  fmt.Errorf("%s: there are no Dockerfiles", s.name()),
		hint: "-C names the repository, --ref the revision; files of other names can be added in the configuration",
	}
}

// A hinted is an error with what to do about it.
type hinted struct {
	err  error
	hint string
}

func (e *hinted) Error() string { return e.err.Error() }
func (e *hinted) Unwrap() error { return e.err }
func (e *hinted) Hint() string  { return e.hint }

// command returns the command line that makes the same changes again.
func (o *planOptions) command(p *bumper.Plan, group bumper.Grouping) string {
	words := []string{"propagate"}
	for _, bump := range p.Bumps {
		words = append(words, "--base", bump.Image+"@"+bump.Version())
	}
	if o.level != "patch" {
		words = append(words, "--level", o.level)
	}
	if group != "" && group != bumper.AllInOne {
		words = append(words, "--group", string(group))
	}
	if o.atomic {
		words = append(words, "--atomic")
	}
	if o.emergency {
		words = append(words, "--emergency")
	}
	return strings.Join(words, " ")
}

// owners reads who owns which file, where GitHub looks for it (GitHub docs,
// "About code owners").
func owners(files fs.FS) (func(string) []string, error) {
	for _, name := range []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"} {
		data, err := fs.ReadFile(files, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		rules, err := codeowners.ParseFile(bytes.NewReader(data))
		if err != nil {
			return nil, usage(fmt.Errorf("%s: %w", name, err), "mend it, or group by something other than team")
		}
		return func(path string) []string {
			rule, err := rules.Match(path)
			if err != nil || rule == nil {
				return nil
			}
			var names []string
			for _, owner := range rule.Owners {
				names = append(names, owner.String())
			}
			slices.Sort(names)
			return slices.Compact(names)
		}, nil
	}
	return nil, usage(errors.New("--group team: there is no CODEOWNERS file"), "it lies at .github/CODEOWNERS, CODEOWNERS or docs/CODEOWNERS")
}
