package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/report"
)

// mainOptions are the flags of the main job.
type mainOptions struct {
	planOptions
	dryRun  bool
	publish string
}

func (o *mainOptions) addFlags(cmd *cobra.Command) {
	o.planOptions.addFlags(cmd)
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "print the diff and write nothing")
	cmd.Flags().StringVar(&o.publish, "publish", "auto", "`where` the changes go: pr, branch, files or auto")
}

// runMain plans, edits, commits and publishes.
func (a *App) runMain(ctx context.Context, o *mainOptions) error {
	if !modes[mode(o.publish)] {
		return usage(fmt.Errorf("--publish %s: there is no such way", o.publish), "auto, pr, branch or files")
	}
	if err := needBase(o.bases); err != nil {
		return err
	}
	s, err := a.load(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	if mode(o.publish) == modePull && !o.dryRun {
		if err := a.checkDestination(s); err != nil {
			return err
		}
	}
	if o.dryRun && mode(o.publish) != modeAuto {
		if _, _, err := a.choose(s, mode(o.publish)); err != nil {
			return err // what could not be done is not tried out either
		}
	}
	noteDirty := func() {}
	if !o.dryRun && mode(o.publish) != modeFiles && s.isHead() {
		noteDirty = a.lookForDirty(ctx, s)
	}
	p, err := a.plan(ctx, s, &o.planOptions)
	if err != nil {
		return err
	}
	a.diagnosePlan(s, p.plan, o.strict)
	if o.dryRun {
		return a.dryRun(s, mode(o.publish), p)
	}
	outcomes, err := a.publish(ctx, s, mode(o.publish), p.changes, noteDirty)
	if err != nil && outcomes == nil {
		return err
	}
	if reportErr := a.report(report.NewPlan(p.plan, outcomes)); reportErr != nil {
		return reportErr
	}
	return errors.Join(err, a.judge(outcomes, o.strict))
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

// dryRun prints what would be edited, as a diff that git apply takes.
func (a *App) dryRun(s *checkout, m mode, p *planned) error {
	doc := report.NewPlan(p.plan, a.foresee(s, m, p.changes))
	if a.output == "json" {
		return a.report(doc)
	}
	var b strings.Builder
	var items []*bumper.Item
	for _, change := range p.changes {
		items = append(items, change.Items...)
	}
	for _, file := range bumper.Merge(items) {
		b.WriteString(bumper.Diff(file.Path, file.Src, file.Content))
	}
	if b.Len() == 0 {
		return a.report(doc)
	}
	_, err := fmt.Fprint(a.Stdout, a.paintDiff(b.String()))
	a.notef("dry run: %s in %s; nothing was written", report.Count(len(p.changes), "change"), report.Count(countItems(p.changes), "Dockerfile"))
	return err
}

func countItems(changes []publish.Change) int {
	n := 0
	for _, change := range changes {
		n += len(change.Items)
	}
	return n
}

// foresee says what would become of changes, as far as it is known here: whether a local
// branch is as it should be, or would be left alone. The remote is not asked.
func (a *App) foresee(s *checkout, m mode, changes []publish.Change) []publish.Outcome {
	if chosen, _, err := a.choose(s, m); err == nil && chosen == modeBranch {
		return publish.Foresee(s.repo, changes)
	}
	outcomes := make([]publish.Outcome, len(changes))
	for i, change := range changes {
		outcomes[i] = publish.Outcome{Change: change.Change, State: publish.Planned}
	}
	return outcomes
}

// publish carries the changes to where mode says.
func (a *App) publish(ctx context.Context, s *checkout, m mode, changes []publish.Change, noteDirty func()) ([]publish.Outcome, error) {
	m, why, err := a.choose(s, m)
	if err != nil {
		return nil, err
	}
	if why != "" {
		a.notef("publishing as %s: %s", m, why)
	}
	if len(changes) == 0 {
		return []publish.Outcome{}, nil
	}
	if m == modeFiles {
		root, err := os.OpenRoot(s.dir)
		if err != nil {
			return nil, err
		}
		defer root.Close()
		return publish.Files(ctx, root, changes)
	}
	noteDirty()
	source, err := a.origin(ctx, s)
	if err != nil {
		return nil, err
	}
	if m == modeBranch {
		a.doing("making %s", report.Count(len(changes), "commit"))
		return publish.Branches(ctx, s.repo, source, changes)
	}
	a.doing("asking for branches and pull requests")
	pulls, err := a.pulls(ctx, s)
	if err != nil {
		return nil, err
	}
	return pulls.Publish(ctx, source, changes)
}
