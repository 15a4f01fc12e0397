//go:build engine

package cli_test

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/enginetest"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/registry/registrytest"
)

// A works is a monorepo that an engine builds: four bases on three levels, of which os is on two lines, and twelve
// services. worker and web are two targets of one Dockerfile.
type works struct {
	*enginetest.Engine
	dir      string
	registry *registrytest.Server
}

// worksBuilds are the builds of the monorepo by the target of its bake file: the Dockerfile, and the target in it.
var worksBuilds = map[string][2]string{
	"os-3_19": {"bases/os/3.19/Dockerfile"}, "os-3_20": {"bases/os/3.20/Dockerfile"}, "java": {"bases/java/Dockerfile"},
	"python": {"bases/python/Dockerfile"}, "ml": {"bases/ml/Dockerfile"},
	"api": {"services/api/Dockerfile"}, "billing": {"services/billing/Dockerfile"}, "edge": {"services/edge/Dockerfile"},
	"train": {"services/train/Dockerfile"}, "serve": {"services/serve/Dockerfile"}, "score": {"services/score/Dockerfile"},
	"tool": {"services/tool/Dockerfile"}, "jobs": {"services/jobs/Dockerfile"}, "notes": {"services/notes/Dockerfile"},
	"proxy": {"services/proxy/Dockerfile"}, "web": {"services/pair/Dockerfile", "web"}, "worker": {"services/pair/Dockerfile", "worker"},
}

// worksFiles are its files. A "-> " in front of a content makes a symbolic link.
func worksFiles() map[string]string {
	files := map[string]string{
		".propagate.yaml": noLabels,
		"README.md":       "# works\n",
		"docs/guide.md":   "guide\n",

		"bases/os/3.19/Dockerfile":  "FROM HUB/alpine:3\nCOPY etc /etc\n",
		"bases/os/3.19/etc/release": "3.19\n",
		"bases/os/3.19/README.md":   "readme\n",
		"bases/os/3.20/Dockerfile":  "FROM HUB/alpine:3\nCOPY etc /etc\nRUN cp /etc/release /release\n",
		"bases/os/3.20/etc/release": "3.20\n",
		"bases/os/3.20/etc/motd":    "welcome\n",
		"bases/os/3.20/CHANGES":     "changes\n",
		"bases/java/Dockerfile":     "FROM TEAM/os:3.20.4\nCOPY *.pem certs/[ab].txt /certs/\n",
		"bases/java/root.pem":       "root\n",
		"bases/java/certs/a.txt":    "a\n",
		"bases/java/certs/c.txt":    "c\n",
		"bases/python/Dockerfile":   "FROM TEAM/os:3.19.1\nCOPY . /opt\n",
		"bases/python/.dockerignore": "# what nobody needs\n" +
			"**/*.md\ntests\n!tests/keep\n",
		"bases/python/lib/lib.txt":  "lib\n",
		"bases/python/lib/lib.md":   "lib\n",
		"bases/python/tests/test":   "test\n",
		"bases/python/tests/keep/k": "keep\n",
		"bases/ml/Dockerfile":       "FROM TEAM/java:17.0.3\nARG MODEL=small\nRUN echo $MODEL >/model\n",

		"services/api/Dockerfile":               "FROM TEAM/java:17.0.3\nCOPY src /src\n",
		"services/api/src/main":                 "main\n",
		"services/api/src/deep/x":               "x\n",
		"services/api/test/main":                "test\n",
		"services/billing/Dockerfile":           "FROM TEAM/java:17.0.3 AS build\nARG SOURCE=main\nCOPY $SOURCE /in\nRUN cat /in /release >/out\nFROM TEAM/os:3.20.4\nCOPY --from=build /out /out\n",
		"services/billing/main":                 "main\n",
		"services/billing/other":                "other\n",
		"services/edge/Dockerfile":              "FROM TEAM/os:3.20.4\nCOPY conf/*.conf /conf/\nCOPY current /current\n",
		"services/edge/conf/a.conf":             "a\n",
		"services/edge/conf/b.conf":             "b\n",
		"services/edge/conf/a.txt":              "a\n",
		"services/edge/conf/more/c":             "c\n",
		"services/edge/current":                 "-> v1",
		"services/edge/v1/page":                 "one\n",
		"services/edge/v2/page":                 "two\n",
		"services/train/Dockerfile":             "FROM TEAM/ml:2.0.0\nRUN --mount=type=bind,source=data,target=/data cat /data/a /data/b >/trained\n",
		"services/train/data/a":                 "a\n",
		"services/train/data/b":                 "b\n",
		"services/train/data/unread":            "unread\n",
		"services/train/beside":                 "beside\n",
		"services/serve/Dockerfile":             "FROM TEAM/ml:2.0.0\nCOPY --from=shared lib /lib\nRUN --mount=from=shared,source=bin,target=/shared cat /shared/tool >/tool\n",
		"lib/shared/lib/a":                      "a\n",
		"lib/shared/bin/tool":                   "tool\n",
		"lib/shared/doc/a":                      "a\n",
		"services/score/Dockerfile":             "ARG BASE=TEAM/ml:2.0.0\nFROM $BASE\nARG VERSION=0\nRUN echo $VERSION >/version\nARG UNUSED\n",
		"services/tool/Dockerfile":              "FROM TEAM/java:17.0.3 AS build\nRUN cp /release /a\nFROM TEAM/os:3.19.1\nCOPY --from=build /a /a\nCOPY . /app\n",
		"services/tool/.dockerignore":           "Dockerfile*\n*.md\n",
		"services/tool/run":                     "run\n",
		"services/tool/README.md":               "readme\n",
		"services/jobs/Dockerfile":              "FROM TEAM/python:3.12.1\nCOPY --exclude=*.md --exclude=skip . /app/\nENV JOBS=1\n",
		"services/jobs/job":                     "job\n",
		"services/jobs/skip/a":                  "a\n",
		"services/jobs/doc/a.md":                "a\n",
		"services/notes/Dockerfile":             "FROM TEAM/python:3.12.1 AS all\nCOPY a b /notes/\nFROM all AS last\nADD --chmod=600 c /notes/c\n",
		"services/notes/a":                      "a\n",
		"services/notes/b":                      "b\n",
		"services/notes/c":                      "c\n",
		"services/notes/d":                      "d\n",
		"services/proxy/Dockerfile":             "FROM TEAM/java:17.0.3 AS test\nCOPY tests /tests\nRUN cat /tests/t\nFROM TEAM/os:3.19.1\nCOPY --parents site/./*/index /site/\n",
		"services/proxy/tests/t":                "t\n",
		"services/proxy/site/a/index":           "a\n",
		"services/proxy/site/b/index":           "b\n",
		"services/proxy/site/b/other":           "b\n",
		"services/pair/Dockerfile":              "FROM TEAM/os:3.19.1 AS common\nCOPY common /common\nFROM TEAM/java:17.0.3 AS web\nCOPY --from=common /common /common\nCOPY web /web\nFROM TEAM/python:3.12.1 AS worker\nCOPY worker /worker\n",
		"services/pair/common/x":                "x\n",
		"services/pair/web/page":                "page\n",
		"services/pair/worker/job":              "job\n",
		"services/pair/.dockerignore":           "web/page\n",
		"services/pair/Dockerfile.dockerignore": "**/*.tmp\n",
	}
	files["docker-bake.hcl"] = worksBake
	return files
}

