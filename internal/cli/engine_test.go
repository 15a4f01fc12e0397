package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// settled is a repository whose bake file says all that a bake file may say of a build.
func settled() map[string]string {
	return map[string]string{
		"docker-bake.hcl": `variable "REVISION" {}
target "mid" {
  context = "mid"
  tags = ["registry.example/team/mid:1.2.3", "registry.example/team/mid:1.2"]
}
target "app" {
  context = "app"
  tags = ["registry.example/team/app:7", "registry.example/team/app:latest"]
  args = { REVISION = "${REVISION}", GREETING = "it's $${HOME}" }
  contexts = { src = "src", tools = "target:tools", "registry.example/team/other:1" = "target:other" }
  labels = { "org.opencontainers.image.version" = "seven", "team" = "x" }
  secret = ["id=npm,src=.npmrc", { type = "env", id = "token", env = "TOKEN" }]
  ssh = ["default"]
}
target "tools" {
  context = "tools"
  tags = ["registry.example/team/tools:1"]
  contexts = { assets = "src" }
}
target "other" {
  context = "other"
  tags = ["registry.example/team/other:1"]
}
`,
		"mid/Dockerfile":    "FROM " + base + ":1.0.0\nRUN true\n",
		"app/Dockerfile":    "FROM registry.example/team/other:1 AS other\nFROM registry.example/team/mid:1.2.3\nCOPY --from=src / /\nCOPY --from=tools / /\nCOPY --from=other / /\n",
		"pinned/Dockerfile": "FROM registry.example/team/fixed:1.0.1@sha256:" + strings.Repeat("ab", 32) + "\nRUN true\n",
		"tools/Dockerfile":  "FROM registry.example/team/alpine:3\nCOPY --from=assets / /\n",
		"other/Dockerfile":  "FROM registry.example/team/alpine:3\n",
		"src/x":             "",
	}
}

// A target that is not to be rebuilt, and that one which is takes a context from, is in the bake file for
// that alone; what the registry has under the name of the context comes from there.
func TestBakeOfLinkedTargets(t *testing.T) {
	t.Parallel()
	r := in(gittest.Init(t, settled())).run(t, "affected", "--base", "team/base@1.0.1", "-o", "bake").want(t, 0)
	sameJSON(t, withoutLabels(r.stdout), `{
  "variable": {"REVISION": {"default": ""}},
  "group": {"default": {"targets": ["mid", "app"]}, "wave-1": {"targets": ["mid"]}, "wave-2": {"targets": ["app"]}},
  "target": {
    "app": {
      "context": "app", "dockerfile": "Dockerfile",
      "args": {"GREETING": "it's $${HOME}", "REVISION": "${REVISION}"},
      "tags": ["registry.example/team/app:7", "registry.example/team/app:latest"],
      "contexts": {
        "registry.example/team/mid:1.2.3": "target:mid", "registry.example/team/mid:1.2.4": "target:mid",
        "src": "src", "tools": "target:tools"
      },
      "secret": ["id=npm,src=.npmrc", "env=TOKEN,id=token,type=env"], "ssh": ["default"]
    },
    "mid": {"context": "mid", "dockerfile": "Dockerfile", "tags": ["registry.example/team/mid:1.2.4", "registry.example/team/mid:1.2"]},
    "tools": {"context": "tools", "dockerfile": "Dockerfile", "contexts": {"assets": "src"}}
  }
}`)
}

