//go:build engine

package cli_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/enginetest"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/internal/registry/registrytest"
)

// builtDocument is the document of propagate build.
type builtDocument struct {
	Engine string
	Builds []struct {
		Name, Path, State, Reason string
		Tags                      []string
		Digest                    *string
	}
}

// states returns what became of each build, by the name of its target.
func (d builtDocument) states() map[string]string {
	all := map[string]string{}
	for _, b := range d.Builds {
		all[b.Name] = b.State
	}
	return all
}

// threeLevels is a monorepo of bases on three levels, and of one that fails where command does.
func threeLevels(host, command string) map[string]string {
	files := map[string]string{
		"bases/os/Dockerfile":   "FROM HOST/hub/alpine:3.20\nRUN touch /os\n",
		"bases/java/Dockerfile": "FROM HOST/team/os:1.0.0\nRUN touch /java\n",
		"bases/web/Dockerfile":  "FROM HOST/team/java:2.0.0\nRUN touch /web\n",
		"bases/node/Dockerfile": "FROM HOST/team/os:1.0.0\nRUN " + command + "\n",
		"apps/shop/Dockerfile":  "FROM HOST/team/web:3.0.0\nRUN touch /shop\n",
		"apps/api/Dockerfile":   "FROM HOST/team/node:4.0.0\nRUN touch /api\n",
		"compose.yaml": `services:
  os: {image: "HOST/team/os:1.0.0", build: bases/os}
  java: {image: "HOST/team/java:2.0.0", build: bases/java}
  web: {image: "HOST/team/web:3.0.0", build: bases/web}
  node: {image: "HOST/team/node:4.0.0", build: bases/node}
  shop: {image: "HOST/team/shop:5.0.0", build: apps/shop}
  api: {image: "HOST/team/api:6.0.0", build: apps/api}
`,
	}
	for path, content := range files {
		files[path] = strings.ReplaceAll(content, "HOST", host)
	}
	return files
}

// The bases of three levels are built and pushed; where one of them fails, the list is true by the registry; and what
// the registry has is not built again.
func TestEngineBuild(t *testing.T) {
	t.Parallel()
	e := enginetest.Start(t)
	for _, name := range []string{"buildx", "buildctl"} {
		t.Run(name, func(t *testing.T) {
			server := registrytest.Start(t, registrytest.Memory, registrytest.None)
			e.Upstream(t, server.Host+"/hub/alpine:3.20", "upstream")
			dir := gittest.Init(t, threeLevels(server.Host, "false"))
			p := program{dir: dir, environ: e.Environ(t, name)}
			has := func() map[string]string {
				return digests(t, server, "os:1.0.0", "java:2.0.0", "java:2.0.1", "web:3.0.0", "web:3.0.1", "node:4.0.0", "shop:5.0.0")
			}

			// One fails.
			r := p.run(t, "build", "--all-bases", "--push", "-o", "json").want(t, 3)
			doc := document[builtDocument](t, r)
			first := has()
			if doc.Engine != name || len(doc.Builds) != 4 || doc.states()["node"] != "failed" {
				t.Errorf("with a base that fails it says %s\n%s", r.stdout, r.stderr)
			}
			for _, b := range doc.Builds {
				tag := strings.TrimPrefix(b.Tags[0], server.Host+"/team/")
				switch digest := first[tag]; {
				case (b.State == "pushed") != (digest != ""), b.State == "pushed" && *b.Digest != digest, b.State != "pushed" && b.Reason == "":
					t.Errorf("%s is said to be %s (%s), and the registry has %q", b.Name, b.State, b.Reason, digest)
				case b.Name == "node" && !strings.Contains(b.Reason, "exit code: 1"):
					t.Errorf("of node it says %q", b.Reason)
				}
			}

			// It is put right: what is missing is built, and nothing else.
			gittest.Commit(t, dir, "next", threeLevels(server.Host, "touch /node"))
			doc = document[builtDocument](t, p.run(t, "build", "--all-bases", "--push", "-o", "json").want(t, 0))
			second := has()
			for _, b := range doc.Builds {
				tag := strings.TrimPrefix(b.Tags[0], server.Host+"/team/")
				want := "pushed"
				if first[tag] != "" {
					want = "present"
				}
				if b.State != want || b.Digest == nil || *b.Digest != second[tag] || first[tag] != "" && first[tag] != second[tag] {
					t.Errorf("%s is %s, want %s; the registry had %q and has %q", tag, b.State, want, first[tag], second[tag])
				}
			}
			onEachOther(t, server, "hub/alpine:3.20", "team/os:1.0.0", "team/java:2.0.0", "team/web:3.0.0")
			onEachOther(t, server, "team/os:1.0.0", "team/node:4.0.0")

			// All is there.
			r = p.run(t, "build", "--all-bases", "--push").want(t, 0)
			if !strings.HasSuffix(r.stdout, "\n4 present already\n") || !maps.Equal(has(), second) {
				t.Errorf("again it says %s, and the registry has %v", r.stdout, has())
			}

			// One gets a new version, and another one on it.
			files := threeLevels(server.Host, "touch /node")
			files["compose.yaml"] = strings.NewReplacer("java:2.0.0", "java:2.0.1", "web:3.0.0", "web:3.0.1").Replace(files["compose.yaml"])
			files["bases/web/Dockerfile"] = strings.ReplaceAll(files["bases/web/Dockerfile"], "2.0.0", "2.0.1")
			gittest.Commit(t, dir, "next", files)
			r = p.run(t, "build", "team/web", "--push", "-o", "json").want(t, 0)
			got := document[builtDocument](t, r).states()
			if want := map[string]string{"os": "present", "java": "pushed", "web": "pushed"}; !maps.Equal(got, want) {
				t.Errorf("a new version is %v, want %v", got, want)
			}
			third := has()
			for tag, digest := range second {
				if digest != "" && third[tag] != digest {
					t.Errorf("%s was %s, and is %s", tag, digest, third[tag])
				}
			}
			onEachOther(t, server, "team/os:1.0.0", "team/java:2.0.1", "team/web:3.0.1")

			// A service is built with what it is based on. Without a push the registry stays as it is.
			if name == "buildx" {
				files["apps/shop/Dockerfile"] = strings.ReplaceAll(files["apps/shop/Dockerfile"], "3.0.0", "3.0.1")
				gittest.Commit(t, dir, "next", files)
				r = p.run(t, "build", "team/shop", "-o", "json").want(t, 0)
				got = document[builtDocument](t, r).states()
				if want := map[string]string{"os": "built", "java": "built", "web": "built", "shop": "built"}; !maps.Equal(got, want) || !maps.Equal(has(), third) {
					t.Errorf("without a push it says %v", got)
				}
			}
		})
	}
}

