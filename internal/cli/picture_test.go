package cli_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// A file has the form that its name says, whole or not at all, and the standard output has the same bytes.
func TestGraphFiles(t *testing.T) {
	t.Parallel()
	dir, out := gittest.Init(t, matih(t)), t.TempDir()
	for ending, form := range map[string]string{"html": "html", "svg": "svg", "png": "png", "dot": "dot", "mmd": "mermaid", "json": "json", "txt": "text"} {
		file := filepath.Join(out, "graph."+ending)
		for range 2 { // the second takes the place of the first
			if r := in(dir).run(t, "graph", "-o", file).want(t, 0); r.stdout != "" || r.stderr != file+" is written\n" {
				t.Errorf("-o graph.%s prints %q and says %q", ending, r.stdout, r.stderr)
			}
		}
		if got, want := read(t, out, "graph."+ending), in(dir).run(t, "graph", "--format", form).want(t, 0).stdout; got != want || got == "" {
			t.Errorf("graph.%s has %d bytes, --format %s prints %d", ending, len(got), form, len(want))
		}
	}
	if _, err := png.Decode(strings.NewReader(read(t, out, "graph.png"))); err != nil {
		t.Error(err)
	}
	if err := xml.Unmarshal([]byte(read(t, out, "graph.svg")), new(struct{})); err != nil {
		t.Error(err)
	}
	if err := os.Mkdir(filepath.Join(out, "dir.svg"), 0o755); err != nil {
		t.Fatal(err)
	}
	before := everything(t, out)
	for _, name := range []string{"dir.svg", "none/graph.svg"} {
		in(dir).run(t, "graph", "-o", filepath.Join(out, filepath.FromSlash(name))).want(t, 1).says(t, "propagate: --output "+filepath.Join(out, filepath.FromSlash(name))+": ")
	}
	in(dir).run(t, "graph", "-o", filepath.Join(out, "graph.svg"), "--base", "no-such-base").want(t, 2).says(t, "propagate: --base no-such-base: ")
	if changed := differences(before, everything(t, out)); len(changed) > 0 {
		t.Errorf("what fails changes %v", changed)
	}
	program{dir: dir, terminal: true, env: map[string]string{"NO_COLOR": "1"}}.run(t, "graph", "--format", "png").want(t, 2).says(t, "--format png: it is no text", "hint: -o graph.png writes a file")
}

// The picture of a base highlights what the list of affected builds has, wave by wave.
func TestGraphHighlights(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, matih(t))
	for _, base := range []string{"base-python-ml@1.0.2", "base-python-ml@1.0.1", "base-java", "eclipse-temurin"} {
		var want, got []string
		for _, row := range document[struct{ Dockerfiles []affectedRow }](t, in(dir).run(t, "affected", "--base", base, "--level", "major", "-o", "json").want(t, 0)).Dockerfiles {
			if row.Action == "bump" || row.Action == "rebuild" {
				want = append(want, fmt.Sprintf("%s, wave %d", row.Path, row.Wave))
			}
		}
		svg := in(dir).run(t, "graph", "--format", "svg", "--base", base).want(t, 0).stdout
		for _, m := range regexp.MustCompile(`<title>(?:service|derived base) ([^<]*, wave \d+)</title>`).FindAllStringSubmatch(svg, -1) {
			got = append(got, m[1])
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) || len(got) == 0 {
			t.Errorf("%s: the picture highlights\n%s\nwant\n%s", base, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// In a workflow, whose runner reads what is printed, pictures are the same.
func TestPicturesInAWorkflow(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{"##[error]x/Dockerfile": from("1.0.0"), "::error::y/Dockerfile": from("1.0.1")})
	for _, form := range []string{"html", "svg", "png"} {
		want := in(dir).run(t, "graph", "--format", form).want(t, 0).stdout
		got := program{dir: dir, env: map[string]string{"GITHUB_ACTIONS": "true"}}.run(t, "graph", "--format", form).want(t, 0).stdout
		if got != want || form != "png" && strings.Contains(got, "##[") {
			t.Errorf("%s is another, or has a command", form)
		}
	}
}

// Owners that cannot be read are said, and the picture goes without.
func TestGraphWithWrongOwners(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, with(small(), "CODEOWNERS", "* @acme/[\n"))
	r := in(dir).run(t, "graph", "--format", "html").want(t, 0)
	if !strings.Contains(r.stderr, "the picture names no owners: CODEOWNERS:1: ") {
		t.Errorf("it says %q", r.stderr)
	}
}

// The system's own program opens the file, a temporary one where none is named.
func TestOpen(t *testing.T) {
	program := map[string]string{"linux": "xdg-open", "darwin": "open"}[runtime.GOOS]
	dir, bin, out := gittest.Init(t, small()), t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", out)
	pipe := filepath.Join(bin, "opened")
	if err := exec.Command("mkfifo", pipe).Run(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, program), []byte("#!/bin/sh\necho \"$1\" >"+pipe+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	for _, args := range [][]string{{"--open"}, {"--open", "-o", filepath.Join(out, "graph.svg")}} {
		r := in(dir).run(t, append([]string{"graph"}, args...)...).want(t, 0)
		opened, err := os.ReadFile(pipe) // it waits for the program
		if err != nil {
			t.Fatal(err)
		}
		file := strings.TrimSpace(string(opened))
		if r.stderr != file+" is written\n" || filepath.Dir(file) != out {
			t.Errorf("propagate graph %v opens %s and says %q", args, file, r.stderr)
		}
		if data, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(data, []byte("<")) {
			t.Errorf("%s begins with %.20q: %v", file, data, err)
		}
	}
	t.Setenv("PATH", t.TempDir())
	in(plain(t, small())).run(t, "graph", "--open").want(t, 1).says(t, "propagate: --open: there is no program "+program+"\nhint: open "+out)
}
