package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/report"
)

// graphFormats are the ways to print a graph.
var graphFormats = []string{"text", "dot", "mermaid", "json"}

func (a *App) newGraph() *cobra.Command {
	var format, explain string
	cmd := &cobra.Command{
		Use: "graph", Short: "Print which Dockerfile depends on which image, and which makes it", Args: noArguments,
		Example: `  propagate graph
  propagate graph --format mermaid
  propagate graph --explain base-java`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("explain") {
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
	if len(s.Files) == 0 {
		none := noDockerfiles(s)
		a.notef("note: %s", none)
		a.notef("hint: %s", hintOf(none))
	}
	g := a.graph(s)
	// The graph shows what is contradictory in it as well.
	if format == "json" {
		err = report.WriteJSON(a.Stdout, report.NewGraph(s.revision.Commit, g.View()))
	} else {
		err = write[format](g.View())
	}
	return errors.Join(err, g.Check())
}

// runExplain says which Dockerfile makes an image.
func (a *App) runExplain(ctx context.Context, name string) error {
	if name == "" {
		return usage(errors.New("--explain: it names no image"), "a repository, or its last path components, for example base-java")
	}
	s, err := a.load(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	if len(s.Files) == 0 {
		return noDockerfiles(s)
	}
	g := a.graph(s)
	image, err := findImage(g, "--explain "+name, name)
	if err != nil {
		return err
	}
	return a.report(report.NewExplain(g, s.revision.Commit, image))
}
