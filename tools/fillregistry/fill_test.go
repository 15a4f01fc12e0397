package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/registry"
)

func TestNewer(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"1.2.3": "1.2.4 1.3.0 2.0.0", "v1.39.0": "v1.39.1 v1.40.0 v2.0.0", "3.14-slim": "3.15-slim 4.0-slim", "20": "21",
		"8.5.9-cli-alpine3.24": "8.5.10-cli-alpine3.24 8.6.0-cli-alpine3.24 9.0.0-cli-alpine3.24", "latest": "", "2026.06.10": "", "nonroot": "", "cfdd576c36a52ed2dd62f237f79eeedc2dd3697b": "",
	} {
		var got []string
		for _, n := range newer(tag) {
			got = append(got, n.tag)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("newer than %s are %q, want %s", tag, got, want)
		}
	}
}

func TestMoves(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]bool{"1.2.3": false, "v1.39.0-alpine": false, "20260610": false, "cfdd576c36a52ed2dd62f237f79eeedc2dd3697b": false, "3.14-slim": true, "20": true, "latest": true} {
		if got := moves(tag); got != want {
			t.Errorf("%s moves: %v", tag, got)
		}
	}
}

// What a graph names is there, with newer versions, where the configuration says.
func TestFill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	graph, config := filepath.Join(dir, "graph.json"), filepath.Join(dir, "asked.yaml")
	text := `{"uses": [{"image": "docker.io/library/node", "ref": "docker.io/library/node:20-slim", "path": "a/Dockerfile", "target": "", "exposure": "runtime"},
		{"image": "reg.example:5000/team/base", "ref": "reg.example:5000/team/base:1.0.0", "path": "b/Dockerfile", "target": "", "exposure": "build"},
		{"image": "", "ref": null, "path": "b/Dockerfile", "target": "", "exposure": "runtime"}],
		"makes": [{"image": "docker.io/acme/a", "tags": ["1.0.0"], "path": "a/Dockerfile", "target": ""}]}`
	if err := os.WriteFile(graph, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var out bytes.Buffer
	filled := make(chan bool)
	ended := make(chan error)
	go func() {
		ended <- run(ctx, []string{"-config", config, graph}, writer(func(p []byte) (int, error) {
			defer func() { filled <- true }()
			return out.Write(p)
		}), time.Now())
	}()
	<-filled
	said, err := os.ReadFile(config)
	m := regexp.MustCompile(`docker.io: \{mirror: (\S+)\}\n  reg.example:5000: \{mirror: (\S+)\}`).FindStringSubmatch(string(said))
	if err != nil || m == nil {
		t.Fatalf("the configuration is %q: %v", said, err)
	}
	c := registry.New(registry.Options{})
	for repository, want := range map[string][]string{m[1] + "/library/node": {"20-slim", "21-slim"}, m[2] + "/team/base": {"1.0.0", "1.0.1", "1.1.0", "2.0.0"}, m[1] + "/acme/a": {"1.0.0"}} {
		if tags, err := c.Tags(t.Context(), repository); err != nil || !slices.Equal(tags, want) {
			t.Errorf("%s has %q, want %q: %v", repository, tags, want, err)
		}
	}
	stop()
	<-filled
	if err := <-ended; err != nil || !strings.Contains(out.String(), "3 listings of tags") {
		t.Errorf("it says %s: %v", out.String(), err)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }
