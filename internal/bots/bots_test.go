package bots_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/bots"
	"github.com/matihlabs/propagate/internal/source"
)

// What a configuration leaves alone, for a few files and images.
func TestRead(t *testing.T) {
	t.Parallel()
	const team, node = "reg.example/team/base", "docker.io/library/node"
	samples := [][2]string{{"a/Dockerfile", team}, {"a/Dockerfile", node}, {"old/b/Dockerfile", team}, {"old/b/Dockerfile", node}}
	for _, test := range []struct {
		name, bot, text string
		want            string // line:col key text: the samples, by their indexes
	}{
		{"paths", bots.Renovate, `{"ignorePaths": ["old/**", "/b/"]}`, "1:18 ignorePaths old/**: 2 3; 1:28 ignorePaths /b/: 2 3"},
		{"names", bots.Renovate, `{"ignoreDeps": ["node", "team/base", "nod"]}`, "1:17 ignoreDeps node: 1 3; 1:25 ignoreDeps team/base: 0 2; 1:38 ignoreDeps nod: "},
		{"JSON5", bots.Renovate, "// first\n{\n\t/* a\n\tcomment, */ ignoreDeps:['node',], 'x': \"// no comment\", // last\n}\n", "4:26 ignoreDeps node: 1 3"},
		{"rules", bots.Renovate, `{"packageRules": [
  {"matchPackageNames": ["reg.example/team/base"], "matchDatasources": ["docker"], "enabled": false},
  {"matchPackageNames": ["/^reg\\.example//"], "enabled": false, "description": ["x"]},
  {"matchPackageNames": ["reg.example/**", "!reg.example/team/base"], "enabled": false},
  {"matchPackagePatterns": ["^node"], "matchManagers": ["dockerfile"], "enabled": false},
  {"matchPackagePrefixes": ["reg.example/"], "enabled": false},
  {"matchFileNames": ["old/**"], "enabled": false},
  {"matchFileNames": ["old/**"], "matchDepNames": ["node"], "enabled": false}
]}`, "2:26 packageRules reg.example/team/base: 0 2; 3:26 packageRules /^reg\\.example//: 0 2; 4:26 packageRules reg.example/**: ; 5:29 packageRules ^node: 1 3; 6:29 packageRules reg.example/: 0 2; " +
			"7:23 packageRules old/**: 2 3; 8:52 packageRules node: 3"},
		{"rules that leave nothing alone", bots.Renovate, `{"packageRules": [
  {"matchPackageNames": ["node"]},
  {"matchPackageNames": ["node"], "enabled": true},
  {"matchPackageNames": ["node"], "matchUpdateTypes": ["major"], "enabled": false},
  {"matchPackageNames": ["node"], "matchDatasources": ["npm"], "enabled": false},
  {"matchPackageNames": ["node"], "excludePackageNames": ["x"], "enabled": false},
  {"enabled": false}, 7, null
], "enabled": false, "dockerfile": {"enabled": false}, "ignorePaths": {"a": 1}}`, ""},
		{"Dependabot", bots.Dependabot, `version: 2
updates:
  - package-ecosystem: docker
    directories: ["/old/*", "/elsewhere"]
    ignore:
      - dependency-name: "team/*"
      - dependency-name: node
        versions: [">= 20"]
      - dependency-name: node
        update-types: ["version-update:semver-major"]
    exclude-paths: ["Docker*"]
  - package-ecosystem: docker-compose
    directory: /a
    ignore: [{dependency-name: "*o*e"}, {dependency-name: "*"}]
  - package-ecosystem: npm
    directory: /
    ignore: [{dependency-name: node}]
`, `6:26 ignore team/*: 2; 11:21 exclude-paths Docker*: 2 3; 14:32 ignore *o*e: 1; 14:59 ignore *: 0 1`},
		{"empty", bots.Renovate, "", ""},
		{"no mapping", bots.Dependabot, "[updates]", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			found, err := bots.Read(test.bot, "file", []byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range found {
				var left []string
				for i, sample := range samples {
					if e.Leaves(sample[0], sample[1]) {
						left = append(left, fmt.Sprint(i))
					}
				}
				got = append(got, fmt.Sprintf("%d:%d %s %s: %s", e.Pos.Line, e.Pos.Col, e.Key, e.Text, strings.Join(left, " ")))
				if e.Bot != test.bot || e.Pos.Path != "file" {
					t.Errorf("%+v", e)
				}
			}
			if got := strings.Join(got, "; "); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// What cannot be read is an error with its place.
func TestReadWrong(t *testing.T) {
	t.Parallel()
	for _, bot := range []string{bots.Renovate, bots.Dependabot} {
		_, err := bots.Read(bot, "file", []byte("{\n  \"a\": [\n"))
		var at *source.Error
		if !errors.As(err, &at) || at.Pos.Path != "file" || at.Pos.Line == 0 || !strings.Contains(err.Error(), "the configuration of "+bot+" cannot be read") {
			t.Errorf("%s: %v", bot, err)
		}
	}
}

// Nothing that a repository holds makes the reader panic.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{`{"packageRules":[{"matchPackageNames":["/(/"],"enabled":false}]}`, "/*", "{a:'\\", "\t// x", "updates: [{package-ecosystem: docker, ignore: [{dependency-name: '**'}]}]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(_ *testing.T, data []byte) {
		for _, bot := range []string{bots.Renovate, bots.Dependabot} {
			found, _ := bots.Read(bot, "file", data)
			for _, e := range found {
				e.Leaves("a/Dockerfile", "docker.io/library/node")
			}
		}
	})
}

// The names of the bases, as each bot knows them.
func TestLeave(t *testing.T) {
	t.Parallel()
	bases := []bots.Base{
		{Image: "docker.io/library/base", Files: []string{"Dockerfile"}}, {Image: "docker.io/team/base"},
		{Image: "localhost/x", Files: []string{"b/Dockerfile", "b/Dockerfile.gpu"}}, {Image: "reg.example:5000/team/base", Files: []string{"a/b/Dockerfile"}},
	}
	rules := bots.PackageRules(bases)
	want := []string{"base", "docker.io/library/base", "docker.io/team/base", "library/base", "localhost/x", "reg.example:5000/team/base", "team/base"}
	if len(rules) != 1 || rules[0].Enabled || !slices.Equal(rules[0].MatchDatasources, []string{"docker"}) || !slices.Equal(rules[0].MatchPackageNames, want) {
		t.Errorf("rules %+v, want names %q", rules, want)
	}
	update := bots.DockerUpdates(bases)
	if got := fmt.Sprint(update); got != "{[/ /a/b /b] [base team/base x]}" {
		t.Errorf("update %s", got)
	}
	if rules := bots.PackageRules(nil); rules == nil || len(rules) != 0 {
		t.Errorf("without a base: %+v", rules)
	}
}
