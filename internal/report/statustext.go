package report

import (
	"fmt"
	"io"
	"strings"
)

// WriteText writes a table of the builds of each base, why they are not patched, and one line that sums up.
func (s *Status) WriteText(w io.Writer) error {
	b := newPage(w)
	for i, base := range s.Bases {
		if i > 0 {
			b.add("\n")
		}
		b.printf("%v\n", Clean(base.text()))
		var rows, reasons []string
		for k := range s.Builds {
			build := &s.Builds[k]
			if build.Base != base.Image+"@"+base.Version {
				continue
			}
			version, pull, checks, merged, published, exposed := build.cells(s.Forge != nil)
			name := build.Path + target(build.Target)
			rows = append(rows, row("  "+build.Exposure, dash(version), pull, checks, merged, published, exposed, build.stageText(), name))
			if reason := build.reason(); reason != "" {
				reasons = append(reasons, fmt.Sprintf("  %s: %s", Clean(name), Clean(reason)))
			}
		}
		if len(rows) > 0 {
			rows = append([]string{"  " + strings.Join(headings, "\t")}, rows...)
		}
		b.table(rows, len(rows) > 0)
		writeReasons(b, reasons, s.whole)
	}
	for _, line := range s.unknowns() {
		b.printf("\n%s\n", Clean(line))
	}
	if len(s.Bases) > 0 {
		b.add("\n")
	}
	b.sum(s.Sum())
	return b.end()
}

// writeReasons writes why builds are not patched, the first of them unless all are asked for.
func writeReasons(b *page, reasons []string, whole bool) {
	const most = 10
	if len(reasons) == 0 {
		return
	}
	b.add("\n  why what is published is not known to be patched\n")
	for i, reason := range reasons {
		if i == most && !whole {
			b.printf("    and %d more\n", len(reasons)-most)
			b.hint("    ", listsAll)
			return
		}
		b.printf("  %s\n", reason)
	}
}
