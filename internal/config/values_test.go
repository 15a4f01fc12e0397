package config_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/scanner"
)

// What an entry of references finds in a file of YAML or JSON, with the place of each version, and
// what it says of the rest. A version in parentheses cannot be edited.
func TestValues(t *testing.T) {
	digest := "sha256:" + strings.Repeat("ab", 32)
	for _, tc := range []struct{ name, entry, file, src, want string }{
		{"three keys", "path: $..image", "v.yaml", "image:\n  registry: reg.example\n  repository: team/node\n  tag: 1.0.0\n", "4:8 reg.example/team/node:1.0.0"},
		{"two keys in quotes", "path: $..image", "v.yaml", "a:\n  image: {repository: reg.example/team/node, tag: '1.0.0'}\n", `2:52 reg.example/team/node:1.0.0`},
		{"a name for the repository", "path: $..image", "v.yaml", "image:\n  tag: \"1.0.0\"\n  name: team/node\n  registry: reg.example\n", "2:9 reg.example/team/node:1.0.0"},
		{"other keys", "path: $.img, registry: host, repository: [repo, path], tag: release", "v.yaml", "img: {host: reg.example, path: node, release: 1.0.0, tag: 2.0.0}\n", "1:47 reg.example/node:1.0.0"},
		{"a repository with its registry", "path: $..image", "v.yaml", "image: {registry: reg.example, repository: reg.example/node, tag: v1}\n", "1:67 reg.example/node:v1"},
		{"a registry of nothing", "path: $..image", "v.yaml", "image: {registry: '', repository: reg.example/node, tag: v1}\n", "1:58 reg.example/node:v1"},
		{"whole references", "path: $..image", "v.yaml", "a: {image: reg.example/a:1.0.0}\nb: [{image: \"reg.example/b:2.0.0\"}]\n", "1:12 reg.example/a:1.0.0, 2:14 reg.example/b:2.0.0"},
		{"a digest", "path: $..image", "v.yaml", "image: {repository: reg.example/a, tag: 1.0.0, digest: '" + digest + "'}\n", "1:41 reg.example/a:1.0.0@" + digest},
		{"a digest alone", "path: $..image", "v.yaml", "image: {repository: reg.example/a, digest: '" + digest + "'}\n", "1:45 reg.example/a@" + digest},
		{"a version elsewhere", "path: $..image", "v.yaml", "image:\n  repository: reg.example/a\n  tag: \"\"\n", "! 2:3: the version of reg.example/a is not written here"},
		{"no repository", "path: $..image", "v.yaml", "image: {tag: 1.0.0}\n", "! 1:14: there is no repository or name or image here"},
		{"a list", "path: $.image", "v.yaml", "image: [a:1, b:1]\n", "! 1:8: $.image names a list here, and neither a text nor keys"},
		{"no reference", "path: $.image", "v.yaml", "image: '{{ x }}'\n", "! 1:9: {{ x }} is no image reference: invalid reference format"},
		{"tags of one image", "path: '$.images[*].tag', image: reg.example/a", "v.json", "{\n\t\"images\": [\n\t\t{\"tag\": \"1.0.0\"},\n\t\t{\"tag\": \"2.0.0\"}\n\t]\n}\n", "3:12 reg.example/a:1.0.0, 4:12 reg.example/a:2.0.0"},
		{"an image of a key", "path: '$.images[*].tag', image: 'reg.example/team/{name}'", "v.json", `{"images": [{"name": "a", "tag": "1.0.0"}, {"tag": "2.0.0"}]}`, "1:35 reg.example/team/a:1.0.0, ! 1:52: there is no name here, which the image reg.example/team/{name} is made of"},
		{"an image of its own key", "path: $.versions.*, image: 'reg.example/{key}'", "v.yaml", "versions:\n  node: 20.1.0\n  java: 17.0.1\n", "2:9 reg.example/node:20.1.0, 3:9 reg.example/java:17.0.1"},
		{"an image of the key of a mapping", "path: $.variants.*, image: 'reg.example/{key}'", "v.yaml", "variants:\n  node: {version: 20.1.0, distro: x}\n", "2:19 reg.example/node:20.1.0"},
		{"the first of a list", "path: '$.tags[0]', image: reg.example/a", "v.yaml", "tags: [1.0.0, 2.0.0]\n", "1:8 reg.example/a:1.0.0"},
		{"a key in quotes", "path: \"$['a.b'].tag\", image: reg.example/a", "v.yaml", "a.b: {tag: 1.0.0}\n", "1:12 reg.example/a:1.0.0"},
		{"all documents", "path: $.tag, image: reg.example/a", "v.yaml", "tag: 1.0.0\n---\ntag: 2.0.0\n", "1:6 reg.example/a:1.0.0, 3:6 reg.example/a:2.0.0"},
		{"one value by an alias", "path: $..image", "v.yaml", "a: &a\n  image: reg.example/a:1.0.0\nb: *a\nc:\n  <<: *a\n  x: y\n", "2:10 reg.example/a:1.0.0"},
		{"a number", "path: $.tag, image: reg.example/a", "v.yaml", "tag: 1.9\n", "1:6 reg.example/a:1.9"},
		{"a number that loses a zero", "path: $.tag, image: reg.example/a", "v.yaml", "tag: 1.10\n", "1:6 (reg.example/a:1.1), ! 1:6: 1.10 is a number here, which reads 1.1"},
		{"a number to the base of 8", "path: $..image", "v.yaml", "image: {repository: reg.example/a, tag: 010}\n", "1:41 (reg.example/a:8), ! 1:41: 010 is a number here, which reads 8"},
		{"a number in quotes", "path: $.tag, image: reg.example/a", "v.json", `{"tag": "1.10"}`, "1:10 reg.example/a:1.10"},
		{"no JSON", "path: $.tag, image: reg.example/a", "v.json", `{"tag": 1.0.1}`, "! 1:9: 1.0.1 is no value of JSON"},
		{"a key twice", "path: $.tag, image: reg.example/a", "v.json", `{"tag": "1.0.0", "tag": "2.0.0"}`, "! 1:9: the key tag stands here twice, so its value is not known"},
		{"no YAML", "path: $.tag, image: reg.example/a", "v.yaml", "a: b\n{{- if x }}\ntag: 1.0.0\n", "! 2:0: not read for references, for it is no YAML (could not find expected ':')"},
		{"nothing", "path: $.tag, image: reg.example/a", "v.yaml", "a: b\n", ""},
		{"a registry in a group", `pattern: 'registry: (?P<registry>\S+)\n\s+repository: (?P<image>\S+)\n\s+tag: (?P<version>\S+)'`, "v.yaml", "image:\n  registry: reg.example\n  repository: team/node\n  tag: 1.0.0\n", "4:8 reg.example/team/node:1.0.0"},
		{"a registry that is missing", `pattern: '(?:(?P<registry>\S+)::)?(?P<image>[a-z]+) = (?P<version>\S+)'`, "v.txt", "reg.example::a = 1\nb = 2\n", "1:18 reg.example/a:1, 2:5 b:2"},
	} {
		for _, form := range []string{"references:\n- {files: '*', %s}\n", "references:\n  '*': {%s}\n"} {
			c, err := config.Parse(".propagate.yaml", fmt.Appendf(nil, form, tc.entry))
			if err != nil {
				t.Fatalf("%s: %v", tc.name, err)
			}
			file := scanner.ScanText(tc.file, []byte(tc.src), c.Patterns(tc.file))
			var got []string
			for _, d := range file.Diagnostics {
				got = append(got, fmt.Sprintf("! %d:%d: %s", d.Pos.Line, d.Pos.Col, d.Message))
			}
			for _, ref := range file.Refs {
				text := ref.Written
				if _, err := ref.Rewrite("9.9.9", ""); err != nil && ref.Image.Tag != "" {
					text = "(" + text + ")"
				}
				got = append(got, fmt.Sprintf("%d:%d %s", ref.Pos.Line, ref.Pos.Col, text))
			}
			byPlace := func(s string) string { return strings.TrimPrefix(s, "! ") }
			slices.SortStableFunc(got, func(a, b string) int { return strings.Compare(byPlace(a), byPlace(b)) })
			if got := strings.Join(got, ", "); got != tc.want {
				t.Errorf("%s:\ngot  %s\nwant %s", tc.name, got, tc.want)
			}
		}
	}
}

