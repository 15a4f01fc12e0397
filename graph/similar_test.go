package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// An image that nothing makes under its own name is taken for one that is made here under a similar name, where registries
// and tags agree. A question mark is what is not known.
func TestSimilarNames(t *testing.T) {
	const neither = "and is not taken for it, since neither all of its name nor its tag is known"
	const taken, other, stranger = "and is taken for it", "with other tags or unknown ones, and is not taken for it", "and is not taken for it, since nothing says that its registry is yours"
	for _, tc := range []struct {
		name   string
		from   string // what a/Dockerfile is based on
		claims []string
		refs   string
		want   string
		note   string // how it ends; "" for none
	}{
		{name: "a staging registry", claims: []string{"command a/Dockerfile gcr.io/k8s-staging-build/runner:v2.4.0"}, refs: "registry.k8s.io/build/runner:v2.4.0", want: "a", note: taken},
		{name: "the word of a stage behind", claims: []string{"command a/Dockerfile ghcr.io/acme-dev/runner:v2.4.0"}, refs: "ghcr.io/acme/runner:v2.4.0", want: "a", note: taken},
		{name: "the word of a stage as a part of a name", claims: []string{"command a/Dockerfile ghcr.io/devacme/runner:v2.4.0"}, refs: "ghcr.io/acme/runner:v2.4.0"},
		{name: "a namespace of another name", claims: []string{"command a/Dockerfile gcr.io/k8s-build/runner:v2.4.0"}, refs: "registry.k8s.io/build/runner:v2.4.0"},
		{name: "an older tag of the scheme", claims: []string{"command a/Dockerfile quay.io/acme/runner:v2.4.0"}, refs: "ghcr.io/acme/runner:v2.3.0", want: "a", note: taken},
		{name: "a tag of another scheme", claims: []string{"command a/Dockerfile quay.io/acme/runner:v2.4.0"}, refs: "ghcr.io/acme/runner:2.4.0-alpine", note: other},
		{name: "a tag of another scheme beside one that agrees", claims: []string{"command a/Dockerfile quay.io/acme/runner:v2.4.0"}, refs: "ghcr.io/acme/runner:v2.4.0 ghcr.io/acme/runner:2024.01", want: "a; ", note: "there are v2.4.0 of a/Dockerfile"},
		{name: "tags that are not known", claims: []string{"command a/Dockerfile quay.io/acme/runner"}, refs: "ghcr.io/acme/runner:v2.3.0", note: other},
		{name: "latest of tags that are not known", claims: []string{"command a/Dockerfile quay.io/acme/runner"}, refs: "ghcr.io/acme/runner", want: "a", note: taken},
		{name: "an image for each processor", claims: []string{"command a/Dockerfile quay.io/acme/runner-arm64:v2.4.0"}, refs: "ghcr.io/acme/runner:v2.4.0", want: "a", note: taken},
		{name: "a directory of the same registry", claims: []string{"command a/Dockerfile docker.io/acme/runner:v2.4.0"}, refs: "docker.io/cache/acme/runner:v2.4.0"},
		{name: "the mirror of another registry", claims: []string{"command a/Dockerfile docker.io/acme/runner:v2.4.0"}, refs: "corp.test/hub/acme/runner:v2.4.0", want: "a", note: taken},
		{name: "a fork", claims: []string{"buildfile a/Dockerfile docker.io/me/runner:v2.4.0"}, refs: "docker.io/upstream/runner:v2.4.0"},
		{name: "a fork with the name of what it forks", claims: []string{"buildfile a/Dockerfile docker.io/me-runners/runner:v2.4.0"}, refs: "docker.io/runners/runner:v2.4.0"},
		{name: "one of Docker's images", claims: []string{"buildfile a/Dockerfile docker.io/ourorg/nginx:1.27"}, refs: "nginx:1.27"},
		{name: "an image of one component", claims: []string{"command a/Dockerfile docker.io/library/runner:v2.4.0"}, refs: "ghcr.io/acme/runner:v2.4.0"},
		{name: "an image that is based on it", from: "ghcr.io/acme/runner:v2.3.0", claims: []string{"command a/Dockerfile quay.io/acme/runner:v2.4.0"}, refs: "ghcr.io/acme/runner:v2.4.0"},
		{name: "a name of its own", claims: []string{"command a/Dockerfile quay.io/acme/runner:v2.4.0", "command b/Dockerfile ghcr.io/acme/runner:v2.4.0"}, refs: "ghcr.io/acme/runner:v2.4.0", want: "b"},
		{name: "two Dockerfiles", claims: []string{"command a/Dockerfile quay.io/acme/runner:v2.4.0", "command b/Dockerfile docker.io/acme/runner:v2.4.0"}, refs: "ghcr.io/acme/runner:v2.4.0", note: "and which of them makes it is not known"},
		{name: "two lines", claims: []string{"command a/Dockerfile quay.io/acme/java:17.0.3", "command b/Dockerfile quay.io/acme/java:21.0.5"}, refs: "ghcr.io/acme/java:17.0.1 ghcr.io/acme/java:21.0.5", want: "a; b", note: taken},
		{name: "the own machine, for a private registry", claims: []string{"command a/Dockerfile localhost/runner:v2.4.0"}, refs: "corp.test/acme/runner:v2.4.0", want: "a", note: taken},
		{name: "the own machine, for a public registry", claims: []string{"command a/Dockerfile localhost/runner:v2.4.0"}, refs: "ghcr.io/acme/runner:v2.4.0", note: stranger},
		{name: "the own machine, for a namespace with a neighbour", claims: []string{"command a/Dockerfile localhost/runner:v2.4.0", "command b/Dockerfile ghcr.io/acme/other:1"}, refs: "ghcr.io/acme/runner:v2.4.0", want: "a", note: taken},
		{name: "the own machine, for another namespace", claims: []string{"command a/Dockerfile localhost/team/runner:v2.4.0"}, refs: "corp.test/acme/runner:v2.4.0"},
		{name: "the own machine, for no version", claims: []string{"command a/Dockerfile localhost/runner:latest"}, refs: "corp.test/acme/runner:latest"},
		{name: "a registry of examples", claims: []string{"command a/Dockerfile fake.repository/registry-name/runner:v2.4.0", "command b/Dockerfile gcr.io/k8s-staging-build/other:1"}, refs: "registry.k8s.io/build/runner:v2.4.0", want: "a", note: taken},
		{name: "a registry below that of examples", claims: []string{"command a/Dockerfile hub.example.com/registry-name/runner:v2.4.0", "command b/Dockerfile gcr.io/k8s-staging-build/other:1"}, refs: "registry.k8s.io/build/runner:v2.4.0", want: "a", note: taken},
		{name: "a registry that is not known", claims: []string{"command a/Dockerfile ?/runner:v2.4.0"}, refs: "corp.test/acme/runner:v2.4.0", want: "a", note: taken},
		{name: "a registry that is not known, for a public one", claims: []string{"command a/Dockerfile ?/nginx:1.27"}, refs: "bitnami/nginx:1.27", note: stranger},
		{name: "an owner who is not known", claims: []string{"command a/Dockerfile ghcr.io/?/runner:v2.4.0", "command b/Dockerfile ghcr.io/acme/other:1"}, refs: "ghcr.io/acme/runner:v2.4.0", want: "a", note: taken},
		{name: "neither a registry nor a tag that is known", claims: []string{"command a/Dockerfile ?/runner"}, refs: "ghcr.io/acme/runner:v2.4.0", note: neither},
		{name: "neither an owner nor a tag that is known", claims: []string{"command a/Dockerfile ghcr.io/?/runner"}, refs: "ghcr.io/acme/runner:v2.4.0", note: neither},
		{name: "one tag that is not known, and one that is", claims: []string{"command a/Dockerfile ?/runner", "command a/Dockerfile ?/runner:latest"}, refs: "ghcr.io/acme/runner:v2.4.0", note: neither},
		{name: "neither is known, for one of Docker's images", claims: []string{"command a/Dockerfile ?/nginx"}, refs: "nginx:1.27"},
		{name: "an owner who is not known, on another registry", claims: []string{"command a/Dockerfile ghcr.io/?/runner:v2.4.0"}, refs: "corp.test/acme/runner:v2.4.0"},
	} {
		for i, claim := range tc.claims {
			tc.claims[i] = strings.ReplaceAll(claim, "?", scanner.Unknown)
		}
		if tc.from == "" {
			tc.from = "debian:12"
		}
		g, got := makersOf(map[string]string{"a/Dockerfile": "FROM " + tc.from + "\n", "b/Dockerfile": "FROM debian:12\n"}, tc.claims, strings.Fields(tc.refs)...)
		var by []string
		for _, line := range strings.Split(got, "; ") {
			_, makers, _ := strings.Cut(line, " = ")
			by = append(by, makers)
		}
		if got := strings.Join(by, "; "); got != tc.want {
			t.Errorf("%s: made by %q, want %q", tc.name, got, tc.want)
		}
		var notes []string
		for _, n := range g.Notes() {
			notes = append(notes, n.Err.Error())
		}
		if got := strings.Join(notes, "\n"); tc.note == "" && got != "" || len(notes) > 2 || !strings.HasSuffix(got, tc.note) {
			t.Errorf("%s: noted %q, want one that ends with %q", tc.name, got, tc.note)
		}
	}
}

