package cli_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/registry/registrytest"
)

// hostileEstate is a repository whose names mean no good, to Markdown and to HTML.
func hostileEstate() map[string]string {
	return map[string]string{
		"s/<img src=x onerror=alert(1)>/Dockerfile":        "FROM reg.example/base:1.0.0\n",
		"s/</script><script>alert(2)</script>/Dockerfile":  "FROM reg.example/base:1.1.0\n",
		"s/a|b `tick` [x](javascript:alert(3))/Dockerfile": "FROM reg.example/base:1.0.0\n",
		"s/\"quoted\" {{script}} {{body}}/Dockerfile":      "FROM reg.example/base\n",
		"s/@someone fixes #1 <!-- x -->/Dockerfile":        "ARG V\nFROM reg.example/base:${V}<b>\n",
		"javascript:alert(4)/Dockerfile":                   "FROM reg.example/base:1.1.0\n",
		"s/##[error]x/Dockerfile":                          "FROM reg.example/base:1.1.0\n",
		"s/hash#L1?query&amp;/Dockerfile":                  "FROM reg.example/base:1.1.0\n",
		"s/bidi\u202e/Dockerfile":                          "FROM reg.example/base:1.1.0\n",
		"compose.yaml":                                     "services:\n  x:\n    image: registry.example/x\n    build: {context: s/bidi\u202e, target: \"</details><b>\"}\n",
	}
}

// What the report says of two repositories, as Markdown and as JSON.
func TestReports(t *testing.T) {
	t.Parallel()
	const root = "../../testdata/reports"
	for name, files := range map[string]map[string]string{"sample": matih(t), "hostile": hostileEstate()} {
		dir := plain(t, files)
		golden(t, filepath.Join(root, name+".md"), in(dir).run(t, "report", "--quiet").want(t, 0).stdout)
		golden(t, filepath.Join(root, name+".json"), in(dir).run(t, "report", "--quiet", "-o", "json").want(t, 0).stdout)
	}
}

// Names from a repository are texts of the page and nothing else, and its links stay below the repository.
func TestReportOfHostileNames(t *testing.T) {
	t.Parallel()
	dir := plain(t, hostileEstate())
	for _, file := range []string{"report.html", "docs/report.html"} {
		if err := os.MkdirAll(filepath.Join(dir, "docs"), 0o755); err != nil {
			t.Fatal(err)
		}
		in(dir).run(t, "report", "--quiet", "-o", filepath.Join(dir, filepath.FromSlash(file))).want(t, 0)
		doc, err := html.Parse(strings.NewReader(read(t, dir, file)))
		if err != nil {
			t.Fatal(err)
		}
		count, links := map[string]int{}, 0
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			count[n.Data]++
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s has %s", n.Data, a.Key)
				}
				if a.Key != "href" || n.Data != "a" {
					continue
				}
				links++
				want := ""
				if file != "report.html" {
					want = "../"
				}
				path, ok := strings.CutPrefix(a.Val, want)
				path, _, _ = strings.Cut(path, "#")
				if !ok || strings.ContainsAny(path, ":?&<>\"' ") || !strings.HasSuffix(path, "/Dockerfile") && path != "compose.yaml" {
					t.Errorf("a link goes to %q", a.Val)
				}
			}
		}
		if count["script"] != 1 || count["img"] != 0 || count["base"] != 0 || links < 10 {
			t.Errorf("the page has %v, and %d links", count, links)
		}
	}
}