// The version of an image by a path, and why a file does not say it.
func TestVersionsByPath(t *testing.T) {
	for _, tc := range []struct{ path, src, want string }{
		{"$.node.tag", "{\"node\": {\"tag\": \"1.0.0\"}}", "f:1:19 1.0.0"},
		{"$.*.tag", "a: {tag: 1.0.0}\nb: {tag: 1.0.1}\n", "f:1:10 1.0.0 f:2:10 1.0.1"},
		{"$.tag", "tag: 1.10\n", "f:1:6: 1.10 is a number here, which reads 1.1"},
		{"$.tag", "tag: {a: b}\n", "f:1:6: $.tag names no text there"},
		{"$.tag", "tag: 1.0.0\ntag: 1.0.1\n", "f:1:6: the key tag stands there twice"},
		{"$.tag", "tag: stable\n", `f:1:6: "stable" is no version`},
		{"$.tag", "other: 1\n", "f holds nothing at $.tag"},
		{"$.tag", "{{ x }}: [\n", "f is no YAML"},
	} {
		c, err := config.Parse(".propagate.yaml", fmt.Appendf(nil, "versions: {a: {file: f, path: %s}}\n", tc.path))
		if err != nil {
			t.Fatal(err)
		}
		places, err := c.Releases(fstest.MapFS{"f": {Data: []byte(tc.src)}}, "reg.example/a")
		var got []string
		for _, place := range places {
			got = append(got, fmt.Sprintf("%s %s", place.Tag.Pos(), place.Tag.S))
		}
		if err != nil {
			got = append(got, err.Error())
		}
		if got := strings.Join(got, " "); got != tc.want && (err == nil || !strings.Contains(got, tc.want)) {
			t.Errorf("%s in %q:\ngot  %s\nwant %s", tc.path, tc.src, got, tc.want)
		}
	}
}
