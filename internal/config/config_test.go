package config_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/config"
)

func TestParse(t *testing.T) {
	c, err := config.Parse(".propagate.yaml", []byte(`
dockerfiles:
  include: ["build/*.docker"]
  exclude: ["vendor", "**/testdata/**"]
ignore: ["legacy/**"]
images:
  "bases/*/Dockerfile": registry.example/team/{dir}
  bases/gpu/Dockerfile: registry.example/gpu
targets:
  "**/Dockerfile": app
  "bases/**": base
group: team
labels: [bases]
github:
  hosts: [github.example.com, GHES.corp]
  limits: {minute: 40, hour: 250}
`))
	if err != nil {
		t.Fatal(err)
	}
	for what, ok := range map[string]bool{
		"includes":             c.Includes("build/x.docker") && !c.Includes("x.docker"),
		"excludes":             c.Excludes("vendor/x/Dockerfile") && c.Excludes("a/testdata/b/Dockerfile") && !c.Excludes("a/Dockerfile"),
		"ignores":              ignores(c, "legacy/a/Dockerfile") && !ignores(c, "a/Dockerfile"),
		"the longer target":    c.Target("bases/x/Dockerfile") == "app" && c.Target("bases/x/other") == "base" && c.Target("x") == "",
		"the hosts":            strings.Join(c.GitHub.Hosts, " ") == "github.example.com GHES.corp",
		"the limits":           c.GitHub.Limits == config.Limits{Minute: 40, Hour: 250},
		"the group and labels": c.Group == "team" && strings.Join(c.Labels, " ") == "bases",
	} {
		if !ok {
			t.Errorf("wrong: %s", what)
		}
	}
	claims := c.Claims([]string{"bases/Java/Dockerfile", "bases/gpu/Dockerfile", "services/x/Dockerfile"})
	want := []graph.Claim{
		{Image: "registry.example/team/java", Path: "bases/Java/Dockerfile", Rule: graph.Configured, Target: "app", Where: ".propagate.yaml:7"},
		{Image: "registry.example/gpu", Path: "bases/gpu/Dockerfile", Rule: graph.Configured, Target: "app", Where: ".propagate.yaml:8"},
	}
	if !reflect.DeepEqual(claims, want) {
		t.Errorf("claims %+v\nwant   %+v", claims, want)
	}
	if _, err := config.Parse("x", nil); err != nil {
		t.Errorf("an empty file: %v", err)
	}
}

// Versions, arguments and references are found where the configuration says.
func TestWhatFilesSay(t *testing.T) {
	c, err := config.Parse(".propagate.yaml", []byte(`
images:
  gpu/Dockerfile: {image: registry.example/gpu, target: run, context: "."}
versions:
  base-gpu: 1.10   # not a number
  registry.example/team/tool: {file: tools.txt, pattern: '^tool (?P<version>\S+)$'}
  plain: {file: VERSION}
arguments:
  - files: gpu/*.env
  - {files: [all.env], for: ["**/Dockerfile"]}
references:
  - {files: "deploy/**", image: registry.example/base, pattern: 'v(?P<version>[0-9.]+)'}
`))
	if err != nil {
		t.Fatal(err)
	}
	claim := c.Claims([]string{"gpu/Dockerfile"})[0]
	if claim.Image != "registry.example/gpu" || claim.Context != "." || claim.Target != "run" || c.Target("gpu/Dockerfile") != "run" {
		t.Errorf("the claim is %+v", claim)
	}
	files := fstest.MapFS{"tools.txt": {Data: []byte("x 9\ntool 2.0.1\n")}, "VERSION": {Data: []byte("3.1.4\n")}}
	for image, want := range map[string]string{
		"docker.io/acme/base-gpu": ".propagate.yaml:5:13 1.10", "registry.example/team/tool": "tools.txt:2:6 2.0.1", "docker.io/a/plain": "VERSION:1:1 3.1.4", "docker.io/a/gpu": "",
	} {
		places, err := c.Releases(files, image)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, p := range places {
			got += p.Tag.Pos().String() + " " + p.Tag.S
		}
		if got != want {
			t.Errorf("%s: %q, want %q", image, got, want)
		}
	}
	if _, err := c.Releases(fstest.MapFS{"tools.txt": {}}, "registry.example/team/tool"); err == nil || !strings.HasPrefix(err.Error(), ".propagate.yaml:6:38: versions: registry.example/team/tool: tools.txt holds nothing that") {
		t.Errorf("a file without the version: %v", err)
	}
	for what, ok := range map[string]bool{
		"gpu gets its own":   gets(c, "gpu/x/Dockerfile", "gpu/a.env") && !gets(c, "cpu/Dockerfile", "gpu/a.env"),
		"all get theirs":     gets(c, "cpu/Dockerfile", "all.env") && c.HoldsArguments("all.env") && !c.HoldsArguments("b.env"),
		"patterns by file":   len(c.Patterns("deploy/a/values.yaml")) == 1 && len(c.Patterns("x")) == 0,
		"all patterns known": texts(c.FilePatterns()) == "deploy/** gpu/*.env all.env ",
	} {
		if !ok {
			t.Errorf("wrong: %s", what)
		}
	}
}

func texts(patterns []config.Pattern) string {
	var b strings.Builder
	for _, p := range patterns {
		b.WriteString(p.Text + " ")
	}
	return b.String()
}

// gets reports whether a Dockerfile gets the arguments in the file at p.
func gets(c *config.Config, dockerfile, p string) bool {
	return slices.ContainsFunc(c.Hands(p), func(h config.Handing) bool { return h.To(dockerfile) })
}
