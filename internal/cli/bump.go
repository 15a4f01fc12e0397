package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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
	dryRun  bool
	publish string
	remote  string
	server  string
}

func (o *bumpOptions) addFlags(cmd *cobra.Command) {
	o.planFlags.addFlags(cmd)
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "print the diff and write nothing")
	cmd.Flags().StringVar(&o.publish, "publish", "auto", "`where` the changes go: pr, push, branch, files or auto")
	complete(cmd, "publish", "auto", "pr", "push", "branch", "files")
	cmd.Flags().StringVar(&o.remote, "remote", "", "`name` of the remote that --publish push goes to (default origin)")
	cmd.Flags().StringVar(&o.server, "remote-kind", "", "`kind` of server that the remote is on, where its host does not tell: gitlab, azure, github, bitbucket, gitea or none")
	complete(cmd, "remote-kind", "gitlab", "azure", "github", "bitbucket", "gitea", "none")
}

// run plans, edits, commits and publishes.
func (o *bumpOptions) run(ctx context.Context) error {
	mode := monorepo.Mode(o.publish)
	if !slices.Contains(monorepo.Modes(), mode) {
		return usage(fmt.Errorf("--publish %s: there is no such way", mode), "auto, pr, push, branch or files")
	}
	if err := o.checkRemote(mode); err != nil {
		return err
	}
	if err := o.planFlags.check(); err != nil {
		return err
	}
	repo, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer repo.Close()
	repo.PushTo(o.remote, publish.Server(o.server))
	if err := o.check(repo, mode); err != nil {
		return err
	}
	if !o.dryRun && mode != monorepo.WorkTree {
		repo.LookForChanges(ctx)
	}
	plan, err := o.plan(ctx, repo, &o.planFlags)
	if err != nil {
		return err
	}
	if o.dryRun {
		return o.printDiff(plan, repo.Foresee(plan, mode))
	}
	outcomes, err := repo.Publish(ctx, plan, mode)
	if err != nil && outcomes == nil {
		return err
	}
	if reportErr := o.report(report.NewPlan(plan.Plan, outcomes)); reportErr != nil {
		return reportErr
	}
	return errors.Join(err, o.judge(outcomes, o.strict))
}

// checkRemote refuses what says where to push, where nothing is pushed with git.
func (o *bumpOptions) checkRemote(mode monorepo.Mode) error {
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

// check refuses, before anything is asked for, what cannot be published. What could not
// be done is not tried out either.
func (o *bumpOptions) check(repo *monorepo.Repository, mode monorepo.Mode) error {
	switch {
	case o.dryRun && mode != monorepo.Auto:
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

// judge turns what became of the changes into how the run ended. For a strict run, a
// change that is left alone is not done.
func (a *App) judge(outcomes []publish.Outcome, strict bool) error {
	failed, inPlace := 0, 0
	for _, outcome := range outcomes {
		if outcome.State != publish.Failed || outcome.Partial {
			inPlace++
		}
		switch outcome.State {
		case publish.Failed:
			failed++
			what := outcome.Change.Branch + ": "
			if outcome.Written != nil { // there is no branch, and the files are named
				what = ""
			}
			a.complain(what, outcome.Err)
			for _, failure := range outcome.Failures() {
				a.leave(passes(failure))
			}
		case publish.LeftAlone:
			if strict {
				a.leave(false)
				a.warnf("propagate: %s: left alone: %s", outcome.Change.Branch, oneLine(outcome.Note))
				if outcome.Hint != "" && a.output == "json" { // text says it where the change is
					a.warnf("hint: %s", oneLine(outcome.Hint))
				}
			}
		}
	}
	switch {
	case failed == 0:
		return nil
	case inPlace == 0:
		return errReported
	}
	return nil
}

// printDiff prints what would be edited, as a diff that git apply takes.
func (o *bumpOptions) printDiff(plan *monorepo.Plan, outcomes []publish.Outcome) error {
	doc := report.NewPlan(plan.Plan, outcomes)
	if o.output == "json" {
		return o.report(doc)
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
		return o.report(doc)
	}
	_, err := fmt.Fprint(o.Stdout, o.paintDiff(b.String()))
	if o.inWorkflow() && slices.ContainsFunc(strings.FieldsFunc(b.String(), isLineEnd), source.IsWorkflowCommand) {
		o.warnf("note: the diff holds lines that the runner of GitHub Actions would take for commands: they are changed, and git apply does not take it")
		o.warnf("hint: with GITHUB_ACTIONS=false, and standard output going to a file, it is written as it is")
	}
	where := "in " + report.Count(len(dockerfiles), "Dockerfile")
	if len(dockerfiles) == 0 {
		where = "of what says the version of the base itself"
	}
	o.notef("dry run: %s %s; nothing was written", report.Count(len(plan.Changes), "change"), where)
	return err
}
