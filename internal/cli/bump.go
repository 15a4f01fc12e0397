package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/source"
)

// bumpOptions are what the main job needs: propagate without the name of a command.
type bumpOptions struct {
	*App
	planFlags
	publishFlags
}

// publishFlags are the flags of what publishes changes.
type publishFlags struct {
	dryRun   bool
	publish  string
	commit   string
	remote   string
	server   string
	maxPulls int
	maxWait  time.Duration
	recreate []string
	yes      bool
}

// defaultWait is how long a run waits for the forge, in all, where nobody says.
const defaultWait = 10 * time.Minute

func (o *publishFlags) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&o.dryRun, "dry-run", false, "print the diff and write nothing")
	flags.StringVar(&o.publish, "publish", "auto", "`where` the changes go: pr, push, branch, files or auto")
	complete(cmd, "publish", "auto", "pr", "push", "branch", "files")
	flags.StringVar(&o.commit, "commit-via", "auto", "`who` makes the commits of pull requests: git, which pushes them, api (GitHub, which signs those of a GitHub App), or auto")
	complete(cmd, "commit-via", "auto", "git", "api")
	flags.StringVar(&o.remote, "remote", "", "`name` of the remote that --publish push goes to (default origin)")
	flags.StringVar(&o.server, "remote-kind", "", "`kind` of server that the remote is on, where its host does not tell: gitlab, azure, github, bitbucket, gitea or none")
	complete(cmd, "remote-kind", "gitlab", "azure", "github", "bitbucket", "gitea", "none")
	flags.IntVar(&o.maxPulls, "max-prs", 0, "open at most that `number` of new pull requests, and leave the rest for another run")
	flags.DurationVar(&o.maxWait, "max-wait", defaultWait, "wait at most that `long`, in all, when GitHub asks for a pause, and else leave the rest for another run")
	flags.BoolVar(&o.yes, "yes", false, "do not ask before an emergency is published")
	flags.StringArrayVar(&o.recreate, "recreate", nil, "make this `branch` and its pull request anew, whatever people did to them (repeatable)")
}

// run plans, edits, commits and publishes.
func (o *bumpOptions) run(ctx context.Context) error {
	return o.carry(ctx, &o.publishFlags, carried{strict: o.strict, emergency: o.emergency}, o.planFlags.check, func(repo *monorepo.Repository) (*monorepo.Plan, error) {
		return o.plan(ctx, repo, &o.planFlags)
	})
}

// carried says how changes are carried out.
type carried struct {
	strict    bool
	emergency bool // a screen says what is exposed, and who sits at a terminal is asked
}

// carry checks the flags, reads the repository, makes a plan, and publishes it.
func (a *App) carry(ctx context.Context, o *publishFlags, how carried, check func() error, plan func(*monorepo.Repository) (*monorepo.Plan, error)) error {
	mode := monorepo.Mode(o.publish)
	if !slices.Contains(monorepo.Modes(), mode) {
		return usage(fmt.Errorf("--publish %s: there is no such way", mode), "auto, pr, push, branch or files")
	}
	if err := errors.Join(o.checkRemote(mode), o.checkCommit(mode)); err != nil {
		return err
	}
	if err := errors.Join(check(), o.checkLimits()); err != nil {
		return err
	}
	repo, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer repo.Close()
	repo.PushTo(o.remote, publish.Server(o.server))
	repo.CommitBy(monorepo.CommitVia(o.commit))
	if err := o.check(repo, mode); err != nil {
		return err
	}
	if !o.dryRun && mode != monorepo.WorkTree {
		repo.LookForChanges(ctx)
	}
	p, err := plan(repo)
	if err != nil || p == nil {
		return err
	}
	if err := o.checkRecreate(p); err != nil {
		return err
	}
	if how.emergency {
		a.showEmergency(repo, p, mode)
		if !o.dryRun && !o.yes {
			if err := a.confirm(ctx, p); err != nil {
				return err
			}
		}
	}
	if o.dryRun {
		doc := report.NewPlan(p.Plan, publish.Result{Outcomes: repo.Foresee(p, mode)})
		doc.AddLook(p.Looked)
		addCost(doc, repo, p, mode)
		return a.printDiff(p, doc)
	}
	result, err := repo.Publish(ctx, p, mode, publish.Options{MaxNew: o.maxPulls, MaxWait: o.maxWait, Recreate: o.recreate})
	if err != nil && result == nil {
		return err
	}
	doc := report.NewPlan(p.Plan, *result)
	doc.AddLook(p.Looked)
	if reportErr := a.report(doc); reportErr != nil {
		return reportErr
	}
	a.summarize(doc)
	return errors.Join(err, a.judge(*result, how.strict))
}

// checkLimits refuses limits that are none.
func (o *publishFlags) checkLimits() error {
	switch {
	case o.maxPulls < 0:
		return usage(fmt.Errorf("--max-prs %d: it is a number of pull requests", o.maxPulls), "0 sets no limit")
	case o.maxWait < 0:
		return usage(fmt.Errorf("--max-wait %s: it is a time to wait", o.maxWait), "such as 10m; with 0 nothing is waited for")
	}
	return nil
}

