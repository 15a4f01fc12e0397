package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// ambiguous is a repository with all that a person has to say: a name alone, two builds of one tag, an argument
// without a value, and a base whose next version nothing tells.
func ambiguous() map[string]string {
	return map[string]string{
		"compose.yaml": "services:\n  a: {build: {context: a}, image: 'registry.example/team/tool:1.0.0'}\n  b: {build: {context: b}, image: 'registry.example/team/tool:1.0.0'}\n" +
			"  mid: {build: {context: mid}, image: 'registry.example/team/mid:2026-11-09'}\n",
		"a/Dockerfile":          "FROM docker.io/library/alpine:3.20\n",
		"b/Dockerfile":          "FROM docker.io/library/debian:12\n",
		"bases/java/Dockerfile": "FROM docker.io/library/alpine:3.20\n",
		"mid/Dockerfile":        "FROM registry.example/team/java:1.4.2\n",
		"svc/x/Dockerfile":      "FROM registry.example/team/tool:1.0.0\n",
		"svc/y/Dockerfile":      "ARG TAG\nFROM registry.example/team/java:${TAG}\n",
		"svc/z/Dockerfile":      "FROM registry.example/team/mid:2026-11-09\n",
	}
}

// owned is a repository with teams.
func owned() map[string]string {
	return with(small(), "CODEOWNERS", "services/a/ @acme/web\nservices/b/ @acme/api\n",
		"images/base/Dockerfile", "FROM docker.io/library/alpine:3.20.1\n", "docker-bake.hcl", "target \"base\" {\n  context = \"images/base\"\n  tags = [\""+base+":1.0.0\"]\n}\n")
}

// What is proposed for a repository, and what is said of it.
func TestInitProposes(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{"sample": matih(t), "ambiguous": ambiguous(), "owned": owned()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := gittest.Init(t, files)
			r := in(dir).run(t, "init").want(t, 0)
			golden(t, filepath.Join("../../testdata/proposals", name+".golden"), transcript(r, dir))
			if _, err := os.Stat(filepath.Join(dir, config.Name)); err == nil {
				t.Error("something is written without a person")
			}
			// A shell has made the file when the program begins.
			write(t, dir, config.Name, "")
			again := in(dir).run(t, "init").want(t, 0)
			if again.stdout != r.stdout {
				t.Errorf("into a file it prints %s", again.stdout)
			}
		})
	}
}

// commentedEntry is what the head of the file says: a "#" in front of a key, or of an entry below one.
var commentedEntry = regexp.MustCompile(`(?m)^#([a-z-]+:|  )`)

// For each small repository: the proposed file is right, changes neither the graph nor a plan, and once it is there nothing is new.
// With all of its entries it is right as well, and no edge is lost.
func TestInitLosesNothing(t *testing.T) {
	t.Parallel()
	eachMonorepo(t, func(t *testing.T, m smallMonorepo) {
		dir := plain(t, m.files)
		symlink(t, dir, m.links)
		plan := append([]string{"plan", "--unchecked", "-o", "json"}, m.args...)
		graph, planned := in(dir).run(t, "graph", "-o", "json").stdout, in(dir).run(t, plan...)
		r := in(dir).run(t, "init", "--yes")
		if r.status != 0 {
			t.Fatalf("init: %s", r.stderr)
		}
		text := read(t, dir, config.Name)
		if was := m.files[config.Name]; was != "" && !keeps(text, was) {
			t.Errorf("lines of the file are lost: %s", text)
		}
		if r := in(dir).run(t, "config", "check").want(t, 0); m.files[config.Name] == "" && (!strings.Contains(r.stdout, "is right") || r.stderr != "") {
			t.Errorf("config check says %s%s of %s", r.stdout, r.stderr, text)
		}
		if got := in(dir).run(t, "graph", "-o", "json").stdout; got != graph {
			t.Errorf("with the file the graph is %s, and was %s", got, graph)
		}
		if got := in(dir).run(t, plan...); m.files[config.Name] == "" && (got.stdout != planned.stdout || got.status != planned.status) {
			t.Errorf("with the file the plan is %s, and was %s", got.stdout, planned.stdout)
		}
		in(dir).run(t, "init", "--yes").want(t, 0).says(t, "unchanged: ")
		if read(t, dir, config.Name) != text {
			t.Error("a second run has changed the file")
		}
		write(t, dir, config.Name, commentedEntry.ReplaceAllString(text, "$1"))
		in(dir).run(t, "config", "check").want(t, 0)
		if got := in(dir).run(t, "graph", "-o", "json").stdout; edges(t, got) < edges(t, graph) {
			t.Errorf("with all entries the graph has %d edges, and had %d: %s", edges(t, got), edges(t, graph), read(t, dir, config.Name))
		}
	})
}

