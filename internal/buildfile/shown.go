package buildfile

import (
	"cmp"
	"slices"

	"github.com/matihlabs/propagate/internal/buildfile/makefile"
	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// Shown returns the parts of a script or a Makefile that no command reads as data: the text that
// it prints, hands to programs such as git and curl, or compares, and what stands behind its end.
// A name and a version in these are a changelog or a usage, and no row of a table. Nothing is
// known to be shown of a script that does not parse. The parts are in the order of the file,
// and none lies in another.
func Shown(f *trace.File) []source.Span {
	find := shell.Shown
	if reading.KindOf(f.Path) == reading.Makefile {
		find = makefile.Shown
	}
	all := find(f.Src)
	slices.SortFunc(all, func(a, b source.Span) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End)) })
	end := 0
	return slices.DeleteFunc(all, func(s source.Span) bool {
		if s.End <= end {
			return true
		}
		end = s.End
		return false
	})
}
