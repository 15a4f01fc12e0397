package cli_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/registry/registrytest"
)

// layered is a monorepo with bases on two levels. The version of java is in a file, that of node in no file, and tools
// has neither a name nor a tag.
func layered(host string) map[string]string {
	files := map[string]string{
		"bases/os/Dockerfile":    "FROM alpine:3.20\nRUN true\n",
		"bases/java/Dockerfile":  "FROM HOST/team/os:1.0.0\nRUN true\n",
		"bases/java/VERSION":     "2.0.0\n",
		"bases/node/Dockerfile":  "FROM HOST/team/os:1.0.0\nRUN true\n",
		"tools/Dockerfile":       "FROM alpine:3.20\nRUN true\n",
		"apps/shop/Dockerfile":   "FROM HOST/team/java:2.0.0\nCOPY --from=tools / /\n",
		"apps/old/Dockerfile":    "FROM HOST/team/java:1.9.0\nRUN true\n",
		"apps/api/Dockerfile":    "ARG V=1\nFROM HOST/team/node:${V}\nRUN true\n",
		"other/java2/Dockerfile": "FROM alpine:3.20\n",
		"docker-bake.hcl": `variable "SHA" {}
target "os" {
  context = "bases/os"
  tags = ["HOST/team/os:1.0.0", "HOST/team/os:latest"]
}
target "node" {
  context = "bases/node"
  tags = ["HOST/team/node:${SHA}"]
}
target "tools" { context = "tools" }
target "shop" {
  context = "apps/shop"
  tags = ["HOST/team/shop:5.0.0"]
  contexts = { tools = "target:tools" }
}
`,
		".propagate.yaml": "images:\n  bases/java/Dockerfile: HOST/team/java\n",
	}
	for path, content := range files {
		files[path] = strings.ReplaceAll(content, "HOST", host)
	}
	return files
}

// tags returns the tags of the targets, by name.
func (b bakeFile) tags() map[string]string {
	all := map[string]string{}
	for name, t := range b.Target {
		all[name] = strings.Join(t.Tags, " ")
	}
	return all
}

// --dry-run prints the bake file and the command. It needs no engine, and asks no registry.
func TestBuildDryRun(t *testing.T) {
	t.Parallel()
	const host = "registry.example"
	dir := gittest.Init(t, layered(host))
	p := program{dir: dir, environ: []string{"PATH="}}
	const os, java, shop = host + "/team/os:1.0.0 " + host + "/team/os:latest", host + "/team/java:2.0.0", host + "/team/shop:5.0.0"
	for _, test := range []struct {
		args   []string
		status int
		tags   map[string]string
		group  string
		says   string
	}{
		{[]string{"team/java"}, 0, map[string]string{"os": os, "java": java}, "os java", "docker buildx bake --file -\n"},
		{[]string{"java", "os@1.0.0", "--push"}, 0, map[string]string{"os": os, "java": java}, "os java", "docker buildx bake --file - --push --pull\n"},
		// What is needed and has no name is built along, and is none of those that were asked for.
		{[]string{"shop", "--push"}, 0, map[string]string{"os": os, "java": java, "shop": shop, "tools": ""}, "os java shop", "--pull\n"},
		{[]string{"node"}, 0, map[string]string{"os": os, "node": ""}, "os node", "bake --file -\n"},
		{[]string{"node", "--push"}, 3, map[string]string{"os": os}, "os", "propagate: node: it would not be built: nothing says which tag it gets\n"},
		{[]string{"--all-bases", "--push"}, 3, map[string]string{"os": os, "java": java}, "os java", "propagate: node: it would not be built"},
		{[]string{"java", "--engine", "buildctl", "--push"}, 0, map[string]string{"os": os, "java": java}, "os java", "--local dockerfile=bases/java"},
	} {
		r := p.run(t, slices.Concat([]string{"build", "--dry-run"}, test.args)...).want(t, test.status)
		r.says(t, test.says)
		file := document[bakeFile](t, r)
		if got := file.tags(); !maps.Equal(got, test.tags) {
			t.Errorf("%v: the targets are %v, want %v", test.args, got, test.tags)
		}
		if got := strings.Join(file.Group["default"].Targets, " "); got != test.group {
			t.Errorf("%v: the group is %q, want %q", test.args, got, test.group)
		}
		if java, ok := file.Target["java"]; ok && java.Contexts[host+"/team/os:1.0.0"] != "target:os" {
			t.Errorf("%v: java takes %v", test.args, java.Contexts)
		}
	}
}

