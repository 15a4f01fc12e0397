package picture_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"image/png"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/picture"
	"github.com/matihlabs/propagate/scanner"
	"github.com/matihlabs/propagate/testdata"
)

var update = flag.Bool("update", false, "write what comes out into the golden files")

// build makes the graph of files given as path and content.
func build(files map[string]string) *graph.Graph {
	var all []*scanner.File
	for _, path := range slices.Sorted(maps.Keys(files)) {
		all = append(all, scanner.ScanFile(path, []byte(files[path]), ""))
	}
	return graph.New(all, nil, nil)
}

// sample is the graph of the Dockerfiles of the sample monorepo.
func sample(t *testing.T) *graph.Graph {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(testdata.Matih, "matih", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasPrefix(path.Base(name), "Dockerfile") || strings.HasSuffix(name, ".md") {
			return err
		}
		data, err := fs.ReadFile(testdata.Matih, name)
		files[strings.TrimPrefix(name, "matih/")] = string(data)
		return err
	})
	if err != nil || len(files) < 20 {
		t.Fatalf("%d Dockerfiles: %v", len(files), err)
	}
	return build(files)
}

// An element is one of an SVG, with what a viewer says of it.
type element struct {
	XMLName xml.Name
	Title   string     `xml:"title"`
	Text    string     `xml:",chardata"`
	Attrs   []xml.Attr `xml:",any,attr"`
}

func (e element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// draw draws a picture as SVG, and reads it as a viewer does.
func draw(t *testing.T, p *picture.Picture) []element {
	t.Helper()
	var b bytes.Buffer
	if err := p.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	for decoder := xml.NewDecoder(bytes.NewReader(b.Bytes())); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("it is no XML: %v\n%s", err, b.String())
		}
	}
	var root struct {
		Elements []element `xml:",any"`
	}
	if err := xml.Unmarshal(b.Bytes(), &root); err != nil {
		t.Fatal(err)
	}
	return root.Elements
}

// said returns what a viewer says of the elements of one name that say anything.
func said(elements []element, name string) []string {
	var all []string
	for _, e := range elements {
		if e.XMLName.Local == name && e.Title != "" {
			all = append(all, e.Title)
		}
	}
	slices.Sort(all)
	return all
}

// texts returns the texts of a picture.
func texts(elements []element) []string {
	var all []string
	for _, e := range elements {
		if e.XMLName.Local == "text" {
			all = append(all, e.Text)
		}
	}
	return all
}

var chain = map[string]string{
	"bases/base/Dockerfile":    "FROM alpine:3.19\n",
	"services/api/Dockerfile":  "FROM golang:1.26 AS b\nFROM registry.example/team/base:1.0.0\nCOPY --from=b /x /x\n",
	"services/web/Dockerfile":  "FROM registry.example/team/base:1.0.1\n",
	"services/late/Dockerfile": "FROM golang:1.26 AS unused\nFROM alpine:3.19\n",
}

// Bases, derived bases and services have shapes of their own, lines say exposure and version, and a
// reference that is behind what the repository uses itself is marked.
func TestSVG(t *testing.T) {
	elements := draw(t, picture.New(build(chain), nil))
	want := []string{
		"base alpine", "base golang", "service services/api/Dockerfile", "service services/late/Dockerfile", "service services/web/Dockerfile",
	}
	if got := said(elements, "rect"); !slices.Equal(got, want) {
		t.Errorf("boxes: %q, want %q", got, want)
	}
	if got := said(elements, "polygon"); !slices.Equal(got, []string{"derived base bases/base/Dockerfile"}) {
		t.Errorf("derived bases: %q", got)
	}
	want = []string{
		"api depends on base 1.0.0 (runtime), outdated: 1.0.0 → 1.0.1", "api depends on golang 1.26 (build)", "base depends on alpine 3.19 (runtime)",
		"late depends on alpine 3.19 (runtime)", "late depends on golang 1.26 (unreachable)", "web depends on base 1.0.1 (runtime)",
	}
	if got := said(elements, "path"); !slices.Equal(got, want) {
		t.Errorf("lines: %q, want %q", got, want)
	}
	for _, e := range elements {
		dashes := map[bool]string{strings.Contains(e.Title, "(build)"): "6 4", strings.Contains(e.Title, "(unreachable)"): "1.5 4"}[true]
		if e.XMLName.Local == "path" && e.Title != "" && (e.attr("stroke-dasharray") != dashes || (e.attr("stroke") == "#a84300") != strings.Contains(e.Title, "outdated")) {
			t.Errorf("%s has dashes %q and colour %s", e.Title, e.attr("stroke-dasharray"), e.attr("stroke"))
		}
	}
	for _, want := range []string{"alpine", "base", "api", "web", "late", "1.0.0 → 1.0.1", "3 bases, 3 services", "derived base", "unreachable"} {
		if !slices.Contains(texts(elements), want) {
			t.Errorf("no text %q in %q", want, texts(elements))
		}
	}
}

