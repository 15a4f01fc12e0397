package config_test

import (
	"errors"
	"strings"
	"testing"

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
`))
	if err != nil {
		t.Fatal(err)
	}
	for what, ok := range map[string]bool{
		"includes":             c.Includes("build/x.docker") && !c.Includes("x.docker"),
		"excludes":             c.Excludes("vendor") && c.Excludes("a/testdata/b/Dockerfile") && !c.Excludes("a/Dockerfile"),
		"ignores":              c.Ignores("legacy/a/Dockerfile") && !c.Ignores("a/Dockerfile"),
		"the longer target":    c.Target("bases/x/Dockerfile") == "app" && c.Target("bases/x/other") == "base" && c.Target("x") == "",
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
		"an unknown key":    {"ignore: []\nignored: []\n", ".propagate.yaml:2: unknown key ignored"},
		"a nested one":      {"dockerfiles:\n  exlude: [x]\n", ".propagate.yaml:2: unknown key exlude"},
		"no YAML":           {"ignore: [\n", ".propagate.yaml:"},
		"another type":      {"ignore: {a: b}\n", ".propagate.yaml:1: cannot unmarshal"},
		"a group":           {"labels: []\ngroup: people\n", `.propagate.yaml:2:1: group "people" is none of service, directory, team, wave, all`},
		"a pattern":         {"ignore: ['a[']\n", `.propagate.yaml:1:1: "a[" is no valid pattern`},
		"a tag":             {"images:\n  a: team/x:1.0\n", `.propagate.yaml:2: images: "team/x:1.0" is no repository`},
		"no reference":      {"images:\n  a: 'Not A Reference'\n", ".propagate.yaml:2: images:"},
		"too many aliases":  {bomb(), ".propagate.yaml"},
		"a key given twice": {"group: all\ngroup: team\n", ".propagate.yaml:2:"},
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
