package cli_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// The files that were read for builds are listed with what they gave: of a commit and of a
// directory the same, for people and for programs.
func TestScanSources(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"app/Dockerfile":    "ARG V=1\nFROM " + base + ":$V\n",
		"compose.yaml":      "services: {app: {build: {context: app, args: {V: '${V}'}}}}\n",
		".env":              "V=1.0.0\n",
		".gitlab-ci.yml":    "build: {script: ['docker build --build-arg V=1.0.1 app', 'docker build $WHICH']}\n",
		"Jenkinsfile":       "node {\n  sh 'docker build app'\n}\n",
		"hack/release":      "#!/bin/sh\ndocker build --build-arg V=1.0.2 app\n",
		"Makefile":          "all:\n\techo\n",
		"docs/notes.txt":    "docker build app\n",
		".circleci/bad.yml": "run: [docker build app\n",
	}
	const want = `.circleci/bad.yml  pipeline: nothing
  1  not read, for it is no YAML (did not find expected ',' or ']') [build-file-syntax]
.env  values: 0 builds, 1 value
.gitlab-ci.yml  pipeline: 1 build, 1 value
  1:59  docker build is not understood: which directory it builds is not known from the text [build-not-understood]
Jenkinsfile  pipeline: nothing
  2:3  docker build is not read: a Jenkinsfile is not followed [build-not-read]
Makefile  Makefile: nothing
compose.yaml  compose file: 1 build, 0 values
hack/release  script: 1 build, 1 value
7 files, 3 builds, 3 not understood
`
	const listed = `.circleci/bad.yml 0 0 build-file-syntax
.env 0 1
.gitlab-ci.yml 1 1 build-not-understood
Jenkinsfile 0 0 build-not-read
Makefile 0 0
compose.yaml 1 0
hack/release 1 1
`
	type source struct {
		Path, Kind     string
		Builds, Values int
		Diagnostics    []struct{ Code string }
	}
	for _, dir := range []string{gittest.Init(t, files), plain(t, files)} {
		if got := in(dir).run(t, "scan", "--sources").want(t, 0).stdout; got != want {
			t.Errorf("got:\n%s\nwant:\n%s", got, want)
		}
		scan := document[struct{ Sources []source }](t, in(dir).run(t, "scan", "--sources", "-o", "json").want(t, 0))
		var text strings.Builder
		for _, s := range scan.Sources {
			fmt.Fprintf(&text, "%s %d %d", s.Path, s.Builds, s.Values)
			for _, d := range s.Diagnostics {
				fmt.Fprintf(&text, " %s", d.Code)
			}
			text.WriteString("\n")
		}
		if text.String() != listed {
			t.Errorf("got:\n%s\nwant:\n%s", text.String(), listed)
		}
		if strings.Contains(in(dir).run(t, "scan", "-o", "json").want(t, 0).stdout, `"sources"`) {
			t.Error("they are listed without being asked for")
		}
	}
}

// That a file has more builds than are read of one, or does not parse, is said without being asked: what the graph lacks is not known.
func TestBuildsThatAreNotReadAreNoted(t *testing.T) {
	dir := gittest.Init(t, map[string]string{
		"app/Dockerfile": "FROM alpine:3.20\n",
		"many.sh":        "for i in $(seq 600); do docker build -t reg/app:$i app; done\ndocker build -t reg/last app\n",
		"few.sh":         "docker build -t reg/few:1 app\n",
		"broken.sh":      "if true; then\n  docker build -t reg/broken:1 app\n",
		"compose.yaml":   "services: [\n",
		"idle.sh":        "if true; then\n",
	})
	r := in(dir).run(t, "graph").want(t, 0)
	for file, n := range map[string]int{"broken.sh:2:1": 1, "compose.yaml": 1, "idle.sh": 0} {
		if got := strings.Count(r.stderr, "note: "+file); got != n {
			t.Errorf("%s: %d notes, want %d:\n%s", file, got, n, r.stderr)
		}
	}
	if n := strings.Count(r.stderr, "build-file-limit"); n != 1 || !strings.Contains(r.stderr, "note: many.sh:2:1: docker build is not read: the file stands for more commands than are followed") {
		t.Errorf("it says:\n%s", r.stderr)
	}
}
