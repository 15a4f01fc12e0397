package bumper

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/matihlabs/propagate/internal/source"
)

// code sets text from the repository in a code span, where it can neither mention
// anybody nor be markup.
func code(s string) string {
	s = inertCode(source.Visible(s))
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 || strings.Trim(s, " ") != s || s == "" {
		s = " " + s + " "
	}
	return fence + s + fence
}

// Code sets text from a repository in a code span of Markdown, where it can neither mention anybody nor be
// markup.
func Code(s string) string { return code(s) }

// Cell is Code for a cell of a table.
func Cell(s string) string { return cell(s) }

// cell is code for a cell of a table. There a bar ends the cell even in a code span, and a
// backslash before it means different things to different readers.
func cell(s string) string {
	if !strings.Contains(s, "|") {
		return code(s)
	}
	return element(s)
}

// element is code as an element of HTML, for where a code span is not safe: a bar in a table, and
// templates, in which one may stand right behind another and join its marks. What could mean anything is
// an entity; a decimal one would look like a reference to an issue.
func element(s string) string {
	s = inertCode(source.Visible(s))
	plain := "/-+ ."
	if strings.Contains(strings.ToLower(s), "www.") { // which begins a link
		plain = "/-+ "
	}
	var b strings.Builder
	b.WriteString("<code>")
	for _, r := range s {
		if r < utf8.RuneSelf && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(plain, r) {
			fmt.Fprintf(&b, "&#x%x;", r)
			continue
		}
		b.WriteRune(r)
	}
	b.WriteString("</code>")
	return b.String()
}

// folded writes a section that is shown once somebody asks for it.
func folded(title, text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf("\n<details><summary>%s</summary>\n\n%s\n</details>\n", title, strings.Trim(text, "\n")+"\n")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// table writes a Markdown table of at most limit rows.
func table[T any](header []string, limit int, items []T, row func(T) []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(header, " | "), strings.Repeat(" --- |", len(header)))
	for i, item := range items {
		if i == limit {
			fmt.Fprintf(&b, "\n… and %d more, for which there is no room here: `propagate plan` lists all.\n", len(items)-limit)
			break
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row(item), " | "))
	}
	return b.String()
}

// list joins words for a sentence, at most maxShown of them.
func list(words []string) string {
	if n := len(words) - maxShown; n > 0 {
		words = append(words[:maxShown:maxShown], fmt.Sprintf("%d more", n))
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

const (
	// maxBody is the length in bytes up to which a body is written. GitHub takes 65,536
	// characters; the rest is for what the publisher and people add.
	maxBody   = 58000
	cutNotice = "\n**This text is cut here: a pull request holds no more. `propagate plan` says all.**\n"
)

// cut shortens Markdown to maxBody: at the last blank line that fits and is in no fenced block, behind
// which what is unfolded is closed. A table has no blank line in it.
func cut(text string) string {
	if len(text) <= maxBody {
		return text
	}
	const closing = "\n</details>\n"
	limit := maxBody - len(cutNotice)
	at, depth := 0, 0 // where it may be cut, and how many sections are open there
	fence, open, pos := "", 0, 0
	for line := range strings.Lines(text) {
		if pos += len(line); pos+(open+1)*len(closing) > limit {
			break
		}
		trimmed := strings.TrimSpace(line)
		switch {
		case fence != "":
			if mark := fenceOf(trimmed); strings.HasPrefix(mark, fence) && mark == trimmed {
				fence = ""
			}
		case fenceOf(trimmed) != "":
			fence = fenceOf(trimmed)
		case trimmed == "":
			at, depth = pos, open
		default:
			open = max(0, open+strings.Count(trimmed, "<details>")-strings.Count(trimmed, "</details>"))
		}
	}
	return text[:at] + cutNotice + strings.Repeat(closing, depth)
}

// fenceOf returns the marks that a line begins or ends a fenced block with, "" for any other line.
func fenceOf(line string) string {
	for _, mark := range []byte{'`', '~'} {
		n := 0
		for n < len(line) && line[n] == mark {
			n++
		}
		if n >= 3 && (mark == '~' || !strings.Contains(line[n:], "`")) {
			return line[:n]
		}
	}
	return ""
}