// Where the report goes and in which form is said as for propagate graph.
func TestReportForms(t *testing.T) {
	t.Parallel()
	dir, out := plain(t, small()), t.TempDir()
	markdown := in(dir).run(t, "report").want(t, 0).stdout
	page := in(dir).run(t, "report", "--format", "html").want(t, 0).stdout
	if !strings.HasPrefix(markdown, "# Base images\n") || !strings.HasPrefix(page, "<!DOCTYPE html>") || strings.Contains(page, "<a href") {
		t.Errorf("%.60q, %.60q", markdown, page)
	}
	for file, begins := range map[string]string{"r.html": "<!DOCTYPE html>", "r.md": "# Base images\n", "r.json": "{\n  \"schema\": \"propagate/report/v1\""} {
		r := in(dir).run(t, "report", "-o", filepath.Join(out, file)).want(t, 0)
		r.says(t, file+" is written")
		if got := read(t, out, file); !strings.HasPrefix(got, begins) || r.stdout != "" {
			t.Errorf("%s begins with %.60q, %q is printed", file, got, r.stdout)
		}
	}
	for _, test := range []struct {
		args []string
		says string
	}{
		{[]string{"--format", "svg"}, "--format svg: there is no such form"},
		{[]string{"--format", "html", "-o", "r.md"}, "--output r.md, --format html: the file is for markdown by its name"},
		{[]string{"--format", "markdown", "-o", "json"}, "they exclude each other"},
		{[]string{"--open", "--format", "markdown"}, "--open: there is no page to open"},
		{[]string{"--open", "-o", "r.md"}, "--open: there is no page to open"},
		{[]string{"-o", "r.svg"}, "--output r.svg: propagate report has no such format"},
	} {
		in(dir).run(t, append([]string{"report"}, test.args...)...).want(t, 2).says(t, "propagate: ", test.says)
	}
	in(plain(t, map[string]string{"README.md": "# nothing\n"})).run(t, "report").want(t, 0)
}

// A page links to the forge that origin names, and Markdown to the files beside it.
func TestReportLinks(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	commit := gittest.Git(t, dir, "rev-parse", "HEAD")
	gittest.Git(t, dir, "remote", "add", "origin", "https://user:secret@github.com/acme/mono.git")
	page := in(dir).run(t, "report", "--format", "html").want(t, 0).stdout
	if !strings.Contains(page, `<base href="https://github.com/acme/mono/blob/`+commit+`/">`) || !strings.Contains(page, `<a href="services/a/Dockerfile#L1">`) || strings.Contains(page, "secret") {
		t.Error("the page does not link to the commit")
	}
	if got := in(dir).run(t, "report").want(t, 0).stdout; !strings.Contains(got, "](services/a/Dockerfile#L1)") {
		t.Errorf("Markdown links elsewhere:\n%s", got)
	}
	if err := os.Mkdir(filepath.Join(dir, "docs"), 0o755); err != nil {
		t.Fatal(err)
	}
	in(dir).run(t, "report", "-o", filepath.Join(dir, "docs", "report.md")).want(t, 0)
	if got := read(t, dir, "docs/report.md"); !strings.Contains(got, "](../services/a/Dockerfile#L1)") {
		t.Errorf("from docs it links elsewhere:\n%s", got)
	}
	gittest.Git(t, dir, "remote", "set-url", "origin", "https://git.example.com/mono.git")
	if page := in(dir).run(t, "report", "--format", "html").want(t, 0).stdout; strings.Contains(page, "<base ") || strings.Contains(page, "<a ") {
		t.Error("the page links to a server whose pages nobody knows")
	}
}

// nobody is a transport that fails the test when it is used.
type nobody struct{ t *testing.T }

func (n nobody) RoundTrip(r *http.Request) (*http.Response, error) {
	n.t.Errorf("%s is asked", r.URL)
	return nil, http.ErrServerClosed
}

// Without --registries nobody is asked, and it says so.
func TestReportAsksNobody(t *testing.T) {
	t.Parallel()
	r := program{dir: gittest.Init(t, matih(t)), transport: nobody{t}}.run(t, "report").want(t, 0)
	if strings.Count(r.stdout, "**not asked**") != 3 {
		t.Errorf("it says\n%s", r.stdout)
	}
}

// An asked is the part of the document that registries say.
type asked struct {
	Registries struct {
		Versions []struct {
			Version, State string
			Newest         struct{ Patch, Minor, Major *struct{ Tag string } }
			Moved          *struct {
				Was    *string
				Behind int
			}
		}
		Published []struct {
			Path, State, Reason string
			Images              []struct{ Reference string }
		}
		Unasked []struct {
			Registry, Reason string
			Images           int
		}
		Totals map[string]int
	}
}

