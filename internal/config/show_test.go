package config_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
)

// shown returns what a configuration is shown as: YAML and JSON.
func shown(t testing.TB, c *config.Config) (text, document string) {
	t.Helper()
	var b strings.Builder
	s := c.Show()
	if err := s.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), string(data)
}

// checkShown checks that what a configuration is shown as is read as the same one.
func checkShown(t testing.TB, text string, c *config.Config, compiled *jsonschema.Schema) {
	t.Helper()
	first, document := shown(t, c)
	if instance, err := jsonschema.UnmarshalJSON(strings.NewReader(document)); err != nil || compiled.Validate(instance) != nil {
		t.Errorf("%q is shown as\n%s\n%v, %v", text, document, err, compiled.Validate(instance))
	}
	for form, written := range map[string]string{"YAML": first, "JSON": document} {
		again, err := config.Parse(".propagate.yaml", []byte(written))
		if err != nil {
			t.Errorf("%s: %v\n%q\nis shown as\n%s", form, err, text, written)
			continue
		}
		if !same(c, again) {
			t.Errorf("%s: %q\nis not what is read of\n%s", form, text, written)
		}
		if second, other := shown(t, again); second != first || other != document {
			t.Errorf("%s: %q\nis shown as\n%s\nand that as\n%s", form, text, first, second)
		}
	}
}

// same reports whether two configurations say the same, wherever it is written.
func same(a, b *config.Config) bool {
	for _, image := range []string{"ghcr.io/team/base-java", "docker.io/library/python", "a/b"} {
		for _, path := range []string{"", "services/legacy/x/Dockerfile"} {
			p, q := a.Policy(image, path), b.Policy(image, path)
			if fmt.Sprint(p.Level, p.MinAge, p.Moving, p.Group, p.Labels, p.Reviewers, p.Assignees, p.Automerge, p.MaxOpen) != fmt.Sprint(q.Level, q.MinAge, q.Moving, q.Group, q.Labels, q.Reviewers, q.Assignees, q.Automerge, q.MaxOpen) ||
				len(p.Skip) != len(q.Skip) || len(p.Schedule) != len(q.Schedule) {
				return false
			}
		}
	}
	return alike(reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem())
}

