package bumper_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// Of a chain of builds with one place each in common, the error of each names the next one alone: what keeps that one, also
// where it would only move later, is said there. Here the version of d's base is that of x's, and d's tag is that of b.
func TestErrorsOfAChainOfPlaces(t *testing.T) {
	const onBase = "ARG W\nFROM acme/base:$W\n"
	values := trace.NewFile("values", []byte("1.0.0\n1.0.0\n"))
	tag, version := values.Text(0, 5), values.Text(6, 11)
	repo := files{"b/Dockerfile": "FROM acme/base:1.0.0\n", "b-arm/Dockerfile": "FROM acme/d:1.0.0\n", "d/Dockerfile": onBase, "s/Dockerfile": "FROM acme/b:1.0.0\n", "x/Dockerfile": onBase, "values": string(values.Src)}
	var all []*scanner.File
	var claims []graph.Claim
	for _, path := range slices.Sorted(maps.Keys(repo)) {
		if path != "values" {
			all = append(all, scanner.ScanBuilds(path, []byte(repo[path]), []scanner.BuildConfig{{Args: []scanner.Arg{{Name: "W", Value: version}}}})...)
		}
		if strings.Contains("bd", path[:1]) {
			claims = append(claims, graph.Claim{Image: "docker.io/acme/" + path[:1], Rule: graph.BuildFile, Path: path, Tags: []string{"1.0.0"}})
		}
	}
	releases := func(image *graph.Node) ([]bumper.Release, error) {
		if image.Maker().File.Path == "b-arm/Dockerfile" {
			return nil, nil
		}
		return []bumper.Release{{Tag: tag, How: "a tag", Trust: bumper.Certain}}, nil
	}
	p, err := bumper.NewPlan(t.Context(), graph.New(all, claims, nil), repo, []bumper.Bump{base("1.0.1")}, bumper.Options{Releases: releases})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, item := range p.Items {
		if item.Err != nil {
			got[item.File.Path] = item.Err.Error()
		}
	}
	want := map[string]string{
		"b/Dockerfile": "b/Dockerfile: b-arm/Dockerfile makes docker.io/acme/b too, and moves later: --atomic moves both",
		"d/Dockerfile": "values:1: d/Dockerfile: its version is written in one place with that of b/Dockerfile, which moves later: --atomic moves both",
		"x/Dockerfile": "values:2: x/Dockerfile: its version is written in one place with that of d/Dockerfile, which does not move",
	}
	if !maps.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
