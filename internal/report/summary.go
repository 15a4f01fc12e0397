package report

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/matihlabs/propagate/internal/source"
)

// mostSummarized is how many rows a table of a summary has: GitHub takes a mebibyte for each step.
const mostSummarized = 500

// WriteMarkdown writes the summary of a run for the page of a job, as of now. Whatever comes from the
// repository, or from a server, stands in code spans, where it does nothing.
func (p *Plan) WriteMarkdown(w io.Writer, now time.Time) error {
	var b strings.Builder
	b.WriteString("## propagate\n\n")
	for _, base := range p.Bases {
		fmt.Fprintf(&b, "* %s is at %s\n", codeSpan(base.Image), codeSpan(base.Version))
	}
	if sum := p.sum(p.rows); sum != "" {
		fmt.Fprintf(&b, "\n%s\n", codeSpan(sum))
	}
	if len(p.Changes) > 0 {
		b.WriteString("\n| state | change | where | builds | why |\n| --- | --- | --- | ---: | --- |\n")
		summarize(&b, p.Changes, func(c Change) {
			why := cmp.Or(strings.Join(c.failures, "; "), deref(c.Lacking), deref(c.Note))
			fmt.Fprintf(&b, "| %s | %s | %s | %d | %s |\n", c.State, codeSpan(c.Title), c.Pull.markdown(c.Branch), len(c.Services), codeSpan(why))
		})
	}
	if len(p.Closed) > 0 {
		b.WriteString("\n| closed | why |\n| --- | --- |\n")
		summarize(&b, p.Closed, func(c Closed) {
			why := c.Why
			if c.Error != nil {
				why += "; error: " + *c.Error
			}
			fmt.Fprintf(&b, "| %s | %s |\n", c.Pull.markdown(c.Branch), codeSpan(why))
		})
	}
	if len(p.Kept) > 0 {
		b.WriteString("\n| withdrawn, and for a person to close | why |\n| --- | --- |\n")
		summarize(&b, p.Kept, func(k Kept) {
			fmt.Fprintf(&b, "| %s | %s |\n", k.Pull.markdown(k.Branch), codeSpan(k.Why+"; it stays open: "+k.Holds))
		})
	}
	if n := len(p.Postponed); n > 0 {
		fmt.Fprintf(&b, "\n%s left for another run, since no more pull requests are to be opened.\n", Count(n, "change"))
	}
	if s := p.Stopped; s != nil {
		fmt.Fprintf(&b, "\n**%d of %s done, %d left.** %s: %s\n", s.Done, Count(s.Done+s.Left, "change"), s.Left, codeSpan(s.Error), Again(s.at, now))
	}
	if n := p.Totals.Pending; n > 0 {
		fmt.Fprintf(&b, "\n%s for a derived base that is not published yet.\n", waits(n))
	}
	if len(p.Changes) == 0 {
		fmt.Fprintf(&b, "\n%s\n", codeSpan(strings.Join(append([]string{p.nothing()}, p.hints()...), "; ")))
	}
	if p.showsCost {
		fmt.Fprintf(&b, "\n%s.\n", p.Cost)
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// summarize writes the rows of a table, the first ones of many.
func summarize[T any](b *strings.Builder, all []T, write func(T)) {
	for _, row := range all[:min(mostSummarized, len(all))] {
		write(row)
	}
	if n := len(all) - mostSummarized; n > 0 {
		fmt.Fprintf(b, "\n%d more\n", n)
	}
}

func waits(n int) string {
	if n == 1 {
		return "1 build waits"
	}
	return fmt.Sprintf("%d builds wait", n)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// plainURL is one that cannot end the link that it stands in.
var plainURL = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\Ahttps?://[A-Za-z0-9.:-]+(?:/[A-Za-z0-9._~/-]*)?\z`)
})

// markdown links to a pull request; without one it is the branch.
func (p *Pull) markdown(branch string) string {
	switch {
	case p == nil:
		return codeSpan(branch)
	case !plainURL().MatchString(p.URL):
		return fmt.Sprintf("`#%d`", p.Number)
	}
	return fmt.Sprintf("[%d](%s)", p.Number, p.URL)
}

// codeSpan sets a text in a code span of a table: on one line, of bounded length, and inert.
func codeSpan(s string) string {
	if s == "" {
		return ""
	}
	s = source.Clean(shorten(strings.Join(strings.Fields(s), " ")))
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		s = " " + s + " "
	}
	return fence + strings.ReplaceAll(s, "|", `\|`) + fence
}

// FailureMarkdown is the summary of a run that ended with errors, one a line.
func FailureMarkdown(errors []string) string {
	var b strings.Builder
	b.WriteString("## propagate failed\n\n")
	for i, text := range errors {
		if i == mostSummarized {
			fmt.Fprintf(&b, "* %d more\n", len(errors)-i)
			break
		}
		fmt.Fprintf(&b, "* %s\n", codeSpan(text))
	}
	return b.String() + "\n"
}
