package webgraph_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/picture"
	"github.com/matihlabs/propagate/internal/webgraph"
	"github.com/matihlabs/propagate/scanner"
)

// write makes the page of files given as path and content.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	var all []*scanner.File
	for _, path := range slices.Sorted(maps.Keys(files)) {
		all = append(all, scanner.ScanFile(path, []byte(files[path]), ""))
	}
	var b bytes.Buffer
	p := picture.New(graph.New(all, nil, nil), func(path string) []string { return []string{"@acme/" + strings.Split(path, "/")[0]} })
	if err := webgraph.Write(&b, p, "0123456789abcdef0123456789abcdef01234567"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// elements parses a page as a browser does, and returns its elements.
func elements(t *testing.T, page string) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var all []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			all = append(all, n)
		}
	}
	return all
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text returns the text of the element of a kind with an id, or of one without.
func text(t *testing.T, all []*html.Node, kind atom.Atom, id string) string {
	t.Helper()
	i := slices.IndexFunc(all, func(n *html.Node) bool { return n.DataAtom == kind && attr(n, "id") == id })
	if i < 0 || all[i].FirstChild == nil {
		t.Fatalf("the page has no <%s id=%q>", kind, id)
	}
	return all[i].FirstChild.Data
}

var small = map[string]string{
	"bases/base/Dockerfile":   "FROM alpine:3.19\n",
	"services/api/Dockerfile": "FROM registry.example/team/base:1.0.0\n",
	"services/web/Dockerfile": "FROM registry.example/team/base:1.0.1\n",
}

// A browser runs the script of the page and nothing else, and loads nothing.
func TestPolicy(t *testing.T) {
	all := elements(t, write(t, small))
	sum := func(text string) string {
		hash := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'"
	}
	want := "default-src 'none'; script-src " + sum(text(t, all, atom.Script, "")) + "; style-src " + sum(text(t, all, atom.Style, "")) + "; img-src data:; base-uri 'none'; form-action 'none'"
	policy := ""
	for _, n := range all {
		if attr(n, "http-equiv") == "Content-Security-Policy" {
			policy = attr(n, "content")
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "href" && a.Val != "data:," {
				t.Errorf("<%s> has %s=%q", n.Data, a.Key, a.Val)
			}
		}
	}
	if policy != want {
		t.Errorf("the policy is %q, want %q", policy, want)
	}
}

// Whatever a name is, the page has the same elements, and its data say the name.
func TestHostileNames(t *testing.T) {
	hostile := []string{"</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!--", "{{script}}", "a\u2028b", "\xff", `"\`, "]]>"}
	files, plain := map[string]string{}, map[string]string{}
	for i, name := range hostile {
		files["services/"+name+"/Dockerfile"] = "FROM alpine:3.19\n"
		plain[fmt.Sprintf("services/s%d/Dockerfile", i)] = "FROM alpine:3.19\n"
	}
	names := func(all []*html.Node) string {
		var names []string
		for _, n := range all {
			names = append(names, n.Data)
		}
		return strings.Join(names, " ")
	}
	all := elements(t, write(t, files))
	if got, want := names(all), names(elements(t, write(t, plain))); got != want {
		t.Errorf("the elements are %s, want %s", got, want)
	}
	var data struct{ Texts, Titles []string }
	if err := json.Unmarshal([]byte(text(t, all, atom.Script, "data")), &data); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"services/</script><script>alert(1)</script>/", "services/<img src=x onerror=alert(1)>/", "services/{{script}}/", "services/a<U+2028>b/", "services/\ufffd/"} {
		if !slices.Contains(data.Texts, want) {
			t.Errorf("no %q in %q", want, data.Texts)
		}
	}
}

// Each run writes the same bytes.
func TestPageIsTheSameTwice(t *testing.T) {
	if again := write(t, small); write(t, small) != again {
		t.Error("it is not")
	}
}

// What the script refers to by an id is on the page, and no file of it is long or makes HTML of texts.
func TestParts(t *testing.T) {
	all := elements(t, write(t, small))
	ids := map[string]bool{}
	for _, n := range all {
		if id := attr(n, "id"); id != "" && ids[id] {
			t.Errorf("the id %s is there twice", id)
		} else {
			ids[id] = true
		}
	}
	used := regexp.MustCompile(`(?:byId|getElementById)\("([^"]+)"\)`)
	files, err := fs.Glob(os.DirFS("page"), "*")
	if err != nil || len(files) < 8 {
		t.Fatalf("%q: %v", files, err)
	}
	script := text(t, all, atom.Script, "")
	for _, name := range files {
		content, err := os.ReadFile("page/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(content, []byte("\n")); n > 400 {
			t.Errorf("%s has %d lines", name, n)
		}
		if strings.HasSuffix(name, ".js") && !strings.Contains(script, string(content)) {
			t.Errorf("%s is not on the page", name)
		}
		for _, m := range used.FindAllStringSubmatch(string(content), -1) {
			if !ids[m[1]] {
				t.Errorf("%s: there is no element %s", name, m[1])
			}
		}
		if found := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|fetch\(|XMLHttpRequest|WebSocket|import\(`).Find(content); found != nil {
			t.Errorf("%s: %s has no place here", name, found)
		}
	}
}

// A repository of 2,000 services and 60 bases is less than 300 KB.
func TestSize(t *testing.T) {
	if page := write(t, estate()); len(page) >= 300_000 {
		t.Errorf("the page has %d bytes", len(page))
	}
}

// estate is 60 bases, 20 of them based on others, and 2,000 services of 25 teams on them.
func estate() map[string]string {
	files := map[string]string{}
	for i := range 60 {
		from := "debian:12"
		if i >= 40 {
			from = fmt.Sprintf("registry.example/platform/base-%02d:1.%d.0", i%40, i%3)
		}
		files[fmt.Sprintf("bases/base-%02d/Dockerfile", i)] = "FROM " + from + "\n"
	}
	for i := range 2000 {
		files[fmt.Sprintf("services/team-%02d/service-%04d/Dockerfile", i%25, i)] = fmt.Sprintf(
			"FROM registry.example/platform/base-%02d:1.%d.0 AS build\nFROM registry.example/platform/base-%02d:1.%d.%d\nCOPY --from=build /app /app\n", i*7%60, i%3, i%60, i%3, i%5)
	}
	return files
}