func TestBuildUsage(t *testing.T) {
	t.Parallel()
	files := layered("registry.example")
	files["compose.yaml"] = "services: {node2: {image: 'mirror.example/x/node:1.0.0', build: other/java2}}\n"
	dir := gittest.Init(t, files)
	gittest.Commit(t, dir, "another", map[string]string{"README.md": "x\n"})
	bare := t.TempDir()
	gittest.Git(t, dir, "clone", "--quiet", "--bare", dir, bare)
	for _, test := range []struct {
		dir  string
		args []string
		says string
	}{
		{dir, nil, "propagate: propagate build: it names no image\nhint: propagate build IMAGE"},
		{dir, []string{"java", "--all-bases"}, "--all-bases, java: they exclude each other"},
		{dir, []string{"java", "--engine", "kaniko"}, "--engine kaniko: there is no such engine\nhint: auto, buildx, buildctl"},
		{dir, []string{"java", "--dry-run", "-o", "json"}, "--dry-run, -o json: they exclude each other"},
		{dir, []string{"java@sha256:" + strings.Repeat("a", 64)}, "a digest names what was built before"},
		{dir, []string{"jawa"}, "propagate build jawa: no Dockerfile depends on an image of this name\nhint: the nearest names are"},
		{dir, []string{"node"}, "propagate build node: the name fits several images: mirror.example/x/node, registry.example/team/node\nhint: write more"},
		{dir, []string{"alpine"}, "docker.io/library/alpine: no build of this repository makes it\nhint: propagate graph --explain alpine"},
		{dir, []string{"java", "--ref", "HEAD~1"}, "--ref HEAD~1: an engine builds what is checked out, and that is another commit\nhint: check it out first: git worktree add DIR HEAD~1"},
		{bare, []string{"java"}, "-C: the repository is a bare one, and its files are on no disk that an engine could build from\nhint: clone it"},
	} {
		in(test.dir).run(t, append([]string{"build"}, test.args...)...).want(t, 2).says(t, test.says)
	}
	p := program{dir: dir, environ: []string{"PATH="}}
	p.run(t, "build", "team/java").want(t, 1).says(t, "there is neither docker buildx nor buildx nor buildctl on PATH: nothing can be built\nhint: install Docker")
}

// The files of a repository that a URL names are on no disk.
func TestBuildOfURL(t *testing.T) {
	t.Parallel()
	h := newHub(t, layered("registry.example"))
	h.byURL(t).run(t, "build", "java").want(t, 2).says(t, "-C: the repository is named by a URL, and its files are on no disk that an engine could build from\nhint: clone it, and give the directory: git clone URL DIR && propagate build -C DIR")
}

// fake makes a program that stands in for buildx, for what no engine does on demand.
func fake(t *testing.T, script string) (environ []string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "buildx"), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return []string{"PATH=" + dir}
}