// With --registries the report has what is newer, which tags have moved and which published images are stale. What cannot be asked is
// named, stops nothing and is not counted as up to date.
func TestReportWithRegistries(t *testing.T) {
	t.Parallel()
	server := registrytest.Start(t, registrytest.Memory, registrytest.None)
	team := server.Host + "/team/"
	for _, version := range []string{"1.0.0", "1.0.1", "1.2.0"} {
		server.Push(t, "team/java", version, registrytest.Image{Content: version, Created: now.Add(-48 * time.Hour)})
	}
	was := server.Push(t, "team/nginx", "1.27", registrytest.Image{Content: "old", Created: now.Add(-72 * time.Hour)})
	server.Push(t, "team/fresh", "1", registrytest.Image{On: "team/java:1.0.0"})
	server.Push(t, "team/stale", "1", registrytest.Image{On: "team/nginx:1.27", Created: now.Add(-24 * time.Hour)})
	server.Push(t, "team/nginx", "1.27", registrytest.Image{Content: "new"})
	dir := gittest.Init(t, map[string]string{
		"s/fresh/Dockerfile":  "FROM " + team + "java:1.0.0\n",
		"s/stale/Dockerfile":  "FROM " + team + "nginx:1.27\n",
		"s/pin/Dockerfile":    "FROM " + team + "nginx:1.27@" + was + "\n",
		"s/absent/Dockerfile": "FROM " + team + "java:1.2.0\n",
		"s/away/Dockerfile":   "FROM quay.io/acme/away:1.0.0\n",
		"compose.yaml": "services:\n  fresh: {image: \"" + team + "fresh:1\", build: s/fresh}\n  stale: {image: \"" + team + "stale:1\", build: s/stale}\n" +
			"  absent: {image: \"" + team + "absent:1\", build: s/absent}\n",
	})
	p := program{dir: dir}
	r := p.run(t, "report", "--registries", "-o", "json").want(t, 0)
	r.says(t, "note: quay.io cannot be asked about 1 image: ")
	doc := document[asked](t, r).Registries
	var got []string
	for _, v := range doc.Versions {
		version, _, _ := strings.Cut(v.Version, "@")
		text := version + " " + v.State
		if v.Newest.Patch != nil {
			text += " " + v.Newest.Patch.Tag
		}
		if v.Newest.Minor != nil {
			text += " " + v.Newest.Minor.Tag
		}
		if v.Moved != nil {
			text += " moved"
		}
		got = append(got, text)
	}
	if want := []string{"1.0.0 newer 1.0.1 1.2.0", "1.2.0 up-to-date", "1.27 up-to-date moved", "1.27 up-to-date moved", "1.0.0 unknown"}; !slices.Equal(got, want) {
		t.Errorf("versions are %q, want %q", got, want)
	}
	got = nil
	for _, b := range doc.Published {
		got = append(got, strings.TrimSuffix(strings.TrimPrefix(b.Path, "s/"), "/Dockerfile")+" "+b.State)
	}
	if want := []string{"absent absent", "away unknown", "fresh fresh", "pin unknown", "stale stale"}; !slices.Equal(got, want) {
		t.Errorf("published are %q, want %q: %+v", got, want, doc.Published)
	}
	if len(doc.Unasked) != 1 || doc.Unasked[0].Registry != "quay.io" || !strings.Contains(doc.Unasked[0].Reason, "its name is not known here") {
		t.Errorf("unasked are %+v", doc.Unasked)
	}
	n := doc.Totals
	if n["versions"] != n["newer"]+n["up_to_date"]+n["not_known"] || n["published"] != n["fresh"]+n["stale"]+n["absent"]+n["untold"] || n["tags"] != n["moved"]+n["unmoved"]+n["untraced"] || n["moved"] != 2 || n["stale"] != 1 {
		t.Errorf("totals are %v", n)
	}
	text := p.run(t, "report", "--registries").want(t, 0).stdout
	for _, want := range []string{
		"| Versions with a newer one at their registry | **1** | of 5 in use; of 1 it cannot be told |",
		"| Builds whose published image is stale | **1** | of 5 that ship another image; of 2 it cannot be told; of 1 nothing is published |",
		"## What could not be asked", "| stale | 1 | `" + team + "stale:1` | 2",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q but\n%s", want, text)
		}
	}
	p.run(t, "report", "--registries", "--format", "html").want(t, 0)
}
