package estatepage

import (
	"fmt"
	"strings"

	"github.com/matihlabs/propagate/bumper"
)

// Markdown returns the view as Markdown: for a file of the repository, an issue, or the page of a job.
func (v *View) Markdown(links Links) string {
	m := &markdown{links: links}
	m.line("# Base images")
	m.line("")
	m.line("%s", m.run(v.About, bumper.Code))
	m.line("")
	m.line("| | | |")
	m.line("| --- | ---: | --- |")
	for _, f := range v.Figures {
		m.line("| %s | **%s** | %s |", f.Label, f.Value, f.Note)
	}
	for _, note := range v.Notes {
		m.line("")
		m.line("%s", note)
	}
	for _, s := range v.Sections {
		m.section(s)
	}
	return m.b.String()
}

// A markdown writes Markdown.
type markdown struct {
	b     strings.Builder
	links Links
}

func (m *markdown) line(format string, args ...any) {
	fmt.Fprintf(&m.b, format+"\n", args...)
}

func (m *markdown) section(s Section) {
	m.line("")
	m.line("## %s", s.Title)
	m.line("")
	m.line("%s", s.Lead)
	if len(s.Table.Rows) == 0 && len(s.Groups) == 0 {
		m.line("")
		m.line("None.")
	}
	m.table(s.Table)
	for _, g := range s.Groups {
		m.line("")
		m.line("### %s", m.run(g.Title, bumper.Code))
		m.table(g.Table)
		m.line("")
		m.line("<details><summary>Where</summary>")
		m.line("")
		for _, list := range g.Lists {
			m.line("* %s", m.run(list.Title, bumper.Code))
			for _, item := range list.Items {
				m.line("  * %s", m.run(item, bumper.Code))
			}
		}
		m.line("")
		m.line("</details>")
	}
}

func (m *markdown) table(t Table) {
	if len(t.Rows) == 0 {
		return
	}
	titles, rules := "|", "|"
	for _, column := range t.Columns {
		titles += " " + column.Title + " |"
		if column.Number {
			rules += " ---: |"
		} else {
			rules += " --- |"
		}
	}
	m.line("")
	m.line("%s", titles)
	m.line("%s", rules)
	for _, row := range t.Rows {
		m.b.WriteString("|")
		for _, cell := range row {
			if text := strings.TrimSpace(m.run(cell, bumper.Cell)); text != "" {
				m.b.WriteString(" " + text)
			}
			m.b.WriteString(" |")
		}
		m.b.WriteString("\n")
	}
}

// run writes texts one after the other; quote is how those of others are quoted.
func (m *markdown) run(texts []Text, quote func(string) string) string {
	var b strings.Builder
	for _, t := range texts {
		text := t.Text
		if t.Code {
			text = quote(t.Text)
		}
		if href := m.links.path(t); href != "" {
			text = fmt.Sprintf("[%s](%s)", text, m.links.Root+href)
		}
		b.WriteString(text)
	}
	return b.String()
}
