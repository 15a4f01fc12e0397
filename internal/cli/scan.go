package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/internal/report"
)

func (a *App) newScan() *cobra.Command {
	var strict bool
	cmd := &cobra.Command{
		Use: "scan", Short: "List every Dockerfile, its stages and its image references", Args: noArguments,
		Example: `  propagate scan
  propagate scan --ref v1.2.0 -o json`,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runScan(cmd.Context(), strict) },
	}
	cmd.Flags().BoolVar(&strict, "strict", false, "exit with status 3 if a reference cannot be resolved")
	return cmd
}

func (a *App) runScan(ctx context.Context, strict bool) error {
	s, err := a.load(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	if a.output == "json" {
		err = report.WriteScanJSON(a.Stdout, s.revision.Commit, s.Files, s.Templates)
	} else {
		err = report.NewScan(s.revision.Commit, s.Files, s.Templates).WriteText(a.Stdout)
	}
	if err != nil {
		return err
	}
	a.diagnose(s.Files, strict, true)
	return nil
}

// A textDocument is a result that has a form for people beside the one for
// programs.
type textDocument interface{ WriteText(w io.Writer) error }

// report prints a document in the format that was asked for.
func (a *App) report(doc textDocument) error {
	if a.output == "json" {
		return report.WriteJSON(a.Stdout, doc)
	}
	return doc.WriteText(a.Stdout)
}
