package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/internal/report"
)

func (a *App) newPlan() *cobra.Command {
	opts := &planOptions{}
	cmd := &cobra.Command{
		Use: "plan --base IMAGE@VERSION", Short: "Show what the main job would do, and write nothing", Args: noArguments,
		Example: `  propagate plan --base base-java@1.0.1
  propagate plan --base base-java@1.0.1 --group service -o json`,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runPlan(cmd.Context(), opts) },
	}
	opts.addFlags(cmd)
	return cmd
}

func (a *App) runPlan(ctx context.Context, o *planOptions) error {
	if err := needBase(o.bases); err != nil {
		return err
	}
	s, err := a.load(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	p, err := a.plan(ctx, s, o)
	if err != nil {
		return err
	}
	a.diagnosePlan(s, p.plan, o.strict)
	return a.report(report.NewPlan(p.plan, a.foresee(s, modeAuto, p.changes)))
}

func (a *App) newAffected() *cobra.Command {
	var bases []string
	var level string
	cmd := &cobra.Command{
		Use: "affected --base IMAGE[@VERSION]", Short: "List only the Dockerfiles to rebuild", Args: noArguments,
		Example: `  propagate affected --base base-java@1.0.1
  echo "matrix=$(propagate affected --base base-java@1.0.1 -o github-matrix)" >> "$GITHUB_OUTPUT"`,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runAffected(cmd.Context(), bases, level) },
	}
	cmd.Flags().StringArrayVar(&bases, "base", nil, "patched base as `IMAGE[@VERSION]`; without a version all that depends on it counts (repeatable)")
	cmd.Flags().StringVar(&level, "level", "patch", "largest `step` that is taken: patch, minor or major")
	return cmd
}

func (a *App) runAffected(ctx context.Context, bases []string, level string) error {
	step, ok := imageref.ParseLevel(level)
	if !ok {
		return usage(fmt.Errorf("--level %s: there is no such step", level), "patch, minor or major")
	}
	if err := needBase(bases); err != nil {
		return err
	}
	s, err := a.load(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	if len(bases) > 0 && len(s.Files) == 0 {
		return noDockerfiles(s)
	}
	g := a.graph(s)
	bumps, err := a.bases(s, g, bases, false)
	if err != nil {
		return err
	}
	p, err := a.newPlanOf(ctx, s, g, bumps, bumper.Options{Level: step, Digests: &registry.Client{Transport: a.Transport}})
	if err != nil {
		return err
	}
	a.diagnosePlan(s, p, false)
	doc := report.NewAffected(p, s.builds())
	switch a.output {
	case "paths":
		return doc.WritePaths(a.Stdout)
	case "github-matrix":
		return report.WriteCompactJSON(a.Stdout, doc.Matrix())
	case "bake":
		return report.WriteJSON(a.Stdout, doc.Bake())
	}
	return a.report(doc)
}
