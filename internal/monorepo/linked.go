package monorepo

import (
	"path"
	"slices"
	"time"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/scanner"
)

// Linked returns the build that other builds of its build file know by a name (see Build.Names and
// Build.Links), as an item of its own, whether or not a plan has it; ok is false where there is none.
func (r *Repository) Linked(p *bumper.Plan, name string) (item *bumper.Item, build Build, ok bool) {
	var file *scanner.File
	r.eachBuild(func(b *buildfile.Build, of *scanner.File) {
		if b.Name == name && file == nil {
			file = of
		}
	})
	if file == nil {
		return nil, Build{}, false
	}
	item = &bumper.Item{Dependent: graph.Dependent{Node: r.Graph().Node(file), File: file, Context: path.Dir(file.Origin.Path)}}
	for _, b := range r.BuildsOf(p, item) {
		if slices.Contains(b.Names, name) {
			return item, b, true
		}
	}
	return nil, Build{}, false
}

// Committed returns when the revision was committed; ok is false for a plain directory.
func (r *Repository) Committed() (when time.Time, ok bool, err error) {
	if r.git == nil || r.Revision.Commit == "" {
		return time.Time{}, false, nil
	}
	c, ok, err := r.git.Commit(r.Revision.Commit)
	return c.Committer.When, ok, err
}
