package cli_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// Colours are for terminals, and for who does not object.
func TestColors(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	args := []string{"--base", "base@1.0.1", "--dry-run"}
	bare := in(dir).run(t, args...).want(t, 0)
	p := program{dir: dir, terminal: true, env: map[string]string{}}
	r := p.run(t, args...).want(t, 0)
	for _, line := range []string{
		"\x1b[1mdiff --git a/services/a/Dockerfile b/services/a/Dockerfile\x1b[0m\n", "\x1b[1m--- a/services/a/Dockerfile\x1b[0m\n", "\x1b[36m@@ -1,2 +1,2 @@\x1b[0m\n",
		"\x1b[31m-FROM " + base + ":1.0.0\x1b[0m\n", "\x1b[32m+FROM " + base + ":1.0.1\x1b[0m\n", "\n RUN true\n",
	} {
		if !strings.Contains(r.stdout, line) {
			t.Errorf("the diff has no line %q: %q", line, r.stdout)
		}
	}
	plain := strings.NewReplacer("\x1b[1m", "", "\x1b[31m", "", "\x1b[32m", "", "\x1b[36m", "", "\x1b[0m", "")
	if got := plain.Replace(r.stdout); got != bare.stdout {
		t.Errorf("without its colours the diff is %q, want %q", got, bare.stdout)
	}
	for name, other := range map[string]result{
		"no terminal":   bare,
		"--no-color":    p.run(t, append(args, "--no-color")...),
		"NO_COLOR":      p.set("NO_COLOR", "1").run(t, args...),
		"dumb terminal": p.set("TERM", "dumb").run(t, args...),
		"CLICOLOR=0":    p.set("CLICOLOR", "0").run(t, args...),
		"who objects":   p.set("CLICOLOR_FORCE", "1").set("NO_COLOR", "1").run(t, args...),
	} {
		if other.want(t, 0).stdout != bare.stdout || strings.Contains(other.stderr, "\x1b") {
			t.Errorf("%s: it prints %q and says %q", name, other.stdout, other.stderr)
		}
	}
	if empty := p.set("NO_COLOR", "").run(t, args...); empty.stdout != r.stdout {
		t.Errorf("an empty NO_COLOR counts: %q", empty.stdout)
	}
	piped := program{dir: dir, env: map[string]string{}}
	if forced := piped.set("CLICOLOR_FORCE", "1").run(t, args...); forced.stdout != r.stdout {
		t.Errorf("with CLICOLOR_FORCE a pipe gets %q", forced.stdout)
	}
	if off := piped.set("CLICOLOR_FORCE", "0").run(t, args...); off.stdout != bare.stdout {
		t.Errorf("CLICOLOR_FORCE=0 counts: %q", off.stdout)
	}
	// Errors and hints; programs get no colours, on a terminal neither.
	wrong := p.start(t, "scan", "--fast").want(t, 2)
	if want := "\x1b[31mpropagate:\x1b[0m unknown flag: --fast\n\x1b[36mhint:\x1b[0m "; !strings.HasPrefix(wrong.stderr, want) {
		t.Errorf("it says %q, want %q", wrong.stderr, want)
	}
	p.run(t, append(args, "-o", "json")...).want(t, 0)
}

// slow is a registry that takes its time: a second for each answer.
type slow struct{}

func (slow) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(time.Second)
	header := http.Header{
		"Docker-Content-Digest": {"sha256:" + strings.Repeat("1", 64)}, "Content-Length": {"2"},
		"Content-Type": {"application/vnd.oci.image.index.v1+json"},
	}
	return &http.Response{StatusCode: http.StatusOK, Header: header, ContentLength: 2, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, nil
}

// While a person waits for a registry, the terminal says what for.
func TestProgressOfARun(t *testing.T) {
	t.Parallel()
	dir := plain(t, map[string]string{"a/Dockerfile": "FROM " + base + ":1.0.0@sha256:" + strings.Repeat("0", 64) + "\n"})
	synctest.Test(t, func(t *testing.T) {
		p := program{dir: dir, terminal: true, transport: slow{}}
		r := p.run(t, "plan", "--base", "base@1.0.1").want(t, 0)
		if want := "\r\x1b[Kplanning for 1 Dockerfile …\r\x1b[K"; r.stderr != want {
			t.Errorf("standard error is %q, want %q", r.stderr, want)
		}
		if r := p.run(t, "plan", "--base", "base@1.0.1", "--no-progress").want(t, 0); r.stderr != "" {
			t.Errorf("with --no-progress standard error is %q", r.stderr)
		}
	})
}
