package buildfile_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/internal/buildfile"
)

// The images that jobs of pipelines run in are found with their places. What only may be one is not: inputs, values of
// a matrix, what is not all written, what has no version.
func TestJobsThatRunImages(t *testing.T) {
	for _, tc := range []struct{ name, path, content, want string }{
		{
			"GitHub", ".github/workflows/ci.yml", `on: push
env: {IMAGE: "acme/env:1.0"}
jobs:
  build:
    container: acme/base:1.0
    services:
      db:
        image: "acme/db:2.0"
        env: {image: acme/no:1}
    steps:
      - name: look
        uses: docker://acme/tool:3.0
      - uses: actions/checkout@v4
      - uses: acme/action@v1
        with: {image: acme/input:1}
  test:
    strategy: {matrix: {image: [acme/base:1.0]}}
    container: {image: "acme/base:1.1", options: "--cpus 1"}
  other:
    container: ${{ matrix.image }}
  more:
    container: acme/base
`,
			"5:16 the job build runs acme/base:1.0; 8:16 the job build runs acme/db:2.0; 12:15 the job look runs acme/tool:3.0; 18:24 the job test runs acme/base:1.1",
		},
		{
			"GitLab", ".gitlab-ci.yml", `image: acme/base:1.0
default:
  image: {name: acme/base:1.1}
build:
  image:
    name: acme/base:1.2
  services:
    - acme/db:2.0
    - name: acme/cache:3.0
      alias: cache
    - docker:dind
  script: docker build -t acme/x:1 .
  variables: {image: acme/no:1}
`,
			"1:8 the pipeline runs acme/base:1.0; 3:17 the pipeline runs acme/base:1.1; 6:11 the job build runs acme/base:1.2; 8:7 the job build runs acme/db:2.0; 9:13 the job build runs acme/cache:3.0; 11:7 the job build runs docker:dind",
		},
		{
			"CircleCI", ".circleci/config.yml", `executors:
  java:
    docker:
      - image: acme/base:1.0
jobs:
  build:
    docker:
      - &main
        image: acme/base:1.1@sha256:` + strings.Repeat("a", 64) + `
      - image: localhost:5000/acme/base
    steps: [{run: make}]
  machine:
    machine: {image: "ubuntu-2204:current"}
`,
			"4:16 the job java runs acme/base:1.0; 9:16 the job build runs acme/base:1.1@sha256:" + strings.Repeat("a", 64),
		},
		{
			"Azure", "azure-pipelines.yml", `resources:
  containers:
    - container: linux
      image: acme/base:1.0
jobs:
  - job: build
    container: linux
    steps: [{bash: make}]
  - job: test
    container: acme/base:1.1
`,
			"4:14 the pipeline runs acme/base:1.0; 10:16 the job test runs acme/base:1.1",
		},
		{"Drone", ".drone.yml", "kind: pipeline\nsteps:\n  - name: test\n    image: acme/base:1.0\n    commands: [make]\n", "4:12 the job test runs acme/base:1.0"},
		{"a file of tasks", "Taskfile.yml", "tasks:\n  a:\n    image: acme/base:1.0\n    cmds: [make]\n", ""},
		{"no YAML", ".gitlab-ci.yml", "image: acme/base:1.0\n\t- {", ""},
	} {
		fsys := fstest.MapFS{tc.path: {Data: []byte(tc.content)}, "Dockerfile": {Data: []byte("FROM acme/base:1.0\n")}}
		result, err := buildfile.Read(t.Context(), fsys, []string{tc.path}, []string{"Dockerfile"})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, use := range result.Uses {
			got = append(got, fmt.Sprintf("%d:%d %s runs %s", use.Pos.Line, use.Pos.Col, use.Who(), use.Image.S))
		}
		if got := strings.Join(got, "; "); got != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.name, got, tc.want)
		}
	}
}
