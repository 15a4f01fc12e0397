package cli_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

const builtCompose = `services:
  api:
    image: registry.example/team/api:2.0.0
    build:
      context: .
      dockerfile: services/api/Dockerfile
      target: prod
      args:
        BASE: ` + base + `:1.0.0
        GREETING: 'costs $${PRICE} and %{more}'
        SECRET: ${NOBODY_SETS_THIS}
      additional_contexts:
        assets: ./assets
        certs: docker-image://registry.example/tools/certs:3
        derived: docker-image://registry.example/team/derived:1.4.0
        shared: service:shared
        other: service:nowhere
  api-debug:
    image: registry.example/team/api-debug
    build:
      context: .
      dockerfile: services/api/Dockerfile
      target: debug
      args: [BASE=` + base + `:1.0.0]
  shared:
    build: shared
  derived:
    image: registry.example/team/derived:1.4.0
    build: {context: ., dockerfile: bases/derived/Dockerfile}
  derived-slim:
    image: registry.example/team/derived:1.4.0-slim
    build: {context: ., dockerfile: bases/derived/Dockerfile, target: slim}
  app:
    build: {context: ., dockerfile: services/app/Dockerfile}
  app-again:
    build: {context: ., dockerfile: services/app/Dockerfile}
  app-inside:
    build: services/app
`

// built is a repository whose builds are not those of the Dockerfiles' directories.
func built() map[string]string {
	return map[string]string{
		"compose.yaml":             builtCompose,
		"services/api/Dockerfile":  "ARG BASE\nFROM derived AS tools\nFROM ${BASE} AS prod\nCOPY --from=tools /x /\nCOPY --from=certs / /\nCOPY --from=shared / /\nFROM prod AS debug\nRUN true\n",
		"services/app/Dockerfile":  "FROM registry.example/team/derived:1.4.0-slim\n",
		"services/lone/Dockerfile": from("1.0.0"),
		"shared/Dockerfile":        from("1.0.0"),
		"bases/derived/Dockerfile": "FROM " + base + ":1.0.0 AS slim\nRUN true\nFROM slim\nRUN true\n",
		"assets/logo.svg":          "<svg/>\n",
	}
}

// sameJSON fails the test unless two texts are the same but for white space.
func sameJSON(t *testing.T, got, want string) {
	t.Helper()
	var texts [2]bytes.Buffer
	for i, text := range []string{got, want} {
		if err := json.Compact(&texts[i], []byte(text)); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	}
	if texts[0].String() != texts[1].String() {
		t.Errorf("got  %s\nwant %s", texts[0].String(), texts[1].String())
	}
}

// withoutLabels returns a bake file or a matrix without the labels, which TestBakeLabels is about.
func withoutLabels(bake string) string { return labels.ReplaceAllString(bake, "") }

var labels = regexp.MustCompile(`,\s*"labels": ?\{[^}]*\}`)

