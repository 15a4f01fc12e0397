package cli_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/registry/registrytest"
)

// upstream is what a month of an upstream image is made of.
func upstream(month string) registrytest.Image { return registrytest.Image{Content: month} }

// newCurated makes the curated bases with their build script, each on an upstream of its own, and
// services on them, and more files. All bases are published.
func newCurated(t *testing.T, by maker, more map[string]string) *estate {
	t.Helper()
	e := &estate{maker: by, registry: registrytest.Start(t, registrytest.Memory, registrytest.None)}
	team, hub := e.team(), e.registry.Host+"/hub/"
	files := map[string]string{
		".propagate.yaml": noLabels,
		"scripts/tools/build-base-images.sh": "#!/bin/sh\nset -e\nREGISTRY=" + e.registry.Host + "\n" +
			"docker build -t $REGISTRY/matih/base-java:1.0.0 docker/base-java\n" +
			"docker build -t $REGISTRY/matih/base-python-ml:1.0.0 docker/base-python-ml\n\n\n\n" +
			"docker build -t $REGISTRY/matih/base-node:1.0.0 docker/base-node\n" +
			"docker build -t $REGISTRY/matih/base-nginx:1.25-alpine docker/base-nginx\n",
		"docker/base-java/Dockerfile":      "FROM " + hub + "eclipse-temurin:21-jre-alpine\nRUN touch /a\n",
		"docker/base-python-ml/Dockerfile": "FROM " + hub + "python:3.11-slim-bookworm\nRUN touch /a\n",
		"docker/base-node/Dockerfile":      "FROM " + hub + "node:20-alpine\nRUN touch /a\n",
		"docker/base-nginx/Dockerfile":     "FROM " + hub + "nginx:1.25-alpine\nRUN touch /a\n",
		"services/iam/Dockerfile":          "FROM " + team + "base-java:1.0.0\n",
		"services/billing/Dockerfile":      "FROM " + team + "base-java:1.0.0\n",
		"services/train/Dockerfile":        "FROM " + team + "base-python-ml:1.0.0\n",
		"services/web/Dockerfile":          "FROM " + team + "base-node:1.0.0 AS build\nRUN true\nFROM " + team + "base-nginx:1.25-alpine\nCOPY --from=build /a /a\n",
	}
	maps.Copy(files, more)
	for path, content := range files {
		files[path] = strings.ReplaceAll(content, "TEAM/", team)
	}
	e.site = newSite(t, files)
	for base, on := range curatedOn {
		by.upstream(t, e, on, "January")
		e.rebuild(t, base)
	}
	return e
}

// curatedOn are the curated bases, and what they are based on.
var curatedOn = map[string]string{
	"base-java:1.0.0": "eclipse-temurin:21-jre-alpine", "base-python-ml:1.0.0": "python:3.11-slim-bookworm",
	"base-node:1.0.0": "node:20-alpine", "base-nginx:1.25-alpine": "nginx:1.25-alpine",
}

// rebuild builds a base on what its upstream is now, publishes it, and returns its digest.
func (e *estate) rebuild(t *testing.T, base string) (digest string) {
	t.Helper()
	return e.maker.base(t, e, base)
}

// A maker builds and publishes the images of the curated bases and of the services.
type maker interface {
	// upstream publishes the upstream image name:tag as it is in a month.
	upstream(t *testing.T, e *estate, reference, month string)
	// base builds docker/NAME as NAME:TAG, publishes it, and returns its digest.
	base(t *testing.T, e *estate, base string) (digest string)
	// service builds services/NAME of the clone, and publishes it as NAME:1.
	service(t *testing.T, e *estate, name string)
}

// outline makes images of layers without any content, with what BuildKit would say of them.
type outline struct{ digests map[string]string }

func (o outline) upstream(t *testing.T, e *estate, reference, month string) {
	t.Helper()
	name, tag, _ := strings.Cut(reference, ":")
	e.registry.Push(t, "hub/"+name, tag, upstream(month))
}

func (o outline) base(t *testing.T, e *estate, base string) string {
	t.Helper()
	name, tag, _ := strings.Cut(base, ":")
	for other, on := range curatedOn {
		if strings.HasPrefix(other, name+":") {
			o.digests[base] = e.registry.Push(t, "matih/"+name, tag, registrytest.Image{On: "hub/" + on, Content: base})
		}
	}
	return o.digests[base]
}

func (o outline) service(t *testing.T, e *estate, name string) {
	t.Helper()
	dockerfile := read(t, e.clone, "services/"+name+"/Dockerfile")
	_, reference, _ := strings.Cut(dockerfile[strings.LastIndex(dockerfile, "FROM "+e.team()):], "/matih/")
	on := strings.Fields(reference)[0]
	image := registrytest.Image{On: "matih/" + on, Content: name + " on " + on}
	if strings.Contains(dockerfile, "FROM scratch") {
		image = registrytest.Image{Content: "built with " + on, Attested: true, Provenance: "v1", Materials: []registrytest.Material{{
			URI: "pkg:docker/" + e.team() + strings.Replace(on, ":", "@", 1) + "?platform=linux%2Famd64", Digest: o.digests[on],
		}}}
	}
	e.registry.Push(t, "matih/"+name, "1", image)
}

