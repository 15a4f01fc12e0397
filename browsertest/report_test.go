package browsertest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// seen returns the texts of the elements that a selector fits and that are to be seen. A browser lays out what is scrolled away when somebody
// scrolls there, and has no innerText of it until then.
func (p *page) seen(selector string) []string {
	p.t.Helper()
	var all []string
	p.read(fmt.Sprintf(`[...document.querySelectorAll(%q)].filter((e) => e.checkVisibility()).map((e) => (e.innerText || e.textContent).trim())`, selector), &all)
	return all
}

// The numbers come first, and say what propagate says in other words.
func TestReportNumbers(t *testing.T) {
	p := openPage(t, "report", sample(t))
	got := strings.Join(p.seen("#figures div"), "\n")
	for _, want := range []string{"61 %", "19 of 31 builds", "Builds behind\n12", "Unresolved references\n0", "Moving tags without a digest\n15", "not asked"} {
		if !strings.Contains(got, want) {
			t.Errorf("the numbers do not say %q but\n%s", want, got)
		}
	}
	if rows := p.seen("#behind tbody tr"); len(rows) != 2 || !strings.Contains(rows[0], "1 patch behind") {
		t.Errorf("behind are %q", rows)
	}
	if got := p.seen("#outside .group"); len(got) != 0 {
		t.Errorf("what is folded shows %q", got)
	}
}

// The filter leaves the lines that have all its words, opens where they are, and folds again what it has opened.
func TestReportFilter(t *testing.T) {
	p := openPage(t, "report", sample(t))
	p.do(chromedp.SendKeys(chromedp.CSS("#filter"), "LEGACY scoring"))
	lines := p.seen("tbody tr, li")
	if len(lines) < 3 || slices.ContainsFunc(lines, func(line string) bool { return !strings.Contains(line, "legacy-scoring") }) {
		t.Errorf("it leaves %q", lines)
	}
	if got := p.text("#found"); got != fmt.Sprintf("%d lines", len(lines)) {
		t.Errorf("%d lines are seen, and it says %q", len(lines), got)
	}
	p.choose("filter", "base-nginx 1.25")
	if got := strings.Join(p.seen("#bases .group li"), "\n"); !strings.Contains(got, "frontends/console/Dockerfile:7") {
		t.Errorf("with the image as its title it leaves\n%s", got)
	}
	p.choose("filter", "nothing has this")
	if lines := p.seen("tbody tr, li"); len(lines) != 0 || p.text("#found") != "0 lines" {
		t.Errorf("it leaves %q", lines)
	}
	p.choose("filter", "")
	if rows, groups := p.seen("#behind tbody tr"), p.seen(".group"); len(rows) != 2 || len(groups) != 0 || p.text("#found") != "" {
		t.Errorf("without a filter %q and %q are seen", rows, groups)
	}
}

// A click on the title of a column orders its table, and numbers as numbers.
func TestReportOrder(t *testing.T) {
	p := openPage(t, "report", sample(t))
	column := func() []string { return p.seen("#moving tbody td:nth-child(3)") }
	p.eval(`document.querySelector("#moving").open = true`)
	button := chromedp.CSS("#moving th:nth-child(3) button")
	p.do(chromedp.Click(button))
	up := column()
	p.do(chromedp.Click(button))
	down := column()
	slices.Reverse(down)
	if !slices.Equal(up, []string{"1", "1", "1", "1", "1", "3", "5"}) || !slices.Equal(down, up) {
		t.Errorf("up %q, down and reversed %q", up, down)
	}
	if got := p.eval(`document.querySelector("#moving th:nth-child(3)").ariaSort`); got != `"descending"` {
		t.Errorf("the order is said to be %s", got)
	}
}