// A bake file builds what the build files of the repository build: each of them
// once, with its stage, arguments and contexts; a value that is not known, and a
// build that is not there, are left out.
func TestBakeBuildsAsBuildFilesDo(t *testing.T) {
	t.Parallel()
	r := in(gittest.Init(t, built())).run(t, "affected", "--base", "team/base@1.0.1", "-o", "bake").want(t, 0)
	sameJSON(t, withoutLabels(r.stdout), `{
  "group": {
    "default": {"targets": ["derived", "derived-slim", "api-debug", "lone", "shared", "api", "app", "app-2"]},
    "wave-1": {"targets": ["derived", "derived-slim", "api-debug", "lone", "shared"]},
    "wave-2": {"targets": ["api", "app", "app-2"]}
  },
  "target": {
    "api": {
      "context": ".", "dockerfile": "services/api/Dockerfile", "target": "prod",
      "args": {"BASE": "registry.example/team/base:1.0.1", "GREETING": "costs $${PRICE} and %%{more}"},
      "tags": ["registry.example/team/api:2.0.0"],
      "contexts": {
        "assets": "assets",
        "certs": "docker-image://registry.example/tools/certs:3",
        "derived": "target:derived",
        "registry.example/team/derived:1.4.0": "target:derived",
        "registry.example/team/derived:1.4.1": "target:derived",
        "shared": "target:shared"
      }
    },
    "api-debug": {
      "context": ".", "dockerfile": "services/api/Dockerfile", "target": "debug",
      "args": {"BASE": "registry.example/team/base:1.0.1"}
    },
    "app": {
      "context": ".", "dockerfile": "services/app/Dockerfile",
      "contexts": {"registry.example/team/derived:1.4.0-slim": "target:derived-slim", "registry.example/team/derived:1.4.1-slim": "target:derived-slim"}
    },
    "app-2": {
      "context": "services/app", "dockerfile": "Dockerfile",
      "contexts": {"registry.example/team/derived:1.4.0-slim": "target:derived-slim", "registry.example/team/derived:1.4.1-slim": "target:derived-slim"}
    },
    "derived": {"context": ".", "dockerfile": "bases/derived/Dockerfile", "tags": ["registry.example/team/derived:1.4.1"]},
    "derived-slim": {"context": ".", "dockerfile": "bases/derived/Dockerfile", "target": "slim", "tags": ["registry.example/team/derived:1.4.1-slim"]},
    "lone": {"context": "services/lone", "dockerfile": "Dockerfile"},
    "shared": {"context": "shared", "dockerfile": "Dockerfile"}
  }
}`)
}

// A build is one job, with its target, arguments and context.
func TestMatrixHasTheContextOfTheBuild(t *testing.T) {
	t.Parallel()
	r := in(gittest.Init(t, built())).run(t, "affected", "--base", "team/base@1.0.1", "-o", "github-matrix").want(t, 0)
	sameJSON(t, withoutLabels(r.stdout), `{"include": [
  {"name":"derived","path":"bases/derived/Dockerfile","target":"","args":{},"platforms":[],"context":".","contexts":{},"image":"registry.example/team/derived","tags":["registry.example/team/derived:1.4.1"],"wave":1,"exposure":"runtime"},
  {"name":"derived-slim","path":"bases/derived/Dockerfile","target":"slim","args":{},"platforms":[],"context":".","contexts":{},"image":"registry.example/team/derived","tags":["registry.example/team/derived:1.4.1-slim"],"wave":1,"exposure":"runtime"},
  {"name":"api-debug","path":"services/api/Dockerfile","target":"debug","args":{"BASE":"registry.example/team/base:1.0.1"},"platforms":[],"context":".","contexts":{},"image":"registry.example/team/api-debug","tags":[],"wave":1,"exposure":"runtime"},
  {"name":"lone","path":"services/lone/Dockerfile","target":"","args":{},"platforms":[],"context":"services/lone","contexts":{},"image":"","tags":[],"wave":1,"exposure":"runtime"},
  {"name":"shared","path":"shared/Dockerfile","target":"","args":{},"platforms":[],"context":"shared","contexts":{},"image":"","tags":[],"wave":1,"exposure":"runtime"},
  {"name":"api","path":"services/api/Dockerfile","target":"prod","args":{"BASE":"registry.example/team/base:1.0.1","GREETING":"costs ${PRICE} and %{more}"},"platforms":[],"context":".","contexts":{"assets":"assets","certs":"docker-image://registry.example/tools/certs:3","derived":"docker-image://registry.example/team/derived:1.4.1","registry.example/team/derived:1.4.0":"docker-image://registry.example/team/derived:1.4.1"},"image":"registry.example/team/api","tags":["registry.example/team/api:2.0.0"],"wave":2,"exposure":"runtime"},
  {"name":"app","path":"services/app/Dockerfile","target":"","args":{},"platforms":[],"context":".","contexts":{"registry.example/team/derived:1.4.0-slim":"docker-image://registry.example/team/derived:1.4.1-slim"},"image":"","tags":[],"wave":2,"exposure":"runtime"},
  {"name":"app-2","path":"services/app/Dockerfile","target":"","args":{},"platforms":[],"context":"services/app","contexts":{"registry.example/team/derived:1.4.0-slim":"docker-image://registry.example/team/derived:1.4.1-slim"},"image":"","tags":[],"wave":2,"exposure":"runtime"}
]}`)
}