// keeps reports whether a text has all lines of another one, in their order.
func keeps(text, was string) bool {
	rest := text
	for line := range strings.Lines(was) {
		_, after, ok := strings.Cut(rest, strings.TrimSuffix(line, "\n"))
		if !ok {
			return false
		}
		rest = after
	}
	return true
}

// edges counts what the graph knows of its references. Each known image counts once, and once more if a build here makes it.
func edges(t *testing.T, document string) int {
	t.Helper()
	var g struct {
		Uses []struct {
			Ref    *string
			MadeBy []struct{ Path string } `json:"made_by"`
		}
	}
	if err := json.Unmarshal([]byte(document), &g); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, use := range g.Uses {
		if use.Ref != nil {
			n++
		}
		if len(use.MadeBy) > 0 {
			n++
		}
	}
	return n
}

// A person at a terminal is asked; the answer decides, and nothing else is touched.
func TestInitAsks(t *testing.T) {
	t.Parallel()
	for answer, written := range map[string]bool{"y\n": true, "yes\n": true, "n\n": false, "\n": false} {
		t.Run(fmt.Sprintf("%q", answer), func(t *testing.T) {
			t.Parallel()
			dir := gittest.Init(t, owned())
			p := program{dir: dir, answer: answer, terminal: true, env: map[string]string{"NO_COLOR": "1"}}
			before := everything(t, dir)
			r := p.run(t, "init").want(t, 0)
			r.says(t, "Write .propagate.yaml? [y/N] ", "yaml-language-server")
			changed := strings.Join(differences(before, everything(t, dir)), " ")
			if want := map[bool]string{true: config.Name}[written]; changed != want {
				t.Errorf("it has changed %q, want %q", changed, want)
			}
			if !written {
				r.says(t, "note: nothing was written\n")
			}
		})
	}
	// What goes into a file is no question.
	dir := gittest.Init(t, owned())
	r := program{dir: dir, answer: "y\n", env: map[string]string{}}.run(t, "init").want(t, 0)
	if strings.Contains(r.stderr, "[y/N]") || !strings.HasPrefix(r.stdout, "# yaml-language-server: ") {
		t.Errorf("it prints %q and says %q", r.stdout, r.stderr)
	}
}

