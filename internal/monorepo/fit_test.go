package monorepo_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
)

// Which of several builds makes what a reference names: the first that fits best.
func TestMaker(t *testing.T) {
	for _, tc := range []struct {
		builds string // the images of each, builds apart by "; "
		ref    string
		want   int
	}{
		{"a/x:1.0.0; a/y:1.0.0", "a/y:1.0.0", 1},
		{"a/x:1.0.0; a/y:1.0.0", "a/z:1.0.0", -1},
		{"a/x:1.0.0; a/x:2.0.0", "a/x:2.0.0", 1},
		{"a/x:1.0.0; a/x:1.0.0", "a/x:1.0.0", 0},
		{"a/x:1.0.0-slim; a/x:1.0.0", "a/x:1.2.3", 1},
		{"a/x:1.0.0; a/x:1.0.0-slim", "a/x:1.2.3-slim", 1},
		{"a/x:1.0.0-slim; a/x:1.0.0-alpine", "a/x:1.2.3", 0},
		{"a/x:1.0.1; a/x:1.0.0", "a/x:1.0.0", 1}, // its very tag, and not another version
		{"a/x; a/x:1.0.0", "a/x", 0},
		{"a/x:stable; a/x:edge", "a/x:edge", 1},
		{"a/y:1.0.0 a/x:1.0.0; a/x:1.0.1", "a/x:1.0.0", 0},
		{"a/x:9.9.9-slim a/x:1.0.0; a/x:1.0.1", "a/x:1.0.0", 0},
		{"", "a/x:1.0.0", -1},
	} {
		var builds []monorepo.Build
		for _, images := range strings.Split(tc.builds, "; ") {
			var b monorepo.Build
			for _, image := range strings.Fields(images) {
				ref, err := imageref.Parse(image)
				if err != nil {
					t.Fatal(err)
				}
				b.Images = append(b.Images, ref)
			}
			builds = append(builds, b)
		}
		ref, err := imageref.Parse(tc.ref)
		if err != nil {
			t.Fatal(err)
		}
		if got := monorepo.Maker(builds, ref); got != tc.want {
			t.Errorf("%s is made by %d of %s, want %d", tc.ref, got, tc.builds, tc.want)
		}
	}
}

// How a Dockerfile is built: each way once, with its context, the named contexts that are known
// and the images that it makes.
func TestBuildsOf(t *testing.T) {
	t.Parallel()
	const from = "FROM reg.example/shop/java:1.0.0\n"
	compose := func(services string) string { return "services:\n" + services }
	for name, tc := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no build file":        {map[string]string{"a/Dockerfile": from}, "a map[] []"},
		"one build":            {map[string]string{"compose.yaml": compose("  a: {image: x/a:1, build: {context: ., dockerfile: a/Dockerfile}}\n"), "a/Dockerfile": from}, ". map[] [docker.io/x/a:1]"},
		"two that are one":     {map[string]string{"compose.yaml": compose("  a: {image: x/a:1, build: a}\n  b: {image: x/b:1, build: a}\n"), "a/Dockerfile": from}, "a map[] [docker.io/x/a:1 docker.io/x/b:1]"},
		"two of three are one": {map[string]string{"compose.yaml": compose("  a: {image: x/a:1, build: a}\n  b: {image: x/b:1, build: {context: ., dockerfile: a/Dockerfile}}\n  c: {image: x/c:1, build: a}\n"), "a/Dockerfile": from}, "a map[] [docker.io/x/a:1 docker.io/x/c:1]; . map[] [docker.io/x/b:1]"},
		"the configuration": {
			map[string]string{"compose.yaml": compose("  a: {image: x/a:1, build: a}\n"), "a/Dockerfile": from, ".propagate.yaml": "images: {a/Dockerfile: {image: x/a, context: b}}\n", "b/c": ""},
			"b map[] [docker.io/x/a:1]",
		},
		"the configuration without a context": {
			map[string]string{"compose.yaml": compose("  a: {image: x/a:1, build: {context: ., dockerfile: a/Dockerfile}}\n"), "a/Dockerfile": from, ".propagate.yaml": "images: {a/Dockerfile: {image: x/a}}\n"},
			". map[] [docker.io/x/a:1]",
		},
		"named contexts": {
			map[string]string{
				"deploy/compose.yaml": compose("  a:\n    image: x/a:1\n    build:\n      context: ../a\n      additional_contexts: {docs: ../docs, site: 'https://site.example/x.git', git: 'git@site.example:x', opt: /opt, gone: '${GONE}', base: 'docker-image://x/base:1'}\n"),
				"a/Dockerfile":        from, "docs/x": "",
			},
			"a map[base:docker-image://x/base:1 docs:docs git:git@site.example:x opt:/opt site:https://site.example/x.git] [docker.io/x/a:1]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			repo := mustOpen(t, gittest.Init(t, tc.files))
			plan, err := repo.Affected(t.Context(), monorepo.Policy{Bumps: []bumper.Bump{java("1.0.1")}})
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			for _, item := range plan.Items {
				var all []string
				for _, b := range repo.BuildsOf(plan, item) {
					all = append(all, fmt.Sprintf("%s %v %v", b.Context, b.Contexts, b.Images))
				}
				seen[strings.Join(all, "; ")] = true
			}
			if !seen[tc.want] {
				t.Errorf("got %v, want %s", seen, tc.want)
			}
		})
	}
}
