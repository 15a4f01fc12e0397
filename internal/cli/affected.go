package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/internal/report"
)

// affectedOptions are what propagate affected needs.
type affectedOptions struct {
	*App
	bases    baseFlags
	level    string
	flavours bool
	engine   engineOptions
	since    sinceOptions
}

func newAffected(a *App) *cobra.Command {
	o := &affectedOptions{App: a}
	cmd := &cobra.Command{
		Use: "affected (--base IMAGE[@VERSION] | --since REV)", Short: "List only the Dockerfiles to rebuild", Args: noArguments,
		Example: `  propagate affected --base base-java@1.0.1
  propagate affected --since origin/main...
  echo "matrix=$(propagate affected --base base-java@1.0.1 -o github-matrix)" >> "$GITHUB_OUTPUT"`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.since.isGiven = cmd.Flags().Changed("since")
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().Var(&o.bases, "base", "patched base as `IMAGE[@VERSION]`; without a version all that depends on it counts (repeatable)")
	cmd.Flags().StringVar(&o.level, "level", "patch", "largest `step` that is taken: patch, minor or major")
	cmd.Flags().BoolVar(&o.flavours, "flavours", false, flavoursUsage)
	complete(cmd, "level", levels...)
	o.engine.add(cmd)
	o.since.add(cmd)
	return cmd
}

func (o *affectedOptions) run(ctx context.Context) error {
	step, err := parseLevel(o.level)
	if err != nil {
		return err
	}
	if err := o.since.check(o.bases, o.output); err != nil {
		return err
	}
	if err := o.engine.check(o.output); err != nil {
		return err
	}
	repo, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer repo.Close()
	if err := repo.CheckDockerfiles(); err != nil {
		return err
	}
	p, since, err := o.plan(ctx, repo, step)
	if err != nil {
		return err
	}
	o.diagnosePlan(repo, false, p)
	o.checkPlanPaths(p)
	doc := report.NewAffected(p, repo.BuildsOf)
	if since != nil {
		doc.AddSince(since)
	}
	if o.since.explain != "" {
		return o.explainSince(repo, doc, since)
	}
	return o.writeAffected(repo, p, doc, o.engine)
}
