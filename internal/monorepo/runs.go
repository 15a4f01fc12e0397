package monorepo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
)

// runs are the services of compose files that run a repository, or one that ends in it, and are built nowhere in them, and
// the jobs of pipelines that run in one. What
// the configuration finds in a file as references is not among them.
func (r *Repository) runs(repository string) []buildfile.Use {
	var all []buildfile.Use
	for _, use := range r.Builds.Uses {
		image, err := imageref.Parse(use.Image.S)
		if err != nil || image.Repository != repository && !strings.HasSuffix(image.Repository, "/"+repository) || len(r.Config.Patterns(use.Pos.Path)) > 0 {
			continue
		}
		all = append(all, use)
	}
	return all
}

// A Run is a service of a compose file that runs an image of the graph and does not build it.
type Run struct {
	Image   *graph.Node // the line of it
	Ref     imageref.Ref
	Service string
	Pos     source.Pos
}

// Runs returns the services that run images of the graph, by place.
func (r *Repository) Runs() []Run {
	var all []Run
	for _, use := range r.Builds.Uses {
		ref, err := imageref.Parse(use.Image.S)
		if err != nil || use.IsJob() || len(r.Config.Patterns(use.Pos.Path)) > 0 {
			continue
		}
		lines := r.Graph().LinesOf(ref.Repository, ref.Tag)
		if len(lines) == 0 {
			lines = r.Graph().Lines(ref.Repository)
		}
		if len(lines) > 0 {
			all = append(all, Run{lines[0], ref, use.Service, use.Pos})
		}
	}
	slices.SortStableFunc(all, func(a, b Run) int { return a.Pos.Compare(b.Pos) })
	return all
}

// noteRuns says which services run an older version of a bumped base, or of a derived one that gets
// another, themselves: a plan leaves them as they are, unless it edits what they get the version from.
func (r *Repository) noteRuns(p *bumper.Plan) []*source.Error {
	bumps := slices.Clone(p.Bumps)
	for _, derived := range p.Derived {
		if derived.Tag != "" { // otherwise its tags move
			bumps = append(bumps, derived.Bump)
		}
	}
	var notes []*source.Error
	said := map[source.Pos]bool{}
	for _, bump := range bumps {
		uses := slices.DeleteFunc(r.runs(bump.Image), func(use buildfile.Use) bool {
			image, _ := imageref.Parse(use.Image.S)
			return said[use.Pos] || !concerns(bump, image) || moves(p, use)
		})
		for i, use := range uses {
			said[use.Pos] = true
			err := fmt.Errorf("%s runs %s itself; it stays as it is", use.Who(), use.Image.S)
			if more := len(uses) - maxRuns; more > 0 && i == maxRuns-1 {
				err = fmt.Errorf("%s runs %s itself, and there are %d more of its kind; they stay as they are: --verbose lists them", use.Who(), use.Image.S, more)
			} else if i >= maxRuns {
				continue
			}
			notes = append(notes, &source.Error{
				Pos: use.Pos, Code: source.CodeRuns, Err: err,
				Hint: "references: in the configuration, with a pattern for the file, moves it along",
			})
		}
	}
	return notes
}

// maxRuns is how many services and jobs that run one image are named. A pipeline may have a hundred jobs.
const maxRuns = 5

// moves reports whether a plan edits a part of the image that a service runs.
func moves(p *bumper.Plan, use buildfile.Use) bool {
	for _, item := range p.Items {
		for _, edit := range item.Edits {
			for _, piece := range use.Image.Pieces() {
				if piece.File != nil && piece.File.Path == edit.Path && piece.Span.Overlaps(edit.Span) {
					return true
				}
			}
		}
	}
	return false
}

// concerns reports whether a bump is for an image that something runs: for one of its scheme that is
// older, or of which no version is known.
func concerns(bump bumper.Bump, image imageref.Ref) bool {
	switch {
	case bump.From != "":
		return image.Tag == bump.From || image.Digest == bump.From
	case bump.Tag == "" || image.Tag == "":
		return bump.Digest == "" || image.Digest != bump.Digest
	}
	from, known := imageref.ParseTag(image.Tag)
	to, ok := imageref.ParseTag(bump.Tag)
	return known && ok && from.SameScheme(to) && from.Compare(to) < 0
}
