package mermaid_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/mermaid"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A repository is a graph in the making.
type repository struct {
	files  []*scanner.File
	claims []graph.Claim
}

// build adds a build of what it uses: "base:1.0.0", or "base:1.0.0 build" where that is only
// built with.
func (r *repository) build(path string, uses ...string) {
	f := &scanner.File{Path: path, Origin: &trace.Origin{Path: path}}
	for _, u := range uses {
		name, built := strings.CutSuffix(u, " build")
		repository, tag, _ := strings.Cut(name, ":")
		ref := &scanner.Ref{Kind: scanner.From, Exposure: scanner.Runtime, Written: name, Image: imageref.Ref{Repository: "reg.example/" + repository, Tag: tag}}
		if built {
			ref.Exposure = scanner.Build
		}
		f.Refs = append(f.Refs, ref)
	}
	r.files = append(r.files, f)
}

// makes says that the last build makes an image.
func (r *repository) makes(image string) {
	name, tag, _ := strings.Cut(image, ":")
	r.claims = append(r.claims, graph.Claim{Image: "reg.example/" + name, Rule: graph.BuildFile, Where: "compose.yaml:1", Path: r.files[len(r.files)-1].Path, Tags: []string{cmp.Or(tag, "1.0.0")}})
}

func (r *repository) view() graph.View {
	slices.SortFunc(r.files, func(a, b *scanner.File) int { return cmp.Compare(a.Path, b.Path) })
	return graph.New(r.files, r.claims, nil).View()
}

// A picture is what a drawing says.
type picture struct {
	text, folded, more string
	characters         int
	images, builds     map[string]string // label, by name of the node
	arrows             [][2]string
}

var (
	nodeLine  = regexp.MustCompile(`^  (n[0-9]+|folded|more)(\[|\(\[)"([^"]*)"(\]|\]\))$`)
	arrowLine = regexp.MustCompile(`^  (n[0-9]+) (?:-->|-\.->|-\.-x)(?:\|"[^"]*"\|)? (n[0-9]+)$`)
	grouped   = regexp.MustCompile(`(?:^|\()([0-9,]+) (?:services|builds)\)?$`)
)

// draw draws a view, and reads the drawing.
func draw(t *testing.T, v graph.View, limits mermaid.Limits) picture {
	t.Helper()
	var b strings.Builder
	if err := mermaid.WriteWithin(&b, v, limits); err != nil {
		t.Fatal(err)
	}
	p := picture{text: b.String(), images: map[string]string{}, builds: map[string]string{}}
	p.characters = len(utf16.Encode([]rune(p.text)))
	lines := strings.Split(strings.TrimSuffix(p.text, "\n"), "\n")
	if lines[0] != "flowchart LR" {
		t.Fatalf("the drawing begins with %q", lines[0])
	}
	for _, line := range lines[1:] {
		node, arrow := nodeLine.FindStringSubmatch(line), arrowLine.FindStringSubmatch(line)
		switch {
		case arrow != nil:
			p.arrows = append(p.arrows, [2]string{arrow[1], arrow[2]})
		case node == nil:
			t.Fatalf("a line that is no node and no arrow: %q", line)
		case node[1] == "folded":
			p.folded = node[3]
		case node[1] == "more":
			p.more = node[3]
		case node[2] == "[":
			p.builds[node[1]] = node[3]
		default:
			p.images[node[1]] = node[3]
		}
	}
	return p
}

// number returns the number before a noun, 0 where it is not there.
func number(text, noun string) int {
	m := regexp.MustCompile(`([0-9,]+) ` + noun).FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(strings.ReplaceAll(m[1], ",", ""))
	return n
}

// all returns how many images and builds the drawing speaks of.
func (p picture) all() (images, builds int) {
	for _, label := range p.builds {
		n := 1
		if m := grouped.FindStringSubmatch(label); m != nil {
			n, _ = strconv.Atoi(strings.ReplaceAll(m[1], ",", ""))
		}
		builds += n
	}
	images = len(p.images) + number(p.folded, "images? that nobody uses") + number(p.more, "images?")
	return images, builds + number(p.more, "builds?")
}

