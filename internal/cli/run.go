package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/schedule"
)

// runOptions are what propagate run needs.
type runOptions struct {
	*App
	publishFlags
	lookFlags
	group   string
	record  bool
	strict  bool
	urgent  bool // --emergency
	assumed []string

	rebuildBases bool
}

// lookFlags say which images are looked at, and when.
type lookFlags struct {
	only  []string
	ifDue time.Duration
}

func (o *lookFlags) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&o.only, "only", nil, onlyUsage)
	flags.DurationVar(&o.ifDue, "if-due", 0, "look only at what a schedule of the configuration has a time for within the last `duration`, such as 1h; what has no schedule is always due")
}

// options returns what to ask registries about.
func (o *lookFlags) options(a *App, repo *monorepo.Repository) (monorepo.OutdatedOptions, error) {
	var options monorepo.OutdatedOptions
	var err error
	if options.Only, err = onlyImages(repo, "--only", o.only); err != nil {
		return options, err
	}
	if o.ifDue > 0 {
		now := a.Now()
		options.Wants = func(p config.Policy) bool {
			return len(p.Schedule) == 0 || slices.ContainsFunc(p.Schedule, func(c config.Cron) bool { return isDue(c, now, o.ifDue) })
		}
	}
	return options, nil
}

// check refuses, before anything is read, what names no image and what is no duration.
func (o *lookFlags) check() error {
	if err := checkOnly("--only", o.only); err != nil {
		return err
	}
	if o.ifDue < 0 {
		return usage(fmt.Errorf("--if-due %s: it is how long ago a scheduled time may be", o.ifDue), "such as 1h, for a run that starts every hour")
	}
	return nil
}

func newRun(a *App) *cobra.Command {
	o := &runOptions{App: a}
	cmd := &cobra.Command{
		Use: "run", Short: "Ask the registries what is newer, and make the changes: the bot on a schedule", Args: noArguments,
		Long: `Ask the registries what is newer than the versions in use, and what moving tags name
now, and make the changes that the policies of the configuration allow: one for each line
of an image, or for each group that a policy names. The branch of a change stays the same
from day to day. propagate outdated shows what a run would find.`,
		Example: `  propagate run --dry-run               what would change, as a diff
  propagate run                         make the changes, as branches or pull requests
  propagate run --only base-java        of one image alone
  propagate run --rebuild-bases         every month: and the next versions of our own bases, where what they are based on has moved
  propagate run --if-due 1h             every hour: what a schedule has a time for`,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	o.publishFlags.addFlags(cmd)
	o.lookFlags.addFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.group, "group", "", "several changes for each image, one for each `unit`: service, directory, team or wave (default all: one)")
	complete(cmd, "group", "service", "directory", "team", "wave", "all")
	flags.BoolVar(&o.urgent, "emergency", false, emergencyUsage)
	flags.BoolVar(&o.strict, "strict", false, "exit with status 3 if anything is unresolved or needs a person")
	flags.BoolVar(&o.record, "record", false, "move along what says the version of the base itself: its tag in a build file, its VERSION file")
	flags.BoolVar(&o.rebuildBases, "rebuild-bases", false, "give a base of this repository its next version where the tag that it is based on names another image than the published base was built on")
	flags.StringArrayVar(&o.assumed, "assume-published", nil, "take a derived base as published, as `IMAGE@VERSION`, without asking its registry (repeatable)")
	return cmd
}

func (o *runOptions) check() error {
	if group := bumper.Grouping(o.group); group != "" && !slices.Contains(bumper.Groupings(), group) {
		return usage(fmt.Errorf("--group %s: there is no such unit", group), "service, directory, team, wave or all")
	}
	for _, s := range o.assumed {
		if _, _, err := parseAssumed(s); err != nil {
			return err
		}
	}
	return o.lookFlags.check()
}

func (o *runOptions) run(ctx context.Context) error {
	return o.carry(ctx, &o.publishFlags, carried{strict: o.strict, emergency: o.urgent}, o.check, func(repo *monorepo.Repository) (*monorepo.Plan, error) {
		return o.plan(ctx, repo)
	})
}

// plan makes the plan of what is newer, and says what could not be judged.
func (o *runOptions) plan(ctx context.Context, repo *monorepo.Repository) (*monorepo.Plan, error) {
	if err := repo.CheckDockerfiles(); err != nil {
		return nil, err
	}
	look, err := o.options(o.App, repo)
	if err != nil {
		return nil, err
	}
	if o.urgent {
		look.Urgent, look.Wants = true, nil
	}
	policy := monorepo.Policy{Emergency: o.urgent, Group: bumper.Grouping(o.group), Record: o.record, RebuildBases: o.rebuildBases}
	if policy.Assumed, err = assumed(repo, o.assumed); err != nil {
		return nil, err
	}
	plan, found, err := repo.Run(ctx, look, policy)
	if err != nil {
		return nil, err
	}
	o.sayUnasked(found)
	o.tellPlan(repo, plan, o.strict)
	o.diagnosePlan(repo, o.strict, plan.Plan)
	o.checkPlanPaths(plan.Plan)
	return plan, nil
}

// isDue reports whether a schedule has a time within a duration before now.
func isDue(c config.Cron, now time.Time, within time.Duration) bool {
	s, err := schedule.Parse(c.Text, c.Zone)
	return err != nil || s.DueWithin(now, within) // what is no schedule was refused with the configuration
}