// After a base was added, the proposal is that base and nothing else. What a person wrote stays.
func TestInitAgain(t *testing.T) {
	t.Parallel()
	files := matih(t)
	dir := gittest.Init(t, files)
	in(dir).run(t, "init", "--yes").want(t, 0).says(t, "written: .propagate.yaml: ")
	person := strings.Replace(read(t, dir, config.Name), "#labels: [dependencies, propagate]", "# ours, since 2024\nlabels: [bots] # for the board", 1)
	write(t, dir, config.Name, person)
	if err := os.Chmod(filepath.Join(dir, config.Name), 0o640); err != nil {
		t.Fatal(err)
	}
	in(dir).run(t, "init").want(t, 0).says(t, "unchanged: .propagate.yaml: nothing is new\n")
	for name, content := range map[string]string{
		"bases/base-go/Dockerfile":   "FROM docker.io/library/golang:1.25.1\n",
		"services/fast/Dockerfile":   "FROM matihlabsacr.azurecr.io/matih/base-go:1.0.0\n",
		"bases/base-rust/Dockerfile": "FROM docker.io/library/rust:1.90.0\n",
		"compose.yaml":               "services:\n  rust: {build: {context: bases/base-rust}, image: 'matihlabsacr.azurecr.io/matih/base-rust:1.0.0'}\n",
		"services/hard/Dockerfile":   "FROM matihlabsacr.azurecr.io/matih/base-rust:1.0.0\n",
	} {
		write(t, dir, name, content)
	}
	gittest.Git(t, dir, "add", ".")
	gittest.Git(t, dir, "commit", "-q", "-m", "Two bases")
	r := in(dir).run(t, "init").want(t, 0)
	var added []string
	for line := range strings.Lines(r.stdout) {
		if strings.HasPrefix(line, "-") && !strings.HasPrefix(line, "--- ") {
			t.Errorf("a line of the person goes: %s", line)
		}
		if strings.HasPrefix(line, "+") && !strings.HasPrefix(line, "+++ ") {
			added = append(added, line)
		}
	}
	want := "+# - matihlabsacr.azurecr.io/matih/base-rust: bases/base-rust/Dockerfile, by compose.yaml:2 (1 dependent build)\n" +
		"+\n+# Which Dockerfile builds which image, where names alone say it or where it is not clear:\n+images:\n" +
		"+#  bases/base-go/Dockerfile: matihlabsacr.azurecr.io/matih/base-go  # 1 dependent build\n"
	if got := strings.Join(added, ""); got != want {
		t.Errorf("it adds %s, want %s", got, want)
	}
	r.says(t, "note: nothing was written: --yes adds this to .propagate.yaml\n")
	if read(t, dir, config.Name) != person {
		t.Error("it is written without --yes")
	}
	shown := in(dir).run(t, "init", "--yes").want(t, 0)
	shown.says(t, "+# - matihlabsacr.azurecr.io/matih/base-rust", "written: .propagate.yaml: 1 proposal to look at")
	if text := read(t, dir, config.Name); !keeps(text, person) {
		t.Errorf("lines are lost: %s", text)
	}
	info, err := os.Stat(filepath.Join(dir, config.Name))
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("its mode is %v (%v)", info.Mode(), err)
	}
	in(dir).run(t, "init").want(t, 0).says(t, "unchanged: ")
}

// What cannot be written is printed, and it is said why; with --yes it is an error before anything is printed.
func TestInitWithoutAWorkTree(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, owned())
	bare := filepath.Join(gittest.TempDir(t), "bare.git")
	gittest.Git(t, dir, "clone", "-q", "--bare", ".", bare)
	for name, tc := range map[string]struct {
		dir  string
		args []string
	}{"bare": {bare, nil}, "revision": {dir, []string{"--ref", "main"}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := in(tc.dir).run(t, append([]string{"init"}, tc.args...)...).want(t, 0)
			r.says(t, "note: .propagate.yaml cannot be written: what was read is no work tree\n", "# Bases that are built here")
			wrong(t, in(tc.dir).run(t, append([]string{"init", "--yes"}, tc.args...)...), "--yes: .propagate.yaml cannot be written", "without --yes the proposal is printed")
			other := filepath.Join(gittest.TempDir(t), "other.yaml")
			in(tc.dir).run(t, append([]string{"init", "--yes", "--config", other}, tc.args...)...).want(t, 0)
			in(tc.dir).run(t, append([]string{"config", "check", "--config", other}, tc.args...)...).want(t, 0).says(t, "is right")
		})
	}
}

// What is no regular file is not replaced, and a configuration that is wrong is named.
func TestInitRefuses(t *testing.T) {
	t.Parallel()
	dir := plain(t, owned())
	write(t, dir, "real.yaml", "labels: [a]\n")
	link(t, "real.yaml", filepath.Join(dir, config.Name))
	r := in(dir).run(t, "init", "--yes", "--config", filepath.Join(dir, "services")).want(t, 2)
	r.says(t, "it is no regular file", "hint: --config names another file")
	write(t, dir, "wrong.yaml", "label: [a]\n")
	in(dir).run(t, "init", "--config", filepath.Join(dir, "wrong.yaml")).want(t, 2).says(t, "wrong.yaml:1:1: ")
	before := everything(t, dir)
	write(t, dir, "services/n/Dockerfile", "FROM registry.example/team/thing:1.0.0\n")
	write(t, dir, "thing/Dockerfile", "FROM scratch\n")
	in(dir).run(t, "init", "--yes").want(t, 1).says(t, "it is a symbolic link, and is left", "hint: --config names the file that it leads to")
	if changed := differences(before, everything(t, dir, "thing", "services/n")); len(changed) > 0 {
		t.Errorf("it has changed %q", changed)
	}
}
