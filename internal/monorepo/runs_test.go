package monorepo_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// itself.
func TestRuns(t *testing.T) {
	t.Parallel()
	const compose = "services:\n  web: {image: 'reg.example/shop/java:21.0.5'}\n  old: {image: 'reg.example/shop/java:11.0.1'}\n  built: {image: 'reg.example/shop/java:17.0.3', build: j17}\n  other: {image: 'reg.example/else:1'}\n"
	files := map[string]string{
		"j17/Dockerfile": "FROM debian:12\n", "j21/Dockerfile": "FROM debian:12\n",
		"Makefile":     "all:\n\tdocker build -t reg.example/shop/java:17.0.3 j17\n\tdocker build -t reg.example/shop/java:21.0.4 j21\n",
		"a/Dockerfile": "FROM reg.example/shop/java:17.0.3\n", "b/Dockerfile": "FROM reg.example/shop/java:21.0.4\n",
		"deploy/compose.yaml": compose, "other/compose.yaml": compose,
		".propagate.yaml": "references:\n  - files: other/compose.yaml\n    path: $..image\n",
	}
	var got []string
	for _, run := range mustOpen(t, gittest.Init(t, files)).Runs() {
		got = append(got, fmt.Sprintf("%s %s of %s", run.Pos.Path, run.Service, run.Image.Label))
	}
	if text := strings.Join(got, "; "); text != "deploy/compose.yaml web of reg.example/shop/java:21.0.4; deploy/compose.yaml old of reg.example/shop/java; deploy/compose.yaml other of reg.example/else" {
		t.Error(text)
	}
}
