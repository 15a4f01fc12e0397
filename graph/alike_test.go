package graph_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/graph"
)

// An image that nothing is known to make is noted beside a Dockerfile that is called like it, of which nothing tells what it makes.
func TestNotedAsCalledAlike(t *testing.T) {
	t.Parallel()
	const image = "registry.example/acme/python-base"
	for _, tc := range []struct{ name, image, paths, claims, want string }{
		{"a directory below that of bases", image, "base/python", "", "base/python/Dockerfile"},
		{"the words the other way round", image, "docker/base-python", "", "docker/base-python/Dockerfile"},
		{"of several words", "registry.example/acme/python-ml-base", "bases/ml-python", "", "bases/ml-python/Dockerfile"},
		{"two of them", image, "base/python images/python", "", "base/python/Dockerfile, images/python/Dockerfile"},
		{"five of them", image, "a/base/python b/base/python c/base/python d/base/python e/base/python", "", "a/base/python/Dockerfile, b/base/python/Dockerfile, c/base/python/Dockerfile, and 2 more"},
		{"no directory of bases", image, "services/python", "", ""},
		{"no word of bases in the name", "registry.example/acme/python-tools", "base/python", "", ""},
		{"a part of the words", "registry.example/acme/python-ml-base", "base/python", "", ""},
		{"the only base", "registry.example/acme/shop-base", "base services/shop", "", "base/Dockerfile"},
		{"two bases, of which neither is called so", "registry.example/acme/shop-base", "base docker/base", "", ""},
		{"it makes something else", image, "base/python", "buildfile base/python/Dockerfile registry.example/acme/py:1.0.0", ""},
		{"another build makes it", image, "base/python x", "buildfile x/Dockerfile registry.example/acme/python-base:1.0.0", ""},
		{"an image of another organisation", "docker.io/acme/python-base", "base/python", "", ""},
		{"a public one with a neighbour that is made here", "docker.io/acme/python-base", "base/python x", "buildfile x/Dockerfile docker.io/acme/x:1.0.0", "base/python/Dockerfile"},
	} {
		files := map[string]string{}
		for dir := range strings.FieldsSeq(tc.paths) {
			files[dir+"/Dockerfile"] = "FROM debian:12\n"
		}
		var claims []string
		if tc.claims != "" {
			claims = append(claims, tc.claims)
		}
		g, _ := makersOf(files, claims, tc.image+":1.0.0")
		got := ""
		for _, n := range g.Notes() {
			_, got, _ = strings.Cut(n.Err.Error(), "; called like it, and not known to make anything: ")
			if first, _, _ := strings.Cut(got, ", "); !strings.HasSuffix(n.Hint, "images: {"+first+": "+tc.image+"}") || len(n.Builds) == 0 {
				t.Errorf("%s: the hint is %q, for %d builds", tc.name, n.Hint, len(n.Builds))
			}
		}
		if got != tc.want {
			t.Errorf("%s: noted %q, want %q", tc.name, got, tc.want)
		}
	}
}

// A Dockerfile that is based on an image does not make it.
func TestNotCalledLikeItsBase(t *testing.T) {
	t.Parallel()
	g := graph.New(repository(map[string]string{"base/python/Dockerfile": "FROM registry.example/acme/python-base:1.0.0\n"}), nil, nil)
	if notes := g.Notes(); len(notes) > 0 {
		t.Errorf("noted %v", notes)
	}
}

// Of a reference whose tag is not known the note names the repository.
func TestCalledAlikeWithoutATag(t *testing.T) {
	t.Parallel()
	g := graph.New(repository(map[string]string{"base/python/Dockerfile": "FROM debian:12\n", "s/Dockerfile": "ARG V\nFROM registry.example/acme/python-base:${V}\n"}), nil, nil)
	if notes := g.Notes(); len(notes) != 1 || !strings.Contains(notes[0].Error.Error(), "no build is known to make registry.example/acme/python-base; ") {
		t.Errorf("noted %v", notes)
	}
}

// What is called alike is not named where a Dockerfile is called like the image itself and makes another one: the note is about that.
func TestNotCalledAlikeBesideANamesake(t *testing.T) {
	t.Parallel()
	g, _ := makersOf(dockerfiles("base/python python-base"), []string{"command python-base/Dockerfile corp.test/own/python-base:1.0.0"}, "corp.test/mirror/python-base:1.27.0")
	if notes := g.Notes(); len(notes) != 1 || !strings.HasSuffix(notes[0].Err.Error(), "none of 1 candidate was taken: python-base/Dockerfile") {
		t.Errorf("noted %v", notes)
	}
}
