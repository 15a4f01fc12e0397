package graph_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/scanner"
)

// repository scans files given as path and content.
func repository(files map[string]string) []*scanner.File {
	var all []*scanner.File
	for _, path := range slices.Sorted(maps.Keys(files)) {
		all = append(all, scanner.ScanFile(path, []byte(files[path]), ""))
	}
	return all
}

// describe prints dependents, a line each.
func describe(dependents []graph.Dependent) string {
	var lines []string
	for _, d := range dependents {
		role := "service"
		if d.Base {
			role = "base"
		}
		var through []string
		for _, image := range d.Through() {
			through = append(through, image.Label)
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %d %s", d.Node.Label, role, d.Exposure, d.Wave, strings.Join(through, " > ")))
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), "docker.io/acme/", "")
}

func TestAffected(t *testing.T) {
	for _, tc := range []struct {
		name  string
		files map[string]string
		bases []string
		want  string
	}{
		{
			name: "a chain",
			files: map[string]string{
				"bases/b/Dockerfile": "FROM acme/a:1\n", "bases/c/Dockerfile": "FROM acme/b:1\n", "s/Dockerfile": "FROM acme/c:1\n", "t/Dockerfile": "FROM acme/a:1\n",
			},
			bases: []string{"a"},
			want:  "bases/b/Dockerfile base runtime 1 a\nbases/c/Dockerfile base runtime 2 a > b\ns/Dockerfile service runtime 3 a > b > c\nt/Dockerfile service runtime 1 a",
		},
		{
			name: "a diamond waits for its longer side",
			files: map[string]string{
				"b/Dockerfile": "FROM acme/a:1\n", "c/Dockerfile": "FROM acme/b:1\n", "s/Dockerfile": "FROM acme/a:1\nCOPY --from=acme/c:1 / /\n",
			},
			bases: []string{"a"},
			want:  "b/Dockerfile base runtime 1 a\nc/Dockerfile base runtime 2 a > b\ns/Dockerfile service runtime 3 a",
		},
		{
			name: "the longest of several ways counts, whichever is followed last",
			files: map[string]string{
				"b/Dockerfile": "FROM acme/a:1\n", "c/Dockerfile": "FROM acme/b:1\n", "d/Dockerfile": "FROM acme/a:1\n", "s/Dockerfile": "FROM acme/c:1\nCOPY --from=acme/d:1 / /\n",
			},
			bases: []string{"a"},
			want:  "b/Dockerfile base runtime 1 a\nc/Dockerfile base runtime 2 a > b\nd/Dockerfile base runtime 1 a\ns/Dockerfile service runtime 3 a > d",
		},
		{
			name: "the exposure is the weakest link of the strongest chain",
			files: map[string]string{
				"b/Dockerfile": "FROM x\nCOPY --from=acme/a:1 / /\n", "s/Dockerfile": "FROM acme/b:1\n",
				"t/Dockerfile": "FROM acme/b:1 AS b\nFROM acme/a:1\nCOPY --from=b / /\n",
			},
			bases: []string{"a"},
			want:  "b/Dockerfile base build 1 a\ns/Dockerfile service build 2 a > b\nt/Dockerfile service runtime 2 a",
		},
		{
			name: "what is not built is not followed",
			files: map[string]string{
				"b/Dockerfile": "FROM acme/a:1 AS dead\nFROM x\n", "s/Dockerfile": "FROM acme/b:1\n",
			},
			bases: []string{"a"},
			want:  "b/Dockerfile base unreachable 1 a",
		},
		{
			name: "a dead stage beside a live one changes nothing",
			files: map[string]string{
				"b/Dockerfile": "FROM acme/a:1\n", "c/Dockerfile": "FROM acme/b:1\n", "s/Dockerfile": "FROM acme/c:1 AS dead\nFROM acme/a:1\n",
			},
			bases: []string{"a"},
			want:  "b/Dockerfile base runtime 1 a\nc/Dockerfile base runtime 2 a > b\ns/Dockerfile service runtime 1 a",
		},
		{
			name: "two bases, one of them derived from the other",
			files: map[string]string{
				"b/Dockerfile": "FROM acme/a:1\n", "s/Dockerfile": "FROM acme/b:1\n", "t/Dockerfile": "FROM acme/a:1 AS x\nFROM acme/b:1\nCOPY --from=x / /\n",
			},
			bases: []string{"a", "b"},
			want:  "b/Dockerfile base runtime 1 a\ns/Dockerfile service runtime 1 b\nt/Dockerfile service runtime 1 a",
		},
		{
			name:  "an image that nothing names",
			files: map[string]string{"s/Dockerfile": "FROM acme/a:1\n"},
			bases: []string{"z"},
		},
		{
			name: "a Dockerfile in a directory called like its own base makes something else",
			files: map[string]string{
				"a/Dockerfile": "FROM acme/a:1\n", "s/Dockerfile": "FROM acme/a:1\n",
			},
			bases: []string{"a"},
			want:  "a/Dockerfile service runtime 1 a\ns/Dockerfile service runtime 1 a",
		},
		{
			name: "a Dockerfile that is called like an official image does not make it",
			files: map[string]string{
				"x/ubuntu.Dockerfile": "FROM acme/a:1\n", "y/ubuntu.Dockerfile": "FROM acme/a:1\n", "s/Dockerfile": "FROM ubuntu:24.04\n",
			},
			bases: []string{"a"},
			want:  "x/ubuntu.Dockerfile service runtime 1 a\ny/ubuntu.Dockerfile service runtime 1 a",
		},
		{
			name: "a directory of the root may be two components of a name",
			files: map[string]string{
				"monitor-base/Dockerfile": "FROM acme/a:1\n", "s/Dockerfile": "FROM acme/monitor/base:1\n",
			},
			bases: []string{"a"},
			want:  "monitor-base/Dockerfile base runtime 1 a\ns/Dockerfile service runtime 2 a > monitor/base",
		},
		{
			name: "a flavour that several Dockerfiles share is no image",
			files: map[string]string{
				"x/Dockerfile.slim": "FROM acme/a:1\n", "y/Dockerfile.slim": "FROM acme/a:1\n", "s/Dockerfile": "FROM acme/slim:1\n",
			},
			bases: []string{"a"},
			want:  "x/Dockerfile.slim service runtime 1 a\ny/Dockerfile.slim service runtime 1 a",
		},
		{
			name: "a stage that is not built closes no circle",
			files: map[string]string{
				"b/Dockerfile": "FROM acme/c:1 AS dead\nFROM acme/a:1\n", "c/Dockerfile": "FROM acme/b:1\n",
			},
			bases: []string{"a"},
			want:  "b/Dockerfile base runtime 1 a\nc/Dockerfile base runtime 2 a > b",
		},
		{
			name: "names of files",
			files: map[string]string{
				"x/b.Dockerfile": "FROM acme/a:1\n", "y/Dockerfile.c": "FROM acme/b:1\n", "s/Dockerfile": "FROM acme/c:1\n",
			},
			bases: []string{"a"},
			want:  "s/Dockerfile service runtime 3 a > b > c\nx/b.Dockerfile base runtime 1 a\ny/Dockerfile.c base runtime 2 a > b",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := graph.New(repository(tc.files), nil, nil)
			var bases []*graph.Node
			for _, base := range tc.bases {
				bases = append(bases, g.Lines("docker.io/acme/"+base)...)
			}
			if got := describe(g.Affected(bases)); got != tc.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, tc.want)
			}
		})
	}
}

