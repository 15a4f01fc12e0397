package cli_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/registry/registrytest"
)

// A listed is the document of propagate outdated, as far as tests read it.
type listed struct {
	Registries []string
	Images     []struct {
		Image    string
		Made     bool
		Error    *string
		Optional bool
		Versions []struct {
			Version    string
			References int
			State      string
			Reason     *string
			Take       *struct{ Tag, Step string }
			Moved      *struct {
				Digest string
				Was    *string
				Action string
			}
			Places []struct {
				Path string
				Line int
			}
			Candidates []struct {
				Tag    string
				Taken  bool
				Reason *string
			}
		}
	}
	Unresolved []struct{ Path, Written string }
	Totals     map[string]int
}

// states are the versions in use with their states, and what is taken.
func (l listed) states() string {
	var all []string
	for _, image := range l.Images {
		for _, v := range image.Versions {
			version, digest, _ := strings.Cut(v.Version, "@sha256:")
			if digest != "" {
				version += "@" + digest[:2]
			}
			text := image.Image[strings.LastIndexByte(image.Image, '/')+1:] + " " + version + " " + v.State
			if v.Take != nil {
				text += " " + v.Take.Tag
			}
			if v.Moved != nil {
				text += " " + v.Moved.Action
			}
			all = append(all, text)
		}
	}
	return strings.Join(all, ", ")
}

