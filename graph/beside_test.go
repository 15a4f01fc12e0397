package graph_test

import (
	"strings"
	"testing"
)

// What a build is known to make is not taken for an image of the same name below another directory of the registry,
// unless a tag is on a line that it makes; a note says which Dockerfile was not taken.
func TestNamesakesOfARegistry(t *testing.T) {
	for _, tc := range []struct {
		name, claim, ref string
		isTaken          bool
		note             string
	}{
		{"a mirror of what others make", "corp.test/own/nginx:1.0.0", "corp.test/mirror/nginx:1.27.0", false, "none of 1 candidate was taken: nginx/Dockerfile"},
		{"another directory, with the same tag", "corp.test/ci/nginx:1.0.0", "corp.test/live/nginx:1.0.0", true, ""},
		{"another directory, with one before", "corp.test/ci/nginx:1.0.3", "corp.test/live/nginx:1.0.0", true, ""},
		{"another directory, where no tag is known", "corp.test/ci/nginx", "corp.test/live/nginx:1.0.0", true, ""},
		{"what is built for this machine", "nginx:1.0.0", "acme/nginx:1.27.0", false, "none of 1 candidate was taken: nginx/Dockerfile"},
		{"what is built for this machine, for a registry", "docker.io/library/nginx:1.0.0", "corp.test/live/nginx:1.27.0", true, ""},
	} {
		g, got := makersOf(map[string]string{"nginx/Dockerfile": "FROM debian:12\n"}, []string{"command nginx/Dockerfile " + tc.claim}, tc.ref)
		if isTaken := strings.HasSuffix(got, " = nginx"); isTaken != tc.isTaken {
			t.Errorf("%s: %s, want %v", tc.name, got, tc.isTaken)
		}
		notes := ""
		for _, n := range g.Notes() {
			notes += n.Err.Error()
		}
		if !strings.HasSuffix(notes, tc.note) || tc.note == "" && notes != "" {
			t.Errorf("%s: noted %q, want %q", tc.name, notes, tc.note)
		}
	}
}