// What a bump reaches has its wave, and the rest is grey.
func TestHighlight(t *testing.T) {
	g := build(chain)
	p := picture.New(g, nil)
	alpine := g.Lines("docker.io/library/alpine")
	waves := map[*graph.Node]int{}
	for _, d := range g.Affected(alpine) {
		waves[d.Node] = d.Wave
	}
	p.SetHighlight("alpine@3.20", alpine, waves)
	elements := draw(t, p)
	for words, fill := range map[string]string{
		"base alpine": "#0b57d0", "derived base bases/base/Dockerfile, wave 1": "#7a2ea0", "service services/late/Dockerfile, wave 1": "#7a2ea0",
		"service services/web/Dockerfile, wave 2": "#0f6f6b", "base golang": "#ffffff",
	} {
		i := slices.IndexFunc(elements, func(e element) bool { return e.Title == words })
		if i < 0 || elements[i].attr("fill") != fill {
			t.Errorf("%s: at %d of %q", words, i, append(said(elements, "rect"), said(elements, "polygon")...))
		}
	}
	all := texts(elements)
	if !slices.Contains(all, "alpine@3.20 reaches 4 builds in 2 waves; of 3 bases, 3 services") || !slices.Contains(all, "wave 2") {
		t.Errorf("texts: %q", all)
	}
}

// No name ends the text that it stands in, and what nobody sees is written out.
func TestHostileNames(t *testing.T) {
	hostile := []string{`</text><script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, "&amp;", "a\x00b\x1b[31m\u202e", "]]>", "\xff\xfe"}
	files := map[string]string{}
	for _, name := range hostile {
		files[name+"/Dockerfile"] = "FROM registry.example/team/base:1.0.0\n"
	}
	elements := draw(t, picture.New(build(files), nil))
	if got := said(elements, "rect"); len(got) != 1+len(hostile) {
		t.Errorf("boxes: %q", got)
	}
	for _, e := range elements {
		if !slices.Contains([]string{"title", "rect", "path", "text", "polygon"}, e.XMLName.Local) {
			t.Errorf("there is a <%s>", e.XMLName.Local)
		}
	}
	all := texts(elements)
	for _, want := range []string{"script>", `"><img src=x onerror=alert(1)>`, "&amp;", "a<U+0000>b<U+001B>[31m<U+202E>", "]]>", "\ufffd\ufffd"} {
		if !slices.Contains(all, want) {
			t.Errorf("no text %q in %q", want, all)
		}
	}
}

