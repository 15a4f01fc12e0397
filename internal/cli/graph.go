package cli

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/mermaid"
	"github.com/matihlabs/propagate/internal/report"
)

// graphFormats are the ways to print a graph.
var graphFormats = []string{"text", "dot", "mermaid", "svg", "png", "html", "json"}

// graphOptions are what propagate graph needs.
type graphOptions struct {
	*App
	format, explain string
	bases           baseFlags
	picture         pictureOptions
}

func newGraph(a *App) *cobra.Command {
	o := &graphOptions{App: a}
	cmd := &cobra.Command{
		Use: "graph", Short: "Print which Dockerfile depends on which image, and which makes it", Args: noArguments,
		Example: `  propagate graph
  propagate graph --format html --open
  propagate graph --base base-java@1.0.1 -o graph.svg
  propagate graph --explain base-java`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.picture.take(o, cmd.Flags().Changed); err != nil {
				return err
			}
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
	cmd.Flags().Var(&o.bases, "base", "with a picture (svg, png, html), highlight what depends on `IMAGE[@VERSION]`, wave by wave (repeatable)")
	cmd.Flags().BoolVar(&o.picture.open, "open", false, "open the picture in the browser; without a file for -o, a temporary one")
	complete(cmd, "format", graphFormats...)
	return cmd
}

func (o *graphOptions) run(ctx context.Context) error {
	write := map[string]func(io.Writer, graph.View) error{
		"dot": report.WriteDOT, "mermaid": mermaid.Write,
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
	w, done, err := o.picture.target(o.App, "graph", o.format)
	if err != nil {
		return err
	}
	// The graph shows what is contradictory in it as well.
	switch {
	case o.format == "json":
		err = report.WriteJSON(w, report.NewGraph(repo.Revision.Commit, g, repo.Runs()))
	case o.format == "text":
		err = report.WriteGraphText(o.onScreen(w), g.View(), repo.Runs(), o.verbose)
	case isPicture(o.format):
		err = o.writePicture(ctx, repo, w)
	default:
		err = write[o.format](w, g.View())
	}
	if err := done(err); err != nil {
		return err
	}
	repo.NoteMakers()
	for _, circle := range g.Check() {
		o.leave(false)
		o.complain("", circle)
	}
	return nil
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
