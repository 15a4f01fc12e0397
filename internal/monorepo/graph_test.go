package monorepo_test

import (
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// A tag that is known in part tells which build makes a reference.
func TestMakersOfTagsThatArePartlyKnown(t *testing.T) {
	t.Parallel()
	repo := mustOpen(t, gittest.Init(t, map[string]string{
		"x/Dockerfile": "FROM debian:12\n", "y/Dockerfile": "FROM debian:12\n",
		"Makefile":     "all:\n\tdocker build -t reg.example/shop/java:$(VERSION)-jre x\n\tdocker build -t reg.example/shop/java:$(VERSION)-jdk y\n",
		"a/Dockerfile": "FROM reg.example/shop/java:1.0.0-jre\n", "b/Dockerfile": "FROM reg.example/shop/java:1.0.0-jdk\n",
		// Here the registry is not known either.
		"u/Dockerfile": "FROM debian:12\n", "v/Dockerfile": "FROM debian:12\n",
		"build.sh":     "docker build -t $REGISTRY/shop/node:$VERSION-slim u\ndocker build -t $REGISTRY/shop/node:$VERSION-fat v\n",
		"c/Dockerfile": "FROM reg.example/shop/node:1.0.0-slim\n", "d/Dockerfile": "FROM reg.example/shop/node:1.0.0-fat\n",
	}))
	want := map[string]string{"a/Dockerfile": "x/Dockerfile", "b/Dockerfile": "y/Dockerfile", "c/Dockerfile": "u/Dockerfile", "d/Dockerfile": "v/Dockerfile"}
	for _, image := range []string{"reg.example/shop/java", "reg.example/shop/node"} {
		for _, ref := range repo.Graph().References(image) {
			if makers := repo.Graph().MakersOf(ref); len(makers) != 1 || makers[0].Key != want[ref.Pos.Path] {
				t.Errorf("%s is based on %v, want %s", ref.Pos, makers, want[ref.Pos.Path])
			}
			delete(want, ref.Pos.Path)
		}
	}
	if len(want) > 0 {
		t.Errorf("nothing is said of %v", want)
	}
}
