package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/report"
)

// newConfigCheck returns the command that judges a configuration.
func newConfigCheck(a *App) *cobra.Command {
	return &cobra.Command{
		Use: "check", Short: "Say what is wrong with the configuration", Args: noArguments,
		Long: `Say what is wrong with the configuration, each error with its place and what to do about
it, and what in it fits nothing. The exit status is 0 for one that is right, with notes or
without, and 2 for one that is wrong.`,
		Example: "  propagate config check\n  propagate config check --config .propagate.yaml   before it is committed",
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.checkConfig(cmd.Context()) },
	}
}

func (a *App) checkConfig(ctx context.Context) error {
	options := a.openOptions()
	options.Listen = func(m monorepo.Message) {
		if m.Kind != monorepo.Note || a.isOfConfig(m.Text) {
			a.listen(m)
		}
	}
	repo, err := monorepo.Open(ctx, options)
	var wrong config.Errors
	if errors.As(err, &wrong) && a.output == "json" {
		if err := a.report(report.NewConfigCheck("", wrong[0].Pos.Path, wrong, nil)); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	defer repo.Close()
	return a.report(report.NewConfigCheck(repo.Revision.Commit, repo.Config.Path(), nil, repo.ConfigNotes()))
}

// isOfConfig reports whether a note is about the configuration, or about what looks like one.
func (a *App) isOfConfig(text string) bool {
	names := append(config.LikeNames(), config.Name)
	if a.config != "" {
		names = append(names, a.config)
	}
	return slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(text, name) })
}

// newConfigShow returns the command that prints a whole configuration.
func newConfigShow(a *App) *cobra.Command {
	return &cobra.Command{
		Use: "show", Short: "Print the configuration with its defaults filled in", Args: noArguments,
		Long: `Print the configuration with its defaults filled in, as YAML or, with -o json, as JSON.
Comments say what is a default. The output is a configuration that says the same.`,
		Example: "  propagate config show\n  propagate config show -o json",
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.showConfig(cmd.Context()) },
	}
}

func (a *App) showConfig(ctx context.Context) error {
	c, err := monorepo.ReadConfig(ctx, a.openOptions())
	if err != nil {
		return err
	}
	return a.report(c.Show())
}