// The labels say what an image is made from; those of the build file go over them.
func TestBakeLabels(t *testing.T) {
	t.Parallel()
	type bake struct {
		Target map[string]struct{ Labels map[string]string }
	}
	const prefix = "org.opencontainers.image."
	dir := gittest.Init(t, settled())
	commit := strings.TrimSpace(gittest.Git(t, dir, "rev-parse", "HEAD"))
	when := strings.TrimSpace(gittest.Git(t, dir, "-c", "core.pager=", "log", "-1", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", "--format=%cd"))
	got := document[bake](t, program{dir: dir, env: map[string]string{"TZ": "UTC"}}.run(t, "affected", "--base", "team/base@1.0.1", "-o", "bake").want(t, 0)).Target
	for target, want := range map[string]map[string]string{
		"mid": {"base.name": base + ":1.0.1", "version": "1.2.4", "revision": commit, "created": when},
		"app": {"base.name": "registry.example/team/mid:1.2.4", "version": "seven", "revision": commit, "created": when},
	} {
		for name, value := range want {
			if got := got[target].Labels[prefix+name]; got != value {
				t.Errorf("%s: %s is %q, want %q", target, name, got, value)
			}
		}
		if _, ok := got[target].Labels[prefix+"base.digest"]; ok {
			t.Errorf("%s has a digest that nobody knows", target)
		}
	}
	if got["app"].Labels["team"] != "x" || got["tools"].Labels != nil {
		t.Errorf("the labels of the build file are %v, and %v", got["app"].Labels, got["tools"].Labels)
	}

	pinned := document[bake](t, in(dir).run(t, "affected", "--base", "team/fixed", "-o", "bake").want(t, 0)).Target["pinned"].Labels
	if pinned[prefix+"base.name"] != "registry.example/team/fixed:1.0.1" || pinned[prefix+"base.digest"] != "sha256:"+strings.Repeat("ab", 32) {
		t.Errorf("of a pinned base the labels are %v", pinned)
	}

	// A base that is built along has neither the digest nor the version that is written.
	files := settled()
	files["held/Dockerfile"] = "FROM registry.example/team/mid:1.2.3@sha256:" + strings.Repeat("cd", 32) + "\nRUN true\n"
	held := document[bake](t, in(gittest.Init(t, files)).run(t, "affected", "--base", "team/base@1.0.1", "-o", "bake").want(t, 0)).Target["held"].Labels
	if _, ok := held[prefix+"base.digest"]; ok || held[prefix+"base.name"] != "registry.example/team/mid:1.2.4" {
		t.Errorf("of a pinned base that is built along the labels are %v", held)
	}

	epoch := program{dir: plain(t, settled()), env: map[string]string{"SOURCE_DATE_EPOCH": "1700000000"}}
	labels := document[bake](t, epoch.run(t, "affected", "--base", "team/base@1.0.1", "-o", "bake").want(t, 0)).Target["mid"].Labels
	if labels[prefix+"created"] != "2023-11-14T22:13:20Z" || labels[prefix+"revision"] != "" {
		t.Errorf("with SOURCE_DATE_EPOCH the labels are %v", labels)
	}
	for _, wrong := range []string{"soon", "-1", "1e9", "99999999999999"} {
		epoch.env = map[string]string{"SOURCE_DATE_EPOCH": wrong}
		epoch.run(t, "affected", "--base", "team/base@1.0.1", "-o", "bake").want(t, 2).says(t, "SOURCE_DATE_EPOCH \""+wrong+"\": it is a number of seconds since 1970", "hint: git log")
	}
}

// A job of a matrix has the named contexts of its build, with what an earlier wave pushes under the name that it
// has then.
func TestMatrixContexts(t *testing.T) {
	t.Parallel()
	r := in(gittest.Init(t, settled())).run(t, "affected", "--base", "team/base@1.0.1", "-o", "github-matrix", "--wave", "2").want(t, 0)
	sameJSON(t, withoutLabels(r.stdout), `{"include": [{"name":"app","path":"app/Dockerfile","target":"","args":{"GREETING":"it's ${HOME}"},"platforms":[],"context":"app",
  "contexts":{"registry.example/team/mid:1.2.3":"docker-image://registry.example/team/mid:1.2.4","src":"src","tools":"docker-image://registry.example/team/tools:1"},
  "image":"registry.example/team/app","tags":["registry.example/team/app:7","registry.example/team/app:latest"],"wave":2,"exposure":"runtime"}]}`)
}

// A matrix of more builds than GitHub takes comes in pages; none is on two, or on none.
func TestMatrixPages(t *testing.T) {
	t.Parallel()
	p := in(gittest.Init(t, manyServices(600)))
	args := []string{"affected", "--base", "base@1.0.1", "-o", "github-matrix"}
	if r := p.run(t, append(args, "--pages")...).want(t, 0); r.stdout != `{"schema":"propagate/pages/v1","count":600,"pages":3,"waves":1}`+"\n" {
		t.Errorf("--pages prints %s", r.stdout)
	}
	if r := p.run(t, append(args, "--wave", "2", "--pages")...).want(t, 0); r.stdout != `{"schema":"propagate/pages/v1","count":0,"pages":0,"waves":1}`+"\n" {
		t.Errorf("--pages of another wave prints %s", r.stdout)
	}
	type matrix struct{ Include []struct{ Name string } }
	names := map[string]bool{}
	for page, want := range []int{256, 256, 88, 0} {
		r := p.run(t, append(args, "--page", fmt.Sprint(page+1))...).want(t, 0)
		include := document[matrix](t, r).Include
		if len(include) != want || include == nil || r.stderr != "" {
			t.Errorf("page %d has %d jobs, and says %s", page+1, len(include), r.stderr)
		}
		for _, job := range include {
			names[job.Name] = true
		}
	}
	if len(names) != 600 {
		t.Errorf("the pages have %d jobs", len(names))
	}
}

// pipeline is a child pipeline as a test of the schema of GitLab has it too.
const pipeline = "../../scheduletest/testdata/child-pipeline.yml"

func TestGitLab(t *testing.T) {
	t.Parallel()
	files := settled()
	files["worker/Dockerfile"] = "FROM " + base + ":1.0.0\nRUN true\n"
	p := in(gittest.Init(t, files))
	got := p.run(t, "affected", "--base", "team/base@1.0.1", "-o", "gitlab").want(t, 0).stdout
	if *update {
		if err := os.WriteFile(pipeline, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(pipeline)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("it is not as in %s:\n%s", pipeline, got)
	}
	none := p.run(t, "affected", "--base", "team/base@1.0.0", "-o", "gitlab").want(t, 0).stdout
	var jobs map[string]struct{ Script []string }
	if err := yaml.Unmarshal([]byte(none), &jobs); err != nil || len(jobs) != 1 || len(jobs["nothing to rebuild"].Script) != 1 {
		t.Errorf("of nothing the pipeline is %v\n%s", err, none)
	}
}

var azureCommand = regexp.MustCompile(`^##vso\[task\.setvariable variable=([a-z0-9]+);isOutput=true\]([^\r\n]*)$`)

func TestAzure(t *testing.T) {
	t.Parallel()
	files := settled()
	files["2x.y-z/Dockerfile"] = "FROM " + base + ":1.0.0\nRUN true\n"
	files["docker-bake.hcl"] = strings.ReplaceAll(files["docker-bake.hcl"], "it's", `100%0A;]\n`)
	p := in(gittest.Init(t, files))
	variables := func(version string) map[string]string {
		all := map[string]string{}
		for line := range strings.Lines(p.run(t, "affected", "--base", "team/base@"+version, "-o", "azure").want(t, 0).stdout) {
			m := azureCommand.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
			if m == nil || strings.Contains(m[2], "%") {
				t.Fatalf("this is no command for the agent: %s", line)
			}
			all[m[1]] = m[2]
		}
		return all
	}
	got := variables("1.0.1")
	if got["waves"] != "2" || got["count"] != "3" || len(got) != 4 {
		t.Errorf("the variables are %v", got)
	}
	legs := map[string]map[string]string{}
	for _, wave := range []string{"wave1", "wave2"} {
		if err := json.Unmarshal([]byte(got[wave]), &legs); err != nil {
			t.Fatal(err)
		}
	}
	for leg, want := range map[string]map[string]string{
		"mid":          {"NAME": "mid", "DOCKERFILE": "mid/Dockerfile", "CONTEXT": "mid", "TAGS": "registry.example/team/mid:1.2.4 registry.example/team/mid:1.2", "ARGS": ""},
		"app":          {"ARGS": "--build-arg 'GREETING=100%0A;]\n ${HOME}'", "IMAGE": "registry.example/team/app"},
		"build_2x_y_z": {"NAME": "2x_y-z", "DOCKERFILE": "2x.y-z/Dockerfile", "TAGS": "", "PLATFORMS": "", "TARGET": "", "LABELS": "--label org.opencontainers.image.base.name=registry.example/team/base:1.0.1"},
	} {
		for name, value := range want {
			if got, ok := legs[leg][name]; !ok || got != value && (name != "LABELS" || !strings.HasPrefix(got, value+" ")) {
				t.Errorf("%s: %s is %q, want %q", leg, name, got, value)
			}
		}
	}
	if got := variables("1.0.0"); got["waves"] != "0" || got["count"] != "0" || len(got) != 2 {
		t.Errorf("of nothing the variables are %v", got)
	}
}

// A wave of a bake file by itself takes the bases of the wave before from the registry, by the tag that they get.
func TestBakeOfWave(t *testing.T) {
	t.Parallel()
	p := in(gittest.Init(t, settled()))
	whole := p.run(t, "affected", "--base", "team/base@1.0.1", "-o", "bake").want(t, 0).stdout
	r := p.run(t, "affected", "--base", "team/base@1.0.1", "-o", "bake", "--wave", "2").want(t, 0)
	if !strings.Contains(whole, `"target:mid"`) || strings.Contains(r.stdout, `"target:mid"`) || strings.Contains(r.stdout, `"mid": {`) || !strings.Contains(r.stdout, `"app": {`) {
		t.Errorf("wave 2 is %s, of %s", r.stdout, whole)
	}
	if !strings.Contains(r.stdout, `"registry.example/team/mid:1.2.3": "docker-image://registry.example/team/mid:1.2.4"`) {
		t.Errorf("it names the new base nowhere: %s", r.stdout)
	}
}