// What is shown of bases and their dependents: a base that is given has its version from outside,
// whoever makes it.
func TestAffectedView(t *testing.T) {
	g := graph.New(repository(map[string]string{"b/Dockerfile": "FROM acme/a:1\n", "c/Dockerfile": "FROM acme/b:1\n", "s/Dockerfile": "FROM acme/c:1\nCOPY --from=acme/z:1 / /\n"}), nil, nil)
	for bases, want := range map[string]string{
		"a":   "a > b/Dockerfile; b > c/Dockerfile; c > s/Dockerfile; b/Dockerfile > b; c/Dockerfile > c",
		"a b": "a > b/Dockerfile; b > c/Dockerfile; c > s/Dockerfile; c/Dockerfile > c",
	} {
		var given []*graph.Node
		for _, base := range strings.Fields(bases) {
			given = append(given, g.Lines("docker.io/acme/"+base)...)
		}
		var edges []string
		for _, edge := range g.AffectedView(given, g.Affected(given)).Edges {
			edges = append(edges, edge.F.Label+" > "+edge.T.Label)
		}
		if got := strings.ReplaceAll(strings.Join(edges, "; "), "docker.io/acme/", ""); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", bases, got, want)
		}
	}
}

func TestCircles(t *testing.T) {
	files := repository(map[string]string{
		"c/Dockerfile": "FROM acme/b:1\n", "b/Dockerfile": "FROM x AS x\n\nFROM acme/a:1\nCOPY --from=acme/c:1 / /\n", "s/Dockerfile": "FROM acme/c:1\n",
	})
	var sure []graph.Claim
	for _, f := range files[:2] {
		sure = append(sure, graph.Claim{Image: "docker.io/acme/" + f.Path[:1], Rule: graph.BuildFile, Where: "compose.yaml:1", File: f})
	}
	g := graph.New(files, sure, nil)
	want := "images are made from each other in a circle: b/Dockerfile:4:13 needs docker.io/acme/c and makes docker.io/acme/b; c/Dockerfile:1:6 needs docker.io/acme/b and makes docker.io/acme/c"
	if circles := g.Check(); len(circles) != 1 || circles[0].Error() != want || circles[0].Hint() == "" {
		t.Errorf("circles: %v\nwant %s", circles, want)
	}
	// The builds of the circle know it, and what is behind them depends on the base all the same.
	var got []string
	for _, d := range g.Affected(g.Lines("docker.io/acme/a")) {
		got = append(got, fmt.Sprintf("%s %v", d.Node.Label, d.Circle != nil))
	}
	if text := strings.Join(got, ", "); text != "b/Dockerfile true, c/Dockerfile true, s/Dockerfile false" {
		t.Error("dependents of a circle: " + text)
	}

	// A circle that only names close is none.
	g = graph.New(files, nil, nil)
	if circles := g.Check(); len(circles) > 0 {
		t.Errorf("a guess closes a circle: %v", circles[0])
	}
	if got := describe(g.Affected(g.Lines("docker.io/acme/a"))); got != "b/Dockerfile service runtime 1 a" {
		t.Errorf("what is guessed on a circle is followed:\n%s", got)
	}
}

