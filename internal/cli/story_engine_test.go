//go:build engine

package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/enginetest"
	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// engine makes images with BuildKit, from the Dockerfiles as they are in the clone.
type engine struct{ *enginetest.Engine }

func (g engine) upstream(t *testing.T, e *estate, reference, month string) {
	t.Helper()
	g.Upstream(t, e.registry.Host+"/hub/"+reference, month)
}

func (g engine) base(t *testing.T, e *estate, base string) string {
	t.Helper()
	name, _, _ := strings.Cut(base, ":")
	return g.Build(t, filepath.Join(e.clone, "docker", name), e.team()+base)
}

func (g engine) service(t *testing.T, e *estate, name string) {
	t.Helper()
	g.Build(t, filepath.Join(e.clone, "services", name), e.team()+name+":1")
}

// The story of an emergency with images that BuildKit builds.
func TestEngineStoryOfAnEmergency(t *testing.T) {
	t.Parallel()
	tellStory(t, engine{enginetest.Start(t)})
}

// dockerScript stands in for docker: it finds its plugin buildx, as docker does.
const dockerScript = "#!/bin/sh\n[ \"$1\" = buildx ] || exit 1\nshift\nexec buildx \"$@\"\n"

// The commands of the runbook are run as they are there, in their order. What a person does between them is merging.
func TestEngineRunbook(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/emergency.md")
	if err != nil {
		t.Fatal(err)
	}
	g := engine{enginetest.Start(t)}
	s := newStory(t, g)
	g.upstream(t, s, "eclipse-temurin:21-jre-alpine", "patched")
	p := s.program(nil)
	p.environ = g.Environ(t, "buildx")
	bin, _ := strings.CutPrefix(p.environ[slices.IndexFunc(p.environ, func(kv string) bool { return strings.HasPrefix(kv, "PATH=") })], "PATH=")
	if err := os.WriteFile(filepath.Join(bin, "docker"), []byte(dockerScript), 0o700); err != nil {
		t.Fatal(err)
	}
	// Each command of a line gets what the one before has printed.
	command := func(line string) (printed string) {
		for words := range strings.SplitSeq(line, " | ") {
			args := strings.Fields(words)
			switch args[0] {
			case "propagate":
				printed = p.run(t, args[1:]...).want(t, 0).stdout
			case "git":
				printed = gittest.Git(t, s.clone, args[1:]...)
			case "docker":
				cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "docker"), args[1:]...)
				cmd.Dir, cmd.Env, cmd.Stdin = s.clone, p.environ, strings.NewReader(printed)
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Fatalf("%s: %v\n%s", words, err, out)
				}
				printed = string(out)
			default:
				t.Fatalf("the page has a command that nobody runs: %s", words)
			}
		}
		return printed
	}
	merge := func() (merged int) {
		for _, pull := range s.api.Pulls() {
			if pull.State == forge.Open {
				s.api.MergePullAndDelete(pull.Number)
				merged++
			}
		}
		return merged
	}
	gittest.Git(t, s.clone, "remote", "set-url", "origin", s.git.AuthURL())
	gittest.Git(t, s.clone, "branch", "--quiet", "--set-upstream-to", "origin/main")
	var steps, last string
	for _, section := range strings.Split(string(page), "\n## ")[1:] {
		title, _, _ := strings.Cut(section, "\n")
		for _, block := range regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllStringSubmatch(section, -1) {
			for line := range strings.Lines(block[1]) {
				last = command(strings.TrimSuffix(line, "\n"))
			}
			steps += title[:1]
		}
		switch title[:1] {
		case "1":
			if !strings.HasSuffix(last, "\n3 of 3 patched\n") { // on what is now known to be vulnerable
				t.Errorf("%s: it says %s", title, last)
			}
		case "2", "4":
			if n, want := merge(), map[string]int{"2": 1, "4": 3}[title[:1]]; n != want {
				t.Errorf("%s: %d pull requests are open, want %d", title, n, want)
			}
		case "3":
			if !strings.HasSuffix(last, "\n1 pushed\n") {
				t.Errorf("%s: it says %s", title, last)
			}
		}
	}
	if steps != "123456" {
		t.Errorf("the page has commands for the steps %s", steps)
	}
	if !strings.HasSuffix(last, "\n3 of 3 patched\n") {
		t.Errorf("in the end it says %s", last)
	}
}
