package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/report"
)

func (a *App) newScan() *cobra.Command {
	var strict bool
	cmd := &cobra.Command{
		Use: "scan", Short: "List every Dockerfile, its stages and its image references", Args: noArguments,
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

// graphFormats are the ways to print a graph.
var graphFormats = []string{"text", "dot", "mermaid", "json"}

func (a *App) newGraph() *cobra.Command {
	var format, explain string
	cmd := &cobra.Command{
		Use: "graph", Short: "Print which Dockerfile depends on which image, and which makes it", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if explain != "" {
				return a.runExplain(cmd.Context(), explain)
			}
			if a.output == "json" && !cmd.Flags().Changed("format") {
				format = "json"
			}
			return a.runGraph(cmd.Context(), format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "`form` of the graph: "+strings.Join(graphFormats, ", "))
	cmd.Flags().StringVar(&explain, "explain", "", "say of an `image` which Dockerfile makes it, and how that is known")
	return cmd
}

func (a *App) runGraph(ctx context.Context, format string) error {
	write := map[string]func(graph.View) error{
		"text":    func(v graph.View) error { return v.WriteText(a.Stdout) },
		"dot":     func(v graph.View) error { return v.WriteDOT(a.Stdout) },
		"mermaid": func(v graph.View) error { return v.WriteMermaid(a.Stdout) },
	}
	if write[format] == nil && format != "json" {
		return usage(fmt.Errorf("--format %s: there is no such form", format), strings.Join(graphFormats, ", "))
	}
	s, err := a.load(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	a.diagnose(s.Files, false, true)
	g := a.graph(s)
	// The graph shows what is contradictory in it as well.
	if format == "json" {
		err = report.WriteJSON(a.Stdout, report.NewGraph(s.revision.Commit, g.View()))
	} else {
		err = write[format](g.View())
	}
	return errors.Join(err, g.Check())
}

func (a *App) runExplain(ctx context.Context, name string) error {
	s, err := a.load(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	g := a.graph(s)
	image, err := findImage(g, "--explain "+name, name)
	if err != nil {
		return err
	}
	claims := g.Makers(image)
	var b strings.Builder
	if len(claims) == 0 {
		fmt.Fprintf(&b, "%s is made by no Dockerfile here: it comes from its registry\n", image)
	}
	for _, claim := range claims {
		by := map[graph.Rule]string{
			graph.Configured: "the configuration says so, " + claim.Where,
			graph.BuildFile:  "a build file says so, " + claim.Where,
			graph.Command:    "a command builds it, " + claim.Where,
			graph.Named:      "it, or its directory, is called like the image",
		}[claim.Rule]
		fmt.Fprintf(&b, "%s is made by %s: %s\n", image, report.Clean(claim.Path), by)
	}
	_, err = io.WriteString(a.Stdout, b.String())
	return err
}
