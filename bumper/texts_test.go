package bumper_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/source"
)

// hostileNames are directories that would do something where their names are not made inert.
func hostileNames() []string {
	return []string{
		"fixes #1", "closes acme/other#2", "resolves GH-3", "fix https://github.com/o/r/issues/4", "@team", "@acme/team", "a\nCo-authored-by: x <x@y.example>", "a\r\n\r\nSigned-off-by: x <x@y.example>",
		"Co-authored-by: x <x@y.example>", "[skip ci]", "***NO_CI***", "](https://evil.example)", "![x](https://evil.example/x.png)", "<img src=x onerror=x>", "</details>", "<!-- propagate v2 e30= -->", "-->", "--!>",
		"`x`", "```", "a|b", `a\|<img src=x>`, "%%{init: {}}%%", "end", "direction LR", "\u202egnp.exe", "zero\u200bwidth", "\u2066x\u2069", "filler\u3164", "$$x$$", "a\u2028b", "a\x1b[31m", "<script>", "#1", "n0 --> n1",
	}
}

// Nothing of a hostile repository does anything in a title, a message or a body: whatever is special in its names
// stands in a code span or a text of the drawing, or is followed by a space, and what nobody would see is shown.
func TestHostileTexts(t *testing.T) {
	repo := files{"derived/Dockerfile": "FROM acme/base:1.0.0\nLABEL org.opencontainers.image.version=1.0.0\n"}
	for i, name := range hostileNames() {
		for j, src := range []string{"FROM acme/base:1.0.0\n", "FROM acme/base:0.1.0\n", "FROM acme/derived:1.0.0\n", "FROM acme/base\n", "ARG V\nFROM acme/base:$V\n"} {
			repo[fmt.Sprintf("%d/%d/%s/Dockerfile", i, j, name)] = src
		}
		repo[name+"/Dockerfile"] = "FROM acme/base:1.0.0\n"
	}
	p := repo.plan(t, bumper.Options{}, base("1.0.1"))
	owners := func(path string) []string {
		return []string{"@" + strings.Split(path, "/")[0], "@<!-- propagate v2 e30= -->"}
	}
	plain, err := bumper.ParseTemplate("{{range .Services}}{{.Path}} {{.Name}}\n{{end}}{{range .Edits}}{{.Path}} {{.Old}}{{end}}\n{{.Group}} {{range .Owners}}{{.}} {{end}} {{.Title}}\n{{.Lines}}\n\n<!-- propagate v2 e30= -->\n<!--  PROPAGATE v3 x -->", false, at)
	if err != nil {
		t.Fatal(err)
	}
	title, err := bumper.ParseTemplate("x {{.Group}} {{range .Services}}{{.Path}}{{end}}", true, at)
	if err != nil {
		t.Fatal(err)
	}
	special := regexp.MustCompile("(?i)#[0-9]|gh-[0-9]|://|@[a-z]|\\[skip ci\\]|\\*\\*\\*|<|`|\\]\\(|%%|\\|[^|\n]*evil")
	own := strings.NewReplacer("<! -- propagate v2 e30= -->", "", "<! --  PROPAGATE v3 x -->", "") // of the template itself
	anywhere := regexp.MustCompile(`(?i)<!--|--!>|\[skip ci\]|\*\*\*NO|(?:fix|close|resolve)\w*:?\s+\S*(?:#[0-9]|gh-[0-9]|://)`)
	for _, by := range bumper.Groupings() {
		for _, templates := range []bumper.Templates{{}, {Title: title, Body: plain, Commit: plain}} {
			for _, c := range p.Changes(bumper.ChangeOptions{By: by, Owners: owners}) {
				texts, err := p.Texts(c, bumper.TextOptions{Command: "propagate", Owners: owners, Templates: templates, Emergency: true})
				if err != nil {
					t.Fatal(err)
				}
				for what, text := range map[string]string{"title": texts.Title, "body": texts.Body, "message": texts.Message} {
					if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && source.Visible(string(r)) != string(r) }); i >= 0 {
						t.Fatalf("the %s holds %q", what, text[i:min(len(text), i+20)])
					}
					if what == "message" && templates.Commit != nil {
						continue // what the template itself says is the repository's
					}
					if m := anywhere.FindString(text); m != "" {
						t.Fatalf("the %s of %s holds %q:\n%s", what, c.Branch, m, text)
					}
				}
				if strings.Contains(texts.Title, "\n") || len(texts.Title) > 256 {
					t.Errorf("title %q", texts.Title)
				}
				if m := regexp.MustCompile(`(?mi)^(?:co-authored-by|signed-off-by|[a-z]+-[a-z-]+): .*|#[0-9]|(?:^|\W)@\w`).FindString(texts.Title + "\n" + texts.Message); m != "" {
					t.Errorf("the message holds %q:\n%s", m, texts.Message)
				}
				if _, drawing, ok := strings.Cut(texts.Body, "```mermaid\n"); ok {
					drawing, _, _ = strings.Cut(drawing, "\n```")
					if m := regexp.MustCompile("%%|<|`|(?i:direction) ").FindString(drawing); m != "" {
						t.Fatalf("the drawing holds %q:\n%s", m, drawing)
					}
				}
				if m := special.FindString(own.Replace(outsideCode(texts.Body))); m != "" {
					t.Fatalf("the body of %s holds %q outside of code:\n%s", c.Branch, m, outsideCode(texts.Body))
				}
			}
		}
	}
}

