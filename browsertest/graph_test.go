package browsertest

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The search finds names, paths and images, and says how many.
func TestSearch(t *testing.T) {
	p := open(t, sample(t))
	if got := len(p.listed()); got != 37 {
		t.Errorf("at first %d are listed", got)
	}
	p.do(chromedp.SendKeys(chromedp.CSS("#search"), "IAM"))
	if got := p.listed(); !slices.Equal(got, []string{"iam-service"}) || p.text("#count") != "0 bases, 1 service" {
		t.Errorf("IAM finds %q: %s", got, p.text("#count"))
	}
	p.choose("search", "frontends/")
	if got := p.listed(); !slices.Equal(got, []string{"admin-portal", "console", "data-explorer", "landing"}) {
		t.Errorf("frontends/ finds %q", got)
	}
}

// A click on a base says what a bump of it reaches, wave by wave; one on a service what it is based on, and
// where that is written.
func TestClick(t *testing.T) {
	p := open(t, sample(t))
	p.do(chromedp.Click(p.button("base-python-ml")))
	p.says("derived base", "bases/base-python-ml/Dockerfile", "A bump reaches 15 builds in 2 waves.", "wave 1: 13 builds", "wave 2: 2 builds", "embedding-trainer", "is based on", "python")
	p.do(chromedp.Click(p.button("legacy-scoring")))
	p.says("service", "services/ai/legacy-scoring/Dockerfile", "is based on\nbase-python-ml", "services/ai/legacy-scoring/Dockerfile:", "0.9.4, runtime", "outdated: 1.0.1 is in use", "and through these on\npython")
	p.do(chromedp.Click(chromedp.CSS("#details button[data-node]")))
	p.says("A bump reaches 15 builds")
	if got := p.focused(); got != "details" {
		t.Errorf("the focus is at %s", got)
	}
}

// middle is where a node is on the screen, as long as the picture is as it was at first.
const middle = `(() => {
  const tables = JSON.parse(document.getElementById("data").textContent);
  let sum = 0;
  const boxes = tables.titles.map((title, i) => ({ title, x: tables.columns[tables.column[i]][0], w: tables.columns[tables.column[i]][1], y: (sum += tables.y[i]) }));
  const box = document.getElementById("canvas").getBoundingClientRect();
  const width = Math.max(...boxes.map((b) => b.x + b.w + 20)), height = Math.max(...boxes.map((b) => b.y + tables.height + 20));
  const scale = Math.min(1.2, box.width / width, box.height / height);
  const b = boxes.find((b) => b.title === %q);
  return { X: box.x + (box.width - width * scale) / 2 + (b.x + b.w / 2) * scale, Y: box.y + (box.height - height * scale) / 2 + (b.y + tables.height / 2) * scale };
})()`

// What is in the picture can be clicked, moved and zoomed.
func TestCanvas(t *testing.T) {
	p := open(t, sample(t))
	at := struct{ X, Y float64 }{}
	p.read(fmt.Sprintf(middle, "base-java"), &at)
	p.do(chromedp.MouseClickXY(at.X, at.Y))
	p.says("base-java", "A bump reaches")
	before := p.eval(`document.getElementById("canvas").toDataURL()`)
	for name, change := range map[string]func(){
		"zoom in": func() { p.do(chromedp.Click(chromedp.CSS("#zoom-in"))) },
		"fit":     func() { p.do(chromedp.Click(chromedp.CSS("#fit"))) },
		"drag":    func() { p.do(chromedp.DragAndDropXY(at.X, at.Y, at.X+80, at.Y+40)) },
		"keys":    func() { p.do(chromedp.Focus(chromedp.CSS("#canvas"))); p.press(kb.ArrowLeft, "+") },
	} {
		p.do(chromedp.Click(chromedp.CSS("#zoom-out")))
		p.painted()
		was := p.eval(`document.getElementById("canvas").toDataURL()`)
		change()
		p.painted()
		if now := p.eval(`document.getElementById("canvas").toDataURL()`); now == was {
			t.Errorf("%s changes nothing of the picture", name)
		}
	}
	p.do(chromedp.Click(chromedp.CSS("#fit")))
	p.painted()
	if p.eval(`document.getElementById("canvas").toDataURL()`) != before {
		t.Error("after all of it and fit the picture is not what it was")
	}
	p.says("base-java")
	p.press(kb.Escape)
	p.says("Nothing is chosen")
}

