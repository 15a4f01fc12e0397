package snapshot

import (
	"slices"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/config"
)

// ignore marks the diagnostics that the configuration does not want reported, and drops
// such problems of build files and notes. It returns all that there were.
func (r *reader) ignore() []config.Problem {
	if len(r.Config.Diagnostics.Ignore) == 0 {
		return nil
	}
	var all []config.Problem
	ignores := func(p config.Problem) bool {
		all = append(all, p)
		return r.Config.IgnoresProblem(p)
	}
	for _, file := range r.Files {
		for i := range file.Diagnostics {
			d, path := &file.Diagnostics[i], file.Path
			if file.IsInline() {
				path = d.Pos.Path
			}
			d.Ignored = ignores(config.Problem{Code: d.Code, Path: path})
		}
	}
	r.Builds.Problems = slices.DeleteFunc(r.Builds.Problems, func(p buildfile.Problem) bool {
		return ignores(config.Problem{Code: p.Code, Path: p.Pos.Path})
	})
	for _, n := range r.Notes {
		ignores(config.Problem{Code: n.Code, Path: n.Pos.Path})
	}
	r.Notes = r.Config.Reported(r.Notes)
	return all
}
