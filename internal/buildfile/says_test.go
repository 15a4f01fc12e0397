package buildfile_test

import (
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/source"
)

// What Maven and Gradle build is named at the first line that says so, and nothing else in their files is.
func TestPluginsThatBuildImages(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		path, line string
		want       int
	}{
		{"pom.xml", "<artifactId>jib-maven-plugin</artifactId>", 1},
		{"pom.xml", "<artifactId>dockerfile-maven-plugin</artifactId>", 1},
		{"a/pom.xml", "<dockerFile>Dockerfile</dockerFile>", 1},
		{"pom.xml", "<dockerFileDir>docker</dockerFileDir>", 1},
		{"pom.xml", "<artifactId>jib-core</artifactId>", 0},
		{"build.gradle", "id 'com.google.cloud.tools.jib' version '3.4.0'", 1},
		{"a/build.gradle.kts", `id("com.bmuschko.docker-remote-api")`, 1},
		{"build.gradle", "id 'com.palantir.docker'", 1},
		{"build.gradle.kts", `id("com.palantir.docker")`, 1},
		{"build.gradle", "id 'com.palantir.docker-run'", 0},
		{"build.gradle", "// id 'com.google.cloud.tools.jib'", 0},
	} {
		fsys := fstest.MapFS{tc.path: {Data: []byte("first\n  " + tc.line + "\n  " + tc.line + "\n")}}
		result, err := buildfile.Read(t.Context(), fsys, []string{tc.path}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for _, p := range result.Problems {
			if at := (source.Pos{Path: tc.path, Line: 2, Col: 3}); p.Code != source.CodeNotRead || p.Pos != at {
				t.Errorf("%s: %s: %v at %s", tc.path, tc.line, p, p.Pos)
			}
			got++
		}
		if got != tc.want {
			t.Errorf("%s: %s: %d notes, want %d", tc.path, tc.line, got, tc.want)
		}
	}
}
