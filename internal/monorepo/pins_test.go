package monorepo_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/monorepo"
)

// A pin goes wherever the tag of a build is written: into the Dockerfile or a file that holds one, into what a build
// file hands in, into what patterns find. Each case is a repository; "+" stands where the digest is wanted.
func TestPinsInAllKindsOfFiles(t *testing.T) {
	t.Parallel()
	digest := "@sha256:" + strings.Repeat("1b", 32)
	for _, tc := range []struct {
		name  string
		files map[string]string
		skip  string // why a reference is left; "" where none is
	}{
		{"a Dockerfile and a link to it", map[string]string{"a/Dockerfile": "FROM nginx:1.25-alpine+\n", "b/Dockerfile": "-> ../a/Dockerfile"}, ""},
		{"behind the reference of a Dockerfile and a link to it", map[string]string{"a/Dockerfile": "ARG V=1.25-alpine\nFROM nginx:$V+\nARG V\n", "b/Dockerfile": "-> ../a/Dockerfile"}, ""},
		{"a whole reference of a compose file", map[string]string{
			"a/Dockerfile": "ARG BASE\nFROM $BASE\n",
			"compose.yaml": "services:\n  a: {build: {context: a, args: {BASE: 'nginx:1.25-alpine+'}}}\n",
		}, ""},
		{"whole references of a bake file, of which one is another", map[string]string{
			"a/Dockerfile":    "ARG BASE\nFROM $BASE\n",
			"docker-bake.hcl": "target \"a\" {\n  context = \"a\"\n  args = { BASE = \"nginx:1.25-alpine+\" }\n}\ntarget \"b\" {\n  context = \"a\"\n  args = { BASE = \"nginx:1.26-alpine\" }\n}\n",
		}, ""},
		{"a tag of a compose file", map[string]string{
			"a/Dockerfile": "ARG V\nFROM nginx:$V+\n",
			"compose.yaml": "services:\n  a: {build: {context: a, args: {V: 1.25-alpine}}, image: 'reg.example/a:1.25-alpine'}\n",
		}, ""},
		{"two tags of a compose file", map[string]string{
			"a/Dockerfile": "ARG V\nFROM nginx:$V\n",
			"compose.yaml": "services:\n  a: {build: {context: a, args: {V: 1.25-alpine}}}\n  b: {build: {context: a, args: {V: 1.26-alpine}}}\n",
		}, "a digest behind it would also be for docker.io/library/nginx:1.26-alpine, which the build at compose.yaml:3:3 has there"},
		{"a whole reference in a variable that is the tag of what is made", map[string]string{
			"a/Dockerfile": "ARG BASE\nFROM $BASE+\n",
			"compose.yaml": "x-base: &base nginx:1.25-alpine\nservices:\n  a: {build: {context: a, args: {BASE: *base}}, image: *base}\n",
		}, ""},
		{"a Dockerfile in a compose file", map[string]string{
			"compose.yaml": "services:\n  a:\n    build:\n      context: .\n      dockerfile_inline: |\n        ARG V=1.25-alpine+\n        FROM nginx:1.25-alpine+ AS a\n        FROM nginx:$$V\n        COPY --from=a / /\n",
		}, ""},
		{"a Dockerfile in a compose file, behind a variable that is escaped", map[string]string{
			"compose.yaml": "services:\n  a:\n    build:\n      context: .\n      args: {V: 1.25-alpine}\n      dockerfile_inline: |\n        ARG V\n        FROM nginx:$${V}\n",
		}, "no digest can be written behind nginx:${V}, or not so that it could move with the tag later"},
		{"what patterns find", map[string]string{
			".propagate.yaml": "references:\n  \"values.yaml\": {path: $..image, repository: repository, tag: tag}\n",
			"values.yaml":     "image:\n  repository: nginx\n  tag: 1.25-alpine+\n", "a/Dockerfile": "FROM nginx:1.25-alpine+\n",
		}, ""},
		{"a context in the place of the image", map[string]string{
			"a/Dockerfile": "FROM nginx:1.25-alpine\n", "b/Dockerfile": "FROM nginx:1.25-alpine+\n",
			"docker-bake.hcl": "target \"a\" {\n  context = \"a\"\n  contexts = { \"nginx:1.25-alpine\" = \"target:b\" }\n}\ntarget \"b\" { context = \"b\" }\n",
		}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			files, want := map[string]string{}, map[string]string{}
			for path, content := range tc.files {
				files[path] = strings.ReplaceAll(content, "+", "")
				want[path] = strings.ReplaceAll(content, "+", digest)
			}
			bump := bumper.Bump{Image: "docker.io/library/nginx", Tag: "1.25-alpine", Digest: digest[1:], Pin: true}
			for run := range 2 {
				repo := mustOpen(t, gittest.Init(t, files))
				plan, err := repo.Plan(t.Context(), monorepo.Policy{Bumps: []bumper.Bump{bump}})
				if err != nil {
					t.Fatal(err)
				}
				if run > 0 && len(plan.Changes) > 0 {
					t.Errorf("run again it changes %+v", plan.Changes[0].Files)
				}
				for _, change := range plan.Changes {
					for _, file := range change.Files {
						files[file.Path] = string(file.Content)
					}
				}
				skip := ""
				for _, item := range plan.Items {
					if item.Err != nil {
						t.Errorf("%s: %v", item.Node.Label, item.Err)
					}
				}
				for _, item := range plan.Items {
					for _, s := range item.Skips {
						skip = s.Detail
					}
				}
				if skip != tc.skip {
					t.Errorf("what is left is %q, want %q", skip, tc.skip)
				}
			}
			for path := range want {
				if files[path] != want[path] {
					t.Errorf("%s is afterwards\n%s\nwant\n%s", path, files[path], want[path])
				}
			}
		})
	}
}
