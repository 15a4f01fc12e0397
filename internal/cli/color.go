package cli

import (
	"cmp"
	"io"
	"strconv"
	"strings"

	"github.com/matihlabs/propagate/internal/screen"
)

// colors reports whether what goes to a terminal, or to anything else, is coloured
// (https://no-color.org, https://bixense.com/clicolors). Who objects is heard first.
func (a *App) colors(terminal bool) bool {
	if a.noColor || a.Getenv("NO_COLOR") != "" {
		return false
	}
	if forced := a.Getenv("CLICOLOR_FORCE"); forced != "" && forced != "0" {
		return true
	}
	return terminal && a.Getenv("CLICOLOR") != "0" && a.Getenv("TERM") != "dumb"
}

// paintPrefix colours what a line on standard error begins with.
func (a *App) paintPrefix(line string) string {
	s := screen.New(nil, 0, a.colors(a.StderrTerminal))
	for _, p := range []struct {
		prefix string
		style  screen.Style
	}{{"propagate:", screen.Bad}, {"hint:", screen.Advice}, {"note:", screen.Careful}} {
		if rest, ok := strings.CutPrefix(line, p.prefix); ok {
			return s.Paint(p.style, p.prefix) + rest
		}
	}
	return line
}

// paintDiff colours the lines of a diff as git does.
func (a *App) paintDiff(diff string) string {
	s := a.onScreen(a.Stdout)
	var b strings.Builder
	header := false
	for line := range strings.Lines(diff) {
		text := strings.TrimSuffix(line, "\n")
		end := line[len(text):]
		switch {
		case strings.HasPrefix(line, "diff "):
			text, header = s.Paint(screen.Strong, text), true
		case strings.HasPrefix(line, "@@"):
			text, header = s.Paint(screen.Advice, text), false
		case header:
			text = s.Paint(screen.Strong, text)
		case strings.HasPrefix(line, "-"):
			text = s.Paint(screen.Bad, text)
		case strings.HasPrefix(line, "+"):
			text = s.Paint(screen.Good, text)
		}
		b.WriteString(text + end)
	}
	return b.String()
}

// usualWidth is how wide a terminal is taken for that does not say it.
const usualWidth = 80

// onScreen is w as a person sees it. What is no terminal has no width: a file and a pipe get the
// same text whatever the terminal is that the program was called from.
func (a *App) onScreen(w io.Writer) *screen.Screen {
	if w != a.Stdout {
		return screen.Of(w)
	}
	return a.likeStdout(w)
}

// likeStdout is a screen as standard output is one, that writes to w.
func (a *App) likeStdout(w io.Writer) *screen.Screen {
	if !a.StdoutTerminal {
		return screen.New(w, 0, a.colors(false))
	}
	return screen.New(w, a.width(), a.colors(true))
}

// width is how wide the terminal is. COLUMNS says it before the terminal does.
func (a *App) width() int {
	if columns, err := strconv.Atoi(a.Getenv("COLUMNS")); err == nil && columns > 0 {
		return columns
	}
	return cmp.Or(a.Width, usualWidth)
}