// alike compares what values have that others can see, without places and what has a default.
func alike(a, b reflect.Value) bool {
	switch {
	case a.Type() == reflect.TypeFor[source.Pos](), a.Type() == reflect.TypeFor[imageref.Scheme]() && a.Interface().(imageref.Scheme).String() == b.Interface().(imageref.Scheme).String():
		return true
	case a.Kind() == reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !alike(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case a.Kind() == reflect.Pointer:
		return a.IsNil() == b.IsNil()
	case a.Kind() == reflect.Struct:
		for i := range a.NumField() {
			f := a.Type().Field(i)
			if f.IsExported() && !slices.Contains([]string{"Group", "Labels", "Prefix", "Limits", "Label", "Mark"}, f.Name) && !alike(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case a.Kind() == reflect.Map:
		return a.Len() == b.Len() && (a.Len() == 0 || reflect.DeepEqual(a.Interface(), b.Interface()))
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}

// What is said, what is left out, and how both are shown.
func TestShow(t *testing.T) {
	c := parse(t, `
dockerfiles: {include: [docker/*.build], own: []}
ignore: [services/a, {path: services/b, reason: "waits: for x", until: 2026-12-31}]
images:
  "bases/{name}/Dockerfile": ghcr.io/team/{name}
  site/Dockerfile: [{image: ghcr.io/team/site-base, target: base}, ghcr.io/team/site]
  java/Dockerfile: {image: ghcr.io/team/java, tags: "17.*", context: .}
targets: {services/c/Dockerfile: runtime}
versions: {base: 1.10, gpu: {file: VERSION, path: $.gpu}, rhel: {scheme: build-number}}
arguments: {"{dir}/x.env": "{dir}/Dockerfile"}
references:
- {files: deploy/*.yaml, path: $..image}
- {files: [v.json], path: $.tag, image: golang}
- {files: a.md, pattern: 'FROM (?P<image>\S+):(?P<version>\S+)'}
group: monthly
labels: []
templates:
  body: |
    {{.Summary}}
      - indented

    end
pulls: {reviewers: ["@octocat"], max-open: 20}
policies:
- {images: "base-*", skip-versions: [">=4 <5", {versions: 1.0.1, reason: breaks TLS}], schedule: 0 6 * * *, labels: []}
- {min-age: 168h, moving: ignore, automerge: true}
registries: {docker.io: {mirror: harbor.example/hub}, quay.io: {optional: true}}
emergency: {group: service, title-prefix: '[P1]'}
github: {limits: {minute: 10}}
diagnostics: {ignore: [unset-arg, {code: bad-from, files: x}]}
`)
	const want = `# What the configuration says, with what holds where it says nothing.
dockerfiles:
  include: [docker/*.build]
  exclude: [] # the default
  own: [] # the default
ignore:
  - path: services/a
  - path: services/b
    reason: 'waits: for x'
    until: "2026-12-31"
images:
  bases/{name}/Dockerfile:
    image: ghcr.io/team/{name}
  site/Dockerfile:
    - image: ghcr.io/team/site-base
      target: base
    - image: ghcr.io/team/site
  java/Dockerfile:
    image: ghcr.io/team/java
    tags: [17.*]
    context: .
targets:
  services/c/Dockerfile: runtime
versions:
  base: "1.10"
  gpu:
    file: VERSION
    path: $.gpu
  rhel:
    scheme: build-number
arguments:
  - files: ['{dir}/x.env']
    for: ['{dir}/Dockerfile']
references:
  - files: [deploy/*.yaml]
    path: $..image
    registry: [registry]
    repository: [repository, name, image]
    tag: [tag, version]
    digest: [digest]
  - files: [v.json]
    path: $.tag
    image: golang
    tag: [tag, version]
    digest: [digest]
  - files: [a.md]
    pattern: FROM (?P<image>\S+):(?P<version>\S+)
group: monthly
labels: []
branch-prefix: propagate/ # the default
templates:
  body: |
    {{.Summary}}
      - indented

    end
pulls:
  draft: false # the default
  reviewers: [octocat]
  assignees: [] # the default
  max-open: 20
policies:
  - level: patch # the default
    skip-versions: [] # the default
    min-age: 0 # the default
    moving: rebuild # the default
    schedule: [] # the default
    automerge: false # the default
  - images: [base-*]
    skip-versions:
      - '>=4 <5'
      - versions: 1.0.1
        reason: breaks TLS
    labels: []
    schedule:
      - cron: 0 6 * * *
        timezone: UTC
  - min-age: 7d
    moving: ignore
    automerge: true
registries:
  docker.io:
    mirror: harbor.example/hub
    optional: false
  quay.io:
    insecure: false
    optional: true
emergency:
  group: service
  label: emergency # the default
  title-prefix: '[P1]'
github:
  hosts: [] # the default
  limits:
    minute: 10
    hour: 500 # the default
diagnostics:
  ignore:
    - code: unset-arg
    - code: bad-from
      files: [x]
`
	got, document := shown(t, c)
	if got != want {
		t.Errorf("it is shown as\n%s\nwant\n%s", got, want)
	}
	if !strings.HasPrefix(document, `{"schema":"propagate/config/v1","dockerfiles":{"include":["docker/*.build"],"exclude":[],`) || !strings.Contains(document, `"min-age":0,`) {
		t.Errorf("as JSON it is\n%s", document)
	}
	_, compiled := schema(t)
	checkShown(t, got, c, compiled)
	nothing, _ := shown(t, &config.Config{})
	for line := range strings.Lines(nothing) {
		if !strings.HasSuffix(line, "# the default\n") && !strings.HasSuffix(line, ":\n") && line[0] != '#' {
			t.Errorf("a configuration that says nothing has %s", line)
		}
	}
}

// Texts of all kinds are shown so that they are read as the same.
func TestShowOddTexts(t *testing.T) {
	_, compiled := schema(t)
	for _, text := range []string{
		"a\n b\n", "\na\n", "a\n\n", "a\nb", " a", "a ", "a\tb\nc", "a\u0085b\nc", "\ufeffa\nb", "a\u2028b", "x\u007fy", "'", "\"", "- a", "a: b", "a #b", "#", "~", "null", "1.10", "0x1f", "2026-12-31", "yes", "é\U0001F600", "{a}",
		"[a", "a,b", "&a", "*a", "!a", "|", ">", "%a", "@a", "---", "...", "?", "? a", ":", "a:", "<<", strings.Repeat("long ", 300),
	} {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		literal := strings.NewReplacer("\u007f", `\u007f`, "\u0085", `\u0085`, "\ufeff", `\ufeff`).Replace(string(quoted))
		written := "templates: {body: " + literal + "}\ntargets: {" + literal + ": " + literal + "}\nreferences: [{files: [a], path: $.a, tag: [" + literal + ", b]}]\n"
		c, err := config.Parse(".propagate.yaml", []byte(written))
		if err != nil { // it is no pattern, or no template
			written = "references: [{files: [a], path: $.a, tag: [" + literal + ", b]}]\n"
			c = parse(t, written)
		}
		checkShown(t, written, c, compiled)
		first, document := shown(t, c)
		for _, again := range []string{first, document} {
			if got := parse(t, again); len(got.Stages) > 0 && got.Stages[0].Stage != text {
				t.Errorf("%q is shown as\n%s", text, again)
			}
		}
	}
}
