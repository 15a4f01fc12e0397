package monorepo_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/monorepo"
)

// What is built says, too, for which image it was not taken that is called like its own.
func TestToBuildNotesMakers(t *testing.T) {
	t.Parallel()
	repo, said, err := open(t, gittest.Init(t, map[string]string{
		"java/Dockerfile": "FROM debian:12\n",
		"Makefile":        "all:\n\tdocker build -t reg.example/own/java:1.0.0 java\n",
		"a/Dockerfile":    "FROM reg.example/mirror/java:21.0.5\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := repo.ToBuild([]monorepo.Wanted{{Images: []string{"reg.example/own/java"}}}); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(*said, func(m monorepo.Message) bool {
		return m.Kind == monorepo.Note && strings.HasSuffix(m.Text, "none of 1 candidate was taken: java/Dockerfile")
	}) {
		t.Errorf("it says %v", *said)
	}
}