// A version counts as outdated if the repository uses or makes a newer one of the same scheme.
func TestOutdated(t *testing.T) {
	for _, tc := range []struct{ name, files, want string }{
		{"the newest of several", "acme/a:1.0.0 acme/a:1.1.0 acme/a:1.0.9", "1.0.0 → 1.1.0, 1.0.9 → 1.1.0"},
		{"a flavour of its own", "acme/a:1.0.0-alpine acme/a:1.1.0", ""},
		{"a tag that moves", "acme/a acme/a:1.1 acme/a:1.1.0", ""},
		{"a digest alone", "acme/a@sha256:" + strings.Repeat("0", 64) + " acme/a:1.0.0", ""},
		{"a pre-release is no step up", "acme/a:1.0.0 acme/a:1.1.0-rc.1", ""},
		{"two images", "acme/a:1.0.0 acme/b:1.1.0", ""},
	} {
		files := map[string]string{}
		for i, image := range strings.Fields(tc.files) {
			files[fmt.Sprintf("s%d/Dockerfile", i)] = "FROM " + image + "\n"
		}
		var got []string
		for _, use := range picture.New(build(files), nil).Uses {
			if use.Newer != "" {
				got = append(got, use.Version+" → "+use.Newer)
			}
		}
		if strings.Join(got, ", ") != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// many are services in directories of teams, each with its own.
func many(teams, services int) map[string]string {
	files := map[string]string{"bases/base/Dockerfile": "FROM alpine:3.19\n"}
	for team := range teams {
		for service := range services {
			files[fmt.Sprintf("services/team%02d/s%03d/Dockerfile", team, service)] = "FROM registry.example/team/base:1.0.0\n"
		}
	}
	return files
}

// Of many services those of one directory are one box, with their number.
func TestFold(t *testing.T) {
	p := picture.New(build(many(4, 60)), nil)
	p.Fold(picture.MostNodes)
	want := []string{
		"60 services in services/team00/", "60 services in services/team01/", "60 services in services/team02/", "60 services in services/team03/", "base alpine",
	}
	elements := draw(t, p)
	if got := said(elements, "rect"); !slices.Equal(got, want) {
		t.Errorf("boxes: %q, want %q", got, want)
	}
	if all := texts(elements); !slices.Contains(all, "services/team03/ (60)") || !slices.Contains(all, "2 bases, 240 services") {
		t.Errorf("texts: %q", all)
	}
	p = picture.New(build(many(3, 60)), nil)
	p.Fold(picture.MostNodes)
	if len(p.Nodes) != 182 {
		t.Errorf("of 182 nodes %d are left", len(p.Nodes))
	}
	p = picture.New(build(many(201, 1)), nil)
	p.Fold(picture.MostNodes)
	if got := said(draw(t, p), "rect"); !slices.Contains(got, "201 services in services/") {
		t.Errorf("boxes: %q", got)
	}
}

// What is rebuilt in two waves stays apart.
func TestFoldedHighlight(t *testing.T) {
	files := many(1, 30)
	for i := range 30 {
		files[fmt.Sprintf("services/team00/t%03d/Dockerfile", i)] = "FROM alpine:3.19\n"
	}
	g := build(files)
	p := picture.New(g, nil)
	alpine := g.Lines("docker.io/library/alpine")
	waves := map[*graph.Node]int{}
	for _, d := range g.Affected(alpine) {
		waves[d.Node] = d.Wave
	}
	p.SetHighlight("alpine", alpine, waves)
	p.Fold(10)
	elements := draw(t, p)
	if got, want := said(elements, "rect"), []string{"30 services in services/team00/, wave 1", "30 services in services/team00/, wave 2", "base alpine"}; !slices.Equal(got, want) {
		t.Errorf("boxes: %q, want %q", got, want)
	}
	if got := texts(elements)[len(p.Nodes)*2-1:]; !slices.Contains(got, "alpine reaches 61 builds in 2 waves; of 2 bases, 60 services") {
		t.Errorf("texts: %q", got)
	}
}

// No two boxes of a picture overlap, and each is inside of it, of the sample and of a large repository.
func TestLayout(t *testing.T) {
	for name, g := range map[string]*graph.Graph{"sample": sample(t), "large": build(many(10, 50)), "circle": build(map[string]string{
		"a/Dockerfile": "FROM acme/b:1\n", "b/Dockerfile": "FROM acme/a:1\n", "c/Dockerfile": "FROM acme/c:1\n",
	}), "nothing": build(nil)} {
		for _, rows := range []int{1, 7, 1000} {
			p := picture.New(g, nil)
			p.Layout(picture.Layout{Rows: rows, RowGap: 5, LayerGap: 50, Margin: 10, Top: 20, Labels: true})
			for i, a := range p.Nodes {
				if a.X < 10 || a.Y < 30 || a.X+a.W > p.Width-10+1e-6 || a.Y+a.H > p.Height-10+1e-6 || a.W < 20 || a.H < 20 {
					t.Fatalf("%s, %d rows: %s is at %v %v, %v by %v, of %v by %v", name, rows, a.Title, a.X, a.Y, a.W, a.H, p.Width, p.Height)
				}
				for _, b := range p.Nodes[:i] {
					if a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
						t.Fatalf("%s, %d rows: %s and %s overlap", name, rows, a.Title, b.Title)
					}
				}
			}
		}
	}
}

// The order of boxes keeps lines from crossing where that is possible.
func TestOrder(t *testing.T) {
	files := map[string]string{}
	for i := range 20 {
		files[fmt.Sprintf("s%02d/Dockerfile", i)] = fmt.Sprintf("FROM acme/base%d:1\n", (i*7)%4)
	}
	p := picture.New(build(files), nil)
	p.Layout(picture.Layout{Rows: 100, RowGap: 5, LayerGap: 50})
	arrows := p.Arrows()
	for i, a := range arrows {
		for _, b := range arrows[:i] {
			if (p.Nodes[a.From].Y-p.Nodes[b.From].Y)*(p.Nodes[a.To].Y-p.Nodes[b.To].Y) < 0 {
				t.Errorf("%s and %s cross", a.Words(p), b.Words(p))
			}
		}
	}
}

// Nodes of one name are told apart, and owners come along.
func TestTitles(t *testing.T) {
	p := picture.New(build(map[string]string{"x/api/Dockerfile": "FROM acme/base:1\n", "y/api/Dockerfile": "FROM other/base:1\n", "y/web/Dockerfile": "FROM scratch\n"}),
		func(path string) []string { return []string{"@acme/" + path[:1]} })
	var got []string
	for _, n := range p.Nodes {
		got = append(got, n.Title+" "+strings.Join(n.Owners, " "))
	}
	if want := []string{"acme/base ", "other/base ", "x/api/Dockerfile @acme/x", "y/api/Dockerfile @acme/y", "web @acme/y"}; !slices.Equal(got, want) {
		t.Errorf("titles: %q, want %q", got, want)
	}
}

// The picture of the sample monorepo is kept, and each run draws the same.
func TestSample(t *testing.T) {
	const golden = "../../testdata/pictures/sample.svg"
	var b, again bytes.Buffer
	for _, to := range []*bytes.Buffer{&b, &again} {
		if err := picture.New(sample(t), nil).WriteSVG(to); err != nil {
			t.Fatal(err)
		}
	}
	if *update {
		if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) || !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Errorf("the sample is drawn in another way than %s has it, or in two ways: see it with -update and git diff", golden)
	}
}