// What a build takes from one without a tag is built along, and pushed by nobody.
func TestEngineBuildAlong(t *testing.T) {
	t.Parallel()
	e := enginetest.Start(t)
	server := registrytest.Start(t, registrytest.Memory, registrytest.None)
	e.Upstream(t, server.Host+"/hub/alpine:3.20", "upstream")
	files := map[string]string{
		"tools/Dockerfile": "FROM HOST/hub/alpine:3.20\nRUN touch /tool\n",
		"app/Dockerfile":   "FROM HOST/hub/alpine:3.20\nCOPY --from=tools /tool /tool\n",
		"docker-bake.hcl":  "target \"tools\" { context = \"tools\" }\ntarget \"app\" {\n  context = \"app\"\n  tags = [\"HOST/team/app:1.0.0\"]\n  contexts = { tools = \"target:tools\" }\n}\n",
		"web/Dockerfile":   "FROM HOST/team/app:1.0.0\nRUN true\n",
	}
	for path, content := range files {
		files[path] = strings.ReplaceAll(content, "HOST", server.Host)
	}
	dir := gittest.Init(t, files)
	p := program{dir: dir, environ: e.Environ(t, "buildctl")}
	p.run(t, "build", "--all-bases", "--push").want(t, 1).says(t, "propagate: app: it takes tools from a build whose image has no tag, which buildctl cannot\nhint: buildx can")
	p.environ = e.Environ(t, "buildx")
	r := p.run(t, "build", "--all-bases", "--push", "-o", "json").want(t, 0)
	if got, want := document[builtDocument](t, r).states(), map[string]string{"app": "pushed"}; !maps.Equal(got, want) {
		t.Errorf("it is %v, want %v", got, want)
	}
	onEachOther(t, server, "hub/alpine:3.20", "team/app:1.0.0")
}

// client asks a registry of a test.
func client() *registry.Client {
	return registry.New(registry.Options{Transport: http.DefaultTransport, Getenv: func(string) string { return "" }})
}

// digests returns the digests of tags of a team; "" where there is none.
func digests(t *testing.T, server *registrytest.Server, tags ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, tag := range tags {
		digest, err := client().Digest(t.Context(), server.Host+"/team/"+tag)
		if err != nil {
			digest = ""
		}
		all[tag] = digest
	}
	return all
}

// onEachOther makes sure that the layers of each image begin with those of the one before.
func onEachOther(t *testing.T, server *registrytest.Server, images ...string) {
	t.Helper()
	var below []string
	for _, image := range images {
		found, err := client().Layers(t.Context(), server.Host+"/"+image, []string{"linux/amd64"})
		if err != nil {
			t.Fatal(err)
		}
		layers := found["linux/amd64"]
		if len(layers) <= len(below) || !slices.Equal(layers[:len(below)], below) {
			t.Errorf("%s has the layers %q, which do not begin with %q", image, layers, below)
		}
		below = layers
	}
}