// All that references name is found in a registry, and nothing is written.
func TestOutdated(t *testing.T) {
	t.Parallel()
	registry := newRegistry(t)
	for _, tag := range []string{"java:17.0.3", "java:17.0.4", "java:17.1.0", "java:21.0.1", "node:20.1.0", "node:20.1.0-slim", "nginx:1.25-alpine", "nginx:1.27-alpine", "made:1.0.1", "made:1.0.2", "pinned:1.0.0", "old:1.0.0", "old:1.0.1"} {
		publish(t, registry+"/team/"+tag)
	}
	pin := strings.Repeat("1", 64)
	dir := gittest.Init(t, map[string]string{
		".propagate.yaml":          "ignore:\n  - {path: legacy/**, reason: nobody knows it}\n",
		"a/Dockerfile":             "FROM " + registry + "/team/java:17.0.3 AS build\nFROM " + registry + "/team/node:20.1.0\nCOPY --from=build /a /a\n",
		"b/Dockerfile":             "FROM " + registry + "/team/java:17.0.3\n",
		"c/Dockerfile":             "FROM " + registry + "/team/java:9.9.9 AS unused\nFROM " + registry + "/team/nginx:1.25-alpine\n",
		"d/Dockerfile":             "FROM " + registry + "/team/pinned:1.0.0@sha256:" + pin + "\n",
		"e/Dockerfile":             "FROM " + registry + "/team/made:1.0.1\n",
		"f/Dockerfile":             "ARG VERSION\nARG IMAGE\nFROM " + registry + "/team/java:${VERSION} AS a\nFROM ${IMAGE}\nCOPY --from=a /a /a\n",
		"legacy/Dockerfile":        "FROM " + registry + "/team/old:1.0.0\n",
		"bases/made/Dockerfile":    "FROM scratch\n",
		"compose.yaml":             "services:\n  made: {image: \"" + registry + "/team/made:1.0.1\", build: bases/made}\n",
		"third_party/x/Dockerfile": "FROM " + registry + "/team/node:20.1.0-slim\n",
	})
	before := everything(t, dir)
	const want = "java  unknown, java 17.0.3 outdated 17.0.4, made 1.0.1 outdated 1.0.2, nginx 1.25-alpine newer, node 20.1.0 up-to-date, node 20.1.0-slim ignored, old 1.0.0 ignored, pinned 1.0.0@11 outdated pin"
	r := in(dir).run(t, "outdated", "-o", "json").want(t, 0)
	found := document[listed](t, r)
	if got := found.states(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if java := found.Images[0].Versions[1]; java.References != 2 || java.Places[0].Path != "a/Dockerfile" || java.Places[1].Path != "b/Dockerfile" {
		t.Errorf("of java it says %+v", java)
	}
	if len(found.Unresolved) != 1 || found.Unresolved[0].Path != "f/Dockerfile" || found.Unresolved[0].Written != "${IMAGE}" || found.Totals["outdated"] != 3 || !found.Images[1].Made {
		t.Errorf("it says %s", r.stdout)
	}
	in(dir).run(t, "outdated").want(t, 0).says(t, "1.0.0 was pushed again: it was sha256:111111111111", "left, since these are never edited:", "nobody knows it, 1.0.1 newer", "hint: --verbose lists each of them")
	in(dir).run(t, "outdated", "--verbose").want(t, 0).says(t, "20.1.0", "${IMAGE} names no image that is known")
	in(dir).run(t, "outdated", "--check").want(t, 3)
	in(dir).run(t, "outdated", "--check", "--only", "node", "--only", "nginx").want(t, 0).says(t, "2 images in 3 versions: 0 outdated")
	if changed := differences(before, everything(t, dir)); len(changed) > 0 {
		t.Errorf("it changes %v", changed)
	}
}

// --explain says what becomes of each newer version.
func TestOutdatedExplains(t *testing.T) {
	t.Parallel()
	image := newRegistry(t) + "/team/java"
	for _, tag := range []string{"17.0.3", "17.0.4", "17.0.5", "17.1.0"} {
		publish(t, image+":"+tag)
	}
	dir := gittest.Init(t, map[string]string{"services/a/Dockerfile": "FROM " + image + ":17.0.3\n"})
	in(dir).run(t, "outdated", "--explain", "team/java").want(t, 0).says(t, "17.0.3, 1 reference", "level    patch    the default", "17.1.0  minor  -  level: it is a minor step", "17.0.5  patch  -  taken", "17.0.4  patch  -  older than what is taken", "services/a/Dockerfile:1:6")
	found := document[listed](t, in(dir).run(t, "outdated", "--explain", "java", "-o", "json").want(t, 0))
	if c := found.Images[0].Versions[0].Candidates; len(c) != 3 || c[0].Reason == nil || *c[0].Reason != "level" || !c[1].Taken || c[2].Reason != nil || c[2].Taken {
		t.Errorf("the candidates are %+v", c)
	}
}

// What is wrong with the command line is said before a registry is asked.
func TestOutdatedUsage(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, many("localhost:1/team/base", 2))
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--only", "bse"}, "--only bse: no Dockerfile depends on an image of this name\nhint: the nearest names are localhost:1/team/base"},
		{[]string{"--explain", "bse"}, "--explain bse: no Dockerfile depends on an image of this name"},
		{[]string{"--only", "base@1.0.0"}, "--only base@1.0.0: it names a version, and all versions in use are looked at"},
		{[]string{"--only", ""}, "--only '': it names no image"},
		{[]string{"--explain", ""}, "--explain: it names no image"},
		{[]string{"--explain", "base", "--only", "base"}, "--explain, --only: they exclude each other"},
		{[]string{"--explain", "base", "--if-due", "1h"}, "--explain, --if-due: they exclude each other"},
		{[]string{"--if-due", "-1h"}, "--if-due -1h0m0s: it is how long ago a scheduled time may be"},
		{[]string{"base"}, `propagate outdated: "base" is one argument too many`},
	} {
		in(dir).run(t, append([]string{"outdated"}, test.args...)...).want(t, 2).says(t, test.want)
	}
}

