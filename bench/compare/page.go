//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// A page is what is published of the figures.
type page struct {
	machine, command string
	runs             int
	rows             []row
	outcomes         []outcome
}

func (p *page) add(r row, o outcome) {
	p.rows, p.outcomes = append(p.rows, r), append(p.outcomes, o)
}

// missed returns the rows whose bar is not met, and those that were not run.
func (p *page) missed() []string {
	var names []string
	for i, o := range p.outcomes {
		if !o.met && p.rows[i].bar != "" {
			names = append(names, p.rows[i].name)
		}
	}
	return names
}

// table returns the figures as a Markdown table.
func (p *page) table() string {
	var b strings.Builder
	b.WriteString("| work | bar | measured | met | propagate | against |\n| --- | --- | --- | --- | --- | --- |\n")
	for i, r := range p.rows {
		o := p.outcomes[i]
		if o.missing != "" {
			fmt.Fprintf(&b, "| %s | %s | cannot be run: %s | | | |\n", r.work, r.bar, strings.ReplaceAll(o.missing, "\n", " "))
			continue
		}
		met := map[bool]string{true: "yes", false: "**no**"}[o.met]
		if r.bar == "" {
			met = ""
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", r.work, r.bar, o.measured, met, o.ours, o.theirs)
	}
	return b.String()
}

// machine says what the figures were made on, without saying whose it is.
func machine(ctx context.Context) string {
	git, err := output(ctx, "", "git", "--version")
	if err != nil {
		git = "git of an unknown version"
	}
	return fmt.Sprintf("%d cores, %s/%s, %s, %s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), git)
}

const pageText = `# Performance

What propagate takes, against the plain means of doing the same, on generated monorepos of 10,000, 50,000 and 200,000
files with one Dockerfile among 40 ([bench](../bench)). %s. Both sides of a row ran alternately, once to warm up and
%d times that count; times and memory are medians, and the ratio is the median of those of pairs. Cold means that
propagate's own cache is empty; the files of the repository are in memory on all sides. A side is described by its
wall-clock time, the CPU time with that of all processes it started, and its peak memory.

%s
![Time of a scan over the number of files](performance.svg)

Made by this command in ` + "`bench`" + `, with Renovate installed by ` + "`make bench-tools`" + `:

` + "```text\n%s\n```\n"

// write writes the page and its plot into dir. Figures that are not complete, or
// rest on too few runs, are not published.
func (p *page) write(dir string, points []point) error {
	for i, o := range p.outcomes {
		if o.missing != "" {
			return fmt.Errorf("%s is not written: row %s could not be run", filepath.Join(dir, "performance.md"), p.rows[i].name)
		}
	}
	if len(p.rows) < len(rows) || p.runs < enough {
		return fmt.Errorf("%s is not written: it takes all rows, and %d runs", filepath.Join(dir, "performance.md"), enough)
	}
	text := fmt.Sprintf(pageText, "Measured on "+p.machine, p.runs, p.table(), p.command)
	if err := os.WriteFile(filepath.Join(dir, "performance.svg"), []byte(plot(points)), 0o666); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "performance.md"), []byte(text), 0o666)
}
