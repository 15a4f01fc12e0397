package estatepage

import (
	"bytes"
	"embed"
	"html"
	"io"
	"net/url"
	"strings"

	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/webpage"
)

//go:embed page
var page embed.FS

// WriteHTML writes a view as one page, which asks for nothing. One of many lines holds the long lists as data, from which its
// program fills in what is unfolded.
func WriteHTML(w io.Writer, v *View, links Links) error {
	style, program := webpage.Style+read("style.css"), webpage.Program(webpage.Theme+read("lists.js")+read("report.js"))
	p := &pageWriter{links: links, isLarge: v.lines() > mostPlain}
	base, allowed := p.base()
	body := p.body(v)
	data, err := p.data()
	if err != nil {
		return err
	}
	_, err = strings.NewReplacer(
		"{{policy}}", html.EscapeString(webpage.Policy(program, style, allowed)),
		"{{base}}", base,
		"{{style}}", style,
		"{{about}}", p.run(v.About),
		"{{body}}", body,
		"{{data}}", data,
		"{{script}}", program,
	).WriteString(w, read("page.html"))
	return err
}

// read returns a file of the page.
func read(name string) string {
	data, err := page.ReadFile("page/" + name)
	if err != nil {
		panic("estatepage: " + err.Error()) // it was there when the program was built
	}
	return string(data)
}

// A pageWriter writes the parts of a page.
type pageWriter struct {
	b     bytes.Buffer
	links Links
	root  string // before each link

	isLarge bool       // long lists are held
	held    []heldList // by the number that their element has
}

// base returns the base element of the page, which keeps its links short, and what the policy allows it to be.
func (p *pageWriter) base() (element, allowed string) {
	u, err := url.Parse(p.links.Root)
	switch {
	case err != nil || p.links.None:
		p.links.None = true
		return "", "'none'"
	case u.Host != "" && (u.Scheme == "https" || u.Scheme == "http"):
		return `<base href="` + html.EscapeString(u.String()) + `">` + "\n", html.EscapeString(u.Scheme + "://" + u.Host)
	}
	p.root = p.links.Root
	return "", "'none'"
}

func (p *pageWriter) write(parts ...string) {
	for _, part := range parts {
		p.b.WriteString(part)
	}
}

// text is a text that stands between elements, or as an attribute. No line of it is a command to the runner of GitHub Actions, so
// that a page made in a workflow is that made elsewhere.
func text(s string) string {
	return strings.ReplaceAll(html.EscapeString(source.Visible(s)), "##[", "##&#91;")
}

// run writes texts one after the other.
func (p *pageWriter) run(texts []Text) string {
	var b strings.Builder
	for _, t := range texts {
		href := p.links.path(t)
		switch {
		case href != "":
			b.WriteString(`<a href="` + html.EscapeString(p.root+href) + `">` + text(t.Text) + "</a>")
		case t.Code:
			b.WriteString("<code>" + text(t.Text) + "</code>")
		default:
			b.WriteString(text(t.Text))
		}
	}
	return b.String()
}

func (p *pageWriter) body(v *View) string {
	p.write(`<dl id="figures">`, "\n")
	for _, f := range v.Figures {
		class := ""
		if f.Warns {
			class = ` class="warns"`
		}
		p.write("<div", class, "><dt>", text(f.Label), "</dt><dd><b>", text(f.Value), "</b> <span>", text(f.Note), "</span></dd></div>\n")
	}
	p.write("</dl>\n")
	for _, note := range v.Notes {
		p.write(`<p class="note">`, text(note), "</p>\n")
	}
	for i, s := range v.Sections {
		open := ""
		if i == 0 {
			open = " open"
		}
		p.write(`<details class="section" id="`, s.ID, `"`, open, `><summary><h2>`, text(s.Title), ` <span class="count">`, number(s.Count)[0].Text, "</span></h2></summary>\n<p>", text(s.Lead), "</p>\n")
		if len(s.Table.Rows) == 0 && len(s.Groups) == 0 {
			p.write("<p>None.</p>\n")
		}
		if p.isLarge && s.isLong() {
			p.write("<noscript><p>", withoutScript, "</p></noscript>\n")
		}
		p.table(s.Table, s.Title, true)
		for _, g := range s.Groups {
			p.group(g)
		}
		p.write("</details>\n")
	}
	return p.b.String()
}

// table writes a table; the order of one that sorts can be changed.
func (p *pageWriter) table(t Table, caption string, sorts bool) {
	if len(t.Rows) == 0 {
		return
	}
	p.write(`<div class="table" tabindex="0" role="region" aria-label="`, text(caption), `"><table`)
	if sorts {
		p.write(` class="sorts"`)
	}
	p.write("><thead><tr>")
	for _, column := range t.Columns {
		class := ""
		if column.Number {
			class = ` class="n"`
		}
		p.write(`<th scope="col"`, class, ">", text(column.Title), "</th>")
	}
	rows, held := t.Rows, ""
	if p.isLarge && t.isLong() {
		rows, held = rows[:firstRows], p.hold(heldList{rows: rows})
	}
	p.write("</tr></thead><tbody", held, ">\n")
	for _, row := range rows {
		p.write("<tr>")
		for i, cell := range row {
			class := ""
			if t.Columns[i].Number {
				class = " class=n"
			}
			p.write("<td", class, ">", p.run(cell), "</td>")
		}
		p.write("</tr>\n")
	}
	p.write("</tbody></table></div>\n")
}

func (p *pageWriter) group(g Group) {
	var plain strings.Builder
	for _, t := range g.Title {
		plain.WriteString(t.Text)
	}
	p.write(`<details class="group"><summary>`, p.run(g.Title), "</summary>\n")
	p.table(g.Table, plain.String(), false)
	for _, list := range g.Lists {
		p.write("<p>", p.run(list.Title), "</p>")
		if p.isLarge && list.isLong() {
			p.write("<ul", p.hold(heldList{items: list.Items}), "><li>", report.Count(len(list.Items), "place"), "</ul>\n")
			continue
		}
		p.write("<ul>\n")
		for _, item := range list.Items {
			p.write("<li>", p.run(item), "\n")
		}
		p.write("</ul>\n")
	}
	p.write("</details>\n")
}
