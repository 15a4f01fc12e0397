package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/matihlabs/propagate/internal/screen"
)

// A page is a text for people that is written at once when it is complete.
type page struct {
	strings.Builder
	on *screen.Screen
}

func newPage(w io.Writer) *page { return &page{on: screen.Of(w)} }

// add adds a text, and printf one that is formatted: a strings.Builder takes everything.
func (p *page) add(text string) { _, _ = p.WriteString(text) }

func (p *page) printf(format string, args ...any) { _, _ = fmt.Fprintf(p, format, args...) }

// table adds rows, see [screen.Screen.Table].
func (p *page) table(rows []string, head bool) { p.add(p.on.Table(rows, head)) }

// hint adds what to do, in a line.
func (p *page) hint(indent, text string) {
	p.add(indent + p.on.Paint(screen.Advice, "hint:") + " " + text + "\n")
}

// sum adds the line that says what all comes to.
func (p *page) sum(text string) { p.add(p.on.Paint(screen.Strong, text) + "\n") }

// end writes it.
func (p *page) end() error {
	_, err := io.WriteString(p.on, p.String())
	return err
}