// worksBake is its bake file. It links what is based on each other, so that one run builds all.
const worksBake = `group "default" {
  targets = ["os-3_19", "os-3_20", "java", "python", "ml", "api", "billing", "edge", "train",
    "serve", "score", "tool", "jobs", "notes", "proxy", "web", "worker"]
}
target "os-3_19" {
  context  = "bases/os/3.19"
  tags     = ["TEAM/os:3.19.1"]
}
target "os-3_20" {
  context  = "bases/os/3.20"
  tags     = ["TEAM/os:3.20.4"]
}
target "java" {
  context  = "bases/java"
  tags     = ["TEAM/java:17.0.3"]
  contexts = {"TEAM/os:3.20.4" = "target:os-3_20"}
}
target "python" {
  context  = "bases/python"
  tags     = ["TEAM/python:3.12.1"]
  contexts = {"TEAM/os:3.19.1" = "target:os-3_19"}
}
target "ml" {
  context  = "bases/ml"
  tags     = ["TEAM/ml:2.0.0"]
  contexts = {"TEAM/java:17.0.3" = "target:java"}
}
target "api" {
  context  = "services/api"
  tags     = ["TEAM/api:1"]
  contexts = {"TEAM/java:17.0.3" = "target:java"}
}
target "billing" {
  context  = "services/billing"
  tags     = ["TEAM/billing:1"]
  contexts = {"TEAM/java:17.0.3" = "target:java", "TEAM/os:3.20.4" = "target:os-3_20"}
}
target "edge" {
  context  = "services/edge"
  tags     = ["TEAM/edge:1"]
  contexts = {"TEAM/os:3.20.4" = "target:os-3_20"}
}
target "train" {
  context  = "services/train"
  tags     = ["TEAM/train:1"]
  contexts = {"TEAM/ml:2.0.0" = "target:ml"}
}
target "serve" {
  context  = "services/serve"
  tags     = ["TEAM/serve:1"]
  contexts = {"TEAM/ml:2.0.0" = "target:ml", shared = "lib/shared"}
}
target "score" {
  context  = "services/score"
  tags     = ["TEAM/score:1"]
  contexts = {"TEAM/ml:2.0.0" = "target:ml"}
  args     = {VERSION = "1"}
}
target "tool" {
  context  = "services/tool"
  tags     = ["TEAM/tool:1"]
  contexts = {"TEAM/java:17.0.3" = "target:java", "TEAM/os:3.19.1" = "target:os-3_19"}
}
target "jobs" {
  context  = "services/jobs"
  tags     = ["TEAM/jobs:1"]
  contexts = {"TEAM/python:3.12.1" = "target:python"}
}
target "notes" {
  context  = "services/notes"
  tags     = ["TEAM/notes:1"]
  contexts = {"TEAM/python:3.12.1" = "target:python"}
}
target "proxy" {
  context  = "services/proxy"
  tags     = ["TEAM/proxy:1"]
  contexts = {"TEAM/java:17.0.3" = "target:java", "TEAM/os:3.19.1" = "target:os-3_19"}
}
target "web" {
  context  = "services/pair"
  target   = "web"
  tags     = ["TEAM/web:1"]
  contexts = {"TEAM/java:17.0.3" = "target:java", "TEAM/os:3.19.1" = "target:os-3_19"}
}
target "worker" {
  context  = "services/pair"
  target   = "worker"
  tags     = ["TEAM/worker:1"]
  contexts = {"TEAM/java:17.0.3" = "target:java", "TEAM/os:3.19.1" = "target:os-3_19", "TEAM/python:3.12.1" = "target:python"}
}
`

