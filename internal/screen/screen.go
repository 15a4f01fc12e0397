// Package screen lays out texts for people: as wide as their terminal, with colours or
// without. [New] is a terminal of some width; whatever else is written to, such as a pipe, is
// one without limits and without colours, see [Of].
//
// # Limitations
//
// A word is never broken: a path or a reference that is wider than the terminal stays whole on a
// line of its own. What the terminal makes of emoji is not known; the widths are those of Unicode.
package screen

import (
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// The library judges by the environment of the process whether there are colours, and how wide
// "…" is. Both are for the caller to say: the same text is the same bytes everywhere.
func init() {
	text.EnableColors()
	text.OverrideRuneWidthEastAsianWidth(false)
}

// Narrowest is the width that a narrower terminal is taken for: below it tables are no tables.
const Narrowest = 40

// A Screen is what a text is written to.
type Screen struct {
	w      io.Writer
	width  int // in cells; 0 is no limit
	colors bool
}

// New returns a screen of so many cells in a line that writes to w; a width of 0 sets no limit.
func New(w io.Writer, width int, colors bool) *Screen {
	if width > 0 {
		width = max(width, Narrowest)
	}
	return &Screen{w: w, width: width, colors: colors}
}

// Of returns the screen that w is, or one without a limit and without colours that writes to it.
func Of(w io.Writer) *Screen {
	if s, ok := w.(*Screen); ok {
		return s
	}
	return New(w, 0, false)
}

// Write implements io.Writer. It breaks lines that are too long at blanks, and indents what
// follows. A line has to come in one piece.
func (s *Screen) Write(data []byte) (int, error) {
	if s.width == 0 {
		return s.w.Write(data)
	}
	var b strings.Builder
	for line := range strings.Lines(string(data)) {
		content := strings.TrimSuffix(line, "\n")
		b.WriteString(s.wrap(content, Cells(content[:indentOf(content)])+hanging) + line[len(content):])
	}
	if _, err := io.WriteString(s.w, b.String()); err != nil {
		return 0, err
	}
	return len(data), nil
}

// hanging is how far what follows of a line is indented.
const hanging = 4

// indentOf is how many bytes a line begins with that are blanks, or the lines of a tree.
func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " │├└─")) }

// wrap breaks a line at blanks; what follows the first of its parts has the indent.
func (s *Screen) wrap(line string, indent int) string {
	return strings.Join(s.Lines(line, 0, indent), "\n"+strings.Repeat(" ", indent))
}

// Lines breaks a line at blanks, so that the first part fits behind so many cells of the screen, and
// each other one behind so many. A word that fits nowhere is not broken.
func (s *Screen) Lines(line string, first, others int) []string {
	var lines []string
	for taken := first; s.width > 0 && Cells(line) > s.width-taken; taken = others {
		head, rest := cut(line, s.width-taken)
		if rest == "" {
			break
		}
		lines, line = append(lines, head), rest
	}
	return append(lines, line)
}

// cut cuts a line at the last blank that leaves at most limit cells before it, or else at the
// first one. What it is indented by is no place to cut.
func cut(line string, limit int) (head, rest string) {
	at := 0
	for i := indentOf(line) + 1; i < len(line); i++ {
		if line[i] != ' ' || line[i-1] == ' ' {
			continue
		}
		if at > 0 && Cells(line[:i]) > limit {
			break
		}
		at = i
	}
	if at == 0 {
		return line, ""
	}
	return line[:at], strings.TrimLeft(line[at:], " ")
}

// Fits reports whether a text has room behind so many cells.
func (s *Screen) Fits(words string, taken int) bool {
	return s.width == 0 || taken+Cells(words) <= s.width
}

// Cells is how wide a text is on a terminal.
func Cells(line string) int { return text.StringWidthWithoutEscSequences(line) }

// A Style is how a part of a text looks where there are colours.
type Style text.Color

// The styles.
const (
	Strong  Style = Style(text.Bold)
	Good    Style = Style(text.FgGreen)
	Bad     Style = Style(text.FgRed)
	Careful Style = Style(text.FgYellow)
	Advice  Style = Style(text.FgCyan)
)

// Paint gives a text a style, where there are colours.
func (s *Screen) Paint(style Style, words string) string {
	if !s.colors || words == "" {
		return words
	}
	return text.Colors{text.Color(style)}.Sprint(words)
}

// Table returns rows of tab-separated cells as aligned lines; the first row is a heading if head
// says so. A row of one cell stands for itself. Where a row is too wide, the cells that do not
// fit follow in lines of their own, each with its heading but for paths and references; "-" is left
// out there. Nothing is cut.
func (s *Screen) Table(rows []string, head bool) string {
	cells := make([][]string, len(rows))
	for i, row := range rows {
		cells[i] = strings.Split(row, "\t")
	}
	widths := s.widths(cells)
	var b strings.Builder
	for i, row := range cells {
		fit := s.fits(row, widths)
		if head && len(row) > 1 {
			fit = min(fit, s.fits(cells[0], widths)) // no cell is without a heading
		}
		line := row[fit-1]
		for k := fit - 2; k >= 0; k-- {
			line = text.Pad(row[k], widths[k], ' ') + gap + line
		}
		lines := []string{strings.TrimRight(line, " ")}
		if behind := below(row, fit, cells[0], head); len(behind) > 0 && (!head || i > 0) {
			indent := indentOf(row[0]) + hanging
			rest := s.wrap(strings.Repeat(" ", indent)+strings.Join(behind, gap), indent)
			lines = append(lines, strings.Split(rest, "\n")...)
		}
		for _, line := range lines {
			if head && i == 0 {
				line = s.Paint(Strong, line)
			}
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// below returns what follows below the first cells of a row.
func below(row []string, fit int, headings []string, head bool) []string {
	if !head {
		return row[fit:]
	}
	var all []string
	for i, cell := range row[fit:] {
		switch i += fit; {
		case cell == "" || cell == "-":
		case i >= len(headings) || strings.Contains(cell, "/"):
			all = append(all, cell)
		default:
			all = append(all, strings.ToLower(headings[i])+" "+cell)
		}
	}
	return all
}

// gap stands between two columns.
const gap = "  "

// widths returns how wide the columns are. What is wider than half of the screen does not push
// the columns of all other rows away, unless these have room beside it, and neither does what
// nothing follows.
func (s *Screen) widths(rows [][]string) []int {
	var widths, all []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(all) {
				all = append(all, 0)
			}
			if i > 0 {
				all[i] = max(all[i], Cells(cell)+len(gap))
			}
		}
	}
	first := s.width
	for _, n := range all {
		first -= n
	}
	for _, row := range rows {
		for i, cell := range row[:len(row)-1] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			if n := Cells(cell); s.width == 0 || n <= s.width/2 || i == 0 && n <= first {
				widths[i] = max(widths[i], n)
			}
		}
	}
	return widths
}

// fits returns how many cells of a row stand in its first line, one at least.
func (s *Screen) fits(row []string, widths []int) int {
	if s.width == 0 {
		return len(row)
	}
	at := 0
	for i, cell := range row {
		n := Cells(cell)
		if i > 0 && at+n > s.width {
			return i
		}
		if i < len(widths) && n > widths[i] && i < len(row)-1 {
			return i + 1 // it reaches into the next columns
		}
		if i < len(widths) {
			at += widths[i] + len(gap)
		}
	}
	return len(row)
}
