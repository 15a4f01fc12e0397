package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/hmarr/codeowners"
	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/snapshot"
	"github.com/matihlabs/propagate/internal/source"
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

// newPlanOf makes a plan and says what there is to say of it.
func (a *App) newPlanOf(ctx context.Context, s *checkout, g *graph.Graph, bumps []bumper.Bump, options bumper.Options) (*bumper.Plan, error) {
	a.doing("planning for %s", report.Count(len(s.Files), "Dockerfile"))
	failed := s.inform(&options, g)
	p, err := bumper.NewPlan(ctx, g, s.files, bumps, options)
	if err := errors.Join(failed(), err); err != nil {
		return nil, err
	}
	for _, note := range p.Notes {
		a.notef("note: %s", oneLine(note))
	}
	for _, item := range p.Items {
		if item.Err != nil {
			a.leave(passes(item.Err))
			a.complain("", item.Err)
		}
	}
	return p, nil
}

// plan reads the snapshot, the history of the repository where versions are written
// nowhere, and registries: for pinned digests, and for what is published.
func (a *App) plan(ctx context.Context, s *checkout, o *planOptions) (*planned, error) {
	level, ok := imageref.ParseLevel(o.level)
	if !ok {
		return nil, usage(fmt.Errorf("--level %s: there is no such step", o.level), "patch, minor or major")
	}
	group := s.Config.Group
	if o.group != "" {
		if group = bumper.Grouping(o.group); !slices.Contains(bumper.Groupings(), group) {
			return nil, usage(fmt.Errorf("--group %s: there is no such unit", group), "service, directory, team, wave or all")
		}
	}
	if len(o.bases) > 0 && len(s.Files) == 0 {
		return nil, noDockerfiles(s)
	}
	g := a.graph(s)
	bumps, err := a.bases(s, g, o.bases, true)
	if err != nil {
		return nil, err
	}
	if o.atomic && group != "" && group != bumper.AllInOne && o.group != "" {
		return nil, usage(fmt.Errorf("--atomic, --group %s: they exclude each other", o.group), "--atomic makes one change of everything")
	}
	if o.atomic {
		group = bumper.AllInOne
	}
	client := &registry.Client{Transport: a.Transport, Secrets: a.secrets()}
	options := bumper.Options{Level: level, Atomic: o.atomic, Lenient: o.emergency, Digests: client, Published: client.Exists}
	if options.Assumed, err = assumed(g, o.assumed); err != nil {
		return nil, err
	}
	p, err := a.newPlanOf(ctx, s, g, bumps, options)
	if err != nil {
		return nil, err
	}
	for _, bump := range p.Needless(options.Assumed) {
		a.notef("note: nothing waits for %s, which is assumed to be published", bump)
	}
	grouping := bumper.ChangeOptions{By: group}
	if group == bumper.ByTeam {
		if grouping.Owners, err = owners(s.files); errors.Is(err, errNoOwners) {
			const hint = "it lies at .github/CODEOWNERS, CODEOWNERS or docs/CODEOWNERS"
			if o.group == "" {
				return nil, usage(&source.Error{Pos: s.Config.GroupAt, Err: fmt.Errorf("group %s: %w", group, err)}, hint)
			}
			return nil, usage(fmt.Errorf("--group %s: %w", group, err), hint)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, item := range p.Items {
		for _, s := range item.Skips {
			if o.strict && s.Reason.NeedsPerson() {
				a.leave(false)
				a.warnf("propagate: %s: left as it is, %s: %s", report.Clean(s.Pos.String()), s.Reason, oneLine(s.Detail))
			}
		}
	}
	command := o.command(p, options.Assumed, group, s.Config.Group)
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
		result.changes = append(result.changes, publish.Change{Change: change, Body: p.Body(change, command), Labels: labels})
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
func (o *planOptions) command(p *bumper.Plan, assumed []bumper.Bump, group, configured bumper.Grouping) string {
	words := []string{"propagate"}
	for _, bump := range p.Bumps {
		words = append(words, "--base", bump.Image+"@"+bump.Version())
	}
	if o.level != "patch" {
		words = append(words, "--level", o.level)
	}
	group, configured = cmp.Or(group, bumper.AllInOne), cmp.Or(configured, bumper.AllInOne)
	switch {
	case o.atomic:
		words = append(words, "--atomic")
	case group != bumper.AllInOne || group != configured:
		words = append(words, "--group", string(group))
	}
	for _, bump := range assumed {
		words = append(words, "--assume-published", bump.Image+"@"+bump.Version())
	}
	if o.emergency {
		words = append(words, "--emergency")
	}
	return strings.Join(words, " ")
}

var errNoOwners = errors.New("there is no CODEOWNERS file")

// owners reads who owns which file, where GitHub looks for it (GitHub docs,
// "About code owners").
func owners(files *snapshot.Files) (func(string) []string, error) {
	for _, name := range []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"} {
		data, err := files.Read(name)
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
	return nil, errNoOwners
}