// What the registry has is not built; what it cannot be asked for is not pushed over; and what fails is said, without the
// secrets that the engine may print.
func TestBuildOutcomes(t *testing.T) {
	t.Parallel()
	server := registrytest.Start(t, registrytest.Memory, registrytest.None)
	dir := gittest.Init(t, layered(server.Host))
	osDigest := server.Push(t, "team/os", "1.0.0", registrytest.Image{Content: "os"})
	p := program{dir: dir, env: map[string]string{"GITHUB_TOKEN": token}, environ: fake(t, "echo '#1 building with "+token+"' >&2\necho 'ERROR: target java: failed to solve: bad "+token+"' >&2\nexit 1\n")}

	r := p.run(t, "build", "--all-bases", "--push", "-o", "json").want(t, 3)
	r.says(t, "#1 building with ", "hint: what is named above is left out until it is put right")
	sameJSON(t, r.stdout, strings.NewReplacer("HOST", server.Host, "DIGEST", osDigest).Replace(`{"schema": "propagate/build/v1", "revision": "`+strings.TrimSpace(gittest.Git(t, dir, "rev-parse", "HEAD"))+`", "engine": "buildx", "push": true, "builds": [
  {"name": "os", "path": "bases/os/Dockerfile", "target": "", "image": "HOST/team/os", "tags": ["HOST/team/os:1.0.0", "HOST/team/os:latest"], "wave": 1, "state": "present", "digest": "DIGEST", "reason": ""},
  {"name": "java", "path": "bases/java/Dockerfile", "target": "", "image": "HOST/team/java", "tags": ["HOST/team/java:2.0.0"], "wave": 2, "state": "failed", "digest": null, "reason": "failed to solve: bad ***"},
  {"name": "node", "path": "bases/node/Dockerfile", "target": "", "image": "HOST/team/node", "tags": [], "wave": 2, "state": "not-built", "digest": null, "reason": "nothing says which tag it gets"}],
  "totals": {"built": 0, "pushed": 0, "present": 1, "failed": 1, "not_built": 1}}`))
	if r := p.run(t, "build", "java", "--push", "--quiet").want(t, 3); strings.Contains(r.stderr, "#1 building") || !strings.Contains(r.stdout, "\n1 present already, 1 failed\n") {
		t.Errorf("--quiet prints %s, and says %s", r.stdout, r.stderr)
	}

	// A registry that does not answer has what nobody knows.
	away := p
	away.dir = gittest.Init(t, layered("registry.invalid"))
	away.environ = fake(t, "echo 'it is run'\n")
	if r := away.run(t, "build", "java", "--push").want(t, 3); strings.Contains(r.stderr, "it is run") || strings.Count(r.stdout, "not-built ") != 2 {
		t.Errorf("without a registry it prints %s, and says %s", r.stdout, r.stderr)
	}
	if r := away.run(t, "build", "java").want(t, 0); !strings.Contains(r.stderr, "it is run") || !strings.HasSuffix(r.stdout, "\n2 built\n") {
		t.Errorf("without a push it prints %s, and says %s", r.stdout, r.stderr)
	}
}

// A Dockerfile that cannot be read may be that of a base.
func TestBuildOfUnreadable(t *testing.T) {
	t.Parallel()
	files := layered("registry.example")
	files["bases/java/Dockerfile"] = "FROM registry.example/team/os:1.0.0\nRUN <<EOF\n"
	p := in(gittest.Init(t, files))
	p.run(t, "build", "--all-bases", "--dry-run").want(t, 3).says(t, "propagate: bases/java/Dockerfile:2: cannot be read as a Dockerfile", `"os": {`)
	p.run(t, "build", "java", "--dry-run").want(t, 2).says(t, "propagate: bases/java/Dockerfile:2: cannot be read as a Dockerfile", "registry.example/team/java: no build of this repository makes it")
}

// What is built is what is on disk. Where that is not what was committed, no label says that it is.
func TestBuildOfUncommitted(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, layered("registry.example"))
	p := program{dir: dir, environ: []string{"PATH="}}
	if r := p.run(t, "build", "java", "--dry-run").want(t, 0); !strings.Contains(r.stdout, "image.revision") {
		t.Errorf("of what is committed no label has the revision: %s", r.stdout)
	}
	write(t, dir, "bases/java/Dockerfile", "FROM registry.example/team/os:1.0.0\nRUN touch /new\n")
	r := p.run(t, "build", "java", "--dry-run").want(t, 0)
	r.says(t, "the work tree has uncommitted changes (bases/java/Dockerfile): what is built was read from commit ", ", and is built as the files are now\n")
	if strings.Contains(r.stdout, "image.revision") {
		t.Errorf("of what is not committed a label has the revision: %s", r.stdout)
	}
}
