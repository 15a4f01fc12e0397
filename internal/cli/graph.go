package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/mermaid"
	"github.com/matihlabs/propagate/internal/report"
)

// graphFormats are the ways to print a graph.
var graphFormats = []string{"text", "dot", "mermaid", "json"}

// graphOptions are what propagate graph needs.
type graphOptions struct {
	*App
	format, explain string
}

func newGraph(a *App) *cobra.Command {
	o := &graphOptions{App: a}
	cmd := &cobra.Command{
		Use: "graph", Short: "Print which Dockerfile depends on which image, and which makes it", Args: noArguments,
		Example: `  propagate graph
  propagate graph --format mermaid
  propagate graph --explain base-java`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("explain") {
				return o.runExplain(cmd.Context())
			}
			switch {
			case o.output == "json" && !cmd.Flags().Changed("format"):
				o.format = "json"
			case o.format == "json":
				o.output = "json"
			}
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.format, "format", "text", "`form` of the graph: "+strings.Join(graphFormats, ", "))
	cmd.Flags().StringVar(&o.explain, "explain", "", "say of an `image` which Dockerfile makes it, and how that is known")
	complete(cmd, "format", graphFormats...)
	return cmd
}

func (o *graphOptions) run(ctx context.Context) error {
	write := map[string]func(io.Writer, graph.View) error{
		"dot": report.WriteDOT, "mermaid": mermaid.Write,
	}
	if !slices.Contains(graphFormats, o.format) {
		return usage(fmt.Errorf("--format %s: there is no such form", o.format), strings.Join(graphFormats, ", "))
	}
	repo, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer repo.Close()
	o.diagnose(repo.Files, false, true)
	o.checkAllPaths(repo)
	o.noteNone(repo)
	g := repo.Graph()
	// The graph shows what is contradictory in it as well.
	switch o.format {
	case "json":
		err = report.WriteJSON(o.Stdout, report.NewGraph(repo.Revision.Commit, g, repo.Runs()))
	case "text":
		err = report.WriteGraphText(o.Stdout, g.View(), repo.Runs())
	default:
		err = write[o.format](o.Stdout, g.View())
	}
	repo.NoteMakers()
	for _, circle := range g.Check() {
		o.leave(false)
		o.complain("", circle)
	}
	return err
}

// runExplain says which Dockerfile makes an image.
func (o *graphOptions) runExplain(ctx context.Context) error {
	if o.explain == "" {
		return usage(errors.New("--explain: it names no image"), "a repository, or its last path components, for example base-java")
	}
	repo, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer repo.Close()
	if err := repo.CheckDockerfiles(); err != nil {
		return err
	}
	name, bump, err := parseImage("--explain", o.explain, false)
	if err != nil {
		return err
	}
	images, err := findImages(repo, "--explain "+o.explain, name)
	if err != nil {
		return err
	}
	doc := report.NewExplain(repo.Graph(), repo.Revision.Commit, images, bump.Tag)
	paths := slices.Clone(doc.UsedBy)
	for _, maker := range doc.Makers {
		paths = append(paths, maker.Path)
	}
	o.checkPaths(paths...)
	return o.report(doc)
}
