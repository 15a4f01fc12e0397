package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/source"
)

// flavoursUsage is the help of --flavours.
const flavoursUsage = "take a version of --base as the release of every flavour in use that its registry has: 20.1.1 of 20.1.0-slim, too"

// planFlags are the flags of all that makes a plan.
type planFlags struct {
	bases     baseFlags
	level     string
	group     string
	strict    bool
	emergency bool
	atomic    bool
	assumed   []string
	record    bool
	flavours  bool
	unchecked bool
}

func (o *planFlags) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.Var(&o.bases, "base", "patched base as `IMAGE@VERSION`; the image is a repository or its last path components (repeatable)")
	flags.Var(fromFlag{&o.bases}, "from", "behind a --base: move exactly the references that are on this `version`, whatever step that is (repeatable)")
	flags.StringVar(&o.level, "level", "patch", "largest `step` that is taken: patch, minor or major")
	flags.StringVar(&o.group, "group", "", "one change for each `unit`: service, directory, team, wave or all (default all)")
	flags.BoolVar(&o.strict, "strict", false, "exit with status 3 if anything is unresolved or needs a person")
	flags.BoolVar(&o.atomic, "atomic", false, "make one change of all waves, for pipelines that build bases and services together")
	flags.StringArrayVar(&o.assumed, "assume-published", nil, "take a derived base as published, as `IMAGE@VERSION`, without asking its registry (repeatable)")
	flags.BoolVar(&o.emergency, "emergency", false, emergencyUsage)
	flags.BoolVar(&o.record, "record", false, "move along what says the version of the base itself: its tag in a build file, its VERSION file")
	flags.BoolVar(&o.flavours, "flavours", false, flavoursUsage)
	flags.BoolVar(&o.unchecked, "unchecked", false, "do not ask the registries whether the versions of --base are there")
	complete(cmd, "level", levels...)
	complete(cmd, "group", "service", "directory", "team", "wave", "all")
}

// check refuses, before anything is read, what is wrong however the repository is.
func (o *planFlags) check() error {
	if err := checkBases(o.bases, true); err != nil {
		return err
	}
	for _, s := range o.assumed {
		if _, _, err := parseAssumed(s); err != nil {
			return err
		}
	}
	if group := bumper.Grouping(o.group); group != "" && !slices.Contains(bumper.Groupings(), group) {
		return usage(fmt.Errorf("--group %s: there is no such unit", group), "service, directory, team, wave or all")
	}
	_, err := parseLevel(o.level)
	return err
}

// planOptions are what propagate plan needs.
type planOptions struct {
	*App
	planFlags
}

func newPlan(a *App) *cobra.Command {
	o := &planOptions{App: a}
	cmd := &cobra.Command{
		Use: "plan --base IMAGE@VERSION", Short: "Show what the main job would do, and write nothing", Args: noArguments,
		Example: `  propagate plan --base base-java@1.0.1
  propagate plan --base base-java@1.0.1 --group service -o json`,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	o.addFlags(cmd)
	return cmd
}

func (o *planOptions) run(ctx context.Context) error {
	if err := o.check(); err != nil {
		return err
	}
	repo, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer repo.Close()
	plan, err := o.plan(ctx, repo, &o.planFlags)
	if err != nil {
		return err
	}
	doc := report.NewPlan(plan.Plan, publish.Result{Outcomes: repo.Foresee(plan, monorepo.Auto)})
	addCost(doc, repo, plan, monorepo.Auto)
	o.summarize(doc)
	return o.report(doc)
}

// plan turns the flags into a policy, makes the plan, and says what is missing from it.
func (a *App) plan(ctx context.Context, repo *monorepo.Repository, flags *planFlags) (*monorepo.Plan, error) {
	level, err := parseLevel(flags.level)
	if err != nil {
		return nil, err
	}
	if err := repo.CheckDockerfiles(); err != nil {
		return nil, err
	}
	policy := monorepo.Policy{Level: level, Group: bumper.Grouping(flags.group), Atomic: flags.atomic, Emergency: flags.emergency, Record: flags.record, Flavours: flags.flavours, Check: !flags.unchecked}
	if policy.Bumps, err = a.bases(repo, flags.bases, true); err != nil {
		return nil, err
	}
	if policy.Assumed, err = assumed(repo, flags.assumed); err != nil {
		return nil, err
	}
	plan, err := repo.Plan(ctx, policy)
	if err != nil {
		return nil, err
	}
	a.tellPlan(repo, plan, flags.strict)
	a.hintFlavours(plan, flags)
	a.diagnosePlan(repo, flags.strict, plan.Plan)
	a.checkPlanPaths(plan.Plan)
	return plan, nil
}

// tellPlan says what a strict run does not leave to a person in silence.
func (a *App) tellPlan(repo *monorepo.Repository, plan *monorepo.Plan, strict bool) {
	for _, item := range plan.Items {
		for _, s := range item.Skips {
			if !strict || !s.Reason.NeedsPerson() {
				continue
			}
			a.leave(false)
			// What follows from another Dockerfile is said of that, and an error where it was found.
			if s.Maker == "" && (item.Err == nil || s.Detail != item.Err.Error()) {
				a.warnf("propagate: %s: left as it is, %s: %s", report.Clean(s.Pos.String()), s.Reason, oneLine(s.Detail))
				a.annotate(s.Pos, fmt.Sprintf("left as it is, %s: %s", s.Reason, oneLine(s.Detail)), "")
			}
		}
	}
	if strict && repo.Unclear > 0 {
		a.leave(false)
		const text = "who makes what is not clear, as said above"
		a.warnf("propagate: %s", text)
		a.annotate(source.Pos{}, text, "")
	}
}

func parseLevel(text string) (imageref.Step, error) {
	level, ok := imageref.ParseLevel(text)
	if !ok {
		return 0, usage(fmt.Errorf("--level %s: there is no such step", text), "patch, minor or major")
	}
	return level, nil
}