// choose sets a filter as a person does.
func (p *page) choose(id, value string) {
	p.t.Helper()
	p.eval(fmt.Sprintf(`(() => { const e = document.getElementById(%q); e.value = %q; e.dispatchEvent(new Event("input", { bubbles: true })); return e.value; })()`, id, value))
}

// Filters leave services with such a use, or of such a team, and the bases of these.
func TestFilter(t *testing.T) {
	p := open(t, sample(t))
	p.choose("exposure", "0")
	if got := p.listed(); !slices.Equal(got, []string{"base-python-ml", "event-catalog"}) {
		t.Errorf("unreachable leaves %q", got)
	}
	p.choose("exposure", "")
	p.do(chromedp.Click(chromedp.CSS("#outdated")))
	if got := p.listed(); len(got) != 14 || !slices.Contains(got, "legacy-scoring") || slices.Contains(got, "prompt-router") || !slices.Contains(got, "base-python-ml") {
		t.Errorf("outdated leaves %q", got)
	}
	p.do(chromedp.Click(chromedp.CSS("#outdated")))
	var teams []string
	p.read(`[...document.querySelectorAll("#team option")].map((o) => o.value).filter(Boolean)`, &teams)
	if len(teams) < 2 {
		t.Fatalf("the teams are %q", teams)
	}
	all := len(p.listed())
	for _, team := range teams {
		p.choose("team", team)
		if got := len(p.listed()); got == 0 || got >= all {
			t.Errorf("%s has %d of %d", team, got, all)
		}
	}
	p.choose("team", "")
	if got := len(p.listed()); got != all {
		t.Errorf("without filters %d of %d are listed", got, all)
	}
}

// What the page says that a bump reaches is what propagate affected lists.
func TestWavesAreThoseOfAffected(t *testing.T) {
	dir := sample(t)
	p := open(t, dir)
	for _, base := range []string{"base-java", "base-node", "base-nginx", "base-python-ml", "base-python-gpu", "python", "eclipse-temurin", "node", "maven"} {
		out, err := exec.CommandContext(t.Context(), propagate, "affected", "-C", dir, "--quiet", "--base", base, "-o", "json").Output()
		if err != nil {
			t.Fatal(err)
		}
		var affected struct {
			Dockerfiles []struct {
				Path, Exposure string
				Wave           int
			}
		}
		if err := json.Unmarshal(out, &affected); err != nil {
			t.Fatal(err)
		}
		want := []string{}
		for _, row := range affected.Dockerfiles {
			if row.Exposure != "unreachable" {
				want = append(want, fmt.Sprintf("%d %s", row.Wave, row.Path))
			}
		}
		p.do(chromedp.Click(p.button(base)))
		var got []string
		p.read(`[...document.querySelectorAll("#details h3 + ul")].filter((ul) => ul.previousSibling.querySelector(".wave")).flatMap((ul) =>
		  [...ul.querySelectorAll("button")].map((b) => ul.previousSibling.querySelector(".wave").textContent + " " + b.title))`, &got)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) || len(got) == 0 {
			t.Errorf("%s reaches\n%s\nwant\n%s", base, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// corner is the colour of the corner of the canvas.
const corner = `[...document.getElementById("canvas").getContext("2d").getImageData(2, 2, 1, 1).data].slice(0, 3).join()`

// The page follows the system's theme, and its own switch.
func TestTheme(t *testing.T) {
	p := open(t, sample(t))
	const light, dark = `"255,255,255"`, `"18,22,28"`
	want := func(what, color string) {
		t.Helper()
		p.painted()
		if got := p.eval(corner); got != color {
			t.Errorf("%s: the picture is on %s, want %s", what, got, color)
		}
	}
	system := func(theme string) {
		t.Helper()
		params := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}}
		if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, params); err != nil {
			t.Fatal(err)
		}
	}
	system("light")
	want("light system", light)
	system("dark")
	want("dark system", dark)
	p.do(chromedp.Click(chromedp.CSS("#theme")))
	want("light by the switch", light)
	if got := p.text("#theme"); got != "Theme: light" {
		t.Errorf("the switch says %q", got)
	}
	system("light")
	p.do(chromedp.Click(chromedp.CSS("#theme")))
	want("dark by the switch", dark)
}