// The PNG has two pixels for each unit of the SVG, with the colours of its boxes at their places.
func TestPNG(t *testing.T) {
	p := picture.New(sample(t), nil)
	var b bytes.Buffer
	if err := p.WritePNG(&b); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 1<<20 {
		t.Errorf("it has %d bytes", b.Len())
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if size := img.Bounds().Size(); size.X != 2*int(p.Width) || size.Y != 2*int(p.Height) {
		t.Errorf("it is %v of a picture of %v by %v", size, p.Width, p.Height)
	}
	colors := [...]string{picture.Base: "cfe3ff", picture.Derived: "d9f2dc", picture.Service: "f0f1f4"}
	for _, n := range p.Nodes {
		r, g, b, _ := img.At(int(2*(n.X+n.W-9)), int(2*(n.Y+4))).RGBA()
		if got := fmt.Sprintf("%02x%02x%02x", r>>8, g>>8, b>>8); got != colors[n.Kind] {
			t.Errorf("%s is %s", n.Title, got)
		}
	}
	large := picture.New(build(many(8, 60)), nil) // too tall for two pixels each
	b.Reset()
	if err := large.WritePNG(&b); err != nil {
		t.Fatal(err)
	}
	config, err := png.DecodeConfig(&b)
	if err != nil || float64(config.Width*config.Height) > 61e6 {
		t.Errorf("a large one is %d by %d: %v", config.Width, config.Height, err)
	}
}