// A tag that is a part of what is made beside an image is noted, with the line of configuration that settles it.
func TestSimilarNamesBeside(t *testing.T) {
	for _, tc := range []struct {
		name, tags, want string
	}{
		{"the part", "a:?-base-amd64 b:?-jax-amd64", "a/Dockerfile tags: \"base\""},
		{"the whole before a part", "a:?-base-amd64 b:?-mpi-base-amd64", "a/Dockerfile tags: \"base\""},
		{"a part of two", "a:?-ml-base b:?-mpi-base", ""},
		{"no part", "a:?-jax", ""},
	} {
		var claims []graph.Claim
		files := repository(map[string]string{"a/Dockerfile": "FROM debian:12\n", "b/Dockerfile": "FROM debian:12\n", "x/Dockerfile": "FROM ghcr.io/acme/jax:base\n"})
		for _, text := range strings.Fields(strings.ReplaceAll(tc.tags, "?", scanner.Unknown)) {
			dir, tag, _ := strings.Cut(text, ":")
			claims = append(claims, graph.Claim{Image: "ghcr.io/acme/jax-internal", Rule: graph.BuildFile, Where: "ci.yml:1", Path: dir + "/Dockerfile", Partly: []string{tag}})
		}
		g := graph.New(files, claims, nil)
		got := ""
		for _, n := range g.Notes() {
			_, hint, _ := strings.Cut(n.Hint, "images: {")
			path, rest, _ := strings.Cut(hint, ": {image: ghcr.io/acme/jax, ")
			got += fmt.Sprint(path, " ", strings.TrimSuffix(rest, "}}"))
		}
		if got != tc.want {
			t.Errorf("%s: noted %q, want %q", tc.name, got, tc.want)
		}
	}
}

