package cli

import (
	"slices"
	"unicode/utf8"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/source"
)

// checkPaths names the paths that the output should hold and JSON cannot: a string of JSON
// is Unicode text, and git takes any bytes. They leave the answer incomplete.
func (a *App) checkPaths(paths ...string) {
	if !a.inJSON() {
		return
	}
	paths = slices.DeleteFunc(paths, utf8.ValidString)
	slices.Sort(paths)
	for _, p := range slices.Compact(paths) {
		a.leave(false)
		text := source.QuoteBytes(p) + ": the path is not valid UTF-8: JSON cannot hold it as it is"
		a.warnf("propagate: %s", text)
		a.annotate(source.Pos{}, text, "")
	}
	if len(paths) > 0 {
		a.warnf("hint: rename it, or read it from propagate affected -o paths, which prints it as it is")
	}
}

// checkPlanPaths is checkPaths for what a plan is about.
func (a *App) checkPlanPaths(p *bumper.Plan) {
	var paths []string
	for _, item := range slices.Concat(p.Items, p.Records) {
		paths = append(paths, item.File.Path)
		for _, e := range item.Edits {
			paths = append(paths, e.Path)
		}
		for _, s := range item.Skips {
			paths = append(paths, s.Pos.Path)
		}
	}
	a.checkPaths(paths...)
}

// checkAllPaths is checkPaths for all that was read.
func (a *App) checkAllPaths(repo *monorepo.Repository) {
	paths := slices.Concat(repo.Templates, repo.Others)
	for _, f := range repo.Files {
		paths = append(paths, f.Path)
	}
	a.checkPaths(paths...)
}
