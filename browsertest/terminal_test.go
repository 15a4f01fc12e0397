package browsertest

import (
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// ansi are the colours that a terminal shows for the commands that propagate writes.
var ansi = map[string]string{"1": "font-weight:bold", "2": "opacity:.7", "31": "color:#ff7b72", "32": "color:#7ee787", "33": "color:#e3b341", "34": "color:#79c0ff", "35": "color:#d2a8ff", "36": "color:#76e3ea"}

// shown returns a text for a terminal as HTML. What no terminal would show as a colour fails the test.
func shown(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	open := 0
	for i, part := range strings.Split(text, "\x1b[") {
		if i > 0 {
			codes, rest, ok := strings.Cut(part, "m")
			if !ok {
				t.Fatalf("%q is no colour", part)
			}
			for _, code := range strings.Split(codes, ";") {
				style := ansi[code]
				switch {
				case code == "0" || code == "" || code == "39" || code == "22":
					b.WriteString(strings.Repeat("</span>", open))
					open = 0
				case style == "":
					t.Fatalf("%q is no colour that is known here", code)
				default:
					fmt.Fprintf(&b, `<span style="%s">`, style)
					open++
				}
			}
			part = rest
		}
		b.WriteString(html.EscapeString(part))
	}
	return b.String() + strings.Repeat("</span>", open)
}

// The picture of a terminal in the documentation: what a person types, and sees.
func TestTerminalScreenshot(t *testing.T) {
	dir := sample(t)
	var screen strings.Builder
	for _, line := range []string{"graph", "--base base-python-ml@1.0.1 --dry-run"} {
		cmd := exec.CommandContext(t.Context(), propagate, append([]string{"-C", dir}, strings.Fields(line+" --unchecked")...)...)
		if line == "graph" {
			cmd.Args = cmd.Args[:len(cmd.Args)-1]
		}
		cmd.Env = append(os.Environ(), "CLICOLOR_FORCE=1", "COLUMNS=100", "NO_COLOR=")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("propagate %s: %v", line, err)
		}
		lines := strings.SplitAfter(string(out), "\n")
		fmt.Fprintf(&screen, "<b>$ propagate %s</b>\n%s\n", line, shown(t, strings.Join(lines[:min(len(lines), 24)], "")))
	}
	if !strings.Contains(screen.String(), `<span style="`) {
		t.Error("there is no colour in it")
	}
	file := filepath.Join(t.TempDir(), "terminal.html")
	page := `<!DOCTYPE html><meta charset="utf-8"><title>Terminal</title><style>body{margin:0;background:#0d1117;color:#e6edf3}pre{margin:16px;font:14px/1.35 monospace}</style><pre>` + screen.String() + "</pre>"
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	p := openFile(t, file)
	p.do(chromedp.EmulateViewport(960, 640))
	p.screenshot("../docs/images/terminal.png")
}
