package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// partly makes the graph of builds ("NAME BASE IMAGE:TAG...") with a question mark for what is not known of a
// tag, and returns who makes what each is based on.
func partly(builds ...string) (*graph.Graph, string) {
	unknown := func(s string) string { return strings.ReplaceAll(s, "?", scanner.Unknown) }
	var files []*scanner.File
	var claims []graph.Claim
	for _, text := range builds {
		words := strings.Fields(unknown(text))
		f := scanner.ScanBuilds(words[0]+"/Dockerfile", []byte("ARG BASE\nFROM $BASE\n"), []scanner.BuildConfig{{
			Where: source.Pos{Path: "ci.yml", Line: 1, Col: 1}, Args: []scanner.Arg{{Name: "BASE", Value: trace.Plain("reg.example/" + words[1])}},
		}})[0]
		files = append(files, f)
		for _, image := range words[2:] {
			name, tag, _ := strings.Cut(image, ":")
			c := graph.Claim{Image: "reg.example/" + name, Rule: graph.BuildFile, Where: "ci.yml:1", File: f}
			if strings.Contains(tag, scanner.Unknown) {
				c.Partly = []string{tag}
			} else {
				c.Tags = []string{tag}
			}
			claims = append(claims, c)
		}
	}
	g := graph.New(files, claims, nil)
	var lines []string
	for _, f := range files {
		var by []string
		for _, maker := range g.MakersOf(f.Refs[0]) {
			by = append(by, strings.TrimSuffix(maker.Key, "/Dockerfile"))
		}
		lines = append(lines, fmt.Sprintf("%s on %s", strings.TrimSuffix(f.Path, "/Dockerfile"), strings.Join(by, " ")))
	}
	slices.Sort(lines)
	return g, strings.Join(lines, "; ")
}

// Tags of which not all is known are matched by what is, and no guess among them closes a circle.
func TestPartlyKnownTags(t *testing.T) {
	for _, tc := range []struct{ name, builds, want, notes string }{
		{"the same is known of both", "base out:1 ci:?-base-?; jax ci:?-base-? ci:?-jax-?; app ci:?-jax-? app:1", "app on jax; base on ; jax on base", ""},
		{"words without a dash", "base out:1 ci:?-base-?; jax ci:?-base-amd64 ci:?-jax-?-kit; app ci:?-jax-arm64-kit ci:?-app-?", "app on jax; base on ; jax on base", ""},
		{"any text", "base out:1 ci:v?; slim out:1 ci:?slim; app ci:v1.?.0 app:1", "app on base; base on ; slim on ", ""},
		{"a known tag, of builds that are known in part", "a out:1 ci:?-alpine; b out:1 ci:?-slim; app ci:1.0-slim app:1", "a on ; app on b; b on ", ""},
		{"a tag of which nothing fits", "a out:1 ci:1.0; b out:1 ci:2.0; app ci:?-x app:1", "a on ; app on a b; b on ", ""},
		{"nothing is known", "a ci:? ci:?; b ci:? ci:?", "a on a; b on b", "circle circle"},
		{"a circle of two images", "a y:? x:?; b x:? y:?; app x:1 app:1", "a on ; app on a; b on ", "circle circle"},
		{"a circle that a known tag closes as well", "a y:? x:1; b x:1 y:2; app x:1 app:1", "a on ; app on a; b on a", "circle"},
		{"tags that are known close one", "a y:1 x:1; b x:1 y:1", "a on b; b on a", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g, got := partly(strings.Split(tc.builds, "; ")...)
			var notes []string
			for _, n := range g.Notes() {
				if n.Code == source.CodeCircle {
					notes = append(notes, string(n.Code))
				}
			}
			if got != tc.want || strings.Join(notes, " ") != tc.notes {
				t.Errorf("got  %s (%s)\nwant %s (%s)", got, strings.Join(notes, " "), tc.want, tc.notes)
			}
			if circles := g.Check(); (len(circles) > 0) != strings.HasPrefix(tc.name, "tags that are known") {
				t.Errorf("circles: %v", circles)
			}
			var bases []*graph.Node
			bases = append(bases, g.Images()...)
			g.Affected(bases) // every edge leads forward
		})
	}
}
