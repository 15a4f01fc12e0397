package source

import (
	"strings"
	"unicode"
)

// IsWorkflowCommand reports whether the runner of GitHub Actions may read a line of a
// step's output as a command to it: the line begins, after blanks, with "::", or holds
// "##[" anywhere (GitHub docs, "Workflow commands for GitHub Actions"; the second form is
// an older one that the runner still knows).
func IsWorkflowCommand(line string) bool {
	return strings.Contains(line, "##[") || strings.HasPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::")
}

// Defuse returns a line so that it is no workflow command: "./" stands before "::", and
// "#?[" for "##[". Any other line is returned as it is.
func Defuse(line string) string {
	if !IsWorkflowCommand(line) {
		return line
	}
	line = strings.ReplaceAll(line, "##[", "#?[")
	text := strings.TrimLeftFunc(line, unicode.IsSpace)
	if strings.HasPrefix(text, "::") {
		line = line[:len(line)-len(text)] + "./" + text
	}
	return line
}

// DefuseJSON is [Defuse] for a line of JSON, where "##[" stands in strings alone: it is
// written with an escape, and the value stays the same.
func DefuseJSON(line string) string { return strings.ReplaceAll(line, "##[", `#\u0023[`) }

// QuoteWorkflowPath is [QuotePath] for a line that the runner of GitHub Actions reads: a
// path that would be a command to it is in double quotes, with each "#" as \043.
func QuoteWorkflowPath(path string) string {
	if !IsWorkflowCommand(path) {
		return QuotePath(path)
	}
	return quote(path, func(c byte) bool { return c == '#' })
}
