//go:build linux

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// onTerminal runs a command on a real terminal of 70 cells, and returns what the terminal got. It calls a function
// of when as soon as the terminal has shown its text.
func onTerminal(t *testing.T, cmd *exec.Cmd, when map[string]func()) string {
	t.Helper()
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 70})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = terminal.Close() }()
	var all strings.Builder
	buffer := make([]byte, 4096)
	for {
		n, err := terminal.Read(buffer)
		all.Write(buffer[:n])
		for text, do := range when {
			if strings.Contains(all.String(), text) {
				delete(when, text)
				do()
			}
		}
		if err != nil { // the other end is closed
			break
		}
	}
	for text, do := range when { // nothing waits for a program that has ended
		t.Errorf("the terminal never shows %q", text)
		do()
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, all.String())
	}
	return all.String()
}

// erased is a line that was taken away again.
var erased = regexp.MustCompile(`[^\n]*\r\x1b\[K`)

func propagate(t *testing.T, dir string, args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a program that does not end
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, "propagate", append([]string{"-C", dir, "--no-cache"}, args...)...)
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "CI=") && !strings.HasPrefix(pair, "COLUMNS=") && !strings.HasPrefix(pair, "NO_COLOR=") {
			cmd.Env = append(cmd.Env, pair)
		}
	}
	cmd.Env = append(append(cmd.Env, environ...), "TERM=xterm")
	return cmd
}

// manyImages is a repository with a Dockerfile on each of 6 images, whose registry answers when answer returns.
func manyImages(t *testing.T, answer func(repository string)) string {
	t.Helper()
	registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		repository, ok := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/v2/"), "/tags/list")
		if ok {
			answer(repository)
			_, _ = fmt.Fprintf(w, `{"name": %q, "tags": ["1.0.0"]}`, repository)
		}
	}))
	t.Cleanup(registry.Close)
	files := map[string]string{}
	for i := range 6 {
		files[fmt.Sprintf("s%02d/Dockerfile", i)] = fmt.Sprintf("FROM %s/base-%02d:1.0.0\n", registry.Listener.Addr(), i)
	}
	return gittest.Init(t, files)
}

// While registries and the forge take their time, a person sees what is done, how much of it, and how long
// the rest may take; what is left in the end is the result. Nothing runs beside it: the line is a matter of time.
func TestProgressOnATerminal(t *testing.T) {
	second, others := make(chan struct{}), make(chan struct{})
	dir := manyImages(t, func(repository string) {
		switch repository {
		case "base-00":
		case "base-01":
			<-second
		default:
			<-others
		}
	})
	said := onTerminal(t, propagate(t, dir, "outdated"), map[string]func(){
		"1 of 6 images": func() { close(second) }, "2 of 6 images, about ": func() { close(others) },
	})
	if !regexp.MustCompile(`\r\x1b\[K2 of 6 images, about \d+ seconds? left: asking the registry`).MatchString(said) {
		t.Errorf("it does not say how long the rest takes: %q", said)
	}
	if left := erased.ReplaceAllString(said, ""); strings.Contains(left, "…") || strings.Contains(left, "asking") || !strings.Contains(left, "6 images in 6 versions: 0 outdated, 6 up to date") {
		t.Errorf("in the end the terminal shows %q", left)
	}

	g := newGate(t, http.MethodPost, "/pulls")
	cmd := propagate(t, g.clone, "--base", "base@1.0.1", "--unchecked", "--publish", "pr")
	cmd.Env = append(cmd.Env, "GITHUB_TOKEN="+token, "GITHUB_API_URL="+g.url, "GITHUB_SERVER_URL="+g.url, "GITHUB_REPOSITORY=acme/platform")
	said = onTerminal(t, cmd, map[string]func(){": pull request for propagate/base": func() { close(g.opened) }})
	if !regexp.MustCompile(`\r\x1b\[K0 of 1 change(, about \d+ seconds? left)?: pull request for propagate/base …`).MatchString(said) {
		t.Errorf("it does not say what it waits for: %q", said)
	}
	if left := erased.ReplaceAllString(said, ""); strings.Contains(left, "…") || !strings.Contains(left, "1 build moves to base 1.0.1 in 1 place, in 1 pull request (created)") {
		t.Errorf("in the end the terminal shows %q", left)
	}
}