// outsideCode returns Markdown without what stands in fenced blocks and code spans, and without the tags that we write.
func outsideCode(text string) string {
	ours := regexp.MustCompile(`<code>[^<]*</code>|<details><summary>[A-Za-z, :0-9]*</summary>|</details>|<br>`)
	var b strings.Builder
	fenced := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
			continue
		}
		if fenced {
			continue
		}
		for {
			start := strings.IndexByte(line, '`')
			if start < 0 {
				break
			}
			run := len(line[start:]) - len(strings.TrimLeft(line[start:], "`"))
			end := regexp.MustCompile("(^|[^`])(`{" + fmt.Sprint(run) + "})([^`]|$)").FindStringSubmatchIndex(line[start+run:])
			if end == nil {
				b.WriteString(line[:start+run]) // nothing closes it
				line = line[start+run:]
				continue
			}
			b.WriteString(ours.ReplaceAllString(line[:start], ""))
			line = line[start+run+end[5]:]
		}
		b.WriteString(ours.ReplaceAllString(line, ""))
	}
	return b.String()
}

func at(line, col int) source.Pos { return source.Pos{Path: "t", Line: line, Col: col} }

// A body that would be too long is cut behind a table, or between sections, with a word on it.
func TestCutBody(t *testing.T) {
	long := func(n int, name string) files {
		repo := files{}
		for i := range n {
			repo[fmt.Sprintf("services/%04d-%s/Dockerfile", i, name)] = "FROM acme/base:1.0.0\n"
		}
		return repo
	}
	for name, repo := range map[string]files{"many": long(2000, "x"), "long": long(30, strings.Repeat("y/", 1900)), "entities": long(50, strings.Repeat("|", 200))} {
		p := repo.plan(t, bumper.Options{}, base("1.0.1"))
		c := p.Changes(bumper.ChangeOptions{})[0]
		for _, text := range []string{"", "{{.Summary}}{{.Table}}{{.Table}}{{.Again}}", "a\n\n```\n{{range .Services}}{{.Path}}\n\n{{end}}```\n", "{{range .Services}}<details>\n\n{{.Path}}\n\n</details>\n\n{{end}}"} {
			o := bumper.TextOptions{Command: "propagate"}
			if text != "" {
				template, err := bumper.ParseTemplate(text, false, at)
				if err != nil {
					t.Fatal(err)
				}
				o.Templates.Body = template
			}
			texts, err := p.Texts(c, o)
			if err != nil {
				t.Fatal(err)
			}
			body := texts.Body
			if len(body) > 58000 {
				t.Errorf("%s, %q: %d bytes", name, text, len(body))
			}
			if !strings.Contains(body, "no room here") && !strings.Contains(body, "is cut here") && len(body) > 50000 {
				t.Errorf("%s, %q: nothing says that it is cut: %.300s", name, text, body)
			}
			if n := strings.Count(body, "<details>") - strings.Count(body, "</details>"); n != 0 || strings.Count(body, "\n```")%2 != 0 {
				t.Errorf("%s, %q: %d sections stay open: %s", name, text, n, body[max(0, len(body)-300):])
			}
			for _, line := range strings.Split(body, "\n") {
				if strings.HasPrefix(line, "|") && !strings.HasSuffix(line, "|") {
					t.Errorf("%s, %q: a row is cut: %.100s", name, text, line)
				}
			}
		}
	}
}

