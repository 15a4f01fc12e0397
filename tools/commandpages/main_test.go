package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The pages in docs are what the commands say of themselves.
func TestPagesAreCurrent(t *testing.T) {
	t.Parallel()
	const kept = "../../docs/commands"
	dir := filepath.Join(t.TempDir(), "commands")
	if err := run([]string{"-markdown", dir}); err != nil {
		t.Fatal(err)
	}
	want, got := files(t, dir), files(t, kept)
	for name, text := range want {
		if got[name] != text {
			t.Errorf("docs/commands/%s is not what the command says: run make command-pages", name)
		}
	}
	for name := range got {
		if want[name] == "" {
			t.Errorf("docs/commands/%s is of no command: run make command-pages", name)
		}
	}
	if len(want) < 10 || !strings.Contains(want["propagate_plan.md"], "--base IMAGE@VERSION") {
		t.Errorf("there are %d pages", len(want))
	}
}

// Manual pages are the same each time, have a page for each command, and replace those of another time.
func TestManualPages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "propagate-gone.1"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"-man", dir, "-version", "1.2.3"}); err != nil {
		t.Fatal(err)
	}
	first := files(t, dir)
	if err := run([]string{"-man", dir, "-version", "1.2.3"}); err != nil {
		t.Fatal(err)
	}
	for name, text := range files(t, dir) {
		if first[name] != text {
			t.Errorf("%s is another the second time", name)
		}
	}
	if _, there := first["propagate-gone.1"]; there {
		t.Error("the page of a command that is gone stays")
	}
	for _, part := range []string{`.TH "PROPAGATE-INIT-WORKFLOW" "1" "Jan 1970" "propagate 1.2.3"`, "--write", "SEE ALSO"} {
		if !strings.Contains(first["propagate-init-workflow.1"], part) {
			t.Errorf("the page lacks %q:\n%s", part, first["propagate-init-workflow.1"])
		}
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"-man", t.TempDir(), "more"}, {"-what"}} {
		if err := run(args); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}

// files returns the files of a directory.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(text)
	}
	return all
}

// The completions are those that the command prints, under the names that shells look for.
func TestCompletions(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "completions")
	if err := run([]string{"-completions", dir}); err != nil {
		t.Fatal(err)
	}
	got := files(t, dir)
	for name, part := range map[string]string{"propagate.bash": "complete -o default -F __start_propagate propagate", "_propagate": "#compdef propagate", "propagate.fish": "complete -c propagate", "propagate.ps1": "Register-ArgumentCompleter"} {
		if !strings.Contains(got[name], part) {
			t.Errorf("%s lacks %q:\n%.300s", name, part, got[name])
		}
	}
	if len(got) != 4 {
		t.Errorf("there are %d files", len(got))
	}
}