// Nobody gets progress who did not ask for it, or who would keep each line of it. The registry answers after it
// would have been shown.
func TestNoProgress(t *testing.T) {
	t.Parallel()
	dir := manyImages(t, func(string) { <-time.After(1200 * time.Millisecond) })
	for name, change := range map[string]func(*exec.Cmd){
		"--no-progress": func(cmd *exec.Cmd) { cmd.Args = append(cmd.Args, "--no-progress") },
		"--quiet":       func(cmd *exec.Cmd) { cmd.Args = append(cmd.Args, "--quiet") },
		"CI":            func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "CI=true") },
		"TERM=dumb":     func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "TERM=dumb") },
		"a pipe":        nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := propagate(t, dir, "outdated")
			said := ""
			if change == nil {
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Fatal(err)
				}
				said = string(out)
			} else {
				change(cmd)
				said = onTerminal(t, cmd, nil)
			}
			if strings.Contains(said, "…") || strings.Contains(said, "asking") || !strings.Contains(said, "6 images in 6 versions") {
				t.Errorf("it says %q", said)
			}
		})
	}
}

// While a large repository is read, a person sees what is read, and how much of it. Git waits here with the content until
// the terminal has shown that.
func TestReadingOnATerminal(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 40 {
		files[fmt.Sprintf("s%02d/Dockerfile", i)] = "FROM acme/base:1.0.0\n"
	}
	dir, gates, bin := gittest.Init(t, files), t.TempDir(), t.TempDir()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	// The first process reads the commit and its directories, the next ones read files.
	script := fmt.Sprintf(`#!/bin/sh
case "$*" in *cat-file*)
	gate=files
	mkdir '%[1]s/begun' 2>/dev/null && gate=commit
	while [ ! -e "%[1]s/$gate" ]; do sleep 0.05; done ;;
esac
exec '%[2]s' "$@"
`, gates, git)
	if err := os.WriteFile(filepath.Join(bin, "git"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	open := opener(t, gates)
	cmd := propagate(t, dir, "graph")
	cmd.Env = append(cmd.Env, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	said := onTerminal(t, cmd, map[string]func(){"reading the repository …": open("commit"), "0 of 40 Dockerfiles: reading the files of commit ": open("files")})
	if left := erased.ReplaceAllString(said, ""); strings.Contains(left, "reading") || !strings.Contains(left, "acme/base") {
		t.Errorf("in the end the terminal shows %q", left)
	}
}

// opener returns what opens a gate, a file in a directory that a script waits for.
func opener(t *testing.T, gates string) func(gate string) func() {
	return func(gate string) func() {
		return func() {
			if err := os.WriteFile(filepath.Join(gates, gate), nil, 0o600); err != nil {
				t.Error(err)
			}
		}
	}
}

// Branches that git pushes one after the other are counted, as to GitLab, where each has options of its own. The server
// takes none of them before the terminal has shown how many are there.
func TestPushesOnATerminal(t *testing.T) {
	t.Parallel()
	server, gates := gittest.NewServer(t, "owner", "repo", "", ""), t.TempDir()
	dir := gittest.Init(t, map[string]string{"a/Dockerfile": "FROM acme/base:1.0.0\n", "b/Dockerfile": "FROM acme/base:1.0.0\n"})
	gittest.Git(t, dir, "push", "--quiet", server.Dir, "main")
	gittest.Git(t, dir, "remote", "add", "origin", server.URL)
	gittest.Git(t, server.Dir, "config", "receive.advertisePushOptions", "true")
	server.Hook(t, "pre-receive", fmt.Sprintf(`gate=second
mkdir '%[1]s/begun' 2>/dev/null && gate=first
while [ ! -e "%[1]s/$gate" ]; do sleep 0.05; done`, gates))
	open := opener(t, gates)
	cmd := propagate(t, dir, "--base", "base@1.0.1", "--unchecked", "--publish", "push", "--group", "service")
	cmd.Env = append(cmd.Env, "GITLAB_CI=true", "CI_SERVER_HOST=127.0.0.1")
	said := onTerminal(t, cmd, map[string]func(){"0 of 2 branches: pushing to origin": open("first"), "1 of 2 branches": open("second")})
	if left := erased.ReplaceAllString(said, ""); strings.Contains(left, "pushing to") || !strings.Contains(left, "2 builds move to base 1.0.1") {
		t.Errorf("in the end the terminal shows %q", left)
	}
}
