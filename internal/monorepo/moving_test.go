package monorepo_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/monorepo"
)

// What is on the very tag that a base is given by is up to date by a guess where the tag moves, and where nobody here makes the image.
func TestWhatIsOnATagThatMoves(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{
		"a/Dockerfile": "FROM debian:12\n", "b/Dockerfile": "FROM debian:12\n", "c/Dockerfile": "FROM node:20-alpine\n", "d/Dockerfile": "FROM node:20.1.1\n",
		"e/Dockerfile": "FROM debian:12@sha256:" + strings.Repeat("ab", 32) + "\n", "f/Dockerfile": "FROM reg.example/shop/java:1.4\n", "g/Dockerfile": "FROM debian:trixie-slim\n",
		"java/Dockerfile": "FROM eclipse-temurin:21.0.1\n", "h/Dockerfile": "FROM alpine:3.20 AS dead\nFROM debian:11.7\n",
		"k/Dockerfile": "FROM nginx:1.27\nCOPY --from=redis:1.27 / /\n",
		// Two builds of one place, and what is left, vendored or not to be told of.
		"i/Dockerfile": "ARG V\nFROM ruby:$V\n", "compose.yaml": "x-args: &args {V: '3.3'}\nservices:\n  one: {build: {context: i, args: *args}}\n  two: {build: {context: i, args: {V: '3.3', W: 1}}}\n",
		"frozen/Dockerfile": "FROM debian:12\n", "node_modules/x/Dockerfile": "FROM debian:12\n", "quiet/Dockerfile": "FROM debian:12\n", "a-quiet/Dockerfile": "FROM node:20-alpine\n",
		".propagate.yaml": "ignore: [{path: frozen/**}]\ndiagnostics: {ignore: [{code: moving-tag, files: [quiet/**, a-quiet/**]}]}\n",
	})
	const counts, hint = " counts as up to date at ", "give the digest that the registry has for the tag now, and it is rebuilt: --base docker.io/library/"
	digest := "sha256:" + strings.Repeat("cd", 32)
	for _, test := range []struct {
		bump       bumper.Bump
		text, hint string
	}{
		{bumper.Bump{Image: "docker.io/library/debian", Tag: "12"}, "a/Dockerfile:1:6: what is on docker.io/library/debian:12" + counts + "2 places", hint + "debian@12@sha256:…"},
		{bumper.Bump{Image: "docker.io/library/debian", Tag: "12", From: "12"}, "a/Dockerfile:1:6: what is on docker.io/library/debian:12" + counts + "2 places", hint + "debian@12@sha256:…"},
		{bumper.Bump{Image: "docker.io/library/node", Tag: "20-alpine"}, "c/Dockerfile:1:6: what is on docker.io/library/node:20-alpine" + counts + "1 place", hint + "node@20-alpine@sha256:…"},
		{bumper.Bump{Image: "docker.io/library/ruby", Tag: "3.3"}, "what is on docker.io/library/ruby:3.3" + counts + "1 place", hint + "ruby@3.3@sha256:…"},
		{bumper.Bump{Image: "docker.io/library/nginx", Tag: "1.27"}, "what is on docker.io/library/nginx:1.27" + counts + "1 place", hint + "nginx@1.27@sha256:…"}, // and not on redis:1.27
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
			if m.Kind == monorepo.Note && m.Code == "moving-tag" {
				text, hint = m.Text, m.Hint
			}
		}
		want := test.text
		if want != "" {
			want += ", and that tag may name another image by now"
		}
		if !strings.HasSuffix(text, want) || hint != test.hint || want == "" && text != "" {
			t.Errorf("%s: noted %q, hint %q", test.bump, text, hint)
		}
	}
}
