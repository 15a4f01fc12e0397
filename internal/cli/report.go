package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/internal/estatepage"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/report"
)

// reportFormats are the ways to print a report. Markdown is the text of it: it is read in a terminal, and pasted into an issue
// or a page of a job.
var reportFormats = []string{"markdown", "html", "json"}

// reportFiles are the endings of the files that a report is written to, and the forms that these have.
var reportFiles = map[string]string{".html": "html", ".md": "markdown", ".json": "json"}

// reportOptions are what propagate report needs.
type reportOptions struct {
	*App
	to         fileOptions
	format     string
	registries bool
}

func newReport(a *App) *cobra.Command {
	o := &reportOptions{App: a}
	cmd := &cobra.Command{
		Use: "report", Short: "Report the estate: bases, who lags behind, and what cannot be told", Args: noArguments,
		Long: `Report the base images of the repository: the numbers that a manager asks for first, then
which versions are in use, who lags behind and by how much, and what cannot be told, each with
path and line. It is one file of Markdown or HTML. Nobody is asked but the repository, unless
--registries is given: then registries say what is newer, which tags have moved, and whether what
is published is based on what the Dockerfiles name now. What is not known is said to be unknown.`,
		Example: `  propagate report                           Markdown, for a terminal, an issue or the page of a job
  propagate report -o report.html            one file for a browser, which asks no network
  propagate report --open                    the same, in the browser at once
  propagate report --registries -o report.html`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.take(cmd.Flags().Changed); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.format, "format", "markdown", "`form` of the report: "+strings.Join(reportFormats, ", "))
	cmd.Flags().BoolVar(&o.to.open, "open", false, "open the report in the browser; without a file for -o, a temporary one")
	cmd.Flags().BoolVar(&o.registries, "registries", false, "ask the registries too: what is newer, which tags have moved, and what published images are based on")
	complete(cmd, "format", reportFormats...)
	return cmd
}

// take reads the flags that go together, as those of propagate graph: a file says the form by its ending.
func (o *reportOptions) take(given func(flag string) bool) error {
	if err := o.to.take(reportFiles, &o.output, &o.format, given); err != nil {
		return err
	}
	if o.output == "json" && !given("format") {
		o.format = "json"
	}
	if o.format == "json" && o.to.file == "" {
		o.output = "json"
	}
	switch {
	case !slices.Contains(reportFormats, o.format):
		return usage(fmt.Errorf("--format %s: there is no such form", o.format), strings.Join(reportFormats, ", "))
	case o.to.open && o.format != "html":
		return usage(errors.New("--open: there is no page to open"), "--format html makes one")
	}
	return nil
}

func (o *reportOptions) run(ctx context.Context) error {
	repo, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer repo.Close()
	o.diagnose(repo.Files, false, false)
	o.checkAllPaths(repo)
	o.noteNone(repo)
	doc := report.NewEstate(repo.Revision.Commit, repo.Estate())
	if o.registries {
		if err := o.ask(ctx, repo, doc); err != nil {
			return err
		}
	}
	w, done, err := o.to.target(o.App, "report", o.format)
	if err != nil {
		return err
	}
	return done(o.write(w, repo, doc))
}

// write writes the document in its form.
func (o *reportOptions) write(w io.Writer, repo *monorepo.Repository, doc *report.Estate) error {
	switch o.format {
	case "json":
		return report.WriteJSON(w, doc)
	case "html":
		return estatepage.WriteHTML(w, estatepage.NewView(doc), o.links(repo))
	}
	_, err := io.WriteString(w, estatepage.NewView(doc).Markdown(o.links(repo)))
	return err
}

// links says what places link to. In Markdown they are relative, as a forge reads them of a file at the root, or of one
// where -o puts it. A page links to the forge, where that is known, or else to the files beside it; one on the standard output that
// nobody knows the place of links to nothing.
func (o *reportOptions) links(repo *monorepo.Repository) estatepage.Links {
	isPage := o.format == "html"
	if isPage {
		if pages, ok := repo.FilePages(); ok {
			return estatepage.Links{Root: pages.Root, Line: pages.Line}
		}
	}
	if o.to.file != "" && repo.Dir != "" {
		dir, err := filepath.Abs(filepath.Dir(o.to.file))
		root, err2 := filepath.Abs(repo.Dir)
		if links, ok := estatepage.Beside(filepath.ToSlash(dir), filepath.ToSlash(root)); ok && err == nil && err2 == nil {
			return links
		}
	}
	return estatepage.Links{None: isPage}
}

// ask adds what registries say to a document. What could not be asked stops nothing.
func (o *reportOptions) ask(ctx context.Context, repo *monorepo.Repository, doc *report.Estate) error {
	found, err := repo.Outdated(ctx, monorepo.OutdatedOptions{Ages: true})
	if err != nil {
		return err
	}
	published, silent, err := repo.Published(ctx)
	if err != nil {
		return err
	}
	var unasked []report.EstateUnasked
	for _, s := range silences(found.Images) {
		unasked = append(unasked, report.EstateUnasked{Registry: s.registry, Images: len(s.images), Reason: oneLine(s.why)})
	}
	for _, s := range silent {
		if !slices.ContainsFunc(unasked, func(u report.EstateUnasked) bool { return u.Registry == s.Registry }) {
			unasked = append(unasked, report.EstateUnasked{Registry: s.Registry, Images: s.Images, Reason: oneLine(s.Err.Error())})
		}
	}
	for _, u := range unasked {
		o.notef("note: %s cannot be asked about %s: %s", u.Registry, report.Count(u.Images, "image"), u.Reason)
	}
	doc.AddRegistries(found, published, unasked, o.Now())
	return nil
}
