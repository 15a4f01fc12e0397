package estatepage_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/estate"
	"github.com/matihlabs/propagate/internal/estatepage"
	"github.com/matihlabs/propagate/internal/report"
)

func TestLag(t *testing.T) {
	t.Parallel()
	step := func(s string) *string { return &s }
	for want, v := range map[string]estate.Version{
		"":                    {State: estate.Newest},
		"2 minor behind":      {State: estate.Behind, Step: step("minor"), Distance: 2},
		"a major step behind": {State: estate.Behind, Step: step("major")},
	} {
		if got := estatepage.Lag(&v); got != want {
			t.Errorf("%+v: %q, want %q", v, got, want)
		}
	}
}

func TestBeside(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ dir, root, want string }{
		{"/repo", "/repo", ""},
		{"/repo/docs", "/repo", "../"},
		{"/repo/docs/a", "/repo", "../../"},
		{"/out", "/home/me/my repo#1", "../home/me/my%20repo%231/"},
	} {
		if links, ok := estatepage.Beside(test.dir, test.root); links.Root != test.want || !ok {
			t.Errorf("from %s to %s: %q, %t, want %q", test.dir, test.root, links.Root, ok, test.want)
		}
	}
}

// view is one with a text of every kind.
func view() *estatepage.View {
	return &estatepage.View{
		About:   []estatepage.Text{{Text: "commit "}, {Text: "<b>", Code: true}},
		Figures: []estatepage.Figure{{Label: "Builds <behind>", Value: "1", Note: "of 2", Warns: true}},
		Sections: []estatepage.Section{{ID: "x", Title: "A section", Lead: "What it lists.", Table: estatepage.Table{
			Columns: []estatepage.Column{{Title: "Where"}, {Title: "Builds", Number: true}},
			Rows:    [][]estatepage.Cell{{{{Text: "a/b|c&d:7", Code: true, Path: "a/b|c&d", Line: 7}}, {{Text: "1"}}}},
		}}},
	}
}

// What a place links to, in both forms.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		links              estatepage.Links
		page, base, inText string
	}{
		{estatepage.Links{}, `<a href="a/b%7Cc%26d#L7">a/b|c&amp;d:7</a>`, "", "](a/b%7Cc%26d#L7)"},
		{estatepage.Links{Root: "../"}, `<a href="../a/b%7Cc%26d#L7">a/b|c&amp;d:7</a>`, "", "](../a/b%7Cc%26d#L7)"},
		{estatepage.Links{Root: "https://forge.example/acme/src/abc/", Line: "#lines-"}, `<a href="a/b%7Cc%26d#lines-7">a/b|c&amp;d:7</a>`, `<base href="https://forge.example/acme/src/abc/">`, "](https://forge.example/acme/src/abc/a/b%7Cc%26d#lines-7)"},
		{estatepage.Links{None: true}, `<td><code>a/b|c&amp;d:7</code></td>`, "", "| <code>"},
	} {
		var b bytes.Buffer
		if err := estatepage.WriteHTML(&b, view(), test.links); err != nil {
			t.Fatal(err)
		}
		page, text := b.String(), view().Markdown(test.links)
		if !strings.Contains(page, test.page) || strings.Contains(page, "<base") != (test.base != "") || !strings.Contains(page, test.base) {
			t.Errorf("%+v: the page is\n%s", test.links, page[strings.Index(page, "<body>"):])
		}
		if !strings.Contains(text, test.inText) {
			t.Errorf("%+v: the text is\n%s", test.links, text)
		}
		if isFromForge := strings.Contains(page, "base-uri https://forge.example;"); isFromForge != (test.base != "") || strings.Contains(page, "<b>1</b>") != true || strings.Contains(page, "<behind>") {
			t.Errorf("%+v: the page allows another base, or says its names as they are:\n%s", test.links, page)
		}
	}
}

// What nobody was asked, and what has no answer, never reads as a number.
func TestFiguresOfNothing(t *testing.T) {
	t.Parallel()
	for _, f := range estatepage.NewView(report.NewEstate("", &estate.Estate{})).Figures {
		switch f.Label {
		case "Builds on the newest versions in use", "Services on no curated base":
			if f.Value != "not known" {
				t.Errorf("%s: %s", f.Label, f.Value)
			}
		case "Versions with a newer one at their registry", "Tags that name another image now", "Builds whose published image is stale":
			if f.Value != "not asked" {
				t.Errorf("%s: %s", f.Label, f.Value)
			}
		}
		if f.Warns {
			t.Errorf("%s warns", f.Label)
		}
	}
	// Of registries that say nothing no number is known either.
	e := report.NewEstate("", &estate.Estate{})
	e.Registries = &report.EstateRegistries{Totals: report.EstateAsked{Versions: 3, NotKnown: 3, Tags: 1, Untraced: 1, Published: 2, Untold: 2}}
	figures := estatepage.NewView(e).Figures
	for _, f := range figures[len(figures)-3:] {
		if f.Value != "not known" || f.Warns {
			t.Errorf("%+v", f)
		}
	}
}

// Ninety-nine and a half of a hundred are not all.
func TestShareIsNeverRoundedUp(t *testing.T) {
	t.Parallel()
	for want, totals := range map[string]estate.Totals{
		"99 %":  {Newest: 199, Behind: 1},
		"50 %":  {Newest: 1, Unknown: 1},
		"100 %": {Newest: 3, Bare: 1},
	} {
		if got := estatepage.NewView(report.NewEstate("", &estate.Estate{Totals: totals})).Figures[0].Value; got != want {
			t.Errorf("%+v: %s, want %s", totals, got, want)
		}
	}
}
