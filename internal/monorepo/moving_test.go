package monorepo_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/monorepo"
)

// What is on the very tag that a base is given by is said to be a guess where the tag moves, and where nobody here makes it.
func TestWhatIsOnATagThatMoves(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{
		"a/Dockerfile": "FROM debian:12\n", "b/Dockerfile": "FROM debian:12\n", "c/Dockerfile": "FROM node:20-alpine\n", "d/Dockerfile": "FROM node:20.1.1\n",
		"e/Dockerfile": "FROM debian:12@sha256:" + strings.Repeat("ab", 32) + "\n", "f/Dockerfile": "FROM reg.example/shop/java:1.4\n", "g/Dockerfile": "FROM debian:trixie-slim\n",
		"java/Dockerfile": "FROM eclipse-temurin:21.0.1\n", "h/Dockerfile": "FROM alpine:3.20 AS dead\nFROM debian:11.7\n",
	})
	const taken = " taken for up to date, and that tag may name another image by now"
	digest := "sha256:" + strings.Repeat("cd", 32)
	for _, test := range []struct {
		bump       bumper.Bump
		text, hint string
	}{
		{bumper.Bump{Image: "docker.io/library/debian", Tag: "12"}, "2 references to docker.io/library/debian:12 are" + taken, "if it does, its digest has them rebuilt: --base docker.io/library/debian@12@sha256:…"},
		{bumper.Bump{Image: "docker.io/library/node", Tag: "20-alpine"}, "1 reference to docker.io/library/node:20-alpine is" + taken, "if it does, its digest has them rebuilt: --base docker.io/library/node@20-alpine@sha256:…"},
		{bumper.Bump{Image: "docker.io/library/debian", Tag: "12", Digest: digest}, "", ""},
		{bumper.Bump{Image: "docker.io/library/debian", Tag: "12", From: "11"}, "", ""},
		{bumper.Bump{Image: "docker.io/library/debian", Tag: "13"}, "", ""},
		{bumper.Bump{Image: "docker.io/library/debian", Tag: "trixie-slim"}, "", ""}, // which is rebuilt
		{bumper.Bump{Image: "docker.io/library/node", Tag: "20.1.1"}, "", ""},
		{bumper.Bump{Image: "docker.io/library/alpine", Tag: "3.20"}, "", ""}, // of a stage that is not built
		{java("1.4"), "", ""}, // whose versions have two numbers
	} {
		repo, said, err := open(t, dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := repo.Plan(t.Context(), monorepo.Policy{Bumps: []bumper.Bump{test.bump}}); err != nil {
			t.Fatal(err)
		}
		text, hint := "", ""
		for _, m := range *said {
			if m.Kind == monorepo.Note && strings.Contains(m.Text, "taken for up to date") {
				text, hint = m.Text, m.Hint
			}
		}
		if !strings.HasSuffix(text, test.text) || hint != test.hint || test.text == "" && text != "" {
			t.Errorf("%s: noted %q, hint %q", test.bump, text, hint)
		}
	}
}