// checkRecreate refuses branches that no change of the plan is for. That of a newer version
// beside one that a person holds has a number behind it.
func (o *publishFlags) checkRecreate(plan *monorepo.Plan) error {
	for _, branch := range o.recreate {
		var all []string
		for _, change := range plan.Changes {
			all = append(all, change.Branch)
		}
		if !slices.ContainsFunc(all, func(of string) bool { return branch == of || strings.HasPrefix(branch, of+"-") }) {
			return usage(fmt.Errorf("--recreate %s: no change of this run is for this branch", report.Clean(branch)), "the branches are "+cmp.Or(report.Names(all), "none"))
		}
	}
	return nil
}

// addCost adds to a plan what it costs as pull requests, where these may come of it.
func addCost(doc *report.Plan, repo *monorepo.Repository, plan *monorepo.Plan, mode monorepo.Mode) {
	if mode != monorepo.Auto && mode != monorepo.PullRequests || len(plan.Changes) == 0 {
		return
	}
	if chosen, _, err := repo.Choose(mode); err == nil {
		doc.AddCost(repo.Cost(plan), chosen == monorepo.PullRequests)
	}
}

// checkRemote refuses what says where to push, where nothing is pushed with git.
func (o *publishFlags) checkRemote(mode monorepo.Mode) error {
	server := publish.Server(o.server)
	switch {
	case server != "" && !slices.Contains(publish.Servers(), server):
		return usage(fmt.Errorf("--remote-kind %s: there is no such kind", server), "gitlab, azure, github, bitbucket, gitea or none")
	case o.remote != "" && mode != monorepo.Push:
		return usage(fmt.Errorf("--remote %s: only --publish push goes to another remote", o.remote), "pull requests and their branches go to origin")
	case server != "" && mode != monorepo.Push:
		return usage(fmt.Errorf("--remote-kind %s: it is for --publish push", server), "leave it out")
	}
	return nil
}

// checkCommit refuses a way to commit that there is not.
func (o *publishFlags) checkCommit(mode monorepo.Mode) error {
	switch via := monorepo.CommitVia(o.commit); {
	case !slices.Contains(monorepo.CommitVias(), via):
		return usage(fmt.Errorf("--commit-via %s: there is no such way", report.Clean(o.commit)), "git, api or auto")
	case via == monorepo.CommitByAPI && mode != monorepo.Auto && mode != monorepo.PullRequests:
		return usage(fmt.Errorf("--commit-via api: --publish %s makes the commits here", mode), "leave it out, or use --publish pr")
	}
	return nil
}

// check refuses, before anything is asked for, what cannot be published. What could not
// be done is not tried out either.
func (o *publishFlags) check(repo *monorepo.Repository, mode monorepo.Mode) error {
	switch {
	case o.dryRun && mode != monorepo.Auto, !o.dryRun && repo.ByURL() && mode != monorepo.PullRequests:
		_, _, err := repo.Choose(mode)
		return err
	case mode == monorepo.Push:
		_, _, err := repo.Choose(mode)
		return err
	case !o.dryRun && mode == monorepo.PullRequests:
		return repo.CheckDestination()
	}
	return nil
}

// printDiff prints what would be edited, as a diff that git apply takes.
func (a *App) printDiff(plan *monorepo.Plan, doc *report.Plan) error {
	a.summarize(doc)
	if a.output == "json" {
		return a.report(doc)
	}
	var b strings.Builder
	var items []*bumper.Item
	dockerfiles := map[string]bool{}
	for _, change := range plan.Changes {
		items = append(items, change.Items...)
		for _, item := range change.Items {
			if !item.Record {
				dockerfiles[item.File.Path] = true
			}
		}
	}
	for _, file := range bumper.Merge(items) {
		b.WriteString(bumper.Diff(file.Path, file.Src, file.Content))
	}
	if b.Len() == 0 {
		return a.report(doc)
	}
	_, err := fmt.Fprint(a.Stdout, a.paintDiff(b.String()))
	if a.inWorkflow() && slices.ContainsFunc(strings.FieldsFunc(b.String(), isLineEnd), source.IsWorkflowCommand) {
		a.warnf("note: the diff holds lines that the runner of GitHub Actions would take for commands: they are changed, and git apply does not take it")
		a.warnf("hint: with GITHUB_ACTIONS=false, and standard output going to a file, it is written as it is")
	}
	where := "in " + report.Count(len(dockerfiles), "Dockerfile")
	if len(dockerfiles) == 0 {
		where = "of what says the version of the base itself"
	}
	a.notef("dry run: %s %s; nothing was written", report.Count(len(plan.Changes), "change"), where)
	if text := leftText(doc.Totals); text != "" {
		a.notef("%s", text)
	}
	if text := doc.CostText(); text != "" {
		a.notef("%s", text)
	}
	return err
}

// leftText says of what a diff does not show where it is listed: builds that are left, and those that wait; "" where there are none.
func leftText(t report.Totals) string {
	var all []string
	if t.Skip > 0 {
		all = append(all, fmt.Sprintf("%s left as %s", report.Count(t.Skip, "build"), map[bool]string{true: "it is", false: "they are"}[t.Skip == 1]))
	}
	if t.Pending > 0 {
		all = append(all, fmt.Sprintf("%s waiting for a derived base", report.Count(t.Pending, "build")))
	}
	if len(all) == 0 {
		return ""
	}
	return "not in the diff: " + strings.Join(all, ", ") + "; propagate plan says which and why"
}
