package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/picture"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/webgraph"
)

// graphFiles are the endings of the files that a graph is written to, and the forms that these have.
var graphFiles = map[string]string{
	".html": "html", ".svg": "svg", ".png": "png", ".dot": "dot", ".mmd": "mermaid", ".json": "json", ".txt": "text",
}

// isGraphFile reports whether a value of -o is a file for a graph.
func isGraphFile(output string) bool { return graphFiles[filepath.Ext(output)] != "" }

// fileHint says that -o takes a file as well, of the one command where it does.
func fileHint(cmd *cobra.Command) string {
	if cmd.Name() != "graph" {
		return ""
	}
	return "; a file ends in " + strings.Join(slices.Sorted(maps.Keys(graphFiles)), ", ")
}

// isPicture reports whether a form of the graph is a picture.
func isPicture(format string) bool { return slices.Contains([]string{"svg", "png", "html"}, format) }

// pictureOptions say where a graph goes.
type pictureOptions struct {
	file string // "" is the standard output
	open bool
}

// take reads the flags of propagate graph that go together: a file says the form by its ending.
func (p *pictureOptions) take(o *graphOptions, given func(flag string) bool) error {
	if isGraphFile(o.output) {
		p.file = o.output
		form := graphFiles[filepath.Ext(p.file)]
		switch {
		case !given("format"):
			o.format = form
		case o.format != form:
			return usage(fmt.Errorf("--output %s, --format %s: the file is for %s by its name", report.Clean(p.file), o.format, form), "leave --format out, or name the file otherwise")
		}
		o.output = "text"
	} else if p.open && !given("format") && !given("output") {
		o.format = "html"
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

// target opens what the graph is written to. done ends it, with the error of writing: a file is there
// whole or not at all.
func (p *pictureOptions) target(a *App, format string) (w io.Writer, done func(error) error, err error) {
	if p.file == "" && !p.open {
		if out, ok := a.Stdout.(*output); ok && format == "png" {
			return out.w, func(err error) error { out.keep(err); return nil }, nil // it has no lines
		}
		return a.Stdout, func(err error) error { return err }, nil
	}
	if p.file == "" {
		return p.temporary(a, format)
	}
	// Of a name of its own, until all is written.
	name := filepath.Join(filepath.Dir(p.file), fmt.Sprintf(".propagate-%d-%s", os.Getpid(), filepath.Base(p.file)))
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, nil, fmt.Errorf("--output %s: %w", report.Clean(p.file), err)
	}
	return file, func(err error) error {
		closeErr := file.Close()
		if err == nil {
			err = closeErr
			if err == nil {
				err = place(name, p.file)
			}
			if err != nil {
				err = fmt.Errorf("--output %s: %w", report.Clean(p.file), err)
			}
		}
		if err != nil {
			_ = os.Remove(name) // the error says what is wrong
			return err
		}
		return p.written(a, p.file)
	}, nil
}

// temporary is target for a file that nobody has named: nobody else may read it.
func (p *pictureOptions) temporary(a *App, format string) (io.Writer, func(error) error, error) {
	file, err := os.CreateTemp("", "propagate-graph-*."+format)
	if err != nil {
		return nil, nil, fmt.Errorf("--open: %w", err)
	}
	return file, func(err error) error {
		if err = errors.Join(err, file.Close()); err != nil {
			_ = os.Remove(file.Name()) // the error says what is wrong
			return err
		}
		return p.written(a, file.Name())
	}, nil
}

// written says that a file is there, and opens it if that is asked for.
func (p *pictureOptions) written(a *App, name string) error {
	a.notef("%s is written", report.Clean(name))
	if p.open {
		return openInBrowser(name)
	}
	return nil
}

// place gives a finished file its name. The mode of one that had it is kept.
func place(from, name string) error {
	info, err := os.Stat(name)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return errors.New("it is no regular file")
	case err == nil:
		if err := os.Chmod(from, info.Mode().Perm()); err != nil {
			return err
		}
	}
	return os.Rename(from, name)
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