// A registry that cannot be asked is named with the reason and does not stop the others; one with a
// name for examples is a note.
func TestOutdatedWithoutARegistry(t *testing.T) {
	t.Parallel()
	image := newRegistry(t) + "/team/base"
	publish(t, image+":1.0.1")
	dir := gittest.Init(t, with(many(image, 1), "x/Dockerfile", "FROM registry.nowhere.test/team/a:1.0.0\n", "y/Dockerfile", "FROM registry.nowhere.test/team/b:1.0.0\n", "z/Dockerfile", "FROM registry.example/team/c:1.0.0\n"))
	r := in(dir).run(t, "outdated").want(t, 3)
	r.says(t,
		"propagate: registry.nowhere.test cannot be asked about registry.nowhere.test/team/a, registry.nowhere.test/team/b: ",
		"hint: in the configuration, registries: {registry.nowhere.test: {optional: true}} makes a note of it",
		"note: registry.example cannot be asked about registry.example/team/c: its name is reserved for examples")
	if !strings.Contains(r.stdout, "1.0.1") || strings.Contains(r.stdout, "nowhere") {
		t.Errorf("stdout is %s", r.stdout)
	}
	found := document[listed](t, in(dir).run(t, "outdated", "-o", "json").want(t, 3))
	if got := found.states(); got != "base 1.0.0 outdated 1.0.1, c 1.0.0 unknown, a 1.0.0 unknown, b 1.0.0 unknown" {
		t.Error(got)
	}
	in(dir).run(t, "outdated", "--only", "c").want(t, 0)
	in(dir).run(t, "outdated", "--only", "team/base", "--check").want(t, 3)
}

// Policies of the configuration say what is taken, and --explain which entry does.
func TestOutdatedWithPolicies(t *testing.T) {
	t.Parallel()
	registry := newRegistry(t)
	publishAged(t, registry+"/team/java:1.0.1", now.AddDate(0, 0, -10))
	publishAged(t, registry+"/team/java:1.1.0", now.AddDate(0, 0, -8))
	publishAged(t, registry+"/team/java:1.2.0", now.AddDate(0, 0, -3))
	publishAged(t, registry+"/team/java:1.3.0", now.AddDate(0, 0, -20))
	digest := publishAged(t, registry+"/team/nginx:1.25-alpine", time.Unix(0, 0))
	publishAged(t, registry+"/team/nginx:1.25.9-alpine", time.Unix(0, 0))
	dir := gittest.Init(t, map[string]string{
		".propagate.yaml":   "policies:\n  - {images: java, level: minor, min-age: 7d, skip-versions: [1.3.*]}\n  - {paths: slow/**, level: patch}\n  - {images: nginx, moving: pin}\n  - {images: node, moving: ignore, schedule: 0 3 1 1 *}\nregistries:\n  registry.nowhere.test: {optional: true}\n",
		"a/Dockerfile":      "FROM " + registry + "/team/java:1.0.0\n",
		"slow/Dockerfile":   "FROM " + registry + "/team/java:1.0.0\n",
		"nginx/Dockerfile":  "FROM " + registry + "/team/nginx:1.25-alpine\n",
		"node/Dockerfile":   "FROM registry.nowhere.test/team/node:20\n",
		"others/Dockerfile": "FROM " + registry + "/team/java:1.1.0\n",
	})
	r := in(dir).run(t, "outdated", "-o", "json").want(t, 0)
	found := document[listed](t, r)
	if got := found.states(); got != "java 1.0.0 outdated 1.1.0, java 1.0.0 outdated 1.0.1, java 1.1.0 newer, nginx 1.25-alpine outdated pin, node 20 unknown" {
		t.Error(got)
	}
	if m := found.Images[1].Versions[0].Moved; m == nil || m.Digest != digest || m.Was != nil {
		t.Errorf("of nginx it says %+v", m)
	}
	in(dir).run(t, "outdated").want(t, 0).says(t, "1.1.0, 8 days old", "not 1.2.0: it is 3 days old, and min-age is 7 days", "not 1.3.0: skip-versions has 1.3.*", "note: registry.nowhere.test cannot be asked")
	if r := in(dir).run(t, "outdated", "--if-due", "1h").want(t, 0); strings.Contains(r.stderr, "nowhere") {
		t.Errorf("it asks what is not due: %s", r.stderr)
	}
	in(dir).run(t, "outdated", "--explain", "java").want(t, 0).says(t, ".propagate.yaml:2:", "images java", "paths slow/**", "too-young: it is 3 days old, and min-age is 7 days", "ignored: skip-versions has 1.3.*")
}