// Templates see what a change is, and may make conventional commits of it.
func TestTemplates(t *testing.T) {
	repo := estate()
	p := repo.plan(t, bumper.Options{}, base("1.0.2"))
	parse := func(text string, title bool) *bumper.Template {
		template, err := bumper.ParseTemplate(text, title, at)
		if err != nil {
			t.Fatal(err)
		}
		return template
	}
	o := bumper.TextOptions{Command: "propagate --base x", Emergency: true, Owners: func(string) []string { return []string{"@acme/team"} }}
	o.Templates = bumper.Templates{
		Title:  parse(`chore(deps{{with .Group}}/{{.}}{{end}}){{if .Emergency}}!{{end}}: bump {{range .Bases}}{{.Name}} to {{.Version}}{{end}}`, true),
		Body:   parse("{{.Wave}}/{{.Waves}} {{.Part}}/{{.Parts}} {{.Step}} {{range .Bases}}{{.Image}} {{.Line}} {{.From}} {{.Step}}{{end}} {{range .Services}}{{.Path}} {{.Name}} {{.Role}} {{.Exposure}}{{end}} {{.Owners}}{{.Left}}", false),
		Commit: parse("{{.Title}}\n\n{{range .Edits}}{{.Path}}:{{.Line}} {{.Old}} {{.New}}\n{{end}}{{.Lines}}\nSigned-off-by: bot <bot@acme.example>\n", false),
	}
	for _, c := range p.Changes(bumper.ChangeOptions{By: bumper.ByService}) {
		if c.Items[0].Name != "s1" {
			continue
		}
		texts, err := p.Texts(c, o)
		if err != nil {
			t.Fatal(err)
		}
		want := bumper.Texts{
			Title:   "chore(deps/services/s1/Dockerfile)!: bump base to 1.0.2",
			Body:    "1/2 4/8 patch docker.io/acme/base 1.0 1.0.1 patch <code>services/s1/Dockerfile</code> <code>s1</code> service runtime [<code>acme/team</code>]",
			Message: "chore(deps/services/s1/Dockerfile)!: bump base to 1.0.2\n\nservices/s1/Dockerfile:3 1.0.1 1.0.2\nservices/s1/Dockerfile:3: 1.0.1 -> 1.0.2\n\nSigned-off-by: bot <bot@acme.example>\n",
		}
		if texts != want {
			t.Errorf("got  %+v\nwant %+v", texts, want)
		}
	}
	// What fails for a change alone, and for no sample, is an error at its place.
	o.Templates.Title = parse("x {{if gt .Parts 100}}{{else if eq .Group \"services/s1/Dockerfile\"}}{{.Nope}}{{end}}", true)
	var failed []string
	for _, c := range p.Changes(bumper.ChangeOptions{By: bumper.ByService}) {
		if _, err := p.Texts(c, o); err != nil {
			failed = append(failed, err.Error())
		}
	}
	if want := []string{"t:1:71: there is no field Nope here"}; fmt.Sprint(failed) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", failed, want)
	}
}
