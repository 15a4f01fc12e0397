package cli

import (
	"slices"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// diagnose prints what is wrong with the Dockerfiles. A file that could not be
// read leaves the answer incomplete, and so does an unresolved reference when the
// command is strict. Other errors are listed by the commands that list everything,
// and counted by those that are asked about one base; warnings are for who wants
// more.
func (a *App) diagnose(files []*scanner.File, strict, list bool) {
	unresolved, last := 0, ""
	said := map[scanner.Diagnostic]bool{} // several builds of a Dockerfile say the same
	for _, file := range files {
		counted := false
		for _, d := range file.Diagnostics {
			if said[d] {
				continue
			}
			said[d] = true
			fatal := d.Severity == scanner.Error && (strict || file.Unreadable || d.Code == source.CodeTooManyBuilds)
			switch {
			case d.Ignored:
				continue
			case fatal:
				a.leave(false)
				a.warnf("propagate: %s: %s%s", report.Clean(d.Pos.String()), report.Clean(d.Message), d.Code.Suffix())
			case d.Severity == scanner.Error && list && !a.quiet, a.verbose:
				a.warnf("%s: %s: %s%s", report.Clean(d.Pos.String()), d.Severity, report.Clean(d.Message), d.Code.Suffix())
			default:
				counted = counted || d.Severity == scanner.Error
				continue
			}
			if d.Hint != "" && (fatal || a.verbose) {
				a.warnf("hint: %s", report.Clean(d.Hint))
			}
			if fatal {
				a.annotate(d.Pos, report.Clean(d.Message)+d.Code.Suffix(), report.Clean(d.Hint))
			}
		}
		if counted && file.Path != last {
			unresolved++
			last = file.Path
		}
	}
	if unresolved > 0 {
		a.notef("note: %s could not be understood in full; propagate scan lists why", report.Count(unresolved, "Dockerfile"))
	}
}

// diagnosePlan is diagnose for what plans are about: a Dockerfile that cannot be read,
// and that names none of the images that the bases reach, is a note.
func (a *App) diagnosePlan(repo *monorepo.Repository, strict bool, plans ...*bumper.Plan) {
	var files []*scanner.File
	for _, f := range repo.Files {
		isRelated := func(p *bumper.Plan) bool { return !repo.Unrelated(f, p) }
		if !f.Unreadable || strict || slices.ContainsFunc(plans, isRelated) {
			files = append(files, f)
			continue
		}
		for _, d := range f.Diagnostics {
			a.notef("note: %s: %s; it names no image that the bases reach%s", report.Clean(d.Pos.String()), report.Clean(d.Message), d.Code.Suffix())
		}
	}
	a.diagnose(files, strict, false)
}