// publishAged publishes an image that says when it was made, and returns its digest.
func publishAged(t *testing.T, reference string, made time.Time) string {
	t.Helper()
	tag, err := name.NewTag(reference)
	if err != nil {
		t.Fatal(err)
	}
	image, err := random.Image(64, 1)
	if err == nil {
		image, err = mutate.CreatedAt(image, v1.Time{Time: made})
	}
	if err == nil {
		err = remote.Write(tag, image, remote.WithContext(t.Context()))
	}
	if err != nil {
		t.Fatal(err)
	}
	digest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return digest.String()
}

// What is on one line of an image is not taken to another, and a build is not moved on its own image.
func TestOutdatedKeepsToLines(t *testing.T) {
	t.Parallel()
	registry := newRegistry(t)
	for _, tag := range []string{"17.0.3", "17.0.4", "17.1.0", "21.0.5", "21.0.6"} {
		publish(t, registry+"/team/java:"+tag)
	}
	publish(t, registry+"/team/self:1.0.1")
	dir := gittest.Init(t, map[string]string{
		".propagate.yaml":    "policies:\n  - {level: major}\n",
		"java/17/Dockerfile": "FROM scratch\nCOPY a /a\n",
		"java/21/Dockerfile": "FROM scratch\nCOPY a /a\n",
		"self/Dockerfile":    "FROM " + registry + "/team/self:1.0.0\n",
		"a/Dockerfile":       "FROM " + registry + "/team/java:17.0.3\n",
		"b/Dockerfile":       "FROM " + registry + "/team/java:21.0.5\n",
		"compose.yaml": "services:\n  java17: {image: \"" + registry + "/team/java:17.0.3\", build: java/17}\n  java21: {image: \"" + registry + "/team/java:21.0.5\", build: java/21}\n" +
			"  self: {image: \"" + registry + "/team/self:1.0.0\", build: self}\n",
	})
	found := document[listed](t, in(dir).run(t, "outdated", "-o", "json").want(t, 0))
	if got := found.states(); got != "java 17.0.3 outdated 17.1.0, java 21.0.5 outdated 21.0.6, self 1.0.0 ignored" {
		t.Error(got)
	}
}

// A registry that knows its users is asked with the credentials of the environment; without them it
// is named with what to do.
func TestOutdatedWithCredentials(t *testing.T) {
	t.Parallel()
	for _, auth := range []registrytest.Auth{registrytest.Basic, registrytest.Token} {
		server := registrytest.Start(t, registrytest.Memory, auth)
		old := server.Push(t, "team/base", "1.0", registrytest.Image{Content: "old"})
		server.Push(t, "team/base", "1.0", registrytest.Image{Content: "new"})
		server.Push(t, "team/base", "1.1", registrytest.Image{Platforms: []string{"linux/amd64", "linux/arm64"}, Created: now.AddDate(0, 0, -3)})
		dir := gittest.Init(t, map[string]string{"Dockerfile": "FROM " + server.Reference("team/base:1.0@"+old) + "\n"})
		p := program{dir: dir, env: map[string]string{"DOCKER_AUTH_CONFIG": server.Credentials(registrytest.Password)}}
		p.run(t, "outdated").want(t, 0).says(t, "1.0 has moved: it was "+old[:19], "1.1")
		found := document[listed](t, p.run(t, "outdated", "-o", "json").want(t, 0))
		if got := found.states(); got != "base 1.0@"+old[7:9]+" outdated pin" {
			t.Error(got)
		}
		r := in(dir).run(t, "outdated").want(t, 3)
		r.says(t, "propagate: "+server.Host+" cannot be asked about "+server.Reference("team/base")+": the registry refuses access (401): docker login "+server.Host, "{optional: true}} makes a note of it")
		p.env["DOCKER_AUTH_CONFIG"] = server.Credentials("hunter3-hunter3")
		if r := p.run(t, "outdated", "--verbose").want(t, 3); strings.Contains(r.stdout+r.stderr, "hunter3") {
			t.Errorf("it says the password: %s", r.stderr)
		}
	}
}
