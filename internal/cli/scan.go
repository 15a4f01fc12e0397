package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/source"
)

// scanOptions are what propagate scan needs.
type scanOptions struct {
	*App
	strict  bool
	sources bool
}

func newScan(a *App) *cobra.Command {
	o := &scanOptions{App: a}
	cmd := &cobra.Command{
		Use: "scan", Short: "List every Dockerfile, its stages and its image references", Args: noArguments,
		Example: `  propagate scan
  propagate scan --ref v1.2.0 -o json
  propagate scan --sources`,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().BoolVar(&o.strict, "strict", false, "exit with status 3 if a reference cannot be resolved")
	cmd.Flags().BoolVar(&o.sources, "sources", false, "list the files that were read for builds, what they gave and what in them was not understood")
	return cmd
}

func (o *scanOptions) run(ctx context.Context) error {
	repo, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer repo.Close()
	switch {
	case o.sources && o.output == "json":
		doc := report.NewScan(repo.Revision.Commit, repo.Files, repo.Templates)
		doc.Sources = report.NewSources(repo.Sources())
		err = report.WriteJSON(o.Stdout, doc)
	case o.sources:
		err = report.NewSources(repo.Sources()).WriteText(o.onScreen(o.Stdout))
	case o.output == "json":
		err = report.WriteScanJSON(o.Stdout, repo.Revision.Commit, repo.Files, repo.Templates)
	default:
		err = report.NewScan(repo.Revision.Commit, repo.Files, repo.Templates).WriteText(o.onScreen(o.Stdout))
	}
	if err != nil {
		return err
	}
	o.diagnose(repo.Files, o.strict, true)
	o.checkAllPaths(repo)
	o.noteNone(repo)
	return nil
}

// noteNone says that there are no Dockerfiles.
func (a *App) noteNone(repo *monorepo.Repository) {
	if none := repo.CheckDockerfiles(); none != nil {
		a.notef("note: %s", oneLine(none.Error()))
		a.notef("hint: %s", oneLine(source.Hint(none)))
	}
}

// A textDocument is a result that has a form for people beside the one for
// programs.
type textDocument interface{ WriteText(w io.Writer) error }

// report prints a document in the format that was asked for.
func (a *App) report(doc textDocument) error {
	if a.output == "json" {
		return report.WriteJSON(a.Stdout, doc)
	}
	if foldable, ok := doc.(interface{ Unfold() }); ok && a.verbose {
		foldable.Unfold()
	}
	return doc.WriteText(a.onScreen(a.Stdout))
}