// All of it goes without a mouse.
func TestReportKeyboard(t *testing.T) {
	p := openPage(t, "report", sample(t))
	p.slash()
	if got := p.focused(); got != "filter" {
		t.Fatalf("/ goes to %s", got)
	}
	p.press("g", "p", "u")
	if got := p.text("#found"); !strings.HasSuffix(got, " lines") {
		t.Errorf("it says %q", got)
	}
	p.press(kb.Escape)
	if p.text("#found") != "" {
		t.Error("Escape does not end the filter")
	}
	p.press(kb.Tab, kb.Enter) // Unfold all
	if groups := p.seen(".group"); len(groups) == 0 {
		t.Error("nothing is unfolded")
	}
	p.press(kb.Enter)
	p.press(kb.Tab, kb.Tab) // past the theme, to the first section
	focused := func() string {
		var text string
		p.read(`document.activeElement.innerText`, &text)
		return text
	}
	if got := focused(); !strings.HasPrefix(got, "Who is behind") {
		t.Fatalf("behind the tools is %q", got)
	}
	p.press(kb.Enter)
	if rows := p.seen("#behind tbody tr"); len(rows) != 2 {
		t.Errorf("the section shows %q", rows)
	}
	// From there the tabulator key comes to titles of columns, to links and to the next section.
	var all []string
	for range 16 {
		p.press(kb.Tab)
		all = append(all, focused())
	}
	for _, want := range []string{"Newest in use", "services/ai/legacy-scoring/Dockerfile:2", "Unresolved references 0"} {
		if !slices.ContainsFunc(all, func(s string) bool { return strings.HasPrefix(s, want) }) {
			t.Errorf("the tabulator key does not come to %s but to %q", want, all)
		}
	}
}

// A link opens the file beside the page.
func TestReportLinksToFiles(t *testing.T) {
	dir := sample(t)
	p := openPage(t, "report", dir)
	var href string
	p.read(`[...document.querySelectorAll("#behind a")].find((a) => a.textContent === "services/ai/legacy-scoring/Dockerfile:2").href`, &href)
	path, line, _ := strings.Cut(strings.TrimPrefix(href, "file://"), "#")
	if want := filepath.Join(dir, "services/ai/legacy-scoring/Dockerfile"); path != want || line != "L2" {
		t.Errorf("the link goes to %s, want %s", href, want)
	}
}

// The page follows the system's theme, and its own switch.
func TestReportTheme(t *testing.T) {
	p := openPage(t, "report", sample(t))
	const light, dark = `"rgb(255, 255, 255)"`, `"rgb(18, 22, 28)"`
	want := func(what, color string) {
		t.Helper()
		if got := p.eval(`getComputedStyle(document.body).backgroundColor`); got != color {
			t.Errorf("%s: the page is on %s, want %s", what, got, color)
		}
	}
	params := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, params); err != nil {
		t.Fatal(err)
	}
	want("dark system", dark)
	p.do(chromedp.Click(chromedp.CSS("#theme")))
	want("light by the switch", light)
	p.do(chromedp.Click(chromedp.CSS("#theme")))
	want("dark by the switch", dark)
}

// The rules of axe-core find nothing, in both themes, folded, unfolded and filtered.
func TestReportAccessibility(t *testing.T) {
	p := openPage(t, "report", sample(t))
	p.loadRules()
	for _, theme := range []string{"light", "dark"} {
		p.chooseTheme(theme)
		for _, state := range []string{"Unfold all", "Fold all", "filtered"} {
			if state == "filtered" {
				p.choose("filter", "python")
			} else {
				p.do(chromedp.Click(chromedp.CSS("#unfold")))
			}
			p.checkRules(theme + " theme, " + state)
		}
		p.choose("filter", "")
	}
}

// Names from a repository are texts, whatever they are.
func TestReportOfHostileNames(t *testing.T) {
	dir, hostile := hostileNames(t)
	p := openPage(t, "report", dir)
	p.do(chromedp.Click(chromedp.CSS("#unfold")))
	text := strings.Join(p.seen("#unsaid td:first-child"), "\n")
	for _, name := range hostile {
		if shown := strings.ReplaceAll(name, "\u202e", "<U+202E>"); !strings.Contains(text, shown) {
			t.Errorf("%q is not listed in\n%s", shown, text)
		}
	}
	if got := p.eval(`document.querySelectorAll("img, script").length`); got != "1" {
		t.Errorf("there are %s images and scripts", got)
	}
}

// The picture of the report in the documentation.
func TestReportScreenshot(t *testing.T) {
	p := openPage(t, "report", sample(t))
	p.do(chromedp.EmulateViewport(1280, 800))
	p.screenshot("../docs/images/report.png")
}