// All of it goes without a mouse.
func TestKeyboard(t *testing.T) {
	p := open(t, sample(t))
	p.slash()
	if got := p.focused(); got != "search" {
		t.Fatalf("/ goes to %s", got)
	}
	p.press("p", "y", "t", "h", "o", "n", kb.ArrowDown)
	if got := p.focused(); got != "python" {
		t.Errorf("the arrow goes to %s", got)
	}
	p.press(kb.ArrowDown, kb.Enter)
	if got := p.focused(); got != "base-python-ml" {
		t.Errorf("the next is %s", got)
	}
	p.says("A bump reaches 15 builds")
	p.press(kb.End)
	if got := p.focused(); got == "base-python-ml" {
		t.Error("End goes nowhere")
	}
	p.press(kb.Home, " ")
	p.says("base from outside")
	// From the list the tabulator key comes to the picture, and then to what the details name.
	p.press(kb.Tab)
	if got := p.focused(); got != "canvas" {
		t.Errorf("behind the list is %s", got)
	}
	p.press(kb.Tab)
	for range 3 { // a section that scrolls takes the focus, too
		if p.focused() == "base-python-ml" {
			break
		}
		p.press(kb.Tab)
	}
	p.press(kb.Enter)
	p.says("bases/base-python-ml/Dockerfile")
	p.press(kb.Escape)
	p.says("Nothing is chosen")
	// And every control of the page is among what it comes to.
	p.eval("document.activeElement.blur(), 0")
	var seen []string
	for range 16 {
		p.press(kb.Tab)
		seen = append(seen, p.focused())
	}
	for _, want := range []string{"search", "exposure", "team", "outdated", "zoom-in", "zoom-out", "fit", "theme", "canvas"} {
		if !slices.Contains(seen, want) {
			t.Errorf("the tabulator key does not come to %s but to %q", want, seen)
		}
	}
}

// What the command line asks for is there at first.
func TestChosen(t *testing.T) {
	p := open(t, sample(t), "--base", "base-python-ml@1.0.1")
	p.says("base-python-ml@1.0.1", "A bump reaches ", "wave 1: ", "legacy-scoring")
	if strings.Contains(p.text("#details"), "prompt-router") {
		t.Error("what is on 1.0.1 is reached as well")
	}
	p.do(chromedp.Click(p.button("base-java")))
	p.press(kb.Escape)
	p.says("Nothing is chosen")
}

// Names from a repository are texts, whatever they are.
func TestHostileNames(t *testing.T) {
	dir, hostile := hostileNames(t)
	p := open(t, dir)
	for _, title := range p.listed() {
		p.do(chromedp.Click(p.button(title)))
		p.says(title)
	}
	if got := p.listed(); len(got) != 1+len(hostile) || p.eval(`document.querySelectorAll("img, b, script").length`) != "2" {
		t.Errorf("the list is %q", got)
	}
}

// The rules of axe-core find nothing that is serious, in both themes.
func TestAccessibility(t *testing.T) {
	p := open(t, sample(t))
	p.loadRules()
	for _, theme := range []string{"light", "dark"} {
		p.chooseTheme(theme)
		for _, node := range []string{"", "base-python-ml", "legacy-scoring"} {
			if node == "" {
				p.press(kb.Escape)
			} else {
				p.do(chromedp.Click(p.button(node)))
			}
			p.checkRules(fmt.Sprintf("%s theme, %q chosen", theme, node))
		}
	}
}

// checkRules has axe-core judge the page as it is.
func (p *page) checkRules(what string) {
	p.t.Helper()
	var found struct {
		Violations []struct {
			ID, Impact, Help string
			Nodes            []struct{ HTML, FailureSummary string }
		}
		Passes []struct{ ID string }
	}
	p.read("axe.run()", &found)
	for _, v := range found.Violations {
		p.t.Errorf("%s: %s: %s: %s: %+v", what, v.Impact, v.ID, v.Help, v.Nodes)
	}
	if len(found.Passes) < 20 {
		p.t.Errorf("%s: only %d rules have something to judge", what, len(found.Passes))
	}
}
