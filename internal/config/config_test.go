package config_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/source"
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
`))
	if err != nil {
		t.Fatal(err)
	}
	for what, ok := range map[string]bool{
		"includes":             c.Includes("build/x.docker") && !c.Includes("x.docker"),
		"excludes":             c.Excludes("vendor") && c.Excludes("a/testdata/b/Dockerfile") && !c.Excludes("a/Dockerfile"),
		"ignores":              c.Ignores("legacy/a/Dockerfile") && !c.Ignores("a/Dockerfile"),
		"the longer target":    c.Target("bases/x/Dockerfile") == "app" && c.Target("bases/x/other") == "base" && c.Target("x") == "",
		"the hosts":            strings.Join(c.GitHub.Hosts, " ") == "github.example.com GHES.corp",
		"the group and labels": c.Group == "team" && strings.Join(c.Labels, " ") == "bases",
	} {
		if !ok {
			t.Errorf("wrong: %s", what)
		}
	}
	claims := c.Claims([]string{"bases/Java/Dockerfile", "bases/gpu/Dockerfile", "services/x/Dockerfile"})
	want := []graph.Claim{
		{Image: "registry.example/team/java", Path: "bases/Java/Dockerfile", Rule: graph.Configured, Where: ".propagate.yaml:7"},
		{Image: "registry.example/gpu", Path: "bases/gpu/Dockerfile", Rule: graph.Configured, Where: ".propagate.yaml:8"},
	}
	if len(claims) != len(want) || claims[0] != want[0] || claims[1] != want[1] {
		t.Errorf("claims %+v\nwant   %+v", claims, want)
	}
	if _, err := config.Parse("x", nil); err != nil {
		t.Errorf("an empty file: %v", err)
	}
}

func TestParseErrors(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"an unknown key":            {"ignore: []\nignored: []\n", ".propagate.yaml:2: unknown key ignored"},
		"a nested one":              {"dockerfiles:\n  exlude: [x]\n", ".propagate.yaml:2: unknown key exlude"},
		"no YAML":                   {"ignore: [\n", ".propagate.yaml:"},
		"another type":              {"ignore: {a: b}\n", ".propagate.yaml:1: cannot unmarshal"},
		"a group":                   {"labels: []\ngroup: people\n", `.propagate.yaml:2:1: group "people" is none of service, directory, team, wave, all`},
		"a pattern":                 {"ignore: ['a[']\n", `.propagate.yaml:1:1: "a[" is no valid pattern`},
		"a tag":                     {"images:\n  a: team/x:1.0\n", `.propagate.yaml:2: images: "team/x:1.0" is no repository`},
		"no reference":              {"images:\n  a: 'Not A Reference'\n", ".propagate.yaml:2: images:"},
		"an image that is a list":   {"images:\n  a: [x]\n", ".propagate.yaml:2: neither a text nor a mapping"},
		"an unknown key of one":     {"images:\n  a:\n    image: x/y\n    taget: z\n", ".propagate.yaml:4: unknown key taget"},
		"a version that is none":    {"versions:\n  a: stable\n", `.propagate.yaml:2: versions: "stable" is no version`},
		"a version from nowhere":    {"versions:\n  a: {pattern: x}\n", ".propagate.yaml:2: versions: a has neither a tag nor a file"},
		"a pattern without a group": {"versions:\n  a: {file: f, pattern: x}\n", `.propagate.yaml:2: versions: "x" has no group (?P<version>…)`},
		"no expression":             {"references:\n  - {files: f, pattern: '('}\n", ".propagate.yaml:1:1: references: error parsing regexp"},
		"a reference to nothing":    {"references:\n  - {files: f, pattern: '(?P<version>.)'}\n", `.propagate.yaml:1:1: references: "(?P<version>.)" has no group (?P<image>…)`},
		"a reference nowhere":       {"references:\n  - {image: x/y, pattern: '(?P<version>.)'}\n", ".propagate.yaml:1:1: references: an entry has no files"},
		"a reference with a tag":    {"references:\n  - {files: f, image: 'x/y:1', pattern: '(?P<version>.)'}\n", `.propagate.yaml:1:1: references: "x/y:1" is no repository`},
		"arguments from nowhere":    {"arguments:\n  - for: x\n", ".propagate.yaml:1:1: arguments: an entry has no files"},
		"a host that is a URL":      {"github:\n  hosts: [ok.example, 'https://ghes.example']\n", `.propagate.yaml:2:23: github: "https://ghes.example" is no name of a host`},
		"a host with a port":        {"github:\n  hosts:\n    - ghes.example:443\n", `.propagate.yaml:3:7: github: "ghes.example:443" is no name of a host`},
		"a host with a dot behind":  {"github: {hosts: [ghes.example.]}\n", `.propagate.yaml:1:18: github: "ghes.example." is no name of a host`},
		"a host in other letters":   {"github: {hosts: [g\u0456thub.com]}\n", `.propagate.yaml:1:18: github: `},
		"a pattern of hosts":        {"github: {hosts: ['*.example']}\n", `.propagate.yaml:1:18: github: "*.example" is no name of a host`},
		"hosts that are a text":     {"github: {hosts: ghes.example}\n", ".propagate.yaml:1:17: github: hosts is no list"},
		"another key of github":     {"github: {host: x}\n", ".propagate.yaml:1: unknown key host"},
		"too many aliases":          {bomb(), ".propagate.yaml"},
		"a key given twice":         {"group: all\ngroup: team\n", ".propagate.yaml:2:"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Parse(".propagate.yaml", []byte(tc.text))
			var placed *source.Error
			if !errors.As(err, &placed) || !strings.HasPrefix(err.Error(), tc.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %s…", err, tc.want)
			}
		})
	}
}

// bomb is a document whose aliases would unfold to gigabytes.
func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x]\n")
	for i := range 12 {
		name := string(rune('a' + i + 1))
		before := string(rune('a' + i))
		b.WriteString(name + "0: &" + name + "0 [" + strings.TrimSuffix(strings.Repeat("*"+before+"0, ", 9), ", ") + "]\n")
	}
	b.WriteString("ignore: *m0\n")
	return b.String()
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
	if _, err := c.Releases(fstest.MapFS{"tools.txt": {}}, "registry.example/team/tool"); err == nil || !strings.HasPrefix(err.Error(), ".propagate.yaml:6: tools.txt holds nothing that") {
		t.Errorf("a file without the version: %v", err)
	}
	for what, ok := range map[string]bool{
		"gpu gets its own":   c.Gets("gpu/x/Dockerfile", "gpu/a.env") && !c.Gets("cpu/Dockerfile", "gpu/a.env"),
		"all get theirs":     c.Gets("cpu/Dockerfile", "all.env") && c.HoldsArguments("all.env") && !c.HoldsArguments("b.env"),
		"patterns by file":   len(c.Patterns("deploy/a/values.yaml")) == 1 && len(c.Patterns("x")) == 0,
		"all patterns known": strings.Join(c.FilePatterns(), " ") == "deploy/** gpu/*.env all.env",
	} {
		if !ok {
			t.Errorf("wrong: %s", what)
		}
	}
}