func TestFind(t *testing.T) {
	g := graph.New(repository(map[string]string{"s/Dockerfile": "FROM r.example/x/base\nFROM r.example/y/base\nFROM base\nFROM r.example/y/other-base\n"}), nil, nil)
	for name, want := range map[string]string{
		"base": "docker.io/library/base r.example/x/base r.example/y/base", "x/base": "r.example/x/base", "r.example/y/base": "r.example/y/base",
		"other-base": "r.example/y/other-base", "ase": "", "docker.io/library/base": "docker.io/library/base",
	} {
		if got := strings.Join(g.Find(name), " "); got != want {
			t.Errorf("Find(%q) = %q, want %q", name, got, want)
		}
	}
}

// The references to a repository come by Dockerfile and place, in whichever line of it they are.
func TestReferences(t *testing.T) {
	t.Parallel()
	g := graph.New(repository(map[string]string{"b/Dockerfile": "FROM acme/x:2\nCOPY --from=acme/x:1 / /\n", "a/Dockerfile": "FROM acme/x:1\n", "c/Dockerfile": "FROM acme/y:1\n"}), nil, nil)
	var got []string
	for _, ref := range g.References("docker.io/acme/x") {
		got = append(got, ref.Pos.String()+" "+ref.Image.Tag)
	}
	if text := strings.Join(got, "; "); text != "a/Dockerfile:1:6 1; b/Dockerfile:1:6 2; b/Dockerfile:2:13 1" {
		t.Errorf("got %s", text)
	}
	if refs := g.References("docker.io/acme/z"); refs != nil {
		t.Errorf("of an image that nothing is based on: %v", refs)
	}
}
