package config_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

func lines(notes []*source.Error) string {
	var b strings.Builder
	for _, n := range notes {
		b.WriteString(strings.TrimPrefix(n.Error(), ".propagate.yaml:") + "\n")
	}
	return b.String()
}

// What fits nothing is noted at its own place; what fits is not.
func TestUnusedFiles(t *testing.T) {
	c, err := config.Parse(".propagate.yaml", []byte(`dockerfiles:
  include: [docker/*.build, other/*.build]
  exclude: [vendor, "**/testdata", "**/x", docs]
ignore:
- svc/a
- svc/b/**
- deploy
images:
  svc/c: reg.example/c
  svc/a: reg.example/a
targets: {svc/d: run, "svc/*": run}
versions:
  a: {file: VERSION}
  c: {file: ./none}
  d: 1.0.0
arguments:
- {files: [ci/*.env, all.env], for: [svc/a, svc/e]}
references:
- {files: [deploy, charts, svc], image: x/y, pattern: '(?P<version>.)'}
policies:
- {paths: [svc/e, svc/a, deploy], level: minor}
`))
	if err != nil {
		t.Fatal(err)
	}
	files := config.Files{
		FS:          fstest.MapFS{"VERSION": {}, "docs/index.md": {}},
		All:         []string{"all.env", "deploy/values.yaml", "docker/x.build", "svc/a/Dockerfile", "x/Dockerfile"},
		Dockerfiles: []string{"docker/x.build", "svc/a/Dockerfile"},
		Others:      []string{"all.env", "deploy/values.yaml"},
	}
	want := `2:29: dockerfiles.include: other/*.build fits no file
3:13: dockerfiles.exclude: vendor fits no file that would be read
3:21: dockerfiles.exclude: **/testdata fits no file that would be read
6:3: ignore: svc/b/** fits no Dockerfile
9:3: images: svc/c fits no Dockerfile
11:11: targets: svc/d fits no Dockerfile
14:13: versions: c: there is no file none
17:12: arguments: files: ci/*.env fits no file
17:45: arguments: for: svc/e fits no Dockerfile
19:20: references: files: charts fits no file besides Dockerfiles
19:28: references: files: svc fits no file besides Dockerfiles
21:12: policies: paths: svc/e fits no file that is read
`
	if got := lines(c.UnusedFiles(files)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := (&config.Config{}).UnusedFiles(files); got != nil {
		t.Errorf("nothing said: %v", got)
	}
}

func TestUnusedImages(t *testing.T) {
	c, err := config.Parse(".propagate.yaml", []byte(`images:
  bases/java: reg.example/java
  bases/node: reg.example/nod
  bases/*/old: reg.example/old/{dir}
  svc/a: {image: reg.example/a, context: .}
  svc/b: {image: reg.example/b, target: missing}
  nowhere: reg.example/c
targets:
  svc/a: RUN
  svc/c: none
  nowhere: x
versions:
  java: 1.0.0
  nod: 1.0.0
  other/java: 1.0.0
references:
- {files: values.yaml, pattern: 'image: (?P<image>\S+):(?P<version>\S+)'}
- {files: values.yaml, image: x/y, pattern: 'nothing (?P<version>\S+)'}
- {files: other.yaml, image: x/y, pattern: 'nothing (?P<version>\S+)'}
policies:
- {images: [node, jav, "base-*"], level: minor}
- {images: node, paths: svc/a, level: minor}
- {images: node, paths: svc/b, level: minor}
- {images: node, paths: nowhere, level: minor}
- {paths: nowhere, level: minor}
registries: {reg.example: {mirror: "harbor:80"}, docker.io: {optional: true}, "harbor:80": {insecure: true}}
`))
	if err != nil {
		t.Fatal(err)
	}
	var files []*scanner.File
	var paths []string
	for path, text := range map[string]string{
		"bases/java/Dockerfile":       "FROM scratch\n",
		"bases/node/Dockerfile":       "FROM scratch\n",
		"bases/node/old/x/Dockerfile": "FROM scratch\n",
		"svc/a/Dockerfile":            "FROM reg.example/java:1.0.0 AS run\nFROM run\n",
		"svc/b/Dockerfile":            "FROM reg.example/node:1.0.0\n",
		"svc/c/Dockerfile":            "FROM reg.example/node:1.0.0 AS run\n",
	} {
		files = append(files, scanner.ScanBuilds(path, []byte(text), nil)...)
		paths = append(paths, path)
	}
	files = append(files, scanner.ScanText("values.yaml", []byte("image: reg.example/java:1.0.0\n"), c.Patterns("values.yaml")))
	want := `3:15: images: no Dockerfile depends on reg.example/nod
4:16: images: no Dockerfile depends on reg.example/old/{dir}
6:41: images: no Dockerfile that svc/b fits has a stage missing
10:10: targets: no Dockerfile that svc/c fits has a stage none
15:3: versions: no Dockerfile here makes other/java
18:45: references: the files hold nothing that "nothing (?P<version>\\S+)" matches
21:19: policies: images: jav fits no image here
21:24: policies: images: base-* fits no image here
22:3: policies: no file that svc/a fits refers to an image that node fits
26:50: registries: no image here is in docker.io
`
	if got := lines(c.UnusedImages(graph.New(files, c.Claims(paths), nil), files)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
