package cli_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/registry/registrytest"
	"github.com/matihlabs/propagate/internal/screen"
)

// A redirected transport has one server for all registries.
type redirected struct{ host string }

func (r redirected) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host, req.Host = "http", r.host, r.host
	return http.DefaultTransport.RoundTrip(req)
}

// sampleRegistries are registries that have all that the sample monorepo refers to, and newer patches
// of some of it.
func sampleRegistries(t *testing.T, dir string) http.RoundTripper {
	t.Helper()
	server := registrytest.Start(t, registrytest.Memory, registrytest.None)
	doc := document[struct {
		Dockerfiles []struct{ Images []struct{ Ref string } }
	}](t, in(dir).run(t, "scan", "-o", "json").want(t, 0))
	pushed := map[string]bool{}
	push := func(ref string, age int) {
		_, name, _ := strings.Cut(ref, "/")
		repository, tag, ok := strings.Cut(name, ":")
		if ok && !strings.Contains(tag, "@") && !pushed[name] {
			pushed[name] = true
			server.Push(t, repository, tag, registrytest.Image{Created: now.Add(-time.Duration(age) * 24 * time.Hour)})
		}
	}
	for _, file := range doc.Dockerfiles {
		for _, image := range file.Images {
			push(image.Ref, 60)
		}
	}
	push("matihlabsacr.azurecr.io/matih/base-python-ml:1.0.1", 2)
	push("matihlabsacr.azurecr.io/matih/base-java:1.0.3", 1)
	push("matihlabsacr.azurecr.io/matih/base-node:1.1.0", 40)
	return redirected{server.Host}
}

// escape is what colours a text.
var escape = regexp.MustCompile("\x1b\\[[0-9;]*m")

// tip is the commit of a branch, which is another one for each author and day.
var tip = regexp.MustCompile(`at [0-9a-f]{12}`)

// What people see of the sample monorepo: at three widths of a terminal, with colours and without,
// and in a pipe. Each has a golden file.
func TestScreens(t *testing.T) {
	t.Parallel()
	const root = "../../testdata/terminal"
	dir := gittest.Init(t, matih(t))
	registries := sampleRegistries(t, dir)
	const python = "base-python-ml@1.0.1"
	for name, args := range map[string][]string{
		"plan": {"plan", "--base", python}, "graph": {"graph"}, "outdated": {"outdated"}, "status": {"status", "--base", python},
		"scan": {"scan"}, "affected": {"affected", "--base", python}, "diff": {"--base", python, "--dry-run"}, "init": {"init"},
		"branch": {"--base", python, "--publish", "branch"},
	} {
		for form, p := range map[string]program{
			"60":       {terminal: true, width: 60},
			"80":       {terminal: true, width: 80},
			"160":      {terminal: true, width: 160},
			"columns":  {terminal: true, width: 160, env: map[string]string{"COLUMNS": "60"}},
			"no-color": {terminal: true, width: 80, env: map[string]string{"NO_COLOR": "1"}},
			"pipe":     {width: 60, env: map[string]string{"COLUMNS": "60"}},
			"forced":   {env: map[string]string{"CLICOLOR_FORCE": "1"}},
		} {
			t.Run(name+"-"+form, func(t *testing.T) {
				t.Parallel()
				p.dir, p.transport = dir, registries
				if name == "branch" {
					p.dir = gittest.Init(t, matih(t))
				}
				text := tip.ReplaceAllString(transcript(p.run(t, append([]string{"--no-progress"}, args...)...), p.dir), "at COMMIT")
				if strings.Contains(text, "\x1b") != (form != "pipe" && form != "no-color") && name != "init" {
					t.Errorf("it has colours, or none:\n%s", text)
				}
				if form == "columns" { // is 60 columns, too
					golden(t, filepath.Join(root, name+"-60.golden"), text)
					return
				}
				golden(t, filepath.Join(root, fmt.Sprintf("%s-%s.golden", name, form)), text)
				if name == "diff" || name == "init" {
					return // files, whose lines are theirs
				}
				for line := range strings.Lines(text) {
					line = strings.TrimRight(escape.ReplaceAllString(line, ""), "\n")
					if words := strings.Split(strings.TrimLeft(line, " │├└─"), " "); screen.Cells(line) > p.width && p.terminal && len(words) > 1 {
						t.Errorf("a line has %d cells: %q", screen.Cells(line), line)
					}
				}
			})
		}
	}
}

