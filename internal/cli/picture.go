package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/picture"
	"github.com/matihlabs/propagate/internal/webgraph"
)

// graphFiles are the endings of the files that a graph is written to, and the forms that these have.
var graphFiles = map[string]string{
	".html": "html", ".svg": "svg", ".png": "png", ".dot": "dot", ".mmd": "mermaid", ".json": "json", ".txt": "text",
}

// isPicture reports whether a form of the graph is a picture.
func isPicture(format string) bool { return slices.Contains([]string{"svg", "png", "html"}, format) }

// pictureOptions say where a graph goes.
type pictureOptions struct{ fileOptions }

// take reads the flags of propagate graph that go together: a file says the form by its ending.
func (p *pictureOptions) take(o *graphOptions, given func(flag string) bool) error {
	if err := p.fileOptions.take(graphFiles, &o.output, &o.format, given); err != nil {
		return err
	}
	switch {
	case !slices.Contains(graphFormats, o.format):
		return usage(fmt.Errorf("--format %s: there is no such form", o.format), strings.Join(graphFormats, ", "))
	case p.open && !isPicture(o.format):
		return usage(errors.New("--open: there is no picture to open"), "--format html, svg or png makes one")
	case len(o.bases) > 0 && !isPicture(o.format):
		return usage(fmt.Errorf("--base %s: a graph as %s highlights nothing", o.bases.String(), o.format), "--format html, svg or png; propagate affected --base lists what depends on a base")
	case o.format == "png" && p.file == "" && !p.open && o.StdoutTerminal:
		return usage(errors.New("--format png: it is no text, and a terminal shows text"), "-o graph.png writes a file, --open shows it")
	case given("explain") && (p.file != "" || p.open || len(o.bases) > 0):
		return usage(errors.New("--explain: it explains in words, without a file, --base or --open"), "-o json explains as JSON")
	case len(o.bases) > 0:
		return checkBases(o.bases, false)
	}
	return nil
}

// writePicture draws the graph.
func (o *graphOptions) writePicture(ctx context.Context, repo *monorepo.Repository, w io.Writer) error {
	p := picture.New(repo.Graph(), repo.Owners("the picture names"))
	if len(o.bases) > 0 {
		bumps, err := o.App.bases(repo, o.bases, false)
		if err != nil {
			return err
		}
		plan, err := repo.Affected(ctx, monorepo.Policy{Bumps: bumps, Level: imageref.Major})
		if err != nil {
			return err
		}
		highlight(p, plan)
	}
	if o.format == "html" {
		return webgraph.Write(w, p, repo.Revision.Commit)
	}
	p.Fold(picture.MostNodes)
	if o.format == "svg" {
		return p.WriteSVG(w)
	}
	return p.WritePNG(w)
}

// highlight marks what a plan rebuilds.
func highlight(p *picture.Picture, plan *bumper.Plan) {
	var names []string
	for _, bump := range plan.Bumps {
		name := imageref.Base(bump.Image)
		if bump.Version() != "" {
			name += "@" + bump.Version()
		}
		names = append(names, name)
	}
	waves := map[*graph.Node]int{}
	for _, item := range plan.Items {
		if item.Action == bumper.ActionBump || item.Action == bumper.ActionRebuild {
			waves[item.Node.Whole()] = max(waves[item.Node.Whole()], item.Wave)
		}
	}
	p.SetHighlight(strings.Join(names, ", "), plan.Bases(), waves)
}
