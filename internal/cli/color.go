package cli

import "strings"

// The colours, as git uses them for diffs.
const (
	bold   = "\x1b[1m"
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	cyan   = "\x1b[36m"
	plain  = "\x1b[m"
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
	if !a.colors(a.StderrTerminal) {
		return line
	}
	for _, p := range []struct{ prefix, color string }{{"propagate:", red}, {"hint:", cyan}, {"note:", yellow}} {
		if rest, ok := strings.CutPrefix(line, p.prefix); ok {
			return p.color + p.prefix + plain + rest
		}
	}
	return line
}

// paintDiff colours the lines of a diff as git does.
func (a *App) paintDiff(diff string) string {
	if !a.colors(a.StdoutTerminal) {
		return diff
	}
	var b strings.Builder
	header := false
	for line := range strings.Lines(diff) {
		color := ""
		switch {
		case strings.HasPrefix(line, "diff "):
			color, header = bold, true
		case strings.HasPrefix(line, "@@"):
			color, header = cyan, false
		case header:
			color = bold
		case strings.HasPrefix(line, "-"):
			color = red
		case strings.HasPrefix(line, "+"):
			color = green
		}
		if text := strings.TrimSuffix(line, "\n"); color != "" {
			line = color + text + plain + line[len(text):]
		}
		b.WriteString(line)
	}
	return b.String()
}
