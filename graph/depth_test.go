package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/graph"
)

// The depth of a build is how many builds a rebuild of all goes through to its end.
func TestDepths(t *testing.T) {
	for _, tc := range []struct {
		name, want string
		files      map[string]string
	}{
		{"services alone", "s 1, t 1", map[string]string{"s/Dockerfile": "FROM alpine:3\n", "t/Dockerfile": "FROM scratch\n"}},
		{"a chain", "a 1, b 2, s 3", map[string]string{"a/Dockerfile": "FROM alpine:3\n", "b/Dockerfile": "FROM acme/a:1\n", "s/Dockerfile": "FROM acme/b:1\n"}},
		{"the longer side of a diamond", "a 1, b 2, s 3",
			map[string]string{"a/Dockerfile": "FROM alpine:3\n", "b/Dockerfile": "FROM acme/a:1\n", "s/Dockerfile": "FROM acme/a:1\nCOPY --from=acme/b:1 / /\n"}},
		{"a base that is only used to build", "a 1, s 2", map[string]string{"a/Dockerfile": "FROM alpine:3\n", "s/Dockerfile": "FROM acme/a:1 AS b\nFROM scratch\nCOPY --from=b / /\n"}},
		{"a stage that is not built", "a 1, s 1", map[string]string{"a/Dockerfile": "FROM alpine:3\n", "s/Dockerfile": "FROM acme/a:1 AS unused\nFROM scratch\n"}},
		{"a build on an earlier image of its own", "a 1, s 2", map[string]string{"a/Dockerfile": "FROM acme/a:1\n", "s/Dockerfile": "FROM acme/a:2\n"}},
		{"a circle, and what is behind it", "b 1, c 1, s 2", map[string]string{
			"b/Dockerfile": "FROM acme/c:1\n", "c/Dockerfile": "FROM acme/b:1\n", "s/Dockerfile": "FROM acme/c:1\n"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			files := repository(tc.files)
			var claims []graph.Claim
			for _, f := range files {
				if name := strings.TrimSuffix(f.Path, "/Dockerfile"); name != "s" && name != "t" {
					claims = append(claims, graph.Claim{Image: "docker.io/acme/" + name, Rule: graph.BuildFile, Where: "compose.yaml:1", File: f})
				}
			}
			g := graph.New(files, claims, nil)
			var got []string
			for node, depth := range g.Depths() {
				got = append(got, fmt.Sprintf("%s %d", strings.TrimSuffix(node.Key, "/Dockerfile"), depth))
			}
			slices.Sort(got)
			if text := strings.Join(got, ", "); text != tc.want {
				t.Errorf("depths are %s, want %s", text, tc.want)
			}
		})
	}
}