// What follows is about one Dockerfile each, that of services/a.
func TestBakeOfOneDockerfile(t *testing.T) {
	t.Parallel()
	const stages = "ARG BASE\nFROM ${BASE:-" + base + ":1.0.0} AS one\nRUN true\nFROM one AS two\nRUN true\n"
	const workflow = "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          "
	for _, test := range []struct {
		name  string
		files []string
		want  string // the targets
	}{
		{"two files that build the same", []string{
			".github/workflows/build.yml", workflow + "context: services/a\n          tags: registry.example/team/a:1\n",
			"compose.yaml", "services: {a: {build: services/a}}\n",
		}, `{"a": {"context": "services/a", "dockerfile": "Dockerfile", "tags": ["registry.example/team/a:1"]}}`},
		{"builds that differ are in the order of the build files", []string{
			".github/workflows/build.yml", workflow + "context: .\n          file: services/a/Dockerfile\n          target: one\n",
			"compose.yaml", "services: {a: {build: {context: services/a, target: two}}}\n",
		}, `{"a": {"context": ".", "dockerfile": "services/a/Dockerfile", "target": "one"},
			"a-two": {"context": "services/a", "dockerfile": "Dockerfile", "target": "two"}}`},
		{"the image tells builds apart", []string{
			"compose.yaml", "services: {a: {image: team/a, build: services/a}, b: {image: team/a-b, build: {context: services/a, args: {X: 1}}}}\n",
		}, `{"a": {"context": "services/a", "dockerfile": "Dockerfile"},
			"a-a-b": {"context": "services/a", "dockerfile": "Dockerfile", "args": {"X": "1"}}}`},
		{"a context that is not known is that of another build", []string{
			"build.sh", "docker build -f services/a/Dockerfile \"$1\"\n",
			"compose.yaml", "services: {a: {build: {context: ., dockerfile: services/a/Dockerfile}}}\n",
		}, `{"a": {"context": ".", "dockerfile": "services/a/Dockerfile"}}`},
		{"a context that nothing knows is the directory", []string{
			"build.sh", "docker build --target one -f services/a/Dockerfile \"$1\"\n",
		}, `{"a": {"context": "services/a", "dockerfile": "Dockerfile"},
			"a-one": {"context": "services/a", "dockerfile": "Dockerfile", "target": "one"}}`},
		{"the configuration overrules", []string{
			".propagate.yaml", "images: {services/a/Dockerfile: {image: team/a, context: services, target: one}}\n",
			"compose.yaml", "services: {a: {image: team/other, build: {context: ., dockerfile: services/a/Dockerfile, target: two}}}\n",
		}, `{"a": {"context": "services", "dockerfile": "a/Dockerfile", "target": "one"}}`},
		{"the configuration alone", []string{
			".propagate.yaml", "targets: {services/a/Dockerfile: one}\n",
		}, `{"a": {"context": "services/a", "dockerfile": "Dockerfile", "target": "one"}}`},
		{"a target is built on another of the same file", []string{
			"docker-bake.hcl", "target \"one\" {\n  context = \"services/a\"\n  target = \"one\"\n  tags = [\"team/one:1\"]\n}\n" +
				"target \"two\" {\n  context = \"services/a\"\n  target = \"two\"\n  contexts = {\n    one = \"target:one\"\n    src = \"../src\"\n    web = \"https://example.org/x.git\"\n  }\n}\n",
		}, `{"a": {"context": "services/a", "dockerfile": "Dockerfile", "target": "one", "tags": ["docker.io/team/one:1"]},
			"a-two": {"context": "services/a", "dockerfile": "Dockerfile", "target": "two",
				"contexts": {"one": "target:a", "src": "../src", "web": "https://example.org/x.git"}}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := with(map[string]string{"services/a/Dockerfile": stages}, test.files...)
			r := in(gittest.Init(t, files)).run(t, "affected", "--base", "team/base@1.0.1", "-o", "bake").want(t, 0)
			targets := document[struct{ Target json.RawMessage }](t, r).Target
			sameJSON(t, withoutLabels(string(targets)), test.want)
		})
	}
}

// The first build of a Dockerfile has its name, whatever others are called.
func TestBakeNamesAreStable(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"x/a/Dockerfile":     from("1.0.0"),
		"y/a-two/Dockerfile": from("1.0.0"),
		"default/Dockerfile": from("1.0.0"),
		"compose.yaml":       "services: {a: {build: {context: x/a}}, b: {build: {context: x/a, target: two}}, c: {build: {context: x/a, target: t.w/o}}}\n",
	}
	r := in(gittest.Init(t, files)).run(t, "affected", "--base", "team/base@1.0.1", "-o", "bake").want(t, 0)
	bake := document[bakeFile](t, r)
	if got, want := bake.Group["default"].Targets, []string{"default-2", "a", "a-t_w_o", "a-two-2", "a-two"}; !slices.Equal(got, want) {
		t.Errorf("the targets are %v, want %v", got, want)
	}
	if got := bake.Target["a-two"].Context; got != "y/a-two" {
		t.Errorf("a-two is built in %s", got)
	}
}

// BuildKit asks for the contexts of references by their short form.
func TestBakeContextsAreAsBuildKitAsksForThem(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"compose.yaml":      "services: {mid: {image: team/mid, build: mid}}\n",
		"mid/Dockerfile":    from("1.0.0"),
		"app/Dockerfile":    "FROM docker.io/team/mid\n",
		"pinned/Dockerfile": "FROM team/mid:2\n",
	}
	r := in(gittest.Init(t, files)).run(t, "affected", "--base", "team/base", "-o", "bake").want(t, 0)
	for _, want := range []string{`"team/mid": "target:mid"`, `"team/mid:2": "target:mid"`} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("there is no %s in %s", want, r.stdout)
		}
	}
}

// Bake refuses a file with targets of which there is none.
func TestBakeOfNothing(t *testing.T) {
	t.Parallel()
	r := in(gittest.Init(t, small())).run(t, "affected", "--base", "team/base@1.0.0", "-o", "bake").want(t, 0)
	sameJSON(t, r.stdout, `{"group": {"default": {"targets": []}}}`)
}

// One build of a Dockerfile may be based on another.
func TestBakeOfBuildsOnEachOther(t *testing.T) {
	t.Parallel()
	r := in(gittest.Init(t, map[string]string{
		"compose.yaml": "services:\n  a: {image: registry.example/team/mid:1.0.0, build: {context: m, target: a}}\n" +
			"  b: {image: registry.example/team/top:1.0.0, build: {context: m, target: b, additional_contexts: {a: 'service:a'}}}\n",
		"m/Dockerfile": "FROM " + base + ":1.0.0 AS a\nRUN true\nFROM registry.example/team/mid:1.0.0 AS b\nCOPY --from=a / /\n",
	})).run(t, "affected", "--base", "team/base@1.0.1", "-o", "bake").want(t, 0)
	bake := document[bakeFile](t, r)
	if got := bake.Target["m-b"].Contexts; got["a"] != "target:m" || got["registry.example/team/mid:1.0.1"] != "target:m" || bake.Target["m"].Contexts != nil {
		t.Errorf("the targets are %v", bake.Target)
	}
}
