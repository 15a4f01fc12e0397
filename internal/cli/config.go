package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/internal/bots"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/report"
)

// newConfig returns the command that has what is said of configurations below it.
func newConfig(a *App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "config", Short: "Check and show the configuration, and say what other bots have to be told", Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return noCommand(cmd, args[0])
		},
		Example: "  propagate config check",
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		newConfigCheck(a), newConfigShow(a),
		newOtherBot(a, bots.Renovate, &cobra.Command{
			Use: "renovate", Short: "Print the packageRules by which Renovate leaves the curated bases to propagate",
			Long: `Print the packageRules by which Renovate leaves the curated bases to propagate: the
images that a Dockerfile of the repository makes and others are based on, and those that
the configuration names. What Renovate is told to leave alone and propagate edits is a note.`,
			Example: "  propagate config renovate > propagate-bases.json",
		}, func(r *monorepo.Repository, differences []monorepo.Difference) textDocument {
			return report.NewRenovate(r.Revision.Commit, r.Curated(), differences)
		}),
		newOtherBot(a, bots.Dependabot, &cobra.Command{
			Use: "dependabot", Short: "Print the ignore by which Dependabot leaves the curated bases to propagate",
			Long: `Print an entry for the updates of dependabot.yml whose ignore leaves the curated bases
to propagate: the images that a Dockerfile of the repository makes and others are based on,
and those that the configuration names. What Dependabot is told to leave alone and
propagate edits is a note.`,
			Example: "  propagate config dependabot",
		}, func(r *monorepo.Repository, differences []monorepo.Difference) textDocument {
			return report.NewDependabot(r.Revision.Commit, r.Curated(), differences)
		}),
	)
	return cmd
}

// newOtherBot completes a command for one bot.
func newOtherBot(a *App, bot string, cmd *cobra.Command, document func(*monorepo.Repository, []monorepo.Difference) textDocument) *cobra.Command {
	cmd.Args = noArguments
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.printOtherBot(cmd.Context(), bot, document) }
	return cmd
}

func (a *App) printOtherBot(ctx context.Context, bot string, document func(*monorepo.Repository, []monorepo.Difference) textDocument) error {
	repo, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer repo.Close()
	differences := repo.Differences(bot)
	if err := a.report(document(repo, differences)); err != nil {
		return err
	}
	for _, d := range differences {
		a.notef("note: %s: %s", d.Where, oneLine(d.Text))
		a.notef("hint: %s", oneLine(d.Hint))
	}
	if len(repo.Curated()) == 0 {
		a.notef("note: no Dockerfile here makes an image that others are based on")
		a.notef("hint: images: in the configuration names them")
	}
	a.noteNone(repo)
	return nil
}
