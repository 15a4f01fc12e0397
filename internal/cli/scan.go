package cli

import (
	"context"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/snapshot"
	"github.com/matihlabs/propagate/scanner"
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
	if a.output == "json" {
		return a.runScanJSON(ctx, strict)
	}
	s, err := a.load(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := report.NewScan(s.revision.Commit, s.Files, s.Templates).WriteText(a.Stdout); err != nil {
		return err
	}
	a.diagnose(s.Files, strict, true)
	return nil
}

// runScanJSON goes through the Dockerfiles without holding all of them, and keeps
// those that something is wrong with.
func (a *App) runScanJSON(ctx context.Context, strict bool) error {
	s, err := a.loadWith(ctx, snapshot.Open)
	if err != nil {
		return err
	}
	defer s.Close()
	wrong := make([]*scanner.File, len(s.Dockerfiles))
	err = report.WriteScanJSON(a.Stdout, s.revision.Commit, report.ScanFiles{
		Count: len(s.Dockerfiles),
		Dockerfile: func(i int, d *scanner.Decoder) *scanner.File {
			file := s.File(i, d)
			if len(file.Diagnostics) > 0 {
				file = s.File(i, nil)
				wrong[i] = file
			}
			return file
		},
		Texts: s.Texts, Templates: s.Templates,
	})
	if err != nil {
		return err
	}
	wrong = slices.DeleteFunc(wrong, func(f *scanner.File) bool { return f == nil })
	a.diagnose(append(wrong, s.Texts...), strict, true)
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
