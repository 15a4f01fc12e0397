package monorepo_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/matihlabs/propagate/internal/monorepo"
)

// found returns what is found in files, each as one line.
func found(t *testing.T, files map[string]string) (*monorepo.Findings, string) {
	t.Helper()
	tree := fstest.MapFS{}
	for name, content := range files {
		tree[name] = &fstest.MapFile{Data: []byte(content), Mode: 0o644}
	}
	repo, err := monorepo.Open(t.Context(), monorepo.Options{FS: tree, Ref: "HEAD", Now: func() time.Time { return time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC) }, Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	f, err := repo.Findings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, base := range f.Bases {
		fmt.Fprintf(&b, "base %s of %s by %s %s, lines %v, %d, derived %v\n", base.Image, base.Path, base.Rule, base.Where, base.Lines, base.Dependents, base.Derived)
	}
	for _, u := range f.Unclear {
		fmt.Fprintf(&b, "unclear %s:%s %s %v\n", u.Image, u.Tag, u.Problem.Code, u.Candidates)
	}
	for _, u := range f.Unknown {
		fmt.Fprintf(&b, "unknown %s %s partly %v\n", u.Pos, u.Written, u.Partly)
	}
	for _, n := range f.NoNext {
		fmt.Fprintf(&b, "no next of %s\n", n.Image)
	}
	return f, b.String()
}

// What a configuration can add, and what it has said already.
func TestFindings(t *testing.T) {
	t.Parallel()
	const compose = "services:\n  %s: {build: {context: %s}, image: 'reg.example/t/%s'}\n"
	for name, tc := range map[string]struct {
		files map[string]string
		want  string
	}{
		"a name alone": {
			map[string]string{"bases/java/Dockerfile": "FROM scratch\n", "s/Dockerfile": "FROM reg.example/t/java:1.0.0\n"},
			"base reg.example/t/java of bases/java/Dockerfile by name , lines [], 1, derived false\n",
		},
		"the configuration says it": {
			map[string]string{"bases/java/Dockerfile": "FROM scratch\n", "s/Dockerfile": "FROM reg.example/t/java:1.0.0\n", ".propagate.yaml": "images:\n  bases/java/Dockerfile: reg.example/t/java\n"},
			"base reg.example/t/java of bases/java/Dockerfile by configuration .propagate.yaml:2, lines [], 1, derived false\n",
		},
		"two lines": {
			map[string]string{
				"compose.yaml": "services:\n  a: {build: {context: a}, image: 'reg.example/t/java:17.0.1'}\n  b: {build: {context: b}, image: 'reg.example/t/java:21.0.1'}\n",
				"a/Dockerfile": "FROM scratch\n", "b/Dockerfile": "FROM scratch\n", "s/Dockerfile": "FROM reg.example/t/java:17.0.1\n", "u/Dockerfile": "FROM reg.example/t/java:21.0.1\n",
			},
			"base reg.example/t/java of a/Dockerfile by build file compose.yaml:2, lines [17.0.1], 1, derived false\n" +
				"base reg.example/t/java of b/Dockerfile by build file compose.yaml:3, lines [21.0.1], 1, derived false\n",
		},
		"two builds of a tag": {
			map[string]string{
				"compose.yaml": "services:\n  a: {build: {context: a}, image: 'reg.example/t/x:1.0.0'}\n  b: {build: {context: b}, image: 'reg.example/t/x:1.0.0'}\n",
				"a/Dockerfile": "FROM docker.io/library/alpine:3.20.1\n", "b/Dockerfile": "FROM docker.io/library/debian:12.1\n", "s/Dockerfile": "FROM reg.example/t/x:1.0.0\n",
			},
			"base reg.example/t/x of a/Dockerfile by build file compose.yaml:2, lines [1.0.0], 1, derived false\n" +
				"base reg.example/t/x of b/Dockerfile by build file compose.yaml:3, lines [1.0.0], 1, derived false\n" +
				"unclear reg.example/t/x:1.0.0 two-makers [{a/Dockerfile  compose.yaml:2} {b/Dockerfile  compose.yaml:3}]\n",
		},
		"a value in one build": {
			map[string]string{
				"compose.yaml": "services:\n  a: {build: {context: a, args: {TAG: '3.20'}}, image: a}\n  b: {build: {context: a}, image: b}\n",
				"a/Dockerfile": "ARG TAG\nFROM docker.io/library/alpine:${TAG}\n", "s/Dockerfile": "ARG V\nFROM docker.io/library/alpine:${V}\n",
			},
			"unknown a/Dockerfile:2:6 docker.io/library/alpine:${TAG} partly true\nunknown s/Dockerfile:2:6 docker.io/library/alpine:${V} partly false\n",
		},
		"no next version": {
			map[string]string{"compose.yaml": fmt.Sprintf(compose, "m", "m", "m:2026-01-09"), "m/Dockerfile": "FROM docker.io/library/alpine:3.20\n", "s/Dockerfile": "FROM reg.example/t/m:2026-01-09\n"},
			"base reg.example/t/m of m/Dockerfile by build file compose.yaml:2, lines [], 1, derived false\nno next of reg.example/t/m\n",
		},
		"a next version by its scheme": {
			map[string]string{
				"compose.yaml": fmt.Sprintf(compose, "m", "m", "m:2026-01-09"), "m/Dockerfile": "FROM docker.io/library/alpine:3.20\n", "s/Dockerfile": "FROM reg.example/t/m:2026-01-09\n",
				".propagate.yaml": "versions:\n  m: {scheme: date}\n",
			},
			"base reg.example/t/m of m/Dockerfile by build file compose.yaml:2, lines [], 1, derived false\n",
		},
	} {
		if _, got := found(t, tc.files); got != tc.want {
			t.Errorf("%s: it finds\n%swant\n%s", name, got, tc.want)
		}
	}
}

// What is counted, and what is suggested to look at next.
func TestFindingsCount(t *testing.T) {
	t.Parallel()
	f, _ := found(t, map[string]string{
		"bases/java/Dockerfile": "FROM docker.io/library/alpine:3.20\n", "a/Dockerfile": "FROM reg.example/t/java:1.4.2\n", "b/Dockerfile": "FROM reg.example/t/java:1.4.2 AS x\nFROM docker.io/library/nginx\nCOPY --from=x /a /a\n",
		"c/Dockerfile": "ARG V\nFROM docker.io/library/node:${V}\n", "CODEOWNERS": "a/ @t/web @t/api\nb/ @t/web\n",
	})
	got := fmt.Sprint(f.Dockerfiles, f.Builds, f.References, f.Resolved, f.Versioned, f.Moving, f.Services, f.Outside, f.Teams, f.Suggests)
	if want := "4 4 5 4 2 2 3 3 [@t/api @t/web]java@1.4.3"; got != want {
		t.Errorf("it counts %s, want %s", got, want)
	}
}
