package cli_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// curated is a repository that makes a base, names another one in its configuration, and
// has a service that is on neither.
func curated() map[string]string {
	return map[string]string{
		"bases/java/Dockerfile":    "FROM debian:12\n",
		"services/a/Dockerfile":    "FROM reg.example/team/java:1.0.0\nRUN true\n",
		"services/b/Dockerfile":    "FROM golang:1.26 AS build\nFROM reg.example/team/java:1.0.0\nCOPY --from=build /x /x\n",
		"services/old/Dockerfile":  "FROM reg.example/team/java:1.0.0\nRUN false\n",
		"others/python/Dockerfile": "FROM debian:12\n",
		".propagate.yaml":          "images:\n  others/python/Dockerfile: reg.example/team/python\n",
	}
}

// What is printed is what the bots read: JSON with packageRules, and an entry of updates.
func TestConfigOtherBots(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, curated())
	var preset struct {
		PackageRules []struct {
			MatchDatasources, MatchPackageNames []string
			Enabled                             *bool
		} `json:"packageRules"`
	}
	r := in(dir).run(t, "config", "renovate").want(t, 0)
	if err := json.Unmarshal([]byte(r.stdout), &preset); err != nil || len(preset.PackageRules) != 1 {
		t.Fatalf("%v\n%s", err, r.stdout)
	}
	rule := preset.PackageRules[0]
	if want := []string{"reg.example/team/java", "reg.example/team/python"}; !slices.Equal(rule.MatchPackageNames, want) ||
		!slices.Equal(rule.MatchDatasources, []string{"docker"}) || rule.Enabled == nil || *rule.Enabled {
		t.Errorf("the rule is %s, want it to leave %q", r.stdout, want)
	}
	var updates []struct {
		Ecosystem   string `yaml:"package-ecosystem"`
		Directories []string
		Ignore      []map[string]string
	}
	r = in(dir).run(t, "config", "dependabot").want(t, 0)
	if err := yaml.Unmarshal([]byte(r.stdout), &updates); err != nil || len(updates) != 1 {
		t.Fatalf("%v\n%s", err, r.stdout)
	}
	entry := updates[0]
	if entry.Ecosystem != "docker" || !slices.Equal(entry.Directories, []string{"/services/a", "/services/b", "/services/old"}) || len(entry.Ignore) != 2 ||
		entry.Ignore[0]["dependency-name"] != "team/java" || entry.Ignore[1]["dependency-name"] != "team/python" {
		t.Errorf("the entry is\n%s", r.stdout)
	}
	for _, bot := range []string{"renovate", "dependabot"} {
		in(dir).run(t, "config", bot, "-o", "json").want(t, 0)
	}
	in(dir).run(t, "config").want(t, 0).says(t, "renovate", "dependabot")
	in(dir).run(t, "config", "greenkeeper").want(t, 2).says(t, "greenkeeper: there is no such command")
	in(dir).run(t, "config", "renovate", "x").want(t, 2).says(t, "one argument too many")
	in(gittest.Init(t, map[string]string{"Dockerfile": "FROM debian:12\n"})).run(t, "config", "renovate").want(t, 0).says(t, "no Dockerfile here makes an image", `"packageRules": []`)
}

// What another bot is told to leave alone and propagate edits is named, with its place; what it
// leaves to propagate is not.
func TestConfigOtherBotsDiffer(t *testing.T) {
	t.Parallel()
	files := with(curated(),
		"renovate.json", `{"ignorePaths": ["services/old/**"], "ignoreDeps": ["golang", "reg.example/team/java"]}`,
		".github/dependabot.yml", "updates:\n- package-ecosystem: docker\n  directories: [/services/*]\n  ignore: [{dependency-name: team/java}]\n  exclude-paths: [Docker*]\n")
	dir := gittest.Init(t, files)
	r := in(dir).run(t, "config", "renovate").want(t, 0)
	r.says(t, "renovate.json:1:18: Renovate is told by ignorePaths: services/old/** to leave alone what propagate edits: services/old/Dockerfile",
		"renovate.json:1:53: Renovate is told by ignoreDeps: golang to leave alone what propagate edits: docker.io/library/golang", "hint: ")
	if strings.Contains(r.stderr, "team/java") {
		t.Errorf("what is left to propagate is named: %s", r.stderr)
	}
	in(dir).run(t, "config", "dependabot").want(t, 0).says(t, ".github/dependabot.yml:5:19: Dependabot is told by exclude-paths: Docker* to leave alone what propagate edits: 3 Dockerfiles, services/a/Dockerfile among them")
	in(dir).run(t, "config", "renovate", "-o", "json").want(t, 0).says(t, `"where": "renovate.json:1:18"`)
	// A run that edits such a file says it as well.
	in(dir).run(t, "--base", "java@1.0.1", "--publish", "branch").want(t, 0).says(t, "note: renovate.json:1:18: Renovate is told by ignorePaths: services/old/**")
	// One that leaves the file alone, too, does not, and nothing stops at a file that cannot be read.
	write(t, dir, ".propagate.yaml", files[".propagate.yaml"]+"ignore:\n- path: services/old/**\n  reason: retired\n")
	write(t, dir, ".github/dependabot.yml", "updates: [\n")
	gittest.Commit(t, dir, "ignore", nil)
	r = in(dir).run(t, "--base", "java@1.0.2", "--publish", "branch").want(t, 0)
	if strings.Contains(r.stderr, "Renovate is told") {
		t.Errorf("it is named all the same: %s", r.stderr)
	}
	r.says(t, "note: .github/dependabot.yml:", "the configuration of Dependabot cannot be read")
}
