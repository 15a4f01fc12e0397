package monorepo

import (
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// What is known of the references under which a build's image is published.
func TestPublishedAs(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{
		"bases/java/Dockerfile": "FROM eclipse-temurin:21\n",
		"bases/jvm/Dockerfile":  "FROM reg.example/shop/java:1.0.0\n",
		"svc/a/Dockerfile":      "FROM reg.example/shop/jvm:2.0.0\n",
		"svc/b/Dockerfile":      "FROM reg.example/shop/jvm:2.1.0\n",
		"svc/c/Dockerfile":      "FROM nginx:1.25\n",
		"svc/d/Dockerfile":      "FROM nginx:1.25\n",
		"svc/e/Dockerfile":      "FROM nginx:1.25\n",
		"bases/py/Dockerfile":   "FROM debian:12\n",
		"svc/f/Dockerfile":      "FROM reg.example/acme/py:1.0.0\n",
		"compose.yaml": "services:\n" +
			"  java: {build: bases/java, image: 'reg.example/shop/java:1.0.1'}\n" +
			"  py: {build: bases/py, image: 'other.example/acme/py:1.0.0'}\n" +
			"  c: {build: svc/c, image: 'reg.example/shop/c:${TAG}'}\n" +
			"  d: {build: {context: svc/d, tags: ['reg.example/shop/d:7', 'ghcr.io/shop/d:latest']}, image: 'reg.example/shop/d:7.1'}\n",
	})
	repo, err := Open(t.Context(), Options{
		Dir: dir, Ref: "HEAD", Program: "test", Getenv: func(string) string { return "" },
		Now: func() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) }, Listen: func(Message) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = repo.Close() }()
	want := map[string]string{
		"bases/java/Dockerfile": "reg.example/shop/java:1.0.1", // and not what is in use
		"bases/jvm/Dockerfile":  "reg.example/shop/jvm:2.1.0",  // nothing but its use tells
		"bases/py/Dockerfile":   "other.example/acme/py:1.0.0", // and not as what it is taken for
		"svc/d/Dockerfile":      "ghcr.io/shop/d:latest reg.example/shop/d:7.1 reg.example/shop/d:7",
	}
	for _, build := range repo.Graph().Builds() {
		if got := strings.Join(publishedAs(repo.Graph(), build, nil), " "); got != want[build.Key] {
			t.Errorf("%s is published as %q, want %q", build.Key, got, want[build.Key])
		}
	}
}
