package monorepo

import (
	"fmt"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/source"
)

// Sources returns the files that were read for builds, by path.
func (r *Repository) Sources() []buildfile.Source { return r.Builds.Sources(r.Others) }

// maxNoted is the number of files of which it is said without being asked that something in
// them is not understood.
const maxNoted = 10

// noteBuilds says what of the build files is not understood: the first command that builds of
// each file as a note, and the rest, and what is in vendored trees, for who wants more.
func (r *Repository) noteBuilds() {
	o := &r.options
	noted := map[source.Pos]bool{}
	defer func() {
		for _, p := range r.Builds.Problems {
			if !noted[p.Pos] {
				o.detail("%s: %s%s", source.Clean(p.Pos.String()), source.Clean(p.Message), p.Code.Suffix())
			}
		}
		for _, use := range r.Builds.Uses {
			o.detail("%s: %s runs %s", source.Clean(use.Pos.String()), use.Who(), source.Clean(use.Image.S))
		}
	}()
	var first []buildfile.Problem
	more := map[string]int{}
	treeOf := r.vendoredTrees()
	for _, p := range r.Builds.Problems {
		switch p.Code {
		case source.CodeNotUnderstood, source.CodeNotRead, source.CodeBuildFileLimit, source.CodeBuildFileSyntax:
		default:
			continue
		}
		if treeOf(p.Pos.Path) != "" {
			continue // what others maintain is for who asks
		}
		if more[p.Pos.Path]++; more[p.Pos.Path] == 1 {
			first = append(first, p)
		}
	}
	for i, p := range first {
		if i == maxNoted {
			o.note("%s more have builds that are not understood or not read; propagate scan --sources lists them", source.Count(len(first)-i, "file"))
			return
		}
		text := fmt.Sprintf("%s: %s", p.Pos, p.Message)
		if n := more[p.Pos.Path] - 1; n > 0 {
			text += fmt.Sprintf(" (and %d more in this file)", n)
		}
		noted[p.Pos] = true
		o.say(Message{Kind: Note, Text: text, Code: p.Code})
	}
}