// The steps of folding, each where the one before it does not do.
func TestFold(t *testing.T) {
	services := func(r *repository) {
		for i := range 6 {
			r.build(fmt.Sprintf("services/pay/s%d/Dockerfile", i), fmt.Sprintf("base:1.0.%d", i%2))
			r.makes(fmt.Sprintf("own%d", i))
		}
		r.build("services/ship/s/Dockerfile", "base:1.0.0")
		r.build("services/ship/t/Dockerfile", "base:1.0.0", "tool:2 build")
	}
	for _, tc := range []struct {
		name   string
		edges  int
		make   func(r *repository)
		images string
		builds string
		folded string
		more   string
	}{
		{"nothing", 15, services, "base own0 own1 own2 own3 own4 own5 tool",
			"services/pay/s0/Dockerfile services/pay/s1/Dockerfile services/pay/s2/Dockerfile services/pay/s3/Dockerfile services/pay/s4/Dockerfile services/pay/s5/Dockerfile services/ship/s/Dockerfile services/ship/t/Dockerfile", "", ""},
		{"images that nobody uses", 9, services, "base tool",
			"services/pay/s0/Dockerfile services/pay/s1/Dockerfile services/pay/s2/Dockerfile services/pay/s3/Dockerfile services/pay/s4/Dockerfile services/pay/s5/Dockerfile services/ship/s/Dockerfile services/ship/t/Dockerfile",
			"folded: 6 images that nobody uses left out; propagate graph -o json has all", ""},
		{"services of a directory", 8, services, "base tool",
			"services/pay/ (6 services) services/ship/s/Dockerfile services/ship/t/Dockerfile",
			"folded: 6 builds in 1 group, 6 images that nobody uses left out; propagate graph -o json has all", ""},
		{"services of a directory above", 3, services, "base tool",
			"services/ (7 services) services/ship/t/Dockerfile",
			"folded: 7 builds in 1 group, 6 images that nobody uses left out; propagate graph -o json has all", ""},
		{"builds of a base", 2, services, "base tool", "services/ (8 builds)",
			"folded: 8 builds in 1 group, 6 images that nobody uses left out; propagate graph -o json has all", ""},
		{"builds that others stand on", 5, func(r *repository) {
			r.build("bases/a/Dockerfile", "os:1")
			r.makes("a")
			r.build("bases/b/Dockerfile", "os:1")
			r.makes("b")
			r.build("x/Dockerfile", "a:1.0.0")
			r.build("y/Dockerfile", "b:1.0.0")
		}, "a b os", "bases/ (2 builds) x/Dockerfile y/Dockerfile", "folded: 2 builds in 1 group; propagate graph -o json has all", ""},
		{"one base for each", 3, func(r *repository) {
			r.build("a/Dockerfile", "one:1", "two:1 build")
			r.build("b/Dockerfile", "two:1", "one:1 build", "three:1 build")
			r.build("c/Dockerfile", "two:1")
		}, "one three two", "2 builds a/Dockerfile", "folded: 2 builds in 1 group, 2 uses of other bases left out; propagate graph -o json has all", ""},
		{"the images of the most dependents", 2, func(r *repository) {
			r.build("a/Dockerfile", "one:1")
			r.build("b/Dockerfile", "two:1")
			r.build("c/Dockerfile", "three:1")
			r.build("d/Dockerfile", "three:1")
		}, "one three", "2 builds a/Dockerfile", "folded: 2 builds in 1 group, the images with the most dependents shown; propagate graph -o json has all", "… and 1 image and 1 build more"},
		{"what those stand on goes before others", 4, func(r *repository) {
			r.build("base/Dockerfile", "os:1")
			r.makes("base")
			r.build("a/Dockerfile", "base:1.0.0")
			r.build("b/Dockerfile", "base:1.0.0")
			for i := range 4 {
				r.build(fmt.Sprintf("c%d/Dockerfile", i), fmt.Sprintf("lone%d:1", i))
			}
		}, "base lone0 os", "2 builds base/Dockerfile c0/Dockerfile", "folded: 2 builds in 1 group, the images with the most dependents shown; propagate graph -o json has all", "… and 3 images and 3 builds more"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var r repository
			tc.make(&r)
			v := r.view()
			p := draw(t, v, mermaid.Limits{Edges: tc.edges, Characters: 50000})
			if got := sorted(p.images); got != tc.images {
				t.Errorf("images %s, want %s", got, tc.images)
			}
			if got := sorted(p.builds); got != tc.builds {
				t.Errorf("builds %s, want %s", got, tc.builds)
			}
			if p.folded != tc.folded || p.more != tc.more {
				t.Errorf("it says %q and %q, want %q and %q", p.folded, p.more, tc.folded, tc.more)
			}
			if len(p.arrows) > tc.edges {
				t.Errorf("%d arrows:\n%s", len(p.arrows), p.text)
			}
		})
	}
}

