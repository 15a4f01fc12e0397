package browsertest

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

var update = flag.Bool("update", false, "write the screenshots of docs/images anew")

// guard ends what never ends. It says nothing of how quick anything is.
const guard = 5 * time.Minute

var (
	browser   context.Context // its tabs are those of the tests
	propagate string          // the program
)

func TestMain(m *testing.M) {
	flag.Parse()
	status, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "browsertest:", err)
		status = 1
	}
	os.Exit(status)
}

func run(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "propagate-browsertest-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	propagate = filepath.Join(dir, "propagate")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", propagate, "./cmd/propagate")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("building propagate: %w\n%s", err, out)
	}
	program, err := exec.LookPath("chromium")
	if err != nil {
		return 0, fmt.Errorf("there is no chromium: install Debian's package of that name: %w", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.WindowSize(1280, 720), chromedp.WSURLReadTimeout(guard))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancel()
	var end context.CancelFunc
	browser, end = chromedp.NewContext(allocator)
	defer end()
	if err := chromedp.Do(browser); err != nil {
		return 0, fmt.Errorf("starting %s: %w", program, err)
	}
	return m.Run(), nil
}

// sample is a directory with the sample monorepo, in no repository.
func sample(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../testdata/matih")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A page is one that is open in a tab.
type page struct {
	t    *testing.T
	ctx  context.Context
	file string
}

// open has propagate write the graph of a directory, and opens it. When the test ends, the page may have
// said nothing on the console, and asked for nothing but itself.
func open(t *testing.T, dir string, args ...string) *page {
	t.Helper()
	return openPage(t, "graph", dir, args...)
}

// openPage is open for the page of any command.
func openPage(t *testing.T, command, dir string, args ...string) *page {
	t.Helper()
	file := filepath.Join(t.TempDir(), command+".html")
	cmd := exec.CommandContext(t.Context(), propagate, append([]string{command, "-C", dir, "-o", file, "--quiet"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	return openFile(t, file)
}

// openFile is open for a page that is there.
func openFile(t *testing.T, file string) *page {
	t.Helper()
	tab, cancel := chromedp.NewContext(browser)
	ctx, stop := context.WithTimeout(tab, guard)
	p := &page{t: t, ctx: ctx, file: file}
	var requests []string
	err := chromedp.Listen(ctx, func(event any) {
		if sent, ok := event.(*network.EventRequestWillBeSent); ok && !strings.HasPrefix(sent.Request.URL, "data:") {
			requests = append(requests, sent.Request.URL)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	console := chromedp.Console(ctx)
	t.Cleanup(func() {
		p.eval("0") // what was said before has arrived then
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("closing the page: %v", err)
		}
		for message, err := range console {
			if err != nil {
				break
			}
			t.Errorf("the console says %s: %s", message.Type, message.Text)
		}
		if len(requests) != 1 || requests[0] != "file://"+file {
			t.Errorf("the page asks for %q", requests)
		}
		stop()
		cancel()
	})
	p.do(chromedp.Navigate("file://" + file))
	return p
}

func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// eval returns what an expression is, as JSON; of a promise what it comes to.
func (p *page) eval(expression string) string {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[json.RawMessage](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return string(value)
}

// text returns the text of an element, as it is seen.
func (p *page) text(selector string) string {
	p.t.Helper()
	var text string
	p.read(fmt.Sprintf("document.querySelector(%q).innerText", selector), &text)
	return text
}

// read decodes what an expression is.
func (p *page) read(expression string, into any) {
	p.t.Helper()
	if err := json.Unmarshal([]byte(p.eval(expression)), into); err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
}

// painted waits until the browser has shown what was changed.
func (p *page) painted() {
	p.t.Helper()
	p.eval("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))")
}

// says fails the test for texts that the details of the chosen node do not have.
func (p *page) says(texts ...string) {
	p.t.Helper()
	got := p.text("#details")
	for _, text := range texts {
		if !strings.Contains(got, text) {
			p.t.Errorf("the details do not say %q but\n%s", text, got)
		}
	}
}

// listed returns the titles in the list.
func (p *page) listed() []string {
	p.t.Helper()
	var titles []string
	p.read(`[...document.querySelectorAll("nav li:not([hidden]) button")].map((b) => b.firstChild.textContent)`, &titles)
	return titles
}

// button selects the button of a node in the list.
func (p *page) button(title string) chromedp.CSS {
	p.t.Helper()
	var index int
	p.read(fmt.Sprintf(`[...document.querySelectorAll("nav button")].findIndex((b) => b.firstChild.textContent === %q)`, title), &index)
	if index < 0 {
		p.t.Fatalf("the list has no %s", title)
	}
	var node string
	p.read(fmt.Sprintf(`document.querySelectorAll("nav button")[%d].dataset.node`, index), &node)
	return chromedp.CSS(fmt.Sprintf(`nav button[data-node="%s"]`, node))
}

func (p *page) press(keys ...string) {
	p.t.Helper()
	for _, key := range keys {
		p.do(chromedp.KeyEvent(key))
	}
}

// slash presses / as a keyboard does: a key that the page takes for itself types nothing. The events of
// [chromedp.KeyEvent] would type it all the same.
func (p *page) slash() {
	p.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		key := input.DispatchKeyEventParams{Type: kind, Key: "/", Code: "Slash", WindowsVirtualKeyCode: 191}
		if kind == input.DispatchKeyEventTypeKeyDown {
			key.Text = "/"
		}
		if _, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, key); err != nil {
			p.t.Fatal(err)
		}
	}
}

// focused says which element has the focus: its id, or its text.
func (p *page) focused() string {
	p.t.Helper()
	var name string
	p.read(`document.activeElement.id || document.activeElement.firstChild?.textContent || document.activeElement.tagName`, &name)
	return name
}

// hostileNames is a directory with a Dockerfile in each of some directories whose names mean no good.
func hostileNames(t *testing.T) (dir string, names []string) {
	t.Helper()
	dir = t.TempDir()
	names = []string{"</script><script>console.error(1)</script>", "<img src=x onerror=console.error(2)>", `"><b>`, "{{script}}", "a\u202eb"}
	for _, name := range names {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, "Dockerfile"), []byte("FROM alpine:3.19\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir, names
}

// loadRules loads the rules of axe-core into the page, for checkRules.
func (p *page) loadRules() {
	p.t.Helper()
	axe, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		p.t.Fatalf("%v: make browsertest installs it", err)
	}
	p.eval(string(axe) + "; 0")
}

// chooseTheme switches to a theme: "light" or "dark".
func (p *page) chooseTheme(theme string) {
	p.t.Helper()
	for p.text("#theme") != "Theme: "+theme {
		p.do(chromedp.Click(chromedp.CSS("#theme")))
	}
}