// Without its colours, what a pipe gets with CLICOLOR_FORCE is what it gets without, and so is a terminal's but
// for where its lines end.
func TestScreensSayTheSame(t *testing.T) {
	t.Parallel()
	const root = "../../testdata/terminal"
	for _, name := range []string{"plan", "graph", "outdated", "status", "scan", "affected", "branch"} {
		isTable := name == "outdated" || name == "status" || name == "affected"
		words := func(form string) string {
			data, err := os.ReadFile(filepath.Join(root, name+"-"+form+".golden"))
			if err != nil {
				t.Fatal(err)
			}
			return strings.Join(strings.FieldsFunc(escape.ReplaceAllString(string(data), ""), func(r rune) bool { return strings.ContainsRune(" \n│├└─", r) }), " ")
		}
		for _, form := range []string{"60", "80", "160", "no-color", "forced"} {
			if name == "graph" && form != "160" && form != "forced" {
				continue // it names fewer of what it folds where there is less room
			}
			got, want := words(form), words("pipe")
			if isTable && form != "forced" { // whose cells have their headings before them where they are below each other
				there := map[string]bool{}
				for _, word := range strings.Fields(got) {
					there[word] = true
				}
				for _, word := range strings.Fields(want) {
					if strings.ContainsAny(word, "/0123456789") && !there[word] {
						t.Errorf("%s %s does not say %q:\n%s", name, form, word, got)
					}
				}
				continue
			}
			if got != want {
				t.Errorf("%s %s says\n%s\nwant\n%s", name, form, got, want)
			}
		}
	}
}

// The graph of a monorepo of 300 Dockerfiles fits two screens. Four bases are based on images from outside, twelve on those
// four, and the services of twenty teams on all of them. Some services lag.
func TestLargeGraphOnTwoScreens(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	kinds := []string{"java", "node", "python", "nginx"}
	for i, kind := range kinds {
		files["bases/base-"+kind+"/Dockerfile"] = fmt.Sprintf("FROM upstream-%s:%d\nLABEL org.opencontainers.image.version=1.0.1\n", kind, 20+i)
		for _, more := range []string{"ml", "web", "jobs"} {
			files[fmt.Sprintf("bases/base-%s-%s/Dockerfile", kind, more)] = "FROM registry.example.com/base-" + kind + ":1.0.1\nLABEL org.opencontainers.image.version=2.0.0\n"
		}
	}
	for i := len(files); i < 300; i++ {
		from := []string{"base-" + kinds[i%4] + ":1.0.1", "base-" + kinds[i%4] + "-ml:2.0.0", "base-" + kinds[i%4] + "-web:2.0.0", "base-" + kinds[i%4] + "-jobs:2.0.0", "base-" + kinds[i%4] + ":1.0.0"}[i%5]
		files[fmt.Sprintf("teams/team-%02d/service-%03d/Dockerfile", i/3%20, i)] = "FROM registry.example.com/" + from + "\n"
	}
	p := program{dir: gittest.Init(t, files), terminal: true, width: 80}
	text := escape.ReplaceAllString(transcript(p.run(t, "--no-progress", "graph"), p.dir), "")
	if n := strings.Count(text, "\n"); n > 100 || !strings.Contains(text, "300 builds") {
		t.Errorf("it has %d lines:\n%s", n, text)
	}
	for path := range files {
		if base, ok := strings.CutPrefix(path, "bases/"); ok && !strings.Contains(text, base+"  ") {
			t.Errorf("it does not name %s:\n%s", path, text)
		}
	}
}