func sorted(labels map[string]string) string {
	var all []string
	for _, label := range labels {
		all = append(all, label)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// A group has the versions of all its builds, as many as there is room for.
func TestFoldedVersions(t *testing.T) {
	var r repository
	for i := range 40 {
		r.build(fmt.Sprintf("s/%02d/Dockerfile", i), fmt.Sprintf("base:1.0.%d", i), "tool:1.0.0")
	}
	p := draw(t, r.view(), mermaid.Limits{Edges: 10, Characters: 5000})
	for _, want := range []string{`n0 -->|"1.0.0, 1.0.1, 1.0.10, `, `, … 30 more"| n2`, `n1 -->|"1.0.0"| n2`, `n2["s/ (40 services)"]`} {
		if !strings.Contains(p.text, want) {
			t.Errorf("no %s in\n%s", want, p.text)
		}
	}
}

// Whatever the graph: the limits hold, every build and image is in one node or among those that
// there are more, each base that is shown has an arrow, and no arrow is in a circle.
func TestFoldAnyGraph(t *testing.T) {
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 12))
		var r repository
		var images []string
		for i := range 1 + random.IntN(30) {
			images = append(images, fmt.Sprintf("outside%d", i))
		}
		n := random.IntN(150)
		for i := range n {
			var uses []string
			for range random.IntN(4) {
				use := images[random.IntN(len(images))] + ":1.0." + strconv.Itoa(random.IntN(3))
				if random.IntN(3) == 0 {
					use += " build"
				}
				uses = append(uses, use)
			}
			r.build(fmt.Sprintf("%ss%d/Dockerfile", strings.Repeat(string(rune('a'+random.IntN(3)))+"/", random.IntN(4)), i), uses...)
			if random.IntN(4) == 0 {
				r.makes(fmt.Sprintf("made%d", i))
				images = append(images, fmt.Sprintf("made%d", i))
			}
		}
		v := r.view()
		limits := mermaid.Limits{Edges: random.IntN(120), Characters: 700 + random.IntN(4000)}
		p := draw(t, v, limits)
		if len(p.arrows) > limits.Edges || p.characters > limits.Characters {
			t.Errorf("seed %d: %d arrows, %d characters, limits %v", seed, len(p.arrows), p.characters, limits)
		}
		wantImages := len(v.Nodes) - n
		if images, builds := p.all(); images != wantImages || builds != n {
			t.Errorf("seed %d: %d images and %d builds, want %d and %d:\n%s", seed, images, builds, wantImages, n, p.text)
		}
		if again := draw(t, v, limits); again.text != p.text {
			t.Errorf("seed %d: two drawings differ", seed)
		}
		users := map[string]bool{}
		for _, edge := range v.Edges {
			if edge.F.Kind == graph.Image {
				users[imageref.Base(edge.F.Key)] = true
			}
		}
		out := map[string][]string{}
		for _, arrow := range p.arrows {
			out[arrow[0]] = append(out[arrow[0]], arrow[1])
		}
		bases := 0
		for id, label := range p.images {
			if users[label] {
				bases++
				if len(out[id]) == 0 {
					t.Errorf("seed %d: no arrow from %s", seed, label)
				}
			}
		}
		if p.more == "" && bases != len(users) {
			t.Errorf("seed %d: %d bases of %d, and not a word of more", seed, bases, len(users))
		}
		if circle(out) {
			t.Errorf("seed %d: arrows in a circle:\n%s", seed, p.text)
		}
	}
}

// circle reports whether arrows go in a circle.
func circle(out map[string][]string) bool {
	state := map[string]int{}
	var visit func(string) bool
	visit = func(n string) bool {
		if state[n] != 0 {
			return state[n] == 1
		}
		state[n] = 1
		found := slices.ContainsFunc(out[n], visit)
		state[n] = 2
		return found
	}
	for n := range out {
		if visit(n) {
			return true
		}
	}
	return false
}

// Graphs that are as large as they come stay within what GitHub draws.
func TestLargest(t *testing.T) {
	long := strings.Repeat("long/", 800)
	for name, build := range map[string]func(r *repository, i int){
		"one image":         func(r *repository, i int) { r.build(fmt.Sprintf("s/%d/%d/Dockerfile", i%300, i), "base:1") },
		"an image for each": func(r *repository, i int) { r.build(fmt.Sprintf("s/%d/Dockerfile", i), fmt.Sprintf("i%d:1", i)) },
		"no image":          func(r *repository, i int) { r.build(fmt.Sprintf("s/%d/Dockerfile", i)) },
		"long names": func(r *repository, i int) {
			r.build(fmt.Sprintf("%s%d/%s/Dockerfile", long, i, "é🙂\"<#"), fmt.Sprintf("base%d:1", i%700))
		},
		"made, and used by one": func(r *repository, i int) {
			r.build(fmt.Sprintf("s/%d/Dockerfile", i), fmt.Sprintf("i%d:1", i-1))
			r.makes(fmt.Sprintf("i%d", i))
		},
		"two of each": func(r *repository, i int) {
			r.build(fmt.Sprintf("s/%d/Dockerfile", i), fmt.Sprintf("i%d:1", i%200), fmt.Sprintf("i%d:1 build", i/100%200))
		},
		"characters of two units": func(r *repository, i int) {
			r.build(fmt.Sprintf("%s%d/Dockerfile", strings.Repeat("🙂", 60), i), fmt.Sprintf("i%d:1", i))
		},
		"an image that nobody uses": func(r *repository, i int) {
			r.build(fmt.Sprintf("s/%d/Dockerfile", i), "base:1")
			r.makes(fmt.Sprintf("i%d", i))
		},
	} {
		t.Run(name, func(t *testing.T) {
			var r repository
			n := 20000
			if name == "long names" {
				n = 2000
			}
			for i := range n {
				build(&r, i)
			}
			v := r.view()
			p := draw(t, v, mermaid.GitHub())
			if len(p.arrows) > 500 || p.characters > 50000 || p.folded == "" {
				t.Errorf("%d arrows, %d characters, %q", len(p.arrows), p.characters, p.folded)
			}
			if images, builds := p.all(); builds != n || images != len(v.Nodes)-n {
				t.Errorf("%d images and %d builds, want %d and %d; %q, %q", images, builds, len(v.Nodes)-n, n, p.folded, p.more)
			}
		})
	}
}