// The monthly update of the curated bases: the upstream of one moves, its next version is planned once, its
// consumers wait until that is published, and move then.
func TestRunRebuildsBases(t *testing.T) {
	t.Parallel()
	e := newCurated(t, outline{map[string]string{}}, nil)
	run := func(more ...string) result {
		t.Helper()
		return e.program(nil).run(t, append([]string{"run", "--publish", "pr"}, more...)...).want(t, 0)
	}
	state := func() string { return fmt.Sprint(e.api.Pulls(), gittest.Git(t, e.git.Dir, "for-each-ref")) }
	still := func(what string, more ...string) {
		t.Helper()
		before := state()
		if run(more...); state() != before {
			t.Errorf("%s, a run with %q changes\n%s\nto\n%s", what, more, before, state())
		}
	}
	// Which image services/web is published as is written nowhere, and it is on a tag that moves.
	run("--rebuild-bases").says(t, "nothing to do, as far as it is known: propagate outdated says why 1 version in use is not")
	still("while nothing has moved", "--rebuild-bases")

	// The upstream of base-java and that of base-nginx move.
	e.registry.Push(t, "hub/eclipse-temurin", "21-jre-alpine", upstream("February"))
	e.registry.Push(t, "hub/nginx", "1.25-alpine", upstream("February"))
	e.program(nil).run(t, "outdated").want(t, 0).says(t,
		"base-java 1.0.0: its upstream "+e.registry.Host+"/hub/eclipse-temurin:21-jre-alpine has moved; run --rebuild-bases plans 1.0.1",
		"base-nginx 1.25-alpine: its upstream "+e.registry.Host+"/hub/nginx:1.25-alpine has moved; build and publish it again")
	e.program(nil).run(t, "run", "--publish", "pr").want(t, 0).says(t, "propagate run --rebuild-bases counts its version up")
	e.wantOpen(t)

	run("--rebuild-bases").says(t, "services/iam/Dockerfile      wave 2  "+e.team()+"base-java:1.0.1")
	month := "propagate/eclipse-temurin: Rebuild base-java as 1.0.1 on the new eclipse-temurin:21-jre-alpine"
	e.wantOpen(t, month)
	still("with the pull request open", "--rebuild-bases")
	still("with the pull request open", []string{}...)

	// The upstream moves once more before the merge: the version stays the next one.
	e.registry.Push(t, "hub/eclipse-temurin", "21-jre-alpine", upstream("February again"))
	run("--rebuild-bases")
	e.wantOpen(t, month)
	still("after the upstream has moved again", "--rebuild-bases")

	// It is merged, and not published yet: nothing is counted twice, and the services wait.
	e.merge(t, "propagate/eclipse-temurin")
	if script := gittest.Git(t, e.git.Dir, "show", "HEAD:scripts/tools/build-base-images.sh"); !strings.Contains(script, "matih/base-java:1.0.1 ") || strings.Count(script, ":1.0.0 ") != 2 {
		t.Errorf("the script says\n%s", script)
	}
	e.program(nil).run(t, "outdated").want(t, 0).says(t, "base-java 1.0.1 is to be published")
	run("--rebuild-bases").says(t, "services/iam/Dockerfile      wave 2  "+e.team()+"base-java:1.0.1")
	e.wantOpen(t)
	still("before the base is published", "--rebuild-bases")

	// It is published: the services move, and the base is left as it is.
	e.rebuild(t, "base-java:1.0.1")
	e.rebuild(t, "base-nginx:1.25-alpine")
	run("--rebuild-bases")
	services := "propagate/base-java: Update base-java to 1.0.1"
	e.wantOpen(t, services)
	still("with the pull request of the services open", "--rebuild-bases")

	// A month later the upstream moves again, while the services are still to be merged.
	e.registry.Push(t, "hub/eclipse-temurin", "21-jre-alpine", upstream("March"))
	run("--rebuild-bases")
	e.wantOpen(t, services, "propagate/eclipse-temurin: Rebuild base-java as 1.0.2 on the new eclipse-temurin:21-jre-alpine")
	e.merge(t, "propagate/base-java")
	e.merge(t, "propagate/eclipse-temurin")
	e.rebuild(t, "base-java:1.0.2")
	run("--rebuild-bases")
	e.wantOpen(t, "propagate/base-java: Update base-java to 1.0.2")
	e.merge(t, "propagate/base-java")
	run("--rebuild-bases").says(t, "nothing to do, as far as it is known: propagate outdated says why 1 version in use is not")
	e.wantOpen(t)
	e.branches(t)
}