// newWorks makes the monorepo, in one commit, and the upstream image of its bases.
func newWorks(t *testing.T) *works {
	t.Helper()
	w := &works{Engine: enginetest.Start(t), registry: registrytest.Start(t, registrytest.Memory, registrytest.None)}
	w.Upstream(t, w.registry.Host+"/hub/alpine:3", "upstream")
	files := worksFiles()
	links := map[string]string{}
	for path, content := range files {
		if target, isLink := strings.CutPrefix(content, "-> "); isLink {
			links[path] = target
			delete(files, path)
			continue
		}
		files[path] = strings.NewReplacer("TEAM/", w.team(), "HUB/", w.registry.Host+"/hub/").Replace(content)
	}
	w.dir = gittest.Init(t, files)
	for path, target := range links {
		link(t, target, filepath.Join(w.dir, path))
	}
	w.commit(t, "links")
	return w
}

func (w *works) team() string { return w.registry.Host + "/team/" }

// commit commits what is in the working tree.
func (w *works) commit(t *testing.T, message string) {
	t.Helper()
	gittest.Git(t, w.dir, "add", "--all")
	gittest.Commit(t, w.dir, message, nil)
}

// named returns the targets that affected names, sorted, with the reasons where it gives some.
func (w *works) named(t *testing.T, args ...string) (targets []string, reasons map[string]string) {
	t.Helper()
	r := in(w.dir).run(t, append([]string{"affected", "-o", "json"}, args...)...).want(t, 0)
	var doc struct {
		Dockerfiles []struct {
			Path, Target, Action string
			Because              []struct{ Why, Path, Detail, Instruction string }
		}
	}
	if err := json.Unmarshal([]byte(r.stdout), &doc); err != nil {
		t.Fatal(err)
	}
	reasons = map[string]string{}
	for _, d := range doc.Dockerfiles {
		if d.Action != "rebuild" && d.Action != "bump" {
			continue
		}
		target := targetOf(t, d.Path, d.Target)
		targets = append(targets, target)
		for _, b := range d.Because {
			reasons[target] += strings.Join(strings.Fields(strings.Join([]string{b.Why, b.Path, b.Detail, b.Instruction}, " ")), " ") + "; "
		}
	}
	slices.Sort(targets)
	return targets, reasons
}

// targetOf returns the target of the bake file that a build is.
func targetOf(t *testing.T, path, target string) string {
	t.Helper()
	for name, build := range worksBuilds {
		if build == [2]string{path, target} {
			return name
		}
	}
	t.Fatalf("no build is %s, target %q", path, target)
	return ""
}

// tag returns the reference that a target of the bake file has now.
func (w *works) tag(t *testing.T, target string) string {
	t.Helper()
	parts := regexp.MustCompile(`(?s)target "` + target + `" \{.*?tags += \["([^"]+)"`).FindStringSubmatch(read(t, w.dir, "docker-bake.hcl"))
	if parts == nil {
		t.Fatalf("target %s has no tag", target)
	}
	return parts[1]
}