// What is said of a similar name once names the other places where it is used, a few of them by line.
func TestSimilarNamesAtSeveralPlaces(t *testing.T) {
	for n, want := range map[int]string{
		1: "ghcr.io/acme/jax:base looks like",
		3: "ghcr.io/acme/jax:base (also at x1/Dockerfile:1:6, x2/Dockerfile:1:6) looks like",
		8: "ghcr.io/acme/jax:base (also at x1/Dockerfile:1:6, x2/Dockerfile:1:6, x3/Dockerfile:1:6, x4/Dockerfile:1:6, x5/Dockerfile:1:6, 2 more places) looks like",
	} {
		all := map[string]string{"a/Dockerfile": "FROM debian:12\n"}
		for i := range n {
			all[fmt.Sprintf("x%d/Dockerfile", i)] = "FROM ghcr.io/acme/jax:base\n"
		}
		g := graph.New(repository(all), []graph.Claim{{Image: "ghcr.io/acme/jax-internal", Rule: graph.BuildFile, Where: "ci.yml:1", Path: "a/Dockerfile", Partly: []string{scanner.Unknown + "-base"}}}, nil)
		if notes := g.Notes(); len(notes) != 1 || !strings.HasPrefix(notes[0].Error.Error(), "x0/Dockerfile:1:6: "+want) {
			t.Errorf("%d places: noted %v, want one that says %q", n, notes, want)
		}
	}
}

// What is on an older tag of a build, under the name of a mirror, is that build's where the build is the nearest of its
// Dockerfile. The history is asked for the image under the name that builds give it.
func TestSimilarNameOfOneOfSeveralBuilds(t *testing.T) {
	for _, tc := range []struct{ name, tags, on, want, asked string }{
		{"the next of the line", "2026.11.10 2026.11.08", "2026.11.09", "d at 2026.11.10", "quay.io/acme/rt"},
		{"the tag itself", "2026.11.10 2026.11.08", "2026.11.08", "d at 2026.11.08", ""},
		{"another scheme beside it", "2026.11.10 2026.11.08-slim", "2026.11.08", "d at 2026.11.10", ""},
		{"above all", "2026.11.10 2026.11.08", "2026.11.11", "", "quay.io/acme/rt"},
	} {
		var files []*scanner.File
		var claims []graph.Claim
		var asked []string
		for _, tag := range strings.Fields(tc.tags) {
			f := scanner.ScanBuilds("d/Dockerfile", []byte("ARG V\nFROM debian:$V\n"), []scanner.BuildConfig{{Args: []scanner.Arg{{Name: "V", Value: trace.Plain(tag)}}}})[0]
			files = append(files, f)
			claims = append(claims, graph.Claim{Image: "quay.io/acme/rt", Rule: graph.BuildFile, Where: "bake:1", File: f, Tags: []string{tag}})
		}
		files = append(files, scanner.ScanFile("x/Dockerfile", []byte("FROM ghcr.io/acme/rt:2026.11.08\n"), ""), scanner.ScanFile("y/Dockerfile", []byte("FROM ghcr.io/acme/rt:"+tc.on+"\n"), ""))
		g := graph.New(files, claims, func(image string, _ imageref.Line, _ int, _ []*graph.Node) (*graph.Node, bool) {
			asked = append(asked, image)
			return nil, false
		})
		var got []string
		for _, maker := range g.MakersOf(files[len(files)-1].Refs[0]) {
			got = append(got, "d at "+maker.File.Refs[0].Image.Tag)
		}
		if by := strings.Join(got, ", "); by != tc.want || strings.Join(asked, " ") != tc.asked {
			t.Errorf("%s: made by %q, asked for %q; want %q, %q", tc.name, by, asked, tc.want, tc.asked)
		}
	}
}
