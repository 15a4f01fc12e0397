package bumper_test

import (
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// What names a build itself, whose tag moves along with that of another build, has a fate as well.
func TestNamedContextOfWhatMovesAlong(t *testing.T) {
	repo := files{
		"b/Dockerfile": "FROM acme/base:1.0.0\n", "b-arm/Dockerfile": "FROM acme/base:1.0.1\n",
		"k/Dockerfile": "FROM ctx\n", "s/Dockerfile": "FROM acme/b:1.0.0\n", "tags": "1.0.0\n1.0.0\n",
	}
	text := trace.NewFile("tags", []byte(repo["tags"]))
	var all []*scanner.File
	for _, path := range []string{"b/Dockerfile", "b-arm/Dockerfile", "s/Dockerfile"} {
		all = append(all, scanner.ScanFile(path, []byte(repo[path]), ""))
	}
	all = append(all, scanner.ScanBuilds("k/Dockerfile", []byte(repo["k/Dockerfile"]), []scanner.BuildConfig{{Contexts: []scanner.Context{{Name: "ctx", Link: "bake#arm"}}}})...)
	g := graph.New(all, []graph.Claim{
		{Image: "docker.io/acme/b", Rule: graph.BuildFile, Path: "b/Dockerfile", Tags: []string{"1.0.0"}},
		{Image: "docker.io/acme/b", Rule: graph.BuildFile, Path: "b-arm/Dockerfile", Tags: []string{"1.0.0"}, Link: "bake#arm"},
	}, nil)
	releases := func(image *graph.Node) ([]bumper.Release, error) {
		at := 0
		if image.Maker().File.Path == "b-arm/Dockerfile" {
			at = 6
		}
		return []bumper.Release{{Tag: text.Text(at, at+5), How: "the tag in a line", Trust: bumper.Certain}}, nil
	}
	p, err := bumper.NewPlan(t.Context(), g, repo, []bumper.Bump{base("1.0.1")}, bumper.Options{Releases: releases})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := verdicts(p), "b bump  []; b-arm up-to-date  []; s bump  [b:1.0.1]; k rebuild  []"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
