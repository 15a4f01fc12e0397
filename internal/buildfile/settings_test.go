package buildfile_test

import (
	"reflect"
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/internal/buildfile"
)

// What a build is run with besides is read as far as it is known, without a word about the rest.
func TestSettings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, path, text string
		want             buildfile.Settings
	}{
		{"nothing", "docker-bake.hcl", `target "a" {}`, buildfile.Settings{}},
		{"labels of those that a target inherits from", "docker-bake.hcl", `variable "V" { default = "1" }
target "z" { labels = { a = "z", b = "z" } }
target "a" {
  inherits = ["z"]
  labels = { a = "v${V}" }
}`, buildfile.Settings{Labels: map[string]string{"a": "v1", "b": "z"}}},
		{"labels that are not known", "docker-bake.hcl", `variable "V" {}
target "a" { labels = { a = V, b = "b", c = nowhere } }`, buildfile.Settings{}},
		{"a label that is not known", "docker-bake.hcl", `variable "V" {}
target "a" { labels = { a = V, b = "b", c = null } }`, buildfile.Settings{Labels: map[string]string{"b": "b"}}},
		{"secrets", "docker-bake.hcl", `variable "V" {}
target "a" {
  secret = ["id=a,src=.npmrc", { type = "env", id = "b", env = "B" }, "id=${V}", { id = "c", src = "/x" }, { id = "d,e" }, [1], "id=f,src=~/f", ""]
}`, buildfile.Settings{Secret: []string{"id=a,src=.npmrc", "env=B,id=b,type=env", "id=c,src=/x", "id=f,src=~/f"}}},
		{"secrets of a file below the root", "d/docker-bake.hcl", `target "a" { secret = ["id=a,src=.npmrc", "id=b,source=../b"] }`, buildfile.Settings{Secret: []string{"id=a,src=d/.npmrc", "id=b,source=b"}}},
		{"agents", "docker-bake.hcl", `target "z" { ssh = ["default"] }
target "a" {
  inherits = ["z"]
  ssh = ["default", "key=/run/key", { id = "o" }]
}`, buildfile.Settings{SSH: []string{"default", "key=/run/key", "id=o"}}},
		{"no lists", "docker-bake.hcl", "target \"a\" {\n  ssh = \"default\"\n  secret = { id = \"x\" }\n  labels = [\"a\"]\n}", buildfile.Settings{}},
		{"arguments that the environment gives", "docker-bake.hcl", `variable "SHA" {}
variable "V" { default = "1" }
target "z" { args = { A = SHA, OVER = SHA } }
target "a" {
  inherits = ["z"]
  args = { B = "${SHA}", C = "x${SHA}", D = V, E = upper(SHA), OVER = "known", F = NOWHERE }
}`, buildfile.Settings{Open: map[string]string{"A": "SHA", "B": "SHA"}}},
		{"as JSON", "docker-bake.json", `{"variable": {"SHA": {}}, "target": {"a": {"labels": {"a": "b"}, "secret": ["id=a"], "ssh": ["default"], "args": {"A": "${SHA}"}}}}`,
			buildfile.Settings{Labels: map[string]string{"a": "b"}, Secret: []string{"id=a"}, SSH: []string{"default"}, Open: map[string]string{"A": "SHA"}}},
		{"compose", "compose.yaml", `services:
  a:
    build:
      context: .
      labels: {a: b, c: "${V}"}
      ssh: [default, key=/run/key]
      secrets: [npm, {source: token, target: t}, nowhere, outer]
secrets:
  npm: {file: ./.npmrc}
  token: {environment: TOKEN}
  outer: {external: true}
`, buildfile.Settings{Labels: map[string]string{"a": "b"}, Secret: []string{"id=npm,src=.npmrc", "id=t,env=TOKEN"}, SSH: []string{"default", "key=/run/key"}}},
		{"compose below the root", "d/compose.yaml", "services:\n  a:\n    build:\n      context: .\n      labels: [a=b]\n      secrets: [npm, home]\nsecrets:\n  npm: {file: .npmrc}\n  home: {file: ~/x}\n",
			buildfile.Settings{Labels: map[string]string{"a": "b"}, Secret: []string{"id=npm,src=d/.npmrc", "id=home,src=~/x"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{test.path: {Data: []byte(test.text)}, "Dockerfile": {Data: []byte("FROM scratch\n")}, "d/Dockerfile": {Data: []byte("FROM scratch\n")}}
			read, err := buildfile.Read(t.Context(), fsys, []string{test.path}, []string{"Dockerfile", "d/Dockerfile"})
			if err != nil {
				t.Fatal(err)
			}
			again, err := buildfile.Decode(read.Encode())
			if err != nil {
				t.Fatal(err)
			}
			for _, result := range []*buildfile.Result{read, again} {
				found := false
				for _, b := range result.Builds {
					if b.Name != test.path+"#a" {
						continue
					}
					if found = true; !reflect.DeepEqual(b.Settings, test.want) {
						t.Errorf("got  %+v\nwant %+v", b.Settings, test.want)
					}
				}
				if !found {
					t.Errorf("there is no build: %+v", result)
				}
			}
		})
	}
}
