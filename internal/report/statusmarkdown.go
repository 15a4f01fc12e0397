package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/matihlabs/propagate/bumper"
)

// maxMarkdown is the length in bytes up to which the table of an issue is written. GitHub takes 65,536
// characters; the rest is for what people write around it.
const maxMarkdown = 50000

// WriteMarkdown writes the document as Markdown, for an issue or the page of a job.
func (s *Status) WriteMarkdown(w io.Writer) error {
	_, err := io.WriteString(w, s.Markdown())
	return err
}

// Markdown returns it as a text. It says no time but those of images, so that it stays the same while
// nothing happens.
func (s *Status) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**\n", s.Sum())
	for _, base := range s.Bases {
		fmt.Fprintf(&b, "\n%s", bumper.Code(base.Image+"@"+base.Version))
		switch {
		case base.Published != nil:
			fmt.Fprintf(&b, ", published %s", base.Published.UTC().Format("2006-01-02 15:04 UTC"))
		case base.Reason != nil:
			fmt.Fprintf(&b, ": %s", bumper.Code(*base.Reason))
		}
		b.WriteString("\n")
		rows, left := 0, 0
		for k := range s.Builds {
			build := &s.Builds[k]
			if build.Base != base.Image+"@"+base.Version {
				continue
			}
			if b.Len() > maxMarkdown {
				left++
				continue
			}
			if rows++; rows == 1 {
				b.WriteString("\n| build | exposure | on | pull request | checks | merged | published | exposed | stage |\n|" + strings.Repeat(" --- |", len(headings)) + "\n")
			}
			b.WriteString(build.markdown(s.Forge != nil))
		}
		if left > 0 {
			fmt.Fprintf(&b, "\n… and %d more, for which there is no room here: `propagate status` lists all.\n", left)
		}
	}
	for _, line := range s.unknowns() {
		fmt.Fprintf(&b, "\n%s\n", bumper.Code(line))
	}
	return b.String()
}

// markdown is the row of a build.
func (b *StatusBuild) markdown(noForge bool) string {
	version, pull, checks, merged, published, exposed := b.cells(noForge)
	if b.Pull != nil && !noForge {
		pull = fmt.Sprintf("#%d %s", b.Pull.Number, b.Pull.State) // which the forge makes a link
	}
	if version = dash(version); version != "-" {
		version = bumper.Cell(version)
	}
	cells := []string{bumper.Cell(b.Path + target(b.Target)), b.Exposure, version, pull, checks, merged, published, exposed, plainCell(b.stageText())}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// plainCell is a text of our own, with names of others in it, as a cell.
func plainCell(s string) string {
	for _, mark := range []string{": ", "waits for "} {
		if head, names, ok := strings.Cut(s, mark); ok {
			return head + mark + bumper.Cell(names)
		}
	}
	return s
}

// statusMarks are what stands before and behind the table in the text of an issue: each rollout has its own.
func (s *Status) statusMarks() (begin, end string) {
	var names []string
	for _, base := range s.Bases {
		names = append(names, base.Image+"@"+base.Version)
	}
	id := strings.Join(names, " ")
	return "<!-- propagate status of " + id + " -->", "<!-- end of propagate status of " + id + " -->"
}

// Within returns the text of an issue with the table brought up to date: between its marks, or at the end where
// there are none. What people write around it stays.
func (s *Status) Within(body string) string {
	begin, end := s.statusMarks()
	table := begin + "\n" + strings.TrimSpace(s.Markdown()) + "\n" + end
	unix := strings.ReplaceAll(body, "\r\n", "\n")
	if from := strings.Index(unix, begin); from >= 0 {
		if to := strings.Index(unix[from:], end); to >= 0 {
			if made := unix[:from] + table + unix[from+to+len(end):]; made != unix {
				return made
			}
			return body
		}
		// Without its end nobody knows where it ends: what is there is a person's.
		unix = unix[:from] + unix[from+len(begin):]
	}
	if unix = strings.TrimRight(unix, " \t\n"); unix != "" {
		unix += "\n\n"
	}
	return unix + table + "\n"
}
