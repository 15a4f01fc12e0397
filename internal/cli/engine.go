package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/source"
)

// engineOptions are what of a matrix is printed.
type engineOptions struct {
	wave, page int // 0 is all
	pages      bool
	isSet      func(flag string) bool
}

func (o *engineOptions) add(cmd *cobra.Command) {
	cmd.Flags().IntVar(&o.wave, "wave", 0, "with -o github-matrix or bake, print wave `N` alone; a bake file takes from registries then what earlier waves make")
	cmd.Flags().IntVar(&o.page, "page", 0, fmt.Sprintf("with -o github-matrix, print page `N`, from 1, of pages of %d builds", monorepo.MostJobs))
	cmd.Flags().BoolVar(&o.pages, "pages", false, "with -o github-matrix, print how many builds, pages and waves there are")
	o.isSet = cmd.Flags().Changed
}

// check looks at the flags that belong to one output, and to each other.
func (o *engineOptions) check(output string) error {
	for _, flag := range []struct {
		name  string
		value int
	}{{"wave", o.wave}, {"page", o.page}} {
		if o.isSet(flag.name) && flag.value < 1 {
			return usage(fmt.Errorf("--%s %d: it is a number from 1", flag.name, flag.value), "without --"+flag.name+" all are printed")
		}
	}
	for _, flag := range []struct{ name, outputs string }{{"wave", "github-matrix bake"}, {"page", "github-matrix"}, {"pages", "github-matrix"}} {
		if outputs := strings.Fields(flag.outputs); o.isSet(flag.name) && !slices.Contains(outputs, output) {
			return usage(fmt.Errorf("--%s: it is for -o %s", flag.name, strings.Join(outputs, " and -o ")), "leave it out, or use -o github-matrix")
		}
	}
	if o.pages && o.page != 0 {
		return usage(errors.New("--pages: it counts the pages of which --page prints one"), "use one of them")
	}
	return nil
}

// writeAffected prints what is affected in the form that -o asks for.
func (a *App) writeAffected(repo *monorepo.Repository, p *bumper.Plan, doc *report.Affected, o engineOptions) error {
	from, err := a.buildSource(repo, p)
	if err != nil {
		return err
	}
	doc.SetSource(from)
	switch a.output {
	case "paths":
		quote := source.QuotePath
		if a.inWorkflow() {
			quote = source.QuoteWorkflowPath
		}
		return doc.WritePaths(a.Stdout, quote)
	case "github-matrix":
		return a.writeMatrix(doc.Matrix(), o)
	case "bake":
		bake := doc.Bake()
		if o.wave > 0 {
			bake = bake.OfWave(o.wave)
		}
		return report.WriteJSON(a.Stdout, bake)
	case "gitlab":
		return doc.WriteGitLab(a.Stdout)
	case "azure":
		return doc.WriteAzure(a.Stdout)
	}
	return a.report(doc)
}

// writeMatrix prints a matrix of GitHub Actions, or a part of it.
func (a *App) writeMatrix(matrix report.Matrix, o engineOptions) error {
	waves := matrix.Pages(monorepo.MostJobs).Waves
	if o.wave > 0 {
		matrix = matrix.OfWave(o.wave)
	}
	switch n := len(matrix.Include); {
	case o.pages:
		pages := matrix.Pages(monorepo.MostJobs)
		pages.Waves = waves
		return report.WriteCompactJSON(a.Stdout, pages)
	case o.page > 0:
		matrix = matrix.Page(o.page, monorepo.MostJobs)
	case n > monorepo.MostJobs:
		a.notef("note: the matrix has %d entries: GitHub Actions runs at most %d jobs of one", n, monorepo.MostJobs)
		a.notef("hint: --page 1 to --page %d print it in pages", matrix.Pages(monorepo.MostJobs).Pages)
	}
	return report.WriteCompactJSON(a.Stdout, matrix)
}

// buildSource says what builds are made from. Images are as old as the commit, unless SOURCE_DATE_EPOCH says
// otherwise.
func (a *App) buildSource(repo *monorepo.Repository, p *bumper.Plan) (s report.BuildSource, err error) {
	s.Revision = repo.Revision.Commit
	s.Linked = func(name string) (*bumper.Item, monorepo.Build, bool) { return repo.Linked(p, name) }
	if epoch := strings.TrimSpace(a.Getenv("SOURCE_DATE_EPOCH")); epoch != "" {
		seconds, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil || seconds < 0 || seconds > maxEpoch {
			return s, usage(fmt.Errorf("SOURCE_DATE_EPOCH %s: it is a number of seconds since 1970", strconv.Quote(epoch)), "git log -1 --format=%ct prints that of the last commit")
		}
		s.Created = time.Unix(seconds, 0)
		return s, nil
	}
	when, ok, err := repo.Committed()
	if ok {
		s.Created = when
	}
	return s, err
}

// maxEpoch is the last second of the year 9999, which is the last that RFC 3339 has.
const maxEpoch = 253402300799
